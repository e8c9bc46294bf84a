package edit_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/goods/catalog"
	"hutong/goods/edit"
	"hutong/goods/offer"
)

// floors says the floor of every SKU.
func (d *desk) floors(id catalog.ID) (all []int64) {
	d.t.Helper()
	s := d.open(id)
	for _, k := range s.Product.SKUs {
		all = append(all, s.Offers[k.ID].FloorPrice)
	}
	return all
}

// TestP14_FloorsAreSetWithTheirProducts: each variant has its own, a form that shows a part leaves it, and of two who
// saved what they saw the second is told.
func TestP14_FloorsAreSetWithTheirProducts(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		draft := tea("龙井")
		draft.Variants[0].Floor = 1500
		id := d.save(draft)
		want := func(floors ...int64) {
			t.Helper()
			if got := d.floors(id); !slices.Equal(got, floors) {
				t.Fatalf("floors %v, want %v", got, floors)
			}
		}
		want(1500, 0)
		one, two := d.again(id), d.again(id)
		one.Variants[0].Floor, one.Variants[1].Floor = 0, 990
		d.save(one)
		want(0, 990)
		two.Product.Brand = "Hill"
		if _, err := d.Save(t.Context(), two); !fault.Is(err, "edit.raced") {
			t.Errorf("a form that showed an earlier floor: %v", err)
		}
		part := d.open(id).Draft("CNY") // of a form that shows no floors
		part.Product.Brand = "Lake"
		d.save(part)
		want(0, 990)
	})
}

// TestP14_ManyFloorsAreSetTogether: as a share of each price or as one amount, all or none; and no price falls below
// one by a change of many.
func TestP14_ManyFloorsAreSetTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		id := d.save(tea("龙井"))
		ids := []catalog.ID{id}
		do := func(c edit.Change, changed int, floors ...int64) {
			t.Helper()
			effects, err := d.Preview(t.Context(), shop, ids, c)
			d.ok(err)
			n, err := d.Bulk(t.Context(), shop, ids, c)
			d.ok(err)
			if got := d.floors(id); n != changed || !slices.Equal(got, floors) {
				t.Fatalf("%+v: %d changed, floors %v", c, n, got)
			}
			for i, e := range effects {
				if e.After != floors[i] {
					t.Errorf("%+v: foreseen %+v", c, e)
				}
			}
		}
		do(edit.Change{Kind: edit.FloorRate, Rate: 855_000}, 2, 1701, 846)
		do(edit.Change{Kind: edit.FloorAmount, Amount: 990}, 2, 990, 990)
		do(edit.Change{Kind: edit.FloorRate, Rate: 0}, 2, 0, 0)
		do(edit.Change{Kind: edit.FloorRate, Rate: 1_000_000}, 2, 1990, 990)
		do(edit.Change{Kind: edit.FloorAmount, Amount: 0}, 2, 0, 0)
		do(edit.Change{Kind: edit.FloorAmount, Amount: 900}, 2, 900, 900)
		for want, c := range map[string]edit.Change{
			"edit.floor_range": {Kind: edit.FloorAmount, Amount: 991},
			"edit.floor_rate":  {Kind: edit.FloorRate, Rate: 1_000_001},
			"edit.by":          {Kind: edit.FloorAmount, Amount: -1},
			"edit.below_floor": {Kind: edit.PriceAmount, Amount: -91},
		} {
			_, seen := d.Preview(t.Context(), shop, ids, c)
			_, err := d.Bulk(t.Context(), shop, ids, c)
			if !fault.Is(seen, want) || !fault.Is(err, want) || fault.As(err).Field != "by" || !slices.Equal(d.floors(id), []int64{900, 900}) {
				t.Errorf("%s: %v, %v, floors %v", want, seen, err, d.floors(id))
			}
		}
	})
}

// sold is a price that a shop has promised of every offer.
type sold int64

func (p sold) Promised(_ *db.Tx, _ time.Time, offers []offer.ID) (map[offer.ID]int64, error) {
	all := map[offer.ID]int64{}
	for _, o := range offers {
		all[o] = int64(p)
	}
	return all, nil
}

// TestAFloorThatTakesAPromiseBackIsRefusedAtItsField: in the editor at its variant, of many at once before it is asked for.
func TestAFloorThatTakesAPromiseBackIsRefusedAtItsField(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		id := d.save(tea("龙井"))
		d.Offers.Plug(sold(900))
		draft := d.again(id)
		draft.Variants[0].Floor, draft.Variants[1].Floor = 900, 901
		_, err := d.Save(t.Context(), draft)
		if got := fmt.Sprint(fault.As(err).Code, " ", fault.As(err).Field); got != "offer.floor_promised skus.1.floor" {
			t.Errorf("the editor: %s", got)
		}
		if _, err := d.Preview(t.Context(), shop, []catalog.ID{id}, edit.Change{Kind: edit.FloorAmount, Amount: 950}); !fault.Is(err,
			"offer.floor_promised") {
			t.Errorf("a preview: %v", err)
		}
	})
}

// pledged is one SKU that a shop has pledged to a sale.
type pledged struct{ sku, product string }

func (p pledged) Pledged(*db.Tx, time.Time, []string) (map[string]string, error) {
	return map[string]string{p.sku: p.product}, nil
}

// TestPledgedGoodsAreNotPutAwayAtTheDesk: neither in the editor nor among many, before it is asked for either.
func TestPledgedGoodsAreNotPutAwayAtTheDesk(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		id, other := d.save(tea("龙井")), d.save(tea("毛尖"))
		draft := d.again(id)
		d.Catalog.Plug(pledged{string(draft.Variants[1].SKU), string(id)})
		for field, change := range map[string]func(*edit.Draft){
			"skus":  func(d *edit.Draft) { d.Variants = d.Variants[:1] },
			"state": func(d *edit.Draft) { d.Product.State = catalog.Withdrawn },
		} {
			gone := d.again(id)
			change(&gone)
			if _, err := d.Save(t.Context(), gone); !fault.Is(err, "product.pledged") || fault.As(err).Field != field {
				t.Errorf("the editor, %s: %v", field, err)
			}
		}
		both, away := []catalog.ID{other, id}, edit.Change{Kind: edit.Withdraw}
		_, seen := d.Preview(t.Context(), shop, both, away)
		if _, err := d.Bulk(t.Context(), shop, both, away); !fault.Is(seen, "product.pledged") || !fault.Is(err, "product.pledged") {
			t.Errorf("of two: foreseen %v, %v", seen, err)
		}
		if n, err := d.Bulk(t.Context(), shop, both[:1], away); n != 1 {
			t.Errorf("the other one: %d, %v", n, err)
		}
		less := d.again(id)
		less.Variants = less.Variants[1:]
		_, err := d.Save(t.Context(), less)
		d.ok(err)
	})
}
