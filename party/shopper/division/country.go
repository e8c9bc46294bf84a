package division

import (
	_ "embed"
	"strings"
	"sync"
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
