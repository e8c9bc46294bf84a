package segment

import (
	"context"
	"slices"
	"strconv"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/job"
	"hutong/base/money"
	"hutong/deal/voucher"
	"hutong/goods/catalog"
	"hutong/goods/catalog/taxonomy"
	"hutong/party/audit"
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Deps are what sets of shoppers stand on.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	IDs      IDs
	Catalog  *catalog.Service
	Currency money.Currency // in which what was spent is counted
}

// Service holds the verbs of sets. Several nodes may run it side by side.
type Service struct{ Deps }

// New makes the Service.
func New(d Deps) *Service { return &Service{d} }

// Jobs are what runs by itself.
func (s *Service) Jobs() []job.Job {
	return []job.Job{{Name: "segment.count", Every: 10 * time.Second, Run: s.Count}}
}

// Make makes a set, of those for whom all rules hold and of those who are named. Repeating it makes another.
// Codes: segment.title, segment.rules, segment.days, segment.least, segment.category, segment.people.
func (s *Service) Make(ctx context.Context, terms Terms, people []string) (g Segment, err error) {
	people = slices.Clone(people)
	slices.Sort(people)
	people = slices.Compact(people)
	if len(people) > PeopleMax || slices.ContainsFunc(people, func(who string) bool { return !id.Valid(who, "shr") }) {
		return g, fault.New(fault.Invalid, "segment.people", fault.P("max", PeopleMax)).At("people")
	}
	if err := terms.check(len(people)); err != nil {
		return g, err
	}
	for _, r := range terms.Rules {
		if _, known := taxonomy.Find(r.Category); r.Category != "" && !known {
			return g, fault.New(fault.Invalid, "segment.category").At("category")
		}
	}
	g = Segment{ID: ID(s.IDs.New("seg")), Terms: terms, Open: true, Named: int64(len(people)),
		Made: clock.Now(ctx, s.Clock)}
	if p, ok := ctx.Value(audit.Actor{}).(audit.Person); ok {
		g.MadeBy = p.Who
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := insert(tx, g, people); err != nil {
			return err
		}
		return s.note(ctx, tx, "segment.made", g)
	})
	return g, err
}

func (s *Service) note(ctx context.Context, tx *db.Tx, what string, g Segment) error {
	return audit.Note(ctx, tx, s.IDs, audit.Entry{At: clock.Now(ctx, s.Clock), What: what, On: string(g.ID),
		After: audit.Facts{"rules": strconv.Itoa(len(g.Terms.Rules)), "named": strconv.FormatInt(g.Named, 10)}})
}

// Close takes a set out of use: it has no members from then on. It is safe to repeat. Codes: segment.not_found.
func (s *Service) Close(ctx context.Context, name ID) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		g, err := one(tx, name)
		if err != nil || !g.Open {
			return err
		}
		if err := closeOne(tx, name); err != nil {
			return err
		}
		return s.note(ctx, tx, "segment.closed", g)
	})
}

// Segment is one set. Codes: segment.not_found.
func (s *Service) Segment(ctx context.Context, name ID) (g Segment, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error { g, err = one(tx, name); return err })
	return g, err
}

// ListMax bounds the sets that are listed.
const ListMax = 200

// List is the newest sets.
func (s *Service) List(ctx context.Context) (all []Segment, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error { all, err = list(tx, ListMax); return err })
	return all, err
}

// Members are those of the shoppers who are in a voucher's audience: it answers for voucher.InSegment.
func (s *Service) Members(tx *db.Tx, of voucher.Audience, shoppers []string) (map[string]bool, error) {
	if !id.Valid(of.Segment, "seg") {
		return nil, nil
	}
	g, err := one(tx, ID(of.Segment))
	if fault.Is(err, "segment.not_found") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.in(tx, g, shoppers)
}

// in are those of the shoppers who are in a set now.
func (s *Service) in(tx *db.Tx, g Segment, shoppers []string) (map[string]bool, error) {
	in := map[string]bool{}
	if !g.Open || len(shoppers) == 0 {
		return in, nil
	}
	if err := named(tx, g.ID, shoppers, in); err != nil || len(g.Terms.Rules) == 0 {
		return in, err
	}
	bought, err := s.purchases(tx, shoppers)
	now := s.Clock.Now()
	for _, who := range shoppers {
		if who != "" && g.Terms.holds(bought[who], now) {
			in[who] = true
		}
	}
	return in, err
}

// purchases are what shoppers bought and kept, with the categories that the goods stand in now.
func (s *Service) purchases(tx *db.Tx, shoppers []string) (map[string][]purchase, error) {
	all, skus, err := purchases(tx, shoppers, s.Currency)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	briefs, err := s.Catalog.Briefs(tx, skus)
	for _, mine := range all {
		for i := range mine {
			mine[i].category = briefs[catalog.SKUID(mine[i].sku)].Category
		}
	}
	return all, err
}

// The bounds of one run of Count.
const (
	countPage  = 500
	countPages = 10
	countSets  = 20 // that are read at once
)

// Count counts the members of open sets, a bounded number of shoppers each time it runs, for the operator's
// page: nobody decides by it. It is a job, safe to repeat and on several nodes.
func (s *Service) Count(ctx context.Context) (done int, err error) {
	before := s.Clock.Now().Add(-time.Hour)
	next := func(limit int) (all []Segment, err error) {
		err = s.DB.Read(ctx, func(tx *db.Tx) (err error) { all, err = stale(tx, before, limit); return err })
		return all, err
	}
	name := func(g Segment) ID { return g.ID }
	return job.Walk(ctx, countSets, name, next, func(some []Segment) (int, error) {
		return job.Each(ctx, some, func(g Segment) error { return s.countSome(ctx, g) })
	})
}

// countSome counts some pages of shoppers further.
func (s *Service) countSome(ctx context.Context, g Segment) error {
	for range countPages {
		over := false
		err := s.DB.Write(ctx, func(tx *db.Tx) (err error) { over, err = s.countOn(tx, g); return err })
		if err != nil || over {
			return err
		}
	}
	return nil
}

// countOn counts one page of shoppers further.
func (s *Service) countOn(tx *db.Tx, g Segment) (over bool, err error) {
	counting, next, err := progress(tx, g.ID)
	if err != nil {
		return false, err
	}
	page, err := shoppersAfter(tx, next, countPage)
	if err != nil {
		return false, err
	}
	in, err := s.in(tx, g, page)
	if err != nil {
		return false, err
	}
	counting += int64(len(in))
	if len(page) < countPage {
		return true, counted(tx, g.ID, counting, s.Clock.Now())
	}
	return false, goOn(tx, g.ID, counting, page[len(page)-1])
}
