package approval

import (
	"context"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/party/login"
	"hutong/party/merchant"
)

// PayoutAccount is the kind of request with which a shop changes where its money is paid out to.
// Another owner of the shop decides, or the market's staff: a shop of one person needs the market.
const PayoutAccount = "payout_account"

// payoutLasts is how long such a request waits.
const payoutLasts = 7 * 24 * time.Hour

// payoutSubject: a shop has one such request open at a time, whatever its draft.
const payoutSubject = "payout"

// Payout names the draft that is asked for.
type Payout struct {
	Account merchant.PayoutID `json:"account"`
}

// PayoutKind makes the kind.
func PayoutKind(p *merchant.Payouts) Kind {
	read := func(r Request) (Payout, error) {
		var v Payout
		if err := r.Into(&v); err != nil || v.Account == "" || r.Shop == "" || r.Subject != payoutSubject {
			return v, fault.New(fault.Invalid, "approval.payload").Because(err)
		}
		return v, nil
	}
	return Kind{
		Name:   PayoutAccount,
		Ask:    []login.Permission{login.PayoutAsk},
		Decide: []login.Permission{login.PayoutApprove, login.MarketPayoutApprove},
		Lasts:  payoutLasts,
		Fresh:  true,
		Check: func(tx *db.Tx, r Request) error {
			v, err := read(r)
			if err == nil {
				_, err = p.DraftIn(tx, merchant.ID(r.Shop), v.Account)
			}
			return err
		},
		Execute: func(_ context.Context, tx *db.Tx, at time.Time, r Request) error {
			v, err := read(r)
			if err == nil {
				err = p.Adopt(tx, at, merchant.ID(r.Shop), v.Account)
			}
			return err
		},
	}
}

// AskPayout is the request for a draft of the caller's shop.
func AskPayout(by login.Principal, draft merchant.PayoutID) Ask {
	return Ask{By: by, Kind: PayoutAccount, Subject: payoutSubject, Payload: Payout{Account: draft}}
}
