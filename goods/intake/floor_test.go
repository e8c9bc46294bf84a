package intake_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/goods/intake"
	columns "hutong/goods/intake/mapped"
	"hutong/goods/offer"
)

// floored is a file with a column of floors, as a saved mapping reads it.
func floored(floors bool) func(*intake.Import) {
	of := map[string]string{"sku": "SKU", "title": "Name", "price": "Price"}
	if floors {
		of["floor_price"] = "Floor"
	}
	return func(c *intake.Import) {
		c.Formats = []intake.Format{columns.Format{Mapping: columns.Mapping{Source: "depot", Columns: of}}}
	}
}

// floors says "price/floor" of the offers of products.
func (m *market) floors(titles ...string) (all []string) {
	m.t.Helper()
	for _, title := range titles {
		o := m.offerOf(title)
		all = append(all, fmt.Sprintf("%d/%d", o.UnitPrice, o.FloorPrice))
	}
	return all
}

func (m *market) offerOf(title string) offer.Offer {
	m.t.Helper()
	p := m.product(title)
	offers, err := m.offers.ByProducts(m.t.Context(), []string{string(p.ID)})
	m.ok(err)
	return offers[string(p.ID)][0]
}

// price sets an offer's price and floor by hand.
func (m *market) price(title string, unit, floor int64) {
	m.t.Helper()
	least := money.New(floor, "USD")
	_, err := m.offers.Price(m.t.Context(), offer.Pricing{Shop: shop, Offer: m.offerOf(title).ID, Unit: money.New(unit, "USD"),
		List: money.New(0, "USD"), Floor: &least})
	m.ok(err)
}

// TestP14_AFileBringsFloors: where it has a column for them, and else leaves what the shop has set; of a product that it
// prices below that nothing is taken over, with why.
func TestP14_AFileBringsFloors(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		want := func(floors ...string) {
			t.Helper()
			if got := m.floors("Tee", "Cap"); !slices.Equal(got, floors) {
				t.Fatalf("%q, want %q", got, floors)
			}
		}
		with := file(t, "with.csv", "SKU,Name,Price,Floor\n1,Tee,19.90,17.50\n2,Cap,5,\n")
		m.expect(m.bring(floored(true), with), "2/2: 2 new, 0 changed, 0 same, 0 refused")
		want("1990/1750", "500/0")
		m.expect(m.bring(floored(true), with), "2/2: 0 new, 0 changed, 2 same, 0 refused")
		m.price("Cap", 500, 450)
		m.expect(m.bring(floored(false), file(t, "dearer.csv", "SKU,Name,Price\n1,Tee,18.90\n2,Cap,6\n")), "2/2: 0 new, 2 changed, 0 same, 0 refused")
		want("1890/1750", "600/450")
		before := m.fingerprint()
		for _, dry := range []bool{true, false} {
			r := m.bring(func(c *intake.Import) { floored(false)(c); c.DryRun = dry },
				file(t, "typo.csv", "SKU,Name,Price\n1,Tee,1.89\n2,Cap,4.49\n"))
			m.expect(r, "0/0: 0 new, 0 changed, 0 same, 2 refused")
			if x := r.Rejects[1]; x.Code != "offer.below_floor" || x.Line != 3 || x.Field != "unit_price" || fmt.Sprint(x.Params) != "[{floor 4.50}]" {
				t.Errorf("%+v", r.Rejects)
			}
		}
		if m.fingerprint() != before {
			t.Error("a refused file changed something")
		}
		r := m.bring(floored(true), file(t, "lower.csv", "SKU,Name,Price,Floor\n1,Tee,1.89,\n2,Cap,4.49,4\n"))
		m.expect(r, "2/2: 0 new, 2 changed, 0 same, 0 refused")
		want("189/0", "449/400")
		m.undo(r.Run)
		want("1890/1750", "600/450")
	})
}

// TestP14_AnUndoKeepsTheFloorThatWasSetSince: neither a price below it comes back, nor a floor above what was promised.
func TestP14_AnUndoKeepsTheFloorThatWasSetSince(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		first := file(t, "one.csv", "SKU,Name,Price,Floor\n1,Tee,19.90,17.50\n2,Cap,5,\n3,Mug,8,8\n")
		m.bring(floored(true), first)
		r := m.bring(floored(true), file(t, "two.csv", "SKU,Name,Price,Floor\n1,Tee,29.90,10\n2,Cap,9,1\n3,Mug,9,2\n"))
		m.price("Cap", 900, 800) // above what it cost before
		m.offers.Plug(sold{m.offerOf("Mug").ID: 300})
		m.clock.Advance(time.Second)
		m.undo(r.Run)
		if got := m.floors("Tee", "Cap", "Mug"); !slices.Equal(got, []string{"1990/1750", "900/800", "800/200"}) {
			t.Errorf("%q", got)
		}
	})
}

// sold is what a shop has promised of offers.
type sold map[offer.ID]int64

func (s sold) Promised(*db.Tx, time.Time, []offer.ID) (map[offer.ID]int64, error) { return s, nil }
