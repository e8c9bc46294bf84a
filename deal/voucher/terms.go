package voucher

import (
	"encoding/json"
	"reflect"
	"slices"
	"time"
	"unicode/utf8"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/strict"
	"hutong/base/text"
	"hutong/deal/promo"
	"hutong/deal/quota"
)

// Kind is what a template hands out.
type Kind string

// The kinds.
const (
	KindVoucher   Kind = "voucher"   // takes something off above a threshold
	KindRedPacket Kind = "redpacket" // is worth an amount of its own, without a threshold
)

// Terms are what a template says: the promise to whoever claims, which never changes once it was published, and the
// rules of handing out, which a further version may change.
type Terms struct {
	Kind  Kind       `json:"kind"`
	Title text.Entry `json:"title"`

	Category   string        `json:"category,omitempty"` // with everything below it; "" for all
	SKUs       []string      `json:"skus,omitempty"`
	Threshold  int64         `json:"threshold,omitempty"` // minor units
	Off        int64         `json:"off,omitempty"`       // minor units; or
	PPM        money.PPM     `json:"ppm,omitempty"`       // a part, at most
	Max        int64         `json:"max,omitempty"`       // minor units
	Total      int64         `json:"total,omitempty"`     // of all red packets together
	Random     bool          `json:"random,omitempty"`    // whether red packets differ
	Seed       uint64        `json:"seed,omitempty"`      // of the draw, made here
	Funding    []promo.Share `json:"funding,omitempty"`   // nil: the line's merchant
	StacksWith []string      `json:"stacks_with,omitempty"`
	Excludes   []string      `json:"excludes,omitempty"`
	FromUS     int64         `json:"from_us"` // can be used from, until
	UntilUS    int64         `json:"until_us"`
	Days       int64         `json:"days,omitempty"` // after the claim, when that is earlier; 0: no matter
	OnReturn   OnReturn      `json:"on_return,omitempty"`
	RenewDays  int64         `json:"renew_days,omitempty"`

	Listed       bool     `json:"listed,omitempty"` // whether it stands in the claim centre
	ClaimFromUS  int64    `json:"claim_from_us"`
	ClaimUntilUS int64    `json:"claim_until_us"`
	Issue        int64    `json:"issue"`            // how many there are
	PerShopper   int64    `json:"per_shopper"`      // how many one shopper may claim
	Budget       int64    `json:"budget,omitempty"` // what all of them may take off, minor units; 0: no bound
	Codes        int64    `json:"codes,omitempty"`  // how many codes may be drawn
	PerMinute    int64    `json:"per_minute,omitempty"`
	Audience     Audience `json:"audience"`
}

// OnReturn is what becomes of a voucher whose order went back whole before it was shipped.
type OnReturn string

// The ways back.
const (
	KeepTime  OnReturn = ""      // it comes back and ends when it would have
	RenewTime OnReturn = "renew" // it comes back with RenewDays from then
	Forfeit   OnReturn = "void"  // it does not come back
)

// The bounds of a template.
const (
	TitleMax    = 40 // characters
	AmountMax   = 1_000_000_000_000
	IssueMax    = 100_000_000
	PacketsMax  = 200_000 // of one red packet template: their amounts are drawn together
	PerMax      = 1_000
	CodesMax    = 1_000_000
	DaysMax     = 3_650
	TermsSKUMax = 1_000
)

// From is when it can first be used.
func (t *Terms) From() time.Time { return clock.FromMicros(t.FromUS) }

// Until is from when on it can no longer be used.
func (t *Terms) Until() time.Time { return clock.FromMicros(t.UntilUS) }

// ClaimFrom is when it can first be claimed.
func (t *Terms) ClaimFrom() time.Time { return clock.FromMicros(t.ClaimFromUS) }

// ClaimUntil is from when on it can no longer be claimed.
func (t *Terms) ClaimUntil() time.Time { return clock.FromMicros(t.ClaimUntilUS) }

const day = 24 * time.Hour

// validity is the window of one that is claimed at an instant.
func (t *Terms) validity(at time.Time) (from, until time.Time) {
	from, until = t.From(), t.Until()
	if t.Days > 0 {
		if from.Before(at) {
			from = at
		}
		if own := from.Add(time.Duration(t.Days) * day); own.Before(until) {
			until = own
		}
	}
	return from, until
}

// Worst is what all vouchers together can take off at most, in minor units.
func (t *Terms) Worst() int64 {
	switch {
	case t.Kind == KindRedPacket:
		return t.Total
	case t.Budget > 0:
		return t.Budget
	case t.PPM > 0 && t.Max == 0:
		return quota.CapMax
	}
	return min(promo.Times(t.Issue, max(t.Off, t.Max)), quota.CapMax)
}

// Worth is the most that one voucher takes off, in minor units; ok is false where nobody can say, as of a rate
// without a bound or of red packets that differ.
func (t *Terms) Worth() (worth int64, ok bool) {
	switch {
	case t.Kind == KindRedPacket:
		return (t.Total + t.Issue - 1) / max(t.Issue, 1), !t.Random
	case t.PPM > 0:
		return t.Max, t.Max > 0
	}
	return t.Off, true
}

// budget is the cap of the template's budget: there always is one, so that a template can be stopped by closing it.
func (t *Terms) budget() int64 {
	if t.Budget > 0 {
		return t.Budget
	}
	return quota.CapMax
}

// Check refuses terms that are malformed, and tells amounts in the currency c.
// Codes: voucher.kind, voucher.title, voucher.amount, voucher.above_threshold, voucher.window, voucher.claim_window,
// voucher.issue, voucher.codes_issue, voucher.limit, voucher.list, voucher.on_return, voucher.audience_terms, and those
// of promo.
func (t *Terms) Check(c money.Currency) error {
	if t.Kind != KindVoucher && t.Kind != KindRedPacket {
		return fault.New(fault.Invalid, "voucher.kind").At("kind")
	}
	if !title(t.Title.Zh) || !title(t.Title.En) {
		return fault.New(fault.Invalid, "voucher.title", fault.P("max", TitleMax)).At("title")
	}
	if field := t.wrongAmount(); field != "" {
		return fault.New(fault.Invalid, "voucher.amount", fault.P("max", money.New(AmountMax, c)),
			fault.P("least", money.New(1, c))).At(field)
	}
	if t.Threshold > 0 && t.Off > t.Threshold {
		return fault.New(fault.Invalid, "voucher.above_threshold").At("off")
	}
	if field := t.wrongWindow(); field != "" {
		return fault.New(fault.Invalid, "voucher.window").At(field)
	}
	if t.ClaimUntilUS > t.UntilUS {
		return fault.New(fault.Invalid, "voucher.claim_window").At("claim_until")
	}
	if err := t.checkCounts(); err != nil {
		return err
	}
	if len(t.SKUs) > TermsSKUMax || len(t.StacksWith) > promo.ListMax || len(t.Excludes) > promo.ListMax {
		return fault.New(fault.Invalid, "voucher.list").At("skus")
	}
	if !slices.Contains([]OnReturn{KeepTime, RenewTime, Forfeit}, t.OnReturn) || t.RenewDays < 0 ||
		t.RenewDays > DaysMax || (t.OnReturn == RenewTime) != (t.RenewDays > 0) {
		return fault.New(fault.Invalid, "voucher.on_return").At("on_return")
	}
	if err := t.Audience.check(); err != nil {
		return err
	}
	p := t.promotion("")
	return p.Check()
}

func title(s string) bool {
	n := utf8.RuneCountInString(s)
	return n > 0 && n <= TitleMax && utf8.ValidString(s)
}

func (t *Terms) wrongAmount() (field string) {
	for _, f := range []struct {
		name  string
		value int64
	}{{"threshold", t.Threshold}, {"off", t.Off}, {"max", t.Max}, {"total", t.Total}, {"budget", t.Budget}} {
		if f.value < 0 || f.value > AmountMax {
			return f.name
		}
	}
	switch {
	case t.PPM < 0 || t.PPM > money.Whole:
		return "ppm"
	case t.Kind == KindRedPacket && (t.Threshold != 0 || t.Off != 0 || t.PPM != 0 || t.Max != 0 || t.Budget != 0):
		return "off"
	case t.Kind == KindRedPacket && t.Total < t.Issue: // none may be worth nothing
		return "total"
	case t.Kind == KindVoucher && (t.Total != 0 || t.Random || (t.Off > 0) == (t.PPM > 0) || t.Max > 0 && t.PPM == 0):
		return "off"
	}
	return ""
}

func (t *Terms) wrongWindow() (field string) {
	switch {
	case t.FromUS >= t.UntilUS:
		return "until"
	case t.ClaimFromUS >= t.ClaimUntilUS:
		return "claim_until"
	case t.Days < 0 || t.Days > DaysMax:
		return "days"
	}
	return ""
}

func (t *Terms) checkCounts() error {
	most := int64(IssueMax)
	if t.Kind == KindRedPacket {
		most = PacketsMax
	}
	if t.Issue < 1 || t.Issue > most {
		return fault.New(fault.Invalid, "voucher.issue", fault.P("max", most)).At("issue")
	}
	if t.PerShopper < 1 || t.PerShopper > PerMax {
		return fault.New(fault.Invalid, "voucher.limit", fault.P("max", PerMax)).At("per_shopper")
	}
	if t.Codes < 0 || t.PerMinute < 0 || t.Codes > min(t.Issue, CodesMax) {
		return fault.New(fault.Invalid, "voucher.codes_issue", fault.P("max", min(t.Issue, CodesMax))).At("codes")
	}
	return nil
}

// promise is the part that whoever claimed relies on.
func (t *Terms) promise() Terms {
	p := *t
	p.Title, p.Listed, p.ClaimFromUS, p.ClaimUntilUS = text.Entry{}, false, 0, 0
	p.PerShopper, p.Budget, p.Codes, p.PerMinute, p.Audience = 0, 0, 0, 0, Audience{}
	if t.Kind == KindVoucher { // the amounts of red packets follow from how many there are
		p.Issue = 0
	}
	return p
}

// keeps tells whether further terms promise what earlier ones did.
func (t *Terms) keeps(earlier *Terms) bool { return reflect.DeepEqual(t.promise(), earlier.promise()) }

func (t *Terms) encode() (string, error) {
	b, err := json.Marshal(t)
	return string(b), err
}

func decodeTerms(body string) (*Terms, error) {
	t := &Terms{}
	return t, strict.Decode([]byte(body), t)
}

// Percent is the rate as a percentage, without zeros that say nothing: 12.5.
func (t *Terms) Percent() string { return t.PPM.Percent() }
