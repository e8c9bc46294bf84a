package order

import (
	"time"

	"hutong/base/fault"
	"hutong/funds/pay"
)

// WhyBill is why an ordinary order is cancelled that was to be paid together with a presale's balance which ended.
const WhyBill = "bill"

// forBill ends the lines' hash of an ordinary order that is paid together with balances.
const forBill = "/bill"

// Part is the balance of a presale order, as it is paid together with an ordinary one.
type Part struct {
	Order ID
	Value int64 // minor units: what its goods cost as it was agreed, from which the balance was priced
	Fixed Line  // its line as it is priced in the bill: its number, what was taken off, and what is paid
	Rules int64 // the version of the market's promotions that it was priced under
	Ask   int64 // minor units: what is paid of it
	Due   time.Time
}

// Leads tells whether the order is the ordinary one of a bill.
func (o Order) Leads() bool { return o.Bill != "" && o.Bill == o.ID }

// Together is what an order, with its earnest where it has one, and the balances that are placed with it come to.
func (o Order) Together() int64 {
	sum := o.Total
	for _, p := range o.Parts {
		sum += p.Ask
	}
	return sum
}

// PayBy is until when an unpaid order takes a payment. Of a bill, the order waits a little longer: wallets tell late of
// what was paid in time, and once the order has lapsed the money of a bill goes back.
func (o Order) PayBy() time.Time {
	if o.Leads() {
		return o.ExpiresAt.Add(-newsLast)
	}
	return o.ExpiresAt
}

// billed sets the bill of an order that is placed with balances: its name, and until when it waits.
func (o *Order) billed() {
	if len(o.Parts) == 0 {
		return
	}
	o.Bill = o.ID
	for _, p := range o.Parts {
		if p.Due.Before(o.ExpiresAt) {
			o.ExpiresAt = p.Due
		}
	}
	o.ExpiresAt = o.ExpiresAt.Add(newsLast)
}

// unfixed is a presale order as it was agreed with its earnest: without what promotions took off its balance.
func unfixed(o Order) (Order, error) {
	l := &o.Subs[0].Lines[0]
	all, err := DecodeDiscounts(l.Discounts)
	if err != nil {
		return o, err
	}
	agreed, _, err := Agreed(all, l.Quantity*l.UnitPrice, o.Presale.Value)
	if err == nil {
		err = l.Take(agreed)
	}
	if err != nil {
		return o, err
	}
	o.Presale.FixedAt, o.Bill = time.Time{}, ""
	o.sumOne()
	return o, nil
}

// Agreed divides what was taken off a presale's line, of a price before it, into what was agreed with the earnest, so
// that the goods cost value, and what promotions took off the balance later. Codes: order.discounts.
func Agreed(all []Discount, price, value int64) (agreed, off []Discount, err error) {
	n := 0 // what was agreed was taken off first
	for ; n < len(all) && price > value; n++ {
		price -= all[n].Amount
	}
	if price != value {
		return nil, nil, fault.New(fault.Internal, "order.discounts")
	}
	return all[:n], all[n:], nil
}

// sumOne adds up an order of one line anew.
func (o *Order) sumOne() {
	o.Subs[0].Goods = o.Subs[0].Lines[0].Paid
	o.Goods = o.Subs[0].Goods
	o.Total = o.Goods + o.Freight
}

// merge decides about a payment for a bill: each of its captures is for one of its orders, the ordinary one first, and
// all are taken or none.
func (p *payments) merge(i, parts int) {
	captures := p.captures[i : i+parts]
	if why := p.refuses(captures); why != "" {
		for n := range captures {
			p.verdicts[i+n] = pay.Return(why)
		}
		return
	}
	for n, c := range captures {
		p.decide(i+n, c)
	}
}

// refuses is why a bill does not take its money, "" where it does. A bill that was dissolved has a cancelled order at
// its head, which no payment makes alive again: its balances may have been paid otherwise.
func (p *payments) refuses(captures []pay.Capture) string {
	lead, ok := p.heads[ID(captures[0].Order)]
	switch {
	case !ok:
		return reasonUnknown
	case !lead.Leads() || lead.State == Cancelled && lead.PaidAt.IsZero():
		return reasonBill
	case lead.State != AwaitingPayment:
		return reasonPaid
	}
	for _, c := range captures {
		o := p.heads[ID(c.Order)]
		pre := p.presales[o.ID]
		switch {
		case o.Bill != lead.ID || o.State != AwaitingPayment || o.ID != lead.ID && (pre == nil || pre.State != EarnestPaid):
			return reasonBill
		case o.Balance() != c.Amount || o.Currency != c.Currency:
			return reasonAmount
		case pre != nil && pre.late(c):
			return reasonOver
		}
	}
	return ""
}

// late tells whether money came after the balance's end. The wallet's clock alone, which may be slow, makes nobody
// late.
func (p *Presale) late(c pay.Capture) bool { return !c.At.Before(p.Due) && !c.PaidAt.Before(p.Due) }

// apart tells whether a capture is for an order of a bill that waits to be paid as a whole, and for it alone.
func (p *payments) apart(c pay.Capture) bool {
	o := p.heads[ID(c.Order)]
	pre := p.presales[o.ID]
	return o.Bill != "" && o.State == AwaitingPayment && (pre == nil || pre.State == EarnestPaid)
}

// whole widens the orders that cannot be paid to all that were to be paid with them.
func (p *payments) whole(refused map[string]bool) {
	for i, c := range p.captures {
		if c.Parts == 0 || !p.verdicts[i].Taken && !refused[c.Order] {
			continue
		}
		for n := range c.Parts {
			if part := p.captures[i+n]; refused[c.Order] {
				refused[part.Order] = true
				p.verdicts[i+n] = pay.Return(reasonAccount)
			}
		}
	}
}
