package paytest

import (
	"context"
	"net/http"

	"hutong/base/clock"
	"hutong/funds/pay"
	"hutong/funds/pay/sandbox"
)

// PayBill is Wallet.Pay for the simulated wallets.
func PayBill(c *sandbox.Company) func(context.Context, pay.Attempt) error {
	return func(ctx context.Context, a pay.Attempt) error {
		b, err := c.ByTrade(ctx, a.Wallet, string(a.ID))
		if err == nil {
			_, err = c.PayBill(ctx, a.Wallet, b.No, sandbox.Behaviour{Drop: true})
		}
		return err
	}
}

// CloseBill is Wallet.Close for the simulated wallets.
func CloseBill(c *sandbox.Company) func(context.Context, pay.Attempt) error {
	return func(ctx context.Context, a pay.Attempt) error {
		b, err := c.ByTrade(ctx, a.Wallet, string(a.ID))
		if err != nil {
			return err
		}
		return c.CloseBill(ctx, a.Wallet, b.No)
	}
}

// Notices is Wallet.Notice for the simulated wallets.
func Notices(d sandbox.Dialect, c clock.Clock) func(pay.Fact) (http.Header, []byte) {
	return func(f pay.Fact) (http.Header, []byte) {
		h, body, err := d.Write(sandbox.Notice{Txn: f.Txn, Refunded: f.Kind == pay.KindRefund, Trade: string(f.Attempt),
			Refund: string(f.Refund), Account: f.Account, Amount: f.Amount, At: f.At, Payer: f.Payer}, c.Now())
		if err != nil {
			panic(err)
		}
		return h, body
	}
}
