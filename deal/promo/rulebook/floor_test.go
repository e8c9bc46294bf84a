package rulebook_test

import (
	"testing"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/deal/promo"
	"hutong/deal/promo/direct"
	"hutong/deal/promo/price"
	"hutong/deal/promo/rulebook"
)

// TestP14_APriceBelowTheFloorIsRefused: of any item in its scope, as it is drafted and, where the floor rose since, as it
// is published. A cut is no price: it stops at the floor by itself.
func TestP14_APriceBelowTheFloorIsRefused(t *testing.T) {
	onBoth(t, func(b *book) {
		title := text.Entry{Zh: "特价", En: "Special"}
		p := promo.Promotion{Kind: price.Name, Title: title, Terms: price.At(800), Budget: 1,
			Scope: promo.Scope{Shop: "shp_a", SKUs: []string{"cup", "pot"}}}
		goods := func(floor int64) {
			b.shelf.goods = []promo.Line{{Shop: "shp_a", SKU: "cup", UnitPrice: 1000, Quantity: 1},
				{Shop: "shp_a", SKU: "pot", UnitPrice: 1000, Floor: floor, Quantity: 1},
				{Shop: "shp_b", SKU: "cup", UnitPrice: 1000, Floor: 999, Quantity: 1}}
		}
		goods(801)
		refused := func(err error) {
			t.Helper()
			if !fault.Is(err, "promo.below_floor") || fault.As(err).Field != "unit_price" {
				t.Errorf("%v", err)
			}
		}
		_, err := b.SaveDraft(ctx, rulebook.SaveDraft{Shop: "shp_a", Promotion: p})
		refused(err)
		goods(800)
		cmd := b.draft("shp_a", p)
		goods(801)
		refused(b.Publish(ctx, cmd))
		goods(800)
		b.ok(b.Publish(ctx, cmd))
		goods(999)
		p.Kind, p.Terms = direct.Name, &direct.Terms{Off: 500}
		b.publish("shp_a", p)
	})
}
