package index

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Index finds products. It is safe for concurrent use: changes are made one after the other, searches do
// not wait.
type Index struct {
	tree    *Tree
	mu      sync.Mutex // held by changes
	shelf   *shelf
	now     atomic.Pointer[snapshot]
	scratch sync.Pool
}

// snapshot is one state of an index. It never changes; what is rarely asked for is counted when it first is.
type snapshot struct {
	parts      []*part
	live       int
	shops      []string
	currencies []string

	once   sync.Once
	counts []uint32
}

// New makes an empty index over a tree of categories.
func New(tree *Tree) *Index {
	x := &Index{tree: tree, shelf: newShelf()}
	x.scratch.New = func() any { return new(scratch) }
	x.now.Store(&snapshot{})
	return x
}

// partMax bounds how many products a merge may bring together: numbers of products must stay below 2^25
// (match.go).
const partMax = 1 << 24

// Put adds products, or replaces those that are known. Of products with the same id the last one counts.
func (x *Index) Put(docs []Doc) {
	if len(docs) == 0 {
		return
	}
	docs = lastOfEach(docs)
	x.mu.Lock()
	defer x.mu.Unlock()
	parts := x.bury(func(p *part, kill func(doc int)) {
		for _, d := range docs {
			if doc, found := p.docOf(d.ID); found {
				kill(doc)
			}
		}
	})
	x.publish(append(parts, build(docs, x.tree, x.shelf)))
}

func lastOfEach(docs []Doc) []Doc {
	place := make(map[string]int, len(docs))
	for i, d := range docs {
		place[d.ID] = i
	}
	last := make([]Doc, 0, len(place))
	for i, d := range docs {
		if place[d.ID] == i {
			last = append(last, d)
		}
	}
	return last
}

// Delete takes products out. Unknown ones are no error.
func (x *Index) Delete(ids ...string) {
	if len(ids) == 0 {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.publish(x.bury(func(p *part, kill func(doc int)) {
		for _, id := range ids {
			if doc, found := p.docOf(id); found {
				kill(doc)
			}
		}
	}))
}

// DeleteShop takes all products of a shop out.
func (x *Index) DeleteShop(shop string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	number, known := x.shelf.shopNumber[shop]
	if !known {
		return
	}
	x.publish(x.bury(func(p *part, kill func(doc int)) {
		for doc, n := range p.shop {
			if n == number {
				kill(doc)
			}
		}
	}))
}

// bury copies the list of parts with the products dead that find kills.
func (x *Index) bury(find func(p *part, kill func(doc int))) []*part {
	parts := slices.Clone(x.now.Load().parts)
	for i, p := range parts {
		changed := p
		find(p, func(doc int) {
			if changed.dead.has(doc) {
				return
			}
			if changed == p {
				c := *p
				c.dead = slices.Clone(p.dead)
				changed = &c
			}
			changed.dead.set(doc, true)
			changed.live--
		})
		parts[i] = changed
	}
	return parts
}

// SetValues changes prices and stock, and tells which products it does not know.
func (x *Index) SetValues(values map[string]Value) (unknown []string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	left := make(map[string]bool, len(values))
	for id := range values {
		left[id] = true
	}
	parts := slices.Clone(x.now.Load().parts)
	for i, p := range parts {
		changed := p
		for id, v := range values {
			doc, found := p.docOf(id)
			if !found || p.dead.has(doc) {
				continue
			}
			delete(left, id)
			if changed == p {
				changed = p.withValues()
			}
			changed.price[doc], changed.shown[doc] = v.Price, v.shown()
			changed.currency[doc] = x.shelf.money(v.Currency)
			changed.stock.set(doc, v.InStock)
		}
		parts[i] = changed
	}
	x.publish(parts)
	for id := range left {
		unknown = append(unknown, id)
	}
	slices.Sort(unknown)
	return unknown
}

func (p *part) withValues() *part {
	c := *p
	c.price, c.currency, c.stock = slices.Clone(p.price), slices.Clone(p.currency), slices.Clone(p.stock)
	c.shown = slices.Clone(p.shown)
	return &c
}

func (v Value) shown() int64 {
	if v.Shown > 0 {
		return v.Shown
	}
	return v.Price
}

// SetShown changes what pages show of products' prices; unknown products are no error. It tells how many changed.
func (x *Index) SetShown(shown map[string]int64) (changed int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	parts := slices.Clone(x.now.Load().parts)
	for i, p := range parts {
		fresh := p
		for id, price := range shown {
			doc, found := p.docOf(id)
			if !found || p.dead.has(doc) || p.shown[doc] == price {
				continue
			}
			if fresh == p {
				c := *p
				c.shown = slices.Clone(p.shown)
				fresh = &c
			}
			fresh.shown[doc] = price
			changed++
		}
		parts[i] = fresh
	}
	if changed > 0 {
		x.publish(parts)
	}
	return changed
}

// Scope is some products: those of shops and of categories, with everything below them; or all.
type Scope struct {
	All               bool
	Shops, Categories []string
}

// In lists the products of a scope, in no order; it stops above so many, 0 is no bound.
func (x *Index) In(of Scope, most int) (ids []string) {
	s := x.now.Load()
	shops := map[uint32]bool{}
	for n, id := range s.shops {
		if slices.Contains(of.Shops, id) {
			shops[uint32(n)] = true
		}
	}
	var spans [][2]uint16
	for _, c := range of.Categories {
		if first, last, known := x.tree.span(c); known {
			spans = append(spans, [2]uint16{first, last})
		}
	}
	for _, p := range s.parts {
		for doc := range p.ids {
			in := of.All || shops[p.shop[doc]] || slices.ContainsFunc(spans, func(s [2]uint16) bool {
				return s[0] <= p.category[doc] && p.category[doc] <= s[1]
			})
			if in && !p.dead.has(doc) {
				ids = append(ids, p.ids[doc])
			}
			if most > 0 && len(ids) > most {
				return ids
			}
		}
	}
	return ids
}

// SetSoldOut puts every product in stock except those named, and tells how many changed.
func (x *Index) SetSoldOut(soldOut map[string]bool) (changed int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	parts := slices.Clone(x.now.Load().parts)
	for i, p := range parts {
		fresh := allBits(p.len())
		for id := range soldOut {
			if doc, found := p.docOf(id); found {
				fresh.set(doc, false)
			}
		}
		if n := fresh.differences(p.stock, p.dead); n > 0 {
			c := *p
			c.stock = fresh
			parts[i] = &c
			changed += n
		}
	}
	if changed > 0 {
		x.publish(parts)
	}
	return changed
}

// publish merges small parts and swaps the list in. Sizes fall from part to part by half or more, so that
// there are few parts and a product is copied few times in its life.
func (x *Index) publish(parts []*part) {
	kept := make([]*part, 0, len(parts))
	for _, p := range parts {
		switch {
		case p.live == 0:
			continue
		case p.live < p.len()/2:
			p = merge(p, newPart(0))
		}
		kept = append(kept, p)
		for n := len(kept); n > 1 && mergeable(kept[n-2], kept[n-1]); n-- {
			kept = append(kept[:n-2], merge(kept[n-2], kept[n-1]))
		}
	}
	s := &snapshot{parts: kept, shops: x.shelf.shops, currencies: x.shelf.currencies}
	for _, p := range kept {
		s.live += p.live
	}
	x.now.Store(s)
}

func mergeable(older, newer *part) bool {
	return older.live/2 < newer.live && older.live+newer.live <= partMax
}

// Size says how large an index is.
type Size struct {
	Products, Parts, Terms, Posts int
	Bytes                         int // about
}

// Size measures the index.
func (x *Index) Size() Size {
	var size Size
	for _, p := range x.now.Load().parts {
		size.Products += p.live
		size.Parts++
		size.Terms += p.termCount()
		size.Posts += len(p.posts)
		size.Bytes += p.bytes()
	}
	return size
}

// Value is what the index knows about a product's price and stock.
func (x *Index) Value(id string) (v Value, known bool) {
	s := x.now.Load()
	for _, p := range s.parts {
		doc, found := p.docOf(id)
		if !found || p.dead.has(doc) {
			continue
		}
		v = Value{Price: p.price[doc], Shown: p.shown[doc], InStock: p.stock.has(doc)}
		if n := int(p.currency[doc]); n < len(s.currencies) {
			v.Currency = s.currencies[n]
		}
		return v, true
	}
	return v, false
}
