// Package money holds exact amounts: a count of minor units (fen, cents, yen) and its currency.
//
// It adds, multiplies, takes rates and splits without ever losing, inventing or wrapping a minor unit.
// It knows no float, no exchange rate, no storage and no other package of the market; errors are plain
// sentinels that the caller turns into a message. Read this file first, then split.go for the shares.
package money

import (
	"errors"
	"math"
	"math/bits"
)

// The errors of this package. Compare with errors.Is.
var (
	// ErrRange says that the exact answer, or an argument, is outside the allowed range.
	ErrRange = errors.New("money: out of range")
	// ErrCurrency says that the currency is unknown or that two amounts differ in currency.
	ErrCurrency = errors.New("money: unknown or mixed currency")
	// ErrRounding says that the rounding rule is not one of this package.
	ErrRounding = errors.New("money: unknown rounding")
	// ErrWeights says that an amount above zero was to be split over nothing.
	ErrWeights = errors.New("money: no weight to split over")
	// ErrSyntax says that the text is not a plain decimal number.
	ErrSyntax = errors.New("money: not a plain decimal number")
	// ErrFraction says that the text has more decimals than the currency.
	ErrFraction = errors.New("money: more decimals than the currency has")
)

// Money is an exact amount. The zero value is zero of no currency and adds to nothing else.
type Money struct {
	Minor    int64    `json:"minor"`
	Currency Currency `json:"currency"`
}

// New returns minor units of c.
func New(minor int64, c Currency) Money { return Money{Minor: minor, Currency: c} }

// Add returns m + o, or ErrCurrency, or ErrRange where the sum does not fit.
func (m Money) Add(o Money) (Money, error) {
	if m.Currency != o.Currency {
		return Money{}, ErrCurrency
	}
	sum := m.Minor + o.Minor
	// A sum wrapped exactly when both operands have the sign that the sum has not.
	if (m.Minor^sum)&(o.Minor^sum) < 0 {
		return Money{}, ErrRange
	}
	return Money{sum, m.Currency}, nil
}

// Sub returns m - o, or ErrCurrency, or ErrRange where the difference does not fit.
func (m Money) Sub(o Money) (Money, error) {
	if m.Currency != o.Currency {
		return Money{}, ErrCurrency
	}
	diff := m.Minor - o.Minor
	if (m.Minor^o.Minor)&(m.Minor^diff) < 0 {
		return Money{}, ErrRange
	}
	return Money{diff, m.Currency}, nil
}

// Times returns m × qty, or ErrRange where the product does not fit.
func (m Money) Times(qty int64) (Money, error) {
	hi, lo := bits.Mul64(magnitude(m.Minor), magnitude(qty))
	if hi != 0 {
		return Money{}, ErrRange
	}
	minor, err := signed(lo, (m.Minor < 0) != (qty < 0))
	if err != nil {
		return Money{}, err
	}
	return Money{minor, m.Currency}, nil
}

// Neg returns -m, or ErrRange for the one amount that has no opposite.
func (m Money) Neg() (Money, error) {
	if m.Minor == math.MinInt64 {
		return Money{}, ErrRange
	}
	return Money{-m.Minor, m.Currency}, nil
}

// Sum adds amounts that are all in c; of none it is zero. Only the final sum has to fit, so the order
// of the amounts never decides between an answer and ErrRange.
func Sum(c Currency, ms ...Money) (Money, error) {
	var hi, lo uint64 // a 128-bit two's complement number
	for _, m := range ms {
		if m.Currency != c {
			return Money{}, ErrCurrency
		}
		var carry uint64
		lo, carry = bits.Add64(lo, uint64(m.Minor), 0)
		hi, _ = bits.Add64(hi, uint64(m.Minor>>63), carry)
	}
	if int64(hi) != int64(lo)>>63 {
		return Money{}, ErrRange
	}
	return Money{int64(lo), c}, nil
}

// IsZero reports whether the amount is zero, in whatever currency.
func (m Money) IsZero() bool { return m.Minor == 0 }

// Negative reports whether the amount is below zero.
func (m Money) Negative() bool { return m.Minor < 0 }

// Cmp returns -1, 0 or +1 as m is below, equal to or above o, or ErrCurrency.
func (m Money) Cmp(o Money) (int, error) {
	switch {
	case m.Currency != o.Currency:
		return 0, ErrCurrency
	case m.Minor < o.Minor:
		return -1, nil
	case m.Minor > o.Minor:
		return 1, nil
	}
	return 0, nil
}

// magnitude is |v|; it is right for the smallest int64 too, whose opposite only fits unsigned.
func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

// signed gives a magnitude its sign back, or ErrRange.
func signed(mag uint64, negative bool) (int64, error) {
	switch {
	case negative && mag <= 1<<63:
		return int64(-mag), nil
	case !negative && mag <= math.MaxInt64:
		return int64(mag), nil
	}
	return 0, ErrRange
}
