package settle_test

import (
	"context"
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

// market is a naive second account of what was sold and refunded: plain lists, no claims, no books.
type market struct {
	*room
	rt       *rapid.T
	currency money.Currency
	shops    []string
	subs     []*sold
}

// sold is a completed suborder and what the shopper has still paid for, line by line; left[0] is the freight.
type sold struct {
	sale settle.Sale
	left []int64
}

// TestSettlement_AgreesWithPlainLists runs random sequences of completing, refunding, closing and paying out, then
// compares claims, statements and books with plain lists and with each other.
func TestSettlement_AgreesWithPlainLists(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		rapid.Check(t, func(rt *rapid.T) {
			m := &market{room: r.in(rt), rt: rt, currency: money.Currency(newName("C")),
				shops: []string{newName("shp"), newName("shp")}}
			for range rapid.IntRange(1, 12).Draw(rt, "steps") {
				m.clock.Advance(time.Minute)
				m.step()
			}
			if rapid.Bool().Draw(rt, "refund everything") {
				for _, s := range m.subs {
					m.refundSub(s, func(int64) int64 { return 0 })
				}
			}
			m.audit()
		})
	})
}

func (m *market) step() {
	switch rapid.SampledFrom([]string{"sell", "sell", "refund", "refund", "close", "pay"}).Draw(m.rt, "step") {
	case "sell":
		m.sell()
	case "refund":
		if len(m.subs) > 0 {
			s := rapid.SampledFrom(m.subs).Draw(m.rt, "of")
			m.refundSub(s, func(paid int64) int64 { return rapid.Int64Range(0, paid).Draw(m.rt, "left") })
		}
	case "close":
		m.close(rapid.SampledFrom(m.shops).Draw(m.rt, "shop"))
	case "pay":
		m.payOut(rapid.SampledFrom(m.shops).Draw(m.rt, "shop"))
	}
}

// sell has an order of one or two shops paid and completed, part of it refunded before.
func (m *market) sell() {
	order := newName("ord")
	var sales []settle.Sale
	var paid, early int64
	for sub := range rapid.IntRange(1, 2).Draw(m.rt, "suborders") {
		s := settle.Sale{Order: order, Sub: sub + 1, Shop: m.shops[sub], Currency: m.currency,
			Carrier: rapid.SampledFrom([]string{"", "courier"}).Draw(m.rt, "carrier"),
			Freight: rapid.SampledFrom([]int64{0, 0, 800}).Draw(m.rt, "freight")}
		left := []int64{s.Freight}
		paid += s.Freight
		for i := range rapid.IntRange(1, 4).Draw(m.rt, "lines") {
			l := settle.SaleLine{Line: i + 1, Value: rapid.Int64Range(0, 20_000).Draw(m.rt, "paid"),
				FeePPM:  money.PPM(rapid.SampledFrom([]int64{0, 6_000, 12_345, 1_000_000}).Draw(m.rt, "ppm")),
				FeeRule: "fee_x"}
			if rapid.IntRange(0, 3).Draw(m.rt, "early refund") == 0 {
				l.Refunded = rapid.Int64Range(0, l.Value).Draw(m.rt, "early")
			}
			paid, early = paid+l.Value, early+l.Refunded
			left = append(left, l.Value-l.Refunded)
			s.Lines = append(s.Lines, l)
		}
		sales = append(sales, s)
		m.subs = append(m.subs, &sold{s, left})
	}
	m.must(m.write(func(tx *db.Tx) error {
		if err := m.move(tx, order, ledger.Capture, paid); err != nil {
			return err
		}
		if err := m.move(tx, order, ledger.RefundAsked, early); err != nil {
			return err
		}
		return m.Accrue(tx, m.clock.Now(), sales)
	}))
}

// move captures money of an order or sends it back.
func (m *market) move(tx *db.Tx, order string, kind ledger.Kind, amount int64) error {
	if amount == 0 {
		return nil
	}
	t := ledger.Transfer{Debit: ledger.Wallet("w"), Credit: ledger.Escrow, Amount: amount, Currency: m.currency,
		Kind: kind, Order: order}
	if kind == ledger.RefundAsked {
		t.Debit, t.Credit = ledger.Escrow, ledger.Refunding("w")
	}
	return ledger.Post(tx, m.clock.Now(), []ledger.Transfer{t})
}

// refundSub lowers what is paid for some lines, or all, of a completed suborder.
func (m *market) refundSub(s *sold, leave func(paid int64) int64) {
	var refunds []settle.Refunded
	total := int64(0)
	for line, paid := range s.left {
		if line == 0 && s.sale.Freight == 0 {
			continue
		}
		r := settle.Refunded{Order: s.sale.Order, Sub: s.sale.Sub, Shop: s.sale.Shop, Currency: m.currency,
			Line: line, Before: paid, After: leave(paid)}
		if line > 0 {
			r.FeePPM, r.FeeRule = s.sale.Lines[line-1].FeePPM, s.sale.Lines[line-1].FeeRule
		}
		total += r.Before - r.After
		s.left[line] = r.After
		refunds = append(refunds, r)
	}
	m.must(m.write(func(tx *db.Tx) error {
		if err := m.Reverse(tx, m.clock.Now(), refunds); err != nil {
			return err
		}
		return m.move(tx, s.sale.Order, ledger.RefundAsked, total)
	}))
}

func (m *market) payOut(shop string) {
	all, err := m.Statements(context.Background(), shop)
	m.must(err)
	for _, st := range all {
		owed := m.balanceOf(ledger.Merchant(shop))
		paid, err := m.Payout(context.Background(), st.ID)
		switch sends := min(st.Due-st.Sent, owed); {
		case st.Due <= 0:
			if !fault.Is(err, "statement.nothing_due") {
				m.rt.Fatalf("paying %+v: %v", st, err)
			}
		case st.State() == settle.Closed && sends <= 0:
			if !fault.Is(err, "settle.balance") {
				m.rt.Fatalf("paying %+v of %d: %v", st, owed, err)
			}
		case st.State() == settle.PaidOut:
			if err != nil || paid != st {
				m.rt.Fatalf("paying again %+v: %+v, %v", st, paid, err)
			}
		default:
			if err != nil || paid.Sent != st.Sent+sends || (paid.State() == settle.PaidOut) != (paid.Sent == st.Due) ||
				m.balanceOf(ledger.Merchant(shop)) != owed-sends {
				m.rt.Fatalf("paying %+v of %d: %+v, %v", st, owed, paid, err)
			}
		}
	}
}

func (m *market) balanceOf(a ledger.Account) (net int64) {
	m.read(func(tx *db.Tx) (err error) { net, err = ledger.Balance(tx, a, m.currency); return err })
	return net
}

func (m *market) audit() {
	m.auditLines()
	m.auditShops()
	m.auditBooks()
	m.auditStatements(m.currency)
}

// auditLines: I-M11 and C5. What a line's claims come to is what is left of it, and the fee of exactly that.
func (m *market) auditLines() {
	const q = `SELECT seq, line_no, CAST(SUM(base) AS BIGINT), CAST(SUM(fee) AS BIGINT), CAST(SUM(net) AS BIGINT)
		FROM claim_lines WHERE order_id = $1 GROUP BY seq, line_no`
	m.read(func(tx *db.Tx) error {
		for _, s := range m.subs {
			err := tx.Each(q, func(row db.Row) error {
				var sub, line int
				var base, fee, net int64
				err := row.Scan(&sub, &line, &base, &fee, &net)
				if err == nil && sub == s.sale.Sub {
					s.compare(m.rt, line, base, fee, net)
				}
				return err
			}, s.sale.Order)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *sold) compare(t *rapid.T, line int, claimed ...int64) {
	left, want := s.left[line], int64(0)
	if line > 0 {
		var err error
		if want, err = money.Fee(left, s.sale.Lines[line-1].FeePPM); err != nil {
			t.Fatal(err)
		}
	}
	if claimed[0] != left || claimed[1] != want || claimed[2] != left-want {
		t.Fatalf("%s line %d: base, fee, net %v; %d is left, its fee is %d", s.sale.Order, line, claimed, left, want)
	}
}

// auditShops: Totals are what plain addition of the lists gives.
func (m *market) auditShops() {
	for _, shop := range m.shops {
		var want settle.Sums
		for _, s := range m.subs {
			if s.sale.Shop != shop {
				continue
			}
			if s.sale.Carrier == "" {
				want.Freight += s.left[0]
			}
			for i, l := range s.sale.Lines {
				fee, err := money.Fee(s.left[i+1], l.FeePPM)
				m.must(err)
				want.Gross, want.Refunded = want.Gross+l.Value, want.Refunded+l.Value-s.left[i+1]
				want.Fees += fee
			}
		}
		want.Net = want.Gross - want.Refunded - want.Fees + want.Freight
		all, err := m.Totals(context.Background(), shop)
		m.must(err)
		var got settle.Sums
		if len(all) > 0 {
			got = all[0].Sums
		}
		got.Claims = 0
		if got != want {
			m.rt.Fatalf("%s: totals %+v, plain lists give %+v", shop, got, want)
		}
	}
}

// auditBooks: I-M9 and the first half of I-M10. Settled orders hold nothing in escrow, and per order and account the
// claims are the postings.
func (m *market) auditBooks() {
	const postings = `SELECT CAST(COALESCE(SUM(CASE WHEN credit = $1 THEN amount WHEN debit = $1 THEN -amount ELSE 0 END),
		0) AS BIGINT) FROM transfers WHERE currency = $2 AND order_id = $3 AND shop_id = $4`
	m.read(func(tx *db.Tx) error {
		for _, s := range m.subs {
			escrow := int64(0)
			mine, err := ledger.ByOrder(tx, s.sale.Order)
			for _, t := range mine {
				if t.Credit == ledger.Escrow {
					escrow += t.Amount
				}
				if t.Debit == ledger.Escrow {
					escrow -= t.Amount
				}
			}
			if err != nil || escrow != 0 {
				m.rt.Fatalf("%s: escrow still holds %d, %v", s.sale.Order, escrow, err)
			}
			owed := map[ledger.Account]int64{}
			claims, err := settle.ClaimsOf(tx, s.sale.Order)
			for _, c := range claims {
				if c.Shop == s.sale.Shop {
					owed[c.Party] += c.Net
					owed[ledger.Fees] += c.Fee
				}
			}
			if err != nil {
				return err
			}
			for account, want := range owed {
				got, _, err := db.Value[int64](tx, postings, account, m.currency, s.sale.Order, s.sale.Shop)
				if err != nil || got != want {
					m.rt.Fatalf("%s of %s: %s got %d, claims are %d, %v", s.sale.Order, s.sale.Shop, account, got,
						want, err)
				}
			}
		}
		return nil
	})
}

// auditStatements: I-M10. Statements of a shop follow on each other without gap, hold every claim up to the last cut
// once, come to their lines and to the postings between their cuts, and were paid as they say.
func (r *room) auditStatements(currency money.Currency) {
	r.t.Helper()
	type shopRow struct {
		shop     string
		cut, due int64
	}
	last := map[string]*shopRow{}
	r.read(func(tx *db.Tx) error {
		const q = `SELECT id, shop_id, from_seq, cut_seq, claims, fees, net, carried, due, sent, paid_out_us
			FROM statements WHERE currency = $1 ORDER BY shop_id, from_seq`
		return tx.Each(q, func(row db.Row) error {
			var id, shop string
			var from, cut, claims, fees, net, carried, due, sent, paid int64
			if err := row.Scan(&id, &shop, &from, &cut, &claims, &fees, &net, &carried, &due, &sent, &paid); err != nil {
				return err
			}
			was := last[shop]
			if was == nil {
				was = &shopRow{shop: shop}
				last[shop] = was
			}
			if from != was.cut || carried != min(was.due, 0) || due != net+carried {
				r.t.Fatalf("%s: from %d, carried %d, due %d after %+v", id, from, carried, due, *was)
			}
			was.cut, was.due = cut, due
			r.sumsOf(tx, currency, shop, id, []int64{from, cut, claims, fees, net})
			if (paid > 0) != (due > 0 && sent == due) {
				r.t.Fatalf("%s: %d sent of %d, paid out at %d", id, sent, due, paid)
			}
			got, _, err := db.Value[int64](tx, `SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM transfers
				WHERE kind = 'payout' AND ref = $1 AND debit = $2`, id, ledger.Merchant(shop))
			if got != sent {
				r.t.Fatalf("%s: paid out %d, should be %d", id, got, sent)
			}
			return err
		}, currency)
	})
}

// sumsOf compares a statement's count, fees and net with its claims, its lines and the postings between its cuts.
func (r *room) sumsOf(tx *db.Tx, currency money.Currency, shop, id string, v []int64) {
	r.t.Helper()
	from, cut, party := v[0], v[1], ledger.Merchant(shop)
	for name, q := range map[string]string{
		"claims": `SELECT COUNT(*), CAST(COALESCE(SUM(fee), 0) AS BIGINT), CAST(COALESCE(SUM(net), 0) AS BIGINT)
			FROM claims WHERE party = $1 AND currency = $2 AND ledger_seq > $3 AND ledger_seq <= $4`,
		"lines": `SELECT COUNT(DISTINCT c.ledger_seq), CAST(COALESCE(SUM(l.fee), 0) AS BIGINT),
			CAST(COALESCE(SUM(l.net), 0) AS BIGINT)
			FROM claims c JOIN claim_lines l ON l.order_id = c.order_id AND l.seq = c.seq AND l.entry = c.entry
			WHERE c.party = $1 AND c.currency = $2 AND c.ledger_seq > $3 AND c.ledger_seq <= $4
			AND (l.line_no > 0 OR NOT EXISTS (SELECT 1 FROM claims o WHERE o.order_id = c.order_id AND o.seq = c.seq
				AND o.entry = c.entry AND o.party <> c.party AND o.freight <> 0))`,
		"books": `SELECT COUNT(*), 0, CAST(COALESCE(SUM(CASE WHEN credit = $1 THEN amount ELSE -amount END), 0) AS BIGINT)
			FROM transfers WHERE (credit = $1 OR debit = $1) AND kind <> 'payout' AND chain = $2
			AND seq > $3 AND seq <= $4`,
	} {
		var count, fees, net int64
		if _, err := tx.One(q, []any{party, currency, from, cut}, &count, &fees, &net); err != nil {
			r.t.Fatal(err)
		}
		if net != v[4] || name != "books" && fees != v[3] || name == "claims" && count != v[2] {
			r.t.Fatalf("%s: %s come to %d, fee %d, net %d; the statement says %s", id, name, count, fees, net,
				fmt.Sprint(v))
		}
	}
}
