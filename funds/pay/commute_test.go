package pay_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/money"
	"hutong/funds/pay"
	"hutong/funds/pay/paytest"
)

// story is what happens to one order at its two wallets, told without names.
type story struct {
	cancelled bool // the order gave up waiting before any news came
	restock   bool
	news      []news
}

// news is one fact of a story.
type news struct {
	wallet string
	kind   pay.Kind
	txn    int
	amount int64
}

func drawStory(t *rapid.T) story {
	s := story{cancelled: rapid.Bool().Draw(t, "cancelled"), restock: rapid.Bool().Draw(t, "restock")}
	for range rapid.IntRange(1, 8).Draw(t, "facts") {
		n := news{wallet: rapid.SampledFrom([]string{"alpha", "beta"}).Draw(t, "wallet"),
			kind: rapid.SampledFrom([]pay.Kind{pay.KindCapture, pay.KindCapture, pay.KindRefund}).Draw(t, "kind"),
			txn:  rapid.IntRange(1, 3).Draw(t, "txn"), amount: 1000}
		if rapid.IntRange(0, 4).Draw(t, "odd") == 0 {
			n.amount = 999
		}
		// A number means one movement: told again it says the same.
		if !slices.ContainsFunc(s.news, func(o news) bool {
			return o.wallet == n.wallet && o.kind == n.kind && o.txn == n.txn && o.amount != n.amount
		}) {
			s.news = append(s.news, n)
		}
	}
	return s
}

// tell plays a story in the given order of its news, some at once if together, and gives how it ends, without names.
func (m *market) tell(t testing.TB, s story, order []int, together bool) string {
	sold := m.Sell(t, tenY)
	attempts := map[string]pay.Attempt{}
	for _, w := range []string{"alpha", "beta"} {
		attempts[w], _ = m.Begin(t, sold, w)
	}
	if s.cancelled {
		m.Till.Change(t, sold, func(o *paytest.Order) { o.State, o.Restock = "cancelled", s.restock })
	}
	tag := attempts["alpha"].ID
	var wg sync.WaitGroup
	for _, i := range order {
		n := s.news[i]
		a := attempts[n.wallet]
		f := pay.Fact{Provider: n.wallet, Txn: fmt.Sprintf("%s-%d", tag, n.txn), Kind: n.kind, Attempt: a.ID,
			Amount: money.New(n.amount, "CNY"), Account: a.Account, At: paytest.Start.Add(time.Duration(n.txn))}
		if n.kind == pay.KindCapture && n.amount == 1000 {
			f = m.script(n.wallet).Capture(a, f.Txn)
		}
		if !together {
			m.apply(t, f)
			continue
		}
		wg.Go(func() { m.apply(t, f) })
	}
	wg.Wait()
	m.Send(t)
	return m.end(t, sold, string(tag))
}

func (m *market) script(name string) *paytest.Script {
	if name == "alpha" {
		return m.alpha
	}
	return m.beta
}

// end is the state of everything about one order. Which of two payments the order kept depends on which came first
// and is left out; everything else must not.
func (m *market) end(t testing.TB, order, tag string) string {
	var out []string
	note := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	note("order %s", m.Till.Order(t, order).State)
	attempts, err := m.Pay.Attempts(ctx, order)
	if err != nil {
		t.Fatal(err)
	}
	captured, refunded := int64(0), int64(0)
	for _, a := range attempts {
		note("%s %s captured %d charged back %d", a.Wallet, a.State, a.Captured, a.ChargedBack)
		captured, refunded = captured+a.Captured, refunded+a.Refunded
	}
	note("captured %d refunded %d", captured, refunded)
	back := map[pay.RefundState]int64{} // in how many parts is as the news came
	for _, r := range m.Refunds(t, order) {
		state := r.State
		if state == pay.RefundTaken { // it is the same to the books, and of the one payment or the other
			state = pay.RefundSucceeded
		}
		back[state] += r.Amount.Minor
	}
	note("given back %v", back)
	err = m.DB.Read(ctx, func(tx *db.Tx) error {
		facts := map[string]int{}
		err := tx.Each(`SELECT provider, txn, kind, outcome, amount FROM payment_facts WHERE txn LIKE $1`, func(r db.Row) error {
			var provider, txn, kind, outcome string
			var amount int64
			err := r.Scan(&provider, &txn, &kind, &outcome, &amount)
			if kind == "capture" && outcome != "suspense" {
				provider, txn = "", "" // the order's choice
			}
			facts[fmt.Sprintf("%s %s %s %d %s", provider, strings.TrimPrefix(txn, tag), kind, amount, outcome)]++
			return err
		}, tag+"%")
		for f, n := range facts {
			note("fact %s x%d", f, n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = m.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Each(`SELECT kind, CAST(SUM(amount) AS BIGINT) FROM transfers WHERE order_id = $1 GROUP BY kind`,
			func(r db.Row) error {
				var kind string
				var sum int64
				err := r.Scan(&kind, &sum)
				note("ledger %s %d", kind, sum)
				return err
			}, order)
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// plot is a story with another order of its news, in which some of them come again.
type plot struct {
	story
	all, mixed []int
}

func drawPlot(t *rapid.T) plot {
	p := plot{story: drawStory(t)}
	for i := range p.news {
		p.all = append(p.all, i)
	}
	repeats := rapid.SliceOfN(rapid.SampledFrom(p.all), 0, 6).Draw(t, "repeats")
	p.mixed = rapid.Permutation(append(slices.Clone(p.all), repeats...)).Draw(t, "order")
	return p
}

// commutes plays a story in three ways and tells how the ends differ.
func (m *market) commutes(t testing.TB, p plot) error {
	plain := m.tell(t, p.story, p.all, false)
	for _, together := range []bool{false, true} {
		if got := m.tell(t, p.story, p.mixed, together); got != plain {
			return fmt.Errorf("%+v\nin the order %v, together %v, ends with\n%s\ninstead of\n%s",
				p.story, p.mixed, together, got, plain)
		}
	}
	return nil
}

// Facts commute: in whatever order they come, however often, one by one or all at once, the end is the same (R11).
func TestFactsCommute(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		m := newMarket(t, dbtest.SQLite(t, db.Options{}, paytest.Schemas...))
		rapid.Check(t, func(rt *rapid.T) {
			if err := m.commutes(t, drawPlot(rt)); err != nil {
				rt.Fatal(err)
			}
		})
		m.CheckBooks(t, "CNY")
	})
	t.Run("postgres", func(t *testing.T) { // fewer: each commit waits for the server
		m := newMarket(t, dbtest.Postgres(t, paytest.Schemas...))
		for seed := range 12 {
			if err := m.commutes(t, rapid.Custom(drawPlot).Example(seed)); err != nil {
				t.Fatal(err)
			}
		}
		m.CheckBooks(t, "CNY")
	})
}
