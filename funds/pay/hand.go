package pay

import (
	"strings"
	"time"
	"unicode/utf8"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/party/login"
)

// HandRequest is the kind of request by which more than one person may record alone counts as sent by hand.
const HandRequest = "refund_by_hand"

// The bounds of what is said of a refund that is sent by hand, in characters.
const (
	RefMax = 60
	WhyMax = 120
)

// HandAsked is the payload of such a request; its subject is the refund. The sum is the one that was shown to whoever
// asked.
type HandAsked struct {
	Amount   int64          `json:"amount"`
	Currency money.Currency `json:"currency"`
	Ref      string         `json:"ref"`
	Why      string         `json:"why"`
}

// ByHand is the command to record that the operator sends a refund from a bank.
type ByHand struct {
	By     login.ID
	Refund RefundID
	Ref    string // the bank's reference of the transfer
	Why    string
}

// Handed is what is known of a refund that was sent by hand.
type Handed struct {
	Ref         string
	Why         string
	By          login.ID
	ConfirmedBy login.ID // "" when one person was enough
	Request     string
	At          time.Time
}

// said refuses what does not say which transfer it is, and why: pay.ref, pay.why.
func said(ref, why string) (string, string, error) {
	ref, why = strings.TrimSpace(ref), strings.TrimSpace(text.Unfold(why))
	if n := utf8.RuneCountInString(ref); n < 1 || n > RefMax || !text.Line(ref) {
		return "", "", fault.New(fault.Invalid, "pay.ref", fault.P("max", RefMax)).At("ref")
	}
	if n := utf8.RuneCountInString(why); n < 1 || n > WhyMax || !text.Lines(why) {
		return "", "", fault.New(fault.Invalid, "pay.why", fault.P("max", WhyMax)).At("why")
	}
	return ref, why, nil
}
