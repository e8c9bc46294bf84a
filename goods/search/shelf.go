package search

import (
	"sync"

	"hutong/goods/catalog"
)

// cardsMax bounds the cards that are kept: about 10 MB.
const cardsMax = 10_000

// shelf keeps cards that were read lately, in two halves: what is not asked for while a half fills up is
// forgotten.
type shelf struct {
	mu       sync.Mutex
	fresh    map[catalog.ID]Card
	older    map[catalog.ID]Card
	changes  int // how often something was taken off
	halfSize int
}

func newShelf(max int) *shelf { return &shelf{fresh: map[catalog.ID]Card{}, halfSize: max / 2} }

// get takes the cards that are there, names the others, and tells the number of changes so far, for put.
func (s *shelf) get(ids []catalog.ID) (cards map[catalog.ID]Card, missing []string, changes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cards = make(map[catalog.ID]Card, len(ids))
	for _, id := range ids {
		c, kept := s.fresh[id]
		if !kept {
			if c, kept = s.older[id]; kept {
				s.add(c)
			}
		}
		if kept {
			cards[id] = c
		} else {
			missing = append(missing, string(id))
		}
	}
	return cards, missing, s.changes
}

// put keeps cards, unless something changed since they were asked for: they may have been read before that.
func (s *shelf) put(cards map[catalog.ID]Card, changes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changes != changes {
		return
	}
	for _, c := range cards {
		s.add(c)
	}
}

func (s *shelf) add(c Card) {
	if len(s.fresh) >= s.halfSize {
		s.older, s.fresh = s.fresh, make(map[catalog.ID]Card, s.halfSize)
	}
	s.fresh[c.Product] = c
}

// drop forgets cards.
func (s *shelf) drop(ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	for _, id := range ids {
		delete(s.fresh, catalog.ID(id))
		delete(s.older, catalog.ID(id))
	}
}

// clear forgets all cards.
func (s *shelf) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	s.fresh, s.older = map[catalog.ID]Card{}, nil
}
