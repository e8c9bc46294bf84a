package sandbox

import (
	"context"
	"log/slog"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
)

// Dispute has the shopper's bank take back what is left of a paid bill, as after a complaint there, and tells the
// merchant, who did not ask for it. Again it takes nothing, and tells again.
//
// Codes: sandbox.no_bill, sandbox.not_paid, sandbox.nothing_left, sandbox.untold: it is taken, and the merchant could
// not be told.
func (c *Company) Dispute(ctx context.Context, wallet, no string) error {
	now := clock.Now(ctx, c.clock)
	var b Bill
	var r Refund
	err := c.db.Write(ctx, func(tx *db.Tx) (err error) {
		b, r, err = c.dispute(tx, wallet, no, now)
		return err
	})
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	err = c.send(ctx, wallet, Notice{Txn: r.Txn, Refunded: true, Trade: b.Trade, Account: b.Account, Amount: r.Amount,
		At: r.Done})
	if err != nil {
		c.log.WarnContext(ctx, "merchant was not told of a dispute", slog.String("bill", b.No), slog.Any("err", err))
		return fault.New(fault.Unavailable, "sandbox.untold").Because(err)
	}
	return nil
}

func (c *Company) dispute(tx *db.Tx, wallet, no string, now time.Time) (Bill, Refund, error) {
	b, found, err := billByNo(tx, wallet, no)
	switch {
	case err != nil:
		return b, Refund{}, err
	case !found:
		return b, Refund{}, fault.New(fault.NotFound, "sandbox.no_bill")
	case b.State != Paid:
		return b, Refund{}, fault.New(fault.Conflict, "sandbox.not_paid")
	}
	name := "dispute." + b.No // no merchant's: they begin with what the market calls its refunds
	was, found, err := refundByNo(tx, wallet, name)
	if err != nil || found {
		return b, was, err
	}
	left := b.Amount.Minor - b.Refunded
	if left == 0 {
		return b, Refund{}, fault.New(fault.Conflict, "sandbox.nothing_left")
	}
	r := Refund{Wallet: wallet, No: name, Bill: b.No, Txn: c.ids.New("txr"), Done: now,
		Amount: money.New(left, b.Amount.Currency)}
	return b, r, give(tx, b, r)
}
