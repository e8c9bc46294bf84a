package merchantweb

import (
	"net/http"
	"net/url"
	"strings"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/surface/page"
	"hutong/trade/order"
)

const ordersPerPage = 30

// orders lists the shop's orders: those to ship unless "show" says otherwise.
func (w *web) orders(rw http.ResponseWriter, r *http.Request) error {
	f, t := w.frame(r, "/desk", "merchantweb.orders")
	q := r.URL.Query()
	show, before := order.Filter(q.Get("show")), order.ID(q.Get("before"))
	v := ordersView{Frame: f}
	known := false
	for _, filter := range []order.Filter{order.ToShip, order.ToPay, order.OnTheWay, order.Any} {
		if show == "" {
			show = filter
		}
		known = known || filter == show
		v.Filters = append(v.Filters, page.Link{Href: "/desk?show=" + string(filter), Current: filter == show,
			Text: t.T("merchantweb.show_" + string(filter))})
	}
	if !known {
		return fault.New(fault.NotFound, "gate.not_found")
	}
	all, err := w.Orders.ByShop(r.Context(), shopOf(r), show, before, ordersPerPage+1)
	if err != nil {
		return err
	}
	if len(all) > ordersPerPage {
		all = all[:ordersPerPage]
		next := url.Values{"show": {string(show)}, "before": {string(all[len(all)-1].ID)}}
		v.Pager.Next = "/desk?" + next.Encode()
	}
	if before != "" {
		v.Pager.First = "/desk?show=" + string(show)
	}
	for _, o := range all {
		v.Orders = append(v.Orders, rowOf(t, o))
	}
	v.Empty = page.Empty{Title: t.T("merchantweb.no_orders")}
	return w.set.Render(rw, r, http.StatusOK, "desk-orders", v)
}

func rowOf(t page.Tongue, o order.Order) orderRow {
	row := orderRow{Href: "/desk/orders/" + string(o.ID), Number: short(string(o.ID)), When: t.When(o.PlacedAt)}
	var goods, carriers []string
	sum := int64(0)
	for _, s := range o.Subs {
		row.Badge = t.SubBadge(page.Desk, o.State, s)
		carriers = append(carriers, t.Carrier(s.Carrier))
		sum += s.Goods
		for _, l := range s.Lines {
			goods = append(goods, t.T("merchantweb.n_of", "n", l.Quantity, "title", l.Title))
		}
	}
	const shown = 3
	if len(goods) > shown {
		goods = append(goods[:shown], "…")
	}
	row.Goods, row.Carrier = strings.Join(goods, t.T("merchantweb.comma")), strings.Join(carriers, " ")
	row.Amount = t.Money(money.New(sum, o.Currency))
	return row
}

// short is the end of an id, enough to tell two orders of a list apart.
func short(id string) string { return "…" + id[max(0, len(id)-8):] }
