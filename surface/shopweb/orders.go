package shopweb

import (
	"net/http"
	"net/url"
	"strings"

	"hutong/base/money"
	"hutong/party/merchant"
	"hutong/surface/page"
	"hutong/trade/order"
)

// ordersPerPage is how many orders a list shows.
const ordersPerPage = 20

// picsMax is how many pictures an order's row shows.
const picsMax = 4

// orders lists the shopper's orders, the newest first; "before" goes on.
func (w *web) orders(rw http.ResponseWriter, r *http.Request) error {
	f := w.frame(r, "")
	t := w.set.In(f.Lang)
	f.Title = t.T("shopweb.my_orders")
	before := order.ID(r.URL.Query().Get("before"))
	all, err := w.Orders.ByShopper(r.Context(), shopperOf(r.Context()), before, ordersPerPage+1)
	if err != nil {
		return err
	}
	_, shops, err := w.shops.list(r.Context())
	if err != nil {
		return err
	}
	v := ordersView{Frame: f, Empty: page.Empty{Title: t.T("shopweb.no_orders"), Text: t.T("shopweb.no_orders_text"),
		Href: "/", Action: t.T("shopweb.browse")}}
	if before != "" {
		v.Pager.First = "/orders"
	}
	if len(all) > ordersPerPage {
		all = all[:ordersPerPage]
		v.Pager.Next = "/orders?" + url.Values{"before": {string(all[len(all)-1].ID)}}.Encode()
	}
	for _, o := range all {
		v.Orders = append(v.Orders, orderRowOf(t, o, shops))
	}
	return w.set.Render(rw, r, http.StatusOK, "orders", v)
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
		if len(row.Pics) == picsMax {
			row.More++
			continue
		}
		row.Pics = append(row.Pics, lineView{Picture: pictureURL(l.Picture, small), Tint: page.TintOf(l.Product)})
	}
	return row
}
