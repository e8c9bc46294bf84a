package merchantweb

import (
	"net/http"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/goods/catalog"
	"hutong/goods/edit"
	"hutong/surface/page"
)

// effectsMax is how many effects and names the confirming page shows.
const effectsMax = 50

// askBulk shows what would be done, and asks.
func (w *web) askBulk(rw http.ResponseWriter, r *http.Request, ids []catalog.ID, a bulkAsked) error {
	f, t := w.frame(r, productsPath, "merchantweb.products")
	f.Here = productsPath
	f.Way = []page.Crumb{{Href: productsPath, Text: t.T("merchantweb.products")},
		{Text: t.T("merchantweb.bulk_" + a.do)}}
	v := bulkView{Frame: f, Question: t.T("merchantweb.ask_"+a.do, "n", t.Count(int64(len(ids)))),
		Hidden: []page.Pair{{Name: "do", Value: a.do}}}
	for _, id := range ids {
		v.Hidden = append(v.Hidden, page.Pair{Name: "product", Value: string(id)})
	}
	all, err := w.Catalog.Products(r.Context(), ids)
	if err != nil {
		return err
	}
	titles := map[catalog.ID]catalog.Product{}
	for _, p := range all {
		if p.Shop != shopOf(r) {
			return fault.New(fault.NotFound, "product.not_found")
		}
		titles[p.ID] = p
	}
	if len(titles) == 0 {
		return fault.New(fault.NotFound, "product.not_found")
	}
	if a.ready && a.err == nil {
		effects, err := w.Edit.Preview(r.Context(), shopOf(r), ids, a.change)
		if err != nil && (!page.Own(err) || fault.Of(err) == fault.NotFound) {
			return err
		}
		a.err = err
		v.Table = effectTable(t, w.Currency, a.change, effects, titles)
		if len(effects) > effectsMax {
			v.More = t.T("merchantweb.more_of", "n", t.Count(int64(len(effects)-effectsMax)))
		}
	}
	v.ask(t, r, a, all)
	status := http.StatusOK
	if a.err != nil {
		status = fault.Of(a.err).Status()
		if fault.As(a.err).Field != "by" {
			v.Wrong = t.Fault(a.err)
		}
	}
	return w.set.Render(rw, r, status, "desk-product-bulk", v)
}

// ask sets the form: the fields while it is to be said by how much, the confirming button after that.
func (v *bulkView) ask(t page.Tongue, r *http.Request, a bulkAsked, all []catalog.Product) {
	amounts := a.do == "price" || a.do == "stock" || a.do == "floor"
	if !amounts {
		for i, p := range all {
			if i == effectsMax {
				v.More = t.T("merchantweb.more_of", "n", t.Count(int64(len(all)-effectsMax)))
				break
			}
			v.Names = append(v.Names, p.Title.In(t.Lang))
		}
	}
	if !amounts || a.ready && a.err == nil {
		v.Confirm = page.Act{Text: t.T("merchantweb.confirm_" + a.do), Name: "sure", Value: "1", Main: true,
			Bad: a.do == "withdraw"}
		if amounts {
			v.Hidden = append(v.Hidden, page.Pair{Name: "kind", Value: r.PostFormValue("kind")},
				page.Pair{Name: "by", Value: r.PostFormValue("by")})
		}
		return
	}
	kinds := map[string][]edit.Kind{"price": {edit.PriceRate, edit.PriceAmount}, "stock": {edit.StockAdd, edit.StockSet},
		"floor": {edit.FloorRate, edit.FloorAmount}}[a.do]
	how := page.Field{ID: "kind", Name: "kind", Kind: "radios", Label: t.T("merchantweb.how"), Required: true,
		Options: []page.Group{{}}}
	for i, k := range kinds {
		chosen := r.PostFormValue("kind") == string(k) || i == 0 && r.PostFormValue("kind") == ""
		how.Options[0].Options = append(how.Options[0].Options, page.Option{Value: string(k), Selected: chosen,
			Text: t.T("merchantweb.how_" + string(k)), Sub: t.T("merchantweb.how_" + string(k) + "_sub")})
	}
	by := page.Field{ID: "by", Name: "by", Kind: "text", Label: t.T("merchantweb.by_how_much"), Required: true, Length: 16,
		Value: r.PostFormValue("by"), Auto: "off"}
	if a.err != nil && fault.As(a.err).Field == "by" {
		by.Error = t.Fault(a.err)
	} else if a.err != nil {
		by.Error = t.Fault(a.err)
	}
	v.Fields = []page.Field{how, by}
	v.Confirm = page.Act{Text: t.T("merchantweb.preview"), Main: true}
}

func effectTable(
	t page.Tongue, c money.Currency, change edit.Change, all []edit.Effect, titles map[catalog.ID]catalog.Product,
) page.Table {
	v := page.Table{ID: "effects", Caption: t.T("merchantweb.effects"), Columns: []page.Column{
		{Name: t.T("merchantweb.product"), Wide: true}, {Name: t.T("merchantweb.before"), Num: true},
		{Name: t.T("merchantweb.after"), Num: true}}}
	say := t.Count
	if change.Kind.Prices() {
		say = func(n int64) string { return t.Money(money.New(n, c)) }
	}
	for _, e := range all[:min(len(all), effectsMax)] {
		p := titles[e.Product]
		v.Rows = append(v.Rows, page.Row{Cells: []page.Cell{{Text: p.Title.In(t.Lang), Sub: choiceOf(t, p, e.SKU)},
			{Text: say(e.Before)}, {Text: say(e.After)}}})
	}
	return v
}

func choiceOf(t page.Tongue, p catalog.Product, sku catalog.SKUID) string {
	for _, k := range p.SKUs {
		if k.ID == sku {
			return catalog.Choose(p.Options, k.Choice).In(t.Lang)
		}
	}
	return ""
}
