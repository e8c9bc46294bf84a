package referral

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/strict"
	"hutong/deal/voucher"
	"hutong/trade/order"
)

// The bounds of a programme.
const (
	TitleMax      = 40 // characters
	AmountMax     = 1_000_000_000_000
	PerInviterMax = 10_000
	ReturnMax     = 365 // days
)

const day = 24 * time.Hour

// From is from when on orders count.
func (t *Terms) From() time.Time { return clock.FromMicros(t.FromUS) }

// Until is from when on they do not.
func (t *Terms) Until() time.Time { return clock.FromMicros(t.UntilUS) }

// wait is how long after it completed an order must have stood. Days of return end at a midnight, so one more
// has passed wherever that is.
func (t *Terms) wait() time.Duration { return time.Duration(t.ReturnDays+1) * day }

// check refuses terms that are malformed; returns is the market's own time of return, in days, and
// amounts are told in the currency c.
// Codes: referral.title, referral.amount, referral.limit, referral.returns, referral.window, referral.template.
func (t *Terms) check(returns int, c money.Currency) error {
	most := money.New(AmountMax, c)
	switch {
	case !title(t.Title.Zh) || !title(t.Title.En):
		return fault.New(fault.Invalid, "referral.title", fault.P("max", TitleMax)).At("title")
	case t.Budget < 1 || t.Budget > AmountMax:
		return fault.New(fault.Invalid, "referral.amount", fault.P("max", most)).At("budget")
	case t.Minimum < 0 || t.Minimum > AmountMax:
		return fault.New(fault.Invalid, "referral.amount", fault.P("max", most)).At("minimum")
	case t.PerInviter < 1 || t.PerInviter > PerInviterMax:
		return fault.New(fault.Invalid, "referral.limit", fault.P("max", PerInviterMax)).At("per_inviter")
	case t.ReturnDays < int64(returns) || t.ReturnDays > ReturnMax:
		return fault.New(fault.Invalid, "referral.returns", fault.P("min", returns), fault.P("max", ReturnMax)).
			At("return_days")
	case t.FromUS >= t.UntilUS:
		return fault.New(fault.Invalid, "referral.window").At("until")
	}
	return nil
}

func title(s string) bool {
	n := utf8.RuneCountInString(s)
	return n > 0 && n <= TitleMax && utf8.ValidString(s)
}

func (t *Terms) encode() (string, error) {
	b, err := json.Marshal(t)
	return string(b), err
}

func decodeTerms(body string) (t Terms, err error) { return t, strict.Decode([]byte(body), &t) }

// fits refuses a template that cannot be a reward: it must be the market's, open, worth the same to whoever gets it,
// for anybody to use, and outlast the last order's time of return.
func (t *Terms) fits(field string, x *voucher.Template) error {
	wrong := fault.New(fault.Unprocessable, "referral.template").At(field)
	if x == nil || x.Shop != "" || x.State != voucher.TemplateOpen || x.Terms.Audience.Kind == voucher.NewShoppers {
		return wrong
	}
	if _, ok := x.Terms.Worth(); !ok {
		return wrong
	}
	if x.Terms.Until().Before(t.Until().Add(t.wait())) {
		return fault.New(fault.Unprocessable, "referral.template_ends").At(field)
	}
	return nil
}

// holds tells whether an order that was paid at an instant counts.
func (p *Programme) holds(at time.Time) bool {
	switch {
	case at.Before(p.Terms.From()) || !at.Before(p.Terms.Until()) || p.Opened.IsZero():
		return false
	case p.State == Stopped:
		return at.Before(p.Stopped)
	}
	return p.State == Open
}

// kept is what an order is still worth: what was paid for goods, less what went back.
func kept(o order.Order) (sum int64) {
	for _, l := range o.Lines() {
		sum += l.Costs()
	}
	return sum
}

// stands tells whether an order is still one that a programme rewards: something of it was kept, worth the minimum.
func (p *Programme) stands(o order.Order) bool {
	left := int64(0)
	for _, l := range o.Lines() {
		left += l.Left()
	}
	return o.State != order.Cancelled && left > 0 && kept(o) >= p.Terms.Minimum
}

// first decides whether a friend's first paid order can count at all; "" is yes. Budget and limit come after it.
func first(r Referral, p Programme, o order.Order) Why {
	switch {
	case o.PlacedAt.Before(r.BoundAt):
		return WhyNotNew
	case !p.holds(o.PaidAt):
		return WhyOver
	case !p.stands(o):
		return WhyOrder
	}
	return ""
}

// facts are what a pending referral is judged by.
type facts struct {
	order    order.Order
	caseOpen bool // somebody wants something of it back, and nobody has answered
	before   bool // the friend had paid for another one before
	marked   bool // something is known by which the friend can be told from others
	person   bool // see identity
}

// judge decides a pending referral: look again at a later instant, or a reason, or, with neither, the reward.
func judge(r Referral, p Programme, f facts, now time.Time) (again time.Time, why Why) {
	switch o := f.order; {
	case !p.stands(o):
		return again, WhyOrder
	case o.State != order.Completed || f.caseOpen:
		return now.Add(day), ""
	case now.Before(o.ClosedAt.Add(p.Terms.wait())):
		return o.ClosedAt.Add(p.Terms.wait()), ""
	case o.Shopper == r.Inviter || f.person:
		return again, WhyPerson
	case f.before:
		return again, WhyNotNew
	case !f.marked:
		return again, WhyUnknown
	}
	return again, ""
}

// The alphabet of codes has no letters that are read as others; 32 of them, 5 bits each. A code is 80 bits:
// nobody finds one by trying.
const (
	alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeLen  = 16
)

func newCode(r io.Reader) (string, error) {
	b := make([]byte, codeLen)
	if _, err := io.ReadFull(r, b); err != nil {
		return "", fmt.Errorf("referral: no randomness: %w", err)
	}
	for i := range b {
		b[i] = alphabet[b[i]&31]
	}
	return string(b), nil
}

// tidyCode is a code as it is kept, from what somebody typed or followed; "" for what is none.
func tidyCode(s string) string {
	if len(s) > 2*codeLen {
		return ""
	}
	s = strings.NewReplacer("O", "0", "I", "1", "L", "1", "-", "", " ", "").Replace(strings.ToUpper(s))
	if len(s) != codeLen || strings.Trim(s, alphabet) != "" {
		return ""
	}
	return s
}
