package index

import "strings"

// gone marks a product that is not taken into a merged part.
const gone = ^uint32(0)

// merge makes one part of the living products of two. Both hold different living products.
func merge(a, b *part) *part {
	p := newPart(a.live + b.live)
	toA, toB := make([]uint32, a.len()), make([]uint32, b.len())
	i, j, n := a.nextLive(0, toA), b.nextLive(0, toB), 0
	for i < a.len() || j < b.len() {
		if j == b.len() || (i < a.len() && a.ids[i] < b.ids[j]) {
			p.copyDoc(n, a, i)
			toA[i] = uint32(n)
			i = a.nextLive(i+1, toA)
		} else {
			p.copyDoc(n, b, j)
			toB[j] = uint32(n)
			j = b.nextLive(j+1, toB)
		}
		n++
	}
	packIDs(p.ids)
	m := &merger{to: p.segment}
	m.termAt, m.postAt = make([]uint32, 1), make([]uint32, 1)
	m.terms.Grow(max(len(a.terms), len(b.terms)))
	m.posts = make([]uint32, 0, len(a.posts)+len(b.posts))
	m.run(a.segment, b.segment, toA, toB)
	return p
}

// nextLive is the next living product from number i on; the dead ones before it are marked as gone.
func (p *part) nextLive(i int, to []uint32) int {
	for i < p.len() && p.dead.has(i) {
		to[i] = gone
		i++
	}
	return i
}

func (p *part) copyDoc(n int, from *part, i int) {
	p.ids[n], p.created[n], p.shop[n] = from.ids[i], from.created[i], from.shop[i]
	p.category[n], p.titleWords[n] = from.category[i], from.titleWords[i]
	p.price[n], p.shown[n], p.currency[n] = from.price[i], from.shown[i], from.currency[i]
	p.stock.set(n, from.stock.has(i))
}

// merger joins the terms of two segments.
type merger struct {
	to             *segment
	terms          strings.Builder
	termAt, postAt []uint32
	posts          []uint32
}

func (m *merger) run(a, b *segment, toA, toB []uint32) {
	i, j := 0, 0
	for i < a.termCount() || j < b.termCount() {
		var order int
		switch {
		case i == a.termCount():
			order = 1
		case j == b.termCount():
			order = -1
		default:
			order = strings.Compare(a.term(i), b.term(j))
		}
		var term string
		var postsA, postsB []uint32
		if order <= 0 {
			term, postsA = a.term(i), a.postsAt(i)
			i++
		}
		if order >= 0 {
			term, postsB = b.term(j), b.postsAt(j)
			j++
		}
		m.add(term, postsA, postsB, toA, toB)
	}
	m.to.terms, m.to.termAt, m.to.postAt, m.to.posts = m.terms.String(), m.termAt, m.postAt, m.posts
}

// add writes one term with the posts of both sides; a term that only dead products have is left out.
func (m *merger) add(term string, a, b, toA, toB []uint32) {
	was := len(m.posts)
	a, b = skipGone(a, toA), skipGone(b, toB)
	for len(a) > 0 || len(b) > 0 {
		if len(b) == 0 || (len(a) > 0 && toA[a[0]>>maskBits] < toB[b[0]>>maskBits]) {
			m.posts = append(m.posts, toA[a[0]>>maskBits]<<maskBits|a[0]&(1<<maskBits-1))
			a = skipGone(a[1:], toA)
		} else {
			m.posts = append(m.posts, toB[b[0]>>maskBits]<<maskBits|b[0]&(1<<maskBits-1))
			b = skipGone(b[1:], toB)
		}
	}
	if len(m.posts) > was {
		m.terms.WriteString(term)
		m.termAt = append(m.termAt, uint32(m.terms.Len()))
		m.postAt = append(m.postAt, uint32(len(m.posts)))
	}
}

func skipGone(posts, to []uint32) []uint32 {
	for len(posts) > 0 && to[posts[0]>>maskBits] == gone {
		posts = posts[1:]
	}
	return posts
}
