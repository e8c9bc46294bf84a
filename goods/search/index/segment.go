package index

import (
	mathbits "math/bits"
	"sort"
)

// segment is what never changes about some products: their words and where they belong. Products are
// numbered in the order of their ids.
type segment struct {
	terms  string   // all terms, sorted, one after the other
	termAt []uint32 // where each begins, and the end
	postAt []uint32 // where the posts of each begin, and the end
	posts  []uint32 // product and mask of the fields that hold the term, in the order of products

	ids        []string
	created    []int64
	shop       []uint32
	category   []uint16
	titleWords []uint8
}

// part is a segment with what changes about its products. Once it is in a list it is never written: a
// change copies what it changes.
type part struct {
	*segment
	price    []int64
	shown    []int64 // what pages show of it
	currency []uint8
	stock    bits
	dead     bits // replaced or withdrawn
	live     int
}

func newPart(docs int) *part {
	return &part{
		segment: &segment{termAt: make([]uint32, 1), postAt: make([]uint32, 1), ids: make([]string, docs),
			created: make([]int64, docs), shop: make([]uint32, docs), category: make([]uint16, docs),
			titleWords: make([]uint8, docs)},
		price: make([]int64, docs), shown: make([]int64, docs),
		currency: make([]uint8, docs), stock: newBits(docs), dead: newBits(docs),
		live: docs,
	}
}

func (s *segment) len() int { return len(s.ids) }

func (s *segment) termCount() int { return len(s.termAt) - 1 }

func (s *segment) term(i int) string { return s.terms[s.termAt[i]:s.termAt[i+1]] }

func (s *segment) postsAt(i int) []uint32 { return s.posts[s.postAt[i]:s.postAt[i+1]] }

// find gives the place of the first term that is not before t.
func (s *segment) find(t string) int {
	return sort.Search(s.termCount(), func(i int) bool { return s.term(i) >= t })
}

// postsOf gives the posts of a term, none if no product has it.
func (s *segment) postsOf(t string) []uint32 {
	if i := s.find(t); i < s.termCount() && s.term(i) == t {
		return s.postsAt(i)
	}
	return nil
}

// docOf finds a product by its id.
func (s *segment) docOf(id string) (doc int, found bool) {
	return sort.Find(len(s.ids), func(i int) int {
		switch {
		case id < s.ids[i]:
			return -1
		case id > s.ids[i]:
			return 1
		}
		return 0
	})
}

// bytes is about how much memory the part takes.
func (p *part) bytes() int {
	n := len(p.terms) + 4*(len(p.termAt)+len(p.postAt)+len(p.posts))
	for _, id := range p.ids {
		n += 16 + len(id)
	}
	return n + p.len()*(8+4+2+1+8+8+1) + 8*(len(p.stock)+len(p.dead))
}

// bits is a set of product numbers.
type bits []uint64

func newBits(n int) bits { return make(bits, (n+63)/64) }

func (b bits) has(i int) bool { return b[i>>6]>>(i&63)&1 != 0 }

func (b bits) set(i int, on bool) {
	if on {
		b[i>>6] |= 1 << (i & 63)
	} else {
		b[i>>6] &^= 1 << (i & 63)
	}
}

// allBits is the set of all numbers below n.
func allBits(n int) bits {
	b := newBits(n)
	for i := range b {
		b[i] = ^uint64(0)
	}
	if n%64 != 0 {
		b[len(b)-1] = 1<<(n%64) - 1
	}
	return b
}

// differences counts the numbers that only one of two sets has, without those in a third.
func (b bits) differences(other, without bits) (n int) {
	for i := range b {
		n += mathbits.OnesCount64((b[i] ^ other[i]) &^ without[i])
	}
	return n
}
