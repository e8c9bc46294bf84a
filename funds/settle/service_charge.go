package settle

import (
	"context"
	"time"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/funds/ledger"
)

// Charge is what a shop owes the operator aside from its sales, by a rule that it agreed to.
type Charge struct {
	ID       string // what it is for, such as an enrolment: that is charged once
	Shop     string
	Currency money.Currency
	Amount   int64
	Why      string // "sale.penalty"
	At       time.Time

	ledgerSeq int64
}

// Take books a charge, in the caller's transaction: the shop owes it, and its next statement pays that much less. The
// same ID is charged once; it is safe to repeat. Codes: those of ledger.Post.
func Take(tx *db.Tx, c Charge) error {
	known, err := charged(tx, c.ID)
	if err != nil || known {
		return err
	}
	ts := []ledger.Transfer{{Debit: ledger.Merchant(c.Shop), Credit: ledger.Fees, Amount: c.Amount, Currency: c.Currency,
		Kind: ledger.Charged, Shop: c.Shop, Ref: c.ID}}
	if err := ledger.Post(tx, c.At, ts); err != nil {
		return err
	}
	c.ledgerSeq = ts[0].Seq
	return insertCharge(tx, c)
}

// Charges are what a shop was charged, newest first.
func (s *Service) Charges(ctx context.Context, shop string) (all []Charge, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { all, err = chargesOf(tx, shop); return err })
	return all, err
}

// ChargesOf are the charges that a statement took up, oldest first. Codes: statement.not_found.
func (s *Service) ChargesOf(ctx context.Context, shop string, id StatementID) (all []Charge, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		st, err := find(tx, shop, id)
		if err != nil {
			return err
		}
		every, err := chargesOf(tx, shop)
		for i := len(every) - 1; i >= 0; i-- {
			if c := every[i]; c.Currency == st.Currency && c.ledgerSeq > st.FromSeq && c.ledgerSeq <= st.CutSeq {
				all = append(all, c)
			}
		}
		return err
	})
	return all, err
}
