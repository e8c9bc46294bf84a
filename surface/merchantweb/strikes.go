package merchantweb

import (
	"net/http"
	"net/url"
	"strconv"

	"hutong/base/money"
	"hutong/deal/reference"
	"hutong/goods/catalog"
	"hutong/surface/page"
)

// strikesPath is the shop's struck prices.
const strikesPath = "/desk/strikes"

const strikesPerPage = 50

// strikesMost bounds how far back the list goes.
const strikesMost = 100_000

// strikes lists the struck prices of the shop's offers: what history bears is shown to shoppers, the rest says why not.
func (w *web) strikes(rw http.ResponseWriter, r *http.Request) error {
	f, t := w.begin(rw, r, strikesPath, "merchantweb.strikes")
	skip, err := strconv.Atoi(r.URL.Query().Get("at"))
	if err != nil || skip < 0 || skip > strikesMost { // what is no place begins at the newest
		skip = 0
	}
	all, err := w.Campaigns.Reference.StruckBy(r.Context(), shopOf(r), skip, strikesPerPage+1)
	if err == nil && len(all) == 0 && skip > 0 {
		skip = 0
		all, err = w.Campaigns.Reference.StruckBy(r.Context(), shopOf(r), skip, strikesPerPage+1)
	}
	if err != nil {
		return err
	}
	v := listView{Frame: f, Heading: t.T("merchantweb.strikes"), Intro: t.T("merchantweb.strikes_text"), Table: page.Table{
		ID: "strikes", Caption: t.T("merchantweb.strikes"), Columns: []page.Column{
			{Name: t.T("merchantweb.strike_goods"), Wide: true}, {Name: t.T("merchantweb.strike_price"), Num: true},
			{Name: t.T("merchantweb.strike_struck"), Num: true}, {Name: t.T("merchantweb.strike_prior"), Num: true},
			{Name: t.T("merchantweb.strike_result"), Wide: true}},
		Empty: page.Empty{Title: t.T("merchantweb.no_strikes"), Text: t.T("merchantweb.no_strikes_text")}}}
	if len(all) > strikesPerPage {
		all = all[:strikesPerPage]
		v.Table.Pager.Next = strikesPath + "?" + url.Values{"at": {strconv.Itoa(skip + strikesPerPage)}}.Encode()
	}
	ids := make([]catalog.ID, len(all))
	for i, s := range all {
		ids[i] = catalog.ID(s.Product)
	}
	products, err := w.Catalog.Products(r.Context(), ids)
	if err != nil {
		return err
	}
	goods := t.SKUCells(products)
	for _, s := range all {
		v.Table.Rows = append(v.Table.Rows, w.strikeRow(t, goods[s.SKU], s))
	}
	return w.set.Render(rw, r, http.StatusOK, "desk-list", v)
}

func (w *web) strikeRow(t page.Tongue, goods page.Cell, s reference.Struck) page.Row {
	cash := func(minor int64) string { return t.Money(money.New(minor, w.Currency)) }
	prior, result := page.Cell{Text: "–"}, page.Cell{Sub: t.When(s.From),
		Badge: &page.Badge{Tone: "done", Text: t.T("merchantweb.strike_shown")}}
	if s.Prior.Found() {
		prior = page.Cell{Text: cash(s.Prior.Amount), Sub: t.T("merchantweb.strike_" + string(s.Prior.Basis))}
	}
	if s.Code != "" {
		result = page.Cell{Sub: t.T("merchantweb.strike_" + s.Code),
			Badge: &page.Badge{Tone: "off", Text: t.T("merchantweb.strike_hidden")}}
	}
	return page.Row{ID: string(s.Offer), Cells: []page.Cell{goods, {Text: cash(s.Sale)}, {Text: cash(s.Strike)},
		prior, result}}
}
