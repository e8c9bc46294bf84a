package replay

import (
	"context"
	"errors"
	"net/http"
	"time"

	"hutong/base/money"
	"hutong/funds/pay"
	"hutong/trade/ship"
)

const (
	tillName    = "till"
	tillAccount = "counter"
)

var errNoNotice = errors.New("the till sends no notifications")

// till is a wallet that takes and gives money at once: the file says that it was paid.
type till struct{}

// Name is the wallet's name.
func (till) Name() string { return tillName }

// Account is the one counter.
func (till) Account() string { return tillAccount }

// Takes any amount.
func (till) Takes(money.Money) bool { return true }

// Begin needs nothing.
func (till) Begin(_ context.Context, a pay.Attempt) (pay.Begun, pay.Outcome, error) {
	return pay.Begun{Ref: string(a.ID)}, pay.OK, nil
}

// Verify refuses everything: nobody sends notices.
func (till) Verify(context.Context, http.Header, []byte) ([]pay.Fact, error) { return nil, errNoNotice }

// Query knows of no payment but those that were told.
func (till) Query(context.Context, pay.Attempt) ([]pay.Fact, pay.Outcome, error) {
	return nil, pay.OK, nil
}

// Refund is done at once.
func (till) Refund(_ context.Context, r pay.Refund) ([]pay.Fact, pay.Outcome, error) {
	return []pay.Fact{{Provider: tillName, Txn: "r-" + string(r.ID), Kind: pay.KindRefund, Attempt: r.Attempt,
		Refund: r.ID, Amount: r.Amount, Account: tillAccount, At: r.Created}}, pay.OK, nil
}

// Reply is never asked for.
func (till) Reply() (contentType string, body []byte) { return "text/plain", nil }

// handover is a carrier that carries for nothing: the file's prices are all there was.
type handover struct{}

// Name is the carrier's name.
func (handover) Name() string { return "handover" }

// Pickup is false.
func (handover) Pickup() bool { return false }

// Freight is nothing.
func (handover) Freight(p ship.Parcel) (ship.Rate, ship.Outcome, error) {
	return ship.Rate{Freight: money.New(0, p.Goods.Currency)}, ship.OK, nil
}

// Valid takes any number.
func (handover) Valid(string) bool { return true }

// Book numbers the parcel by its own reference.
func (handover) Book(_ context.Context, b ship.Booking) (ship.Waybill, ship.Outcome, error) {
	return ship.Waybill{TrackingNo: b.Ref}, ship.OK, nil
}

// Track knows of nothing: receipt is told directly.
func (handover) Track(context.Context, string, time.Time, time.Time) ([]ship.Event, ship.Outcome, error) {
	return nil, ship.OK, nil
}

// Cancel takes anything back.
func (handover) Cancel(context.Context, string) (ship.Outcome, error) { return ship.OK, nil }
