package edit

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"hutong/goods/catalog"
)

// fact is what a list by price or stock needs to know of a product.
type fact struct {
	id        catalog.ID
	state     catalog.State
	title     string // in lower case
	price     int64  // the lowest; 0: none
	free      int64
	position  int64
	updatedUS int64
}

// choose filters and sorts a shop's products as a query asks, and gives its page and one more.
func choose(all []fact, q Query) []catalog.ID {
	var some []fact
	for _, f := range all {
		if (q.State == "" || f.state == q.State) && q.Stock.holds(f.free) {
			some = append(some, f)
		}
	}
	slices.SortFunc(some, q.Sort.compare)
	some = some[min(q.Page*q.Limit, len(some)):]
	ids := make([]catalog.ID, 0, q.Limit+1)
	for _, f := range some[:min(q.Limit+1, len(some))] {
		ids = append(ids, f.id)
	}
	return ids
}

func (l Level) holds(free int64) bool {
	switch l {
	case Out:
		return free <= 0
	case Low:
		return free >= 1 && free <= LowMax
	case In:
		return free > 0
	}
	return true
}

// compare orders two products. One without a price stands last, whichever way prices go.
func (s Sort) compare(a, b fact) int {
	order := 0
	switch s {
	case ByTitle:
		order = strings.Compare(a.title, b.title)
	case ByPrice, ByPriceDown:
		order = cmp.Compare(a.price, b.price)
		if (a.price == 0) != (b.price == 0) {
			return -order
		}
	case ByStock, ByStockDown:
		order = cmp.Compare(a.free, b.free)
	case ByChange:
		return cmp.Or(cmp.Compare(b.updatedUS, a.updatedUS), cmp.Compare(b.id, a.id))
	default:
		return cmp.Or(cmp.Compare(a.position, b.position), cmp.Compare(b.id, a.id))
	}
	if s == ByPriceDown || s == ByStockDown {
		order = -order
	}
	return cmp.Or(order, cmp.Compare(a.id, b.id))
}

// A large shop's facts take a tenth of a second of the database, and whoever looks for what runs out turns many pages.
const (
	shelfFrom  = 1_000           // products, from which facts are kept
	shelfFor   = 5 * time.Second // how long; what is shown of each product is always read anew
	shelvesMax = 400_000         // products of all shops together
)

// shelves keeps the facts of large shops for a moment. What this desk changes itself is forgotten at once.
type shelves struct {
	mu   sync.Mutex
	of   map[string]shelf
	rows int
}

type shelf struct {
	facts []fact
	until time.Time
}

func (s *shelves) get(shop string, now time.Time) []fact {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one := s.of[shop]; now.Before(one.until) {
		return one.facts
	}
	return nil
}

func (s *shelves) put(shop string, facts []fact, now time.Time) {
	if len(facts) < shelfFrom {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows += len(facts) - len(s.of[shop].facts)
	if s.of == nil || s.rows > shelvesMax {
		s.of, s.rows = map[string]shelf{}, len(facts)
	}
	s.of[shop] = shelf{facts, now.Add(shelfFor)}
}

func (s *shelves) forget(shop string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows -= len(s.of[shop].facts)
	delete(s.of, shop)
}
