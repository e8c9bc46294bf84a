package money_test

import (
	"math"
	"sync"
	"testing"

	"github.com/bojanz/currency"
	"pgregory.net/rapid"

	"hutong/base/money"
)

func TestCurrency(t *testing.T) {
	for _, c := range []struct {
		currency money.Currency
		valid    bool
		exponent int
	}{
		{"CNY", true, 2}, {"USD", true, 2}, {"GBP", true, 2}, {"JPY", true, 0}, {"KRW", true, 0},
		{"KWD", true, 3}, {"BHD", true, 3}, {"CLF", true, 4},
		{"", false, 0}, {"cny", false, 0}, {"CN", false, 0}, {"CNY ", false, 0}, {"XQQ", false, 0},
	} {
		if c.currency.Valid() != c.valid || c.currency.Exponent() != c.exponent {
			t.Errorf("%q: Valid %v, Exponent %d", c.currency, c.currency.Valid(), c.currency.Exponent())
		}
	}
}

var formatted = []struct {
	m    money.Money
	lang string
	want string
	why  string
}{
	{money.New(1990, cny), "zh-CN", "¥19.90", ""},
	{money.New(123450, usd), "en", "$1,234.50", ""},
	{money.New(-123450, usd), "en", "-$1,234.50", ""},
	{money.New(123450, usd), "zh-CN", "US$1,234.50", "a Chinese reader has other dollars too"},
	{money.New(1990, cny), "en", "CN¥19.90", "an English reader takes a bare ¥ for yen"},
	{money.New(199, jpy), "en", "¥199", "yen have no decimals"},
	{money.New(199, jpy), "zh-CN", "JP¥199", ""},
	{money.New(1234, kwd), "en", "KWD\u00a01.234", ""},
	{money.New(0, cny), "zh-CN", "¥0.00", ""},
	{money.New(-5, cny), "zh-CN", "-¥0.05", ""},
	{money.New(math.MaxInt64, cny), "zh-CN", "¥92,233,720,368,547,758.07", "no float holds it"},
	{money.New(math.MinInt64, cny), "zh-CN", "-¥92,233,720,368,547,758.08", ""},
	{money.New(123456, "EUR"), "de-DE", "1.234,56\u00a0€", "a language without a shared formatter"},
	{money.New(1990, cny), "xx-YY", "CN¥19.90", "an unknown language reads English"},
	{money.New(1990, cny), "", "CN¥19.90", ""},
	{money.New(5, "XQQ"), "en", "XQQ 5", "an unknown currency"},
	{money.New(5, ""), "en", "5", "no currency"},
}

func TestFormat(t *testing.T) {
	for _, c := range formatted {
		if got := c.m.Format(c.lang); got != c.want {
			t.Errorf("%v in %q = %q; want %q %s", c.m, c.lang, got, c.want, c.why)
		}
	}
}

// TestFormatIsSafeForConcurrentUse proves it under the race detector.
func TestFormatIsSafeForConcurrentUse(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 50 * len(formatted) {
				c := formatted[i%len(formatted)]
				if got := c.m.Format(c.lang); got != c.want {
					t.Errorf("%v in %q = %q; want %q", c.m, c.lang, got, c.want)
					return
				}
			}
		})
	}
	wg.Wait()
}

// TestFormatIsTheFormatOfCLDR compares the fast way with the library, for every currency.
func TestFormatIsTheFormatOfCLDR(t *testing.T) {
	for _, lang := range []string{"zh-CN", "zh", "en", "en-US"} {
		library := currency.NewFormatter(currency.NewLocale(lang))
		hold := func(t failer, minor int64, code string) {
			amount, err := currency.NewAmountFromInt64(minor, code)
			if err != nil {
				t.Fatalf("%s: %v", code, err)
			}
			got, want := money.New(minor, money.Currency(code)).Format(lang), library.Format(amount)
			if got != want {
				t.Fatalf("%d %s in %s = %q; want %q", minor, code, lang, got, want)
			}
		}
		for _, code := range currency.GetCurrencyCodes() {
			for _, minor := range []int64{0, 1, -1, 999, 1000, 99_999, -100_000, 1234567890} {
				hold(t, minor, code)
			}
		}
		rapid.Check(t, func(t *rapid.T) {
			hold(t, rapid.Int64().Draw(t, "minor"), rapid.SampledFrom(currency.GetCurrencyCodes()).Draw(t, "code"))
		})
	}
}
