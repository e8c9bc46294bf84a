package offer_test

import (
	"context"
	"fmt"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/money"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/party/audit"
)

// TestWhoSetAPriceIsOnRecord: whatever a person sets at once is one entry that names them, which every price and floor
// names; an import is its own record; what changes nothing says nothing.
func TestWhoSetAPriceIsOnRecord(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		ctx := audit.As(t.Context(), audit.Person{Who: "lgn_m"})
		var all []offer.Offer
		list := func(by *offer.Service, listings ...offer.Listing) {
			t.Helper()
			s.ok(s.db.Write(ctx, func(tx *db.Tx) (err error) {
				all, _, err = by.List(tx, start, listings)
				return err
			}))
		}
		a, b := s.listing("shp_a", "sku_1", 900, 0), s.listing("shp_a", "sku_2", 500, 700)
		list(s.Service, a)
		list(s.Of("imp_1"), b)
		one := all[0].ID
		a.UnitPrice, b.UnitPrice = 800, 400
		list(s.By(ctx), a, b)
		list(s.By(ctx), a, b)
		floor := money.New(300, "CNY")
		_, err := s.Price(ctx, offer.Pricing{Shop: "shp_a", Offer: one, Unit: money.New(400, "CNY"),
			List: money.New(700, "CNY"), Floor: &floor})
		s.ok(err)
		s.clock.Advance(1)
		s.ok(s.Withdraw(ctx, "shp_a", one))
		p, err := audit.New(s.db, s.clock, nil).Entries(ctx, audit.Query{})
		s.ok(err)
		said, at := "", map[string]string{}
		for i := len(p.Entries) - 1; i >= 0; i-- {
			e := p.Entries[i]
			at[e.ID] = fmt.Sprint("entry ", len(p.Entries)-i)
			said += fmt.Sprintln(e.Who, e.What, e.Shop, e.On == string(one), e.Before, e.After)
		}
		want := `system offer.priced shp_a false map[] map[currency:CNY price:900 version:1]
lgn_m offer.priced shp_a false map[] map[offers:2]
lgn_m offer.priced shp_a true map[currency:CNY list_price:700 price:400 version:2] ` +
			"map[currency:CNY floor_price:300 list_price:700 price:400 version:2]\n"
		if said != want {
			t.Errorf("got\n%swant\n%s", said, want)
		}
		var causes []string
		s.ok(s.db.Read(ctx, func(tx *db.Tx) (err error) {
			causes, err = db.List(tx, func(r db.Row) (c string, err error) { err = r.Scan(&c); return c, err },
				`SELECT cause FROM (SELECT p.cause, o.sku_id, p.version FROM price_history p JOIN offers o ON o.id = p.offer_id
					UNION ALL SELECT f.cause, o.sku_id, 9 FROM floor_history f JOIN offers o ON o.id = f.offer_id) v
					ORDER BY sku_id, version`)
			return err
		}))
		for i, c := range causes {
			if e, is := at[c]; is {
				causes[i] = e
			}
		}
		if got := fmt.Sprint(causes); got != "[entry 1 entry 2 imp_1 entry 2 entry 3]" {
			t.Error(got)
		}
	})
}

// TestPricesOfBeforeAreKept: a market that did not keep where prices come from has the same prices and floors.
func TestPricesOfBeforeAreKept(t *testing.T) {
	before := offer.Schema
	before.Steps = before.Steps[:2]
	dbtest.Each(t, []db.Schema{event.Schema, audit.Schema, stock.Schema, before}, func(t *testing.T, d *db.DB) {
		do := func(q string) error {
			return d.Write(context.Background(), func(tx *db.Tx) error { _, err := tx.Exec(q); return err })
		}
		err := do(`INSERT INTO price_history (offer_id, version, unit_price, list_price, from_us) VALUES ('off_a', 1, 5, 7, 1)`)
		if err == nil {
			err = do(`INSERT INTO floor_history (offer_id, from_us, floor_price) VALUES ('off_a', 2, 3)`)
		}
		if err == nil {
			err = d.Migrate(t.Context(), offer.Schema)
		}
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		err = d.Read(t.Context(), func(tx *db.Tx) error {
			_, err := tx.One(`SELECT COUNT(*) FROM price_history p JOIN floor_history f ON f.offer_id = p.offer_id
				WHERE p.version = 1 AND p.unit_price = 5 AND p.list_price = 7 AND p.from_us = 1 AND p.cause = 'before'
				AND f.from_us = 2 AND f.floor_price = 3 AND f.cause = 'before'`, nil, &n)
			return err
		})
		if err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if do(`INSERT INTO price_history (offer_id, version, unit_price, list_price, from_us, cause)
			VALUES ('off_a', 2, 5, 7, 1, '')`) == nil {
			t.Error("a price without a cause was taken")
		}
	})
}
