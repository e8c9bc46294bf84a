package rulebook

import (
	"context"
	"fmt"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/deal/promo"
)

// entry reads a row's terms.
func (s *Service) entry(v row) (Entry, error) {
	p, err := s.Kinds.Decode([]byte(v.body))
	if err != nil {
		return Entry{}, fmt.Errorf("rulebook: %s version %d: %w", v.id, v.version, err)
	}
	p.Version = v.version
	v.Promotion = p
	return v.Entry, nil
}

func (s *Service) entries(rows []row) ([]Entry, error) {
	all := make([]Entry, len(rows))
	for i, v := range rows {
		e, err := s.entry(v)
		if err != nil {
			return nil, err
		}
		all[i] = e
	}
	return all, nil
}

// List is every promotion that holds now or will, in the order of their making, and a mark that is the same as long as
// the list is: what deal/ruleset reads every second. A list that is known costs one row. It must not be changed.
func (s *Service) List(ctx context.Context) ([]promo.Promotion, any, error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	now := clock.Now(ctx, s.Clock)
	var fresh reading
	var rows []row
	known := false
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if fresh.changes, err = changes(tx); err != nil {
			return err
		}
		if known = s.known.all != nil && fresh.changes == s.known.changes; known {
			return nil
		}
		rows, err = holding(tx, now)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if known {
		return s.known.all, s.known.changes, nil
	}
	entries, err := s.entries(rows)
	if err != nil {
		return nil, nil, err
	}
	fresh.all = make([]promo.Promotion, len(entries))
	for i := range entries {
		fresh.all[i] = entries[i].Promotion
	}
	s.known = fresh
	return fresh.all, fresh.changes, nil
}

// Find names a promotion.
type Find struct {
	Shop string // whose it is, "" for the market's
	Any  bool   // of whatever shop: for the market's staff
	ID   string
}

// Versions are all of a promotion's, newest first. Codes: promo.not_found, also for another shop's.
func (s *Service) Versions(ctx context.Context, cmd Find) ([]Entry, error) {
	var rows []row
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		rows, err = versions(tx, owner{cmd.Shop, cmd.Any}, cmd.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fault.New(fault.NotFound, "promo.not_found")
	}
	return s.entries(rows)
}

// Query asks for a page of promotions, each with its newest version, newest first.
type Query struct {
	Shop   string // whose, "" for the market's
	Any    bool   // of all shops and the market
	Cursor string // of the page before, "" for the first
	Limit  int    // at most PageMax; 0: 30
}

// Page is some promotions and where to go on, "" at the end.
type Page struct {
	Entries []Entry
	Next    string
}

// Promotions are an owner's. Codes: promo.cursor.
func (s *Service) Promotions(ctx context.Context, q Query) (p Page, err error) {
	if q.Limit <= 0 {
		q.Limit = 30
	}
	q.Limit = min(q.Limit, PageMax)
	before := "~" // above every id
	if q.Cursor != "" {
		if !id.Valid(q.Cursor, "prm") {
			return Page{}, fault.New(fault.Invalid, "promo.cursor").At("cursor")
		}
		before = q.Cursor
	}
	var rows []row
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		rows, err = heads(tx, owner{q.Shop, q.Any}, before, q.Limit+1)
		return err
	})
	if err != nil {
		return Page{}, err
	}
	if len(rows) > q.Limit {
		rows = rows[:q.Limit]
		p.Next = rows[q.Limit-1].id
	}
	p.Entries, err = s.entries(rows)
	return p, err
}

// DraftRef names a version to be tried out.
type DraftRef struct {
	ID      string
	Version int64
}

// Try names what a simulation is made of.
type Try struct {
	Shop   string
	Any    bool
	Drafts []DraftRef
	Rules  *promo.Rules // those in force
}

// Try is the rules in force as they would be with an owner's drafts among them: whoever drafts sees prices, the best
// stack and why, before anything is published. Codes: promo.not_found and those of promo.Compile.
func (s *Service) Try(ctx context.Context, cmd Try) (*promo.Rules, error) {
	var drafts []promo.Promotion
	for _, ref := range cmd.Drafts {
		all, err := s.Versions(ctx, Find{cmd.Shop, cmd.Any, ref.ID})
		if err != nil {
			return nil, err
		}
		found := false
		for _, e := range all {
			if e.Promotion.Version == ref.Version {
				drafts, found = append(drafts, e.Promotion), true
			}
		}
		if !found {
			return nil, fault.New(fault.NotFound, "promo.not_found")
		}
	}
	return cmd.Rules.With(drafts...)
}

// Worst is the most that a promotion could cost, for the page on which it is published. Codes: those of
// promo.Promotion.Check.
func (s *Service) Worst(ctx context.Context, p promo.Promotion) (w promo.Worst, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		w, err = s.worst(tx, &p)
		return err
	})
	return w, err
}

func (s *Service) worst(tx *db.Tx, p *promo.Promotion) (promo.Worst, error) {
	if s.Shelf == nil {
		return p.Worst(nil)
	}
	goods, err := s.Shelf.Goods(tx, p.Scope)
	if err != nil {
		return promo.Worst{}, err
	}
	return p.Worst(firm(goods, p))
}
