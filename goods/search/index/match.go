package index

import (
	mathbits "math/bits"
	"strings"

	"hutong/goods/search/words"
)

// How much a match in a field counts. A title outweighs the three others together, a brand the two below it.
const (
	titleWeight       = 32
	brandWeight       = 16
	attributesWeight  = 6
	descriptionWeight = 2
)

// A value is how well one unit matches one product: the weights of the fields that match, and in the lowest
// bit whether the title is among them. It takes valueBits beside the product's number.
const valueBits = 7

var exactValue, prefixValue = func() (exact, prefix [1 << maskBits]uint8) {
	for mask := range exact {
		sum := weightOf(mask)
		exact[mask] = valueOf(sum, mask)
		prefix[mask] = valueOf(sum/2, mask)
	}
	return exact, prefix
}()

func weightOf(mask int) (sum int) {
	for field, weight := range fieldWeights {
		if mask>>field&1 != 0 {
			sum += weight
		}
	}
	return sum
}

var fieldWeights = [maskBits]int{descriptionWeight, attributesWeight, brandWeight, titleWeight}

// valueOf packs a strength; a match always has some.
func valueOf(strength, mask int) uint8 {
	return uint8(max(strength, 1)<<1 | mask/inTitle)
}

// scratch is the working memory of one search, used again by later ones.
type scratch struct {
	matched  []uint32 // product << valueBits | value, for each unit and part
	spans    []span   // where each unit's products of each part stand in matched
	tallies  []tally
	best     []uint8  // the best value of a product so far, for one unit and part
	counts   []uint64 // pairs, and then characters, of a dense unit: 16 bits for each field
	chars    []uint64
	touched  []uint32
	narrowed []uint32
	heap     []hit
	category []uint32
	shops    []uint32
}

type span struct{ from, to int }

func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// match finds the products of a part that a unit matches, each once, and appends them to matched.
func (w *scratch) match(u words.Unit, p *part) {
	was := len(w.matched)
	switch {
	case len(u.Pairs) > 1:
		w.denseUnit(u, p)
	case len(u.Pairs) == 1:
		w.term(p, p.postsOf(u.Pairs[0]))
	case len(u.Chars) == 1:
		w.term(p, p.postsOf(u.Chars[0]))
	case len(u.Words) == 1 && len(u.Words[0]) == 1 && u.Prefix == "":
		w.term(p, p.postsOf(u.Words[0][0]))
	default:
		w.latinUnit(u, p)
	}
	w.spans = append(w.spans, span{was, len(w.matched)})
}

func (w *scratch) term(p *part, posts []uint32) {
	for _, post := range posts {
		if doc := post >> maskBits; !p.dead.has(int(doc)) {
			w.matched = append(w.matched, doc<<valueBits|uint32(exactValue[post&(1<<maskBits-1)]))
		}
	}
}

// latinUnit takes for each product the best of a unit's alternatives.
func (w *scratch) latinUnit(u words.Unit, p *part) {
	w.best, w.touched = resized(w.best, p.len()), w.touched[:0]
	for _, all := range u.Words {
		posts := p.postsOf(all[0])
		for _, term := range all[1:] {
			posts = w.narrow(posts, p.postsOf(term))
		}
		w.better(posts, &exactValue)
	}
	if u.Prefix != "" {
		for i := p.find(u.Prefix); i < p.termCount() && strings.HasPrefix(p.term(i), u.Prefix); i++ {
			w.better(p.postsAt(i), &prefixValue)
		}
	}
	for _, doc := range w.touched {
		if !p.dead.has(int(doc)) {
			w.matched = append(w.matched, doc<<valueBits|uint32(w.best[doc]))
		}
	}
}

func (w *scratch) better(posts []uint32, values *[1 << maskBits]uint8) {
	for _, post := range posts {
		doc, value := post>>maskBits, values[post&(1<<maskBits-1)]
		if w.best[doc] == 0 {
			w.touched = append(w.touched, doc)
		}
		w.best[doc] = max(w.best[doc], value)
	}
}

// narrow keeps the products of both lists that have both terms in one field. Its result is valid until the
// next call with another first list.
func (w *scratch) narrow(a, b []uint32) []uint32 {
	both := w.narrowed[:0]
	for len(a) > 0 && len(b) > 0 {
		switch x, y := a[0]>>maskBits, b[0]>>maskBits; {
		case x < y:
			a = a[1:]
		case x > y:
			b = b[1:]
		default:
			if mask := a[0] & b[0] & (1<<maskBits - 1); mask != 0 {
				both = append(both, x<<maskBits|mask)
			}
			a, b = a[1:], b[1:]
		}
	}
	w.narrowed = both
	return both
}

// spread puts a one at the place of each field of a mask, 16 bits apart.
var spread = func() (table [1 << maskBits]uint64) {
	for mask := range table {
		for field := range maskBits {
			table[mask] |= uint64(mask>>field&1) << (16 * field)
		}
	}
	return table
}()

// denseUnit finds text without spaces: all characters, and at least half of the pairs, in one field. So
// words that stand apart are found ("蓝牙耳机" in "蓝牙无线耳机"), but not characters that come together by accident.
func (w *scratch) denseUnit(u words.Unit, p *part) {
	w.counts, w.touched = resized(w.counts, p.len()), w.touched[:0]
	for _, pair := range u.Pairs {
		for _, post := range p.postsOf(pair) {
			doc := post >> maskBits
			if w.counts[doc] == 0 {
				w.touched = append(w.touched, doc)
			}
			w.counts[doc] += spread[post&(1<<maskBits-1)]
		}
	}
	if len(w.touched) == 0 {
		return
	}
	w.chars = resized(w.chars, p.len())
	for _, char := range u.Chars {
		for _, post := range p.postsOf(char) {
			w.chars[post>>maskBits] += spread[post&(1<<maskBits-1)]
		}
	}
	for _, doc := range w.touched {
		value := denseValue(w.counts[doc], w.chars[doc], len(u.Pairs), len(u.Chars))
		if value != 0 && !p.dead.has(int(doc)) {
			w.matched = append(w.matched, doc<<valueBits|uint32(value))
		}
	}
}

// denseValue is how well a product matches a dense unit of which it has so many pairs and characters in
// each field; 0 is not at all.
func denseValue(pairs, chars uint64, pairsAll, charsAll int) uint8 {
	sum, mask := 0, 0
	for field, weight := range fieldWeights {
		has := int(pairs >> (16 * field) & 0xffff)
		if int(chars>>(16*field)&0xffff) == charsAll && 2*has >= pairsAll {
			sum += weight * has
			mask |= 1 << field
		}
	}
	if mask == 0 {
		return 0
	}
	return valueOf(sum/pairsAll, mask)
}

// rarity is what a match of a unit counts when df of all products match it: a bit for each halving.
func rarity(all, df int) int { return mathbits.Len(uint(all / max(df, 1))) }
