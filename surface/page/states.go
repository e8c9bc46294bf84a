package page

import (
	"time"

	"hutong/base/money"
	"hutong/base/text"
	"hutong/trade/aftersale"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// OrderBadge shows an order's state and who acts next, as the readers of that area see it.
func (t Tongue) OrderBadge(a Area, o order.Order) Badge {
	tones := map[order.State]string{order.AwaitingPayment: "wait", order.Paid: "go", order.Completed: "done",
		order.Cancelled: "off"}
	b := Badge{Tone: tones[o.State], Text: t.T("state.order." + string(o.State))}
	if o.Undecided() {
		return t.takenBack(a)
	}
	switch o.State {
	case order.AwaitingPayment:
		b.Who = t.who(a, Shop, "pays")
		if p := o.Presale; p != nil {
			b.Text = t.T("state.presale." + string(p.State))
			if p.State == order.EarnestPaid { // true before its window opens, too
				b.Who = t.T("state.presale_window", "window", t.Span(p.Opens, p.Due))
			}
		}
	case order.Cancelled:
		if p := o.Presale; p != nil && (o.Reason == order.WhyForfeited || o.Reason == order.WhySellerDefault ||
			o.Reason == order.WhyTakenBack) {
			b.Text = t.T("state.presale." + string(o.Presale.State))
		}
	case order.Paid:
		b.Text, b.Who = t.paidOrder(a, o)
	}
	return b
}

// paidOrder says where the parcels of a paid order stand: with the sellers, on the way, or at the shopper's.
func (t Tongue) paidOrder(a Area, o order.Order) (state, who string) {
	open, moving, waits := 0, 0, 0
	for _, s := range o.Subs {
		switch s.State {
		case order.SubOpen:
			if open++; s.Waits != "" {
				waits++
			}
		case order.SubShipped, order.SubDelivered:
			moving++
		}
	}
	switch {
	case waits > 0 && waits == open:
		return t.T("state.sub.waits"), ""
	case open > 0 && AllPickedUp(o):
		return t.T("state.order.paid"), t.who(a, Desk, "readies")
	case open > 0:
		return t.T("state.order.paid"), t.who(a, Desk, "ships")
	case moving > 0 && AllPickedUp(o):
		return t.T("state.sub.ready"), t.who(a, Shop, "collects")
	case moving > 0:
		return t.T("state.sub.shipped"), t.who(a, Shop, "receives")
	}
	return t.T("state.order.paid"), ""
}

// AllPickedUp tells whether nothing of an order is brought to the shopper, who comes for all of it.
func AllPickedUp(o order.Order) bool {
	for _, s := range o.Subs {
		if s.Pickup == "" {
			return false
		}
	}
	return len(o.Subs) > 0
}

// takenBack is the badge of what waits for the market's word, because a wallet took its money back.
func (t Tongue) takenBack(a Area) Badge {
	return Badge{Tone: "bad", Text: t.T("state.order.taken_back"), Who: t.who(a, Operator, "decides")}
}

// SubBadge shows the state of an order's suborder and who acts next.
func (t Tongue) SubBadge(a Area, o order.Order, s order.Sub) Badge {
	of := o.State
	tones := map[order.SubState]string{order.SubOpen: "wait", order.SubShipped: "go", order.SubDelivered: "go",
		order.SubCompleted: "done", order.SubCancelled: "off"}
	b := Badge{Tone: tones[s.State], Text: t.T("state.sub." + string(s.State))}
	switch {
	case s.State == order.SubOpen && o.Undecided():
		return t.takenBack(a)
	case s.State == order.SubOpen && of == order.AwaitingPayment:
		b.Text, b.Who = t.T("state.order.awaiting_payment"), t.who(a, Shop, "pays")
	case s.State == order.SubOpen && of == order.Cancelled:
		b.Tone, b.Text = "off", t.T("state.order.cancelled")
	case s.State == order.SubOpen && s.Waits != "":
		b.Text = t.T("state.sub.waits")
	case s.State == order.SubOpen && s.Pickup != "":
		b.Text, b.Who = t.T("state.sub.to_ready"), t.who(a, Desk, "readies")
	case s.State == order.SubOpen:
		b.Who = t.who(a, Desk, "ships")
	case s.State == order.SubShipped && s.Pickup != "":
		b.Text, b.Who = t.T("state.sub.ready"), t.who(a, Shop, "collects")
	case s.State == order.SubShipped, s.State == order.SubDelivered:
		b.Who = t.who(a, Shop, "receives")
	}
	return b
}

// CaseBadge shows the state of an after-sales case as one side reads it, and by whom it was refused.
func (t Tongue) CaseBadge(reader Area, c aftersale.Case) Badge {
	tones := map[aftersale.State]string{aftersale.Opened: "wait", aftersale.Agreed: "go",
		aftersale.Refunded: "done",
		aftersale.Refused:  "off", aftersale.Withdrawn: "off"}
	said := "aftersale.state." + string(c.State)
	switch last := len(c.Steps) - 1; {
	case c.State == aftersale.Refused && last >= 0 && c.Steps[last].Actor != "merchant":
		said = "page.case_refused_" + c.Steps[last].Actor
	case reader == Shop && c.State == aftersale.Withdrawn:
		said = "page.case_withdrawn_shop"
	case reader == Shop && c.State == aftersale.Agreed:
		said = "page.case_agreed_shop"
	case reader == Desk && c.State == aftersale.Opened:
		said = "page.case_opened_desk"
	}
	return Badge{Tone: tones[c.State], Text: t.Begin(said)}
}

// CaseReason is why something is asked back, as a list or a choice says it.
func (t Tongue) CaseReason(r aftersale.Reason) string {
	return t.Begin("aftersale.reason." + string(r))
}

// CaseKept says of a case whose order's rest is priced again how it comes to its amount; "" of any other.
func (t Tongue) CaseKept(c aftersale.Case) string {
	share := int64(0)
	for _, l := range c.Lines {
		share += l.Amount
	}
	return t.Kept(order.Refunded{Currency: c.Currency, Repriced: c.Repriced, Kept: c.Kept, Total: share - c.Kept})
}

// Kept says how the goods of a refund come to what goes back for them, where what is left was priced again.
func (t Tongue) Kept(r order.Refunded) string {
	cash := func(minor int64) string { return t.Money(money.New(minor, r.Currency)) }
	share := cash(r.Total - r.Freight + r.Kept)
	switch {
	case !r.Repriced:
		return ""
	case r.Kept > 0:
		return t.Begin("aftersale.kept", "share", share, "kept", cash(r.Kept))
	case r.Kept < 0:
		return t.Begin("aftersale.kept_less", "share", share, "kept", cash(-r.Kept))
	}
	return t.Begin("aftersale.kept_none")
}

// who says that somebody acts next; the one who reads is called "you".
func (t Tongue) who(reader, actor Area, act string) string {
	if reader == actor {
		return t.T("next.you_" + act)
	}
	return t.T("next." + act)
}

// Moments sets what happened to a parcel as a timeline, the newest first.
func (t Tongue) Moments(parcel ship.Shipment) []Moment {
	all := make([]Moment, 0, len(parcel.Events))
	for i := len(parcel.Events) - 1; i >= 0; i-- {
		e := parcel.Events[i]
		all = append(all, Moment{At: t.When(e.At), ISO: e.At.UTC().Format(time.RFC3339),
			Text:  t.Begin(e.Code.TextKey()),
			Where: text.Entry{Zh: e.PlaceZh, En: e.PlaceEn}.Pick(t.Lang), Now: len(all) == 0})
	}
	return all
}

// Carrier is the name of a carrier.
func (t Tongue) Carrier(name string) string { return t.named("carrier.", name) }

// Wallet is the name of a wallet.
func (t Tongue) Wallet(name string) string { return t.named("wallet.", name) }

// named is a provider's name as people read it, or the provider's own for one that has none.
func (t Tongue) named(kind, name string) string {
	if t.Has(kind + name) {
		return t.T(kind + name)
	}
	return name
}
