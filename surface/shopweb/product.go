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
	return w.kept.Serve(rw, r, page.Ask{Path: path, Lang: f.Lang, Name: "product", Me: f.Me,
		Make: func(ctx context.Context) (page.View, error) {
			return w.productView(ctx, public(f, path), id, sku)
		}})
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
	v.choose(t, g, p, sku)
	if shops[p.Shop].State != merchant.Open || p.State != catalog.Listed {
		v.Offer, v.Stock = "", stockLine{Tone: "out", Text: t.T("shopweb.withdrawn")}
	}
	v.More, err = w.moreLike(ctx, t, p)
	return v, err
}

// choose sets what depends on the SKU: price, stock, options, the first picture.
func (v *productView) choose(t page.Tongue, g goods, p catalog.Product, sku string) {
	chosen := pick(p.SKUs, sku, g.sellable(p))
	v.pictures(t, p, chosen)
	v.options(t, g, p, chosen)
	o, ok := g.offers[string(p.ID)][string(chosen.ID)]
	if !ok {
		v.Stock = stockLine{Tone: "out", Text: t.T("shopweb.withdrawn")}
		return
	}
	v.HasPrice, v.Price = true, t.PriceOf(o.Price(), money.New(o.ListPrice, o.Currency), false)
	free := g.free[o.Pool]
	switch {
	case free <= 0:
		v.Stock = stockLine{Tone: "out", Text: t.T("shopweb.out")}
		return
	case free <= fewMax:
		v.Stock = stockLine{Tone: "few", Text: t.T("shopweb.few_left", "n", free)}
	default:
		v.Stock = stockLine{Tone: "in", Text: t.T("shopweb.in_stock")}
	}
	v.Offer, v.Max = string(o.ID), min(free, quantityMax)
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
	for i, id := range ids {
		n := page.Itoa(int64(i + 1))
		v.Pictures = append(v.Pictures, shot{ID: "picture-" + n, Tint: tint,
			Large: pictureURL(string(id), large), Small: pictureURL(string(id), small),
			Alt: t.T("shopweb.picture_n", "title", v.Name, "n", n)})
	}
	if len(v.Pictures) > 1 {
		v.Thumbs = v.Pictures
	}
	if len(v.Pictures) == 0 {
		v.Pictures = []shot{{ID: "picture-1", Tint: tint}}
	}
}

// options sets each value of each option as a link to the SKU that keeps the other choices, or else to the first SKU
// that has the value; a value that no SKU has is no link.
func (v *productView) options(t page.Tongue, g goods, p catalog.Product, chosen catalog.SKU) {
	can := g.sellable(p)
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
				c.Href, c.Out = "/p/"+string(p.ID)+"?sku="+string(k.ID), !can[k.ID]
			}
			opt.Choices = append(opt.Choices, c)
		}
		v.Options = append(v.Options, opt)
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
