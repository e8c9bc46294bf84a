package money

import (
	"strings"

	"github.com/bojanz/currency"
)

// The formatters of the two languages that every page has. Formatting only reads them, so all
// requests share them.
var (
	chinese = currency.NewFormatter(currency.NewLocale("zh-CN"))
	english = currency.NewFormatter(currency.NewLocale("en"))
)

// Format returns the amount as readers of lang write it, after CLDR: ¥19.90 in "zh-CN", $1,234.50 in
// "en". Other BCP 47 tags work too, more slowly. An unknown currency is shown by its code.
func (m Money) Format(lang string) string {
	amount, err := currency.NewAmountFromInt64(m.Minor, string(m.Currency))
	if err != nil || m.Currency == "" {
		return strings.TrimLeft(string(m.Currency)+" "+m.Decimal(), " ")
	}
	return formatter(lang).Format(amount)
}

// formatter picks a shared formatter or makes one. It keeps none for other languages, because the
// tag may be a stranger's and the store of them would have no bound.
func formatter(lang string) *currency.Formatter {
	switch lang {
	case "zh-CN", "zh":
		return chinese
	case "en", "en-US":
		return english
	}
	return currency.NewFormatter(currency.NewLocale(lang))
}
