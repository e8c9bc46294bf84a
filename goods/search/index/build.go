package index

import (
	"cmp"
	"slices"
	"strings"

	"hutong/goods/search/words"
)

// The fields of a product, as bits of a mask.
const (
	inDescription = 1 << iota
	inAttributes
	inBrand
	inTitle
)

const maskBits = 4

// codeMark stands before a term that is a whole article number.
const codeMark = "\x00"

// shelf numbers shops and currencies. Numbers are never reused.
type shelf struct {
	shops      []string
	shopNumber map[string]uint32
	currencies []string
	currency   map[string]uint8
}

func newShelf() *shelf { return &shelf{shopNumber: map[string]uint32{}, currency: map[string]uint8{}} }

func (s *shelf) shop(id string) uint32 {
	n, known := s.shopNumber[id]
	if !known {
		n = uint32(len(s.shops))
		s.shops = append(s.shops, id)
		s.shopNumber[id] = n
	}
	return n
}

// currenciesMax leaves one number for the products in any further currency, which no query can ask for.
const currenciesMax = 255

func (s *shelf) money(code string) uint8 {
	if n, known := s.currency[code]; known {
		return n
	}
	if len(s.currencies) == currenciesMax {
		return currenciesMax
	}
	n := uint8(len(s.currencies))
	s.currencies = append(s.currencies, code)
	s.currency[code] = n
	return n
}

// builder makes a part from products.
type builder struct {
	cutter  words.Cutter
	terms   map[string]uint32
	names   []string
	entries []uint64 // term, product, mask: 32, 28 and 4 bits
	newest  []uint32 // for each term its last entry, counted from 1
	doc     uint64
	mask    uint64
	tell    func([]byte)        // b.add, made once
	known   map[string][]uint32 // the terms of short texts that come again and again
	met     []uint32            // the terms of the text that is being cut
}

// build makes a part of products with different ids, and leaves docs in the order of their ids.
func build(docs []Doc, tree *Tree, s *shelf) *part {
	slices.SortFunc(docs, func(a, b Doc) int { return cmp.Compare(a.ID, b.ID) })
	b := &builder{terms: make(map[string]uint32, 16*len(docs)), known: map[string][]uint32{}}
	b.tell = b.add
	p := newPart(len(docs))
	for i, d := range docs {
		b.doc = uint64(i)
		p.titleWords[i] = b.text(d)
		p.ids[i], p.created[i] = d.ID, d.CreatedUS
		p.shop[i], p.category[i] = s.shop(d.Shop), tree.number[d.Category]
		p.price[i], p.shown[i], p.currency[i] = d.Price, d.shown(), s.money(d.Currency)
		p.stock.set(i, d.InStock)
	}
	packIDs(p.ids)
	b.seal(p.segment)
	return p
}

// packIDs copies ids to one block of memory.
func packIDs(ids []string) {
	all := strings.Join(ids, "")
	for i, id := range ids {
		ids[i], all = all[:len(id)], all[len(id):]
	}
}

// text adds the terms of one product and gives the length of its title, as an average of the languages that
// it has.
func (b *builder) text(d Doc) uint8 {
	length, titles := 0, 0
	b.mask = inTitle
	for _, title := range d.Title {
		if n := b.cutter.Terms(title, b.tell); n > 0 {
			length, titles = length+n, titles+1
		}
	}
	b.mask = inBrand
	b.often(d.Brand)
	b.mask = inAttributes
	for _, value := range d.Attributes {
		b.often(value)
	}
	for _, code := range d.Codes {
		b.cutter.Terms(code, b.tell)
		if code = words.Code(code); code != "" {
			b.add([]byte(codeMark + code))
		}
	}
	b.mask = inDescription
	for _, text := range d.Description {
		b.cutter.Terms(text, b.tell)
	}
	return uint8(min(length/max(titles, 1), 255))
}

// oftenMax bounds the texts whose terms are remembered, in bytes.
const oftenMax = 40

// often adds the terms of a text that other products are likely to have too.
func (b *builder) often(text string) {
	if len(text) > oftenMax {
		b.cutter.Terms(text, b.tell)
		return
	}
	terms, known := b.known[text]
	if !known {
		b.met = b.met[:0]
		b.cutter.Terms(text, func(term []byte) { b.met = append(b.met, b.number(term)) })
		terms = slices.Clone(b.met)
		b.known[text] = terms
	}
	for _, t := range terms {
		b.enter(t)
	}
}

func (b *builder) add(term []byte) { b.enter(b.number(term)) }

// number is a term's place in names.
func (b *builder) number(term []byte) uint32 {
	t, known := b.terms[string(term)]
	if !known {
		t = uint32(len(b.names))
		name := string(term)
		b.terms[name] = t
		b.names = append(b.names, name)
		b.newest = append(b.newest, 0)
	}
	return t
}

// enter notes that the product has the term in the field.
func (b *builder) enter(t uint32) {
	if at := b.newest[t]; at > 0 && b.entries[at-1]>>maskBits&docMask == b.doc {
		b.entries[at-1] |= b.mask
		return
	}
	b.entries = append(b.entries, uint64(t)<<32|b.doc<<maskBits|b.mask)
	b.newest[t] = uint32(len(b.entries))
}

// docMask cuts a product's number out of an entry, once it is shifted.
const docMask = 1<<(32-maskBits) - 1

// seal sorts the terms and puts the entries in their order. Entries of one term are in the order of
// products already.
func (b *builder) seal(s *segment) {
	order := make([]uint32, len(b.names))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(x, y uint32) int { return strings.Compare(b.names[x], b.names[y]) })
	size := 0
	for _, name := range b.names {
		size += len(name)
	}
	var text strings.Builder
	text.Grow(size)
	s.termAt = make([]uint32, 1, len(order)+1)
	rank := make([]uint32, len(order))
	for place, t := range order {
		text.WriteString(b.names[t])
		s.termAt = append(s.termAt, uint32(text.Len()))
		rank[t] = uint32(place)
	}
	s.terms = text.String()
	s.postAt = make([]uint32, len(order)+1)
	for _, e := range b.entries {
		s.postAt[rank[e>>32]+1]++
	}
	for i := range order {
		s.postAt[i+1] += s.postAt[i]
	}
	next := slices.Clone(s.postAt)
	s.posts = make([]uint32, len(b.entries))
	for _, e := range b.entries {
		place := rank[e>>32]
		s.posts[next[place]] = uint32(e)
		next[place]++
	}
}
