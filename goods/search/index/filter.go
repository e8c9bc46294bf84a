package index

import (
	"cmp"
	"slices"
	"sort"

	"hutong/base/fault"
)

// Which restrictions a product fails, as bits.
const (
	failsCategory = 1 << iota
	failsShop
	failsPrice
	failsStock
	failsCurrency
)

// filter holds a query's restrictions in the numbers of the index.
type filter struct {
	first, last uint16 // of categories
	anyShop     bool
	shop        int
	priceMin    int64
	priceMax    int64 // 0: none
	stock       bool
	anyCurrency bool
	currency    int
}

func (s *search) readFilter() error {
	f := filter{anyShop: s.q.Shop == "", anyCurrency: s.q.Currency == "", priceMin: s.q.PriceMin,
		priceMax: s.q.PriceMax, stock: s.q.InStock}
	var known bool
	if f.first, f.last, known = s.tree.span(s.q.Category); !known {
		return invalid("search.category", "category", fault.P("category", s.q.Category))
	}
	f.shop = slices.Index(s.state.shops, s.q.Shop)
	f.currency = slices.Index(s.state.currencies, s.q.Currency)
	s.filter = f
	return nil
}

func (f *filter) failed(p *part, doc int) (failed uint8) {
	if c := p.category[doc]; c < f.first || c > f.last {
		failed |= failsCategory
	}
	if !f.anyShop && int(p.shop[doc]) != f.shop {
		failed |= failsShop
	}
	if price := p.shown[doc]; price < f.priceMin || (f.priceMax > 0 && price > f.priceMax) {
		failed |= failsPrice
	}
	if f.stock && !p.stock.has(doc) {
		failed |= failsStock
	}
	if !f.anyCurrency && int(p.currency[doc]) != f.currency {
		failed |= failsCurrency
	}
	return failed
}

// count adds a product to the facets whose own restriction is the only one that it fails, if any.
func (s *search) count(p *part, doc int, failed uint8) {
	if failed == 0 {
		s.category[p.category[doc]]++
	}
	if failed&^failsShop == 0 {
		s.shops[p.shop[doc]]++
	}
	if failed&^failsPrice == 0 {
		s.bands[niceBand(p.shown[doc])]++
	}
	if failed&^failsStock == 0 {
		if p.stock.has(doc) {
			s.found.Facets.InStock++
		} else {
			s.found.Facets.OutOfStock++
		}
	}
}

// shopsMax bounds the shops that are listed beside a result.
const shopsMax = 50

func (s *search) facets() {
	f := &s.found.Facets
	s.tree.below(s.filter.first, func(child, last uint16) {
		n := 0
		for _, count := range s.category[child : int(last)+1] {
			n += int(count)
		}
		if n > 0 {
			f.Categories = append(f.Categories, Count{s.tree.ids[child], n})
		}
	})
	for number, n := range s.shops {
		if n > 0 {
			f.Shops = append(f.Shops, Count{s.state.shops[number], int(n)})
		}
	}
	fullestFirst(f.Categories)
	fullestFirst(f.Shops)
	f.Shops = f.Shops[:min(len(f.Shops), shopsMax)]
	f.Prices = bandsOf(s.bands[:])
}

func fullestFirst(counts []Count) {
	slices.SortFunc(counts, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.ID, b.ID))
	})
}

// niceMax are the round prices at which bands may end: 1, 2 and 5 times every power of ten.
var niceMax = func() (bounds [48]int64) {
	unit := int64(1)
	for i := range bounds {
		bounds[i] = unit * [3]int64{1, 2, 5}[i%3]
		if i%3 == 2 {
			unit *= 10
		}
	}
	return bounds
}()

// niceBand is the number of the band of a price: it is less than niceMax of that number, except for the last.
func niceBand(price int64) int {
	return min(sort.Search(len(niceMax), func(i int) bool { return price < niceMax[i] }), len(niceMax)-1)
}

// bandsMax bounds the price bands shown.
const bandsMax = 5

// bandsOf joins neighbouring bands until each holds about its share. One band alone is no choice and is
// left out.
func bandsOf(counts []int) []Band {
	left := 0
	for _, n := range counts {
		left += n
	}
	share := max((left+bandsMax-1)/bandsMax, 1)
	var bands []Band
	var open Band
	for i, n := range counts {
		open.Count += n
		left -= n
		if left == 0 {
			break
		}
		if open.Count >= share {
			open.Until = niceMax[i]
			bands = append(bands, open)
			open = Band{From: niceMax[i]}
		}
	}
	if len(bands) == 0 {
		return nil
	}
	open.Until = 0
	return append(bands, open)
}

// Categories counts the products of the categories that match, with all below them: those that hold some,
// the fullest first.
func (x *Index) Categories(match func(id string) bool) []Count {
	counts := x.now.Load().perCategory(x.tree)
	var all []Count
	for number := 1; number < x.tree.Len(); number++ {
		before, upTo := counts[number-1], counts[x.tree.last[number]]
		if upTo > before && match(x.tree.ids[number]) {
			all = append(all, Count{x.tree.ids[number], int(upTo - before)})
		}
	}
	fullestFirst(all)
	return all
}

// perCategory counts the living products up to each category's number.
func (s *snapshot) perCategory(tree *Tree) []uint32 {
	s.once.Do(func() {
		s.counts = make([]uint32, tree.Len())
		for _, p := range s.parts {
			for doc, c := range p.category {
				if !p.dead.has(doc) {
					s.counts[c]++
				}
			}
		}
		for i := 1; i < len(s.counts); i++ {
			s.counts[i] += s.counts[i-1]
		}
	})
	return s.counts
}
