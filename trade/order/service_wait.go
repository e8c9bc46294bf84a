package order

import (
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/settle"
)

// Release ends what suborders wait for, in the caller's transaction: their merchants see them from now on. Those that
// wait for nothing, or have ended, are left as they are, so it is safe to repeat. Codes: order.not_found.
func (s *Service) Release(tx *db.Tx, at time.Time, subs []SubKey) error {
	w, err := s.open(tx, subs)
	if err != nil {
		return err
	}
	var free []Sub
	var body Moved
	for _, k := range subs {
		o, sub, err := w.sub(k)
		if err != nil {
			return err
		}
		if sub.Waits == "" || sub.State.Terminal() {
			continue
		}
		sub.Waits = ""
		free = append(free, *sub)
		body.Orders = append(body.Orders, MovedOrder{Order: o.ID, Shopper: o.Shopper, Seqs: []int64{k.Seq}})
	}
	if len(free) == 0 {
		return nil
	}
	if err := saveSubs(tx, free); err != nil {
		return err
	}
	return s.tell(tx, TopicReleased, at, body)
}

// Lower asks for part of a line's price to be given back, while the shopper keeps the pieces. Its shop earns that much
// less: whatever others paid for the line stays as it is. What Funding says, others give back in its place: they pay it
// into the order's escrow at once.
type Lower struct {
	Order  ID
	Seq    int64
	Line   int64
	Amount int64  // minor units
	Ref    string // names what it is for: the same Ref lowers a line once
	Cause  Cause

	Funding []settle.Share // of Amount, what others than the shop pay, by party; they get it back with the pieces
}

// Lower gives part of a price back in the caller's transaction and answers with what: nothing when its Ref lowered the
// line before. The caller asks funds/pay to send it. What the pieces bring when they are given back later is that much
// less; after completion the settled claims are reversed by recomputation (RULES C5).
// Codes: order.not_found, order.not_paid, order.state, order.line, order.lower, and those of settle.Fund.
func (s *Service) Lower(tx *db.Tx, r Lower) (Refunded, error) {
	w, o, sub, err := s.openPaid(tx, SubKey{r.Order, r.Seq})
	if err != nil {
		return Refunded{}, err
	}
	out := Refunded{Currency: o.Currency, Shopper: o.Shopper, Shop: sub.Shop}
	known, err := lowered(tx, r)
	if err != nil || known {
		return out, err
	}
	before := append([]Line(nil), sub.Lines...)
	l, err := sub.line(r.Line)
	if err != nil {
		return Refunded{}, err
	}
	if most := l.Lowerable(); r.Amount < max(1, sum(r.Funding)) || r.Amount > most || l.Left() == 0 {
		return Refunded{}, fault.New(fault.Unprocessable, "order.lower", fault.P("line", r.Line),
			fault.P("most", money.New(most, o.Currency)))
	}
	if err := settle.Fund(tx, r.Cause.At, funded(o, sub, r.Funding)); err != nil {
		return Refunded{}, err
	}
	l.lower(r.Amount)
	l.Topped += sum(r.Funding)
	w.lines = append(w.lines, *l)
	w.touch(sub)
	if err := s.reverse(tx, o, sub, before, r.Cause); err != nil {
		return Refunded{}, err
	}
	out.Lines, out.Total = []RefundedLine{{Line: r.Line, Amount: r.Amount}}, r.Amount
	if err := insertLowering(tx, r, l.RefundedQuantity); err != nil {
		return Refunded{}, err
	}
	return out, s.save(tx, w, TopicLowered, r.Cause.At)
}
