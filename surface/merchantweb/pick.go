package merchantweb

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"hutong/goods/picture"
	"hutong/surface/page"
	"hutong/surface/paper"
	"hutong/trade/order"
)

// pickLine is one SKU of a pick list, with how many pieces to take from the shelf.
type pickLine struct {
	sku, title, choice, picture, product string
	pieces                               int64
	orders                               []string // the ends of their numbers
}

// pickLines adds the pieces up over the orders, SKU by SKU. What has left or is not paid is left out.
func pickLines(all []order.Order) (lines []pickLine, orders int) {
	at := map[string]int{}
	for _, o := range all {
		wanted := wanted(o)
		if len(wanted) > 0 {
			orders++
		}
		for _, l := range wanted {
			i, known := at[l.SKU]
			if !known {
				i = len(lines)
				at[l.SKU] = i
				lines = append(lines, pickLine{sku: l.SKU, title: l.Title, choice: l.Choice, picture: l.Picture,
					product: l.Product})
			}
			lines[i].pieces += l.Left()
			lines[i].orders = append(lines[i].orders, fmt.Sprintf("%s × %d", short(string(o.ID)), l.Left()))
		}
	}
	slices.SortStableFunc(lines, func(a, b pickLine) int { return strings.Compare(a.title+a.choice, b.title+b.choice) })
	return lines, orders
}

// wanted are the lines of an order that wait on the shelf.
func wanted(o order.Order) (lines []order.Line) {
	for _, s := range o.Subs {
		for _, l := range s.Lines {
			if toShip(o, s) && l.Left() > 0 {
				lines = append(lines, l)
			}
		}
	}
	return lines
}

// pick shows what to take from the shelves for the chosen orders.
func (w *web) pick(rw http.ResponseWriter, r *http.Request) error {
	ids := r.URL.Query()["order"]
	all, err := w.chosenOrders(r.Context(), shopOf(r), ids)
	if err != nil {
		return err
	}
	f, t := w.frame(r, "/desk/orders", "merchantweb.pick_list")
	f.Way = []page.Crumb{{Href: "/desk/orders", Text: t.T("merchantweb.orders")}, {Text: t.T("merchantweb.pick_list")}}
	lines, orders := pickLines(all)
	q := url.Values{"order": ids}.Encode()
	v := listView{Frame: f, Heading: t.T("merchantweb.pick_list"), Table: page.Table{ID: "pick",
		Caption: t.T("merchantweb.pick_list"), Columns: []page.Column{{Name: t.T("merchantweb.product"), Wide: true},
			{Name: t.T("merchantweb.pieces_head"), Num: true}, {Name: t.T("merchantweb.for_orders")}},
		Empty: page.Empty{Title: t.T("merchantweb.nothing_to_pick"), Text: t.T("merchantweb.nothing_to_pick_text"),
			Href: "/desk/orders", Action: t.T("merchantweb.back_to_orders")}}}
	pieces := int64(0)
	for _, l := range lines {
		pieces += l.pieces
		v.Table.Rows = append(v.Table.Rows, page.Row{ID: l.sku, Cells: []page.Cell{
			{Text: l.title, Sub: l.choice, Picture: &page.Picture{Small: page.PictureURL(l.picture, picture.Small),
				Tint: page.TintOf(l.product)}},
			{Text: t.Count(l.pieces)}, {Text: strings.Join(l.orders, t.T("merchantweb.comma"))}}})
	}
	if len(lines) > 0 {
		v.Intro = t.T("merchantweb.pick_sum", "pieces", pieces, "skus", len(lines), "orders", orders)
		v.Acts = []page.Act{{Text: t.T("merchantweb.print_pdf"), Href: "/desk/orders/pick.pdf?" + q},
			{Text: t.T("merchantweb.do_ship"), Href: "/desk/orders/ship?" + q, Icon: "truck", Main: true}}
	}
	return w.set.Render(rw, r, http.StatusOK, "desk-list", v)
}

// pickPDF is the same on paper, with room to tick.
func (w *web) pickPDF(rw http.ResponseWriter, r *http.Request) error {
	all, err := w.chosenOrders(r.Context(), shopOf(r), r.URL.Query()["order"])
	if err != nil {
		return err
	}
	_, t := w.frame(r, "/desk/orders", "merchantweb.pick_list")
	lines, orders := pickLines(all)
	now, pieces := w.Clock.Now(), int64(0)
	d := paper.Document{Title: t.T("merchantweb.pick_list"), Subtitle: t.When(now)}
	d.Table.Columns = []paper.Column{{Title: "", Share: 0.5}, {Title: t.T("merchantweb.product"), Share: 5},
		{Title: t.T("merchantweb.choice"), Share: 3}, {Title: t.T("merchantweb.pieces_head"), Share: 1, Right: true},
		{Title: t.T("merchantweb.for_orders"), Share: 4}}
	for _, l := range lines {
		pieces += l.pieces
		d.Table.Rows = append(d.Table.Rows, []string{"[  ]", l.title, l.choice, t.Count(l.pieces),
			strings.Join(l.orders, t.T("merchantweb.comma"))})
	}
	d.Facts = []paper.Fact{{Name: t.T("merchantweb.orders"), Value: t.Count(int64(orders))},
		{Name: t.T("merchantweb.pieces_head"), Value: t.Count(pieces)}}
	pdf, err := paper.A4(now, d)
	if err != nil {
		return err
	}
	return w.file(rw, "application/pdf", "pick-list.pdf", pdf)
}
