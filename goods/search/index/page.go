package index

import (
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
)

// hit is a product on its way to the page.
type hit struct {
	key  int64
	part int
	doc  int
}

// place is where a page ended.
type place struct {
	key int64
	id  string
}

func (s *search) id(h hit) string { return s.state.parts[h.part].ids[h.doc] }

// earlier tells which of two hits comes first: by key, then the newer one.
func (s *search) earlier(a, b hit) bool {
	if a.key != b.key {
		return a.key > b.key
	}
	if a.part == b.part {
		return a.doc > b.doc
	}
	return s.id(a) > s.id(b)
}

func (s *search) isAfter(h hit) bool {
	return h.key < s.after.key || (h.key == s.after.key && s.id(h) < s.after.id)
}

// keep holds the best of the hits, one more than the page needs, in a heap with the worst at its root.
func (s *search) keep(h hit) {
	if len(s.heap) <= s.q.Limit {
		s.heap = append(s.heap, h)
		for at := len(s.heap) - 1; at > 0 && s.earlier(s.heap[(at-1)/2], s.heap[at]); at = (at - 1) / 2 {
			s.heap[at], s.heap[(at-1)/2] = s.heap[(at-1)/2], s.heap[at]
		}
		return
	}
	if !s.earlier(h, s.heap[0]) {
		return
	}
	s.heap[0] = h
	for at := 0; ; {
		worst := at
		for child := 2*at + 1; child <= 2*at+2 && child < len(s.heap); child++ {
			if s.earlier(s.heap[worst], s.heap[child]) {
				worst = child
			}
		}
		if worst == at {
			return
		}
		s.heap[at], s.heap[worst] = s.heap[worst], s.heap[at]
		at = worst
	}
}

// finish puts the page in order.
func (s *search) finish() {
	slices.SortFunc(s.heap, func(a, b hit) int {
		switch {
		case a == b:
			return 0
		case s.earlier(a, b):
			return -1
		}
		return 1
	})
	page := s.heap[:min(len(s.heap), s.q.Limit)]
	s.found.IDs = make([]string, len(page))
	for i, h := range page {
		s.found.IDs[i] = s.id(h)
	}
	if len(s.heap) > len(page) {
		last := page[len(page)-1]
		s.found.Next = s.writeCursor(place{last.key, s.id(last)})
	}
	s.facets()
}

const (
	cursorVersion = 2
	cursorMax     = 1000 // bytes
)

// writeCursor makes the name of the place where a page ended: the query it belongs to, what the scores were
// made from, and the last product with its key.
func (s *search) writeCursor(at place) string {
	place := binary.AppendUvarint(nil, uint64(s.needed))
	place = append(place, s.rarity...)
	place = binary.AppendVarint(place, at.key)
	place = append(place, at.id...)
	b := append(binary.BigEndian.AppendUint32([]byte{cursorVersion}, s.mark(place)), place...)
	return base64.RawURLEncoding.EncodeToString(b)
}

func (s *search) readCursor() error {
	if s.q.Cursor == "" {
		return nil
	}
	refused := invalid("search.cursor", "cursor")
	if len(s.q.Cursor) > cursorMax {
		return refused
	}
	b, err := base64.RawURLEncoding.DecodeString(s.q.Cursor)
	if err != nil || len(b) < 5 || b[0] != cursorVersion || binary.BigEndian.Uint32(b[1:]) != s.mark(b[5:]) {
		return refused
	}
	needed, n := binary.Uvarint(b[5:])
	if n <= 0 || needed > uint64(s.needed) {
		return refused
	}
	b = b[5+n:]
	if len(b) < len(s.rarity) {
		return refused
	}
	b = b[copy(s.rarity, b):]
	key, n := binary.Varint(b)
	if n <= 0 {
		return refused
	}
	s.needed, s.after = int(needed), &place{key: key, id: string(b[n:])}
	return nil
}

// mark tells queries and places apart, so that a cursor is not used with another query, nor one that was changed.
func (s *search) mark(place []byte) uint32 {
	h := fnv.New32a()
	q := s.q
	for _, field := range []string{q.Text, q.Category, q.Shop, q.Currency, string(q.Sort),
		strconv.FormatInt(q.PriceMin, 10), strconv.FormatInt(q.PriceMax, 10), strconv.FormatBool(q.InStock)} {
		h.Write([]byte(strings.ReplaceAll(field, "\x00", " ")))
		h.Write([]byte{0})
	}
	h.Write(place)
	return h.Sum32()
}
