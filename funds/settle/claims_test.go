package settle_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/ledger"
	"hutong/funds/settle"
)

// TestM13_FeeOfAnyAmount: 0.6 % of 0.01 up to 10^12 is at least 0 and at most the amount, and refunds give it back to
// the last cent.
func TestM13_FeeOfAnyAmount(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		wantFee := map[int64]int64{1: 0, 83: 0, 84: 1, 100: 1, 16_311: 98, 100_000_000_000_000: 600_000_000_000}
		for paid, fee := range wantFee {
			order, shop := fmt.Sprint("ord_", paid), fmt.Sprint("shp_", paid)
			r.capture(order, paid)
			r.accrue(sale(order, shop, paid))
			r.balances(map[ledger.Account]int64{ledger.Fees: fee, ledger.Merchant(shop): paid - fee})
			for left := paid; left > 0; left /= 3 {
				r.must(r.reverse(back(order, shop, 1, left, left/3)))
			}
			r.balances(map[ledger.Account]int64{ledger.Fees: 0, ledger.Merchant(shop): 0, ledger.Escrow: paid})
			r.refund(order, paid)
		}
	})
}

// TestM13_AnyRate: the same at any rate from nothing to the whole.
func TestM13_AnyRate(t *testing.T) {
	r := openSQLite(t)
	rapid.Check(t, func(rt *rapid.T) {
		r := r.in(rt)
		order := newName("ord")
		paid := rapid.Int64Range(1, 100_000_000_000_000).Draw(rt, "paid")
		s := sale(order, order, paid)
		s.Lines[0].FeePPM = money.PPM(rapid.Int64Range(0, int64(money.Whole)).Draw(rt, "ppm"))
		r.capture(order, paid)
		r.accrue(s)
		fee := paid - r.balance(ledger.Merchant(order))
		if fee < 0 || fee > paid {
			rt.Fatalf("fee %d of %d", fee, paid)
		}
		for paid > 0 {
			left := rapid.Int64Range(0, paid-1).Draw(rt, "left")
			b := back(order, order, 1, paid, left)
			b.FeePPM = s.Lines[0].FeePPM
			r.must(r.reverse(b))
			paid = left
		}
		r.balances(map[ledger.Account]int64{ledger.Merchant(order): 0})
	})
}

// TestWorked_FeesOfE1 is the settled example of the rule book: what the fee takes from each line, and what comes back
// when one unit of A2 is returned.
func TestWorked_FeesOfE1(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		r.capture("ord_1", 54_781)
		r.accrue(sale("ord_1", "shp_a", 16_311, 14_736, 23_734))
		lines := r.lines("ord_1")
		for line, want := range map[int][2]int64{1: {98, 16_213}, 2: {88, 14_648}, 3: {142, 23_592}} {
			if l := lines[line]; l.Fee != want[0] || l.Net != want[1] {
				t.Errorf("line %d: fee %d and net %d, want %v", line, l.Fee, l.Net, want)
			}
		}
		r.balances(map[ledger.Account]int64{ledger.Fees: 328, ledger.Merchant("shp_a"): 54_453, ledger.Escrow: 0})
		r.must(r.reverse(back("ord_1", "shp_a", 2, 14_736, 14_736-6_561-672-134)))
		r.balances(map[ledger.Account]int64{ledger.Fees: 328 - 44, ledger.Escrow: 7_367})
	})
}

// TestWorked_FeeDrift is RULES T3.4b (C5): two refunds of half each give back 2 and 3, not 3 and 3.
func TestWorked_FeeDrift(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		r.capture("ord_1", 834)
		r.accrue(sale("ord_1", "shp_a", 834))
		r.balances(map[ledger.Account]int64{ledger.Fees: 5})
		r.must(r.reverse(back("ord_1", "shp_a", 1, 834, 417)))
		r.balances(map[ledger.Account]int64{ledger.Fees: 3})
		r.must(r.reverse(back("ord_1", "shp_a", 1, 417, 0)))
		r.balances(map[ledger.Account]int64{ledger.Fees: 0, ledger.Merchant("shp_a"): 0, ledger.Escrow: 834})
	})
}

func TestAccrue_Once(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		r.capture("ord_1", 2_000)
		r.accrue(sale("ord_1", "shp_a", 1_000))
		again := func(tx *db.Tx) error {
			return r.Accrue(tx, noon, []settle.Sale{sale("ord_1", "shp_a", 1_000)})
		}
		if err := r.write(again); !fault.Is(err, "settle.accrued") {
			t.Errorf("a second time: %v", err)
		}
		r.balances(map[ledger.Account]int64{ledger.Escrow: 1_000, ledger.Merchant("shp_a"): 994})
		twice := func(tx *db.Tx) error {
			return r.Accrue(tx, noon, []settle.Sale{sale("ord_1", "shp_b", 400), sale("ord_1", "shp_b", 400)})
		}
		if err := r.write(twice); !fault.Is(err, "settle.accrued") {
			t.Errorf("twice in one batch: %v", err)
		}
	})
}

// TestAccrue_MoreThanCaptured: no defect above can settle money that is not there.
func TestAccrue_MoreThanCaptured(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		r.capture("ord_1", 999)
		r.capture("ord_2", 5_000)
		err := r.write(func(tx *db.Tx) error {
			return r.Accrue(tx, noon, []settle.Sale{sale("ord_1", "shp_a", 1_000)})
		})
		if !fault.Is(err, "ledger.overdrawn") {
			t.Errorf("got %v", err)
		}
		if n := len(r.lines("ord_1")); n != 0 {
			t.Errorf("%d claim lines of a refused sale", n)
		}
	})
}

func TestAccrue_Refusals(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		r.capture("ord_1", 10_000)
		for name, change := range map[string]func(*settle.Sale){
			"refunded more than paid": func(s *settle.Sale) { s.Lines[0].Refunded = 1_001 },
			"negative refund":         func(s *settle.Sale) { s.Lines[0].Refunded = -1 },
			"negative price":          func(s *settle.Sale) { s.Lines[0].Value = -1 },
			"rate above the whole":    func(s *settle.Sale) { s.Lines[0].FeePPM = money.Whole + 1 },
			"negative rate":           func(s *settle.Sale) { s.Lines[0].FeePPM = -1 },
			"line 0":                  func(s *settle.Sale) { s.Lines[0].Line = 0 },
			"negative freight":        func(s *settle.Sale) { s.Freight = -1 },
		} {
			s := sale("ord_1", "shp_a", 1_000)
			change(&s)
			err := r.write(func(tx *db.Tx) error { return r.Accrue(tx, noon, []settle.Sale{s}) })
			if !fault.Is(err, "settle.line") {
				t.Errorf("%s: %v", name, err)
			}
		}
		huge := sale("ord_1", "shp_a", 1<<62, 1<<62)
		err := r.write(func(tx *db.Tx) error { return r.Accrue(tx, noon, []settle.Sale{huge}) })
		if !fault.Is(err, "settle.amount") {
			t.Errorf("a sum that does not fit: %v", err)
		}
	})
}

func TestReverse_Refusals(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		r.capture("ord_1", 3_000)
		r.accrue(sale("ord_1", "shp_a", 1_000, 2_000))
		good := back("ord_1", "shp_a", 1, 1_000, 600)
		r.must(r.reverse(good))
		for name, c := range map[string]struct {
			change func(*settle.Refunded)
			code   string
		}{
			"told twice":      {func(b *settle.Refunded) { b.Before = 1_000 }, "settle.changed"},
			"another shop":    {func(b *settle.Refunded) { b.Shop = "shp_b" }, "settle.changed"},
			"other currency":  {func(b *settle.Refunded) { b.Currency = "USD" }, "settle.changed"},
			"today's rate":    {func(b *settle.Refunded) { b.FeePPM = 5_000 }, "settle.changed"},
			"another rule":    {func(b *settle.Refunded) { b.FeeRule = "fee_x" }, "settle.changed"},
			"unknown line":    {func(b *settle.Refunded) { b.Line = 3 }, "settle.not_accrued"},
			"freight of none": {func(b *settle.Refunded) { b.Line = 0 }, "settle.not_accrued"},
			"other suborder":  {func(b *settle.Refunded) { b.Sub = 2 }, "settle.not_accrued"},
			"unknown order":   {func(b *settle.Refunded) { b.Order = "ord_2" }, "settle.not_accrued"},
			"it grows":        {func(b *settle.Refunded) { b.After = 601 }, "settle.line"},
			"below zero":      {func(b *settle.Refunded) { b.After = -1 }, "settle.line"},
		} {
			b := back("ord_1", "shp_a", 1, 600, 100)
			c.change(&b)
			if err := r.reverse(b); !fault.Is(err, c.code) {
				t.Errorf("%s: %v, want %s", name, err, c.code)
			}
		}
		r.balances(map[ledger.Account]int64{ledger.Escrow: 400, ledger.Fees: 4 + 12})
	})
}

// TestReverse_OneCall: lines of several suborders, and one line twice, in a single call.
func TestReverse_OneCall(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		r.capture("ord_1", 834+1_000+5_000)
		second := sale("ord_1", "shp_b", 0, 0, 5_000)
		second.Sub, second.Lines = 2, second.Lines[2:]
		r.accrue(sale("ord_1", "shp_a", 834, 1_000), second)
		other := back("ord_1", "shp_b", 3, 5_000, 0)
		other.Sub = 2
		r.must(r.reverse(back("ord_1", "shp_a", 1, 834, 417), other, back("ord_1", "shp_a", 2, 1_000, 500),
			back("ord_1", "shp_a", 1, 417, 0)))
		r.balances(map[ledger.Account]int64{ledger.Merchant("shp_b"): 0, ledger.Merchant("shp_a"): 497,
			ledger.Fees: 3, ledger.Escrow: 834 + 500 + 5_000})
		r.read(func(tx *db.Tx) error {
			claims, err := settle.ClaimsOf(tx, "ord_1")
			if len(claims) != 4 || claims[1].Entry != 1 || claims[1].Base != -1_334 || claims[1].Fee != -8 {
				t.Errorf("claims: %+v", claims)
			}
			return err
		})
	})
}

// TestReverse_Freight: freight goes back to whoever earned it: the carrier, or the shop for own delivery.
func TestReverse_Freight(t *testing.T) {
	for _, carrier := range []string{"", "courier"} {
		each(t, func(t *testing.T, r *room) {
			party := ledger.Merchant("shp_a")
			if carrier != "" {
				party = ledger.Carrier(carrier)
			}
			r.capture("ord_1", 1_800)
			s := sale("ord_1", "shp_a", 1_000)
			s.Freight, s.Carrier = 800, carrier
			r.accrue(s)
			before := r.balance(party)
			r.must(r.reverse(back("ord_1", "shp_a", 0, 800, 300)))
			r.balances(map[ledger.Account]int64{party: before - 500, ledger.Escrow: 500, ledger.Fees: 6})
			r.must(r.reverse(back("ord_1", "shp_a", 1, 1_000, 0), back("ord_1", "shp_a", 0, 300, 0)))
			r.balances(map[ledger.Account]int64{party: 0, ledger.Escrow: 1_800, ledger.Fees: 0,
				ledger.Merchant("shp_a"): 0})
		})
	}
}

// TestAccrue_FreeLines: what moves no money is a claim all the same, and is filed where no cut was made yet.
func TestAccrue_FreeLines(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		r.capture("ord_1", 1_000)
		r.accrue(sale("ord_1", "shp_a", 1_000))
		first := r.close("shp_a")
		r.accrue(sale("ord_2", "shp_a", 0))
		r.must(r.reverse(back("ord_2", "shp_a", 1, 0, 0))) // nothing to take back
		r.clock.Advance(time.Hour)
		if none := r.close("shp_a"); len(none) != 0 {
			t.Errorf("a cut before the free claim's place took it: %+v", none)
		}
		r.capture("ord_3", 500)
		r.clock.Advance(time.Hour)
		next := r.close("shp_a")
		if len(first) != 1 || len(next) != 1 || next[0].Claims != 1 || next[0].Net != 0 {
			t.Errorf("statements: %+v, then %+v", first, next)
		}
	})
}

func TestSchema_RefusesWhatTheCodeWould(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		r.capture("ord_1", 1_000)
		r.accrue(sale("ord_1", "shp_a", 1_000))
		for _, q := range []string{
			`UPDATE claims SET net = net + 1`, `UPDATE claims SET fee = -1, net = base + 1`,
			`UPDATE claims SET ledger_seq = 0`, `UPDATE claims SET refunded = -1`,
			`UPDATE claim_lines SET fee = fee + 1`, `UPDATE claim_lines SET line_no = 0`,
			`UPDATE claim_lines SET entry = 1, refunded = 1`, `UPDATE claims SET entry = 1, refunded = 1`,
		} {
			err := r.write(func(tx *db.Tx) error { _, err := tx.Exec(q); return err })
			if !errors.Is(err, db.ErrCheck) {
				t.Errorf("%s: %v", q, err)
			}
		}
	})
}

// lines are an order's claim lines of entry 0, by line.
func (r *room) lines(order string) map[int]settle.ClaimLine {
	r.t.Helper()
	all := map[int]settle.ClaimLine{}
	r.read(func(tx *db.Tx) error {
		const q = `SELECT line_no, base, fee, net FROM claim_lines WHERE order_id = $1 AND entry = 0`
		return tx.Each(q, func(row db.Row) error {
			var l settle.ClaimLine
			err := row.Scan(&l.Line, &l.Base, &l.Fee, &l.Net)
			all[l.Line] = l
			return err
		}, order)
	})
	return all
}

// TestRaiseAddsWhatALineIsWorthMore: the fee grows by the difference of two fees; other figures than the claim's are
// refused, and so is what would take something away.
func TestRaiseAddsWhatALineIsWorthMore(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		r.capture("ord_1", 2_000)
		s := sale("ord_1", "shp_a", 1_000)
		r.accrue(s)
		l := s.Lines[0]
		raise := func(before, after int64) error {
			return r.write(func(tx *db.Tx) error {
				return r.Raise(tx, r.clock.Now(), []settle.Refunded{{Order: s.Order, Sub: s.Sub, Shop: s.Shop, Currency: s.Currency,
					Line: l.Line, Before: before, After: after, FeePPM: l.FeePPM, FeeRule: l.FeeRule}})
			})
		}
		for _, c := range []struct {
			before, after int64
			code          string
		}{{999, 1_100, "settle.changed"}, {1_000, 900, "settle.line"}, {1_000, 1_583, ""}, {1_000, 1_583, "settle.changed"},
			{1_583, 1_600, ""}} {
			if err := raise(c.before, c.after); (c.code == "") != (err == nil) || c.code != "" && !fault.Is(err, c.code) {
				t.Errorf("from %d to %d: %v", c.before, c.after, err)
			}
		}
		var all []settle.Claim
		r.must(r.write(func(tx *db.Tx) (err error) { all, err = settle.ClaimsOf(tx, "ord_1"); return err }))
		var base, fee int64
		for _, c := range all {
			base, fee = base+c.Base, fee+c.Fee
		}
		want, err := money.Fee(1_600, l.FeePPM)
		if err != nil || len(all) != 3 || base != 1_600 || fee != want {
			t.Errorf("%d with a fee of %d in %d claims, %v", base, fee, len(all), err)
		}
	})
}
