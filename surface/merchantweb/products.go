package merchantweb

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/goods/catalog"
	"hutong/goods/edit"
	"hutong/goods/offer"
	"hutong/goods/picture"
	"hutong/goods/stock"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

const (
	productsPath    = "/desk/products"
	productsPerPage = 25
	bulkBodyMax     = 64 << 10
)

// goodsRoutes are the pages about what the shop sells and how it gets there.
func (w *web) goodsRoutes() []gate.Route {
	if w.Edit == nil {
		return w.importRoutes()
	}
	get, post := http.MethodGet, http.MethodPost
	many := row("products.save", post, productsPath, login.ProductsWrite, w.save)
	many.BodyMax = bulkBodyMax
	write := row("product.save", post, productsPath+"/{product}", login.ProductsWrite, w.saveProduct)
	write.BodyMax = editorBodyMax
	fresh := row("product.make", post, productsPath+"/new", login.ProductsWrite, w.saveProduct)
	fresh.BodyMax = editorBodyMax
	routes := []gate.Route{row("products", get, productsPath, login.ProductsRead, w.products), many,
		row("product.new", get, productsPath+"/new", login.ProductsWrite, w.product), fresh,
		row("product", get, productsPath+"/{product}", login.ProductsRead, w.product), write}
	if w.Pictures != nil {
		pictures := row("product.pictures", post, productsPath+"/{product}/pictures", login.ProductsWrite, w.savePictures)
		pictures.BodyMax = picturesBodyMax
		routes = append(routes, pictures)
	}
	return append(routes, w.importRoutes()...)
}

type productListView struct {
	page.Frame
	MayWrite bool
	Table    page.Table
}

// products lists what the shop sells.
func (w *web) products(rw http.ResponseWriter, r *http.Request) error {
	return w.listProducts(rw, r, nil)
}

// asked reads what the list is asked for.
func asked(r *http.Request) edit.Query {
	q := r.URL.Query()
	n, err := strconv.Atoi(q.Get("page"))
	if err != nil {
		n = 0
	}
	out := edit.Query{Shop: shopOf(r), Text: q.Get("q"), State: catalog.State(q.Get("state")),
		Stock: edit.Level(q.Get("stock")), Sort: edit.Sort(q.Get("sort")), Page: n, Limit: productsPerPage}
	if q.Get("show") == "low" { // as the first page of the desk calls it
		out.Stock = edit.Low
	}
	if out.State != catalog.Listed && out.State != catalog.Withdrawn {
		out.State = ""
	}
	if !out.Stock.Valid() {
		out.Stock = ""
	}
	if !out.Sort.Valid() {
		out.Sort = ""
	}
	return out
}

// address is the list's address for a query.
func address(q edit.Query) string {
	v := url.Values{}
	for name, value := range map[string]string{"q": q.Text, "state": string(q.State), "stock": string(q.Stock),
		"sort": string(q.Sort)} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.Page > 0 {
		v.Set("page", strconv.Itoa(q.Page))
	}
	if len(v) == 0 {
		return productsPath
	}
	return productsPath + "?" + v.Encode()
}

func (w *web) listProducts(rw http.ResponseWriter, r *http.Request, refused error) error {
	f, t := w.begin(rw, r, productsPath, "merchantweb.products")
	q := asked(r)
	ids, more, err := w.Edit.List(r.Context(), q)
	if err != nil {
		return err
	}
	v := productListView{Frame: f, MayWrite: may(r, login.ProductsWrite)}
	v.Table = productTable(t, q, v.MayWrite)
	if more {
		next := q
		next.Page++
		v.Table.Pager.Next = address(next)
	}
	if q.Page > 0 {
		prev := q
		prev.Page--
		v.Table.Pager.Prev = address(prev)
	}
	if v.Table.Rows, err = w.productRows(r, t, ids); err != nil {
		return err
	}
	status := http.StatusOK
	if refused != nil {
		status, v.Notice = fault.Of(refused).Status(), page.Notice{Tone: "bad", Text: t.Fault(refused)}
	}
	return w.set.Render(rw, r, status, "desk-product-list", v)
}

// productTable is the list without its rows: heads that sort, filters, and what can be done to many.
func productTable(t page.Tongue, q edit.Query, write bool) page.Table {
	v := page.Table{ID: "products", Caption: t.T("merchantweb.products"), Columns: []page.Column{
		column(t, q, "product", edit.ByTitle, ""), {Name: t.T("merchantweb.state")},
		column(t, q, "price", edit.ByPrice, edit.ByPriceDown), column(t, q, "free", edit.ByStock, edit.ByStockDown)},
		Empty: page.Empty{Title: t.T("merchantweb.no_products"), Text: t.T("merchantweb.no_products_hint")}}
	v.Columns[0].Wide, v.Columns[2].Num, v.Columns[3].Num = true, true, true
	choose := func(name, chosen string, values ...string) page.Field {
		all := []page.Option{{Text: t.T("merchantweb.any")}}
		for _, value := range values {
			all = append(all, page.Option{Value: value, Text: t.T("merchantweb." + name + "_" + value),
				Selected: value == chosen})
		}
		return page.Field{ID: "filter-" + name, Name: name, Kind: "select", Label: t.T("merchantweb.by_" + name),
			Options: []page.Group{{Options: all}}}
	}
	v.Filter = &page.Filter{Action: productsPath, Name: "q", Label: t.T("merchantweb.find_products"), Query: q.Text,
		Fields: []page.Field{choose("state", string(q.State), string(catalog.Listed), string(catalog.Withdrawn)),
			choose("stock", string(q.Stock), string(edit.Out), string(edit.Low), string(edit.In))}}
	if q.Sort != "" {
		v.Filter.Keep = []page.Pair{{Name: "sort", Value: string(q.Sort)}}
	}
	if q.Text != "" || q.State != "" || q.Stock != "" {
		v.Filter.Clear = address(edit.Query{Sort: q.Sort})
		v.Empty = page.Empty{Title: t.T("merchantweb.none_found"), Href: v.Filter.Clear, Action: t.T("merchantweb.list_all")}
	}
	if write {
		v.Bulk = &page.Bulk{Action: productsPath, Name: "product", Acts: []page.Act{
			{Text: t.T("merchantweb.bulk_publish"), Name: "do", Value: "publish"},
			{Text: t.T("merchantweb.bulk_withdraw"), Name: "do", Value: "withdraw"},
			{Text: t.T("merchantweb.bulk_price"), Name: "do", Value: "price"},
			{Text: t.T("merchantweb.bulk_floor"), Name: "do", Value: "floor"},
			{Text: t.T("merchantweb.bulk_stock"), Name: "do", Value: "stock"}}}
	}
	return v
}

// column is a head that sorts: up first, then down where there is a down.
func column(t page.Tongue, q edit.Query, key string, up, down edit.Sort) page.Column {
	c := page.Column{Name: t.T("merchantweb." + key)}
	to := up
	switch {
	case q.Sort == up:
		c.Sorted, to = "up", down
	case down != "" && q.Sort == down:
		c.Sorted, to = "down", ""
	}
	q.Sort, q.Page = to, 0
	c.Href = address(q)
	return c
}

// productRows joins products with their offers and pools.
func (w *web) productRows(r *http.Request, t page.Tongue, ids []catalog.ID) ([]page.Row, error) {
	ctx, shop := r.Context(), shopOf(r)
	products, err := w.Catalog.Products(ctx, ids)
	if err != nil {
		return nil, err
	}
	var plain, skus []string
	for _, p := range products {
		plain = append(plain, string(p.ID))
		for _, k := range p.SKUs {
			skus = append(skus, string(k.ID))
		}
	}
	offers, err := w.Offers.ByProducts(ctx, plain)
	if err != nil {
		return nil, err
	}
	pools, err := w.Stock.PoolsBySKU(ctx, shop, skus)
	if err != nil {
		return nil, err
	}
	rows := make([]page.Row, len(products))
	for i, p := range products {
		rows[i] = productRow(t, p, offersOf(offers[string(p.ID)], shop), pools)
	}
	return rows, nil
}

func offersOf(all []offer.Offer, shop string) map[string]offer.Offer {
	mine := make(map[string]offer.Offer, len(all))
	for _, o := range all {
		if o.Shop == shop {
			mine[o.SKU] = o
		}
	}
	return mine
}

func productRow(t page.Tongue, p catalog.Product, offers map[string]offer.Offer, pools map[string]stock.Pool) page.Row {
	var free, held int64
	var low, high, was money.Money
	for _, k := range p.SKUs {
		o, pool := offers[string(k.ID)], pools[string(k.ID)]
		held += pool.Held + pool.Sold
		if o.State == offer.Listed {
			free += pool.Free()
		}
		if o.ID != "" && (low.Minor == 0 || o.UnitPrice < low.Minor) {
			low, was = o.Price(), money.New(o.ListPrice, o.Currency)
		}
		if o.UnitPrice > high.Minor {
			high = o.Price()
		}
	}
	first := page.Picture{Tint: page.TintOf(string(p.ID))}
	if len(p.Pictures) > 0 {
		first.Small = page.PictureURL(string(p.Pictures[0]), picture.Small)
	}
	sub := t.T("merchantweb.n_variants", "n", len(p.SKUs))
	if len(p.SKUs) == 1 {
		sub = p.SKUs[0].Code
	}
	badge := page.Badge{Tone: "done", Text: t.T("merchantweb.listed")}
	switch {
	case p.State != catalog.Listed:
		badge = page.Badge{Tone: "off", Text: t.T("merchantweb.withdrawn")}
	case free <= 0:
		badge = page.Badge{Tone: "wait", Text: t.T("page.sold_out"), Who: t.T("merchantweb.you_act")}
	}
	count := page.Cell{Text: t.Count(free)}
	if held > 0 {
		count.Sub = t.T("merchantweb.n_promised", "n", t.Count(held))
	}
	cells := []page.Cell{{Text: p.Title.In(t.Lang), Sub: sub, Picture: &first, Href: productPath(p.ID)}, {Badge: &badge},
		{Text: "–"}, count}
	if low.Minor > 0 {
		price := t.PriceOf(low, was, high.Minor > low.Minor)
		cells[2] = page.Cell{Price: &price}
	}
	return page.Row{ID: string(p.ID), Name: p.Title.In(t.Lang), Cells: cells}
}

func productPath(id catalog.ID) string { return productsPath + "/" + url.PathEscape(string(id)) }

// bulkView asks before many products are changed.
type bulkView struct {
	page.Frame
	Question, Wrong string
	Fields          []page.Field
	Names           []string
	More            string
	Table           page.Table
	Hidden          []page.Pair
	Confirm         page.Act
}

// save does one thing to many products: it asks first, shows what prices and stock would become, and then does it.
func (w *web) save(rw http.ResponseWriter, r *http.Request) error {
	do := r.PostFormValue("do")
	switch do {
	case "publish", "withdraw", "price", "stock", "floor":
	default:
		return fault.New(fault.NotFound, "gate.not_found")
	}
	var ids []catalog.ID
	for _, id := range r.PostForm["product"] {
		ids = append(ids, catalog.ID(id))
	}
	c, ready, err := w.changeFrom(r, do)
	if len(ids) == 0 && err == nil {
		err = fault.New(fault.Invalid, "edit.none")
	}
	if len(ids) == 0 || len(ids) > edit.BulkMax {
		return w.listProducts(rw, r, fault.New(fault.Invalid, bulkCode(len(ids)), fault.P("max", edit.BulkMax)))
	}
	if err == nil && ready && r.PostFormValue("sure") != "" {
		n, err := w.Edit.Bulk(r.Context(), shopOf(r), ids, c)
		if err == nil {
			page.Flash(rw, "good", "merchantweb.bulk_done", "n", strconv.Itoa(n))
			return page.See(rw, r, productsPath)
		}
		return w.askBulk(rw, r, ids, bulkAsked{do: do, change: c, err: err})
	}
	return w.askBulk(rw, r, ids, bulkAsked{do: do, change: c, ready: ready && err == nil, err: err})
}

func bulkCode(n int) string {
	if n == 0 {
		return "edit.none"
	}
	return "edit.too_many"
}

// changeFrom reads the change; it is not ready while the form has not said by how much.
func (w *web) changeFrom(r *http.Request, do string) (c edit.Change, ready bool, err error) {
	by := strings.TrimPrefix(strings.TrimSpace(r.PostFormValue("by")), "+")
	kind := edit.Kind(r.PostFormValue("kind"))
	switch {
	case do == "publish":
		return edit.Change{Kind: edit.Publish}, true, nil
	case do == "withdraw":
		return edit.Change{Kind: edit.Withdraw}, true, nil
	case kind == "":
		return edit.Change{}, false, nil
	}
	wrong := fault.New(fault.Invalid, "edit.by").At("by")
	c.Kind = kind
	switch kind {
	case edit.PriceRate, edit.FloorRate:
		hundredths, failed := money.ParseMinor(strings.TrimSuffix(by, "%"), "CNY") // of a percent
		if failed != nil || hundredths > edit.RateMax/100 || hundredths < edit.RateMin/100 {
			return c, false, fault.New(fault.Invalid, "edit.rate").At("by")
		}
		c.Rate = hundredths * 100
	case edit.PriceAmount, edit.FloorAmount:
		if c.Amount, err = money.ParseMinor(by, w.Currency); err != nil {
			return c, false, wrong
		}
	case edit.StockSet, edit.StockAdd:
		if c.Pieces, err = strconv.ParseInt(by, 10, 64); err != nil || max(c.Pieces, -c.Pieces) > stock.QuantityMax {
			return c, false, wrong
		}
	default:
		return c, false, wrong
	}
	return c, true, nil
}

// bulkAsked is what the confirming page is about.
type bulkAsked struct {
	do     string
	change edit.Change
	ready  bool
	err    error
}
