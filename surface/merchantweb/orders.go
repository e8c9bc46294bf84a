package merchantweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/goods/picture"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/order"
)

const (
	ordersPerPage = 30
	searchMax     = 300 // of the newest orders, that the end of a number is looked for in
	oldest        = "oldest"
)

// orderFilters are the views of the list, in the order of their tabs.
var orderFilters = []order.Filter{order.ToShip, order.Held, order.Dated, order.ToPay, order.OnTheWay,
	order.Done, order.Any}

// ordersQuery is what the list is asked for.
type ordersQuery struct {
	show   order.Filter
	oldest bool
	find   string
	after  order.ID // the last one of the page before
}

func ordersQueryOf(r *http.Request) (q ordersQuery, err error) {
	v := r.URL.Query()
	q = ordersQuery{show: order.Filter(v.Get("show")), oldest: v.Get("sort") == oldest,
		after: order.ID(page.Place(v, "after", "ord")), find: strings.TrimSpace(v.Get("q"))}
	if q.show == "" {
		q.show = order.ToShip
	}
	if !slices.Contains(orderFilters, q.show) {
		return q, fault.New(fault.NotFound, "gate.not_found")
	}
	return q, nil
}

// href is the list's address with something changed.
func (q ordersQuery) href(show order.Filter, rising bool, after order.ID) string {
	v := url.Values{"show": {string(show)}}
	if rising {
		v.Set("sort", oldest)
	}
	if after != "" {
		v.Set("after", string(after))
	}
	return "/desk/orders?" + v.Encode()
}

// orders lists the shop's orders: those to ship unless "show" says otherwise.
func (w *web) orders(rw http.ResponseWriter, r *http.Request) error {
	q, err := ordersQueryOf(r)
	if err != nil {
		return err
	}
	f, t := w.begin(rw, r, "/desk/orders", "merchantweb.orders")
	v := listView{Frame: f, Heading: t.T("merchantweb.orders")}
	all, err := w.readOrders(r.Context(), shopOf(r), q)
	if err != nil {
		return err
	}
	v.Table = w.orderTable(r, t, q)
	if len(all) > ordersPerPage {
		all = all[:ordersPerPage]
		v.Table.Pager.Next = q.href(q.show, q.oldest, all[len(all)-1].ID)
	}
	if q.after != "" {
		v.Table.Pager.First = q.href(q.show, q.oldest, "")
	}
	for _, o := range all {
		v.Table.Rows = append(v.Table.Rows, orderRowOf(t, o, clock.Now(r.Context(), w.Clock)))
	}
	if q.find == "" {
		if v.Tabs, err = w.orderTabs(r.Context(), t, shopOf(r), q); err != nil {
			return err
		}
	}
	return w.set.Render(rw, r, http.StatusOK, "desk-list", v)
}

func (w *web) readOrders(ctx context.Context, shop string, q ordersQuery) ([]order.Order, error) {
	switch {
	case q.find != "":
		return w.findOrder(ctx, shop, q.find)
	case q.oldest:
		return w.Orders.ByShopOldest(ctx, shop, q.show, q.after, ordersPerPage+1)
	}
	return w.Orders.ByShop(ctx, shop, q.show, q.after, ordersPerPage+1)
}

// findOrder looks for an order by its number, or by the end of it, as the list shows it.
func (w *web) findOrder(ctx context.Context, shop, text string) ([]order.Order, error) {
	text = strings.ToLower(strings.TrimLeft(text, "…. "))
	o, err := w.Orders.Sold(ctx, shop, order.ID(text))
	if err == nil {
		return []order.Order{o}, nil
	}
	if fault.Of(err) != fault.NotFound {
		return nil, err
	}
	const enough = 4 // letters: fewer fit too many
	if len(text) < enough {
		return nil, nil
	}
	recent, err := w.Orders.ByShop(ctx, shop, order.Any, "", searchMax)
	var found []order.Order
	for _, o := range recent {
		if strings.HasSuffix(string(o.ID), text) && len(found) < ordersPerPage {
			found = append(found, o)
		}
	}
	return found, err
}

func (w *web) orderTabs(ctx context.Context, t page.Tongue, shop string, q ordersQuery) (*page.Tabs, error) {
	tabs := &page.Tabs{Label: t.T("merchantweb.show")}
	for _, f := range orderFilters {
		l := page.Link{Href: q.href(f, q.oldest, ""), Current: f == q.show, Text: t.T("merchantweb.show_" + string(f))}
		if f == order.ToShip {
			n, err := w.Orders.CountByShop(ctx, shop, f, todoMax)
			if err != nil {
				return nil, err
			}
			l.Count = n
		}
		if f == order.Held { // a rare thing: it has a tab while there is one
			n, err := w.Orders.CountByShop(ctx, shop, f, todoMax)
			if err != nil {
				return nil, err
			}
			if n == 0 && !l.Current {
				continue
			}
			l.Count = n
		}
		if f == order.Dated { // what is late is what counts here
			n, err := w.Orders.CountLate(ctx, shop, clock.Now(ctx, w.Clock), todoMax)
			if err != nil {
				return nil, err
			}
			l.Count = n
		}
		tabs.Links = append(tabs.Links, l)
	}
	return tabs, nil
}

func (w *web) orderTable(r *http.Request, t page.Tongue, q ordersQuery) page.Table {
	sorted := map[bool]string{true: "up", false: "down"}[q.oldest]
	table := page.Table{ID: "orders", Caption: t.T("merchantweb.orders"), Columns: []page.Column{
		{Name: t.T("merchantweb.number")}, {Name: t.T("merchantweb.goods"), Wide: true},
		{Name: t.T("merchantweb.placed"), Href: q.href(q.show, !q.oldest, ""), Sorted: sorted},
		{Name: t.T("merchantweb.amount"), Num: true}, {Name: t.T("merchantweb.carrier")},
		{Name: t.T("merchantweb.state")}},
		Filter: &page.Filter{Action: "/desk/orders", Name: "q", Label: t.T("merchantweb.find_order"), Query: q.find},
		Empty:  page.Empty{Title: t.T("merchantweb.no_orders"), Text: t.T("merchantweb.no_orders_" + string(q.show))},
		Bulk:   &page.Bulk{Action: "/desk/orders", Name: "order"}}
	if q.find != "" {
		table.Columns[2].Href = ""
		table.Filter.Clear = "/desk/orders"
		table.Empty = page.Empty{Title: t.T("merchantweb.not_found_order"), Text: t.T("merchantweb.not_found_order_text")}
	}
	table.Bulk.Acts = w.orderActs(r, t, q)
	if len(table.Bulk.Acts) == 0 {
		table.Bulk = nil
	}
	return table
}

// orderActs is what can be done with many of the orders that are shown.
func (w *web) orderActs(r *http.Request, t page.Tongue, q ordersQuery) (acts []page.Act) {
	add := func(do string, main bool) {
		acts = append(acts, page.Act{Text: t.T("merchantweb.do_" + do), Name: "do", Value: do, Main: main})
	}
	ships := gate.Who(r.Context()).Can(login.OrdersShip)
	if q.find == "" && (q.show == order.ToPay || q.show == order.Held || q.show == order.Done) {
		return nil
	}
	if q.show != order.OnTheWay || q.find != "" {
		add("pick", false)
	}
	if ships {
		add("slips", false)
		if q.show != order.ToShip && q.show != order.Dated || q.find != "" {
			add("labels", q.show == order.OnTheWay)
		}
		if q.show != order.OnTheWay || q.find != "" {
			add("ship", true)
		}
	}
	return acts
}

func orderRowOf(t page.Tongue, o order.Order, now time.Time) page.Row {
	var goods, carriers []string
	var badge page.Badge
	sum, pieces := int64(0), int64(0)
	for _, s := range o.Subs {
		badge = t.SubBadge(page.Desk, o, s)
		carriers = append(carriers, t.Carrier(s.Carrier))
		sum += s.Goods + s.Freight
		for _, l := range s.Lines {
			pieces += l.Quantity
			goods = append(goods, t.T("merchantweb.n_of", "n", l.Quantity,
				"title", strings.TrimSpace(l.Title+" "+l.Choice)))
		}
	}
	const shown = 2
	more := ""
	if len(goods) > shown {
		more = t.T("merchantweb.and_more", "n", len(goods)-shown)
		goods = goods[:shown]
	}
	first := page.Picture{}
	if lines := o.Lines(); len(lines) > 0 {
		first = page.Picture{Small: page.PictureURL(lines[0].Picture, picture.Small), Tint: page.TintOf(lines[0].Product)}
	}
	if o.Remark != "" {
		more = strings.TrimSpace(more + " " + t.T("merchantweb.has_remark", "text", o.Remark))
	}
	fixed := o.State != order.Paid && o.State != order.Completed || o.Undecided()
	return page.Row{ID: string(o.ID), Name: short(string(o.ID)), Fixed: fixed,
		Cells: []page.Cell{{Text: short(string(o.ID)), Href: "/desk/orders/" + string(o.ID), Code: true},
			{Text: strings.Join(goods, t.T("merchantweb.comma")), Sub: more, Picture: &first}, {Text: t.When(o.PlacedAt)},
			{Text: t.Money(money.New(sum, o.Currency)), Sub: t.T("merchantweb.pieces", "n", pieces)},
			{Text: strings.Join(carriers, " ")}, stateCell(t, o, badge, now)}}
}

// stateCell is where an order stands; of one that is held since when, of what was promised by a day by when it is to be
// sent.
func stateCell(t page.Tongue, o order.Order, badge page.Badge, now time.Time) page.Cell {
	if o.Undecided() {
		return page.Cell{Badge: &badge, Sub: t.T("merchantweb.held_since", "when", t.When(o.TakenAt))}
	}
	text, tone := "", ""
	if len(o.Subs) > 0 {
		text, tone = shipsOf(t, o, o.Subs[0], now)
	}
	if tone == "bad" {
		return page.Cell{Badge: &page.Badge{Tone: "bad", Text: t.T("merchantweb.ships_overdue")}, Sub: text}
	}
	return page.Cell{Badge: &badge, Sub: text}
}

// short is the end of an id, enough to tell two orders of a list apart.
func short(id string) string { return "…" + id[max(0, len(id)-8):] }
