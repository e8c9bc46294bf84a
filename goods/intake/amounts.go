package intake

import (
	"math/big"
	"strings"
)

// The most that one SKU can weigh or have in stock.
const (
	WeightMaxG = 100_000_000 // 100 t
	StockMax   = 1_000_000_000
)

// micrograms are the units that exports weigh in.
var micrograms = map[string]int64{
	"g": 1_000_000, "kg": 1_000_000_000, "lb": 453_592_370, "lbs": 453_592_370, "oz": 28_349_523,
}

// Grams reads a weight, "0.5" kg or "7" oz, as whole grams, half up. Empty is 0. It is false for an unknown unit, a
// text that is no plain decimal number, and a weight out of range.
func Grams(weight, unit string) (int64, bool) {
	if weight == "" {
		return 0, true
	}
	per, ok := micrograms[strings.ToLower(strings.TrimSpace(unit))]
	if !ok || !plainDecimal(weight) {
		return 0, false
	}
	r, ok := new(big.Rat).SetString(weight)
	if !ok {
		return 0, false
	}
	r.Mul(r, big.NewRat(per, 1_000_000))
	r.Add(r, big.NewRat(1, 2))
	grams := new(big.Int).Quo(r.Num(), r.Denom())
	if !grams.IsInt64() || grams.Int64() > WeightMaxG {
		return 0, false
	}
	return grams.Int64(), true
}

// Count reads a stock figure. Empty is nil: the file does not say. "100.0000" is 100; what is below zero, as shops that
// sell more than they have export it, is 0. It is false for a fraction and anything that is no number.
func Count(figure string) (*int64, bool) {
	if figure == "" {
		return nil, true
	}
	digits, negative := strings.CutPrefix(figure, "-")
	if !plainDecimal(digits) {
		return nil, false
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	if strings.Trim(fraction, "0") != "" {
		return nil, false
	}
	n := int64(0)
	for _, d := range whole {
		if n = n*10 + int64(d-'0'); n > StockMax {
			return nil, false
		}
	}
	if negative {
		n = 0
	}
	return &n, true
}

// decimalMax is the longest figure that is worth reading.
const decimalMax = 30

// plainDecimal tells whether s is ASCII digits with at most one point between them: no sign, no exponent.
func plainDecimal(s string) bool {
	whole, fraction, point := strings.Cut(s, ".")
	return len(s) <= decimalMax && digits(whole) && (!point || digits(fraction))
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

var escapeValue = strings.NewReplacer(`\`, `\\`, "/", `\/`)

// SKUKey joins the values of a variant into an external id, for formats that give their variants none. Two different
// lists of values never give the same key.
func SKUKey(values []string) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = escapeValue.Replace(v)
	}
	return strings.Join(parts, "/")
}
