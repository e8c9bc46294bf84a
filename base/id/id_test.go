package id_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/base/clock"
	"hutong/base/id"
)

var noon = time.Date(2026, 11, 11, 12, 0, 0, 123_000_000, time.UTC)

func TestIdsSortByTheTimeTheyWereMade(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := clock.NewManual(noon)
		m := id.NewMaker(c, rand.Reader)
		last := ""
		for range rapid.IntRange(2, 50).Draw(t, "ids") {
			c.Advance(time.Duration(rapid.IntRange(0, 3000).Draw(t, "µs")) * time.Microsecond)
			next := m.New("ord")
			if next <= last {
				t.Fatalf("%s does not follow %s", next, last)
			}
			if got := id.Time(next); !got.Equal(c.Now().Truncate(time.Millisecond)) {
				t.Fatalf("%s says %v at %v", next, got, c.Now())
			}
			last = next
		}
	})
}

// The clock stands: within one instant ids rise too, and not by one, so that nobody counts on from his own.
func TestIdsRiseWithinAnInstantAndAreNotGuessed(t *testing.T) {
	m := id.NewMaker(clock.NewManual(noon), rand.Reader)
	last := m.Body()
	neighbours := 0
	for range 10_000 {
		next := m.Body()
		if next <= last {
			t.Fatalf("%s does not follow %s", next, last)
		}
		if next[:25] == last[:25] {
			neighbours++
		}
		last = next
	}
	if neighbours > 10 {
		t.Errorf("%d of 10,000 ids differ from the one before in the last character only", neighbours)
	}
}

// Randomness at its highest: the count goes over from the lower 64 bits into the upper ones and still rises.
func TestIdsRiseWhenTheCountOverflows(t *testing.T) {
	m := id.NewMaker(clock.NewManual(noon), ones{})
	last := m.Body()
	for range 1000 {
		next := m.Body()
		if next <= last || len(next) != id.BodyLen {
			t.Fatalf("%s does not follow %s", next, last)
		}
		last = next
	}
}

type ones struct{}

// Read gives bits that are all set.
func (ones) Read(p []byte) (int, error) {
	copy(p, bytes.Repeat([]byte{255}, len(p)))
	return len(p), nil
}

// A clock that was set back by a restart must not make ids that stand before those already made.
func TestIdsRiseWhenTheClockGoesBack(t *testing.T) {
	c := &backwards{at: noon}
	m := id.NewMaker(c, rand.Reader)
	first := m.Body()
	c.at = noon.Add(-time.Hour)
	if second := m.Body(); second <= first {
		t.Errorf("%s follows %s", second, first)
	}
}

type backwards struct{ at time.Time }

// Now is whatever the test says.
func (b *backwards) Now() time.Time { return b.at }

func TestIdsAreUniqueAmongManyMakers(t *testing.T) {
	c := clock.NewManual(noon) // all within one millisecond, the worst case
	m := id.NewMaker(c, rand.Reader)
	const makers, each = 8, 5_000
	made := make([][]string, makers)
	var wg sync.WaitGroup
	for i := range made {
		wg.Go(func() {
			for range each {
				made[i] = append(made[i], m.New("ord"))
			}
		})
	}
	wg.Wait()
	for _, mine := range made {
		if !slices.IsSorted(mine) {
			t.Fatal("one caller's ids do not rise")
		}
	}
	all := slices.Concat(made...)
	other := id.NewMaker(c, rand.Reader) // another node in the same millisecond
	for range each {
		all = append(all, other.New("ord"))
	}
	slices.Sort(all)
	if n := len(slices.Compact(all)); n != makers*each+each {
		t.Errorf("%d different ids of %d", n, makers*each+each)
	}
}

func TestAMakerWithoutRandomnessStops(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("made an id without randomness")
		}
	}()
	id.NewMaker(clock.NewManual(noon), broken{}).Body()
}

type broken struct{}

// Read fails.
func (broken) Read([]byte) (int, error) { return 0, errors.Join(io.ErrUnexpectedEOF) }

func TestCutAndValid(t *testing.T) {
	full := id.NewMaker(clock.NewManual(noon), rand.Reader).New("ord")
	prefix, body, ok := id.Cut(full)
	if !ok || prefix != "ord" || prefix+"_"+body != full || !id.Valid(full, "ord") || id.Valid(full, "shp") {
		t.Fatalf("%s is %s and %s, %v", full, prefix, body, ok)
	}
	for _, bad := range []string{"", "ord", "ord_", "_" + body, body, "ord" + body, full + "0", full[:len(full)-1],
		strings.ToUpper(full), strings.Replace(full, "_", "-", 1), "ord_" + body[:25] + "u", "ord_" + body[:25] + "\x00",
		"ord_" + body[:24] + "é"} {
		if _, _, ok := id.Cut(bad); ok || id.Valid(bad, "ord") || !id.Time(bad).IsZero() {
			t.Errorf("%q is taken for an id", bad)
		}
	}
}

func FuzzCut(f *testing.F) {
	f.Add("ord_01k8e4b2kvx0f2m8q9r7s6t5v4")
	f.Fuzz(func(t *testing.T, s string) {
		prefix, body, ok := id.Cut(s)
		if ok && (prefix+"_"+body != s || len(body) != id.BodyLen || prefix == "") {
			t.Errorf("%q became %q and %q", s, prefix, body)
		}
		_ = id.Time(s) // of anything, without a panic
	})
}
