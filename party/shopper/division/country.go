package division

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"hutong/base/text"
)

//go:embed countries.tsv
var countriesTSV string

// Country is a country or territory of ISO 3166-1 with its two-letter code.
type Country struct{ Code, Zh, En string }

var countries = sync.OnceValue(func() []Country {
	var all []Country
	for line := range strings.Lines(countriesTSV) {
		code, names, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		zh, en, _ := strings.Cut(names, "\t")
		all = append(all, Country{Code: code, Zh: zh, En: en})
	}
	return all
})

// In is the country's name in a language.
func (c Country) In(l text.Lang) string { return text.Entry{Zh: c.Zh, En: c.En}.Pick(l) }

// named are the countries in the order in which readers of a language look for a name: in Chinese by how it is said.
var named = map[text.Lang]func() []Country{text.Zh: sync.OnceValue(func() []Country { return sorted(text.Zh) }),
	text.En: sync.OnceValue(func() []Country { return sorted(text.En) })}

func sorted(l text.Lang) []Country {
	all, by := Countries(), collate.New(language.Make(string(l)))
	slices.SortFunc(all, func(a, b Country) int { return by.CompareString(a.In(l), b.In(l)) })
	return all
}

// CountriesIn returns what Countries does, sorted by name in a language of the market. The slice is the caller's.
func CountriesIn(l text.Lang) []Country { return slices.Clone(named[l]()) }

// Countries returns every country and territory of ISO 3166-1, sorted by code. The slice is the caller's.
func Countries() []Country { return append([]Country(nil), countries()...) }

// FindCountry returns the country with this upper-case two-letter code.
func FindCountry(code string) (Country, bool) {
	for _, c := range countries() {
		if c.Code == code {
			return c, true
		}
	}
	return Country{}, false
}
