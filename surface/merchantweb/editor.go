package merchantweb

import (
	"net/http"
	"strings"

	"hutong/base/fault"
	"hutong/goods/catalog"
	"hutong/goods/catalog/taxonomy"
	"hutong/goods/edit"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/surface/page"
)

const (
	editorBodyMax = 512 << 10
	variantsMax   = 100 // that one form can hold
	categoriesMax = 30  // that are offered for one word
)

type editorView struct {
	page.Frame
	New, MayWrite  bool
	Action, Wrong  string
	Badge          page.Badge
	Hidden         []page.Pair
	Head           []page.Field // titles, brand
	Category       page.Field
	Categories     *page.Field // what the word in Category may mean
	Texts          []page.Field
	Options        []optionView
	Matrix         []variantView
	MatrixWrong    string
	TooMany        string // why there is no matrix
	Pictures       []pictureView
	Drop           page.FileDrop
	PicturesAction string
	PicturesLater  string // of a product that is not saved yet
	ShopHref       string // "" while the shop is not open: Unseen says so
	Unseen         string
	PriceName      string
	ListName       string
	FloorName      string
}

type optionView struct {
	Legend       string
	Name, Values page.Field
}

// variantView is one row of the matrix.
type variantView struct {
	No                        int
	Name, SKU, Key, StockWas  string
	Sell                      bool
	Held                      string
	Price, List, Floor, Stock page.Field
	Code, Barcode, Gram       page.Field
}

type pictureView struct {
	ID, Small   string
	First, Last bool
	Name        string
	Alt         string      // what is to be seen, as the merchant says
	Describe    page.Dialog // where they say it
}

// product shows a product's editor, or an empty one.
func (w *web) product(rw http.ResponseWriter, r *http.Request) error {
	f := &editorForm{currency: w.Currency, state: catalog.Withdrawn, rows: []variantRow{{sell: true}}}
	if id := r.PathValue("product"); id != "" {
		sheet, err := w.Edit.Open(r.Context(), shopOf(r), catalog.ID(id))
		if err != nil {
			return err
		}
		f = formOf(sheet, w.Currency)
	}
	return w.showEditor(rw, r, f, nil)
}

// saveProduct does what the editor's form says: "matrix" makes the rows that its options need, "find" looks for a
// category, "save" and "publish" save.
func (w *web) saveProduct(rw http.ResponseWriter, r *http.Request) error {
	id := catalog.ID(r.PathValue("product"))
	f := &editorForm{currency: w.Currency, state: catalog.Withdrawn}
	var sheet edit.Sheet
	if id != "" {
		var err error
		if sheet, err = w.Edit.Open(r.Context(), shopOf(r), id); err != nil {
			return err
		}
		f = formOf(sheet, w.Currency)
	}
	if err := f.read(r); err != nil {
		return w.showEditor(rw, r, f, err)
	}
	switch r.PostFormValue("do") {
	case "matrix", "find":
		return w.showEditor(rw, r, f, nil)
	case "save", "publish":
	default:
		return fault.New(fault.NotFound, "gate.not_found")
	}
	if r.PostFormValue("do") == "publish" {
		f.state = catalog.Listed
	}
	draft, err := f.draft(sheet)
	if err == nil {
		draft.Shop, draft.ID, draft.Seen, draft.Key = shopOf(r), id, r.PostFormValue("seen"), r.PostFormValue("key")
		id, err = w.Edit.Save(r.Context(), draft)
	}
	if err != nil {
		if !page.Own(err) || fault.Of(err) == fault.NotFound {
			return err
		}
		return w.showEditor(rw, r, f, err)
	}
	said := "merchantweb.product_saved"
	if r.PathValue("product") == "" && w.Pictures != nil {
		said = "merchantweb.product_made"
	}
	page.Flash(rw, "good", said)
	return page.See(rw, r, productPath(id))
}

func (w *web) showEditor(rw http.ResponseWriter, r *http.Request, form *editorForm, refused error) error {
	f, t := w.begin(rw, r, productsPath, "merchantweb.product")
	id := r.PathValue("product")
	v := editorView{Frame: f, New: id == "", MayWrite: may(r, login.ProductsWrite), Action: productsPath + "/new",
		Hidden: []page.Pair{{Name: "seen", Value: form.seen}}}
	if id == "" {
		if form.key == "" {
			form.key = w.Edit.NewKey()
		}
		v.Hidden = append(v.Hidden, page.Pair{Name: "key", Value: form.key})
	}
	title := t.T("merchantweb.product_new")
	if id != "" {
		v.Action = productPath(catalog.ID(id))
		shop, err := w.Shops.Shop(r.Context(), merchant.ID(shopOf(r)))
		if err != nil {
			return err
		}
		if v.ShopHref = "/p/" + id; shop.State != merchant.Open {
			v.ShopHref, v.Unseen = "", t.T("merchantweb.seen_once_open")
		}
		title = form.sheet.Product.Title.In(t.Lang)
		v.Badge = page.Badge{Tone: "off", Text: t.T("merchantweb.withdrawn")}
		if form.sheet.Product.State == catalog.Listed {
			v.Badge = page.Badge{Tone: "done", Text: t.T("merchantweb.listed")}
		}
		if w.Pictures != nil {
			if err := w.picturesOf(r, t, &v, form.sheet.Product); err != nil {
				return err
			}
		}
	} else if w.Pictures != nil {
		v.PicturesLater = t.T("merchantweb.pictures_after")
	}
	inCurrency := func(key string) string {
		return t.T("merchantweb.in_currency", "name", t.T("merchantweb."+key), "currency", string(w.Currency))
	}
	v.PriceName, v.ListName, v.FloorName = inCurrency("price"), inCurrency("list"), inCurrency("floor")
	v.Title, v.Here = title, v.Action
	v.Way = []page.Crumb{{Href: productsPath, Text: t.T("merchantweb.products")}, {Text: title}}
	status := http.StatusOK
	field, said := "", ""
	if refused != nil {
		status, field, said = fault.Of(refused).Status(), fault.As(refused).Field, t.Fault(refused)
		v.Wrong = said
	}
	form.fill(t, &v, func(name string) string {
		if field != "" && (name == field || name == "title_zh" && field == "title") {
			return said
		}
		return ""
	})
	if field == "skus" || strings.HasPrefix(field, "skus.") && strings.Count(field, ".") < 2 {
		v.MatrixWrong = said
	}
	return w.set.Render(rw, r, status, "desk-product", v)
}

// categoriesLike finds categories by a word of their name in either language, the shortest paths first.
func categoriesLike(word string) []taxonomy.Node {
	all, err := taxonomy.Load()
	if word = strings.ToLower(strings.TrimSpace(word)); err != nil || word == "" {
		return nil
	}
	var exact, partly []taxonomy.Node
	for _, n := range all {
		zh, en := strings.ToLower(n.Zh), strings.ToLower(n.En)
		switch {
		case zh == word || en == word:
			exact = append(exact, n)
		case strings.Contains(zh, word) || strings.Contains(en, word):
			partly = append(partly, n)
		}
	}
	found := append(exact, partly...)
	return found[:min(len(found), categoriesMax)]
}

// categoryPath is a category with those above it.
func categoryPath(t page.Tongue, id string) string {
	var names []string
	for _, n := range taxonomy.Path(id) {
		names = append(names, catalog.Words{Zh: n.Zh, En: n.En}.In(t.Lang))
	}
	return strings.Join(names, " › ")
}
