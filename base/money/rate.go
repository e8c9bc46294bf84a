package money

import (
	"fmt"
	"math/bits"
	"strings"
)

// PPM is a rate in parts per million: 0.6 % is 6,000 and the whole is 1,000,000.
type PPM int64

// Whole is the rate of 100 %.
const Whole PPM = 1_000_000

// Percent is a rate of zero or more as a percentage, without the sign and without zeros that say nothing: 12.5.
func (r PPM) Percent() string {
	s := fmt.Sprintf("%d.%04d", int64(r)/10_000, int64(r)%10_000)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// Rounding is the rule for the part of a minor unit that a rate leaves. Contracts store it by its text.
type Rounding string

// The roundings. Both treat a negative amount as the mirror image of the positive one.
const (
	// RoundHalfUp goes to the nearest minor unit and from the very middle away from zero.
	RoundHalfUp Rounding = "half_up"
	// RoundDown goes towards zero.
	RoundDown Rounding = "down"
)

// Valid reports whether r is a rounding of this package.
func (r Rounding) Valid() bool { return r == RoundHalfUp || r == RoundDown }

// Rate returns minor × r, rounded once. The product is exact in 128 bits. A negative amount gives the
// negative of what its opposite gives: half of -1 is -1 with RoundHalfUp and 0 with RoundDown.
// A negative rate or an answer that does not fit is ErrRange, an unknown mode ErrRounding.
func Rate(minor int64, r PPM, mode Rounding) (int64, error) {
	if !mode.Valid() {
		return 0, ErrRounding
	}
	if r < 0 {
		return 0, ErrRange
	}
	hi, lo := bits.Mul64(magnitude(minor), uint64(r))
	if hi >= uint64(Whole) {
		return 0, ErrRange // the quotient needs more than 64 bits
	}
	q, rem := bits.Div64(hi, lo, uint64(Whole))
	if mode == RoundHalfUp && rem >= uint64(Whole)/2 {
		if q++; q == 0 {
			return 0, ErrRange
		}
	}
	return signed(q, minor < 0)
}

// Rate returns m × r as the function Rate does, in m's currency.
func (m Money) Rate(r PPM, mode Rounding) (Money, error) {
	minor, err := Rate(m.Minor, r, mode)
	if err != nil {
		return Money{}, err
	}
	return Money{minor, m.Currency}, nil
}

// Fee returns the fee on base at rate r, half-up. Base is at least 0 and r from 0 to Whole, anything
// else is ErrRange; so the fee is never below 0 and never above base.
func Fee(base int64, r PPM) (int64, error) {
	if base < 0 || r > Whole {
		return 0, ErrRange
	}
	return Rate(base, r, RoundHalfUp)
}

// FeeReversal returns the fee to give back when a refund lowers the base of a fee from before to after.
// It is the difference of two fees and not the fee of the refund, so any chain of refunds down to zero
// gives back exactly the fee that was taken. A base that grows is ErrRange.
func FeeReversal(before, after int64, r PPM) (int64, error) {
	if after > before {
		return 0, ErrRange
	}
	was, err := Fee(before, r)
	if err != nil {
		return 0, err
	}
	is, err := Fee(after, r)
	if err != nil {
		return 0, err
	}
	return was - is, nil // 0 <= is <= was, because a fee never falls as its base grows
}
