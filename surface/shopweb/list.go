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
		v.Shop, v.Headline = shopCardOf(t.Lang, s), t.T("shopweb.all_of")
		if s.State != merchant.Open {
			v.Empty = page.Empty{Title: t.T("shopweb.shop_closed"), Href: "/", Action: t.T("page.home")}
		}
		v.Title = v.Shop.Name
		return nil
	})
}

// list answers with a list, from the kept pages unless it is an answer to a text, or a later page.
func (w *web) list(rw http.ResponseWriter, r *http.Request, l listing, say func(page.Tongue, *listView) error) error {
	f := w.frame(r, "")
	f.Here = l.href()
	build := func(ctx context.Context, f page.Frame) (listView, error) {
		t := w.set.In(f.Lang)
		f.Query = l.text
		v := listView{Frame: f, Empty: page.Empty{Title: t.T("shopweb.nothing"), Text: t.T("shopweb.nothing_text"),
			Href: "/", Action: t.T("page.home")}}
		if err := say(t, &v); err != nil {
			return v, err
		}
		if v.Title == "" {
			v.Title = v.Headline
		}
		return v, w.fillList(ctx, t, &v, l)
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
	return w.facets(ctx, t, v, l, res.Facets)
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
