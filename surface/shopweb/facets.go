package shopweb

import (
	"context"

	"hutong/base/money"
	"hutong/goods/catalog/taxonomy"
	"hutong/goods/search"
	"hutong/surface/page"
)

// facetMax is how many links a facet shows.
const facetMax = 8

// facets sets what a list can be narrowed by, each as links.
func (w *web) facets(ctx context.Context, t page.Tongue, v *listView, l listing, f search.Facets) error {
	v.categories(t, l, f.Categories)
	if l.fixed != "shop" {
		if err := w.shopFacet(ctx, t, v, l, f.Shops); err != nil {
			return err
		}
	}
	c := w.Checkout.Settings().Currency
	v.prices(t, l, f.Prices, c)
	stock := facet{Title: t.T("shopweb.facet_stock"), Links: []facetLink{{Text: t.T("shopweb.in_stock_only"), On: l.stock,
		Count: int64(f.InStock), Href: l.with(func(n *listing) { n.stock = !l.stock })}}}
	v.Facets = append(v.Facets, stock)
	return nil
}

// categories are the next level below the one asked for. On a category's own page they are pages too, shown as chips.
func (v *listView) categories(t page.Tongue, l listing, counts []search.Count) {
	all := facet{Title: t.T("shopweb.facet_category")}
	if l.category != "" && l.fixed != "category" {
		if n, ok := taxonomy.Find(l.category); ok {
			all.Links = append(all.Links, facetLink{Text: t.T("shopweb.all_categories"),
				Href: l.with(func(n *listing) { n.category = "" })},
				facetLink{Text: categoryName(t.Lang, n), On: true, Href: l.with(func(*listing) {})})
		}
	}
	for i, c := range counts {
		n, ok := taxonomy.Find(c.ID)
		if !ok || i == facetMax {
			continue
		}
		link := facetLink{Text: categoryName(t.Lang, n), Count: int64(c.Count)}
		link.Href = l.with(func(next *listing) {
			next.category = n.ID
			if l.fixed == "category" {
				next.path = "/c/" + n.ID
			}
		})
		if l.fixed == "category" {
			v.Kids = append(v.Kids, page.Link{Href: link.Href, Text: link.Text, Count: c.Count})
			continue
		}
		all.Links = append(all.Links, link)
	}
	if len(all.Links) > 0 {
		v.Facets = append(v.Facets, all)
	}
}

func (w *web) shopFacet(ctx context.Context, t page.Tongue, v *listView, l listing, counts []search.Count) error {
	_, shops, err := w.shops.list(ctx)
	if err != nil {
		return err
	}
	all := facet{Title: t.T("shopweb.facet_shop")}
	for i, c := range counts {
		if i == facetMax {
			break
		}
		on := c.ID == l.shop
		all.Links = append(all.Links, facetLink{Text: shops[c.ID].Name.Pick(t.Lang), Count: int64(c.Count), On: on,
			Href: l.with(func(n *listing) {
				if n.shop = c.ID; on {
					n.shop = ""
				}
			})})
	}
	if len(all.Links) > 0 {
		v.Facets = append(v.Facets, all)
	}
	return nil
}

// prices are bands to pick, and a form for any other band.
func (v *listView) prices(t page.Tongue, l listing, bands []search.Band, c money.Currency) {
	all := facet{Title: t.T("shopweb.price"), Price: true}
	for _, b := range bands {
		from, until := money.New(b.From, c), money.New(b.Until, c)
		link := facetLink{Count: int64(b.Count), Text: t.T("shopweb.price_band", "from", t.Money(from), "to", t.Money(until))}
		low, high := from.Decimal(), money.New(b.Until-1, c).Decimal() // a band ends before its upper price
		if b.Until == 0 {
			link.Text, high = t.T("shopweb.price_above", "from", t.Money(from)), ""
		}
		link.On = l.min == low && l.max == high
		link.Href = l.with(func(n *listing) {
			if n.min, n.max = low, high; link.On {
				n.min, n.max = "", ""
			}
		})
		all.Links = append(all.Links, link)
	}
	v.Facets = append(v.Facets, all)
	v.Band = band{Action: l.path, Min: l.min, Max: l.max}
	keep := l
	keep.min, keep.max, keep.after = "", "", ""
	for key, values := range keep.values() {
		v.Band.Keep = append(v.Band.Keep, hidden{key, values[0]})
	}
}
