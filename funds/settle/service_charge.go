package settle

import (
	"cmp"
	"context"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/ledger"
)

// Source is what a charge is taken from.
type Source string

// The sources.
const (
	Owed    Source = "owed"    // what the market owes the shop: its next statement pays that much less
	Deposit Source = "deposit" // its security deposit; the caller asked funds/deposit whether that covers it
)

// Charge is what a shop owes the operator aside from its sales, by a rule that it agreed to.
type Charge struct {
	ID       string // what it is for, such as an enrolment: that is charged once
	Shop     string
	Currency money.Currency
	Amount   int64  // of what was given back, below 0
	From     Source // "": Owed
	Why      string // "sale.penalty"
	At       time.Time

	ledgerSeq int64
}

// account is where the charge comes from, and goes back to.
func (c Charge) account() ledger.Account {
	if c.From == Deposit {
		return ledger.Deposit(c.Shop)
	}
	return ledger.Merchant(c.Shop)
}

// Take books a charge, in the caller's transaction: the shop owes it, and its next statement pays that much less,
// or its deposit is less by as much. The same ID is charged once; it is safe to repeat. Codes: those of
// ledger.Post.
func Take(tx *db.Tx, c Charge) error {
	known, err := charged(tx, c.ID)
	if err != nil || known {
		return err
	}
	c.From = cmp.Or(c.From, Owed)
	ts := []ledger.Transfer{{Debit: c.account(), Credit: ledger.Fees, Amount: c.Amount, Currency: c.Currency,
		Kind: ledger.Charged, Shop: c.Shop, Ref: c.ID}}
	if err := ledger.Post(tx, c.At, ts); err != nil {
		return err
	}
	c.ledgerSeq = ts[0].Seq
	return insertCharge(tx, c)
}

// GiveBack gives a charge back, whole and to where it was taken from, in the caller's transaction: what it was for was
// called off by the market. The next statement pays that much more. It is safe to repeat: it goes back once.
// Codes: settle.no_charge, those of ledger.Post.
func GiveBack(tx *db.Tx, id, why string, at time.Time) error {
	c, found, err := chargeIn(tx, id)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "settle.no_charge")
	}
	if err != nil {
		return err
	}
	if back, err := givenBack(tx, id); err != nil || back {
		return err
	}
	ts := []ledger.Transfer{{Debit: ledger.Fees, Credit: c.account(), Amount: c.Amount, Currency: c.Currency,
		Kind: ledger.ChargeBack, Shop: c.Shop, Ref: id}}
	if err := ledger.Post(tx, at, ts); err != nil {
		return err
	}
	c.Why, c.At, c.ledgerSeq = why, at, ts[0].Seq
	return insertBack(tx, c)
}

// Covers refuses a charge that what the market owes the shop by now does not cover. It holds the chain until the
// commit, so that nothing comes in between. Codes: settle.short.
func Covers(tx *db.Tx, shop string, amount money.Money) error {
	if _, err := ledger.Hold(tx, amount.Currency); err != nil {
		return err
	}
	owed, err := ledger.Balance(tx, ledger.Merchant(shop), amount.Currency)
	if err == nil && owed < amount.Minor {
		err = fault.New(fault.Unprocessable, "settle.short", fault.P("has", money.New(max(owed, 0), amount.Currency)))
	}
	return err
}

// Owes is what the market owes a shop by now: what Covers asks about, 0 or above.
func (s *Service) Owes(ctx context.Context, shop string, c money.Currency) (owed money.Money, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		n, err := ledger.Balance(tx, ledger.Merchant(shop), c)
		owed = money.New(max(n, 0), c)
		return err
	})
	return owed, err
}

// Charges are what a shop was charged and what was given back of it, with an Amount below 0, the newest first.
func (s *Service) Charges(ctx context.Context, shop string) (all []Charge, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { all, err = chargesOf(tx, shop); return err })
	return all, err
}

// onDepositMax bounds the list of what was taken from a deposit.
const onDepositMax = 100

// OnDeposit are the newest of Charges that were taken from the shop's deposit, or given back to it.
func (s *Service) OnDeposit(ctx context.Context, shop string, c money.Currency) (all []Charge, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { all, err = onDeposit(tx, shop, c, onDepositMax); return err })
	return all, err
}

// ChargesOf are the charges that a statement took up, and what it took up of charges given back, oldest first. Codes:
// statement.not_found.
func (s *Service) ChargesOf(ctx context.Context, shop string, id StatementID) (all []Charge, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		st, err := find(tx, shop, id)
		if err != nil {
			return err
		}
		every, err := chargesOf(tx, shop)
		for i := len(every) - 1; i >= 0; i-- {
			c := every[i]
			if c.From == Owed && c.Currency == st.Currency && c.ledgerSeq > st.FromSeq && c.ledgerSeq <= st.CutSeq {
				all = append(all, c)
			}
		}
		return err
	})
	return all, err
}
