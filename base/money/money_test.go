package money_test

import (
	"errors"
	"math"
	"testing"

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
		t.Errorf("%s = %v, %v; want %v, %v", what, got, err, want, wantErr)
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
