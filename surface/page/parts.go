package page

import (
	"hash/fnv"
	"strconv"
	"strings"

	"hutong/base/money"
)

// Price is an amount set as a shelf label sets it: small sign, large whole, small cents.
type Price struct {
	Sign, Whole, Cents, After string
	Was                       string // the struck price, "" for none
	From                      bool   // the lowest of several
	Plain                     string // the amount as one text, for readers who listen
}

// PriceOf makes a Price; was is the struck price, zero for none.
func (t Tongue) PriceOf(now, was money.Money, from bool) Price {
	p := Price{Plain: t.Money(now), From: from}
	p.Sign, p.Whole, p.Cents, p.After = cutAmount(p.Plain)
	if was.Minor > now.Minor {
		p.Was = t.Money(was)
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

// Card is a product on a shelf.
type Card struct {
	Href    string
	Title   string
	Picture string // of the card's size, "" shows a plain tint
	Tint    int
	Shop    string
	Price   Price
	SoldOut bool
	Few     int64 // pieces left, when few
}

// Tints is how many gentle grounds the stylesheet has for pictures.
const Tints = 6

// TintOf picks a ground that stays the same for the same thing.
func TintOf(key string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key)) // never fails
	return int(h.Sum32() % Tints)
}

// Badge is a state, its colour and who acts next. Tone is "wait", "go", "done" or "off".
type Badge struct{ Tone, Text, Who string }

// Field is one input with its label, hint and the refusal beside it.
type Field struct {
	ID, Name, Label, Hint string
	Kind                  string // "text", "tel", "password", "number", "select", "area"
	Value                 string
	Options               []Group // of a select
	Auto                  string  // the autocomplete token
	Mode                  string  // the inputmode
	Required              bool
	Error                 string
	Min, Max              string // of a number
	Length                int    // most characters, 0: no limit
}

// Group is options under a heading, or under none.
type Group struct {
	Label   string
	Options []Option
}

// Option is one choice of a select.
type Option struct {
	Value, Text string
	Selected    bool
}

// Described names the elements that explain the field.
func (f Field) Described() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.ID+"-error")
	}
	return strings.Join(ids, " ")
}

// Pager is the way through a long list: plain links.
type Pager struct {
	Text              string // "1–24 of 310"
	First, Prev, Next string // "" when there is none
}

// Stat is one number with its name.
type Stat struct{ Name, Value, Hint string }

// Moment is one entry of a timeline, the newest first.
type Moment struct {
	At    string
	ISO   string
	Text  string
	Where string
	Now   bool // the newest
}

// Empty says that there is nothing here, and what to do about it.
type Empty struct{ Title, Text, Href, Action string }

// Crumb is one step of the way to a page; the last has no Href.
type Crumb struct{ Href, Text string }

// Itoa is for views: the digits of n.
func Itoa(n int64) string { return strconv.FormatInt(n, 10) }
