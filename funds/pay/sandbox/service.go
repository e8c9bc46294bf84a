package sandbox

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Company holds the verbs of the simulated wallets. Speak and Connect must be called before it is used.
type Company struct {
	db       *db.DB
	clock    clock.Clock
	ids      IDs
	log      *slog.Logger
	dialects map[string]Dialect
	wire     http.RoundTripper
	hooks    string
}

// New makes the company. A nil log is none.
func New(d *db.DB, c clock.Clock, ids IDs, log *slog.Logger) *Company {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Company{db: d, clock: c, ids: ids, log: log, dialects: map[string]Dialect{}}
}

// Speak teaches the company the dialects of its wallets.
func (c *Company) Speak(all ...Dialect) {
	for _, d := range all {
		c.dialects[d.Name()] = d
	}
}

// Connect sets how notices reach the merchant: over wire, to hooks + "/" + the wallet's name. Within one process the
// wire is Wire(handler): the same bytes, no network.
func (c *Company) Connect(wire http.RoundTripper, hooks string) { c.wire, c.hooks = wire, hooks }

// Open makes a bill, or gives the one that was made for the same merchant's number. With another amount it is
// refused.
func (c *Company) Open(ctx context.Context, b Bill) (Bill, error) {
	b.No, b.State, b.Created = c.ids.New("bil"), Unpaid, clock.Now(ctx, c.clock)
	b.Expires = b.Created.Add(Life)
	err := c.db.Write(ctx, func(tx *db.Tx) error {
		fresh, err := insertBill(tx, b)
		if err != nil || fresh {
			return err
		}
		was, _, err := billByTrade(tx, b.Wallet, b.Trade)
		if err == nil && (was.Amount != b.Amount || was.Account != b.Account) {
			return fault.New(fault.Conflict, "sandbox.other_amount")
		}
		b = was
		return err
	})
	return b, err
}

// Bill is one bill by the wallet's number. Code: sandbox.no_bill.
func (c *Company) Bill(ctx context.Context, wallet, no string) (Bill, error) {
	return c.read(ctx, func(tx *db.Tx) (Bill, bool, error) { return billByNo(tx, wallet, no) })
}

// ByTrade is one bill by the merchant's number. Code: sandbox.no_bill.
func (c *Company) ByTrade(ctx context.Context, wallet, trade string) (Bill, error) {
	return c.read(ctx, func(tx *db.Tx) (Bill, bool, error) { return billByTrade(tx, wallet, trade) })
}

// ByTxn is one paid bill by the number of its payment. Code: sandbox.no_bill.
func (c *Company) ByTxn(ctx context.Context, wallet, txn string) (Bill, error) {
	return c.read(ctx, func(tx *db.Tx) (Bill, bool, error) { return billByTxn(tx, wallet, txn) })
}

func (c *Company) read(ctx context.Context, get func(*db.Tx) (Bill, bool, error)) (b Bill, err error) {
	err = c.db.Read(ctx, func(tx *db.Tx) error {
		var found bool
		if b, found, err = get(tx); err == nil && !found {
			err = fault.New(fault.NotFound, "sandbox.no_bill")
		}
		return err
	})
	return b, err
}

// PayBill takes the shopper's money and, after that is on disk, tells the merchant as the behaviour says. Paying a
// paid bill again changes nothing and tells again.
//
// Codes: sandbox.no_bill, sandbox.closed, sandbox.expired, sandbox.behaviour, sandbox.payer. That the merchant could
// not be told is no error: it is told later.
func (c *Company) PayBill(ctx context.Context, wallet, no string, how Behaviour) (Bill, error) {
	if !account(how.Payer) {
		return Bill{}, fault.New(fault.Invalid, "sandbox.payer", fault.P("max", PayerMax)).At("payer")
	}
	if how.Times < 0 || how.Times > TimesMax || how.Late < 0 || how.Late > LateMax {
		return Bill{}, fault.New(fault.Invalid, "sandbox.behaviour")
	}
	now := clock.Now(ctx, c.clock)
	var b Bill
	err := c.db.Write(ctx, func(tx *db.Tx) (err error) {
		b, err = c.pay(tx, wallet, no, now, how)
		return err
	})
	if err != nil || how.Drop || how.Late > 0 {
		return b, err
	}
	ctx = context.WithoutCancel(ctx) // the shopper's phone may go out of reach; the merchant is told all the same
	if err := c.tell(ctx, b, max(how.Times, 1)); err != nil {
		c.log.WarnContext(ctx, "merchant was not told", slog.String("bill", b.No), slog.Any("err", err))
		return b, c.db.Write(ctx, func(tx *db.Tx) error { return retryNotice(tx, b, nextTry(now, 1)) })
	}
	return b, nil
}

// account tells whether a wallet could have an account of that name: letters, digits, "@", ".", "_" and "-".
func account(name string) bool {
	odd := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("@._-", r)
	}
	return len(name) <= PayerMax && !strings.ContainsFunc(name, odd)
}

func (c *Company) pay(tx *db.Tx, wallet, no string, now time.Time, how Behaviour) (Bill, error) {
	b, found, err := billByNo(tx, wallet, no)
	switch {
	case err != nil:
		return Bill{}, err
	case !found:
		return Bill{}, fault.New(fault.NotFound, "sandbox.no_bill")
	case b.State == Paid:
		return b, nil
	case b.State == Closed:
		return Bill{}, fault.New(fault.Conflict, "sandbox.closed")
	case !now.Before(b.Expires):
		return Bill{}, fault.New(fault.Expired, "sandbox.expired")
	}
	b.State, b.Txn, b.Paid, b.Payer = Paid, c.ids.New("txn"), now, how.Payer
	var notify time.Time
	if how.Late > 0 && !how.Drop {
		notify = now.Add(how.Late)
	}
	first, err := payBill(tx, b, notify, max(how.Times, 1))
	if err == nil && !first { // somebody closed or paid it in between
		return c.pay(tx, wallet, no, now, how)
	}
	return b, err
}

// CloseBill has the shopper refuse to pay. Closing again changes nothing. Codes: sandbox.no_bill, sandbox.paid.
func (c *Company) CloseBill(ctx context.Context, wallet, no string) error {
	return c.db.Write(ctx, func(tx *db.Tx) error {
		closed, err := closeBill(tx, wallet, no)
		if err != nil || closed {
			return err
		}
		b, found, err := billByNo(tx, wallet, no)
		switch {
		case err != nil:
			return err
		case !found:
			return fault.New(fault.NotFound, "sandbox.no_bill")
		case b.State == Paid:
			return fault.New(fault.Conflict, "sandbox.paid")
		}
		return nil
	})
}

// GiveBack refunds part of a paid bill, at once. The same number gives the same refund; more than was paid is
// refused. Codes: sandbox.no_bill, sandbox.not_paid, sandbox.refund_too_large, sandbox.other_amount.
func (c *Company) GiveBack(ctx context.Context, trade string, r Refund) (Refund, error) {
	return c.handOut(ctx, trade, r, give)
}

// Give sends money of the merchant's own account to whoever paid a bill, once for each number. It is no refund: the
// bill may have been given back whole. Codes: sandbox.no_bill, sandbox.not_paid, sandbox.other_amount.
func (c *Company) Give(ctx context.Context, trade string, r Refund) (Refund, error) {
	return c.handOut(ctx, trade, r, giveOnTop)
}

func (c *Company) handOut(ctx context.Context, trade string, r Refund,
	how func(*db.Tx, Bill, Refund) error) (Refund, error) {
	now := clock.Now(ctx, c.clock)
	err := c.db.Write(ctx, func(tx *db.Tx) error {
		was, found, err := refundByNo(tx, r.Wallet, r.No)
		switch {
		case err != nil:
			return err
		case found && was.Amount != r.Amount:
			return fault.New(fault.Conflict, "sandbox.other_amount")
		case found:
			r = was
			return nil
		}
		b, found, err := billByTrade(tx, r.Wallet, trade)
		if err != nil {
			return err
		}
		if !found {
			return fault.New(fault.NotFound, "sandbox.no_bill")
		}
		r.Bill, r.Txn, r.Done = b.No, c.ids.New("txr"), now
		return how(tx, b, r)
	})
	return r, err
}

// giveOnTop keeps what is sent. Two orders with the same number at once: the second waits here for the first and is
// then refused by the key, and asks again.
func giveOnTop(tx *db.Tx, b Bill, r Refund) error {
	if b.State != Paid {
		return fault.New(fault.Conflict, "sandbox.not_paid")
	}
	fresh, err := insertRefund(tx, r)
	if err == nil && !fresh {
		err = fault.New(fault.Unavailable, "sandbox.again").After(time.Second)
	}
	return err
}

func give(tx *db.Tx, b Bill, r Refund) error {
	if err := giveOnTop(tx, b, r); err != nil {
		return err
	}
	left, err := giveBack(tx, b, r.Amount.Minor)
	if err == nil && (!left || r.Amount.Currency != b.Amount.Currency) {
		return fault.New(fault.Unprocessable, "sandbox.refund_too_large")
	}
	return err
}
