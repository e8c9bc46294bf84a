package pay

import (
	"slices"
	"time"

	"hutong/base/db"
	"hutong/funds/ledger"
)

// A wallet takes money back by itself, as after a shopper's dispute with their bank, and tells it as a refund that
// nobody asked for. Nothing is booked then, since it may come back: it is an open item of the suspense, counted on the
// payment (Attempt.ChargedBack), and the order is told (Purchases.TakenBack). From there on it ends in one of two ways:
//
//   - the money is given back here too: Ask is met by it, books it, and sends nothing;
//   - it comes back to the market: MadeGood.

// met keeps which refunds were met by what wallets had taken back. Of a payment where all of that is used, nobody has
// to do anything any more.
func (s *Service) met(tx *db.Tx, at time.Time, all []meeting) error {
	for _, m := range all {
		if err := saveMet(tx, m); err != nil {
			return err
		}
		if m.paid.Met < m.paid.ChargedBack {
			continue
		}
		if err := closeTaken(tx, m.paid, Matched, at); err != nil {
			return err
		}
	}
	return nil
}

// MadeGood is the operator's word that what wallets took back of an order's payments is the market's again: the dispute
// was won, or the shopper paid by another way. Refunds that were met by it are sent now. It tells the orders of which
// nothing is taken back any more, which are several where they were paid together, and how much it was; 0 when there
// was nothing. It is safe to repeat.
func (s *Service) MadeGood(tx *db.Tx, at time.Time, order string) (orders []string, amount int64, err error) {
	paid, err := lockTaken(tx, order)
	if err != nil || len(paid) == 0 {
		return nil, 0, err
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
	left, err := stillTaken(tx, orders)
	return slices.DeleteFunc(orders, func(o string) bool { return left[o] }), amount, err
}
