package order

import (
	"maps"
	"slices"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/deal/quota"
	"hutong/funds/pay"
	"hutong/goods/stock"
)

// Due tells what an order asks to be paid: pay.Purchases. Codes: order.not_found.
func (s *Service) Due(tx *db.Tx, order string) (pay.Due, error) {
	heads, err := headers(tx, []ID{ID(order)}, ``)
	if err != nil {
		return pay.Due{}, err
	}
	o, ok := heads[ID(order)]
	if !ok {
		return pay.Due{}, fault.New(fault.NotFound, "order.not_found")
	}
	if o.Bill != "" && o.State == AwaitingPayment {
		return s.dueBill(tx, o.Bill)
	}
	d := pay.Due{Order: order, Shopper: o.Shopper, Amount: o.Amount(), Payable: o.State == AwaitingPayment,
		LinesHash: o.RequestHash, ExpiresAt: o.ExpiresAt}
	if o.Earnest == 0 {
		return d, nil
	}
	return s.duePresale(tx, o.ID, d)
}

// The reasons for which captured money is sent back, as keys of this room's texts.
const (
	reasonUnknown = "order.not_found"
	reasonPaid    = "order.already_paid"
	reasonNoStock = "order.no_stock"
	reasonAmount  = "order.other_amount"
	reasonAccount = "order.account_limit"
	reasonOver    = "order.presale_over"
	reasonBill    = "order.bill_over"
)

// Captured is told money that wallets captured, in the payment's own transaction: pay.Purchases. For each capture it
// answers whether the order takes it. The first success of an order wins; one that finds its order lapsed takes the
// stock again if it is still free and is sent back otherwise; any further one is sent back (FAULTS R7, R8, R14).
func (s *Service) Captured(tx *db.Tx, at time.Time, captures []pay.Capture) ([]pay.Verdict, error) {
	ids := make([]ID, len(captures))
	for i, c := range captures {
		ids[i] = ID(c.Order)
	}
	heads, err := Headers(tx, ids)
	if err != nil {
		return nil, err
	}
	p := payments{heads: heads, verdicts: make([]pay.Verdict, len(captures)), captures: captures}
	if p.presales, err = presalesOf(tx, slices.Collect(maps.Values(heads))); err != nil {
		return nil, err
	}
	for i := 0; i < len(captures); i += max(captures[i].Parts, 1) {
		switch c := captures[i]; {
		case c.Parts > 0:
			p.merge(i, c.Parts)
		case p.apart(c):
			p.verdicts[i] = pay.Return(reasonBill)
		default:
			p.decide(i, c)
		}
	}
	retaken, err := retake(tx, p.late)
	if err != nil {
		return nil, err
	}
	for i, c := range captures {
		if p.verdicts[i].Taken && p.lapsed[ID(c.Order)] && !retaken[c.Order] {
			p.verdicts[i] = pay.Return(reasonNoStock)
		}
	}
	return p.verdicts, s.settlePaid(tx, at, &p, retaken, Cause{Actor: "wallet", Why: "captured"})
}

// retake takes again what lapsed orders had given back, stock and quotas, all of an order's or nothing.
func retake(tx *db.Tx, late []ID) (map[string]bool, error) {
	if len(late) == 0 {
		return nil, nil
	}
	lapsed, err := piecesOf(tx, late)
	if err != nil {
		return nil, err
	}
	return stock.Retake(tx, lapsed, func(orders []string) (map[string]bool, error) { return quota.Retake(tx, orders) })
}

// Free moves orders that cost nothing from placed to paid, in the transaction that places them: there is no money to
// wait for. Their stock and what else they use is theirs like any paid order's (FAULTS M8).
func (s *Service) Free(tx *db.Tx, ids []ID) error {
	if len(ids) == 0 {
		return nil
	}
	heads, err := Headers(tx, ids)
	if err != nil {
		return err
	}
	p := payments{heads: heads, verdicts: make([]pay.Verdict, len(ids))}
	for i, id := range ids {
		o := heads[id]
		p.decide(i, pay.Capture{Order: string(id), Currency: o.Currency, At: o.PlacedAt})
	}
	if len(p.won) != len(ids) {
		return fault.New(fault.Internal, "order.state", fault.P("state", "free"))
	}
	return s.settlePaid(tx, heads[ids[0]].PlacedAt, &p, nil, Cause{Actor: "market", Why: "free"})
}

// payments is the working set of one batch of captures.
type payments struct {
	heads    map[ID]Order
	captures []pay.Capture
	verdicts []pay.Verdict
	won      []ID // orders that a capture of this batch pays, in the captures' order
	late     []ID // of those, the ones that had lapsed
	lapsed   map[ID]bool
	presales map[ID]*Presale
	moved    []*Presale // of presales, those that a capture of this batch moved
	earnests []Order    // whose earnest this batch pays
}

func (p *payments) decide(i int, c pay.Capture) {
	id := ID(c.Order)
	o, ok := p.heads[id]
	switch {
	case !ok:
		p.verdicts[i].Reason = reasonUnknown
	case p.presales[id] != nil:
		p.part(i, o, c)
	case o.Total != c.Amount || o.Currency != c.Currency:
		p.verdicts[i].Reason = reasonAmount
	case o.State == AwaitingPayment, o.State == Cancelled && o.PaidAt.IsZero():
		p.verdicts[i].Taken = true
		p.won = append(p.won, id)
		if o.State == Cancelled {
			if p.lapsed == nil {
				p.lapsed = map[ID]bool{}
			}
			p.lapsed[id] = true
			p.late = append(p.late, id)
		}
		// A second capture of the same order in the same batch finds it taken.
		o.PaidAt, o.State = c.At, Paid
		p.heads[id] = withWas(o, p.heads[id].State)
	default:
		p.verdicts[i].Reason = reasonPaid
	}
}

// part decides about a capture for an order that is paid in two parts.
func (p *payments) part(i int, o Order, c pay.Capture) {
	pre := p.presales[o.ID]
	was, paid := pre.State, false
	if p.verdicts[i], paid = pre.captured(o, c); !p.verdicts[i].Taken {
		return
	}
	if was == EarnestDue {
		p.earnests = append(p.earnests, o)
	}
	if paid {
		p.won = append(p.won, o.ID)
		p.heads[o.ID] = withWas(o, o.State)
	}
	if !slices.Contains(p.moved, pre) {
		p.moved = append(p.moved, pre)
	}
}

// presold writes what a batch of captures did to presales.
func (s *Service) presold(tx *db.Tx, at time.Time, p *payments, earnests []Order) error {
	if len(p.moved) == 0 {
		return nil
	}
	if err := savePresales(tx, p.moved); err != nil {
		return err
	}
	return s.takeEarnest(tx, at, earnests, p.presales)
}

// withWas keeps, in the field that a paid order does not use, the state that the order had before the batch.
func withWas(o Order, was State) Order { o.Reason = string(was); return o }

// settlePaid moves the orders that their captures won, in time for that cause, or late.
func (s *Service) settlePaid(tx *db.Tx, at time.Time, p *payments, retaken map[string]bool, c Cause) error {
	all := paying{earnests: p.earnests}
	for _, id := range p.won {
		o := p.heads[id]
		o.State, o.Reason = State(o.Reason), ""
		switch {
		case !p.lapsed[id]:
			all.inTime = append(all.inTime, o)
		case retaken[string(id)]:
			all.late = append(all.late, o)
		}
	}
	// Pools before quotas, as placing locks them.
	held, err := piecesOf(tx, idsOf(all.inTime))
	if err != nil {
		return err
	}
	if err := stock.Commit(tx, held); err != nil {
		return err
	}
	if err = s.spend(tx, at, p, &all); err != nil {
		return err
	}
	if err = s.presold(tx, at, p, all.earnests); err != nil {
		return err
	}
	for _, group := range []struct {
		orders []Order
		why    string
	}{{all.inTime, c.Why}, {all.late, "captured_late"}} {
		steps, err := s.advance(tx, group.orders, Paid, Cause{Actor: c.Actor, Why: group.why, At: at})
		if err != nil {
			return err
		}
		if err := insertSteps(tx, steps); err != nil {
			return err
		}
		if err := s.emit(tx, TopicPaid, at, group.orders); err != nil {
			return err
		}
	}
	return nil
}
