package merchant

import (
	"strings"
	"time"
	"unicode/utf8"

	"hutong/base/fault"
	"hutong/base/text"
)

// The bounds of papers, in characters.
const (
	LicenceMin = 6
	LicenceMax = 34
)

// Papers are what a shop hands in for the operator's review. They are shown to the shop's own staff and the operator.
type Papers struct {
	Shop    ID
	Holder  string // the company or person that trades, as on the licence
	Licence string // its number
	Picture string // of the licence: a picture's id, kept apart from the public ones; "" if none
	Given   time.Time
}

// checked is the papers with their texts tidied, or what is wrong with them.
func (p Papers) checked() (Papers, error) {
	p.Holder = strings.TrimSpace(p.Holder)
	p.Licence = strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(p.Licence), " ", ""))
	if n := utf8.RuneCountInString(p.Holder); n < 1 || n > HolderMax || !text.Line(p.Holder) {
		return p, fault.New(fault.Invalid, "merchant.papers_holder", fault.P("max", HolderMax)).At("holder")
	}
	if !validLicence(p.Licence) {
		return p, fault.New(fault.Invalid, "merchant.licence").At("licence")
	}
	return p, nil
}

// validLicence tells whether a number can be a licence's. One of eighteen characters is a Chinese unified social credit
// code, whose last character checks the others (GB 32100): a slip of the pen is found.
func validLicence(s string) bool {
	if len(s) < LicenceMin || len(s) > LicenceMax {
		return false
	}
	for _, c := range s {
		if !(c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c == '-') {
			return false
		}
	}
	return len(s) != creditLen || validCredit(s)
}

const (
	creditLen    = 18
	creditSigns  = "0123456789ABCDEFGHJKLMNPQRTUWXY" // without I, O, S, V, Z
	creditModulo = 31
)

func validCredit(s string) bool {
	sum, weight := 0, 1
	for _, c := range s[:creditLen-1] {
		at := strings.IndexRune(creditSigns, c)
		if at < 0 {
			return false
		}
		sum += at * weight
		weight = weight * 3 % creditModulo
	}
	return creditSigns[(creditModulo-sum%creditModulo)%creditModulo] == s[creditLen-1]
}
