package money

import (
	"math/bits"
	"strconv"
	"strings"
)

// ParseMinor reads a plain decimal number, "19.90" or "-5", as minor units of c. Digits are ASCII, at
// least one on each side of a point; a sign other than a leading '-', an exponent, a separator or a
// space is ErrSyntax. A decimal that c does not have is ErrFraction and never rounded away, but
// further zeros are exact: "55.0000" is 55.00. ErrRange and ErrCurrency come last and first.
func ParseMinor(s string, c Currency) (int64, error) {
	if !c.Valid() {
		return 0, ErrCurrency
	}
	digits, negative := strings.CutPrefix(s, "-")
	whole, frac, point := strings.Cut(digits, ".")
	if !plainDigits(whole) || point && !plainDigits(frac) {
		return 0, ErrSyntax
	}
	frac = strings.TrimRight(frac, "0")
	exponent := c.Exponent()
	if len(frac) > exponent {
		return 0, ErrFraction
	}
	mag, ok := appendDigits(0, whole)
	if ok {
		mag, ok = appendDigits(mag, frac)
	}
	for i := len(frac); ok && i < exponent; i++ {
		mag, ok = appendDigits(mag, "0")
	}
	if !ok {
		return 0, ErrRange
	}
	return signed(mag, negative)
}

// plainDigits reports whether s is one or more ASCII digits; a full-width digit is none.
func plainDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// appendDigits writes the digits behind n, as 12 and "34" give 1234, and reports whether that fits.
func appendDigits(n uint64, digits string) (uint64, bool) {
	for i := range len(digits) {
		hi, lo := bits.Mul64(n, 10)
		sum, carry := bits.Add64(lo, uint64(digits[i]-'0'), 0)
		if hi != 0 || carry != 0 {
			return 0, false
		}
		n = sum
	}
	return n, true
}

// Decimal returns the amount as a plain decimal number with all decimals of its currency, "19.90".
// ParseMinor reads it back to the same amount.
func (m Money) Decimal() string {
	whole, frac := m.digits()
	if frac != "" {
		whole += "." + frac
	}
	if m.Minor < 0 {
		return "-" + whole
	}
	return whole
}

// digits returns the digits of the amount before and behind the point, without its sign.
func (m Money) digits() (whole, frac string) {
	exponent := m.Currency.Exponent()
	all := strconv.FormatUint(magnitude(m.Minor), 10)
	if missing := exponent + 1 - len(all); missing > 0 {
		all = strings.Repeat("0", missing) + all
	}
	point := len(all) - exponent
	return all[:point], all[point:]
}

// Qty is a count of units.
type Qty int64

// ParseQty reads a plain ASCII integer from 1 to max. Anything but digits is ErrSyntax, a number outside
// is ErrRange.
func ParseQty(s string, max int64) (Qty, error) {
	if !plainDigits(s) {
		return 0, ErrSyntax
	}
	n, ok := appendDigits(0, s)
	if !ok || n < 1 || max < 1 || n > uint64(max) {
		return 0, ErrRange
	}
	return Qty(n), nil
}
