package voucher

import (
	"context"
	"errors"
	"io"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/lane"
	"hutong/base/money"
	"hutong/deal/promo"
	"hutong/deal/quota"
	"hutong/party/audit"
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Settings bound what is handed out. The zero value is right for a market.
type Settings struct {
	// AloneMax is the most that a template may cost for one person to publish it, in minor units; above it, two people
	// must (FAULTS P15). Default 1,000,000.
	AloneMax int64
	Alone    func() int64   // AloneMax as an operator has it now; nil: AloneMax
	Currency money.Currency // in which amounts are told to people; default CNY
	TriesMax int64          // codes that one shopper may try in an hour; default 10
	// TriesNetworkMax is how many may be tried from one rough network in an hour; default 200.
	TriesNetworkMax int64
	WalletMax       int // vouchers of one shopper that are shown and used at once; default 200
	Lane            lane.Options
}

func (s Settings) full() Settings {
	s.AloneMax = or(s.AloneMax, 1_000_000)
	if s.Alone == nil {
		most := s.AloneMax
		s.Alone = func() int64 { return most }
	}
	if s.Currency == "" {
		s.Currency = "CNY"
	}
	s.TriesMax = or(s.TriesMax, 10)
	s.TriesNetworkMax = or(s.TriesNetworkMax, 200)
	s.WalletMax = or(s.WalletMax, 200)
	return s
}

func or[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

// Deps are what the Service stands on.
type Deps struct {
	DB     *db.DB
	Clock  clock.Clock
	IDs    IDs
	Random io.Reader
	// Audiences answer for the sorts of audience that need data of other rooms; a sort that nobody answers for has no
	// members. Marks may be nil.
	Audiences map[AudienceKind]Members
	Marks     Marks
	// Sold tells which of these SKUs a shop has, "" for any shop; nil: they are not looked at.
	Sold     func(tx *db.Tx, shop string, skus []string) (map[string]bool, error)
	Settings Settings
}

// Service holds the verbs of vouchers.
type Service struct {
	db        *db.DB
	clock     clock.Clock
	ids       IDs
	random    io.Reader
	audiences map[AudienceKind]Members
	marks     Marks
	sold      func(tx *db.Tx, shop string, skus []string) (map[string]bool, error)
	set       Settings
	lane      *lane.Lane[ask, Claimed]
	bodies    *kept[string, *Terms] // of the terms of versions, by their stored text
	drawn     *kept[draw, []int64]  // of the amounts of red packets, by draw
}

// How much is kept in memory: whoever makes templates must not fill it. A draw is at most PacketsMax amounts.
const (
	bodiesMax = 2_000
	drawnMax  = 50
)

// New makes the Service. Close it.
func New(d Deps) *Service {
	s := &Service{db: d.DB, clock: d.Clock, ids: d.IDs, random: d.Random, audiences: d.Audiences, marks: d.Marks,
		sold: d.Sold, set: d.Settings.full(), bodies: keep[string, *Terms](bodiesMax), drawn: keep[draw, []int64](drawnMax)}
	s.lane = lane.New(s.set.Lane, s.claimAll)
	return s
}

// Close waits for the claims that are under way.
func (s *Service) Close() { s.lane.Close() }

// draw is what the amounts of a template's red packets follow from.
type draw struct {
	total, n int64
	random   bool
	seed     uint64
}

// amounts are what the red packets of a template are worth, in the order in which they are claimed.
func (s *Service) amounts(t *Template) ([]int64, error) {
	key := draw{t.Terms.Total, t.Terms.Issue, t.Terms.Random, t.Terms.Seed}
	if all, ok := s.drawn.get(key); ok {
		return all, nil
	}
	all, err := packets(key.total, key.n, key.random, key.seed)
	if err == nil {
		s.drawn.put(key, all)
	}
	return all, err
}

// write is db.Write, run again where another node made a quota in the same moment.
func (s *Service) write(ctx context.Context, fn func(tx *db.Tx) error) (err error) {
	const times = 5
	for range times {
		if err = s.db.Write(ctx, fn); !errors.Is(err, quota.ErrRaced) {
			return err
		}
	}
	return err
}

// actor is who is calling, for the record.
func actor(ctx context.Context) string {
	if p, ok := ctx.Value(audit.Actor{}).(audit.Person); ok && p.Who != "" {
		return p.Who
	}
	return audit.System
}

// note writes a change of a template into the record.
func (s *Service) note(ctx context.Context, tx *db.Tx, what string, t *Template, facts audit.Facts) error {
	return audit.Note(ctx, tx, s.ids, audit.Entry{At: clock.Now(ctx, s.clock), Shop: t.Shop, What: what,
		On: string(t.ID), After: facts})
}

// Sweep forgets what codes were tried long ago: a job's Run.
func (s *Service) Sweep(ctx context.Context) (done int, err error) {
	before := clock.Now(ctx, s.clock).Add(-day)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		n, err := forgetTries(tx, before)
		done = int(n)
		return err
	})
	return done, err
}

// Given lists who was given most since an instant, by whom: what an auditor looks at (FAULTS P15).
func (s *Service) Given(ctx context.Context, since time.Time) (all []Given, err error) {
	const most = 200
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if all, err = givenSince(tx, since, most); err != nil {
			return err
		}
		ids := make([]TemplateID, len(all))
		for i, g := range all {
			ids[i] = g.Template
		}
		templates, err := s.templates(tx, ids, forReading)
		for i := range all {
			if t := templates[all[i].Template]; t != nil {
				all[i].Title = t.Terms.Title
			}
		}
		return err
	})
	return all, err
}

// Promotions are those of all templates whose vouchers can be used now, for the rules that quotes are made under. A
// template that is paused or void is not among them.
func (s *Service) Promotions(ctx context.Context) (all []promo.Promotion, err error) {
	now := clock.Now(ctx, s.clock)
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all = nil
		templates, err := s.inForce(tx)
		for _, t := range templates {
			if p := t.Promotion(); p.Until.IsZero() || now.Before(p.Until) {
				all = append(all, p)
			}
		}
		return err
	})
	return all, err
}
