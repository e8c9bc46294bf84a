package shopweb

import (
	"context"
	"html/template"
	"net/http"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/goods/catalog"
	"hutong/goods/catalog/taxonomy"
	"hutong/goods/intake/richtext"
	"hutong/party/merchant"
	"hutong/party/shopper"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// product shows one product; "sku" chooses one of its SKUs. A SKU that it does not have shows the first one, so that
// only so many addresses of a page exist as there are SKUs.
func (w *web) product(rw http.ResponseWriter, r *http.Request) error {
	f := w.frame(r, "")
	id, sku := r.PathValue("product"), r.URL.Query().Get("sku")
	path := "/p/" + id
	if validSKU(sku) {
		path += "?sku=" + sku
	}
	err := w.kept.Serve(rw, r, page.Ask{Path: path, Lang: f.Lang, Name: "product", Me: f.Me,
		Make: func(ctx context.Context) (page.View, error) {
			return w.productView(ctx, public(f, path), id, sku)
		}})
	if err == nil {
		w.looked(r.Context(), catalog.ID(id))
	}
	return err
}

// looked counts the page that was shown, for its shop's desk, and notes it for a shopper with a session. Neither is a
// reason not to show the page: what cannot be noted is not.
func (w *web) looked(ctx context.Context, id catalog.ID) {
	cards, err := w.Search.Cards(ctx, []catalog.ID{id})
	if err != nil || len(cards) == 0 {
		return
	}
	if w.Views != nil {
		w.Views.Viewed(cards[0].Shop)
	}
	if who := gate.Who(ctx); who.Shopper != "" && !who.ReadOnly() {
		_ = w.Shoppers.Saw(ctx, shopper.ID(who.Shopper), string(id))
	}
}

func (w *web) productView(ctx context.Context, f page.Frame, id, sku string) (productView, error) {
	t := w.set.In(f.Lang)
	v := productView{Frame: f, ID: id, Quantity: 1}
	g, err := w.goods(ctx, []catalog.ID{catalog.ID(id)})
	if err != nil {
		return v, err
	}
	if len(g.products) == 0 {
		return v, fault.New(fault.NotFound, "product.not_found")
	}
	p := g.products[0]
	_, shops, err := w.shops.list(ctx)
	if err != nil {
		return v, err
	}
	v.Name, v.Brand, v.Title = p.Title.In(f.Lang), p.Brand, p.Title.In(f.Lang)
	v.Seller = shopCardOf(f.Lang, shops[p.Shop])
	v.Crumbs = crumbs(t, p.Category)
	v.Description = template.HTML(richtext.Reduce(p.Description.In(f.Lang))) // reduced again: it was stored long ago
	for _, a := range p.Attributes {
		v.Facts = append(v.Facts, page.Stat{Name: a.Name.In(f.Lang), Value: a.Value.In(f.Lang)})
	}
	if v.alts, err = w.Catalog.Alts(ctx, p.ID); err != nil {
		return v, err
	}
	if err := w.lower(&g, p); err != nil {
		return v, err
	}
	chosen := v.choose(t, g, p, sku)
	w.sale(t, &v, g, p, chosen)
	open := shops[p.Shop].State == merchant.Open && p.State == catalog.Listed
	if !open {
		v.withdraw(t)
	}
	v.Yours, v.Final = yoursView{Product: id}, final(p.Category)
	if validSKU(sku) {
		v.Yours.SKU = sku
	}
	if open {
		if err := w.ways(ctx, t, &v, g, chosen.ID); err != nil {
			return v, err
		}
	}
	if v.Offer != "" {
		if v.Yours.Deliver, err = w.deliver(ctx, t, parcelOf(g, p, chosen, w.defaultTo())); err != nil {
			return v, err
		}
	}
	if v.Said, err = w.said(ctx, t, id); err != nil {
		return v, err
	}
	v.More, err = w.moreLike(ctx, t, p)
	return v, err
}

// choose sets what depends on the SKU: price, stock, options, the first picture.
func (v *productView) choose(t page.Tongue, g goods, p catalog.Product, sku string) (chosen catalog.SKU) {
	chosen = pick(p.SKUs, sku, g.sellable(p))
	v.pictures(t, p, chosen)
	v.options(t, g, p, chosen)
	o, ok := g.offers[string(p.ID)][string(chosen.ID)]
	if !ok {
		v.Stock = stockLine{Tone: "out", Text: t.T("shopweb.withdrawn")}
		return chosen
	}
	v.HasPrice, v.Price = true, t.PriceOf(o.Price(), money.New(o.ListPrice, o.Currency), false)
	free := g.free[o.Pool]
	switch {
	case free <= 0:
		v.Stock = stockLine{Tone: "out", Text: t.T("shopweb.out")}
		return chosen
	case free <= fewMax:
		v.Stock = stockLine{Tone: "few", Text: t.T("shopweb.few_left", "n", free)}
	default:
		v.Stock = stockLine{Tone: "in", Text: t.T("shopweb.in_stock")}
	}
	v.Offer, v.Max = string(o.ID), min(free, quantityMax)
	return chosen
}

// withdraw says of the whole product that it is no longer sold, however many there are.
func (v *productView) withdraw(t page.Tongue) {
	v.Offer, v.Stock = "", stockLine{Tone: "out", Text: t.T("shopweb.withdrawn")}
	for _, o := range v.Options {
		for i := range o.Choices {
			o.Choices[i].Few, o.Choices[i].Out = "", v.Stock.Text
		}
	}
}

// sellable tells of which SKUs there is a free piece.
func (g goods) sellable(p catalog.Product) map[catalog.SKUID]bool {
	can := make(map[catalog.SKUID]bool, len(p.SKUs))
	for id, o := range g.offers[string(p.ID)] {
		can[catalog.SKUID(id)] = g.free[o.Pool] > 0
	}
	return can
}

// pick is the SKU asked for, or the first that can be bought, or the first.
func pick(skus []catalog.SKU, asked string, can map[catalog.SKUID]bool) catalog.SKU {
	var first catalog.SKU
	for _, k := range skus {
		if string(k.ID) == asked {
			return k
		}
		if first.ID == "" || !can[first.ID] && can[k.ID] {
			first = k
		}
	}
	return first
}

func (v *productView) pictures(t page.Tongue, p catalog.Product, chosen catalog.SKU) {
	ids := make([]catalog.PictureID, 0, len(p.Pictures)+1)
	if chosen.Picture != "" {
		ids = append(ids, chosen.Picture)
	}
	for _, id := range p.Pictures {
		if id != chosen.Picture {
			ids = append(ids, id)
		}
	}
	tint := page.TintOf(string(p.ID))
	v.Gallery.Label = t.T("shopweb.pictures")
	for i, id := range ids {
		n := page.Itoa(int64(i + 1))
		alt := t.T("shopweb.picture_n", "title", v.Name, "n", n)
		if said := v.alts[id]; !said.Empty() {
			alt = said.In(t.Lang)
		}
		v.Gallery.Pictures = append(v.Gallery.Pictures, page.Picture{ID: "picture-" + n, Tint: tint,
			Large: pictureURL(string(id), large), Small: pictureURL(string(id), small),
			Alt: alt})
	}
	if len(ids) == 0 {
		v.Gallery.Pictures = []page.Picture{{ID: "picture-1", Tint: tint}}
	}
}

// options sets each value of each option as a link to the SKU that keeps the other choices, or else to the first SKU
// that has the value, with what that one costs and whether it can be had; a value that no SKU has is no link.
func (v *productView) options(t page.Tongue, g goods, p catalog.Product, chosen catalog.SKU) {
	priced := g.pricesDiffer(p)
	for i, o := range p.Options {
		if i >= len(chosen.Choice) {
			return
		}
		opt := option{Name: o.Name.In(t.Lang)}
		for at, value := range o.Values {
			c := choice{Text: value.In(t.Lang), On: chosen.Choice[i] == at}
			if c.On {
				opt.Chosen = c.Text
			}
			if k, ok := nearest(p.SKUs, chosen.Choice, i, at); ok {
				c.Href = "/p/" + string(p.ID) + "?sku=" + string(k.ID)
				g.tell(t, &c, p, k, priced)
			}
			opt.Choices = append(opt.Choices, c)
		}
		v.Options = append(v.Options, opt)
	}
}

// pricesDiffer tells whether the choice decides the price.
func (g goods) pricesDiffer(p catalog.Product) bool {
	first := int64(-1)
	for _, o := range g.offers[string(p.ID)] {
		cost := g.costs(o).Minor
		if first >= 0 && cost != first {
			return true
		}
		first = cost
	}
	return false
}

// tell says on a choice what its SKU costs, and when there are few or none of it.
func (g goods) tell(t page.Tongue, c *choice, p catalog.Product, k catalog.SKU, priced bool) {
	o, sold := g.offers[string(p.ID)][string(k.ID)]
	free := g.free[o.Pool]
	if sold && priced {
		c.Price = t.Money(g.costs(o))
	}
	switch {
	case !sold:
		c.Out = t.T("shopweb.withdrawn")
	case free <= 0:
		c.Out = t.T("shopweb.out")
	case free <= fewMax:
		c.Few = t.T("page.few", "n", free)
	}
}

// nearest finds the SKU that has value at of option i and otherwise shares the most of the choice.
func nearest(skus []catalog.SKU, now []int, i, at int) (best catalog.SKU, ok bool) {
	most := -1
	for _, k := range skus {
		if i >= len(k.Choice) || k.Choice[i] != at {
			continue
		}
		same := 0
		for j, c := range k.Choice {
			if j < len(now) && now[j] == c {
				same++
			}
		}
		if same > most {
			best, most = k, same
		}
	}
	return best, most >= 0
}

// crumbs is the way from the start page to a category.
func crumbs(t page.Tongue, category string) []page.Crumb {
	all := []page.Crumb{{Href: "/", Text: t.T("shopweb.home")}}
	for _, n := range taxonomy.Path(category) {
		all = append(all, page.Crumb{Href: "/c/" + n.ID, Text: categoryName(t.Lang, n)})
	}
	return all
}
