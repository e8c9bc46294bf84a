package merchantweb

import (
	"context"
	"net/http"
	"net/url"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/surface/page"
)

const productsPerPage = 20

// products lists what the shop sells, SKU by SKU, each with a form for its price and stock.
func (w *web) products(rw http.ResponseWriter, r *http.Request) error {
	return w.showProducts(rw, r, r.URL.Query().Get("after"), refusedSKU{})
}

// refusedSKU is a change that was refused, to be shown in its row.
type refusedSKU struct {
	sku string
	err error
}

func (w *web) showProducts(rw http.ResponseWriter, r *http.Request, after string, refused refusedSKU) error {
	ctx, shop := r.Context(), shopOf(r)
	f, t := w.frame(r, "/desk/products", "merchantweb.products")
	all, err := w.Catalog.ByShop(ctx, catalog.ByShop{Shop: shop, Cursor: after, Limit: productsPerPage})
	if err != nil {
		return err
	}
	v := productsView{Frame: f, Empty: page.Empty{Title: t.T("merchantweb.no_products"),
		Text: t.T("merchantweb.no_products_text")}}
	if all.Next != "" {
		v.Pager.Next = "/desk/products?" + url.Values{"after": {all.Next}}.Encode()
	}
	if after != "" {
		v.Pager.First = "/desk/products"
	}
	if v.Rows, err = w.skuRows(ctx, t, shop, all.Products); err != nil {
		return err
	}
	status := http.StatusOK
	for i := range v.Rows {
		v.Rows[i].Cursor = after
		if refused.err != nil && v.Rows[i].SKU == refused.sku {
			v.Rows[i].Wrong = t.Fault(refused.err)
		}
	}
	if refused.err != nil {
		status = fault.Of(refused.err).Status()
		v.Notice = page.Notice{Tone: "bad", Text: t.Fault(refused.err)}
	}
	return w.set.Render(rw, r, status, "desk-products", v)
}

// skuRows joins products with their offers and pools.
func (w *web) skuRows(ctx context.Context, t page.Tongue, shop string, products []catalog.Product) ([]skuRow, error) {
	var ids, skus []string
	for _, p := range products {
		ids = append(ids, string(p.ID))
		for _, k := range p.SKUs {
			skus = append(skus, string(k.ID))
		}
	}
	offers, err := w.Offers.ByProducts(ctx, ids)
	if err != nil {
		return nil, err
	}
	pools, err := w.Stock.PoolsBySKU(ctx, shop, skus)
	if err != nil {
		return nil, err
	}
	var rows []skuRow
	for _, p := range products {
		for _, k := range p.SKUs {
			rows = append(rows, skuRowOf(t, p, k, offerOf(offers[string(p.ID)], shop, string(k.ID)), pools[string(k.ID)]))
		}
	}
	return rows, nil
}

func offerOf(all []offer.Offer, shop, sku string) (o offer.Offer) {
	for _, o := range all {
		if o.SKU == sku && o.Shop == shop {
			return o
		}
	}
	return o
}

func skuRowOf(t page.Tongue, p catalog.Product, k catalog.SKU, o offer.Offer, pool stock.Pool) skuRow {
	row := skuRow{ID: "sku-" + string(k.ID), Href: "/p/" + string(p.ID) + "?sku=" + string(k.ID),
		Title:  p.Title.In(t.Lang),
		Choice: catalog.Choose(p.Options, k.Choice).In(t.Lang), Tint: page.TintOf(string(p.ID)), Offer: string(o.ID),
		SKU: string(k.ID), Product: string(p.ID), OnHand: pool.OnHand(), Promised: pool.Held + pool.Sold, Free: pool.Free(),
		State: page.Badge{Tone: "done", Text: t.T("merchantweb.listed")}}
	if len(p.Pictures) > 0 {
		row.Picture = pictureURL(string(p.Pictures[0]))
	}
	switch {
	case o.State != offer.Listed || p.State != catalog.Listed:
		row.State = page.Badge{Tone: "off", Text: t.T("merchantweb.withdrawn")}
	case pool.Free() <= 0:
		row.State = page.Badge{Tone: "wait", Text: t.T("page.sold_out")}
	}
	if o.ID != "" {
		row.Price = o.Price().Decimal()
	}
	if o.ListPrice > 0 {
		row.List = money.New(o.ListPrice, o.Currency).Decimal()
	}
	return row
}

// save changes the price or the stock of one SKU: only what differs from what the form showed, so that saving a price
// does not set back a stock that orders have changed meanwhile.
func (w *web) save(rw http.ResponseWriter, r *http.Request) error {
	sku, after := r.PostFormValue("sku"), r.PostFormValue("after")
	err := w.saveSKU(r, sku)
	if err != nil {
		if !own(err) || fault.Of(err) == fault.NotFound {
			return err
		}
		return w.showProducts(rw, r, after, refusedSKU{sku, err})
	}
	to := "/desk/products"
	if after != "" {
		to += "?" + url.Values{"after": {after}}.Encode()
	}
	return see(rw, r, to+"#sku-"+url.PathEscape(sku))
}

func (w *web) saveSKU(r *http.Request, sku string) error {
	changed := func(field string) bool { return r.PostFormValue(field) != r.PostFormValue(field+"_was") }
	if changed("price") || changed("list") {
		if err := w.reprice(r, sku); err != nil {
			return err
		}
	}
	if !changed("stock") {
		return nil
	}
	n, err := number(r, "stock")
	if err != nil {
		return err
	}
	return w.Stock.SetStock(r.Context(), shopOf(r), sku, n)
}

func (w *web) reprice(r *http.Request, sku string) error {
	all, err := w.Offers.ByProducts(r.Context(), []string{r.PostFormValue("product")})
	if err != nil {
		return err
	}
	o := offerOf(all[r.PostFormValue("product")], shopOf(r), sku)
	if o.ID == "" {
		return fault.New(fault.NotFound, "offer.not_found")
	}
	price, err := amount(r, "price", o.Currency)
	if err != nil {
		return err
	}
	list, err := amount(r, "list", o.Currency)
	if err != nil {
		return err
	}
	return w.Offers.Reprice(r.Context(), shopOf(r), o.ID, price, list)
}

// amount reads a form's price; "" is zero.
func amount(r *http.Request, field string, c money.Currency) (money.Money, error) {
	typed := r.PostFormValue(field)
	if typed == "" {
		return money.New(0, c), nil
	}
	minor, err := money.ParseMinor(typed, c)
	if err != nil {
		return money.Money{}, fault.New(fault.Invalid, "merchantweb.price_wrong").At(field).Because(err)
	}
	return money.New(minor, c), nil
}
