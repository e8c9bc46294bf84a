package pay

import (
	"slices"
	"time"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/funds/ledger"
)

// A wallet takes money back by itself, as after a shopper's dispute with their bank, and tells it as a refund that
// nobody asked for. Nothing is booked then, since it may come back: it is an open item of the suspense, counted on the
// payment (Attempt.ChargedBack), and the order is told (Purchases.TakenBack). From there on it ends in one of two ways:
//
//   - the money is given back here too: Ask is met by it, books it, and sends nothing; so is what was asked for before
//     and did not leave yet. Once that is all of it, the rest of the order is paid (Purchases.TakenMet);
//   - it comes back to the market: MadeGood.

// meetWaiting has refunds met that were asked for before their wallet took the money back, and that did not leave: they
// were never tried, or the wallet refused them. What goes beyond it is sent, as of one that is asked for afterwards.
// One that is under way is the wallet's to pay or to refuse. The caller holds the payments, and books what it is given.
func (s *Service) meetWaiting(tx *db.Tx, at time.Time, left []Attempt) (transfers []ledger.Transfer, err error) {
	if len(left) == 0 {
		return nil, nil
	}
	p := planner{attempts: map[string][]Attempt{}}
	var orders []string
	for _, a := range left {
		p.attempts[a.Order], orders = append(p.attempts[a.Order], a), append(orders, a.Order)
	}
	waiting, err := lockWaiting(tx, orders)
	if err != nil {
		return nil, err
	}
	var done []event.Event
	for _, r := range waiting {
		i := slices.IndexFunc(p.attempts[r.Order], func(a Attempt) bool { return a.ID == r.Attempt })
		if i < 0 || unmet(p.attempts[r.Order][i]) == 0 {
			continue
		}
		paid := p.attempts[r.Order][i]
		if r, err = s.meetOne(tx, at, r, min(r.Amount.Minor, unmet(paid))); err != nil {
			return nil, err
		}
		p.meet(paid, r.Amount.Minor)
		transfers, done = append(transfers, refundDone(r)), append(done, refunded(r, at))
	}
	if err := event.Emit(tx, s.ids, done...); err != nil {
		return nil, err
	}
	return transfers, s.met(tx, at, p.met)
}

// meetOne has a waiting refund met, and gives what of it is. Where that is not all, that is a part of its own, and the
// rest is sent under another name: the wallet may know the old one, with another amount.
func (s *Service) meetOne(tx *db.Tx, at time.Time, r Refund, taken int64) (Refund, error) {
	part := r
	part.State, part.Amount.Minor, part.Created, part.Done = RefundTaken, taken, at, at
	if taken == r.Amount.Minor {
		return part, meetRefund(tx, r.ID, at)
	}
	before, err := askedBefore(tx, []string{r.Order})
	if err != nil {
		return r, err
	}
	part.ID = RefundID(s.ids.New("rfd"))
	for _, other := range before[caseKey{r.Order, r.Case}] {
		if other.Attempt == r.Attempt {
			part.part = max(part.part, other.part+1)
		}
	}
	if err := lessenRefund(tx, lessening{id: r.ID, to: RefundID(s.ids.New("rfd")), by: taken}, at); err != nil {
		return r, err
	}
	return part, insertRefunds(tx, []Refund{part})
}

// met keeps which refunds were met by what wallets had taken back. Of a payment where all of that is used, nobody has
// to do anything any more, and what is left of its orders is paid.
func (s *Service) met(tx *db.Tx, at time.Time, all []meeting) error {
	var orders []string
	for _, m := range all {
		if err := saveMet(tx, m); err != nil {
			return err
		}
		if unmet(m.paid) > 0 {
			continue
		}
		if err := closeTaken(tx, m.paid, Matched, at); err != nil {
			return err
		}
		with, err := PaidTogether(tx, m.paid.Order)
		if err != nil {
			return err
		}
		orders = append(orders, with...)
	}
	orders, err := wholly(tx, orders, `charged_back > met`)
	if err != nil || len(orders) == 0 {
		return err
	}
	return s.purchases.TakenMet(tx, at, orders)
}

// wholly are those of some orders that have no attempt of a kind.
func wholly(tx *db.Tx, orders []string, but string) ([]string, error) {
	orders = sortedUnique(orders)
	some, err := stillTaken(tx, orders, but)
	return slices.DeleteFunc(orders, func(o string) bool { return some[o] }), err
}

// PaidTogether are the orders that some payment paid together with one, that one among them.
func PaidTogether(tx *db.Tx, order string) ([]string, error) {
	all, err := billedWith(tx, order)
	return sortedUnique(append(all, order)), err
}

// MadeGood is the operator's word that what wallets took back of an order's payments is the market's again: the dispute
// was won, or the shopper paid by another way. Refunds that were met by it are sent now. It tells the orders of which
// no more is taken back than was given back, several where they were paid together, and how much it was; 0 when there
// was nothing. What was given back to the last cent is over, and stays so while anything is open beside it. It is safe
// to repeat. The caller holds all orders of PaidTogether.
func (s *Service) MadeGood(tx *db.Tx, at time.Time, order string) (orders []string, amount int64, err error) {
	paid, err := lockTaken(tx, order)
	if err != nil || len(paid) == 0 {
		return nil, 0, err
	}
	if slices.ContainsFunc(paid, func(a Attempt) bool { return unmet(a) > 0 }) {
		paid = slices.DeleteFunc(paid, func(a Attempt) bool { return unmet(a) == 0 })
	}
	of := map[AttemptID]bool{}
	for _, a := range paid {
		of[a.ID] = true
		orders = append(orders, a.Order)
		if !a.leads() {
			continue
		}
		amount += a.ChargedBack
		if err := closeTaken(tx, a, SentBack, at); err != nil {
			return nil, 0, err
		}
	}
	orders = sortedUnique(orders)
	if err := clearTaken(tx, paid); err != nil {
		return nil, 0, err
	}
	met, err := lockMet(tx, orders)
	if err != nil {
		return nil, 0, err
	}
	met = slices.DeleteFunc(met, func(r Refund) bool { return !of[r.Attempt] })
	if err := sendMet(tx, met, at); err != nil {
		return nil, 0, err
	}
	transfers := make([]ledger.Transfer, len(met))
	for i, r := range met {
		transfers[i] = ledger.Transfer{Debit: ledger.Wallet(r.Wallet), Credit: ledger.Refunding(r.Wallet),
			Amount: r.Amount.Minor, Currency: r.Amount.Currency, Kind: ledger.RefundAgain, Order: r.Order, Ref: string(r.ID)}
	}
	if err := ledger.Post(tx, at, transfers); err != nil {
		return nil, 0, err
	}
	orders, err = wholly(tx, orders, `charged_back > met`)
	return orders, amount, err
}
