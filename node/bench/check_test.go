package bench

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/funds/pay"
	"hutong/goods/stock"
	"hutong/trade/order"
)

// placed writes an order of one line, as the lane does.
func placed(t *testing.T, d *db.DB, id string, quantity int64) {
	t.Helper()
	err := d.Write(context.Background(), func(tx *db.Tx) error {
		return errors.Join(
			tx.Insert("orders", []string{"id", "shopper_id", "state", "currency", "goods", "freight", "total", "address_id",
				"request_hash", "lang", "source", "remark", "placed_us", "expires_us", "paid_us", "closed_us", "reason", "step"},
				[][]any{{id, "shr", "awaiting_payment", "CNY", 1, 0, 1, "", "", "zh-CN", "", "", 1, 2, 0, 0, "", 0}}),
			tx.Insert("order_lines", []string{"order_id", "line_no", "seq", "shop_id", "offer_id", "product_id", "sku_id",
				"pool_id", "title", "choice", "picture", "quantity", "unit_price", "price_version", "discount", "paid",
				"fee_ppm", "fee_rule_id", "refunded_quantity", "refunded"},
				[][]any{{id, 1, 1, "shp", "off", "prd", "sku", "pol", "", "", "", quantity, 1, 1, 0, quantity, 6000, "", 0, 0}}))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// filled is a database with three orders of two pieces from a pool of ten.
func filled(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.Write(context.Background(), func(tx *db.Tx) error {
		if err := tx.Insert("pools", []string{"id", "no", "shop_id", "sku_id", "place"},
			[][]any{{"pol", 1, "shp", "sku", ""}}); err != nil {
			return err
		}
		return tx.Insert("pool_counts", []string{"no", "open", "received", "returned", "written_off", "held", "sold", "shipped"},
			[][]any{{1, true, 10, 0, 0, 6, 0, 0}})
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"ord_1", "ord_2", "ord_3"} {
		placed(t, d, id, 2)
	}
}

func TestCheckFindsWhatWasLostAndOversold(t *testing.T) {
	acked := []string{"ord_1", "ord_2", "ord_3"}
	for name, c := range map[string]struct {
		damage         string
		acked          []string
		lost, oversold int
	}{
		"healthy":                    {``, acked, 0, 0},
		"an order that is not there": {``, append(slices.Clone(acked), "ord_4"), 1, 0},
		"one order for two tokens":   {``, append(slices.Clone(acked), "ord_1"), 1, 0},
		"an order that vanished":     {`DELETE FROM orders WHERE id = 'ord_2'`, acked, 1, 1},
		"its line vanished":          {`DELETE FROM order_lines WHERE order_id = 'ord_2'`, acked, 1, 1},
		"it was taken back":          {`UPDATE orders SET state = 'cancelled' WHERE id = 'ord_2'`, acked, 1, 1},
		"more was promised":          {`UPDATE order_lines SET quantity = 3, paid = 3 WHERE order_id = 'ord_2'`, acked, 0, 1},
		"the pool forgot one":        {`UPDATE pool_counts SET held = 4`, acked, 0, 1},
		"more than there was":        {`UPDATE pool_counts SET received = 5, returned = 1`, acked, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, []db.Schema{stock.Schema, pay.Schema, order.Schema}, func(t *testing.T, d *db.DB) {
				filled(t, d)
				if c.damage != "" {
					err := d.Write(context.Background(), func(tx *db.Tx) error { _, err := tx.Exec(c.damage); return err })
					if err != nil {
						t.Fatal(err)
					}
				}
				r := Result{Orders: len(c.acked)}
				if err := check(context.Background(), d, c.acked, &r); err != nil {
					t.Fatal(err)
				}
				if r.Lost != c.lost || r.Oversold != c.oversold {
					t.Errorf("%d lost, %d oversold; want %d, %d", r.Lost, r.Oversold, c.lost, c.oversold)
				}
				if r.Held() != (c.lost == 0 && c.oversold == 0) {
					t.Errorf("the promise held: %v", r.Held())
				}
			})
		})
	}
}

func TestHeldAsksForEverything(t *testing.T) {
	for name, c := range map[string]struct {
		r    Result
		want bool
	}{
		"fine": {Result{Orders: 1, Refused: 9}, true}, "nothing done": {Result{}, false},
		"lost": {Result{Orders: 1, Lost: 1}, false}, "oversold": {Result{Orders: 1, Oversold: 1}, false},
		"errors": {Result{Orders: 1, Errors: 1}, false},
	} {
		if c.r.Held() != c.want {
			t.Errorf("%s: %v", name, c.r.Held())
		}
	}
}

func TestPercentilesAreOfAllConnections(t *testing.T) {
	all := make([]tally, 4)
	for i := range 1000 {
		n := &all[i*7%4]
		n.latency, n.requests = append(n.latency, time.Duration((i*389)%1000+1)*time.Millisecond), n.requests+1
	}
	all[2].refused, all[3].errors, all[3].first = 5, 2, errors.New("reset")
	all[0].placed, all[1].placed = []string{"a"}, []string{"b", "c"}
	sum := merge(all)
	for p, want := range map[float64]float64{0: 1, 0.5: 501, 0.99: 991, 0.999: 1000, 1: 1000} {
		if got := sum.percentile(p); got != want {
			t.Errorf("p%v of 1 to 1,000 ms is %v, want %v", p*100, got, want)
		}
	}
	if len(sum.placed) != 3 || sum.requests != 1000 || sum.refused != 5 || sum.errors != 2 || sum.first == nil {
		t.Errorf("%d placed, %d requests, %d refused, %d errors, %v", len(sum.placed), sum.requests, sum.refused, sum.errors,
			sum.first)
	}
	if (tally{}).percentile(0.99) != 0 {
		t.Error("nothing measured is not zero")
	}
}

func TestAnswersAreTalliedByWhatTheySay(t *testing.T) {
	var n tally
	for _, a := range []struct {
		status int
		body   string
		err    error
		goOn   bool
	}{
		{201, `{"order":"ord_1","state":"awaiting_payment"}`, nil, true}, {201, `{"state":"paid"}`, nil, true},
		{409, `{"code":"stock.sold_out"}`, nil, true}, {500, `{}`, nil, true}, {0, ``, errors.New("reset"), false},
	} {
		if got := n.order(a.status, []byte(a.body), a.err); got != a.goOn {
			t.Errorf("%d %s: goes on %v", a.status, a.body, got)
		}
	}
	if !slices.Equal(n.placed, []string{"ord_1"}) || n.refused != 1 || n.errors != 3 || !strings.Contains(n.first.Error(), "no order") {
		t.Errorf("%+v", n)
	}
}
