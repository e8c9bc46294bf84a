package shopweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"hutong/base/money"
	"hutong/party/merchant"
	"hutong/surface/page"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

// How much a list of orders shows, and how far it looks for those that a filter lets through.
const (
	ordersPerPage = 20
	ordersRead    = 50 // at once
	ordersReads   = 8  // times, then the shopper goes on by a link
	picsMax       = 4  // pictures in an order's row
)

// shows are the filters of a shopper's orders, in the order of their tabs.
var shows = []string{"all", "pay", "ship", "receive", "review", "refund"}

// orders lists the shopper's orders, the newest first; "show" filters them and "before" goes on.
func (w *web) orders(rw http.ResponseWriter, r *http.Request) error {
	f := w.frame(r, "")
	t := w.set.In(f.Lang)
	f.Title = t.T("shopweb.my_orders")
	show := r.URL.Query().Get("show")
	if !slices.Contains(shows, show) {
		show = "all"
	}
	v := ordersView{Frame: f, Empty: page.Empty{Title: t.T("shopweb.no_orders"), Text: t.T("shopweb.no_orders_text"),
		Href: "/", Action: t.T("shopweb.browse")}}
	v.Notice = t.TakeFlash(rw, r)
	if show != "all" {
		v.Empty = page.Empty{Title: t.T("shopweb.no_orders_" + show), Href: "/orders", Action: t.T("shopweb.show_all")}
	}
	v.Tabs = page.Tabs{Label: t.T("shopweb.my_orders")}
	for _, s := range shows {
		v.Tabs.Links = append(v.Tabs.Links, page.Link{Href: showHref(s, ""), Text: t.T("shopweb.show_" + s),
			Current: s == show})
	}
	kind, fill := "ord", w.fillOrders
	if show == "refund" {
		kind, fill = "cas", w.fillCases
	}
	before := page.Place(r.URL.Query(), "before", kind)
	if before != "" {
		v.Pager.First = showHref(show, "")
	}
	if err := fill(r.Context(), t, &v, show, before); err != nil {
		return err
	}
	return w.set.Render(rw, r, http.StatusOK, "orders", v)
}

func showHref(show, before string) string {
	q := url.Values{}
	if show != "all" {
		q.Set("show", show)
	}
	if before != "" {
		q.Set("before", before)
	}
	if len(q) == 0 {
		return "/orders"
	}
	return "/orders?" + q.Encode()
}

func (w *web) fillOrders(ctx context.Context, t page.Tongue, v *ordersView, show, before string) error {
	_, shops, err := w.shops.list(ctx)
	if err != nil {
		return err
	}
	at := order.ID(before)
	for range ordersReads {
		all, err := w.Orders.ByShopper(ctx, shopperOf(ctx), at, ordersRead)
		if err != nil {
			return err
		}
		for _, o := range all {
			if len(v.Orders) == ordersPerPage {
				v.Pager.Next = showHref(show, string(at))
				return nil
			}
			fits, err := w.fits(ctx, o, show)
			if err != nil {
				return err
			}
			if at = o.ID; fits {
				v.Orders = append(v.Orders, orderRowOf(t, o, shops))
			}
		}
		if len(all) < ordersRead {
			return nil
		}
	}
	v.Pager.Next = showHref(show, string(at))
	return nil
}

// fits tells whether an order is one of those that a filter shows.
func (w *web) fits(ctx context.Context, o order.Order, show string) (bool, error) {
	any := func(states ...order.SubState) bool {
		return slices.ContainsFunc(o.Subs, func(s order.Sub) bool { return slices.Contains(states, s.State) })
	}
	switch show {
	case "pay":
		return o.State == order.AwaitingPayment, nil
	case "ship":
		return o.State == order.Paid && any(order.SubOpen), nil
	case "receive":
		return any(order.SubShipped, order.SubDelivered), nil
	case "review":
		if w.Reviews == nil || !any(order.SubCompleted) {
			return false, nil
		}
		_, open, err := w.Reviews.OfOrder(ctx, o.Shopper, o.ID)
		return len(open) > 0, err
	}
	return true, nil
}

// fillCases lists what was asked back.
func (w *web) fillCases(ctx context.Context, t page.Tongue, v *ordersView, show, before string) error {
	if w.Cases == nil {
		return nil
	}
	p := aftersale.Party{Shopper: shopperOf(ctx)}
	all, err := w.Cases.List(ctx, p, aftersale.All, aftersale.ID(before), ordersPerPage+1)
	if err != nil {
		return err
	}
	_, shops, err := w.shops.list(ctx)
	if err != nil {
		return err
	}
	if len(all) > ordersPerPage {
		all = all[:ordersPerPage]
		v.Pager.Next = showHref(show, string(all[len(all)-1].ID))
	}
	for _, c := range all {
		row := caseOf(t, c, order.Sub{})
		row.Href, row.When = "/orders/"+string(c.Order), t.When(c.OpenedAt)
		row.Shop = shops[c.Shop].Name.Pick(t.Lang)
		v.Cases = append(v.Cases, row)
	}
	return nil
}

func orderRowOf(t page.Tongue, o order.Order, shops map[string]merchant.Shop) orderRow {
	row := orderRow{Href: "/orders/" + string(o.ID), When: t.When(o.PlacedAt), Badge: t.OrderBadge(page.Shop, o),
		Total: t.PriceOf(o.Amount(), money.Money{}, false)}
	var names []string
	for _, sub := range o.Subs {
		names = append(names, shops[sub.Shop].Name.Pick(t.Lang))
	}
	row.Shops = strings.Join(names, " · ")
	for _, l := range o.Lines() {
		if row.First == "" {
			row.First = l.Title
		}
		if len(row.Pics) == picsMax {
			row.More++
			continue
		}
		row.Pics = append(row.Pics, lineView{Picture: pictureURL(l.Picture, small), Tint: page.TintOf(l.Product)})
	}
	return row
}
