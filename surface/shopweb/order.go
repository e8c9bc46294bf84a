package shopweb

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/pay"
	"hutong/funds/pay/emvco"
	"hutong/party/merchant"
	"hutong/party/shopper"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// orderPage shows one order with all that can be done about it.
func (w *web) orderPage(rw http.ResponseWriter, r *http.Request) error {
	return w.showOrder(rw, r, answered{})
}

// refusedOrder shows the order again with the refusal of what was asked of it.
func (w *web) refusedOrder(rw http.ResponseWriter, r *http.Request, refused error) error {
	if !own(refused) {
		return refused
	}
	return w.showOrder(rw, r, answered{refused: refused})
}

// thanksOf is what an order that was just paid is told while something of it is to be sent: a place in a group is not
// sent before the group is complete.
func thanksOf(o order.Order, now time.Time) (said string) {
	if o.State != order.Paid || now.Sub(o.PaidAt) >= paidFresh {
		return ""
	}
	for _, s := range o.Subs {
		if s.State == order.SubOpen && s.Waits != "" {
			return "paid_group"
		}
		if s.State == order.SubOpen {
			said = "paid_thanks"
		}
	}
	return said
}

func (w *web) showOrder(rw http.ResponseWriter, r *http.Request, a answered) error {
	ctx, who := r.Context(), shopperOf(r.Context())
	o, err := w.Orders.Order(ctx, who, order.ID(r.PathValue("order")))
	if err != nil {
		return err
	}
	f := w.frame(r, "")
	t := w.set.In(f.Lang)
	f.Title, f.Here = t.T("shopweb.order"), "/orders/"+string(o.ID)
	v := orderView{Frame: f, ID: string(o.ID), Badge: t.OrderBadge(page.Shop, o), Track: track(t, o),
		PlacedAt: t.When(o.PlacedAt), RemarkText: o.Remark, CanCancel: o.State == order.AwaitingPayment}
	if !o.PaidAt.IsZero() {
		v.PaidAt = t.When(o.PaidAt)
	}
	v.Notice = t.TakeFlash(rw, r)
	if said := thanksOf(o, clock.Now(ctx, w.Clock)); said != "" && v.Notice.Text == "" {
		v.Notice = page.Notice{Tone: "good", Text: t.T("shopweb." + said)}
	}
	v.warn(t, o)
	v.Way = []page.Crumb{{Href: "/orders", Text: t.T("shopweb.my_orders")}, {Text: f.Title}}
	if gate.Who(ctx).Login == "" {
		v.Enrol = "/register?" + url.Values{"next": {f.Here}}.Encode()
	}
	if o.State == order.AwaitingPayment || o.State == order.Paid {
		v.Live = f.Here + "/news?at=" + newsOf(o)
	}
	if err = r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "page.number_wrong").Because(err)
	}
	if v.Presale, err = w.presaleOf(ctx, t, o, chosenOf(r.Form)); err != nil {
		return err
	}
	v.sums(t, o)
	why, saved, err := w.whyPlaced(ctx, t, o)
	if err != nil {
		return err
	}
	if v.Why = why; saved > 0 {
		v.Saved = off(t, money.New(saved, o.Currency))
		v.Goods = t.Money(money.New(o.Goods+saved, o.Currency))
	}
	if err := w.addressOf(ctx, &v, o); err != nil {
		return err
	}
	if v.Group, err = w.groupOf(ctx, t, o, gate.Origin(r)); err != nil {
		return err
	}
	if v.Sought, err = w.soughtOf(ctx, t, o); err != nil {
		return err
	}
	if err := w.payOf(ctx, t, &v, o); err != nil {
		return err
	}
	if err := w.subsOf(ctx, t, &v, o); err != nil {
		return err
	}
	if err := w.guaranteesOf(ctx, t, &v, o); err != nil {
		return err
	}
	if err := w.casesOf(ctx, t, &v, o); err != nil {
		return err
	}
	if err := w.reviewsOf(ctx, t, &v, o); err != nil {
		return err
	}
	return w.set.Render(rw, r, v.refuse(r, t, a), "order", v)
}

// warn says what keeps the order from going its way.
func (v *orderView) warn(t page.Tongue, o order.Order) {
	switch {
	case o.Undecided() && o.State == order.AwaitingPayment: // nothing can be asked back, but it can be cancelled
		v.Notice = page.Notice{Tone: "bad", Text: t.T("shopweb.taken_back_earnest")}
	case o.Undecided():
		v.Notice = page.Notice{Tone: "bad", Text: t.T("shopweb.taken_back")}
	case o.State == order.Cancelled && o.Reason == order.WhyAccount:
		v.Notice = page.Notice{Tone: "bad", Text: t.T("order.account_limit")}
	}
}

// track is the way of an order: placed, paid, shipped, received. A cancelled one has none.
func track(t page.Tongue, o order.Order) *page.Steps {
	if o.State == order.Cancelled {
		return nil
	}
	here := 1
	if o.State != order.AwaitingPayment {
		here = 3
		for _, s := range o.Subs {
			if s.State == order.SubOpen {
				here = 2
			}
		}
	}
	if o.State == order.Completed {
		here = 4
	}
	var names []string
	keys := []string{"placed", "paid", "shipped", "received"}
	if page.AllPickedUp(o) {
		keys = []string{"placed", "paid", "ready", "collected"}
	}
	for _, key := range keys {
		names = append(names, t.T("shopweb.step_"+key))
	}
	steps := page.StepsOf(t.T("shopweb.progress"), here, names...)
	return &steps
}

// paidFresh is for how long an order's page thanks for the payment.
const paidFresh = 10 * time.Minute

func (v *orderView) sums(t page.Tongue, o order.Order) {
	refunded := int64(0)
	for _, s := range o.Subs {
		refunded += s.FreightRefunded
		for _, l := range s.Lines {
			refunded += l.Refunded + l.Lowered - l.Kept
		}
	}
	v.Goods, v.Freight = t.Money(money.New(o.Goods, o.Currency)), freight(t, money.New(o.Freight, o.Currency))
	v.Total = t.PriceOf(o.Amount(), money.Money{}, false)
	if refunded > 0 {
		v.Refunded = t.Money(money.New(refunded, o.Currency))
	}
}

// addressOf shows where the order goes; an erased address leaves nothing to show.
func (w *web) addressOf(ctx context.Context, v *orderView, o order.Order) error {
	if o.Address == "" {
		return nil
	}
	a, err := w.Shoppers.Address(ctx, shopper.ID(o.Shopper), shopper.AddressID(o.Address))
	if err != nil && fault.Of(err) == fault.NotFound {
		return nil
	}
	if err != nil || a.Erased {
		return err
	}
	v.Recipient, v.Phone, v.Address = a.Recipient, a.Phone, a.Whole()
	if v.Collects = page.AllPickedUp(o); v.Collects {
		v.Address = "" // nothing is brought there
	}
	return nil
}

// payOf shows with which orders it is paid, and how: the code of the newest attempt that is open, and all wallets that
// take the amount.
func (w *web) payOf(ctx context.Context, t page.Tongue, v *orderView, o order.Order) error {
	if err := w.billOf(ctx, t, v, o); err != nil {
		return err
	}
	now := clock.Now(ctx, w.Clock)
	amount, until, due := dueOf(o, v.Presale, now)
	if v.Bill != nil {
		amount, due = v.bill, due && o.Leads()
	}
	if !due {
		return nil
	}
	p := &payView{Amount: t.PriceOf(amount, money.Money{}, false), Until: page.Countdown{
		Before: t.T("shopweb.pay_before"), Ends: until, Now: now,
		Over: t.T("shopweb.pay_over"), Again: true}}
	attempts, err := w.Pay.Attempts(ctx, string(o.ID))
	if err != nil {
		return err
	}
	for _, a := range attempts {
		if p.Card == nil && a.State == pay.Pending && a.Asked() == amount && a.Instruction.QR != "" && now.Before(a.Expires) {
			if p.Card, err = w.code(t, p, a); err != nil {
				return err
			}
			p.name = a.Wallet
		}
	}
	for _, wallet := range w.Pay.Wallets(ctx, amount) {
		if wallet.Name == p.name {
			continue
		}
		p.Wallets = append(p.Wallets, walletButton{Name: wallet.Name, Off: !wallet.Available,
			Text: t.T("shopweb.pay_with", "wallet", t.Wallet(wallet.Name))})
	}
	v.Pay, v.Frame.Refresh = p, refreshEvery
	return nil
}

// code is the card to scan on a desk, with a button for the phone that reads it.
func (w *web) code(t page.Tongue, p *payView, a pay.Attempt) (*page.QRCard, error) {
	svg, err := emvco.QR(a.Instruction.QR)
	if err != nil {
		return nil, err
	}
	wallet := t.Wallet(a.Wallet)
	c := &page.QRCard{Title: t.T("shopweb.pay_title"), Price: &p.Amount, Code: page.Drawing(svg),
		Label: t.T("shopweb.qr"), Text: t.T("shopweb.qr_text", "wallet", wallet), Href: a.Instruction.URL,
		Action: t.T("shopweb.open_wallet", "wallet", wallet), Until: &p.Until}
	if c.Href == "" && w.WalletPage != nil {
		c.Href = w.WalletPage(a)
	}
	return c, nil
}

// refreshEvery is after how many seconds a page that waits for its payment reads itself again without script.
const refreshEvery = 10

func (w *web) subsOf(ctx context.Context, t page.Tongue, v *orderView, o order.Order) error {
	parcels, err := w.Ship.Parcels(ctx, o.Shopper, o.ID)
	if err != nil {
		return err
	}
	_, shops, err := w.shops.list(ctx)
	if err != nil {
		return err
	}
	for _, s := range o.Subs {
		sub := subOf(t, o, s, shops[s.Shop], clock.Now(ctx, w.Clock))
		for _, p := range parcels {
			if p.Seq == s.Seq {
				sub.parcel(t, p)
			}
		}
		if s.Pickup != "" {
			if at, err := w.Ship.Point(ctx, s.Shop, s.Pickup); err == nil {
				sub.Carrier += " · " + pointName(t, at)
			}
		}
		v.Subs = append(v.Subs, sub)
	}
	return nil
}

func subOf(t page.Tongue, o order.Order, s order.Sub, shop merchant.Shop, now time.Time) subView {
	cash := func(minor int64) money.Money { return money.New(minor, o.Currency) }
	sub := subView{Seq: s.Seq, Shop: shopCardOf(t.Lang, shop), Badge: t.SubBadge(page.Shop, o, s),
		Carrier: t.Carrier(s.Carrier), Freight: freight(t, cash(s.Freight)), Ships: sentText(t, o, s)}
	sub.Late = sub.Ships != "" && o.Sending(s, now) == order.SendLate
	if o.Presale != nil && o.State == order.AwaitingPayment {
		sub.Badge = t.OrderBadge(page.Shop, o)
	}
	sub.CanReceive = s.State == order.SubShipped || s.State == order.SubDelivered
	if sub.CanReceive && !s.ConfirmBy.IsZero() {
		sub.ConfirmBy = t.T("shopweb.confirm_by", "time", t.When(s.ConfirmBy))
	}
	for _, l := range s.Lines {
		line := orderLine(t, o, l)
		if l.RefundedQuantity > 0 {
			line.Refunded = t.T("shopweb.refunded_line", "n", l.RefundedQuantity, "amount", t.Money(cash(l.Refunded)))
		}
		if l.Standing != "" && l.RefundedQuantity > 0 { // its share is not what came back
			line.Refunded = t.T("shopweb.refunded_pieces", "n", l.RefundedQuantity)
		}
		if l.Standing != "" && l.Left() > 0 {
			line.Repriced = t.T("shopweb.repriced_line", "n", l.Left(), "amount", t.Money(cash(l.Costs())))
		}
		sub.Lines = append(sub.Lines, line)
	}
	return sub
}

// orderLine sets one line of an order.
func orderLine(t page.Tongue, o order.Order, l order.Line) lineView {
	cash := func(minor int64) money.Money { return money.New(minor, o.Currency) }
	return lineView{No: l.No, Product: l.Product, Href: "/p/" + l.Product + "?sku=" + l.SKU, Title: l.Title,
		Choice: l.Choice, Picture: pictureURL(l.Picture, small), Tint: page.TintOf(l.Product), Quantity: l.Quantity,
		Times: t.T("shopweb.times", "n", l.Quantity, "price", t.Money(cash(l.UnitPrice))), Sum: t.Money(cash(l.Paid)),
		Off: lineOff(t, o.Currency, l)}
}

func (s *subView) parcel(t page.Tongue, p ship.Shipment) {
	s.Tracking, s.Code, s.Moments = p.TrackingNo, p.PickupCode, t.Moments(p)
	if len(s.Moments) == 0 {
		said := t.Begin("ship.state." + string(p.State))
		if p.PickupCode != "" && p.State == ship.Booked {
			said = t.T("state.sub.ready")
		}
		s.Moments = []page.Moment{{At: t.When(p.BookedAt), ISO: p.BookedAt.UTC().Format(time.RFC3339), Text: said, Now: true}}
	}
}

func pointName(t page.Tongue, p ship.Point) string {
	if t.Lang == "zh-CN" {
		return p.Zh
	}
	return p.En
}
