package search

import (
	"fmt"
	"testing"

	"hutong/goods/catalog"
)

func card(i int) Card { return Card{Product: catalog.ID(fmt.Sprint(i))} }

func TestShelfForgetsWhatNobodyAsksFor(t *testing.T) {
	s := newShelf(20)
	for i := range 100 {
		s.put(map[catalog.ID]Card{card(i).Product: card(i)}, 0)
		if kept, _, _ := s.get([]catalog.ID{"0"}); len(kept) != 1 {
			t.Fatalf("a card that is asked for all the time is gone after %d", i)
		}
		if n := len(s.fresh) + len(s.older); n > 20 {
			t.Fatalf("%d cards are kept", n)
		}
	}
	if kept, missing, _ := s.get([]catalog.ID{"1"}); len(kept) != 0 || len(missing) != 1 {
		t.Fatal("a card that nobody asked for is kept")
	}
}

func TestShelfRefusesWhatWasReadBeforeAChange(t *testing.T) {
	s := newShelf(20)
	_, _, changes := s.get([]catalog.ID{"1"})
	s.drop([]string{"1"}) // while the card is being read
	s.put(map[catalog.ID]Card{"1": card(1)}, changes)
	if kept, _, _ := s.get([]catalog.ID{"1"}); len(kept) != 0 {
		t.Fatal("an old card is kept")
	}
}

func TestPlain(t *testing.T) {
	for safe, want := range map[string]string{
		"": "", "a": "a", "<p>a &amp; b</p>": " a & b ", "a<br>b": "a b", "<p>a</p><ul><li>b</li></ul>": " a   b  ",
		"1 &lt; 2": "1 < 2", "cut <": "cut  ",
	} {
		if got := plain(safe); got != want {
			t.Errorf("%q: got %q, want %q", safe, got, want)
		}
	}
}
