package money

import "github.com/bojanz/currency"

// Currency is an ISO 4217 alpha code in upper case, such as "CNY".
type Currency string

// Valid reports whether c is a known code. The empty code is not.
func (c Currency) Valid() bool { return c != "" && currency.IsValid(string(c)) }

// Exponent returns the number of decimals that c is counted in: CNY 2, JPY 0, KWD 3. It is 0 for an
// unknown code; check Valid where the code comes from outside.
func (c Currency) Exponent() int {
	digits, _ := currency.GetDigits(string(c)) // 0 where the code is not known
	return int(digits)
}

// Whole returns how many minor units 1.00 is: CNY 100, JPY 1, KWD 1000.
func (c Currency) Whole() int64 {
	n := int64(1)
	for range c.Exponent() {
		n *= 10
	}
	return n
}

// Currencies returns every known code that is counted in so many decimals.
func Currencies(exponent int) (all []Currency) {
	for _, code := range currency.GetCurrencyCodes() {
		if c := Currency(code); c.Exponent() == exponent {
			all = append(all, c)
		}
	}
	return all
}
