package index

import (
	"strings"
	"unicode/utf8"

	"hutong/base/fault"
	"hutong/goods/search/words"
)

// tally is what a product has gathered from the units of a query.
type tally struct {
	score uint32
	units uint16 // how many match; isCode when the query is an article number of it
	title uint16 // how many match its title
}

const isCode = 1 << 15

// search is one query at work on one state of the index.
type search struct {
	*scratch
	q      Query
	tree   *Tree
	state  *snapshot
	filter filter
	text   words.Query
	words  bool // whether the query has a text at all
	needed int  // units that a product must match
	rarity []uint8
	after  *place
	found  Result
	bands  [len(niceMax)]int
}

// Search finds products.
//
// Codes: search.text_long, search.category, search.price, search.sort, search.cursor.
func (x *Index) Search(q Query) (Result, error) {
	if q.Sort == "" {
		q.Sort = Relevance
	}
	q.Limit = min(max(q.Limit, 1), LimitMax)
	s := &search{scratch: x.scratch.Get().(*scratch), q: q, tree: x.tree, state: x.now.Load()}
	defer x.scratch.Put(s.scratch)
	if err := s.read(); err != nil {
		return Result{}, err
	}
	s.score()
	s.collect()
	s.finish()
	return s.found, nil
}

// read checks the query and takes it apart.
func (s *search) read() error {
	if len(s.q.Text) > TextMax && utf8.RuneCountInString(s.q.Text) > TextMax {
		return invalid("search.text_long", "q", fault.P("max", TextMax))
	}
	if !s.q.Sort.Valid() {
		return invalid("search.sort", "sort")
	}
	if s.q.PriceMin < 0 || s.q.PriceMax < 0 || (s.q.PriceMax > 0 && s.q.PriceMin > s.q.PriceMax) {
		return invalid("search.price", "price_min")
	}
	if err := s.readFilter(); err != nil {
		return err
	}
	s.words = strings.TrimSpace(s.q.Text) != ""
	s.text = words.Parse(s.q.Text)
	s.needed = len(s.text.Units)
	s.rarity = make([]uint8, len(s.text.Units))
	return s.readCursor()
}

// score tallies the units over all products. How rare a unit is, and how many must match, is decided on the
// first page and carried on by the cursor, so that scores stay the same from page to page while products
// come and go.
func (s *search) score() {
	s.matched, s.spans = s.matched[:0], s.spans[:0]
	all := 0
	for _, p := range s.state.parts {
		all += p.len()
	}
	s.tallies = resized(s.tallies, all)
	if !s.words {
		return
	}
	for i, u := range s.text.Units {
		was := len(s.matched)
		for _, p := range s.state.parts {
			s.match(u, p)
		}
		if s.after == nil {
			s.rarity[i] = uint8(rarity(s.state.live, len(s.matched)-was))
		}
	}
	s.tallyUnits()
	s.tallyCode()
	if s.after == nil {
		s.decideNeeded()
	} else {
		s.found.Loose = s.needed < len(s.text.Units)
	}
}

func (s *search) tallyUnits() {
	parts := len(s.state.parts)
	for i := range s.text.Units {
		first := 0
		for k, p := range s.state.parts {
			at := s.spans[i*parts+k]
			tallies := s.tallies[first : first+p.len()]
			for _, f := range s.matched[at.from:at.to] {
				t := &tallies[f>>valueBits]
				t.score += f >> 1 & (1<<(valueBits-1) - 1) * uint32(s.rarity[i])
				t.title += uint16(f & 1)
				t.units++
			}
			first += p.len()
		}
	}
}

func (s *search) tallyCode() {
	if s.text.Code == "" {
		return
	}
	first := 0
	for _, p := range s.state.parts {
		for _, post := range p.postsOf(codeMark + s.text.Code) {
			if doc := int(post >> maskBits); !p.dead.has(doc) {
				s.tallies[first+doc].units |= isCode
			}
		}
		first += p.len()
	}
}

// decideNeeded asks for all units, or for as many as any product has when none has them all.
func (s *search) decideNeeded() {
	most := 0
	for _, t := range s.tallies {
		if t.units&isCode != 0 {
			return
		}
		most = max(most, int(t.units))
	}
	if most < s.needed && most > 0 {
		s.needed, s.found.Loose = most, true
	}
}

// matches tells whether a product with that tally is found. A text without words finds nothing.
func (s *search) matches(t tally) bool {
	if t.units&isCode != 0 {
		return true
	}
	return s.needed > 0 && int(t.units) >= s.needed
}

// collect passes over what matches: it filters, counts and keeps the best.
func (s *search) collect() {
	s.category = resized(s.category, s.tree.Len())
	s.shops = resized(s.shops, len(s.state.shops))
	s.heap = s.heap[:0]
	first := 0
	for k, p := range s.state.parts {
		for doc, t := range s.tallies[first : first+p.len()] {
			if (s.words && s.matches(t)) || (!s.words && !p.dead.has(doc)) {
				s.take(k, doc, t)
			}
		}
		first += p.len()
	}
}

func (s *search) take(k, doc int, t tally) {
	p := s.state.parts[k]
	failed := s.filter.failed(p, doc)
	s.count(p, doc, failed)
	if failed != 0 {
		return
	}
	s.found.Total++
	h := hit{key: s.key(p, doc, t), part: k, doc: doc}
	if s.after == nil || s.isAfter(h) {
		s.keep(h)
	}
}

// key is a product's place in the order: larger is earlier.
func (s *search) key(p *part, doc int, t tally) int64 {
	switch {
	case s.q.Sort == PriceUp:
		return -p.shown[doc]
	case s.q.Sort == PriceDown:
		return p.shown[doc]
	case s.q.Sort == Newest || !s.words:
		return p.created[doc]
	}
	return relevance(t, int(p.titleWords[doc]))
}

// relevance puts an article number first, then the score; alike, the product whose title says little else.
func relevance(t tally, titleWords int) int64 {
	const steps = 64
	share := min(int(t.title)*(steps-1)/max(titleWords, 1), steps-1)
	key := int64(t.score)*steps + int64(share)
	if t.units&isCode != 0 {
		key += 1 << 40
	}
	return key
}
