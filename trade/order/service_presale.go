package order

import (
	"context"
	"slices"
	"strconv"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/funds/settle"
	"hutong/party/audit"
)

// The topics that this room tells of presales. What ends one is told as TopicCancelled or TopicPaid.
const (
	TopicEarnestPaid = "order.earnest_paid"
	TopicBalanceOpen = "order.balance_open" // the balance can be paid now
	TopicBalanceEnds = "order.balance_ends" // it is still owed, and its end is near
)

// Refunds gives money back that was paid for orders: funds/pay.
type Refunds interface {
	Ask(tx *db.Tx, at time.Time, asks []pay.RefundAsk) ([]pay.RefundID, error)
	MadeGood(tx *db.Tx, at time.Time, order string) (orders []string, amount int64, err error)
}

// The cases of what goes back of an earnest, and why, as keys of this room's texts.
const (
	caseEarnest = "earnest"
	caseOnTop   = "earnest.on_top"

	whyRest   = "order.earnest_rest"
	whyOnTop  = "order.earnest_on_top"
	whyReturn = "order.earnest_returned"
	whyTaken  = "order.earnest_taken"
)

// Balances prices what is left of a presale order when it is to be paid: trade/checkout.
type Balances interface {
	// Fix sets what is taken off the order's line, with those of the shopper's vouchers that are named, or with the best
	// of all for nil, and takes what that needs. The line is priced once.
	Fix(tx *db.Tx, at time.Time, o *Order, claims []string) error
}

// FixBalance is a shopper's consent to what a balance comes to.
type FixBalance struct {
	Order   ID
	Shopper string
	Claims  []string // the vouchers to use, of those that the shopper holds; nil: the best of all
	Balance int64    // minor units: what was shown
}

// FixBalance fixes what a balance comes to, before it is paid: what was shown, with the vouchers that the shopper
// chose. Who begins to pay without it has the best of all. It is safe to repeat.
//
// Codes: order.not_found, order.state (also while the balance is not open), order.taken_back, order.balance_changed: it
// comes to another sum now, or was fixed to another one; nothing is fixed then. Those of Balances.
func (s *Service) FixBalance(ctx context.Context, cmd FixBalance) error {
	at := clock.Now(ctx, s.Clock)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		o, p, err := s.presale(tx, cmd.Order)
		if err != nil {
			return err
		}
		if o.Shopper != cmd.Shopper || cmd.Shopper == "" {
			return fault.New(fault.NotFound, "order.not_found")
		}
		if p == nil || o.State != AwaitingPayment || !p.Open(at) {
			return fault.New(fault.Conflict, "order.state", fault.P("state", string(o.State)))
		}
		if !o.TakenAt.IsZero() {
			return fault.New(fault.Conflict, "order.taken_back")
		}
		if s.balances != nil && p.FixedAt.IsZero() {
			if o, err = s.fix(tx, at, o, p, cmd.Claims); err != nil {
				return err
			}
		}
		if o.Balance() != cmd.Balance {
			return fault.New(fault.Conflict, "order.balance_changed").At("balance")
		}
		return nil
	})
}

// duePresale is which of its payments an order asks for. The first time that its balance is asked for, what it comes to
// is fixed: the transaction is that of the attempt to pay it.
func (s *Service) duePresale(tx *db.Tx, id ID, d pay.Due) (pay.Due, error) {
	o, p, err := s.presale(tx, id)
	if err != nil || p == nil {
		return d, err
	}
	open := s.balances != nil && o.TakenAt.IsZero() && o.State == AwaitingPayment && p.FixedAt.IsZero()
	if at := s.Clock.Now(); open && p.Open(at) {
		if o, err = s.fix(tx, at, o, p, nil); err != nil {
			return d, err
		}
	}
	return p.due(o, d), nil
}

// fix prices the balance and keeps what it came to.
func (s *Service) fix(tx *db.Tx, at time.Time, o Order, p *Presale, claims []string) (Order, error) {
	all, err := load(tx, []ID{o.ID}, false)
	if err != nil {
		return o, err
	}
	o = all[0]
	if err := s.balances.Fix(tx, at, &o, claims); err != nil {
		return o, err
	}
	o.sumOne()
	p.FixedAt = at
	o.ExpiresAt = p.until()
	if o.Balance() < 1 {
		return o, fault.New(fault.Internal, "order.discounts")
	}
	if err := saveFixed(tx, []Order{o}); err != nil {
		return o, err
	}
	return o, savePresales(tx, []*Presale{p})
}

// takeEarnest writes that earnests are paid: the orders wait for their balance now, and hold their pieces until
// then.
func (s *Service) takeEarnest(tx *db.Tx, at time.Time, orders []Order, ps map[ID]*Presale) error {
	for _, o := range orders {
		if err := saveDeadline(tx, o.ID, ps[o.ID].until()); err != nil {
			return err
		}
	}
	return s.emit(tx, TopicEarnestPaid, at, orders)
}

// part divides unpaid orders into those whose earnest is paid, which cannot end without a word about it, and the
// others.
func (s *Service) part(tx *db.Tx, orders []Order) (plain, owing []Order, ps map[ID]*Presale, err error) {
	if ps, err = presalesOf(tx, orders); err != nil || len(ps) == 0 {
		return orders, nil, nil, err
	}
	for _, o := range orders {
		if p := ps[o.ID]; p != nil && p.State == EarnestPaid {
			owing = append(owing, o)
		} else {
			plain = append(plain, o)
		}
	}
	return plain, owing, ps, nil
}

// forfeit ends orders whose balance is not paid. The shop has the earnest, up to what the law lets it keep; the
// rest goes back.
func (s *Service) forfeit(tx *db.Tx, orders []Order, ps map[ID]*Presale, c Cause) error {
	c.Why = WhyForfeited
	for _, o := range orders {
		p := ps[o.ID]
		shops, err := shopsOf(tx, o.ID)
		if err != nil {
			return err
		}
		if err := s.freeEarnest(tx, c.At, o, p); err != nil {
			return err
		}
		if p.Forfeit > 0 {
			err = s.Settle.Earnest(tx, c.At, settle.Earnest{Order: string(o.ID), Sub: 1, Line: 1, Shop: shops[0],
				Currency: o.Currency, Amount: p.Forfeit, What: settle.Forfeited})
		}
		if err == nil {
			err = s.sendBack(tx, c.At, o, pay.RefundAsk{Case: caseEarnest, Amount: p.GiveBack(), Reason: whyRest})
		}
		if err != nil {
			return err
		}
	}
	return s.endPresales(tx, orders, ps, Forfeited, c)
}

// grace gives who could not pay a balance in time, because the disk was full, an hour from when it has room again. It
// tells whether the disk is full.
func (s *Service) grace(ctx context.Context, at time.Time) (full bool, err error) {
	full, times := s.DB.Full()
	if full || times == s.graced.Load() {
		return full, nil
	}
	until := at.Add(graceLasts)
	if err := s.DB.Write(ctx, func(tx *db.Tx) error { return prolong(tx, at, until) }); err != nil {
		return false, err
	}
	s.graced.Store(times)
	return false, nil
}

// freeEarnest puts an earnest back into the order's escrow.
func (s *Service) freeEarnest(tx *db.Tx, at time.Time, o Order, p *Presale) error {
	return ledger.Post(tx, at, []ledger.Transfer{p.transfer(o, ledger.Earnest, ledger.Escrow, ledger.EarnestFreed)})
}

// shopsOf are the shops that an order is of, in the order of its parts.
func shopsOf(tx *db.Tx, id ID) (shops []string, err error) {
	all, err := load(tx, []ID{id}, false)
	if err != nil {
		return nil, err
	}
	for _, sub := range all[0].Subs {
		shops = append(shops, sub.Shop)
	}
	return shops, nil
}

func (s *Service) sendBack(tx *db.Tx, at time.Time, o Order, ask pay.RefundAsk) error {
	if ask.Amount == 0 {
		return nil
	}
	ask.Order, ask.Currency = string(o.ID), o.Currency
	_, err := s.Refunds.Ask(tx, at, []pay.RefundAsk{ask})
	return err
}

// endPresales closes unpaid presales and cancels their orders.
func (s *Service) endPresales(tx *db.Tx, orders []Order, ps map[ID]*Presale, next PresaleState, c Cause) error {
	if len(orders) == 0 {
		return nil
	}
	var changed []*Presale
	for _, o := range orders {
		if p := ps[o.ID]; p != nil {
			if err := p.end(next, c.At); err != nil {
				return err
			}
			changed = append(changed, p)
		}
	}
	if err := savePresales(tx, changed); err != nil {
		return err
	}
	return s.cancel(tx, orders, c)
}

// Default is a shop's word, or the operator's, that a presale order whose earnest is paid will not be delivered.
type Default struct {
	Order    ID
	Shop     string // whose order it must be
	Operator bool   // any shop's
}

// Default ends a presale order on the seller's side: the shopper has the earnest back, and its legal part once more
// from the shop. Codes: order.not_found (also another shop's), order.state: also of an order that is no presale,
// whose earnest is not paid, or whose balance is paid: that one is refunded like any other. order.taken_back.
func (s *Service) Default(ctx context.Context, cmd Default) error {
	c := Cause{Actor: "merchant", Why: WhySellerDefault, At: clock.Now(ctx, s.Clock)}
	if cmd.Operator {
		c.Actor = "operator"
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		o, p, err := s.presale(tx, cmd.Order)
		if err != nil {
			return err
		}
		shops, err := shopsOf(tx, o.ID)
		if err != nil {
			return err
		}
		if !cmd.Operator && !slices.Contains(shops, cmd.Shop) { // before its state: that is nobody else's business
			return fault.New(fault.NotFound, "order.not_found")
		}
		if p == nil || p.State != EarnestPaid || p.Forfeits(c.At) || o.State != AwaitingPayment {
			return fault.New(fault.Conflict, "order.state", fault.P("state", string(o.State)))
		}
		if !o.TakenAt.IsZero() { // the shopper has the earnest; it is ended, and nothing is given on top
			return fault.New(fault.Conflict, "order.taken_back")
		}
		if o.Bill != "" {
			if _, err := s.dissolve(tx, []Order{o}, c); err != nil {
				return err
			}
			if o, p, err = s.presale(tx, o.ID); err != nil {
				return err
			}
		}
		shop := shops[0]
		if err := s.freeEarnest(tx, c.At, o, p); err != nil {
			return err
		}
		if err := s.giveTwice(tx, c.At, o, p, shop); err != nil {
			return err
		}
		err = audit.Note(ctx, tx, s.IDs, audit.Entry{At: c.At, Shop: shop, What: "order.defaulted", On: string(o.ID),
			After: audit.Facts{"earnest": strconv.FormatInt(p.Earnest, 10), "own": strconv.FormatInt(p.Forfeit, 10)}})
		if err != nil {
			return err
		}
		return s.endPresales(tx, []Order{o}, map[ID]*Presale{o.ID: p}, Returned, c)
	})
}

// giveTwice gives an earnest back, and its legal part once more from the shop's money.
func (s *Service) giveTwice(tx *db.Tx, at time.Time, o Order, p *Presale, shop string) error {
	err := s.sendBack(tx, at, o, pay.RefundAsk{Case: caseEarnest, Amount: p.Earnest, Reason: whyReturn})
	if err != nil || p.Forfeit == 0 {
		return err
	}
	err = s.Settle.Earnest(tx, at, settle.Earnest{Order: string(o.ID), Sub: 1, Line: 1, Shop: shop,
		Currency: o.Currency, Amount: p.Forfeit, What: settle.Defaulted})
	if err != nil {
		return err
	}
	return s.sendBack(tx, at, o, pay.RefundAsk{Case: caseOnTop, Amount: p.Forfeit, Reason: whyOnTop, Extra: true})
}

// presale reads an order, locked, with its presale; nil for one without.
func (s *Service) presale(tx *db.Tx, id ID) (Order, *Presale, error) {
	heads, err := Headers(tx, []ID{id})
	if err != nil {
		return Order{}, nil, err
	}
	o, ok := heads[id]
	if !ok {
		return Order{}, nil, fault.New(fault.NotFound, "order.not_found")
	}
	ps, err := presalesOf(tx, []Order{o})
	return o, ps[id], err
}

// Remind tells who can pay a balance now, and whose balance is due within ahead, once each. It is a job's Run.
func (s *Service) Remind(ctx context.Context, ahead time.Duration) (done int, err error) {
	at := clock.Now(ctx, s.Clock)
	ends := at.Add(ahead)
	var ids []ID
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) { ids, err = toTell(tx, at, ends, batchMax); return err })
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		heads, err := Headers(tx, ids)
		if err != nil {
			return err
		}
		orders := make([]Order, 0, len(heads))
		for _, id := range keys(ids) {
			orders = append(orders, heads[ID(id)])
		}
		ps, err := presalesOf(tx, orders)
		if err != nil {
			return err
		}
		done, err = s.remind(tx, orders, ps, at, ends)
		return err
	})
	return done, err
}

// remind marks and tells what is still to be told, read again under the lock.
func (s *Service) remind(tx *db.Tx, orders []Order, ps map[ID]*Presale, at, ends time.Time) (int, error) {
	var open, ending []Order
	var changed []*Presale
	for _, o := range orders {
		p := ps[o.ID]
		switch {
		case !p.Open(at) || p.Told > 1:
		case !o.TakenAt.IsZero(): // the balance is not taken
			p.Told, changed = 2, append(changed, p)
		case !ends.Before(p.Due):
			p.Told, ending, changed = 2, append(ending, o), append(changed, p)
		case p.Told == 0:
			p.Told, open, changed = 1, append(open, o), append(changed, p)
		}
	}
	if err := savePresales(tx, changed); err != nil {
		return 0, err
	}
	if err := s.emit(tx, TopicBalanceOpen, at, open); err != nil {
		return 0, err
	}
	return len(changed), s.emit(tx, TopicBalanceEnds, at, ending)
}

// personPresale is a presale as its shopper takes it away.
type personPresale struct {
	State   PresaleState `json:"state"`
	Earnest int64        `json:"earnest"`
	Forfeit int64        `json:"forfeit"`
	Opens   time.Time    `json:"balance_opens"`
	Due     time.Time    `json:"balance_due"`
	ShipBy  time.Time    `json:"ship_by,omitzero"`
}

func (p *Presale) person() *personPresale {
	if p == nil {
		return nil
	}
	return &personPresale{p.State, p.Earnest, p.Forfeit, p.Opens, p.Due, p.ShipBy}
}
