package money

import (
	"strings"
	"sync"

	"github.com/bojanz/currency"
)

// Format returns the amount as readers of lang write it, after CLDR: ¥19.90 in "zh-CN", $1,234.50 in
// "en". Other BCP 47 tags work too, twenty times slower. An unknown currency is shown by its code.
func (m Money) Format(lang string) string {
	switch lang {
	case "zh-CN", "zh":
		return m.wrap(chinese()[m.Currency], lang)
	case "en", "en-US":
		return m.wrap(english()[m.Currency], lang)
	}
	return m.formatSlowly(currency.NewFormatter(currency.NewLocale(lang)))
}

// formatSlowly asks the library, which builds patterns and replacers for every amount.
func (m Money) formatSlowly(f *currency.Formatter) string {
	amount, err := currency.NewAmountFromInt64(m.Minor, string(m.Currency))
	if err != nil || m.Currency == "" {
		return strings.TrimLeft(string(m.Currency)+" "+m.Decimal(), " ")
	}
	return f.Format(amount)
}

// affixes are the texts around the digits of an amount in one currency and language.
type affixes struct{ before, after, beforeMinus, afterMinus string }

// The languages of every page have the affixes of all currencies at hand, learnt from the library on
// first use. Both write digits as 1,234.50. No other language is kept: the tag may be a stranger's,
// and a store of them would have no bound.
var (
	chinese = sync.OnceValue(func() map[Currency]affixes { return learn("zh-CN") })
	english = sync.OnceValue(func() map[Currency]affixes { return learn("en") })
)

// learn formats one minor unit of each currency and keeps what stands around its digits.
func learn(lang string) map[Currency]affixes {
	f := currency.NewFormatter(currency.NewLocale(lang))
	known := map[Currency]affixes{}
	for _, code := range currency.GetCurrencyCodes() {
		one, owed := New(1, Currency(code)), New(-1, Currency(code))
		var a affixes
		a.before, a.after, _ = strings.Cut(one.formatSlowly(f), one.Decimal())
		a.beforeMinus, a.afterMinus, _ = strings.Cut(owed.formatSlowly(f), one.Decimal())
		known[one.Currency] = a
	}
	return known
}

// wrap writes the affixes around the digits, which it groups by three.
func (m Money) wrap(a affixes, lang string) string {
	if a == (affixes{}) {
		return m.formatSlowly(currency.NewFormatter(currency.NewLocale(lang)))
	}
	before, after := a.before, a.after
	if m.Minor < 0 {
		before, after = a.beforeMinus, a.afterMinus
	}
	whole, frac := m.digits()
	out := append(make([]byte, 0, 64), before...)
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			out = append(out, ',')
		}
		out = append(out, whole[i])
	}
	if frac != "" {
		out = append(append(out, '.'), frac...)
	}
	return string(append(out, after...))
}
