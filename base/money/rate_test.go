package money_test

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"hutong/base/money"
)

const up, down = money.RoundHalfUp, money.RoundDown

func TestRate(t *testing.T) {
	const top, bottom = math.MaxInt64, math.MinInt64
	for _, c := range []struct {
		name  string
		minor int64
		rate  money.PPM
		mode  money.Rounding
		want  int64
		err   error
	}{
		{"0.6 % of 163.11", 16311, 6000, up, 98, nil},
		{"just below the middle", 499_999, 1, up, 0, nil},
		{"the middle goes up", 500_000, 1, up, 1, nil},
		{"the middle of a negative goes away from zero", -500_000, 1, up, -1, nil},
		{"half of -1, up", -1, 500_000, up, -1, nil},
		{"half of -1, down", -1, 500_000, down, 0, nil},
		{"down drops nearly one", 999_999, 1, down, 0, nil},
		{"down of a negative goes to zero", -1_999_999, 1, down, -1, nil},
		{"no rate", top, 0, up, 0, nil},
		{"the whole of the top", top, money.Whole, up, top, nil},
		{"the whole of the bottom", bottom, money.Whole, up, bottom, nil},
		{"the highest rate", 1, math.MaxInt64, down, top / 1_000_000, nil},
		{"a hair over the top", top, money.Whole + 1, down, 0, money.ErrRange},
		{"exactly 2^64", 1 << 62, 4_000_000, down, 0, money.ErrRange},
		{"far over 64 bits", top, math.MaxInt64, up, 0, money.ErrRange},
		{"a negative rate", 1, -1, up, 0, money.ErrRange},
		{"no rounding", 1, 1, "", 0, money.ErrRounding},
	} {
		got, err := money.Rate(c.minor, c.rate, c.mode)
		same(t, c.name, got, err, c.want, c.err)
		want := money.Money{}
		if c.err == nil {
			want = money.New(c.want, cny)
		}
		m, err := money.New(c.minor, cny).Rate(c.rate, c.mode)
		same(t, c.name, m, err, want, c.err)
	}
}

// TestRateRefusesAQuotientThatWraps looks for a product in the last half million below 2^64 × 10^6.
// Its floor is the largest uint64, so rounding it up would wrap to a rate of nothing.
func TestRateRefusesAQuotientThatWraps(t *testing.T) {
	end := new(big.Int).Lsh(big.NewInt(1_000_000), 64)
	for rate := int64(2_000_001); rate < 2_001_000; rate++ {
		minor, short := new(big.Int).QuoRem(end, big.NewInt(rate), new(big.Int))
		if short.Sign() == 0 || short.Int64() > 500_000 {
			continue
		}
		got, err := money.Rate(minor.Int64(), money.PPM(rate), up)
		same(t, "a rate just below 2^64", got, err, 0, money.ErrRange)
		return
	}
	t.Fatal("found no such product")
}

func TestRateAgainstBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minor := rapid.Int64().Draw(t, "minor")
		rate := rapid.OneOf(rapid.Int64Range(0, 2_000_000), rapid.Int64Range(0, math.MaxInt64)).Draw(t, "rate")
		mode := rapid.SampledFrom([]money.Rounding{up, down}).Draw(t, "mode")
		got, err := money.Rate(minor, money.PPM(rate), mode)
		agree(t, "rate", got, err, bigRate(minor, rate, mode))
		if minor == math.MinInt64 || err != nil {
			return
		}
		mirror, err := money.Rate(-minor, money.PPM(rate), mode)
		if err != nil || mirror != -got {
			t.Fatalf("rate of %d is %d, of its opposite %d, %v", minor, got, mirror, err)
		}
	})
}

// bigRate is the definition: |minor| × rate, plus a half where that is the rule, floored, sign back on.
func bigRate(minor, rate int64, mode money.Rounding) *big.Int {
	whole := big.NewInt(1_000_000)
	product := new(big.Int).Mul(new(big.Int).Abs(big.NewInt(minor)), big.NewInt(rate))
	if mode == up {
		product.Add(product, big.NewInt(500_000))
	}
	product.Quo(product, whole)
	if minor < 0 {
		product.Neg(product)
	}
	return product
}

func TestFeeRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		base int64
		rate money.PPM
	}{
		{"a negative base", -1, 6000},
		{"more than the whole", 1, money.Whole + 1},
		{"a negative rate", 1, -1},
	} {
		got, err := money.Fee(c.base, c.rate)
		same(t, c.name, got, err, 0, money.ErrRange)
		got, err = money.FeeReversal(c.base, c.base, c.rate)
		same(t, c.name, got, err, 0, money.ErrRange)
	}
	got, err := money.FeeReversal(5, 6, 6000)
	same(t, "a base that grows", got, err, 0, money.ErrRange)
	got, err = money.FeeReversal(5, -1, 6000)
	same(t, "a refund above the base", got, err, 0, money.ErrRange)
}

func TestARateIsSaidInPercent(t *testing.T) {
	for rate, want := range map[money.PPM]string{0: "0", 5: "0.0005", 6_000: "0.6", 125_000: "12.5", 100_000: "10",
		money.Whole: "100", 1_500_000: "150"} {
		if got := rate.Percent(); got != want {
			t.Errorf("%d: %s, want %s", rate, got, want)
		}
	}
}
