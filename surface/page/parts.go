package page

import (
	"hash/fnv"
	"html/template"
	"strconv"
	"strings"
	"time"

	"hutong/base/money"
	"hutong/deal/reference"
)

// Price is an amount set as a shelf label sets it: small sign, large whole, small cents; template "price".
type Price struct {
	Sign, Whole, Cents, After string
	Was                       string // the struck price, "" for none
	Off                       string // how far it is below the struck price, such as "12% off"; "" for none
	From                      bool   // the lowest of several
	Reason                    string // why it is lower, such as "11.11 subsidy"; "" for none
	Plain                     string // the amount as one text, for readers who listen
}

// PriceOf makes a Price; was is the struck price, zero for none. Beside it stands the share off it, in whole percent
// and rounded down.
func (t Tongue) PriceOf(now, was money.Money, from bool) Price {
	p := Price{Plain: t.Money(now), From: from}
	p.Sign, p.Whole, p.Cents, p.After = cutAmount(p.Plain)
	if was.Minor > now.Minor {
		p.Was = t.Money(was)
		if n := reference.PercentOff(now.Minor, was.Minor); n > 0 {
			p.Off = t.T("page.off", "n", n)
		}
	}
	return p
}

// cutAmount cuts "CN¥1,234.50" into "CN¥", "1,234", ".50" and what follows.
func cutAmount(s string) (sign, whole, cents, after string) {
	isDigit := func(r rune) bool { return r >= '0' && r <= '9' }
	start := strings.IndexFunc(s, isDigit)
	if start < 0 {
		return s, "", "", ""
	}
	end := strings.LastIndexFunc(s, isDigit) + 1
	sign, whole, after = s[:start], s[start:end], s[end:]
	if dot := strings.LastIndexByte(whole, '.'); dot >= 0 {
		whole, cents = whole[:dot], whole[dot:]
	}
	return sign, whole, cents, after
}

// Card is a product on a shelf; template "card", inside <div class="shelf">.
type Card struct {
	Href    string
	Title   string
	Picture string // of the card's size, "" shows a plain tint
	Tint    int
	Shop    string
	Price   Price
	SoldOut bool
	Few     int64    // pieces left, when few
	Tags    []string // short promises: "Free delivery"
	Stars   *Stars   // what buyers say; nil where nobody has said anything
	Sold    string   // "1,200 sold"
}

// Tints is how many gentle grounds the stylesheet has for pictures.
const Tints = 6

// TintOf picks a ground that stays the same for the same thing.
func TintOf(key string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key)) // never fails
	return int(h.Sum32() % Tints)
}

// Badge is a state, its colour and who acts next; template "badge". Tone is "wait" (somebody must act), "go" (under
// way), "done", "bad" (it failed) or "off".
type Badge struct{ Tone, Text, Who string }

// Pager is the way through a long list: plain links; template "pager".
type Pager struct {
	Text              string // "1–24 of 310"
	First, Prev, Next string // "" when there is none
}

// Stat is one number with its name; template "stat", inside <dl class="stats">.
type Stat struct {
	Name, Value, Hint string
	Href              string // leads to what the number counts
	Trend             *Trend // against the time before; nil for none
}

// Trend is how a number moved.
type Trend struct {
	Up   bool
	Good bool   // up is not always good: refunds
	Text string // "12 % on last week"
}

// Step is one of the steps of a way. Class is "past", "here" or "" for what is to come.
type Step struct{ Class, Text, Sub, Href string }

// Steps is where one is on a way of several steps; template "steps".
type Steps struct {
	Label string // for readers who listen
	Steps []Step
}

// StepsOf makes the steps of a way; here is the index of the present one, len(names) when all are done.
func StepsOf(label string, here int, names ...string) Steps {
	s := Steps{Label: label}
	for i, name := range names {
		step := Step{Text: name}
		switch {
		case i < here:
			step.Class = "past"
		case i == here:
			step.Class = "here"
		}
		s.Steps = append(s.Steps, step)
	}
	return s
}

// Countdown says until when something holds. The server writes the end, and page.js counts down to it by the server's
// clock, whatever the reader's says; without script the end itself is read. Template "countdown".
type Countdown struct {
	Before    string    // "Sale ends in": of what is left
	At        string    // "Sale ends on": of the end itself, which is read without script; "" where Before says both
	Ends, Now time.Time // Now is the server's; on a page kept as bytes it lags by at most the time it is kept
	Over      string    // what is said from then on
	Again     bool      // read the page anew when it is over: a sale begins
}

// Toast says in a corner what an action did, and may offer to take it back. Frame.Toast shows one; an answer to htmx
// sends one by ToastHeader. Tone is "good", "bad" or "".
type Toast struct {
	Tone   string `json:"tone"`
	Text   string `json:"text"`
	Href   string `json:"href,omitempty"`
	Action string `json:"action,omitempty"`
}

// Tabs are ways between the views of one thing; template "tabs". Links with a Count show it.
type Tabs struct {
	Label string
	Links []Link
}

// Moment is one entry of a timeline, the newest first; template "moments" takes []Moment.
type Moment struct {
	At    string
	ISO   string
	Text  string
	Where string
	Now   bool // the newest
}

// Empty says that there is nothing here, and what to do about it; template "empty".
type Empty struct{ Title, Text, Href, Action string }

// Crumb is one step of the way to a page; the last has no Href.
type Crumb struct{ Href, Text string }

// Itoa is for views: the digits of n.
func Itoa(n int64) string { return strconv.FormatInt(n, 10) }

// Drawing is an SVG that we drew ourselves, to be put into a page as it is: never a reader's, a shop's or a provider's.
// What it shows is said by the element around it, so it is hidden from readers who listen.
func Drawing(svg string) template.HTML {
	return template.HTML(strings.Replace(svg, ` role="img"`, ` aria-hidden="true" focusable="false"`, 1))
}
