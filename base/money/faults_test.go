package money_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hutong/base/money"
)

// The tests of this file are named after the fault that they guard against.

func TestM2_QuantityTimesPriceNeverWraps(t *testing.T) {
	for _, c := range []struct{ price, qty int64 }{
		{math.MaxInt64, 2},
		{math.MaxInt64/9999 + 1, 9999},
		{1 << 32, 1 << 32}, // wraps to exactly zero
		{1 << 62, 4},       // as does this
		{3_037_000_500, 3_037_000_500},
	} {
		got, err := money.New(c.price, cny).Times(c.qty)
		same(t, "price times quantity", got, err, money.Money{}, money.ErrRange)
	}
	got, err := money.New(math.MaxInt64/9999, cny).Times(9999)
	same(t, "the largest line", got, err, money.New(math.MaxInt64/9999*9999, cny), nil)
}

func TestM3_SumOf500LinesNearTheLimit(t *testing.T) {
	lines := make([]money.Money, 500)
	for i := range lines {
		lines[i] = money.New(math.MaxInt64/500, cny)
	}
	got, err := money.Sum(cny, lines...)
	same(t, "500 lines that fit", got, err, money.New(math.MaxInt64/500*500, cny), nil)

	lines[499].Minor += math.MaxInt64%500 + 1
	got, err = money.Sum(cny, lines...)
	same(t, "500 lines, one fen too much", got, err, money.Money{}, money.ErrRange)

	total := money.New(0, cny)
	for _, line := range lines[:499] {
		if total, err = total.Add(line); err != nil {
			t.Fatal(err)
		}
	}
	got, err = total.Add(lines[499])
	same(t, "the same by Add", got, err, money.Money{}, money.ErrRange)
}

func TestM4_FractionsExponentsAndWideDigits(t *testing.T) {
	for text, want := range map[string]error{
		"0.005": money.ErrFraction, "1e3": money.ErrSyntax, "NaN": money.ErrSyntax, "１２": money.ErrSyntax,
	} {
		got, err := money.ParseMinor(text, cny)
		same(t, text, got, err, 0, want)
	}
	for _, body := range []string{
		`0.005`, `1.0`, `1e3`, `1e400`, `NaN`, `"12"`, `"１２"`, `１２`, `9223372036854775808`, `true`, `[1]`,
	} {
		var m money.Money
		if err := json.Unmarshal([]byte(`{"minor":`+body+`,"currency":"CNY"}`), &m); err == nil {
			t.Errorf("minor %s was read as %v", body, m)
		}
	}
}

func TestM5_CurrenciesOfNoneAndThreeDecimals(t *testing.T) {
	for _, c := range []struct {
		currency money.Currency
		text     string
		minor    int64
		shown    string
	}{
		{jpy, "199", 199, "¥199"},
		{kwd, "1.999", 1999, "KWD\u00a01.999"},
		{usd, "1.99", 199, "$1.99"},
	} {
		got, err := money.ParseMinor(c.text, c.currency)
		same(t, "parse", got, err, c.minor, nil)
		m := money.New(c.minor, c.currency)
		if m.Decimal() != c.text || m.Format("en") != c.shown {
			t.Errorf("%v is written %q and shown %q", m, m.Decimal(), m.Format("en"))
		}
	}
}

func TestM11_SplitOfOneYuan(t *testing.T) {
	for range 100 { // the tie is decided by the line, not by chance
		got, err := money.Apportion(100, []int64{1000, 1000, 1000})
		if err != nil || !slices.Equal(got, []int64{34, 33, 33}) {
			t.Fatalf("split of 1.00 = %v, %v; want 0.34, 0.33, 0.33", got, err)
		}
	}
}

func TestM12_ThreeThirdsOfOneYuan(t *testing.T) {
	var refunded int64
	for k, want := range []int64{33, 33, 34} {
		got, err := money.UnitRefund(100, 3, int64(k)+1)
		same(t, "a third of 1.00", got, err, want, nil)
		refunded += got
	}
	same(t, "refunded", refunded, nil, 100, nil)
}

func TestM13_CommissionFromOneFenToATrillion(t *testing.T) {
	for base, want := range map[int64]int64{
		1: 0, 83: 0, 84: 1, 250: 2, 100_000_000_000_000: 600_000_000_000, math.MaxInt64: 55340232221128655,
	} {
		got, err := money.Fee(base, 6000)
		same(t, "0.6 %", got, err, want, nil)
	}
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.OneOf(rapid.Int64Range(0, 2_000), rapid.Int64Range(0, 1e15)).Draw(t, "base")
		rate := money.PPM(rapid.Int64Range(0, 1_000_000).Draw(t, "rate"))
		taken, err := money.Fee(base, rate)
		if err != nil || taken < 0 || taken > base {
			t.Fatalf("fee %d of %d, %v", taken, base, err)
		}
		// Any chain of refunds down to nothing gives the fee back to the last fen.
		for left := base; left > 0; {
			refund := rapid.OneOf(rapid.Just(left), rapid.Int64Range(1, left)).Draw(t, "refund")
			back, err := money.FeeReversal(left, left-refund, rate)
			if err != nil || back < 0 || back > refund+1 {
				t.Fatalf("reversal %d of refund %d, %v", back, refund, err)
			}
			taken, left = taken-back, left-refund
		}
		if taken != 0 {
			t.Fatalf("%d of the fee stayed after full refund", taken)
		}
	})
}

func TestM5_OneOfEveryCurrency(t *testing.T) {
	for c, want := range map[money.Currency]int64{jpy: 1, cny: 100, kwd: 1000, "CLF": 10_000} {
		if got := c.Whole(); got != want {
			t.Errorf("1.00 %s is %d, want %d", c, got, want)
		}
	}
	for exponent, one := range map[int]money.Currency{0: jpy, 2: cny, 3: kwd} {
		all := money.Currencies(exponent)
		if !slices.Contains(all, one) || slices.ContainsFunc(all, func(c money.Currency) bool { return c.Exponent() != exponent }) {
			t.Errorf("%d decimals: %q", exponent, all)
		}
	}
}
