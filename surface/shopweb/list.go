package shopweb

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/goods/catalog/taxonomy"
	"hutong/goods/search"
	"hutong/party/merchant"
	"hutong/surface/page"
)

// perPage is how many products a list shows.
const perPage = 24

// listing is what a list is asked for. It stands whole in the page's address, so that every choice is a link.
type listing struct {
	path     string // "/search", "/c/aa-1", "/shop/tea"
	text     string
	category string // of the path or the query
	shop     string // the same
	min, max string // as typed
	stock    bool
	sort     string
	after    string
	fixed    string // the parameter that the path stands for: "category", "shop"
}

func readListing(r *http.Request) listing {
	q := r.URL.Query()
	return listing{path: "/search", text: strings.TrimSpace(q.Get("q")), category: q.Get("category"),
		shop: q.Get("shop"), min: strings.TrimSpace(q.Get("min")), max: strings.TrimSpace(q.Get("max")),
		stock: q.Get("stock") == "1", sort: q.Get("sort"), after: q.Get("after")}
}

// values are the parameters of the page's address.
func (l listing) values() url.Values {
	q := url.Values{}
	for key, value := range map[string]string{"q": l.text, "category": l.category, "shop": l.shop, "min": l.min,
		"max": l.max, "sort": l.sort, "after": l.after} {
		if value != "" && key != l.fixed {
			q.Set(key, value)
		}
	}
	if l.stock {
		q.Set("stock", "1")
	}
	return q
}

// href is the page's address; two addresses of the same list are the same.
func (l listing) href() string {
	if q := l.values().Encode(); q != "" {
		return l.path + "?" + q
	}
	return l.path
}

// with is the first page of the list with one thing changed.
func (l listing) with(change func(*listing)) string {
	l.after = ""
	change(&l)
	return l.href()
}

// query is what is asked of the index. A price that is none is a refusal at its field.
func (l listing) query(c money.Currency) (search.Query, error) {
	q := search.Query{Text: l.text, Category: l.category, Shop: l.shop, InStock: l.stock, Sort: search.Sort(l.sort),
		Cursor: l.after, Limit: perPage}
	for field, p := range map[string]struct {
		typed string
		into  *int64
	}{"min": {l.min, &q.PriceMin}, "max": {l.max, &q.PriceMax}} {
		if p.typed == "" {
			continue
		}
		minor, err := money.ParseMinor(p.typed, c)
		if err != nil {
			return q, fault.New(fault.Invalid, "shopweb.price_wrong").At(field).Because(err)
		}
		*p.into, q.Currency = minor, string(c)
	}
	return q, nil
}

// search answers what was typed.
func (w *web) search(rw http.ResponseWriter, r *http.Request) error {
	l := readListing(r)
	return w.list(rw, r, l, func(t page.Tongue, v *listView) error {
		v.Headline = t.T("shopweb.search_all")
		if l.text != "" {
			v.Headline = t.T("shopweb.results_for", "query", l.text)
		}
		return nil
	})
}

// category lists what is in a category and below it.
func (w *web) category(rw http.ResponseWriter, r *http.Request) error {
	l := readListing(r)
	n, ok := taxonomy.Find(r.PathValue("category"))
	if !ok {
		return fault.New(fault.NotFound, "shopweb.no_category")
	}
	l.path, l.category, l.fixed = "/c/"+n.ID, n.ID, "category"
	return w.list(rw, r, l, func(t page.Tongue, v *listView) error {
		v.Headline, v.Crumbs = categoryName(t.Lang, n), crumbs(t, n.ID)
		v.Crumbs[len(v.Crumbs)-1].Href = ""
		return nil
	})
}

// shop lists what a shop sells.
func (w *web) shop(rw http.ResponseWriter, r *http.Request) error {
	s, err := w.Shops.ByCode(r.Context(), r.PathValue("code"))
	if err != nil {
		return err
	}
	l := readListing(r)
	l.path, l.shop, l.fixed = "/shop/"+s.Code, string(s.ID), "shop"
	return w.list(rw, r, l, func(t page.Tongue, v *listView) error {
		v.Shop, v.Headline, v.Find = shopCardOf(t.Lang, s), t.T("shopweb.all_of"), l.path
		if l.text != "" {
			v.Headline = t.T("shopweb.results_for", "query", l.text)
		}
		if err := w.rate(r.Context(), t, v, string(s.ID)); err != nil {
			return err
		}
		if v.Vouchers, err = w.shopVouchers(r.Context(), t, s); err != nil {
			return err
		}
		if s.State != merchant.Open {
			v.Empty = page.Empty{Title: t.T("shopweb.shop_closed"), Href: "/", Action: t.T("page.home")}
			if s.State == merchant.Applied {
				v.Empty.Title = t.T("shopweb.shop_applied")
			}
		}
		v.Title = v.Shop.Name
		return nil
	})
}

// rate says what buyers say of what the shop sells: of its newest products, which is most of a small shop.
func (w *web) rate(ctx context.Context, t page.Tongue, v *listView, shop string) error {
	if w.Reviews == nil {
		return nil
	}
	got, err := w.Search.Search(ctx, search.Query{Shop: shop, Sort: search.Newest, Limit: ratedMax})
	if err != nil {
		return err
	}
	products := make([]string, len(got.Hits))
	for i, id := range got.Hits {
		products[i] = string(id)
	}
	all, err := w.Reviews.Totals(ctx, products)
	if err != nil {
		return err
	}
	n, sum := int64(0), int64(0)
	for _, s := range all {
		n, sum = n+s.Verified.Total, sum+s.Verified.Total*s.Verified.Tenths
	}
	if n > 0 {
		v.Rating = &page.Stars{Tenths: int((sum + n/2) / n), Text: tenths((sum + n/2) / n),
			Count: t.T("shopweb.reviews_n", "n", t.Count(n))}
	}
	return nil
}

// ratedMax is how many products a shop's rating is taken from.
const ratedMax = 100

// list answers with a list, from the kept pages unless it is an answer to a text, or a later page.
func (w *web) list(rw http.ResponseWriter, r *http.Request, l listing, say func(page.Tongue, *listView) error) error {
	f := w.frame(r, "")
	f.Here = l.href()
	build := func(ctx context.Context, f page.Frame) (listView, error) {
		t := w.set.In(f.Lang)
		if f.Query = l.text; l.fixed == "shop" {
			f.Query = "" // it stands in the shop's own search box
		}
		v := listView{Frame: f, Text: l.text, Empty: page.Empty{Title: t.T("shopweb.nothing"),
			Text: t.T("shopweb.nothing_text"), Href: "/", Action: t.T("page.home")}}
		if err := say(t, &v); err != nil {
			return v, err
		}
		if v.Title == "" {
			v.Title = v.Headline
		}
		if err := w.fillList(ctx, t, &v, l); err != nil {
			return v, err
		}
		if l.fixed == "shop" && l == (listing{path: l.path, shop: l.shop, fixed: l.fixed}) {
			return v, w.lead(ctx, t, &v, l)
		}
		if len(v.Cards) > 0 {
			return v, nil
		}
		return v, w.instead(ctx, t, &v)
	}
	if l.text == "" && l.after == "" && l.min == "" && l.max == "" {
		return w.kept.Serve(rw, r, page.Ask{Path: f.Here, Lang: f.Lang, Name: "list", Me: f.Me,
			Make: func(ctx context.Context) (page.View, error) { return build(ctx, public(f, l.href())) }})
	}
	v, err := build(r.Context(), f)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if v.Wrong != "" {
		status = http.StatusBadRequest
	}
	return w.set.Render(rw, r, status, "list", v)
}

// How much stands above all that a shop sells: a shelf for each of its fullest categories. A shop of one category has
// none: its list is that shelf.
const (
	leadMax   = 5 // products
	leadFrom  = 4 // products that a category must have
	leadsMax  = 3
	leadsFrom = 2
)

func (w *web) lead(ctx context.Context, t page.Tongue, v *listView, l listing) error {
	all, err := w.Search.Search(ctx, search.Query{Shop: l.shop, Limit: 1})
	if err != nil {
		return err
	}
	for _, c := range all.Facets.Categories {
		n, ok := taxonomy.Find(c.ID)
		if !ok || c.Count < leadFrom || len(v.Leads) == leadsMax {
			continue
		}
		_, cards, err := w.found(ctx, t, search.Query{Shop: l.shop, Category: c.ID, InStock: true, Limit: leadMax})
		if err != nil {
			return err
		}
		v.Leads = append(v.Leads, shelf{Title: categoryName(t.Lang, n), Cards: cards,
			Href: l.with(func(next *listing) { next.category = c.ID })})
	}
	if len(v.Leads) < leadsFrom {
		v.Leads = nil
	}
	return nil
}

// instead helps on where nothing was found: what is new, and fewer filters.
func (w *web) instead(ctx context.Context, t page.Tongue, v *listView) error {
	if v.Filtered {
		v.Empty.Href, v.Empty.Action = v.Clear, t.T("shopweb.clear")
	}
	_, cards, err := w.found(ctx, t, search.Query{Sort: search.Newest, InStock: true, Limit: shelfFrom})
	if err != nil {
		return err
	}
	v.Shelf = shelf{Title: t.T("shopweb.fresh"), Href: "/search?sort=newest", Cards: spread(cards, map[string]bool{})}
	return nil
}

func (w *web) fillList(ctx context.Context, t page.Tongue, v *listView, l listing) error {
	c := w.Checkout.Settings().Currency
	q, err := l.query(c)
	var res search.Result
	if err == nil {
		res, v.Cards, err = w.found(ctx, t, q)
	}
	if err != nil {
		if !own(err) {
			return err
		}
		v.Wrong = t.Fault(err)
	}
	v.Found = t.T("shopweb.found", "n", t.Count(int64(res.Total)))
	switch {
	case res.Partial:
		v.Notice = page.Notice{Tone: "plain", Text: t.T("shopweb.partial")}
	case res.Loose:
		v.Notice = page.Notice{Tone: "plain", Text: t.T("shopweb.loose")}
	}
	if res.Next != "" {
		next := l
		next.after = res.Next
		v.Pager.Next = next.href()
	}
	if l.after != "" {
		v.Pager.First = l.with(func(*listing) {})
	}
	v.Filtered = l.min != "" || l.max != "" || l.stock || l.shop != "" && l.fixed != "shop" ||
		l.category != "" && l.fixed != "category"
	v.Clear = listing{path: l.path, text: l.text, sort: l.sort, category: l.category, shop: l.shop, fixed: l.fixed}.bare()
	for _, s := range []search.Sort{search.Relevance, search.PriceUp, search.PriceDown, search.Newest} {
		v.Sorts = append(v.Sorts, page.Link{Text: t.T("shopweb.sort_" + string(s)),
			Current: l.sort == string(s) || l.sort == "" && s == search.Relevance,
			Href:    l.with(func(n *listing) { n.sort = string(s) })})
	}
	if err := w.actives(ctx, t, v, l, c); err != nil {
		return err
	}
	return w.facets(ctx, t, v, l, res.Facets)
}

// actives are the filters that are set, each a link to the list without it.
func (w *web) actives(ctx context.Context, t page.Tongue, v *listView, l listing, c money.Currency) error {
	add := func(on bool, text string, off func(*listing)) {
		if on {
			v.Actives = append(v.Actives, page.Link{Text: text, Href: l.with(off)})
		}
	}
	if n, ok := taxonomy.Find(l.category); ok && l.fixed != "category" {
		add(true, categoryName(t.Lang, n), func(n *listing) { n.category = "" })
	}
	_, shops, err := w.shops.list(ctx)
	if err != nil {
		return err
	}
	add(l.shop != "" && l.fixed != "shop", shops[l.shop].Name.Pick(t.Lang), func(n *listing) { n.shop = "" })
	amount := func(typed string) string {
		if minor, err := money.ParseMinor(typed, c); err == nil {
			return t.Money(money.New(minor, c))
		}
		return typed
	}
	add(l.min != "", t.T("shopweb.price_from", "price", amount(l.min)), func(n *listing) { n.min = "" })
	add(l.max != "", t.T("shopweb.price_to", "price", amount(l.max)), func(n *listing) { n.max = "" })
	add(l.stock, t.T("shopweb.in_stock_only"), func(n *listing) { n.stock = false })
	return nil
}

// bare is the list without filters, except the one that its path stands for.
func (l listing) bare() string {
	if l.fixed != "category" {
		l.category = ""
	}
	if l.fixed != "shop" {
		l.shop = ""
	}
	return l.href()
}
