package order

import (
	"context"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/pay"
)

// BillPart is one order of those that are paid together.
type BillPart struct {
	Order  ID
	Title  string // of its first line
	Ask    int64  // minor units: what it asks for
	Paid   bool
	Leads  bool // the ordinary order, at which all are paid
	Pieces int64
}

// Bill are the orders that are paid together with one, the ordinary one first; nil for an order that is paid alone.
// Codes: order.not_found.
func (s *Service) Bill(ctx context.Context, shopper string, id ID) (parts []BillPart, total money.Money, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		heads, err := headers(tx, []ID{id}, ``)
		if err != nil {
			return err
		}
		o, ok := heads[id]
		if !ok || o.Shopper != shopper || shopper == "" {
			return fault.New(fault.NotFound, "order.not_found")
		}
		total.Currency = o.Currency
		if o.Bill == "" {
			return nil
		}
		ids, err := billedWith(tx, []ID{o.Bill})
		if err != nil {
			return err
		}
		all, err := load(tx, ids, false)
		for _, o := range all {
			l := o.Subs[0].Lines[0]
			parts = append(parts, BillPart{Order: o.ID, Title: l.Title, Ask: o.Balance(), Paid: !o.PaidAt.IsZero(),
				Leads: o.Leads(), Pieces: int64(len(o.Lines()))})
			total.Minor += o.Balance()
		}
		if i := slices.IndexFunc(parts, func(p BillPart) bool { return p.Leads }); i > 0 {
			lead := parts[i]
			parts = slices.Insert(slices.Delete(parts, i, i+1), 0, lead)
		}
		return err
	})
	return parts, total, err
}

// OpenBalances are a shopper's presale orders whose balance can be paid now and is not fixed, oldest first: those that
// can be paid together with goods.
func (s *Service) OpenBalances(ctx context.Context, shopper string) (all []Order, err error) {
	at := clock.Now(ctx, s.Clock)
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		ids, err := openBalances(tx, shopper, at, PartsMax)
		if err != nil || len(ids) == 0 {
			return err
		}
		all, err = load(tx, ids, false)
		all = slices.DeleteFunc(all, func(o Order) bool { return !o.TakenAt.IsZero() })
		return err
	})
	return all, err
}

// PartsMax bounds how many balances are paid with one order.
const PartsMax = 20

// LoadBalances reads presale orders of a shopper whose balance can be paid at that instant and is not fixed, in the
// order in which they are named, and says of the others why not. Codes: order.not_found, order.state.
func LoadBalances(tx *db.Tx, shopper string, ids []ID, at time.Time) (open []Order, not map[ID]error, err error) {
	all, err := load(tx, ids, false)
	if err != nil {
		return nil, nil, err
	}
	not = map[ID]error{}
	for _, id := range ids {
		i := slices.IndexFunc(all, func(o Order) bool { return o.ID == id && o.Shopper == shopper && shopper != "" })
		switch {
		case i < 0:
			not[id] = fault.New(fault.NotFound, "order.not_found").At("balances")
		case !mergeable(all[i], all[i].Presale, at):
			not[id] = fault.New(fault.Conflict, "order.balance_changed").At("balances")
		default:
			open = append(open, all[i])
		}
	}
	return open, not, nil
}

// mergeable tells whether an order's balance can be paid together with goods at that instant.
func mergeable(o Order, p *Presale, at time.Time) bool {
	return p != nil && o.State == AwaitingPayment && o.Bill == "" && o.TakenAt.IsZero() && p.FixedAt.IsZero() && p.Open(at)
}

// Merge is the balances that a batch of new orders is paid with, read under lock together with the orders.
type Merge struct {
	heads    map[ID]Order
	presales map[ID]*Presale
	bills    map[ID]ID  // by balance: the order that this batch pays it with
	lines    []Order    // the balances as they are fixed, each with its one line
	fixed    []*Presale // of lines
}

// LoadMerge reads what a batch needs to know of the balances among the orders in heads. Nothing is read where there is
// no presale.
func LoadMerge(tx *db.Tx, heads map[ID]Order) (*Merge, error) {
	m := &Merge{heads: heads, bills: map[ID]ID{}}
	orders := make([]Order, 0, len(heads))
	for _, o := range heads {
		orders = append(orders, o)
	}
	var err error
	m.presales, err = presalesOf(tx, orders)
	return m, err
}

// Can refuses an order whose balances cannot be paid with it as they were quoted. Codes: order.balance_changed.
func (m *Merge) Can(o *Order) error {
	for _, part := range o.Parts {
		was := m.heads[part.Order]
		if was.Shopper != o.Shopper || !mergeable(was, m.presales[part.Order], o.PlacedAt) || m.bills[part.Order] != "" ||
			was.Goods != part.Value || part.Fixed.Paid+was.Freight-was.Earnest != part.Ask || was.Currency != o.Currency {
			return fault.New(fault.Conflict, "order.balance_changed").At("balances")
		}
	}
	return nil
}

// Fix fixes an order's balances with it; Can has said that they can be.
func (m *Merge) Fix(o *Order) {
	for _, part := range o.Parts {
		was, p := m.heads[part.Order], m.presales[part.Order]
		l := part.Fixed
		l.Order = was.ID
		was.Subs = []Sub{{Order: was.ID, Seq: l.Seq, Lines: []Line{l}}}
		was.Rules, was.Bill = part.Rules, o.ID
		was.sumOne()
		p.FixedAt = o.PlacedAt
		was.ExpiresAt = p.until()
		m.bills[was.ID] = o.ID
		m.lines, m.fixed = append(m.lines, was), append(m.fixed, p)
	}
}

// Save writes what Fix fixed, a statement for each table.
func (m *Merge) Save(tx *db.Tx) error {
	if len(m.lines) == 0 {
		return nil
	}
	if err := saveFixed(tx, m.lines); err != nil {
		return err
	}
	return savePresales(tx, m.fixed)
}

// dueBill is what the orders of a bill ask for together, whichever of them was named.
func (s *Service) dueBill(tx *db.Tx, bill ID) (pay.Due, error) {
	ids, err := billedWith(tx, []ID{bill})
	if err != nil {
		return pay.Due{}, err
	}
	heads, err := headers(tx, ids, ``)
	if err != nil {
		return pay.Due{}, err
	}
	lead := heads[bill]
	d := pay.Due{Order: string(bill), Shopper: lead.Shopper, Amount: money.New(0, lead.Currency),
		Payable: lead.State == AwaitingPayment, LinesHash: lead.RequestHash + forBill, ExpiresAt: lead.PayBy(),
		Parts: []pay.DuePart{{Order: string(bill), Amount: lead.Balance(), LinesHash: lead.RequestHash + forBill}}}
	for _, id := range keys(ids) {
		if o := heads[ID(id)]; o.ID != bill {
			d.Parts = append(d.Parts, pay.DuePart{Order: id, Amount: o.Balance(), LinesHash: o.RequestHash + forBalance})
		}
	}
	for _, part := range d.Parts {
		d.Amount.Minor += part.Amount
	}
	return d, nil
}

// dissolve takes apart the bills that some unpaid orders are part of, since one of them ends: their balances are open
// again, as they were agreed, and their ordinary orders end. It gives the orders as they stand then, without the
// ordinary ones of others' bills, which it has cancelled.
func (s *Service) dissolve(tx *db.Tx, orders []Order, c Cause) ([]Order, error) {
	var bills []ID
	for _, o := range orders {
		if o.Bill != "" {
			bills = append(bills, o.Bill)
		}
	}
	if len(bills) == 0 {
		return orders, nil
	}
	ids, err := billedWith(tx, bills)
	if err != nil {
		return nil, err
	}
	all, err := load(tx, ids, true)
	if err != nil {
		return nil, err
	}
	ends := make(map[ID]int, len(orders))
	for i, o := range orders {
		ends[o.ID] = i
	}
	var leads []Order
	var open []Order
	var presales []*Presale
	for _, o := range all {
		i, named := ends[o.ID]
		switch {
		case o.State != AwaitingPayment:
			return nil, fault.New(fault.Conflict, "order.state", fault.P("state", string(o.State)))
		case o.Leads() && !named:
			leads = append(leads, o)
		case !o.Leads():
			if o, err = unfixed(o); err != nil {
				return nil, err
			}
			o.ExpiresAt = o.Presale.until()
			open, presales = append(open, o), append(presales, o.Presale)
			if named {
				orders[i] = o
			}
		}
	}
	if err := saveFixed(tx, open); err != nil {
		return nil, err
	}
	if err := savePresales(tx, presales); err != nil {
		return nil, err
	}
	c.Why = WhyBill
	if len(leads) == 0 {
		return orders, nil
	}
	return orders, s.cancel(tx, leads, c)
}
