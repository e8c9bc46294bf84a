package search

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/job"
	"hutong/goods/catalog"
	"hutong/goods/catalog/taxonomy"
	"hutong/goods/offer"
	"hutong/goods/search/index"
	"hutong/party/merchant"
)

// Service finds products.
type Service struct {
	db    *db.DB
	clock clock.Clock
	index *index.Index
	cards *shelf
	built atomic.Bool

	mu     sync.Mutex // held from reading the tables to changing the index, so that the newest reading wins
	reader *reader
	shelf  Shelf     // nil: pages show the offers' own prices
	mark   any       // of the shelf prices that the index has
	rest   time.Time // no look at the stock before
	onSale func(at time.Time) map[string]bool
}

// New makes a Service with an empty index; Build fills it.
func New(d *db.DB, c clock.Clock) (*Service, error) {
	nodes, err := taxonomy.Load()
	if err != nil {
		return nil, err
	}
	return &Service{db: d, clock: c, index: index.New(index.NewTree(nodes)), cards: newShelf(cardsMax),
		reader: &reader{categories: map[string][]string{}}}, nil
}

// pageMax is how many products are read at once while the index is built: some ten milliseconds.
const pageMax = 2_000

// Build fills the index from the tables, the newest products first. Searches are answered meanwhile, with
// what there is (Result.Partial), and events are taken. It is safe to repeat.
func (s *Service) Build(ctx context.Context) error {
	before := ""
	for {
		page, err := s.take(ctx, func(tx *db.Tx) ([]string, error) { return pageBefore(tx, before, pageMax) })
		if err != nil {
			return err
		}
		if len(page) == 0 {
			s.built.Store(true)
			return nil
		}
		before = page[len(page)-1]
	}
}

// picker tells which products to look at.
type picker func(tx *db.Tx) ([]string, error)

// take reads some products and puts the index right about them.
func (s *Service) take(ctx context.Context, which picker) (ids []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var docs []index.Doc
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if ids, err = which(tx); err != nil {
			return err
		}
		if docs, err = s.reader.docs(tx, ids); err != nil {
			return err
		}
		at := s.clock.Now()
		shown, err := s.shown(tx, idsOf(docs), at)
		sale := s.inSale(at)
		for i := range docs {
			docs[i].Shown, docs[i].InStock = shown[docs[i].ID], docs[i].InStock || sale[docs[i].ID]
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	s.index.Put(docs)
	s.index.Delete(without(ids, docs)...)
	return ids, nil
}

// without are the ids of products that cannot be found.
func without(ids []string, docs []index.Doc) (gone []string) {
	there := make(map[string]bool, len(docs))
	for _, d := range docs {
		there[d.ID] = true
	}
	for _, id := range ids {
		if !there[id] {
			gone = append(gone, id)
		}
	}
	return gone
}

// Ready tells whether the index holds everything.
func (s *Service) Ready() bool { return s.built.Load() }

// Size says how large the index is.
func (s *Service) Size() index.Size { return s.index.Size() }

// Listen keeps the index right from what the rooms below tell.
func (s *Service) Listen(bus *event.Bus) {
	bus.On(catalog.Changed, "search", s.onProducts)
	bus.On(offer.Changed, "search", s.onOffers)
	bus.On(merchant.ShopOpened, "search", s.onShopOpened)
	bus.On(merchant.ShopClosed, "search", s.onShopClosed)
}

// changed is the body of the events about products and offers.
type changed struct {
	IDs []string `json:"ids"` // of products
}

func (s *Service) onProducts(ctx context.Context, e event.Event) error {
	var body changed
	if err := e.Read(&body); err != nil {
		return fmt.Errorf("search: event %s: %w", e.ID, err)
	}
	return s.Changed(ctx, body.IDs)
}

// Changed reads products again that were described, withdrawn or listed anew.
func (s *Service) Changed(ctx context.Context, ids []string) error {
	s.cards.drop(ids)
	_, err := s.take(ctx, func(*db.Tx) ([]string, error) { return ids, nil })
	return err
}

func (s *Service) onOffers(ctx context.Context, e event.Event) error {
	var body changed
	if err := e.Read(&body); err != nil {
		return fmt.Errorf("search: event %s: %w", e.ID, err)
	}
	return s.Repriced(ctx, body.IDs)
}

// Repriced reads the offers of products again. Their words are only read when the index does not know them
// yet.
func (s *Service) Repriced(ctx context.Context, ids []string) error {
	s.cards.drop(ids)
	fresh, err := s.reprice(ctx, ids)
	if err != nil || len(fresh) == 0 {
		return err
	}
	return s.Changed(ctx, fresh)
}

func (s *Service) reprice(ctx context.Context, ids []string) (fresh []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var now map[string]index.Value
	if err := s.db.Read(ctx, func(tx *db.Tx) error {
		if now, err = values(tx, ids); err != nil {
			return err
		}
		at := s.clock.Now()
		shown, err := s.shown(tx, ids, at)
		sale := s.inSale(at)
		for id, v := range now {
			v.Shown, v.InStock = shown[id], v.InStock || sale[id]
			now[id] = v
		}
		return err
	}); err != nil {
		return nil, err
	}
	var gone []string
	for _, id := range ids {
		if _, offered := now[id]; !offered {
			gone = append(gone, id)
		}
	}
	s.index.Delete(gone...)
	return s.index.SetValues(now), nil
}

func (s *Service) onShopClosed(_ context.Context, e event.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cards.clear()
	s.index.DeleteShop(e.Shop)
	return nil
}

func (s *Service) onShopOpened(ctx context.Context, e event.Event) error {
	after := ""
	next := func(tx *db.Tx) ([]string, error) { return pageOfShop(tx, e.Shop, after, pageMax) }
	for {
		page, err := s.take(ctx, next)
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1]
	}
}

// stockEvery is how old what the index says about stock may be; stockShare keeps the cost of looking small:
// after a look that took a millisecond there is none for so many.
const (
	stockEvery = 2 * time.Second
	stockShare = 20
)

// Jobs are what must happen by itself: looking at the stock.
func (s *Service) Jobs() []job.Job {
	return []job.Job{{Name: "search.stock", Every: stockEvery, Run: func(ctx context.Context) (int, error) {
		return 0, s.RefreshStock(ctx)
	}}, {Name: "search.shelf", Every: time.Second, Run: s.RefreshShelf}}
}

// PlugSales puts in who says which products are sold out of pieces of a sale's own at an instant: those are in stock,
// whatever lies in their ordinary pools. It is called once, before the index is built.
func (s *Service) PlugSales(onSale func(at time.Time) map[string]bool) { s.onSale = onSale }

func (s *Service) inSale(at time.Time) map[string]bool {
	if s.onSale == nil {
		return nil
	}
	return s.onSale(at)
}

// RefreshStock reads which products are sold out.
func (s *Service) RefreshStock(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	start := s.clock.Now()
	if start.Before(s.rest) {
		return nil
	}
	var out map[string]bool
	if err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		out, err = soldOut(tx)
		return err
	}); err != nil {
		return err
	}
	for id, is := range s.inSale(start) {
		if is {
			delete(out, id)
		}
	}
	s.index.SetSoldOut(out)
	end := s.clock.Now()
	s.rest = end.Add(stockShare * end.Sub(start))
	return nil
}

// Search finds products. It reads the database only where it asks for prices and some of them changed since the last
// look, by a rule or by time.
//
// Codes: search.text_long, search.category, search.price, search.sort, search.cursor.
func (s *Service) Search(ctx context.Context, q Query) (Result, error) {
	if err := s.catchUp(ctx, q); err != nil {
		return Result{}, err
	}
	partial := !s.built.Load()
	found, err := s.index.Search(q)
	if err != nil {
		return Result{}, err
	}
	r := Result{Hits: make([]catalog.ID, len(found.IDs)), Total: found.Total, Next: found.Next,
		Loose: found.Loose, Partial: partial, Facets: found.Facets}
	for i, id := range found.IDs {
		r.Hits[i] = catalog.ID(id)
	}
	return r, nil
}

// Cards reads what a list shows about products, in the order of ids; those that are gone are left out.
// Cards are kept in memory, so a page is usually read without the database.
func (s *Service) Cards(ctx context.Context, ids []catalog.ID) ([]Card, error) {
	kept, missing, changes := s.cards.get(ids)
	if len(missing) > 0 {
		var read map[catalog.ID]Card
		if err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
			read, err = cards(tx, missing)
			return err
		}); err != nil {
			return nil, err
		}
		s.cards.put(read, changes)
		for id, c := range read {
			kept[id] = c
		}
	}
	list := make([]Card, 0, len(ids))
	for _, id := range ids {
		if c, found := kept[id]; found {
			v, _ := s.index.Value(string(id))
			c.InStock = v.InStock
			list = append(list, c)
		}
	}
	return list, nil
}
