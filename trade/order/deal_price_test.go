package order_test

import (
	"fmt"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/deal/promo"
	"hutong/deal/reference"
	"hutong/goods/offer"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

// soldAt reprices an offer, sells a piece of it and tells the order.
func soldAt(m *tradetest.Market, o offer.Offer, unit int64) checkout.Placed {
	m.Clock.Advance(time.Hour)
	m.Must(m.Offers.Reprice(ctx, o.Shop, o.ID, money.New(unit, "CNY"), money.New(0, "CNY")))
	who, home := m.Shopper()
	p := m.Place(who, home, checkout.BasketLine{Offer: string(o.ID), Quantity: 2})
	m.Capture(p, string(p.Order))
	return p
}

// TestT1_2a_DealPrices: 99.00, 95.00 of which the platform pays 5 more, 89.00 that is refunded, 92.00, a sample, and one
// that nobody paid: the lowest deal is 92.00, by its order.
func TestT1_2a_DealPrices(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		o := m.Sell(m.Shop("shop-a"), "tea", 9900, 100)
		begin := m.Clock.Now()
		soldAt(m, o, 9900)
		m.Publish(`{"id":"p","kind":"subsidy","off":500,"funding":[{"party":"platform","ppm":1000000}]}`)
		soldAt(m, o, 10_000)
		m.Publish(`{"id":"m","kind":"subsidy","off":800}`)
		want := soldAt(m, o, 10_000)
		m.Publish()
		soldAt(m, o, 100)
		back := soldAt(m, o, 8900)
		m.Must(shipAll(m, state(m, back.Order)))
		_, err := refund(m, back.Order, order.Units{Line: 1, Units: 2})
		m.Must(err)
		soldAt(m, o, 9300)
		m.Clock.Advance(time.Hour)
		m.Must(m.Offers.Reprice(ctx, o.Shop, o.ID, money.New(5000, "CNY"), money.New(0, "CNY")))
		who, home := m.Shopper()
		m.Place(who, home, checkout.BasketLine{Offer: string(o.ID), Quantity: 1})

		ask := func(sku string, from, until time.Time) (d reference.Deal, found bool) {
			m.Must(m.DB.Read(ctx, func(tx *db.Tx) (err error) { d, found, err = order.Deals{}.Lowest(tx, sku, from, until); return err }))
			return d, found
		}
		d, found := ask(o.SKU, begin, m.Clock.Now())
		if !found || d.Amount != 9200 || d.Order != string(want.Order) {
			t.Fatalf("%+v, want 92.00 of %s", d, want.Order)
		}
		if d, found = ask(o.SKU, begin, begin.Add(90*time.Minute)); !found || d.Amount != 9900 {
			t.Fatal(d)
		}
		if d, found = ask(o.SKU, begin.Add(90*time.Minute), begin.Add(150*time.Minute)); !found || d.Amount != 10_000 {
			t.Fatal("what the platform pays counts for the merchant", d)
		}
		if _, found = ask("sku_x", begin, m.Clock.Now()); found {
			t.Fatal("another SKU's deals")
		}
		m.Must(m.DB.Read(ctx, func(tx *db.Tx) error {
			last, found, err := order.Deals{}.Last(tx, o.SKU, m.Clock.Now())
			if !found || last.Amount != 9300 {
				t.Errorf("%+v", last)
			}
			return err
		}))
	})
}

// TestADealIsWhatTheKeptPiecesCost: of two pieces for 100.00 each one goes back, and the other's price is lowered by
// 30.00. It was sold for 70.00, and that bears a struck price; not the mean with the piece that went back.
func TestADealIsWhatTheKeptPiecesCost(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		o := m.Sell(m.Shop("shop-a"), "tea", 10000, 100)
		begin := m.Clock.Now()
		p := soldAt(m, o, 10000)
		m.Must(shipAll(m, state(m, p.Order)))
		_, err := refund(m, p.Order, order.Units{Line: 1, Units: 1})
		m.Must(err)
		lowest := func(want int64) {
			t.Helper()
			m.Must(m.DB.Read(ctx, func(tx *db.Tx) error {
				d, found, err := order.Deals{}.Lowest(tx, o.SKU, begin, m.Clock.Now().Add(time.Second))
				if !found || d.Amount != want {
					t.Errorf("the deal is %+v, want %d", d, want)
				}
				return err
			}))
		}
		lowest(10000)
		m.Must(m.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := m.Orders.Lower(tx, order.Lower{Order: p.Order, Seq: 1, Line: 1, Amount: 3000, Ref: "one",
				Cause: order.Cause{Actor: "time", Why: "guarantee.back", At: m.Clock.Now()}})
			return err
		}))
		lowest(7000)
	})
}

// TestAGroupsPriceCapsNoSale (RULES 3.1): what was bought in a group for 70.00 is a deal by the law; alone the lowest was
// 100.00, which is what a sale's price is held against.
func TestAGroupsPriceCapsNoSale(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		o := m.Sell(m.Shop("shop-a"), "tea", 10000, 100)
		begin := m.Clock.Now()
		soldAt(m, o, 10000)
		alone := soldAt(m, o, 9900)
		m.Publish(fmt.Sprintf(`{"id":"gof_1","kind":"price","unit_price":7000,"skus":[%q]}`, o.SKU),
			`{"id":"m","kind":"direct","off":100}`)
		soldAt(m, o, 10000)
		m.Must(m.DB.Read(ctx, func(tx *db.Tx) error {
			until := m.Clock.Now().Add(time.Second)
			any, _, err := order.Deals{}.Lowest(tx, o.SKU, begin, until)
			m.Must(err)
			d, found, err := order.Deals{}.LowestAlone(tx, o.SKU, begin, until, false)
			if any.Amount != 6900 || !found || d.Amount != 9900 || d.Order != string(alone.Order) {
				t.Errorf("any %+v, alone %+v", any, d)
			}
			return err
		}))
	})
}

// TestANewShoppersPriceCapsNoSale (RULES 1.2): what a voucher for new shoppers made 10.00 cheaper at the shop's cost is no
// deal that caps a sale, unless the sale's rule counts it; where the market pays for the voucher the shop received the
// whole, and a voucher for everybody counts. A version for everybody of the same voucher does, too.
func TestANewShoppersPriceCapsNoSale(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		o := m.Sell(m.Shop("shop-a"), "tea", 10000, 100)
		begin := m.Clock.Now()
		with := func(promotion, funding string) string {
			m.Publish(fmt.Sprintf(`{"id":%q,"kind":"voucher","off":2000,"claim":true%s}`, promotion, funding))
			m.Clock.Advance(time.Hour)
			who, home := m.Shopper()
			m.Deals.Held = map[string][]promo.Claimed{who: {{Promotion: promotion, Claim: "vch_" + who}}}
			p := m.Place(who, home, checkout.BasketLine{Offer: string(o.ID), Quantity: 2})
			m.Capture(p, string(p.Order))
			return string(p.Order)
		}
		fresh := with("new", "")
		paid := with("new", `,"funding":[{"party":"platform","ppm":1000000}]`)
		asked := 0
		deals := order.Deals{NewOnly: func(_ *db.Tx, promotion string, version int64) (bool, error) {
			asked++
			return promotion == "new" && version == 1, nil
		}}
		lowest := func(deals order.Deals, newToo bool, want string, amount int64) {
			t.Helper()
			m.Must(m.DB.Read(ctx, func(tx *db.Tx) error {
				d, found, err := deals.LowestAlone(tx, o.SKU, begin, m.Clock.Now().Add(time.Second), newToo)
				if !found || d.Order != want || d.Amount != amount || d.At.IsZero() {
					t.Errorf("%+v, want %d of %s", d, amount, want)
				}
				return err
			}))
		}
		lowest(deals, false, paid, 10_000)
		if asked != 1 {
			t.Errorf("asked %d times of one voucher that the shop paid for", asked)
		}
		lowest(deals, true, fresh, 9_000)
		lowest(order.Deals{}, false, fresh, 9_000)
		lowest(order.Deals{NewOnly: func(_ *db.Tx, _ string, version int64) (bool, error) { return version == 2, nil }}, false,
			fresh, 9_000)
		lowest(deals, false, paid, 10_000)
		every := with("all", "")
		lowest(deals, false, every, 9_000)
		none := order.Deals{NewOnly: func(*db.Tx, string, int64) (bool, error) { return true, nil }}
		m.Must(m.DB.Read(ctx, func(tx *db.Tx) error {
			_, found, err := none.LowestAlone(tx, o.SKU, begin, begin.Add(90*time.Minute), false)
			if found {
				t.Error("the only deal is a new shopper's, and it is found")
			}
			return err
		}))
	})
}

// TestASampleIsOneOfItsCurrency: what costs at most 1.00 is a sample; 100 yen are goods, and a tenth of a dinar is none.
func TestASampleIsOneOfItsCurrency(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		o := m.Sell(m.Shop("shop-a"), "tea", 9900, 100)
		begin := m.Clock.Now()
		for _, unit := range []int64{1, 2, 100, 101, 1000, 1001} {
			soldAt(m, o, unit)
		}
		for currency, want := range map[string]int64{"CNY": 101, "JPY": 2, "KWD": 1001} {
			m.Must(m.DB.Write(ctx, func(tx *db.Tx) error {
				for _, q := range []string{`UPDATE offers SET currency = $1`, `UPDATE orders SET currency = $1`} {
					if _, err := tx.Exec(q, currency); err != nil {
						return err
					}
				}
				d, found, err := order.Deals{}.Lowest(tx, o.SKU, begin, m.Clock.Now().Add(time.Second))
				if !found || d.Amount != want {
					t.Errorf("%s: the lowest deal is %+v, want %d", currency, d, want)
				}
				return err
			}))
		}
	})
}
