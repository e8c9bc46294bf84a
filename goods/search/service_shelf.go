package search

import (
	"context"
	"slices"
	"time"

	"hutong/base/db"
	"hutong/goods/search/index"
)

// Tag is one offer of a product, as whoever prices it reads it.
type Tag struct {
	Product, Offer, Shop, SKU, Category, Currency string
	Price                                         int64 // minor units
	Floor                                         int64 // minor units, what it is never sold for less than; 0: none
}

// Scope is where prices may be others than they were.
type Scope struct {
	All                     bool
	Shops, Categories, SKUs []string
}

// None tells whether nothing is in it.
func (s *Scope) None() bool {
	return !s.All && len(s.Shops)+len(s.Categories)+len(s.SKUs) == 0
}

// Shelf says what pages show: what one piece costs anybody who looks, after promotions that need no claim and no
// basket. It is implemented above this room.
type Shelf interface {
	// OnShelf is what one piece of an offer costs at an instant.
	OnShelf(t Tag, at time.Time) (int64, error)
	// Since tells where prices may have changed up to an instant, since the instant of a mark, and gives the
	// mark of the new one; a nil mark is before there were any. Where nothing changed it costs nearly nothing.
	Since(mark any, at time.Time) (Scope, any)
}

// Plug puts in who says what pages show. It is called once, before the index is built.
func (s *Service) Plug(shelf Shelf) { s.shelf = shelf }

// shown are the lowest shelf prices of products.
func (s *Service) shown(tx *db.Tx, ids []string, at time.Time) (map[string]int64, error) {
	if s.shelf == nil || len(ids) == 0 {
		return nil, nil
	}
	all, err := tags(tx, ids)
	if err != nil {
		return nil, err
	}
	lowest := make(map[string]int64, len(ids))
	for _, t := range all {
		price, err := s.shelf.OnShelf(t, at)
		if err != nil {
			return nil, err
		}
		if was, known := lowest[t.Product]; !known || price < was {
			lowest[t.Product] = price
		}
	}
	return lowest, nil
}

// RefreshShelf prices those products anew whose promotions began, ended, changed or ran out since the last
// look. It is a job, safe to repeat; of two that run at once, one waits.
func (s *Service) RefreshShelf(ctx context.Context) (done int, err error) {
	if s.shelf == nil {
		return 0, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reshelve(ctx, 0)
}

// catchUpMax is how many products a search prices anew before it answers; more are the job's, within a second.
const catchUpMax = pageMax

// catchUp lets a search by price see the prices of its own instant: a promotion that began this second counts. While
// somebody else is at it, it goes on with what there is.
func (s *Service) catchUp(ctx context.Context, q Query) error {
	byPrice := q.Sort == PriceUp || q.Sort == PriceDown || q.PriceMin > 0 || q.PriceMax > 0
	if s.shelf == nil || !byPrice || !s.mu.TryLock() {
		return nil
	}
	defer s.mu.Unlock()
	_, err := s.reshelve(ctx, catchUpMax)
	return err
}

// reshelve is RefreshShelf under the lock; above so many products it leaves all of them, 0 is no bound.
func (s *Service) reshelve(ctx context.Context, most int) (done int, err error) {
	at := s.clock.Now()
	scope, mark := s.shelf.Since(s.mark, at)
	if scope.None() {
		s.mark = mark
		return 0, nil
	}
	ids, err := s.inScope(ctx, scope, most)
	if err != nil || most > 0 && len(ids) > most {
		return 0, err
	}
	for page := range slices.Chunk(ids, pageMax) {
		var now map[string]int64
		err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
			now, err = s.shown(tx, page, at)
			return err
		})
		if err != nil {
			return done, err
		}
		done += s.index.SetShown(now)
	}
	s.mark = mark
	return done, nil
}

// inScope are the products of a scope, each once; above so many, some of them.
func (s *Service) inScope(ctx context.Context, of Scope, most int) (ids []string, err error) {
	if of.All || len(of.Shops)+len(of.Categories) > 0 {
		ids = s.index.In(index.Scope{All: of.All, Shops: of.Shops, Categories: of.Categories}, most)
	}
	if !of.All && len(of.SKUs) > 0 {
		err = s.db.Read(ctx, func(tx *db.Tx) error {
			some, err := productsOf(tx, of.SKUs)
			ids = append(ids, some...)
			return err
		})
	}
	slices.Sort(ids)
	return slices.Compact(ids), err
}

func idsOf(docs []index.Doc) []string {
	ids := make([]string, len(docs))
	for i, d := range docs {
		ids[i] = d.ID
	}
	return ids
}
