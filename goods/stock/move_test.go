package stock_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/goods/stock"
)

func (s *store) place(sku, place string) stock.PoolID {
	s.t.Helper()
	var p stock.Pool
	s.ok(s.db.Write(context.Background(), func(tx *db.Tx) (err error) {
		p, err = s.PoolAt(tx, "shp", sku, place)
		return err
	}))
	return p.ID
}

func (s *store) move(shop string, moves ...stock.Movement) (carried []int64, err error) {
	err = s.db.Write(context.Background(), func(tx *db.Tx) (err error) {
		carried, err = s.Move(tx, start, shop, moves)
		return err
	})
	return carried, err
}

func (s *store) pools(ids ...stock.PoolID) map[stock.PoolID]stock.Pool {
	s.t.Helper()
	var all map[stock.PoolID]stock.Pool
	s.ok(s.db.Read(context.Background(), func(tx *db.Tx) (err error) { all, err = stock.Pools(tx, ids); return err }))
	return all
}

// unbalanced counts pools whose counts differ from their rows (I-K1) and movements whose two rows differ.
func (s *store) unbalanced() (n int64) {
	s.t.Helper()
	s.ok(s.db.Read(context.Background(), func(tx *db.Tx) error {
		for _, q := range []string{`SELECT COUNT(*) FROM pools p JOIN pool_counts c ON c.no = p.no LEFT JOIN (SELECT pool_id,
				SUM(CASE WHEN kind = 'receive' THEN quantity ELSE 0 END) AS received,
				SUM(CASE WHEN kind = 'write_off' THEN quantity ELSE 0 END) AS gone FROM stock_moves GROUP BY pool_id) m
				ON m.pool_id = p.id WHERE c.received <> COALESCE(m.received, 0) OR c.written_off <> COALESCE(m.gone, 0)`,
			`SELECT COUNT(*) FROM (SELECT ref FROM stock_moves WHERE ref LIKE 'move:%' GROUP BY ref
				HAVING SUM(CASE WHEN kind = 'receive' THEN quantity ELSE -quantity END) <> 0) x`} {
			v, _, err := db.Value[int64](tx, q)
			if err != nil {
				return err
			}
			n += v
		}
		return nil
	}))
	return n
}

// TestR18_PledgedStockLeavesPromisedPiecesAlone: only what is free is moved to a sale's pool and back, orders keep
// their pieces, and counting the ordinary pool down does not touch what was pledged.
func TestR18_PledgedStockLeavesPromisedPiecesAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store) {
		main := s.receive("sku", 10)
		sale := s.place("sku", "enr_1")
		if again := s.place("sku", "enr_1"); again != sale {
			t.Fatal("a second pool at one place")
		}
		s.ok(s.hold("ord_1", main, 4))
		_, err := s.move("shp", stock.Movement{From: main, To: sale, Quantity: 7, Ref: "a"})
		if !fault.Is(err, "stock.sold_out") || fault.As(err).Params[1].Value != int64(6) {
			t.Fatal("promised pieces were moved:", err)
		}
		if n, err := s.move("shp", stock.Movement{From: main, To: sale, Quantity: 6, Ref: "b"}); err != nil || n[0] != 6 {
			t.Fatal(n, err)
		}
		if err := s.hold("ord_2", sale, 1); !fault.Is(err, "stock.closed") {
			t.Fatal("a pool sells before it is opened:", err)
		}
		s.ok(s.db.Write(t.Context(), func(tx *db.Tx) error { return stock.SetOpen(tx, []stock.PoolID{sale}, true) }))
		s.ok(s.hold("ord_2", sale, 2))
		if err := s.SetStock(t.Context(), "shp", "sku", 3); !fault.Is(err, "stock.below_promised") {
			t.Fatal(err)
		}
		s.ok(s.SetStock(t.Context(), "shp", "sku", 4))
		back := stock.Movement{From: sale, To: main, Quantity: stock.QuantityMax, AtMost: true, Ref: "c"}
		for i, want := range []int64{4, 0} {
			if n, err := s.move("shp", back); err != nil || n[0] != want {
				t.Fatal(i, n, err)
			}
		}
		s.ok(s.db.Write(t.Context(), func(tx *db.Tx) error { return stock.Release(tx, of("ord_2", sale, 2)) }))
		if n, err := s.move("shp", back); err != nil || n[0] != 2 {
			t.Fatal("what an order gave back is stranded:", n, err)
		}
		all := s.pools(main, sale)
		if m, p := all[main], all[sale]; m.Free() != 6 || m.Held != 4 || p.Free() != 0 || p.OnHand() != 0 || s.unbalanced() != 0 {
			t.Fatalf("%+v %+v", m, p)
		}
	})
}

func TestMoveKeepsShopsAndSKUsApart(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store) {
		main, other := s.receive("sku", 10), s.receive("sku2", 10)
		sale := s.place("sku", "enr_1")
		for _, x := range []struct {
			shop string
			m    stock.Movement
			code string
		}{
			{"another", stock.Movement{From: main, To: sale, Quantity: 1}, "stock.no_pool"},
			{"shp", stock.Movement{From: main, To: other, Quantity: 1}, "stock.units"},
			{"shp", stock.Movement{From: main, To: main, Quantity: 1}, "stock.units"},
			{"shp", stock.Movement{From: main, To: "pol_x", Quantity: 1}, "stock.no_pool"},
			{"shp", stock.Movement{From: main, To: sale, Quantity: -1}, "stock.quantity"},
		} {
			if _, err := s.move(x.shop, x.m); !fault.Is(err, x.code) {
				t.Errorf("%+v: %v", x, err)
			}
		}
		good := stock.Movement{From: main, To: sale, Quantity: 6, Ref: "x"}
		if _, err := s.move("shp", good, stock.Movement{From: main, To: sale, Quantity: 5, Ref: "y"}); !fault.Is(err, "stock.sold_out") {
			t.Fatal("two movements took more than there is:", err)
		}
		if p := s.pools(main)[main]; p.Free() != 10 {
			t.Fatal("half of a batch was moved")
		}
	})
}

// TestMovingMeetsSelling: pieces are moved out while orders take them; each piece goes one way.
func TestMovingMeetsSelling(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store) {
		main := s.receive("sku", 40)
		sale := s.place("sku", "enr_1")
		var wg sync.WaitGroup
		var mu sync.Mutex
		sold, moved := 0, int64(0)
		for i := range 40 {
			wg.Go(func() {
				err := s.hold(fmt.Sprint("ord_", i), main, 1)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					sold++
				}
			})
			wg.Go(func() {
				n, err := s.move("shp", stock.Movement{From: main, To: sale, Quantity: 1, AtMost: true, Ref: fmt.Sprint(i)})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					moved += n[0]
				}
			})
		}
		wg.Wait()
		if p := s.pools(main)[main]; int64(sold)+moved != 40 || p.Held != int64(sold) || p.Free() != 0 || s.unbalanced() != 0 {
			t.Fatalf("%d sold, %d moved: %+v", sold, moved, p)
		}
	})
}

// TestMovesKeepTheSum: whatever is moved between three pools, nothing is made, lost or taken from orders.
func TestMovesKeepTheSum(t *testing.T) {
	dbtest.Each(t, []db.Schema{stock.Schema}, func(t *testing.T, d *db.DB) {
		onBothModel(t, d)
	})
}

func onBothModel(t *testing.T, d *db.DB) {
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		s := &store{stockOn(d), d, t}
		sku := fmt.Sprint("sku", n)
		pools := []stock.PoolID{s.receive(sku, 20), s.place(sku, "a"), s.place(sku, "b")}
		free := []int64{20, 0, 0}
		for range rapid.IntRange(1, 6).Draw(t, "moves") {
			from, to := rapid.IntRange(0, 2).Draw(t, "from"), rapid.IntRange(0, 2).Draw(t, "to")
			q := rapid.Int64Range(0, 25).Draw(t, "quantity")
			atMost := rapid.Bool().Draw(t, "at most")
			got, err := s.move("shp", stock.Movement{From: pools[from], To: pools[to], Quantity: q, AtMost: atMost, Ref: fmt.Sprint(n, q)})
			want := q
			if atMost {
				want = min(q, free[from])
			}
			if ok := from != to && want <= free[from]; ok != (err == nil) || ok && got[0] != want {
				t.Fatal(from, to, q, atMost, free, got, err)
			}
			if err == nil {
				free[from] -= want
				free[to] += want
			}
		}
		all := s.pools(pools...)
		for i, p := range pools {
			if all[p].Free() != free[i] {
				t.Fatalf("pool %d: %+v, want %d", i, all[p], free[i])
			}
		}
	})
}

func stockOn(d *db.DB) *stock.Service {
	c := clock.NewManual(start)
	return stock.New(d, c, id.NewMaker(c, rand.Reader))
}
