package settle

import (
	"errors"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/ledger"
)

// What says what a claim's line is, where it is no sale.
type What string

// What becomes of the earnest of a presale when one side does not keep its word.
const (
	Forfeited What = "forfeit" // the shop's: the shopper did not pay the balance
	Defaulted What = "default" // from the shop: it did not deliver, and gives the earnest once more
)

// Earnest is earnest money that goes to a shop, or that a shop has to give. It is no sale, so no fee is taken.
type Earnest struct {
	Order    string
	Sub      int
	Line     int
	Shop     string
	Currency money.Currency
	Amount   int64
	What     What
}

// Earnest books what becomes of earnest money, in the caller's transaction, as a claim that the shop's next statement
// shows: out of the order's escrow, where the caller puts it first, or into it. An order's is booked once.
// Codes: settle.accrued, settle.line, and those of ledger.Post.
func (s *Service) Earnest(tx *db.Tx, at time.Time, e Earnest) error {
	if e.Amount < 1 || e.Line < 1 || e.What != Forfeited && e.What != Defaulted {
		return badLine(e.Order, e.Line, money.ErrRange)
	}
	c := Claim{Order: e.Order, Sub: e.Sub, Party: ledger.Merchant(e.Shop), Shop: e.Shop, Currency: e.Currency,
		Base: e.Amount, Net: e.Amount, At: at}
	l := ClaimLine{Order: e.Order, Sub: e.Sub, Line: e.Line, Base: e.Amount, Net: e.Amount, What: e.What}
	t := ledger.Transfer{Debit: ledger.Escrow, Credit: c.Party, Amount: e.Amount, Currency: e.Currency,
		Kind: ledger.Forfeit, Order: e.Order, Line: e.Line, Shop: e.Shop}
	if e.What == Defaulted { // what a shop gives back has entries above 0
		c.Entry, c.Base, c.Refunded, c.Net = 1, -e.Amount, e.Amount, -e.Amount
		l.Entry, l.Base, l.Refunded, l.Net = 1, -e.Amount, e.Amount, -e.Amount
		t.Debit, t.Credit, t.Kind = t.Credit, t.Debit, ledger.ForfeitBack
	}
	posted := []ledger.Transfer{t}
	if err := ledger.Post(tx, at, posted); err != nil {
		return err
	}
	c.LedgerSeq = posted[0].Seq
	err := insertEarnest(tx, &c, &l)
	if errors.Is(err, db.ErrUnique) {
		return fault.New(fault.Conflict, "settle.accrued", fault.P("order", e.Order)).Because(err)
	}
	return err
}
