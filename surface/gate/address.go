package gate

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"hutong/base/fault"
)

// legible refuses an address with a NUL or with bytes that are not UTF-8, before anybody is asked about it: no id and
// no word holds them, PostgreSQL takes them in no text, and what is refused on one engine must be on the other. Such a
// path leads nowhere, whoever asks; such a query is the caller's mistake.
func legible(r *http.Request) error {
	if !word(r.URL.Path) {
		return fault.New(fault.NotFound, "gate.not_found")
	}
	if r.URL.RawQuery == "" {
		return nil
	}
	for name, values := range r.URL.Query() {
		for _, v := range values {
			if !word(name) || !word(v) {
				return fault.New(fault.Invalid, "gate.query")
			}
		}
	}
	return nil
}

func word(s string) bool { return strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) }
