package shopweb

import (
	"context"

	"hutong/base/clock"
	"hutong/goods/catalog"
	"hutong/surface/page"
	"hutong/trade/group"
)

// elsewhereMax bounds the other choices that a product's page names: some products have hundreds.
const elsewhereMax = 6

// ways sets how the chosen SKU of the one product in g can be bought beside the ordinary way, in a group, ahead of time
// or in a session, and which other choices can be.
func (w *web) ways(ctx context.Context, t page.Tongue, v *productView, g goods, chosen catalog.SKUID) (err error) {
	var boxes []group.Box
	if w.Groups != nil {
		if boxes, err = w.Groups.OfProduct(ctx, v.ID); err != nil {
			return err
		}
	}
	now, p := clock.Now(ctx, w.Clock), g.products[0]
	for _, k := range p.SKUs {
		o, sold := g.offers[v.ID][string(k.ID)]
		if !sold {
			continue
		}
		presale := w.presaleBox(t, string(k.ID), o.ID, now) // its pieces are its own
		var groups []groupBox
		if g.free[o.Pool] > 0 {
			groups = w.groupBoxes(ctx, t, boxes, string(o.ID))
		}
		if k.ID == chosen {
			v.Groups, v.Presale = groups, presale
			if v.Sessions, err = w.saleWays(ctx, t, string(k.ID), o.ID); err != nil {
				return err
			}
			continue
		}
		to := "/p/" + v.ID + "?sku=" + string(k.ID)
		choice := catalog.Choose(p.Options, k.Choice).In(t.Lang)
		if presale != nil {
			v.Elsewhere = append(v.Elsewhere, page.Link{Href: to + "#presale",
				Text: t.T("shopweb.other_presale", "choice", choice, "price", presale.Price.Plain)})
		}
		for _, b := range groups {
			v.Elsewhere = append(v.Elsewhere, page.Link{Href: to + "#group",
				Text: t.T("shopweb.other_group", "choice", choice, "size", b.Size, "price", b.Price.Plain)})
		}
	}
	v.Elsewhere = v.Elsewhere[:min(len(v.Elsewhere), elsewhereMax)]
	return nil
}
