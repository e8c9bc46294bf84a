package rulebook

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/promo"
	"hutong/deal/quota"
	"hutong/party/audit"
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Settings are what an operator may set.
type Settings struct {
	// AloneMax is the most, in minor units, that a promotion may cost at worst and be published by one person.
	AloneMax int64
	Alone    func() int64   // AloneMax as an operator has it now; nil: AloneMax
	Currency money.Currency // in which it is told to people
}

// limit is what one person may publish.
func (s Settings) limit() money.Money {
	if s.Alone != nil {
		return money.New(s.Alone(), s.Currency)
	}
	return money.New(s.AloneMax, s.Currency)
}

// Defaults are the settings of a new market: 10,000.00.
func Defaults() Settings { return Settings{AloneMax: 1_000_000, Currency: "CNY"} }

// Shelf knows the goods that a promotion would be for.
type Shelf interface {
	// Goods are the SKUs in the scope, each a line with its price and all pieces that there are; nil when they are too
	// many to be counted.
	Goods(tx *db.Tx, s promo.Scope) ([]promo.Line, error)
}

// Deps are what the Service stands on.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	IDs      IDs
	Kinds    *promo.Kinds
	Settings Settings // the zero value: everything takes a second person
	Shelf    Shelf    // nil: only budgets bound what a promotion costs
	// Category is where a SKU stands in the catalogue; nil: nowhere.
	Category func(tx *db.Tx, sku string) (string, error)
}

// Service holds the verbs of the rule book.
type Service struct {
	Deps

	reading sync.Mutex
	known   reading
}

// reading is what held when the changes were so many.
type reading struct {
	changes int64
	all     []promo.Promotion
}

// New makes the Service.
func New(d Deps) *Service { return &Service{Deps: d} }

// SaveDraft writes a promotion down.
type SaveDraft struct {
	Shop      string          // whose it is, "" for the market's
	Promotion promo.Promotion // with the ID of an earlier version, or none; its Version is given
}

// SaveDraft keeps a version; nothing of it holds before it is published. Repeating it writes a further version, alike.
// Codes: promo.not_found, promo.at_once, promo.too_long, promo.title, promo.window_order, promo.claimed_kind,
// promo.scope_own, promo.funder_own, promo.funder_missing, promo.funder_shop, promo.free, promo.below_floor, and those
// of promo.Promotion.Check.
func (s *Service) SaveDraft(ctx context.Context, cmd SaveDraft) (Entry, error) {
	fresh := cmd.Promotion.ID == ""
	e := Entry{Promotion: cmd.Promotion, Shop: cmd.Shop, State: Draft, DraftedBy: actor(ctx),
		Drafted: clock.Now(ctx, s.Clock)}
	if fresh {
		e.Promotion.ID = s.IDs.New("prm")
	}
	p := &e.Promotion
	p.From, p.Until = micros(p.From), micros(p.Until)
	if err := check(cmd.Shop, p); err != nil {
		return Entry{}, err
	}
	body, err := s.encode(p)
	if err != nil {
		return Entry{}, err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		last, shop, err := newest(tx, p.ID)
		if err != nil {
			return err
		}
		if !fresh && (last == 0 || shop != cmd.Shop) {
			return fault.New(fault.NotFound, "promo.not_found")
		}
		if err := s.floors(tx, p); err != nil {
			return err
		}
		p.Version = last + 1
		if err := insert(tx, &e, body); err != nil {
			if errors.Is(err, db.ErrUnique) {
				return fault.New(fault.Conflict, "promo.at_once").Because(err)
			}
			return err
		}
		return s.note(ctx, tx, "promotion.drafted", &e)
	})
	return e, err
}

// encode writes the promotion down and makes sure that it is read as it was meant.
func (s *Service) encode(p *promo.Promotion) (string, error) {
	body, err := promo.Encode(p)
	if err != nil {
		return "", err
	}
	if len(body) > BodyMax {
		return "", fault.New(fault.Invalid, "promo.too_long")
	}
	if _, err := s.Kinds.Decode(body); err != nil {
		return "", err
	}
	return string(body), nil
}

// Publish names the draft that is to hold.
type Publish struct {
	Shop    string // whose it is, "" for the market's
	ID      string
	Version int64
}

// Publish puts a draft into force, in the place of the version that holds. What could cost more than Settings.AloneMax
// needs a second person (PublishKind). Codes: promo.not_found, promo.state, promo.older, promo.window_over,
// promo.second_person, promo.second_person_open, quota.below_used, and those of SaveDraft.
func (s *Service) Publish(ctx context.Context, cmd Publish) error {
	now := clock.Now(ctx, s.Clock)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		e, err := s.publishable(tx, cmd, now)
		if err != nil {
			return err
		}
		worst, err := s.worst(tx, &e.Promotion)
		if err != nil {
			return err
		}
		if err := alone(e.Shop, worst, s.Settings.limit()); err != nil {
			return err
		}
		return s.publish(ctx, tx, &e, worst, now)
	})
}

// publishable is the draft that Publish would put into force. It is looked at again as it was when it was drafted:
// rules of who pays may have become stricter since.
func (s *Service) publishable(tx *db.Tx, cmd Publish, now time.Time) (Entry, error) {
	v, found, err := find(tx, owner{shop: cmd.Shop}, cmd.ID, cmd.Version)
	if err != nil {
		return Entry{}, err
	}
	if !found {
		return Entry{}, fault.New(fault.NotFound, "promo.not_found")
	}
	if v.State != Draft {
		return Entry{}, fault.New(fault.Conflict, "promo.state", fault.P("state", string(v.State)))
	}
	e, err := s.entry(v)
	if err != nil {
		return Entry{}, err
	}
	if u := e.Promotion.Until; !u.IsZero() && !now.Before(u) {
		return Entry{}, fault.New(fault.Unprocessable, "promo.window_over").At("until")
	}
	older, err := versions(tx, owner{shop: cmd.Shop}, cmd.ID)
	if err != nil {
		return Entry{}, err
	}
	for _, o := range older {
		if o.version > cmd.Version && o.State == Published {
			return Entry{}, fault.New(fault.Conflict, "promo.older")
		}
	}
	if err := check(e.Shop, &e.Promotion); err != nil {
		return Entry{}, err
	}
	return e, s.floors(tx, &e.Promotion)
}

// publish puts a draft into force, and keeps beside it what it may cost at worst: what takes two people can be looked
// up.
func (s *Service) publish(ctx context.Context, tx *db.Tx, e *Entry, worst promo.Worst, now time.Time) error {
	p := &e.Promotion
	if p.Budget > 0 {
		if err := quota.SetCap(tx, quota.Budget(p.ID), p.Budget); err != nil {
			return err
		}
	}
	if _, err := end(tx, owner{shop: e.Shop}, p.ID, Replaced, now); err != nil {
		return err
	}
	turned, err := publish(tx, p, bound{worst, s.Settings.limit().Minor}, now)
	if err != nil {
		return err
	}
	if !turned {
		return fault.New(fault.Conflict, "promo.state", fault.P("state", string(Published)))
	}
	e.State = Published
	return s.tell(ctx, tx, "promotion.published", e, now)
}

// tell counts the change, tells whoever listens, and writes it into the record.
func (s *Service) tell(ctx context.Context, tx *db.Tx, what string, e *Entry, now time.Time) error {
	if err := changed(tx); err != nil {
		return err
	}
	err := event.Emit(tx, s.IDs, event.Event{Topic: Changed, Subject: e.Promotion.ID, Shop: e.Shop, At: now})
	if err != nil {
		return err
	}
	return s.note(ctx, tx, what, e)
}

// Withdraw names the promotion that is to stop.
type Withdraw struct {
	Shop string // whose it is, "" for the market's
	Any  bool   // of whatever shop: for the market's staff
	ID   string
}

// Withdraw stops a promotion: no price is made with it once deal/ruleset has looked again, on this node at once and on
// others within two seconds (FAULTS P14). Prices that were promised before are kept until their quotes end. It is safe
// to repeat. Codes: promo.not_found.
func (s *Service) Withdraw(ctx context.Context, cmd Withdraw) error {
	now := clock.Now(ctx, s.Clock)
	o := owner{cmd.Shop, cmd.Any}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		all, err := versions(tx, o, cmd.ID)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return fault.New(fault.NotFound, "promo.not_found")
		}
		ended, err := end(tx, o, cmd.ID, Withdrawn, now)
		if err != nil || !ended {
			return err
		}
		e := Entry{Shop: all[0].Shop, State: Withdrawn, Promotion: promo.Promotion{ID: cmd.ID, Version: all[0].version}}
		for _, v := range all {
			if v.State == Published {
				e.Promotion.Version = v.version
			}
		}
		return s.tell(ctx, tx, "promotion.withdrawn", &e, now)
	})
}

// note writes a change into the record.
func (s *Service) note(ctx context.Context, tx *db.Tx, what string, e *Entry) error {
	p := &e.Promotion
	facts := audit.Facts{"version": strconv.FormatInt(p.Version, 10), "state": string(e.State)}
	if p.Kind != "" {
		facts["kind"], facts["budget"] = p.Kind, strconv.FormatInt(p.Budget, 10)
	}
	return audit.Note(ctx, tx, s.IDs, audit.Entry{At: clock.Now(ctx, s.Clock), Shop: e.Shop, What: what, On: p.ID,
		After: facts})
}

// actor is who is calling, for the record.
func actor(ctx context.Context) string {
	if p, ok := ctx.Value(audit.Actor{}).(audit.Person); ok && p.Who != "" {
		return p.Who
	}
	return audit.System
}

// micros is the time as it is kept.
func micros(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Microsecond)
}
