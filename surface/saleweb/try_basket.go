package saleweb

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"hutong/base/fault"
	"hutong/deal/promo"
	"hutong/goods/catalog"
	"hutong/goods/search"
	"hutong/surface/page"
)

// The bounds of the simulator's basket, and of what looking for goods shows.
const (
	tryLines  = 8
	foundMost = 6  // products
	foundSKUs = 12 // of them
)

// picked is one line of the basket as it was asked for.
type picked struct{ sku, pieces string }

// pick reads the basket: what was there, without what is dropped, and what is added. What is there already is not added
// again, so that a page can be loaded anew.
func pick(q url.Values) (all []picked) {
	add := func(sku, pieces string) {
		sku = strings.TrimSpace(sku)
		there := slices.ContainsFunc(all, func(p picked) bool { return p.sku == sku })
		if sku != "" && !there && len(all) < tryLines {
			all = append(all, picked{sku, pieces})
		}
	}
	for i := range tryLines {
		if n := strconv.Itoa(i + 1); q.Get("drop") != n {
			add(q.Get("sku"+n), q.Get("n"+n))
		}
	}
	for _, sku := range q["add"] {
		add(sku, "1")
	}
	if name := strings.TrimSpace(q.Get("find")); strings.HasPrefix(name, "sku_") {
		add(name, "1")
	}
	return all
}

// tryForm asks for the basket by its goods' names. Looking for goods comes first: where Enter is pressed in any field,
// it is that button which is meant, and it takes nothing away.
func (w *web) tryForm(r *http.Request, t page.Tongue, x trial, refused error) (*form, error) {
	drafts, err := w.drafted(r)
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	f := &form{Action: w.base + promotionsPath + "/try", Method: "get",
		Acts: []page.Act{{Text: t.T("saleweb.try_do"), Main: true}}}
	faults := page.Faults{}
	if refused != nil {
		faults = t.FaultsOf(refused, tryNames()...)
		f.Wrong = faults.General
	}
	if len(x.picked) < tryLines {
		goods, err := w.findGoods(r, t, x)
		if err != nil {
			return nil, err
		}
		f.Sets = append(f.Sets, goods)
	}
	for i, p := range x.picked {
		f.Sets = append(f.Sets, tryLine(t, strconv.Itoa(i+1), p, x.names, faults))
	}
	with := fieldset{Legend: t.T("saleweb.try_drafts")}
	for i := range drafts {
		ref := draftRef(&drafts[i])
		p := &drafts[i].Promotion
		with.Fields = append(with.Fields, page.Field{ID: "draft-" + ref, Name: "draft", Kind: "check", Value: ref,
			Label:   p.Title.Pick(t.Lang) + " · " + w.takes(t, p),
			Checked: slices.Contains(q["draft"], ref)})
	}
	if len(with.Fields) > 0 {
		f.Sets = append(f.Sets, with)
	}
	when := w.field(t, spec{"time", "at", false}, func(s string) string { return q.Get(s) }, faults)
	claim := page.Field{ID: "claim", Name: "claim", Kind: "check", Value: "on", Checked: q.Get("claim") != "",
		Label: t.T("saleweb.try_claim"), Hint: t.T("saleweb.try_claim_hint")}
	f.Sets = append(f.Sets, fieldset{Legend: t.T("saleweb.try_how"), Fields: []page.Field{when, claim}})
	return f, nil
}

func tryNames() []string {
	names := []string{"at"}
	for i := range tryLines {
		names = append(names, "sku"+strconv.Itoa(i+1), "n"+strconv.Itoa(i+1))
	}
	return names
}

// tryLine is one line by its name; by its number where that names nothing.
func tryLine(t page.Tongue, n string, p picked, names map[string]string, faults page.Faults) fieldset {
	line := fieldset{Legend: names[n], Line: true,
		Acts: []page.Act{{Text: t.T("saleweb.try_drop"), Name: "drop", Value: n}}}
	if wrong := faults.At("sku" + n); line.Legend == "" || wrong != "" {
		line.Legend = t.T("saleweb.try_line", "n", n)
		line.Fields = []page.Field{{ID: "sku" + n, Name: "sku" + n, Kind: "text", Length: 64, Required: true,
			Label: t.T("saleweb.try_sku"), Value: p.sku, Error: wrong}}
	} else {
		line.Hidden = []page.Pair{{Name: "sku" + n, Value: p.sku}}
	}
	line.Fields = append(line.Fields, page.Field{ID: "n" + n, Name: "n" + n, Kind: "number", Min: "1", Required: true,
		Label: t.T("saleweb.try_n"), Value: p.pieces, Error: faults.At("n" + n)})
	return line
}

// findGoods offers a shop's goods to be chosen where they are few, or else looks for what a name says.
func (w *web) findGoods(r *http.Request, t page.Tongue, x trial) (s fieldset, err error) {
	s.Legend = t.T("saleweb.try_goods")
	if !w.market {
		goods, more, err := w.ownGoods(r, t)
		if err != nil {
			return s, err
		}
		if !more {
			none := page.Option{Text: t.T("saleweb.try_choose")}
			s.Fields = []page.Field{{ID: "add", Name: "add", Kind: "select", Bare: true, Label: t.T("saleweb.try_name"),
				Options: []page.Group{{Options: append([]page.Option{none}, goods...)}}}}
			s.Acts = []page.Act{{Text: t.T("saleweb.try_add")}}
			return s, nil
		}
	}
	name := strings.TrimSpace(r.URL.Query().Get("find"))
	if strings.HasPrefix(name, "sku_") {
		name = ""
	}
	s.Fields = []page.Field{{ID: "find", Name: "find", Kind: "search", Label: t.T("saleweb.try_name"), Length: 100,
		Value: name, Bare: true, Hint: t.T("saleweb.try_name_hint")}}
	s.Acts = []page.Act{{Text: t.T("saleweb.try_find"), Icon: "search"}}
	if name == "" {
		return s, nil
	}
	if s.Found, err = w.foundGoods(r.Context(), t, name, w.shop(r), x); err == nil && len(s.Found) == 0 {
		s.None = t.T("saleweb.try_found_none", "name", name)
	}
	return s, err
}

// foundGoods are what a name finds, the best first, without what is in the basket; each is a button that adds it.
func (w *web) foundGoods(ctx context.Context, t page.Tongue, name, shop string, x trial) (all []found, err error) {
	if w.Search == nil {
		return nil, nil
	}
	hits, err := w.Search.Search(ctx, search.Query{Text: name, Shop: shop, Currency: string(w.Currency), Limit: foundMost})
	if err != nil {
		return nil, err
	}
	products, err := w.Catalog.Products(ctx, hits.Hits)
	if err != nil {
		return nil, err
	}
	skus := firstSKUs(hits.Hits, products)
	briefs, offers, err := w.goods(ctx, skus)
	if err != nil {
		return nil, err
	}
	shops, err := w.words(ctx, t)
	for _, sku := range skus {
		o, listed := offers[string(sku)]
		if !listed || slices.ContainsFunc(x.picked, func(p picked) bool { return p.sku == string(sku) }) {
			continue
		}
		one := found{Name: briefName(t, briefs[sku]), Sub: w.money(t, o.UnitPrice),
			Act: page.Act{Text: t.T("saleweb.try_add"), Name: "add", Value: string(sku)}}
		if w.market {
			one.Sub += " · " + shops.Shop(o.Shop)
		}
		all = append(all, one)
	}
	return all, err
}

// firstSKUs are the SKUs of products, in the order in which these were found.
func firstSKUs(order []catalog.ID, products []catalog.Product) (skus []catalog.SKUID) {
	slices.SortFunc(products, func(a, b catalog.Product) int {
		return cmp.Compare(slices.Index(order, a.ID), slices.Index(order, b.ID))
	})
	for _, p := range products {
		for _, k := range p.SKUs {
			skus = append(skus, k.ID)
		}
	}
	return skus[:min(len(skus), foundSKUs)]
}

func briefName(t page.Tongue, b catalog.Brief) string {
	name := b.Title.In(t.Lang)
	if c := b.Choice.In(t.Lang); c != "" {
		name += " · " + c
	}
	return name
}

// linesOf finds what the basket names. Codes: saleweb.whole, saleweb.sku.
func (w *web) linesOf(r *http.Request, t page.Tongue, x *trial) error {
	if len(x.picked) == 0 {
		return nil
	}
	skus := make([]catalog.SKUID, len(x.picked))
	for i, p := range x.picked {
		skus[i] = catalog.SKUID(p.sku)
	}
	briefs, offers, err := w.goods(r.Context(), skus)
	if err != nil {
		return err
	}
	var wrong error
	for i, p := range x.picked {
		n := strconv.Itoa(i + 1)
		o, there := offers[p.sku]
		if !there || !w.market && o.Shop != w.shop(r) {
			wrong = cmp.Or(wrong, error(fault.New(fault.Invalid, "saleweb.sku").At("sku"+n)))
			continue
		}
		x.names[n] = briefName(t, briefs[catalog.SKUID(p.sku)])
		pieces, err := strconv.ParseInt(p.pieces, 10, 64)
		if err != nil || pieces < 1 || pieces > promo.QuantityMax {
			wrong = cmp.Or(wrong, error(fault.New(fault.Invalid, "saleweb.whole").At("n"+n)))
			continue
		}
		x.basket.Lines = append(x.basket.Lines, promo.Line{ID: n, Shop: o.Shop, SKU: p.sku, UnitPrice: o.UnitPrice,
			Floor: o.FloorPrice, Categories: promo.Path(briefs[catalog.SKUID(p.sku)].Category), Quantity: pieces})
	}
	return wrong
}
