package quota_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/deal/quota"
)

func onBoth(t *testing.T, test func(t *testing.T, s *store)) {
	dbtest.Each(t, []db.Schema{quota.Schema}, func(t *testing.T, d *db.DB) { test(t, &store{d, t}) })
}

type store struct {
	db *db.DB
	t  interface {
		Helper()
		Fatal(...any)
		Fatalf(string, ...any)
	}
}

func (s *store) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *store) write(fn func(tx *db.Tx) error) error { return s.db.Write(context.Background(), fn) }

// take is one order alone in its transaction, run again when another made the quota in the same moment, as a lane does.
func (s *store) take(order string, needs ...quota.Need) error {
	for {
		err := s.write(func(tx *db.Tx) error {
			names := make([]string, len(needs))
			for i, n := range needs {
				names[i] = n.Quota
			}
			b, err := quota.LoadBook(tx, names)
			if err != nil {
				return err
			}
			if err := b.Take(order, needs); err != nil {
				return err
			}
			return b.Save(tx)
		})
		if !errors.Is(err, quota.ErrRaced) {
			return err
		}
	}
}

func (s *store) count(name string) quota.Count {
	s.t.Helper()
	var c quota.Count
	s.ok(s.db.Read(context.Background(), func(tx *db.Tx) error {
		all, err := quota.Counts(tx, []string{name})
		c = all[name]
		return err
	}))
	return c
}

// race runs n takers at once and tells how many got what they asked for; every other one must be refused with code.
func race(t *testing.T, n int, code string, take func(i int) error) int64 {
	t.Helper()
	var got atomic.Int64
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			switch err := take(i); {
			case err == nil:
				got.Add(1)
			case !fault.Is(err, code):
				t.Errorf("taker %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	return got.Load()
}

// TestR5_BudgetOfOne: a coupon whose budget is one, two hundred carts at once, one success.
func TestR5_BudgetOfOne(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store) {
		budget := quota.Budget("coupon")
		got := race(t, 200, "quota.exhausted", func(i int) error {
			return s.take(fmt.Sprint("ord_", i), quota.Need{Quota: budget, Amount: 500, Cap: 500})
		})
		if c := s.count(budget); got != 1 || c != (quota.Count{Cap: 500, Used: 500, Open: true}) {
			t.Fatalf("%d took it: %+v", got, c)
		}
	})
}

// TestR6_LimitOfOneShopper: limit 2, fifty orders of one shopper at once, each with several lines of the SKU: two
// pieces in total; and another shopper is not touched by it.
func TestR6_LimitOfOneShopper(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store) {
		limit := func(shopper string, pieces int64) quota.Need {
			return quota.Need{Quota: quota.Limit("item", shopper), Amount: pieces, Cap: 2, Code: "item.limit",
				Kind: fault.Limited}
		}
		three := s.take("ord_three", limit("a", 1), limit("a", 1), limit("a", 1))
		if f := fault.As(three); f == nil || f.Code != "item.limit" || f.Kind != fault.Limited ||
			f.Params[0] != fault.P("free", int64(0)) || f.Params[1] != fault.P("cap", int64(2)) {
			t.Fatalf("three lines of one piece: %v", three)
		}
		if c := s.count(limit("a", 1).Quota); c != (quota.Count{}) {
			t.Fatalf("a refused order left %+v", c)
		}
		got := race(t, 50, "item.limit", func(i int) error {
			if i%2 == 0 {
				return s.take(fmt.Sprint("ord_", i), limit("a", 1), limit("a", 1))
			}
			return s.take(fmt.Sprint("ord_", i), limit("a", 1))
		})
		if c := s.count(limit("a", 1).Quota); c.Used != 2 || got < 1 || got > 2 {
			t.Fatalf("%d orders, %+v", got, c)
		}
		s.ok(s.take("ord_b", limit("b", 2)))
	})
}

// TestIC1_AThousandTakers: a thousand at once for a cap of a hundred: a hundred, and all others are told so.
func TestIC1_AThousandTakers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store) {
		const takers, places = 1000, 100
		group := quota.Group("g")
		got := race(t, takers, "group.full", func(i int) error {
			return s.take(fmt.Sprint("ord_", i), quota.Need{Quota: group, Amount: 1, Cap: places, Code: "group.full"})
		})
		if c := s.count(group); got != places || c.Free() != 0 {
			t.Fatalf("%d got a place: %+v", got, c)
		}
	})
}

// TestIC3_ReleasesRaceTakers: orders come and go at once; in the end exactly what is not released is used.
func TestIC3_ReleasesRaceTakers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store) {
		budget, other := quota.Budget("a"), quota.Budget("b")
		var kept atomic.Int64
		var wg sync.WaitGroup
		for i := range 120 {
			wg.Go(func() {
				order := fmt.Sprint("ord_", i)
				err := s.take(order, quota.Need{Quota: budget, Amount: 3, Cap: 90}, quota.Need{Quota: other, Amount: 1, Cap: 500})
				if err == nil && i%3 == 0 {
					err = errors.Join(s.write(func(tx *db.Tx) error { return quota.Release(tx, []string{order}) }),
						s.write(func(tx *db.Tx) error { return quota.Release(tx, []string{order, order}) }))
				} else if err == nil {
					kept.Add(1)
				}
				if err != nil && !fault.Is(err, "quota.exhausted") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if a, b := s.count(budget), s.count(other); a.Used != 3*kept.Load() || b.Used != kept.Load() {
			t.Fatalf("%d orders are left of %+v and %+v", kept.Load(), a, b)
		}
	})
}

func TestABookOnlyKnowsWhatItWasAskedFor(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store) {
		s.ok(s.write(func(tx *db.Tx) error {
			b, err := quota.LoadBook(tx, []string{"a", "b"})
			s.ok(err)
			for _, need := range []quota.Need{{Quota: "c", Amount: 1, Cap: 9}, {Quota: "a", Amount: -1, Cap: 9},
				{Quota: "a", Amount: 1, Cap: -1}, {Quota: "a", Amount: 1, Cap: quota.CapMax + 1}} {
				if err := b.Take("o", []quota.Need{need}); err == nil || fault.Of(err) != fault.Internal {
					t.Errorf("%+v: %v", need, err)
				}
			}
			if err := b.Take("o", []quota.Need{{Quota: "a", Amount: 1}}); !fault.Is(err, "quota.missing") {
				t.Errorf("a quota that is not there: %v", err)
			}
			if free, found := b.Free("a"); found || free != 0 {
				t.Errorf("%d free of what is not there", free)
			}
			return b.Save(tx)
		}))
		for _, name := range []string{"", "a b", `a"b`, `a\b`, "票", "a\x7f"} {
			err := s.write(func(tx *db.Tx) error { _, err := quota.LoadBook(tx, []string{name}); return err })
			if err == nil {
				t.Errorf("the name %q was taken", name)
			}
		}
	})
}
