package shopweb

import (
	"context"
	"net/http"
	"slices"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/goods/catalog"
	"hutong/party/shopper"
	"hutong/party/shopper/division"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/ship"
)

// latelyMax is how many of the products seen lately a page shows.
const latelyMax = 6

// defaultDivision is where delivery is promised to whoever gave no address: 上海市黄浦区.
const defaultDivision = "310101"

func (w *web) defaultTo() shopper.Address {
	if w.Default.Country != "" {
		return w.Default
	}
	return shopper.Address{Country: shopper.China, Division: defaultDivision, Region: division.Name(defaultDivision)}
}

// parcelOf is one piece of a SKU on its way to somewhere.
func parcelOf(g goods, p catalog.Product, k catalog.SKU, to shopper.Address) ship.Parcel {
	o := g.offers[string(p.ID)][string(k.ID)]
	return ship.Parcel{Shop: p.Shop, To: to, WeightG: k.WeightG, Goods: money.New(o.UnitPrice, o.Currency)}
}

// deliver is what delivery to the door costs and takes; without a carrier to there, it says so.
func (w *web) deliver(ctx context.Context, t page.Tongue, p ship.Parcel) (*deliverView, error) {
	options, err := w.carriersFor(ctx, p)
	if err != nil {
		return nil, err
	}
	v := &deliverView{To: t.T("shopweb.deliver_to", "place", p.To.Region), Text: t.T("shopweb.deliver_none")}
	for _, o := range options {
		if !o.Pickup {
			v.Text = days(t, o)
			v.Freight = t.T("shopweb.freight_is", "amount", t.Money(money.New(o.Freight, p.Goods.Currency)))
			if o.Freight == 0 {
				v.Freight = t.T("shopweb.freight_none")
			}
			break
		}
	}
	return v, nil
}

// yours answers htmx with the part of a product's page that is about its reader; a visitor's stands in the page.
func (w *web) yours(rw http.ResponseWriter, r *http.Request) error {
	id := catalog.ID(r.PathValue("product"))
	if !page.Partial(r) {
		return see(rw, r, "/p/"+string(id))
	}
	if shopperOf(r.Context()) == "" {
		rw.WriteHeader(http.StatusNoContent)
		return nil
	}
	v, err := w.yoursOf(r.Context(), id, r.URL.Query().Get("sku"))
	if err != nil {
		return err
	}
	return w.set.RenderPart(rw, r, page.Part{Page: "product", Define: "product-yours-lately", Data: v})
}

func (w *web) yoursOf(ctx context.Context, id catalog.ID, sku string) (v yoursView, err error) {
	t, who := w.set.In(gate.Lang(ctx)), shopper.ID(shopperOf(ctx))
	v = yoursView{Product: string(id)}
	if validSKU(sku) {
		v.SKU = sku
	}
	g, err := w.goods(ctx, []catalog.ID{id})
	if err != nil || len(g.products) == 0 {
		return v, err
	}
	favoured, err := w.Shoppers.Favoured(ctx, who, []string{string(id)})
	if err != nil {
		return v, err
	}
	v.Kept = favoured[string(id)]
	to, err := w.homeOf(ctx, who)
	if err != nil {
		return v, err
	}
	p := g.products[0]
	if chosen := pick(p.SKUs, sku, g.sellable(p)); g.sellable(p)[chosen.ID] {
		if v.Deliver, err = w.deliver(ctx, t, parcelOf(g, p, chosen, to)); err != nil {
			return v, err
		}
	}
	v.Lately, err = w.lately(ctx, t, who, id)
	return v, err
}

// homeOf is where the shopper's parcels go: the newest address, or the market's default.
func (w *web) homeOf(ctx context.Context, who shopper.ID) (shopper.Address, error) {
	all, err := w.Shoppers.Addresses(ctx, who)
	if err != nil || len(all) == 0 {
		return w.defaultTo(), err
	}
	return all[0], nil
}

// lately are cards of what the shopper looked at, without the product being shown.
func (w *web) lately(ctx context.Context, t page.Tongue, who shopper.ID, but catalog.ID) ([]page.Card, error) {
	seen, err := w.Shoppers.Lately(ctx, who)
	if err != nil {
		return nil, err
	}
	seen = slices.DeleteFunc(seen, func(p string) bool { return p == string(but) })
	return w.cards(ctx, t, idsOf(seen[:min(len(seen), latelyMax)]))
}

func idsOf(products []string) []catalog.ID {
	ids := make([]catalog.ID, len(products))
	for i, p := range products {
		ids[i] = catalog.ID(p)
	}
	return ids
}

// favour keeps a product among the shopper's favourites ("keep"), or takes it out ("drop").
func (w *web) favour(rw http.ResponseWriter, r *http.Request) error {
	product := r.PostFormValue("product")
	if g, err := w.goods(r.Context(), []catalog.ID{catalog.ID(product)}); err != nil || len(g.products) == 0 {
		return orElse(err, fault.New(fault.NotFound, "product.not_found"))
	}
	who, err := w.guest(rw, r)
	if err != nil {
		return err
	}
	keep := r.PostFormValue("do") != "drop"
	if keep {
		err = w.Shoppers.Favour(r.Context(), shopper.ID(who), product)
	} else {
		err = w.Shoppers.Unfavour(r.Context(), shopper.ID(who), product)
	}
	if err != nil {
		return err
	}
	if page.Partial(r) {
		return w.favoured(rw, r, who, keep)
	}
	page.Flash(rw, "good", said(keep))
	return see(rw, r, "/me/favourites")
}

func said(keep bool) string {
	if keep {
		return "shopweb.favour_kept"
	}
	return "shopweb.favour_dropped"
}

// favoured answers htmx with the button as it stands now.
func (w *web) favoured(rw http.ResponseWriter, r *http.Request, who string, keep bool) error {
	t := w.set.In(gate.Lang(r.Context()))
	if err := page.ToastHeader(rw, page.Toast{Tone: "good", Text: t.T(said(keep))}); err != nil {
		return err
	}
	v := yoursView{Product: r.PostFormValue("product"), Kept: keep}
	return w.set.RenderPart(rw, r, page.Part{Page: "product", Define: "favour", Data: v})
}

// orElse is err, or what stands in where there is none.
func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// suggest completes what is being typed into the search box; a browser without script searches for it.
func (w *web) suggest(rw http.ResponseWriter, r *http.Request) error {
	q := listing{path: "/search", text: r.URL.Query().Get("q")}
	if !page.Partial(r) {
		return see(rw, r, q.href())
	}
	t := w.set.In(gate.Lang(r.Context()))
	all, err := w.Search.Suggest(r.Context(), q.text, t.Lang)
	if err != nil && !own(err) {
		return err
	}
	v := make([]page.Link, 0, len(all))
	for _, s := range all {
		l := page.Link{Text: s.Text, Icon: "search", Href: listing{path: "/search", text: s.Text}.href()}
		if s.Category != "" {
			l.Icon, l.Href, l.Head = "menu", "/c/"+s.Category, t.T("shopweb.facet_category")
		}
		v = append(v, l)
	}
	return w.set.RenderPart(rw, r, page.Part{Page: "list", Define: "suggestions", Data: v})
}
