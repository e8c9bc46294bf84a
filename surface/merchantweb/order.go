package merchantweb

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/goods/picture"
	"hutong/party/login"
	"hutong/party/shopper"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// order shows the shop's part of an order.
func (w *web) order(rw http.ResponseWriter, r *http.Request) error { return w.showOrder(rw, r, nil) }

func (w *web) showOrder(rw http.ResponseWriter, r *http.Request, refused error) error {
	ctx := r.Context()
	o, err := w.Orders.Sold(ctx, shopOf(r), order.ID(r.PathValue("order")))
	if err != nil {
		return err
	}
	f, t := w.begin(rw, r, "/desk/orders", "merchantweb.order")
	f.Here = "/desk/orders/" + string(o.ID)
	f.Way = []page.Crumb{{Href: "/desk/orders", Text: t.T("merchantweb.orders")}, {Text: short(string(o.ID))}}
	v := orderView{Frame: f, ID: string(o.ID), PlacedAt: t.When(o.PlacedAt), RemarkText: o.Remark,
		Badge: t.OrderBadge(page.Desk, o)}
	if !o.PaidAt.IsZero() {
		v.PaidAt = t.When(o.PaidAt)
	}
	if err := w.fillOrder(ctx, t, &v, o, refused); err != nil {
		return err
	}
	if err := w.casesOf(ctx, t, &v, o, shopOf(r)); err != nil {
		return err
	}
	v.answered(r, t, refused)
	v.Presale = w.presaleOf(r, t, o)
	v.next(t, o)
	w.papersOfOrder(r, t, &v, o)
	status := http.StatusOK
	if refused != nil {
		status = fault.Of(refused).Status()
	}
	return w.set.Render(rw, r, status, "desk-order", v)
}

// next says in one sentence what the shop does next, and where on the page.
func (v *orderView) next(t page.Tongue, o order.Order) {
	say := func(name, href string) { v.Next, v.NextHref = t.T("merchantweb.next_"+name), href }
	open, moving := false, false
	for _, s := range o.Subs {
		open = open || s.State == order.SubOpen
		moving = moving || s.State == order.SubShipped || s.State == order.SubDelivered
	}
	waits := false
	for _, c := range v.Cases {
		waits = waits || c.CanAnswer || c.CanClose
	}
	switch {
	case waits:
		say("case", "#cases")
	case o.Undecided():
		say("taken", "")
	case o.State == order.AwaitingPayment && o.Presale != nil && o.Presale.State == order.EarnestPaid:
		say("balance", "")
	case o.State == order.AwaitingPayment:
		say("pay", "")
	case o.State == order.Paid && open && page.AllPickedUp(o):
		say("ready", "#ship")
	case o.State == order.Paid && open:
		say("ship", "#ship")
	case moving && page.AllPickedUp(o):
		say("collect", "")
	case moving:
		say("receive", "")
	default:
		say("none", "")
	}
}

// papersOfOrder leads to what can be printed of one order.
func (w *web) papersOfOrder(r *http.Request, t page.Tongue, v *orderView, o order.Order) {
	if o.PaidAt.IsZero() || !gate.Who(r.Context()).Can(login.OrdersShip) {
		return
	}
	q := url.Values{"order": {string(o.ID)}}.Encode()
	v.Prints = append(v.Prints, page.Act{Text: t.T("merchantweb.slip"), Href: "/desk/orders/slips.pdf?" + q})
	for _, s := range v.Subs {
		if s.Tracking != "" {
			v.Prints = append(v.Prints, page.Act{Text: t.T("merchantweb.do_labels"), Href: "/desk/orders/labels.pdf?" + q})
			return
		}
	}
}

func (w *web) fillOrder(ctx context.Context, t page.Tongue, v *orderView, o order.Order, refused error) error {
	faults := t.FaultsOf(refused, "carrier", "tracking_no")
	v.Wrong = faults.General
	under, goes := false, false
	for _, s := range o.Subs {
		parcels, err := w.Ship.Sent(ctx, s.Shop, o.ID)
		if err != nil {
			return err
		}
		sub := subOf(t, o, s, clock.Now(ctx, w.Clock))
		for _, p := range parcels {
			if p.Seq == s.Seq {
				sub.Tracking, sub.Moments = p.TrackingNo, t.Moments(p)
			}
		}
		if s.Pickup != "" {
			at, err := w.Ship.Point(ctx, s.Shop, s.Pickup)
			if err != nil {
				return err
			}
			sub.Point = pointName(t, at)
		}
		if sub.CanShip {
			w.shipForm(t, &sub, s, faults)
		}
		moves := sub.CanShip || s.State == order.SubShipped
		under, goes = under || moves, goes || moves && s.Pickup == ""
		v.Subs = append(v.Subs, sub)
	}
	if !under || !gate.Who(ctx).Can(login.OrdersShip) {
		return nil // where somebody lives is nobody's business but the packers', and theirs until the parcel arrives
	}
	err := w.addressOf(ctx, v, o)
	if !goes {
		v.Address, v.Collects = "", true // who comes for it has a name
	}
	return err
}

func (w *web) addressOf(ctx context.Context, v *orderView, o order.Order) error {
	a, err := w.Shoppers.Address(ctx, shopper.ID(o.Shopper), shopper.AddressID(o.Address))
	if err != nil && fault.Of(err) == fault.NotFound {
		return nil
	}
	if err != nil || a.Erased {
		return err
	}
	v.Recipient, v.Phone, v.Address = a.Recipient, a.Phone, a.Whole()
	return nil
}

func subOf(t page.Tongue, o order.Order, s order.Sub, now time.Time) subView {
	cash := func(minor int64) string { return t.Money(money.New(minor, o.Currency)) }
	sub := subView{Seq: s.Seq, Badge: t.SubBadge(page.Desk, o, s), Goods: cash(s.Goods), Freight: cash(s.Freight),
		Carrier: t.Carrier(s.Carrier), CanShip: toShip(o, s)}
	ships, tone := shipsOf(t, o, s, now)
	sub.Ships, sub.Late = ships, tone == "bad"
	funded := int64(0)
	for _, l := range s.Lines {
		line := lineView{Picture: page.PictureURL(l.Picture, picture.Small),
			Tint: page.TintOf(l.Product), Title: l.Title, Choice: l.Choice,
			Times: t.T("merchantweb.times", "n", l.Quantity, "price", cash(l.UnitPrice)), Sum: cash(l.Paid)}
		if l.RefundedQuantity > 0 {
			line.Refunded = t.T("merchantweb.refunded", "n", l.RefundedQuantity, "amount", cash(l.Refunded))
		}
		line.Lowered = loweredOf(t, l, cash)
		line.Repriced = repricedOf(t, l, cash)
		funded += l.Funded - l.FundedBack - l.KeptFunded
		sub.Lines = append(sub.Lines, line)
	}
	if funded > 0 {
		sub.Funded = cash(funded)
	}
	return sub
}

// repricedOf says what pieces that were priced again cost since, and what they are worth to the shop above or below
// their share of the old price.
func repricedOf(t page.Tongue, l order.Line, cash func(int64) string) string {
	switch diff := l.Kept - l.KeptFunded; {
	case l.Standing == "" || l.Left() == 0:
		return ""
	case diff < 0:
		return t.T("merchantweb.repriced_less", "amount", cash(l.Costs()), "diff", cash(-diff))
	default:
		return t.T("merchantweb.repriced", "amount", cash(l.Costs()), "diff", cash(diff))
	}
}

// loweredOf says what went back of a line under the price guarantee, and what of it the shop does not pay.
func loweredOf(t page.Tongue, l order.Line, cash func(int64) string) string {
	switch {
	case l.Lowered == 0:
		return ""
	case l.Topped == 0:
		return t.T("merchantweb.lowered", "amount", cash(l.Lowered))
	}
	return t.T("merchantweb.lowered_others", "amount", cash(l.Lowered), "others", cash(l.Topped))
}

// shipForm offers the carrier that the shopper chose first; a pickup stays at its point.
func (w *web) shipForm(t page.Tongue, sub *subView, s order.Sub, f page.Faults) {
	list := page.Group{}
	for _, c := range w.Ship.Carriers {
		if c.Pickup() == (s.Pickup != "") {
			list.Options = append(list.Options, page.Option{Value: c.Name(), Text: t.Carrier(c.Name()),
				Selected: c.Name() == s.Carrier})
		}
	}
	sub.CarrierField = page.Field{ID: "carrier", Name: "carrier", Kind: "select", Label: t.T("merchantweb.carrier"),
		Required: true, Options: []page.Group{list}, Error: f.At("carrier")}
	if s.Pickup != "" {
		sub.Hint = t.T("merchantweb.pickup_hint")
		return
	}
	sub.NoField = page.Field{ID: "tracking_no", Name: "tracking_no", Kind: "text", Label: t.T("merchantweb.tracking"),
		Hint: t.T("merchantweb.tracking_hint"), Length: 60, Error: f.At("tracking_no")}
	sub.Hint = t.T("merchantweb.ship_hint")
}

// dispatch hands a parcel to its carrier.
func (w *web) dispatch(rw http.ResponseWriter, r *http.Request) error {
	seq, err := page.Number(r, "seq")
	if err != nil {
		return err
	}
	id := r.PathValue("order")
	_, err = w.Ship.Dispatch(r.Context(), ship.Dispatch{Shop: shopOf(r), Order: order.ID(id), Seq: seq,
		Carrier: r.PostFormValue("carrier"), TrackingNo: r.PostFormValue("tracking_no")})
	if err != nil {
		if !page.Own(err) || fault.Is(err, "order.not_found") {
			return err
		}
		return w.showOrder(rw, r, err)
	}
	return page.See(rw, r, "/desk/orders/"+id)
}

// pickup asks for the code that a shopper shows.
func (w *web) pickup(rw http.ResponseWriter, r *http.Request) error {
	f, t := w.frame(r, "/desk/pickup", "merchantweb.pickup")
	return w.showPickup(rw, r, pickupView{Frame: f}, t.FaultsOf(nil))
}

func (w *web) showPickup(rw http.ResponseWriter, r *http.Request, v pickupView, faults page.Faults) error {
	t := w.set.In(v.Lang)
	v.Wrong = faults.General
	v.Code = page.Field{ID: "code", Name: "code", Kind: "text", Mode: "numeric",
		Label: t.T("merchantweb.code"), Required: true, Length: 20, Auto: "one-time-code",
		Hint: t.T("merchantweb.code_hint"), Error: faults.At("code")}
	status := http.StatusOK
	if faults.Any() {
		status = http.StatusUnprocessableEntity
	}
	return w.set.Render(rw, r, status, "desk-pickup", v)
}

// handOut gives a parcel to whoever shows its code.
func (w *web) handOut(rw http.ResponseWriter, r *http.Request) error {
	f, t := w.frame(r, "/desk/pickup", "merchantweb.pickup")
	parcel, err := w.Ship.PickUp(r.Context(), shopOf(r), r.PostFormValue("code"))
	if err != nil {
		if !page.Own(err) {
			return err
		}
		return w.showPickup(rw, r, pickupView{Frame: f}, t.FaultsOf(err, "code"))
	}
	f.Notice = page.Notice{Tone: "good", Text: t.T("merchantweb.handed_out", "order", short(string(parcel.Order)))}
	return w.showPickup(rw, r, pickupView{Frame: f}, page.Faults{})
}
