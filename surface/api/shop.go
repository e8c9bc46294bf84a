package api

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/goods/catalog"
	"hutong/goods/catalog/taxonomy"
	"hutong/goods/offer"
	"hutong/goods/search"
	"hutong/goods/stock"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/surface/gate"
)

type loginBody struct {
	Name     string `json:"name,omitempty"`
	Password string `json:"password,omitempty"`
}

type sessionForm struct {
	Token   string `json:"token"`
	Role    string `json:"role"`
	Shopper string `json:"shopper,omitempty"`
	Shop    string `json:"shop,omitempty"`
}

func (a *api) sessions() []op {
	return []op{
		write(http.MethodPost, "session.open", "/sessions", everyone, func(c *call, in loginBody) (sessionForm, error) {
			token, who, err := a.open(c, in)
			return sessionForm{token, string(who.Role), who.Shopper, who.Shop}, err
		}).says("Open a session: with name and password, or as a guest with neither. Send the token as " +
			"\"Authorization: Bearer …\". A session is nobody's until it is open, so this write takes no key.").
			creates().reads(),
		write(http.MethodDelete, "session.close", "/sessions/current",
			[]login.Role{login.Shopper, login.Merchant, login.Operator}, func(c *call, _ empty) (empty, error) {
				return empty{}, a.Logins.Logout(c.ctx, gate.Token(c.ctx))
			}).says("End the session. Ending it again changes nothing, so this write takes no key.").reads().ends(),
	}
}

func (a *api) open(c *call, in loginBody) (string, login.Principal, error) {
	if in.Name == "" && in.Password != "" { // a forgotten name must not be read as a guest's
		return "", login.Principal{}, fault.New(fault.Invalid, "api.required", fault.P("name", "name")).At("name")
	}
	if in.Name == "" {
		return a.Logins.Guest(c.ctx, gate.Lang(c.ctx))
	}
	return a.Logins.Login(c.ctx, in.Name, login.Password(in.Password), gate.Lang(c.ctx))
}

type shopForm struct {
	Shop  string `json:"shop"`
	Code  string `json:"code"`
	Name  words  `json:"name"`
	Intro words  `json:"intro"`
	State string `json:"state"`
}

func shopOf(s merchant.Shop) shopForm {
	return shopForm{string(s.ID), s.Code, words{s.Name.Zh, s.Name.En}, words{s.Intro.Zh, s.Intro.En}, string(s.State)}
}

type categoryForm struct {
	Category string `json:"category"`
	Parent   string `json:"parent,omitempty"`
	Name     words  `json:"name"`
}

type found struct {
	Items  []productForm `json:"items"`
	Total  int           `json:"total"`
	Next   string        `json:"next,omitempty"`
	Facets facets        `json:"facets"`
}

type facets struct {
	Categories []count `json:"categories"`
	Shops      []count `json:"shops"`
	Prices     []band  `json:"prices"`
	InStock    int     `json:"in_stock"`
	OutOfStock int     `json:"out_of_stock"`
}

type count struct {
	ID    string `json:"id"`
	Count int    `json:"count"`
}

type band struct {
	From  int64 `json:"from"`
	Until int64 `json:"until,omitempty"`
	Count int   `json:"count"`
}

func (a *api) catalogue() []op {
	return []op{
		get("category.list", "/categories", "The categories below a parent; without one, the roots.", everyone, a.categories).
			takes(param{name: "parent", help: "a category's id"}),
		get("product.search", "/products", "Find products by words, in Chinese or English, with facets.", everyone, a.find).
			takes(param{name: "q", help: "words"}, param{name: "category", help: "this category and those below it"},
				param{name: "shop", help: "a shop's id"}, param{name: "price_min", help: "minor units, inclusive", number: true},
				param{name: "price_max", help: "minor units, inclusive", number: true},
				param{name: "in_stock", help: "true: only what is in stock"},
				param{name: "sort", help: "relevance, price_up, price_down or newest"}, limitParam, cursorParam),
		get("product", "/products/{product}", "One product with its SKUs and offers.", everyone, a.product),
		get("shop.list", "/shops", "The open shops, the oldest first.", everyone, a.shops).
			takes(limitParam, cursorOf("shp")),
		get("shop", "/shops/{shop}", "One shop.", everyone, func(c *call) (shopForm, error) {
			s, err := a.Shops.Shop(c.ctx, merchant.ID(c.path("shop")))
			return shopOf(s), err
		}),
	}
}

func (a *api) shops(c *call) (page[shopForm], error) {
	limit, err := c.limit()
	if err != nil {
		return page[shopForm]{}, err
	}
	all, err := a.Shops.ListOpen(c.ctx, merchant.ID(c.text("cursor")), limit+1)
	forms := make([]shopForm, len(all))
	for i, s := range all {
		forms[i] = shopOf(s)
	}
	return paged(forms, limit, func(f shopForm) string { return f.Shop }), err
}

func (a *api) categories(c *call) (page[categoryForm], error) {
	out := page[categoryForm]{Items: []categoryForm{}}
	nodes := taxonomy.Roots()
	if parent := c.text("parent"); parent != "" {
		if _, ok := taxonomy.Find(parent); !ok {
			return out, fault.New(fault.NotFound, "search.category", fault.P("category", parent)).At("parent")
		}
		nodes = taxonomy.Children(parent)
	}
	for _, n := range nodes {
		out.Items = append(out.Items, categoryForm{n.ID, n.Parent, words{n.Zh, n.En}})
	}
	return out, nil
}

func (a *api) query(c *call) (q search.Query, err error) {
	q = search.Query{Text: c.text("q"), Category: c.text("category"), Shop: c.text("shop"),
		Currency: string(a.Checkout.Settings().Currency), Sort: search.Sort(c.text("sort")), Cursor: c.text("cursor")}
	if q.InStock, err = c.truth("in_stock"); err != nil {
		return q, err
	}
	if q.PriceMin, err = c.number("price_min", 0); err != nil {
		return q, err
	}
	if q.PriceMax, err = c.number("price_max", 0); err != nil {
		return q, err
	}
	q.Limit, err = c.limit()
	return q, err
}

func (a *api) find(c *call) (found, error) {
	q, err := a.query(c)
	if err != nil {
		return found{}, err
	}
	r, err := a.Search.Search(c.ctx, q)
	if err != nil {
		return found{}, err
	}
	items, err := a.described(c.ctx, r.Hits)
	return found{Items: items, Total: r.Total, Next: r.Next, Facets: facetsOf(r.Facets)}, err
}

func facetsOf(f search.Facets) facets {
	out := facets{Categories: []count{}, Shops: []count{}, Prices: []band{}, InStock: f.InStock, OutOfStock: f.OutOfStock}
	for _, c := range f.Categories {
		out.Categories = append(out.Categories, count{c.ID, c.Count})
	}
	for _, c := range f.Shops {
		out.Shops = append(out.Shops, count{c.ID, c.Count})
	}
	for _, b := range f.Prices {
		out.Prices = append(out.Prices, band{b.From, b.Until, b.Count})
	}
	return out
}

func (a *api) product(c *call) (productForm, error) {
	p, err := a.Catalog.Product(c.ctx, catalog.ID(c.path("product")))
	if err != nil {
		return productForm{}, err
	}
	all, _, err := a.offered(c.ctx, []catalog.Product{p}, true)
	if err != nil {
		return productForm{}, err
	}
	return all[0], nil
}

func (a *api) described(ctx context.Context, ids []catalog.ID) ([]productForm, error) {
	products, err := a.Catalog.Products(ctx, ids)
	if err != nil {
		return nil, err
	}
	all, _, err := a.offered(ctx, products, true)
	return all, err
}

// offered puts prices and stock to products, with one read each, and tells the offers of each. Shoppers are shown the
// struck prices that history bears, a shop those that it has set.
func (a *api) offered(ctx context.Context, products []catalog.Product, shoppers bool) ([]productForm,
	map[string][]offer.Offer, error) {
	ids := make([]string, len(products))
	for i, p := range products {
		ids[i] = string(p.ID)
	}
	offers, err := a.Offers.ByProducts(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	if shoppers {
		err = a.Reference.Bear(ctx, offers)
	}
	if err != nil {
		return nil, nil, err
	}
	free, err := a.free(ctx, offers)
	if err != nil {
		return nil, nil, err
	}
	byPool := make(map[string]int64, len(free))
	for pool, n := range free {
		byPool[string(pool)] = n
	}
	out := make([]productForm, len(products))
	for i, p := range products {
		out[i] = productOf(p, offers[string(p.ID)], byPool)
		if shoppers {
			out[i].label()
			a.sellAhead(ctx, &out[i])
			if err := a.shelve(&out[i], offers[string(p.ID)]); err != nil {
				return nil, nil, err
			}
		}
	}
	return out, offers, nil
}

// sellAhead puts presales that are open or come next to a product.
func (a *api) sellAhead(ctx context.Context, f *productForm) {
	if a.Flash == nil {
		return
	}
	now := clock.Now(ctx, a.Flash.Clock)
	for i := range f.SKUs {
		k := &f.SKUs[i]
		k.Presale = aheadOf(a.Flash.Campaigns.Live().PresaleOf(k.SKU, offer.ID(k.Offer), now), now)
	}
}

// shelve puts what promotions make of prices to a product.
func (a *api) shelve(f *productForm, offers []offer.Offer) error {
	if a.Shelf == nil {
		return nil
	}
	for i := range f.SKUs {
		k := &f.SKUs[i]
		for _, o := range offers {
			if string(o.ID) != k.Offer {
				continue
			}
			price, err := a.Shelf(search.Tag{Product: f.Product, Offer: k.Offer, Shop: o.Shop, SKU: o.SKU,
				Category: f.Category, Currency: string(o.Currency), Price: o.UnitPrice,
				Floor: o.FloorPrice})
			if err != nil {
				return err
			}
			if price < o.UnitPrice {
				now := money.New(price, o.Currency)
				k.ShelfPrice = &now
			}
		}
	}
	return nil
}

// free is how many pieces can be had of offers, by ordinary pool.
func (a *api) free(ctx context.Context, offers map[string][]offer.Offer) (map[stock.PoolID]int64, error) {
	if a.Flash == nil {
		return a.Stock.FreeOf(ctx, poolsOf(offers))
	}
	return a.Flash.Campaigns.FreeOf(ctx, slices.Concat(slices.Collect(maps.Values(offers))...))
}

func poolsOf(offers map[string][]offer.Offer) []stock.PoolID {
	var pools []stock.PoolID
	for _, all := range offers {
		for _, o := range all {
			pools = append(pools, o.Pool)
		}
	}
	return pools
}
