package stock_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/goods/stock"
)

var start = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

type store struct {
	*stock.Service
	db *db.DB
	t  interface {
		Helper()
		Fatal(...any)
		Fatalf(string, ...any)
	}
}

func onBoth(t *testing.T, test func(t *testing.T, s *store)) {
	dbtest.Each(t, []db.Schema{stock.Schema}, func(t *testing.T, d *db.DB) {
		c := clock.NewManual(start)
		test(t, &store{stock.New(d, c, id.NewMaker(c, rand.Reader)), d, t})
	})
}

func (s *store) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *store) receive(sku string, n int64) stock.PoolID {
	s.t.Helper()
	var pools []stock.PoolID
	s.ok(s.db.Write(context.Background(), func(tx *db.Tx) (err error) {
		pools, err = s.Receive(tx, start, []stock.Receipt{{Shop: "shp", SKU: sku, Quantity: n, Ref: "test"}})
		return err
	}))
	return pools[0]
}

// hold reserves pieces for one line of an order, as checkout does.
func (s *store) hold(order string, p stock.PoolID, n int64) error {
	return s.db.Write(context.Background(), func(tx *db.Tx) error {
		b, err := stock.LoadBook(tx, []stock.PoolID{p})
		if err != nil {
			return err
		}
		if err := b.Hold([]stock.Want{{Pool: p, Quantity: n}}); err != nil {
			return err
		}
		return b.Save(tx)
	})
}

// of are the pieces of one line of an order.
func of(order string, p stock.PoolID, n int64) []stock.Reservation {
	return []stock.Reservation{{Order: order, Pool: p, Quantity: n}}
}

func (s *store) pool(sku string) stock.Pool {
	s.t.Helper()
	all, err := s.PoolsBySKU(context.Background(), "shp", []string{sku})
	s.ok(err)
	return all[sku]
}

// TestR18_StockBelowWhatIsPromised: a merchant may count down to what is promised to orders, and no further.
func TestR18_StockBelowWhatIsPromised(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store) {
		ctx := t.Context()
		p := s.receive("sku", 10)
		s.ok(s.hold("ord_1", p, 3))
		s.ok(s.hold("ord_2", p, 2))
		s.ok(s.db.Write(ctx, func(tx *db.Tx) error { return stock.Commit(tx, of("ord_2", p, 2)) }))
		before := s.pool("sku")
		err := s.SetStock(ctx, "shp", "sku", 4)
		if f := fault.As(err); f.Code != "stock.below_promised" || f.Kind != fault.Unprocessable || f.Params[0].Value != int64(5) {
			t.Fatalf("4 of 5 promised: %v", err)
		}
		if got := s.pool("sku"); got != before {
			t.Fatalf("a refused count changed %+v to %+v", before, got)
		}
		s.ok(s.SetStock(ctx, "shp", "sku", 5))
		if got := s.pool("sku"); got.Free() != 0 || got.OnHand() != 5 || got.WrittenOff != 5 || got.Held != 3 || got.Sold != 2 {
			t.Fatalf("counted to 5: %+v", got)
		}
		if err := s.hold("ord_3", p, 1); !fault.Is(err, "stock.sold_out") {
			t.Fatalf("held a piece that is not there: %v", err)
		}
		s.ok(s.SetStock(ctx, "shp", "sku", 5)) // again: nothing to change
		if got := s.pool("sku"); got.WrittenOff != 5 || got.Received != 10 {
			t.Fatalf("counted twice: %+v", got)
		}
		for _, shop := range []string{"", "another"} {
			if err := s.SetStock(ctx, shop, "sku", 9); !fault.Is(err, "stock.no_pool") {
				t.Fatalf("shop %q counted another's stock: %v", shop, err)
			}
		}
		for _, n := range []int64{-1, stock.QuantityMax + 1} {
			if err := s.SetStock(ctx, "shp", "sku", n); !fault.Is(err, "stock.quantity") {
				t.Fatalf("%d pieces: %v", n, err)
			}
		}
	})
}

// TestR4_ManyAtOnceNeverOversell: more buyers than pieces, each in a transaction of its own.
func TestR4_ManyAtOnceNeverOversell(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store) {
		const buyers, pieces = 60, 20
		p := s.receive("sku", pieces)
		errs := make([]error, buyers)
		var wg sync.WaitGroup
		for i := range buyers {
			wg.Go(func() { errs[i] = s.hold(fmt.Sprint("ord_", i), p, 1) })
		}
		wg.Wait()
		got := 0
		for _, err := range errs {
			if err == nil {
				got++
			} else if !fault.Is(err, "stock.sold_out") {
				t.Errorf("refused for another reason: %v", err)
			}
		}
		if at := s.pool("sku"); got != pieces || at.Held != pieces || at.Free() != 0 {
			t.Fatalf("%d of %d pieces were held: %+v", got, pieces, at)
		}
	})
}

// TestShipAfterAPartWasGivenBack: what was given back before is not shipped.
func TestShipAfterAPartWasGivenBack(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store) {
		p := s.receive("sku", 10)
		s.ok(s.hold("ord_1", p, 5))
		s.ok(s.db.Write(t.Context(), func(tx *db.Tx) error {
			if err := stock.Commit(tx, of("ord_1", p, 5)); err != nil {
				return err
			}
			if err := stock.Unsell(tx, of("ord_1", p, 2)); err != nil {
				return err
			}
			return stock.Ship(tx, of("ord_1", p, 3))
		}))
		if got := s.pool("sku"); got.Shipped != 3 || got.Sold != 0 || got.Free() != 7 {
			t.Fatalf("shipped 3 of 5: %+v", got)
		}
		s.ok(s.db.Write(t.Context(), func(tx *db.Tx) error { return s.Return(tx, start, of("ord_1", p, 3), true) }))
		if got := s.pool("sku"); got.Returned != 3 || got.Free() != 10 {
			t.Fatalf("all came back: %+v", got)
		}
	})
}

// line is one order of the model: one line, from one pool.
// The states of a line.
const (
	held int = iota
	lapsed
	sold
	shipped
)

type line struct {
	sku                          string
	quantity, released, returned int64
	state                        int
}

// model is what the store should hold, kept in maps.
type model struct {
	*store
	round int
	pools map[string]stock.Pool
	lines []*line
}

var skus = []string{"one", "two"}

// TestIK_PoolsFollowTheirModel does random things to two pools and holds every count, I-K1 and I-K2 against a model.
func TestIK_PoolsFollowTheirModel(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store) {
		round := 0
		rapid.Check(t, func(r *rapid.T) {
			round++
			m := &model{store: &store{s.Service, s.db, r}, round: round, pools: map[string]stock.Pool{}}
			for _, sku := range skus {
				m.pools[sku] = stock.Pool{}
				m.deliver(sku, rapid.Int64Range(0, 30).Draw(r, "first"))
			}
			for range rapid.IntRange(1, 25).Draw(r, "steps") {
				m.step(r)
				m.compare()
			}
		})
	})
}

func (m *model) sku(name string) string { return fmt.Sprint(name, "-", m.round) }
func (m *model) order(i int) string     { return fmt.Sprintf("ord_%d_%d", m.round, i) }

func (m *model) deliver(sku string, n int64) {
	m.receive(m.sku(sku), n)
	p := m.pools[sku]
	p.Received += n
	m.pools[sku] = p
}

func (m *model) step(r *rapid.T) {
	sku := rapid.SampledFrom(skus).Draw(r, "sku")
	n := rapid.Int64Range(0, 5).Draw(r, "n")
	p := m.pools[sku]
	action := rapid.IntRange(0, 7).Draw(r, "action")
	switch action {
	case 0:
		m.deliver(sku, n)
		return
	case 1:
		m.buy(sku, n+1)
		return
	case 2:
		err := m.SetStock(context.Background(), "shp", m.sku(sku), n)
		if n < p.Held+p.Sold {
			m.want(err, "stock.below_promised")
			return
		}
		m.ok(err)
		if by := n - p.OnHand(); by >= 0 {
			p.Received += by
		} else {
			p.WrittenOff -= by
		}
		m.pools[sku] = p
		return
	}
	if len(m.lines) > 0 {
		i := rapid.IntRange(max(0, len(m.lines)-3), len(m.lines)-1).Draw(r, "order")
		m.move(action, i, n+1)
	}
}

func (m *model) want(err error, code string) {
	m.t.Helper()
	if !fault.Is(err, code) {
		m.t.Fatalf("got %v, want %s", err, code)
	}
}

func (m *model) buy(sku string, n int64) {
	p := m.pools[sku]
	err := m.hold(m.order(len(m.lines)), m.pool(m.sku(sku)).ID, n)
	if n > p.Free() {
		m.want(err, "stock.sold_out")
		return
	}
	m.ok(err)
	p.Held += n
	m.pools[sku] = p
	m.lines = append(m.lines, &line{sku: sku, quantity: n, state: held})
}

// move takes order i on: pay, cancel, ship, give back before or after shipping; only what an order can do.
func (m *model) move(action, i int, n int64) {
	l := m.lines[i]
	p := m.pools[l.sku]
	of := func(n int64) []stock.Reservation { return of(m.order(i), m.pool(m.sku(l.sku)).ID, n) }
	write := func(fn func(tx *db.Tx) error) {
		m.t.Helper()
		m.ok(m.db.Write(context.Background(), fn))
	}
	switch {
	case action == 3 && l.state == held:
		write(func(tx *db.Tx) error { return stock.Commit(tx, of(l.quantity)) })
		l.state, p.Held, p.Sold = sold, p.Held-l.quantity, p.Sold+l.quantity
	case action == 4 && l.state == held:
		write(func(tx *db.Tx) error { return stock.Release(tx, of(l.quantity)) })
		l.state, p.Held = lapsed, p.Held-l.quantity
	case action == 4 && l.state == sold && l.released == 0:
		write(func(tx *db.Tx) error { return stock.Uncommit(tx, of(l.quantity)) })
		l.state, p.Held, p.Sold = held, p.Held+l.quantity, p.Sold-l.quantity
	case action == 7 && l.state == sold:
		gone := l.quantity - l.released
		write(func(tx *db.Tx) error { return stock.Ship(tx, of(gone)) })
		l.state, p.Sold, p.Shipped = shipped, p.Sold-gone, p.Shipped+gone
	case action == 5 && l.state == sold && l.released+n <= l.quantity:
		write(func(tx *db.Tx) error { return stock.Unsell(tx, of(n)) })
		l.released, p.Sold = l.released+n, p.Sold-n
	case action == 6 && l.state == shipped && l.released+l.returned+n <= l.quantity:
		restock := n%2 == 0
		write(func(tx *db.Tx) error { return m.Return(tx, start, of(n), restock) })
		l.returned, p.Returned = l.returned+n, p.Returned+n
		if !restock {
			p.WrittenOff += n
		}
	}
	m.pools[l.sku] = p
}

// compare holds the store against the model, and the model against the invariants.
func (m *model) compare() {
	m.t.Helper()
	for sku, want := range m.pools {
		got := m.pool(m.sku(sku))
		want.ID, want.Shop, want.SKU, want.Place, want.Open = got.ID, got.Shop, got.SKU, got.Place, got.Open
		if got != want {
			m.t.Fatalf("%s is %+v, want %+v", sku, got, want)
		}
		if got.Received+got.Returned-got.WrittenOff != got.Free()+got.Held+got.Sold+got.Shipped || got.Free() < 0 {
			m.t.Fatalf("I-K1, I-K2: %+v", got)
		}
	}
}
