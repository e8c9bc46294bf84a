package money_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"hutong/base/money"
)

const (
	cny = money.Currency("CNY")
	usd = money.Currency("USD")
	jpy = money.Currency("JPY")
	kwd = money.Currency("KWD")
)

// same fails unless the call gave exactly this value, or exactly this error and no value.
func same[T comparable](t *testing.T, what string, got T, err error, want T, wantErr error) {
	t.Helper()
	if !errors.Is(err, wantErr) || got != want {
		t.Errorf("%q = %v, %v; want %v, %v", what, got, err, want, wantErr)
	}
}

func TestArithmeticAtTheEdges(t *testing.T) {
	const top, bottom = math.MaxInt64, math.MinInt64
	type op func(a, b int64) (money.Money, error)
	add := func(a, b int64) (money.Money, error) { return money.New(a, cny).Add(money.New(b, cny)) }
	sub := func(a, b int64) (money.Money, error) { return money.New(a, cny).Sub(money.New(b, cny)) }
	times := func(a, b int64) (money.Money, error) { return money.New(a, cny).Times(b) }
	neg := func(a, _ int64) (money.Money, error) { return money.New(a, cny).Neg() }
	for _, c := range []struct {
		name string
		op   op
		a, b int64
		want int64
		err  error
	}{
		{"add", add, 1990, -2000, -10, nil},
		{"add to the top", add, top - 1, 1, top, nil},
		{"add over the top", add, top, 1, 0, money.ErrRange},
		{"add under the bottom", add, bottom, -1, 0, money.ErrRange},
		{"add the ends", add, top, bottom, -1, nil},
		{"sub", sub, 1990, 2000, -10, nil},
		{"sub to the bottom", sub, -1, top, bottom, nil},
		{"sub under the bottom", sub, -2, top, 0, money.ErrRange},
		{"sub the bottom from zero", sub, 0, bottom, 0, money.ErrRange},
		{"sub the bottom from below zero", sub, -1, bottom, top, nil},
		{"times", times, -1990, 3, -5970, nil},
		{"times zero", times, bottom, 0, 0, nil},
		{"bottom times one", times, bottom, 1, bottom, nil},
		{"bottom times minus one", times, bottom, -1, 0, money.ErrRange},
		{"half the bottom times minus two", times, bottom / 2, -2, 0, money.ErrRange},
		{"half the bottom times two", times, bottom / 2, 2, bottom, nil},
		{"2^32 times 2^32 is not zero", times, 1 << 32, 1 << 32, 0, money.ErrRange},
		{"neg", neg, 1990, 0, -1990, nil},
		{"neg the top", neg, top, 0, -top, nil},
		{"neg the bottom", neg, bottom, 0, 0, money.ErrRange},
	} {
		want := money.Money{}
		if c.err == nil {
			want = money.New(c.want, cny)
		}
		got, err := c.op(c.a, c.b)
		same(t, c.name, got, err, want, c.err)
	}
}

func TestCurrenciesNeverMix(t *testing.T) {
	a, b := money.New(1, cny), money.New(1, usd)
	got, err := a.Add(b)
	same(t, "add", got, err, money.Money{}, money.ErrCurrency)
	got, err = a.Sub(b)
	same(t, "sub", got, err, money.Money{}, money.ErrCurrency)
	got, err = money.Sum(cny, a, b)
	same(t, "sum", got, err, money.Money{}, money.ErrCurrency)
	order, err := a.Cmp(b)
	same(t, "cmp", order, err, 0, money.ErrCurrency)
	got, err = a.Add(money.Money{})
	same(t, "add the zero value", got, err, money.Money{}, money.ErrCurrency)
}

func TestSumNeedsOnlyTheEndToFit(t *testing.T) {
	const top, bottom = math.MaxInt64, math.MinInt64
	for _, c := range []struct {
		name   string
		minors []int64
		want   int64
		err    error
	}{
		{"of none", nil, 0, nil},
		{"of three", []int64{1, 20, 300}, 321, nil},
		{"over the top and back", []int64{top, top, bottom, -5}, top - 6, nil},
		{"under the bottom and back", []int64{bottom, bottom, top, top, 2}, 0, nil},
		{"over the top", []int64{top, 1}, 0, money.ErrRange},
		{"under the bottom", []int64{bottom, -1}, 0, money.ErrRange},
		{"twice the bottom is not zero", []int64{bottom, bottom}, 0, money.ErrRange},
	} {
		ms := make([]money.Money, len(c.minors))
		for i, minor := range c.minors {
			ms[i] = money.New(minor, cny)
		}
		want := money.Money{}
		if c.err == nil {
			want = money.New(c.want, cny)
		}
		got, err := money.Sum(cny, ms...)
		same(t, c.name, got, err, want, c.err)
	}
}

func TestComparing(t *testing.T) {
	for _, c := range []struct {
		a, b int64
		want int
	}{{1, 2, -1}, {2, 2, 0}, {3, 2, 1}, {math.MinInt64, math.MaxInt64, -1}} {
		got, err := money.New(c.a, cny).Cmp(money.New(c.b, cny))
		same(t, "cmp", got, err, c.want, nil)
	}
	for minor, want := range map[int64][2]bool{0: {true, false}, 1: {}, -1: {false, true}} {
		m := money.New(minor, cny)
		if m.IsZero() != want[0] || m.Negative() != want[1] {
			t.Errorf("%d: IsZero %v, Negative %v", minor, m.IsZero(), m.Negative())
		}
	}
}

func TestJSONIsMinorUnitsAndCurrency(t *testing.T) {
	out, err := json.Marshal(money.New(1990, cny))
	same(t, "marshal", string(out), err, `{"minor":1990,"currency":"CNY"}`, nil)
	var in money.Money
	err = json.Unmarshal(out, &in)
	same(t, "unmarshal", in, err, money.New(1990, cny), nil)
}

// TestArithmeticAgainstBig compares the checked verbs with math/big over all of int64.
func TestArithmeticAgainstBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		x, y := money.New(a, cny), money.New(b, cny)
		bigA, bigB := big.NewInt(a), big.NewInt(b)
		sum, err := x.Add(y)
		agree(t, "add", sum.Minor, err, new(big.Int).Add(bigA, bigB))
		sum, err = money.Sum(cny, x, y)
		agree(t, "sum", sum.Minor, err, new(big.Int).Add(bigA, bigB))
		diff, err := x.Sub(y)
		agree(t, "sub", diff.Minor, err, new(big.Int).Sub(bigA, bigB))
		product, err := x.Times(b)
		agree(t, "times", product.Minor, err, new(big.Int).Mul(bigA, bigB))
	})
}

// agree fails unless got is want, or want fits no int64 and the error is ErrRange.
func agree(t *rapid.T, what string, got int64, err error, want *big.Int) {
	t.Helper()
	switch {
	case !want.IsInt64() && !errors.Is(err, money.ErrRange):
		t.Fatalf("%s = %d, %v; %v fits no int64, so want ErrRange", what, got, err, want)
	case want.IsInt64() && (err != nil || got != want.Int64()):
		t.Fatalf("%s = %d, %v; want %v", what, got, err, want)
	}
}
