package money_test

import (
	"errors"
	"math"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hutong/base/money"
)

func TestParseMinor(t *testing.T) {
	for _, c := range []struct {
		text     string
		currency money.Currency
		want     int64
		err      error
	}{
		{"19.90", cny, 1990, nil},
		{"19.9", cny, 1990, nil},
		{"19", cny, 1900, nil},
		{"0.05", cny, 5, nil},
		{"-0.05", cny, -5, nil},
		{"-0", cny, 0, nil},
		{"007", cny, 700, nil},
		{"55.0000", cny, 5500, nil},
		{"55.0000", jpy, 55, nil},
		{"199", jpy, 199, nil},
		{"1.234", kwd, 1234, nil},
		{"92233720368547758.07", cny, math.MaxInt64, nil},
		{"-92233720368547758.08", cny, math.MinInt64, nil},
		{"0." + strings.Repeat("0", 1<<16), cny, 0, nil},

		{"19.999", cny, 0, money.ErrFraction},
		{"0.005", cny, 0, money.ErrFraction},
		{"19.9000001", cny, 0, money.ErrFraction},
		{"1.5", jpy, 0, money.ErrFraction},
		{"1.2345", kwd, 0, money.ErrFraction},

		{"92233720368547758.08", cny, 0, money.ErrRange},
		{"-92233720368547758.09", cny, 0, money.ErrRange},
		{"184467440737095516.16", cny, 0, money.ErrRange}, // 2^64 minor units
		{"99999999999999999999999", cny, 0, money.ErrRange},
		{strings.Repeat("9", 1<<16), jpy, 0, money.ErrRange},

		{"19.90", "", 0, money.ErrCurrency},
		{"19.90", "cny", 0, money.ErrCurrency},
		{"19.90", "XQQ", 0, money.ErrCurrency},
	} {
		got, err := money.ParseMinor(c.text, c.currency)
		same(t, c.text[:min(len(c.text), 40)]+" "+string(c.currency), got, err, c.want, c.err)
	}
}

// notPlain are texts that some parser takes for a number and a price list must not contain.
var notPlain = []string{
	"", "-", ".", "-.", ".5", "5.", "-.5", "--5", "+5", "5-", "1.2.3", "1..2", "-5.-5",
	"1e3", "1E3", "1e400", "0x10", "0b1", "1_000", "NaN", "nan", "Inf", "-Inf", "Infinity",
	"1,234.50", "1,5", "1'234", " 5", "5 ", "5\n", "\t5", "1 234", "5\x00", "\u00a05", "\ufeff5",
	"１２", "1２", "٣", "१", "五", "¥5", "$5", "5元", "5 CNY", "−5", "(5)", "=5", "1/2", "5%", "\xff",
}

func TestParseMinorTakesPlainDigitsOnly(t *testing.T) {
	for _, text := range notPlain {
		got, err := money.ParseMinor(text, cny)
		same(t, "parse "+text, got, err, 0, money.ErrSyntax)
	}
}

func TestDecimal(t *testing.T) {
	for _, c := range []struct {
		m    money.Money
		want string
	}{
		{money.New(1990, cny), "19.90"},
		{money.New(5, cny), "0.05"},
		{money.New(-5, cny), "-0.05"},
		{money.New(0, cny), "0.00"},
		{money.New(199, jpy), "199"},
		{money.New(-199, jpy), "-199"},
		{money.New(1, kwd), "0.001"},
		{money.New(math.MaxInt64, cny), "92233720368547758.07"},
		{money.New(math.MinInt64, cny), "-92233720368547758.08"},
		{money.New(5, "XQQ"), "5"},
	} {
		if got := c.m.Decimal(); got != c.want {
			t.Errorf("Decimal of %v = %q; want %q", c.m, got, c.want)
		}
	}
}

func TestDecimalReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom([]money.Currency{cny, jpy, kwd}).Draw(t, "currency")
		m := money.New(rapid.Int64().Draw(t, "minor"), c)
		if got, err := money.ParseMinor(m.Decimal(), m.Currency); err != nil || got != m.Minor {
			t.Fatalf("%q reads as %d, %v; want %d", m.Decimal(), got, err, m.Minor)
		}
	})
}

// plain is the grammar of ParseMinor, written a second time.
var plain = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// FuzzParseMinor compares with a regular expression for the grammar and a rational for the value.
func FuzzParseMinor(f *testing.F) {
	for _, text := range notPlain {
		f.Add(text)
	}
	for _, text := range []string{"19.90", "19.999", "55.0000", "-0.05", "92233720368547758.08"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for c, scale := range map[money.Currency]int64{jpy: 1, cny: 100, kwd: 1000} {
			got, err := money.ParseMinor(text, c)
			if err != nil && got != 0 {
				t.Fatalf("%q gives %d beside %v", text, got, err)
			}
			want, wantErr := readRational(text, scale)
			if got != want || !errors.Is(err, wantErr) {
				t.Fatalf("%q in %s = %d, %v; want %d, %v", text, c, got, err, want, wantErr)
			}
		}
	})
}

// readRational reads text with math/big and says which error ParseMinor owes, if any.
func readRational(text string, scale int64) (int64, error) {
	if !plain.MatchString(text) {
		return 0, money.ErrSyntax
	}
	value, _ := new(big.Rat).SetString(text)
	value.Mul(value, big.NewRat(scale, 1))
	switch {
	case !value.IsInt():
		return 0, money.ErrFraction
	case !value.Num().IsInt64():
		return 0, money.ErrRange
	}
	return value.Num().Int64(), nil
}

func TestParseQty(t *testing.T) {
	for _, c := range []struct {
		text string
		max  int64
		want money.Qty
		err  error
	}{
		{"1", 9999, 1, nil},
		{"9999", 9999, 9999, nil},
		{"0012", 9999, 12, nil},
		{"9223372036854775807", math.MaxInt64, math.MaxInt64, nil},
		{"0", 9999, 0, money.ErrRange},
		{"10000", 9999, 0, money.ErrRange},
		{"9223372036854775808", math.MaxInt64, 0, money.ErrRange},
		{"18446744073709551617", 9999, 0, money.ErrRange}, // 2^64 + 1 must not wrap to 1
		{"1", 0, 0, money.ErrRange},
		{"1", -1, 0, money.ErrRange},
		{"-1", 9999, 0, money.ErrSyntax},
		{"1.5", 9999, 0, money.ErrSyntax},
		{"1.0", 9999, 0, money.ErrSyntax},
	} {
		got, err := money.ParseQty(c.text, c.max)
		same(t, "quantity "+c.text, got, err, c.want, c.err)
	}
	for _, text := range notPlain {
		got, err := money.ParseQty(text, 9999)
		same(t, "quantity "+text, got, err, 0, money.ErrSyntax)
	}
}
