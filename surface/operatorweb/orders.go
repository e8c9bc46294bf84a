package operatorweb

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/pay"
	"hutong/party/login"
	"hutong/surface/page"
	"hutong/trade/order"
)

const ordersPerPage = 30

// orders lists the market's orders, the newest first, all or one shop's; an order's number leads to it at once.
func (w *web) orders(rw http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	if asked := strings.TrimSpace(q.Get("q")); asked != "" {
		return w.find(rw, r, asked)
	}
	v, t := w.page(r, "/operator/orders", "orders")
	list, err := w.orderList(r, t, q.Get("shop"), "/operator/orders")
	if err != nil {
		return err
	}
	v.Sections = []section{list}
	return w.show(rw, r, http.StatusOK, v)
}

// find leads to the order with a number, or says that there is none. What a merchant or a shopper reads out is the end
// of a number; that is looked for among the newest orders.
func (w *web) find(rw http.ResponseWriter, r *http.Request, asked string) error {
	found, err := w.Orders.Any(r.Context(), order.ID(asked))
	if err == nil {
		return see(rw, r, "/operator/orders/"+string(found.ID), "")
	}
	if fault.Of(err) != fault.NotFound && fault.Of(err) != fault.Invalid {
		return err
	}
	v, t := w.page(r, "/operator/orders", "orders")
	recent, err := w.Orders.Recent(r.Context(), "", findMax)
	if err != nil {
		return err
	}
	var fits []order.Order
	for _, o := range recent {
		if ending := strings.ToLower(strings.TrimLeft(asked, "…")); len(ending) >= 4 &&
			strings.HasSuffix(string(o.ID), ending) {
			fits = append(fits, o)
		}
	}
	if len(fits) == 1 {
		return see(rw, r, "/operator/orders/"+string(fits[0].ID), "")
	}
	names, err := w.shopNames(r.Context(), t)
	if err != nil {
		return err
	}
	list := w.orderTable(t, fits, names)
	list.Table.Filter = w.orderFilter(t, names, asked, "")
	list.Table.Empty = page.Empty{Title: t.T("operatorweb.no_such_order"), Text: t.T("operatorweb.no_such_order_text"),
		Href: "/operator/orders", Action: t.T("operatorweb.all_orders")}
	v.Sections = []section{list}
	return w.show(rw, r, http.StatusOK, v)
}

// findMax is how many of the newest orders are looked through for the end of a number.
const findMax = 500

// orderList is a page of orders: the market's, or one shop's.
func (w *web) orderList(r *http.Request, t page.Tongue, shop, at string) (section, error) {
	before := order.ID(page.Place(r.URL.Query(), "before", "ord"))
	var all []order.Order
	var err error
	if shop == "" {
		all, err = w.Orders.Recent(r.Context(), before, ordersPerPage+1)
	} else {
		all, err = w.Orders.ByShop(r.Context(), shop, order.Any, before, ordersPerPage+1)
	}
	if err != nil {
		return section{}, err
	}
	names, err := w.shopNames(r.Context(), t)
	if err != nil {
		return section{}, err
	}
	link := func(before string) string {
		q := url.Values{}
		if shop != "" && at == "/operator/orders" {
			q.Set("shop", shop)
		}
		if before != "" {
			q.Set("before", before)
		}
		return strings.TrimSuffix(at+"?"+q.Encode(), "?")
	}
	next := ""
	if len(all) > ordersPerPage {
		all = all[:ordersPerPage]
		next = link(string(all[len(all)-1].ID))
	}
	s := w.orderTable(t, all, names)
	s.Table.Pager.Next = next
	if before != "" {
		s.Table.Pager.First = link("")
	}
	if at == "/operator/orders" {
		s.Table.Filter = w.orderFilter(t, names, "", shop)
	}
	return s, nil
}

func (w *web) orderFilter(t page.Tongue, names map[string]string, asked, shop string) *page.Filter {
	f := &page.Filter{Action: "/operator/orders", Name: "q", Label: t.T("operatorweb.find_order"), Query: asked,
		Fields: []page.Field{{ID: "filter-shop", Name: "shop", Label: t.T("operatorweb.shop"), Kind: "select",
			Options: shopOptions(t, names, shop)}}}
	if asked != "" || shop != "" {
		f.Clear = "/operator/orders"
	}
	return f
}

func (w *web) orderTable(t page.Tongue, all []order.Order, names map[string]string) section {
	s := section{ID: "orders", Table: table("orders", t.T("operatorweb.orders"), page.Empty{
		Title: t.T("operatorweb.no_orders"), Text: t.T("operatorweb.no_orders_text")},
		columns(t, "number", "placed", "*shops", "#total", "state")...)}
	for _, o := range all {
		var shops []string
		for _, sub := range o.Subs {
			shops = append(shops, names[sub.Shop])
		}
		s.Table.Rows = append(s.Table.Rows, page.Row{ID: string(o.ID), Name: brief(string(o.ID)), Cells: []page.Cell{
			{Text: brief(string(o.ID)), Code: true, Href: "/operator/orders/" + string(o.ID)}, plain(t.When(o.PlacedAt)),
			plain(strings.Join(shops, " · ")), plain(t.Money(o.Amount())), badged(t.OrderBadge(page.Operator, o))}})
	}
	return s
}

// order shows one order whole: its parts, its payments, its transfers, its path.
func (w *web) order(rw http.ResponseWriter, r *http.Request) error {
	return w.showOrder(rw, r, http.StatusOK, nil)
}

func (w *web) showOrder(rw http.ResponseWriter, r *http.Request, status int, refused error) error {
	o, err := w.Orders.Any(r.Context(), order.ID(r.PathValue("order")))
	if err != nil {
		return err
	}
	v, t := w.page(r, "/operator/orders", "order")
	v.under(t, "/operator/orders", "orders")
	badge := t.OrderBadge(page.Operator, o)
	v.Badge = &badge
	v.Sections = []section{{Boxed: true, Facts: []fact{{Name: t.T("operatorweb.number"), Text: string(o.ID),
		Code: true},
		{Name: t.T("operatorweb.placed"), Text: t.When(o.PlacedAt)},
		{Name: t.T("operatorweb.total"), Text: t.Money(o.Amount())}}}}
	if strings.HasSuffix(r.URL.Path, takenPath) && refused != nil {
		v.Wrong, refused = t.Fault(refused), nil
	}
	taken, err := w.takenOf(r, t, o)
	if err != nil {
		return err
	}
	v.Sections = append(v.Sections, taken...)
	if s, ok := w.presaleOf(r, t, o, refused); ok {
		v.Sections = append(v.Sections, s)
	}
	parts, err := w.parts(r, t, o)
	if err != nil {
		return err
	}
	v.Sections = append(v.Sections, parts...)
	asked, err := w.casesOf(r.Context(), t, o)
	if err != nil {
		return err
	}
	v.Sections = append(v.Sections, asked...)
	money, err := w.moneyOf(r.Context(), t, o)
	if err != nil {
		return err
	}
	v.Sections = append(append(v.Sections, money...), w.pathOf(t, o))
	return w.show(rw, r, status, v)
}

func (w *web) pathOf(t page.Tongue, o order.Order) section {
	s := section{Title: t.T("operatorweb.path"), Table: table("path", t.T("operatorweb.path"), page.Empty{},
		columns(t, "of", "from", "to", "who", "at")...)}
	for _, step := range o.Steps {
		of := t.T("operatorweb.whole")
		if step.Seq > 0 {
			of = t.T("operatorweb.part", "n", step.Seq)
		}
		s.Table.Rows = append(s.Table.Rows, page.Row{Cells: []page.Cell{plain(of), plain(stateWord(t, step.Seq,
			step.From)),
			plain(stateWord(t, step.Seq, step.To)), plain(word(t, "actor", step.Actor) + " · " + word(t, "cause",
				step.Cause)),
			plain(t.When(step.At))}})
	}
	return s
}

// parts are the order's parts: what each shop sends.
func (w *web) parts(r *http.Request, t page.Tongue, o order.Order) (all []section, err error) {
	names, err := w.shopNames(r.Context(), t)
	if err != nil {
		return nil, err
	}
	parcels, err := w.Ship.Any(r.Context(), o.ID)
	for _, sub := range o.Subs {
		cash := func(minor int64) string { return t.Money(money.New(minor, o.Currency)) }
		badge := t.SubBadge(page.Operator, o, sub)
		s := section{Boxed: true, Title: names[sub.Shop], Badge: &badge}
		if href := w.shopHref(r, sub.Shop); href != "" {
			s.More = page.Link{Href: href, Text: t.T("operatorweb.to_shop")}
		}
		for _, l := range sub.Lines {
			s.Lines = append(s.Lines, t.T("operatorweb.line", "n", l.Quantity, "title", l.Title, "paid", cash(l.Paid)))
		}
		way := t.Carrier(sub.Carrier) + " · " + cash(sub.Freight)
		for _, p := range parcels {
			if p.Seq == sub.Seq {
				way += " · " + p.TrackingNo + " · " + t.T("ship.state."+string(p.State))
			}
		}
		s.Facts = []fact{{Name: t.T("operatorweb.goods"), Text: cash(sub.Goods)}, {Name: t.T("operatorweb.freight"),
			Text: way}}
		if o.Presale == nil { // which says it itself
			s.Facts = append(s.Facts, shipsOf(t, o, sub, clock.Now(r.Context(), w.Clock))...)
		}
		all = append(all, s)
	}
	return all, err
}

// shopHref leads to a shop's page, for those who may read it.
func (w *web) shopHref(r *http.Request, shop string) string {
	if !may(r, login.MarketShops) {
		return ""
	}
	return "/operator/shops/" + shop
}

// moneyOf are an order's payments and refunds, and what the books say of it.
func (w *web) moneyOf(ctx context.Context, t page.Tongue, o order.Order) ([]section, error) {
	payments := section{Title: t.T("operatorweb.payments"), Table: table("payments", t.T("operatorweb.payments"),
		page.Empty{Title: t.T("operatorweb.no_payments")}, columns(t, "number", "wallet", "#amount", "state", "at")...)}
	attempts, err := w.Pay.Attempts(ctx, string(o.ID))
	if err != nil {
		return nil, err
	}
	for _, a := range attempts {
		payments.Table.Rows = append(payments.Table.Rows, page.Row{Cells: []page.Cell{{Text: string(a.ID), Code: true},
			plain(t.Wallet(a.Wallet)), plain(t.Money(a.Amount)), badged(attemptBadge(t, a.State)),
			plain(t.When(a.Created))}})
	}
	refunds, err := w.Pay.Refunds(ctx, string(o.ID))
	if err != nil {
		return nil, err
	}
	handed, err := w.Pay.ByHand(ctx, string(o.ID))
	if err != nil {
		return nil, err
	}
	var staff map[string]string
	if len(handed) > 0 {
		if staff, err = w.staffNames(ctx); err != nil {
			return nil, err
		}
	}
	for _, f := range refunds {
		reason := f.Reason
		if t.Has(reason) {
			reason = t.T(reason)
		}
		state := badged(refundBadge(t, f.State))
		if state.Sub = reason; f.State == pay.RefundByHand {
			state.Sub = handedHow(t, staff, handed[f.ID])
		}
		payments.Table.Rows = append(payments.Table.Rows, page.Row{Cells: []page.Cell{{Text: string(f.ID), Code: true},
			plain(t.Wallet(f.Wallet)), plain("−" + t.Money(f.Amount)), state, plain(t.When(f.Created))}})
	}
	transfers, err := w.transfers(ctx, t, o)
	return []section{payments, transfers}, err
}

func (w *web) transfers(ctx context.Context, t page.Tongue, o order.Order) (section, error) {
	s := section{Title: t.T("operatorweb.transfers"), Table: table("transfers", t.T("operatorweb.transfers"),
		page.Empty{Title: t.T("operatorweb.no_transfers")},
		columns(t, "#seq", "kind", "debit", "credit", "#amount", "at")...)}
	all, err := w.Ledger.OfOrder(ctx, string(o.ID))
	if err != nil {
		return s, err
	}
	names, err := w.shopNames(ctx, t)
	for _, tr := range all {
		s.Table.Rows = append(s.Table.Rows, page.Row{Cells: []page.Cell{plain(page.Itoa(tr.Seq)),
			plain(word(t, "kind", string(tr.Kind))), plain(accountName(t, tr.Debit, names)),
			plain(accountName(t, tr.Credit, names)), plain(t.Money(money.New(tr.Amount, tr.Currency))),
			plain(t.When(tr.At))}})
	}
	return s, err
}
