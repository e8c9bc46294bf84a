package verify

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/text"
)

func TestAnEmptyMarketHolds(t *testing.T) {
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) {
		r, err := Run(context.Background(), d, Options{})
		if err != nil || !r.OK {
			t.Fatal(err, broken(r.Checks))
		}
	})
}

// Beside a market that sells, the auditor rests as long as it is told to after each check, and not any longer than its
// caller waits.
func TestTheAuditorRests(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas()...)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if _, err := Run(ctx, d, Options{Rest: 1_000_000}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal("all checks were over within a second:", err)
	}
}

// A market that is switched off is not late; one that goes on selling without its jobs is.
func TestLatenessIsJudgedByTheMarketsOwnTime(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas()...)
	f := newFiller(t, d)
	f.fill(13, everyFate)
	f.stockUp()
	audit := func(o Options) map[string][]Violation {
		t.Helper()
		r, err := Run(context.Background(), d, o)
		if err != nil {
			t.Fatal(err)
		}
		return broken(r.Checks)
	}
	if red := audit(Options{}); len(red) > 0 {
		t.Fatal("a market that stopped is late:", red)
	}
	red := audit(Options{Now: start.Add(time.Hour)})
	if len(red) != 1 || red["stock.holds_end"] == nil {
		t.Fatal("an hour later, by the wall:", red)
	}
	f.write(func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO shoppers (id, created_us) VALUES ('shr_zz', $1)`, clock.Micros(start.Add(time.Hour)))
		return err
	})
	if red := audit(Options{}); red["stock.holds_end"] == nil {
		t.Fatal("a market that is alive an hour later:", red)
	}
}

// The lists of orders are written from events: one that waits, or that is tried again, stands for its rows.
func TestAnOrderMayWaitForItsList(t *testing.T) {
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) {
		f := newFiller(t, d)
		f.fill(13, everyFate)
		f.stockUp()
		const body = `'{"orders":[{"order":"ord_x","shopper":"shr_x"},{"order":"' || id || '","shopper":"' || shopper_id || '"}]}'`
		for i, waits := range []string{
			`INSERT INTO outbox (id, topic, subject, shop_id, shopper_id, body, at_us)
				SELECT $1, 'order.placed', '', '', '', ` + body + `, 1 FROM orders WHERE source = 'paid'`,
			`INSERT INTO outbox_failures (event_id, consumer, tries, next_us, dead, topic, subject, shop_id, shopper_id, body,
				at_us, reason) SELECT $1, 'order.lists', 1, 1, FALSE, 'order.placed', '', '', '', ` + body + `, 1, 'busy'
				FROM orders WHERE source = 'kept'`,
		} {
			f.write(func(tx *db.Tx) error {
				if _, err := tx.Exec(waits, f.ids.New("evt")); err != nil {
					return err
				}
				_, err := tx.Exec(`DELETE FROM shopper_orders WHERE order_id IN (SELECT id FROM orders WHERE source = $1)`,
					[]string{"paid", "kept"}[i])
				return err
			})
			if r, err := Run(context.Background(), d, Options{}); err != nil || !r.OK {
				t.Error(err, broken(r.Checks))
			}
		}
		f.write(func(tx *db.Tx) error { _, err := tx.Exec(`DELETE FROM outbox`); return err })
		r, err := Run(context.Background(), d, Options{})
		if red := broken(r.Checks); err != nil || len(red) != 1 || len(red["order.lists"]) != 1 {
			t.Error("the event is gone and the list lacks its order:", err, red)
		}
	})
}

func TestReportIsWhatTheCommandLinePromises(t *testing.T) {
	r := Report{Checks: []Check{{Name: "stock.promised", Rule: "I-K3", Counted: 1234567, Total: 21,
		Violations: []Violation{{"pool": "pol_1", "held": "2", "held_by_orders": "1", "sold": ""}}},
		{Name: "order.total", Rule: "I-M5", OK: true, Counted: 3, Violations: []Violation{}}}}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"ok":false,"checks":[{"name":"stock.promised","ok":false,"counted":1234567,` +
		`"violations":[{"held":"2","held_by_orders":"1","pool":"pol_1","sold":""}]},` +
		`{"name":"order.total","ok":true,"counted":3,"violations":[]}]}`
	if string(data) != want {
		t.Errorf("got  %s\nwant %s", data, want)
	}
	for lang, words := range map[text.Lang]string{text.En: "the books do NOT hold: 1 of 2 checks are broken",
		text.Zh: "账目不符：2 项检查中有 1 项不通过"} {
		var b strings.Builder
		if err := r.Print(&b, lang); err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"✗ stock.promised", "1,234,567", "held=2 held_by_orders=1 pool=pol_1\n", "20", "✓ order.total", words} {
			if !strings.Contains(b.String(), part) {
				t.Errorf("%s: %q is not in\n%s", lang, part, b.String())
			}
		}
	}
}

// A broken check lists its first rows and counts all of them.
func TestManyViolationsAreCountedAndFewListed(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas()...)
	f := newFiller(t, d)
	f.fill(26, everyFate)
	f.stockUp()
	f.write(func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE orders SET address_id = 'adr_nobody'`)
		return err
	})
	r, err := Run(context.Background(), d, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Checks {
		if c.Name == "tenant.addresses" && (c.OK || c.Total != 26 || len(c.Violations) != listedMax) {
			t.Errorf("%d of %d listed", len(c.Violations), c.Total)
		}
	}
}

// BenchmarkRun audits 300,000 orders: as a flash sale leaves them, one line each, placed and mostly paid; and as a
// market has them after a month, 2.5 lines in 1.25 parts, most of them received, settled, some refunded.
func BenchmarkRun(b *testing.B) {
	b.Run("sale", func(b *testing.B) { benchmark(b, true, []fate{awaiting, paid, paid, paid, lapsed}) })
	b.Run("month", func(b *testing.B) { benchmark(b, false, saleDay) })
}

func benchmark(b *testing.B, plain bool, fates []fate) {
	const orders = 300_000
	d := dbtest.SQLite(b, db.Options{Readers: 2}, schemas()...)
	f := newFiller(b, d)
	f.plain = plain
	f.fill(orders, fates)
	f.stockUp()
	if !plain {
		f.close()
	}
	for b.Loop() {
		r, err := Run(context.Background(), d, Options{})
		if err != nil || !r.OK {
			b.Fatal(err, broken(r.Checks))
		}
	}
	b.ReportMetric(orders*60/(b.Elapsed().Seconds()/float64(b.N)), "orders/min")
}
