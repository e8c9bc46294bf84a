package settle

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/goods/catalog/taxonomy"
	"hutong/party/approval"
	"hutong/party/login"
)

// FeeChange is the kind of request by which a fee is changed: two people must agree.
const FeeChange = "fee"

// feeLasts is how long a fee that somebody asked for waits for the second person.
const feeLasts = 14 * 24 * time.Hour

// FeeAsked is the payload of such a request.
type FeeAsked struct {
	Scope   string `json:"scope"`
	ScopeID string `json:"scope_id"`
	PPM     int64  `json:"ppm"`
	FromUS  int64  `json:"from_us"`
}

// Command is what is done when the second person agrees.
func (f FeeAsked) Command() SetFee {
	return SetFee{Scope: Scope(f.Scope), ScopeID: f.ScopeID, PPM: money.PPM(f.PPM), From: clock.FromMicros(f.FromUS)}
}

// subject is what the request is about: one change per scope is open at a time.
func (f FeeAsked) subject() string { return "fee:" + f.Scope + ":" + f.ScopeID }

// AskFee is the request for a fee.
func AskFee(by login.Principal, f FeeAsked) approval.Ask {
	return approval.Ask{By: by, Kind: FeeChange, Subject: f.subject(), Payload: f}
}

// FeeKind makes a change of a fee take two people. The notice of seven days counts from the decision: who decides too
// late is refused, and the fee is asked for anew with a later start. Codes of its check: those of SetFee.Check,
// fee.category.
func (s *Service) FeeKind() approval.Kind {
	read := func(r approval.Request) (SetFee, error) {
		var f FeeAsked
		if err := r.Into(&f); err != nil || r.Shop != "" || r.Subject != f.subject() {
			return SetFee{}, fault.New(fault.Invalid, "approval.payload").Because(err)
		}
		return f.Command(), nil
	}
	return approval.Kind{
		Name:   FeeChange,
		Ask:    []login.Permission{login.MarketFeesAsk},
		Decide: []login.Permission{login.MarketFeesApprove},
		Lasts:  feeLasts,
		Check: func(_ *db.Tx, r approval.Request) error {
			cmd, err := read(r)
			if err == nil {
				err = cmd.Check(s.clock.Now())
			}
			if err == nil && cmd.Scope == ScopeCategory {
				if _, there := taxonomy.Find(cmd.ScopeID); !there {
					err = fault.New(fault.Invalid, "fee.category").At("scope_id")
				}
			}
			return err
		},
		Execute: func(_ context.Context, tx *db.Tx, at time.Time, r approval.Request) error {
			cmd, err := read(r)
			if err == nil {
				_, err = s.SetFeeIn(tx, at, cmd)
			}
			return err
		},
	}
}
