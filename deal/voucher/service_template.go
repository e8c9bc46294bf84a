package voucher

import (
	"context"
	"encoding/binary"
	"io"
	"slices"
	"strconv"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/money"
	"hutong/deal/quota"
	"hutong/party/audit"
)

// Draft writes terms down: the first version of a new template, or a further one of a template that is there.
type Draft struct {
	Shop     string     // whose it is, "" for the market's
	Template TemplateID // "" for a new one
	Terms    Terms
}

// Draft keeps a version; nothing of it holds before it is published. What was promised to those who claimed cannot be
// changed by a further version: that is another template. Repeating it writes a further version, alike.
// Codes: voucher.not_found, voucher.promised, voucher.state, voucher.goods, and those of Terms.Check.
func (s *Service) Draft(ctx context.Context, cmd Draft) (Template, error) {
	terms := cmd.Terms
	if err := terms.Check(s.set.Currency); err != nil {
		return Template{}, err
	}
	now := clock.Now(ctx, s.clock)
	var t *Template
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		if err := s.goods(tx, cmd.Shop, terms.SKUs); err != nil {
			return err
		}
		t, err = s.drafted(tx, cmd, &terms, now)
		if err != nil {
			return err
		}
		body, err := terms.encode()
		if err != nil {
			return err
		}
		if err := insertVersion(tx, t, body, actor(ctx), now); err != nil {
			return err
		}
		return s.note(ctx, tx, "voucher.drafted", t, audit.Facts{"version": strconv.FormatInt(t.Newest, 10),
			"worst": strconv.FormatInt(terms.Worst(), 10)})
	})
	if err != nil {
		return Template{}, err
	}
	t.Terms = &terms
	return *t, nil
}

// goods refuses SKUs that there are none of, and of a shop's voucher those of other shops, in the same words: a voucher
// for them would be good for nothing. Codes: voucher.goods (with the first of them).
func (s *Service) goods(tx *db.Tx, shop string, skus []string) error {
	if s.sold == nil || len(skus) == 0 {
		return nil
	}
	has, err := s.sold(tx, shop, skus)
	if err != nil {
		return err
	}
	for _, sku := range skus {
		if !has[sku] {
			return fault.New(fault.Unprocessable, "voucher.goods", fault.P("sku", sku)).At("skus")
		}
	}
	return nil
}

// drafted makes or finds the template, counts its newest version up and gives the terms their draw.
func (s *Service) drafted(tx *db.Tx, cmd Draft, terms *Terms, now time.Time) (*Template, error) {
	terms.Seed = 0
	if cmd.Template == "" {
		if terms.Random {
			var seed [8]byte
			if _, err := io.ReadFull(s.random, seed[:]); err != nil {
				return nil, err
			}
			terms.Seed = binary.BigEndian.Uint64(seed[:]) >> 11 // JSON keeps 53 bits everywhere
		}
		t := &Template{ID: TemplateID(s.ids.New("vtp")), Shop: cmd.Shop, State: TemplateDraft, Newest: 1, Made: now}
		return t, insertTemplate(tx, t)
	}
	t, err := s.own(tx, cmd.Shop, cmd.Template)
	if err != nil {
		return nil, err
	}
	if terms.Random {
		terms.Seed = t.Terms.Seed
	}
	switch {
	case t.State == TemplateVoid:
		return nil, fault.New(fault.Conflict, "voucher.state", fault.P("state", string(t.State)))
	case t.Version > 0 && !terms.keeps(t.Terms):
		return nil, fault.New(fault.Unprocessable, "voucher.promised")
	}
	t.Newest++
	return t, saveTemplate(tx, t)
}

// own is a template of that shop, locked. Codes: voucher.not_found.
func (s *Service) own(tx *db.Tx, shop string, name TemplateID) (*Template, error) {
	if !id.Valid(string(name), "vtp") {
		return nil, notFound()
	}
	all, err := s.templates(tx, []TemplateID{name}, forWriting)
	if err != nil {
		return nil, err
	}
	if t := all[name]; t != nil && t.Shop == shop {
		return t, nil
	}
	return nil, notFound()
}

// Publish puts a version into force.
type Publish struct {
	Shop     string
	Template TemplateID
	Version  int64
}

// Publish puts a version into force: from then on it is what shoppers claim under. What may cost more than one person
// may decide alone needs a second one (PublishKind). It is safe to repeat.
// Codes: voucher.not_found, voucher.version, voucher.state, voucher.promised, voucher.second_person, quota.below_used.
func (s *Service) Publish(ctx context.Context, cmd Publish) error {
	now := clock.Now(ctx, s.clock)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		_, terms, _, err := s.publishable(tx, cmd)
		if err != nil {
			return err
		}
		if worst, alone := terms.Worst(), s.set.Alone(); worst > alone {
			return fault.New(fault.Unprocessable, "voucher.second_person",
				fault.P("max", money.New(alone, s.set.Currency)),
				fault.P("worst", money.New(worst, s.set.Currency)))
		}
		return s.publish(ctx, tx, cmd, now)
	})
}

// publishable is what Publish would put into force, and who wrote it.
func (s *Service) publishable(tx *db.Tx, cmd Publish) (*Template, *Terms, string, error) {
	t, err := s.own(tx, cmd.Shop, cmd.Template)
	if err != nil {
		return nil, nil, "", err
	}
	if cmd.Version < 1 || cmd.Version > t.Newest || cmd.Version < t.Version {
		return nil, nil, "", fault.New(fault.Conflict, "voucher.version")
	}
	if t.State == TemplateVoid || t.State == TemplateEnded {
		return nil, nil, "", fault.New(fault.Conflict, "voucher.state", fault.P("state", string(t.State)))
	}
	terms, by, err := s.version(tx, t.ID, cmd.Version)
	if err == nil && t.Version > 0 && !terms.keeps(t.Terms) {
		err = fault.New(fault.Unprocessable, "voucher.promised")
	}
	return t, terms, by, err
}

func (s *Service) publish(ctx context.Context, tx *db.Tx, cmd Publish, now time.Time) error {
	t, terms, _, err := s.publishable(tx, cmd)
	if err != nil {
		return err
	}
	for _, q := range []struct {
		name  string
		limit int64
	}{{quota.Issue(string(t.ID)), terms.Issue}, {quota.Budget(string(t.ID)), terms.budget()},
		{quota.Codes(string(t.ID)), terms.Codes}} {
		if err := quota.SetCap(tx, q.name, q.limit); err != nil {
			return err
		}
	}
	was := t.State
	t.Version, t.Terms = cmd.Version, terms
	if t.State == TemplateDraft {
		t.State = TemplateOpen
	}
	if err := saveTemplate(tx, t); err != nil {
		return err
	}
	if err := saveInForce(tx, t, s.set.Alone(), now); err != nil {
		return err
	}
	if err := s.changed(ctx, tx, t); err != nil {
		return err
	}
	return s.note(ctx, tx, "voucher.published", t, audit.Facts{"version": strconv.FormatInt(t.Version, 10),
		"worst": strconv.FormatInt(terms.Worst(), 10), "was": string(was), "state": string(t.State)})
}

// changed tells whoever keeps rules.
func (s *Service) changed(ctx context.Context, tx *db.Tx, t *Template) error {
	return event.Emit(tx, s.ids, event.Event{Topic: Changed, Subject: string(t.ID), Shop: t.Shop,
		At: clock.Now(ctx, s.clock)})
}

// Turn moves a template to another state.
type Turn struct {
	Shop     string
	Template TemplateID
	To       TemplateState
	Reason   string // for the record
}

// reasonMax bounds a reason, in bytes, so that it fits the record.
const reasonMax = 300

// Turn pauses a template at once (the kill switch: nobody claims it, and orders on their way that use it are refused),
// opens it again, ends it (what was claimed can be used) or voids it with everything that was claimed of it. It is safe
// to repeat. Codes: voucher.not_found, voucher.state, voucher.reason.
func (s *Service) Turn(ctx context.Context, cmd Turn) error {
	if len(cmd.Reason) > reasonMax {
		return fault.New(fault.Invalid, "voucher.reason", fault.P("max", reasonMax)).At("reason")
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		t, err := s.own(tx, cmd.Shop, cmd.Template)
		if err != nil || t.State == cmd.To {
			return err
		}
		if !slices.Contains(transitions[t.State], cmd.To) || cmd.To == TemplateOpen && t.Version == 0 {
			return fault.New(fault.Conflict, "voucher.state", fault.P("state", string(t.State)))
		}
		was := t.State
		t.State = cmd.To
		claims, uses := cmd.To == TemplateOpen, cmd.To == TemplateOpen || cmd.To == TemplateEnded
		if err := quota.SetOpen(tx, []string{quota.Issue(string(t.ID)), quota.Codes(string(t.ID))}, claims); err != nil {
			return err
		}
		if err := quota.SetOpen(tx, []string{quota.Budget(string(t.ID))}, uses); err != nil {
			return err
		}
		if err := saveTemplate(tx, t); err != nil {
			return err
		}
		if err := s.changed(ctx, tx, t); err != nil {
			return err
		}
		return s.note(ctx, tx, "voucher.turned", t, audit.Facts{"was": string(was), "state": string(t.State),
			"reason": cmd.Reason})
	})
}

// Counts are how much of a template is gone.
type Counts struct {
	Issued int64 // claimed, given or drawn as a code that was used
	Spent  int64 // of the budget, by orders that hold or paid, in minor units
	Codes  int64 // drawn
}

// Template is one template of a shop with its counts. Codes: voucher.not_found.
func (s *Service) Template(ctx context.Context, shop string, name TemplateID) (t Template, c Counts, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err := s.templates(tx, []TemplateID{name}, forReading)
		if err != nil {
			return err
		}
		found := all[name]
		if found == nil || found.Shop != shop {
			return notFound()
		}
		t = *found
		issue, spent, codes := quota.Issue(string(name)), quota.Budget(string(name)), quota.Codes(string(name))
		counts, err := quota.Counts(tx, []string{issue, spent, codes})
		c = Counts{Issued: counts[issue].Used, Spent: counts[spent].Used, Codes: counts[codes].Used}
		return err
	})
	return t, c, err
}

// TemplatesMax bounds a page of templates.
const TemplatesMax = 100

// Templates is a page of a shop's templates, newest first, and where to go on, "" at the end; shop "" is the market.
func (s *Service) Templates(ctx context.Context, shop, cursor string) (all []*Template, next string, err error) {
	if cursor == "" || !id.Valid(cursor, "vtp") {
		cursor = "~" // above every id
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err = s.ofShop(tx, shop, cursor, TemplatesMax+1)
		return err
	})
	if len(all) > TemplatesMax {
		all = all[:TemplatesMax]
		next = string(all[TemplatesMax-1].ID)
	}
	return all, next, err
}

// Templated reads one template in the caller's transaction; nil where there is none.
func (s *Service) Templated(tx *db.Tx, name TemplateID) (*Template, error) {
	all, err := s.templates(tx, []TemplateID{name}, forReading)
	return all[name], err
}
