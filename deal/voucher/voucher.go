// Package voucher hands out vouchers and red packets: what can be claimed (a template, in versions that never change),
// who claimed which, by a page, by a code or by being given it, and which of them a shopper can use now.
//
// All counts are quotas (deal/quota): how many there are, how many a shopper may claim, what all of them may cost
// together, and the one use of each voucher. An order takes that use in its own lane with the needs that Needs names;
// if the order ends unpaid, the use goes back with it and nothing is to be told here. What a voucher takes off is
// decided by deal/promo, to which an open template is a promotion that applies only where it is claimed.
//
// It never prices anything, and a voucher never becomes money: what goes back, goes back as a voucher. Read this file
// first, then terms.go (what a template says) and claim.go (who gets one).
package voucher

import (
	_ "embed"
	"strings"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/deal/quota"
)

// ID names a claimed voucher, "vch_...".
type ID string

// TemplateID names a template, "vtp_...". It is the id of its promotion too.
type TemplateID string

// State is a voucher's position at an instant.
type State string

// The states of a voucher, with who acts next.
const (
	Open    State = "open"    // the shopper uses it, once its time has come
	Used    State = "used"    // nobody, unless its order goes back
	Expired State = "expired" // nobody
	Void    State = "void"    // nobody; it was taken back
)

// Origin is how a voucher came to its shopper.
type Origin string

// The origins.
const (
	FromCentre Origin = "centre" // claimed on a page
	FromCode   Origin = "code"   // typed as a code
	FromGrant  Origin = "grant"  // given by the market or a shop
)

// Voucher is one that somebody claimed.
type Voucher struct {
	ID       ID
	Template TemplateID
	Version  int64 // of the template, when it was claimed
	Shopper  string
	Nth      int64 // which of the shopper's of this template, from 1
	From     time.Time
	Until    time.Time
	Claimed  time.Time
	Amount   int64 // of a red packet, in minor units; 0 otherwise
	Origin   Origin
	GivenBy  string    // who granted it, "" if it was claimed
	Voided   time.Time // zero: not

	Shop  string // whose it is, "" for the market's
	State State  // at the instant of the question
	Terms *Terms

	Paused bool // its template is: nobody uses it until that opens again
}

// at is the state at an instant of a voucher whose template is in a state.
func (v *Voucher) at(now time.Time, template TemplateState, used bool) State {
	switch {
	case !v.Voided.IsZero() || template == TemplateVoid:
		return Void
	case used:
		return Used
	case !now.Before(v.Until):
		return Expired
	}
	return Open
}

// Usable tells whether the voucher can be put into an order at an instant.
func (v *Voucher) usable(now time.Time, template TemplateState) bool {
	return v.State == Open && !now.Before(v.From) && (template == TemplateOpen || template == TemplateEnded)
}

// IsTemplate tells whether a limit is that of a voucher for new shoppers, by what it is of: such a limit holds for each
// mark that accounts of one person share, the account that they pay with among them (FAULTS P3).
func IsTemplate(of string) bool { return strings.HasPrefix(of, templatePrefix+"_") }

// templatePrefix begins a TemplateID.
const templatePrefix = "vtp"

// CodeMarked refuses a voucher for new shoppers that somebody behind this one had.
const CodeMarked = "voucher.marked"

// Needs are what an order that uses the voucher asks of quotas: its only use, and off minor units of its template's
// budget. Marks are hashes of what the order is paid with and where it goes (see Marks): under a voucher for new
// shoppers each of them gets as many as one shopper may (FAULTS P3); others do not look at them.
//
// Codes of refusals: voucher.used, voucher.budget, voucher.marked, quota.closed (the template is paused).
func (v *Voucher) Needs(off int64, marks ...string) []quota.Need {
	needs := make([]quota.Need, 0, 2+len(marks))
	needs = append(needs,
		quota.Need{Quota: quota.Voucher(string(v.ID)), Amount: 1, Cap: 1, Code: "voucher.used", Kind: fault.SoldOut},
		quota.Need{Quota: quota.Budget(string(v.Template)), Amount: off, Code: "voucher.budget", Kind: fault.SoldOut})
	if v.Terms == nil || v.Terms.Audience.Kind != NewShoppers {
		return needs
	}
	for _, mark := range marks {
		needs = append(needs, quota.Need{Quota: quota.Limit(string(v.Template), mark), Amount: 1,
			Cap: v.Terms.PerShopper, Code: CodeMarked, Kind: fault.Limited})
	}
	return needs
}

// TemplateState is a template's position.
type TemplateState string

// The states of a template, with who acts next.
const (
	TemplateDraft  TemplateState = "draft"  // its maker publishes it, above a limit with a second person
	TemplateOpen   TemplateState = "open"   // shoppers claim and use
	TemplatePaused TemplateState = "paused" // its maker opens it again; nobody claims or uses meanwhile
	TemplateEnded  TemplateState = "ended"  // shoppers use what they claimed
	TemplateVoid   TemplateState = "void"   // nobody; none of its vouchers counts
)

// transitions are all changes of a template's state.
var transitions = map[TemplateState][]TemplateState{
	TemplateDraft:  {TemplateOpen, TemplateVoid},
	TemplateOpen:   {TemplatePaused, TemplateEnded, TemplateVoid},
	TemplatePaused: {TemplateOpen, TemplateEnded, TemplateVoid},
	TemplateEnded:  {TemplatePaused, TemplateVoid},
}

// Template is what can be claimed.
type Template struct {
	ID      TemplateID
	Shop    string // whose it is, "" for the market's
	State   TemplateState
	Version int64 // the published one, 0 if none is
	Newest  int64 // the newest draft
	Made    time.Time
	Terms   *Terms // of the published version; of the newest if none is. Not to be changed

	minute       time.Time // the newest in which one was claimed
	minuteClaims int64
}

//go:embed schema.sql
var schemaSQL string

//go:embed schema2.sql
var schema2SQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "voucher", Steps: []string{schemaSQL, schema2SQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

func notFound() error { return fault.New(fault.NotFound, "voucher.not_found") }
