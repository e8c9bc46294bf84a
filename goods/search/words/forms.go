package words

import (
	"bytes"
	"strings"
)

// formsBuffer holds the bytes of the forms of one word.
type formsBuffer struct {
	joined, single []byte
}

// each tells all that a word is searched as: itself, its singular, and its two parts when it is a number
// and a name.
func (f *formsBuffer) each(word []byte, emit func(term []byte)) {
	f.singulars(word, emit)
	if a, b, ok := split(word); ok {
		emit(a)
		emit(b)
	}
}

// singulars tells a word and what it may be the plural of. The rules of English cannot tell "movies"
// (movie) from "batteries" (battery), so both are told: a word that does not exist is never asked for.
func (f *formsBuffer) singulars(word []byte, emit func(term []byte)) {
	emit(word)
	n := len(word)
	if n < 4 || word[n-1] != 's' || !letters(word) || endsIn(word, "ss", "us", "is") {
		return
	}
	emit(word[:n-1])
	switch {
	case n >= 5 && endsIn(word, "ies"):
		f.single = append(append(f.single[:0], word[:n-3]...), 'y')
		emit(f.single)
	case n >= 5 && endsIn(word, "ves"):
		f.single = append(append(f.single[:0], word[:n-3]...), "fe"...)
		emit(f.single)
		emit(f.single[:n-2])
	case n >= 5 && endsIn(word, "ses", "xes", "zes", "ches", "shes", "oes"):
		emit(word[:n-2])
	}
}

func endsIn(word []byte, endings ...string) bool {
	for _, ending := range endings {
		if len(word) >= len(ending) && string(word[len(word)-len(ending):]) == ending {
			return true
		}
	}
	return false
}

func letters(word []byte) bool {
	for _, b := range word {
		if b < 'a' || b > 'z' {
			return false
		}
	}
	return true
}

// split cuts a number from its unit ("16gb", two to four letters) and a name from its number ("iphone11",
// at least three letters). Shorter names are part numbers, which stay whole ("ps4", "a4").
func split(word []byte) (a, b []byte, ok bool) {
	at := bytes.IndexFunc(word, func(r rune) bool { return !numeral(r) })
	if at > 0 {
		unit := word[at:]
		return word[:at], unit, len(unit) >= 2 && len(unit) <= 4 && letters(unit) && word[at-1] != '.'
	}
	at = bytes.IndexFunc(word, numeral)
	if at < 3 {
		return nil, nil, false
	}
	number := word[at:]
	return word[:at], number, letters(word[:at]) && number[0] != '.' && !bytes.ContainsFunc(number, notNumeral)
}

func numeral(r rune) bool { return r >= '0' && r <= '9' || r == '.' }

func notNumeral(r rune) bool { return !numeral(r) }

// codeMax bounds an article number, in bytes.
const codeMax = 64

// Code is the form in which article numbers and barcodes are compared: letters and digits only, in lower
// case, without the zeros in front of a plain number, so that a UPC finds its EAN. It is empty when s
// cannot be one.
func Code(s string) string {
	if len(s) > 4*codeMax {
		return ""
	}
	var c Cutter
	c.fold(s)
	var b strings.Builder
	plain := true
	for _, r := range c.runes {
		switch classOf(r) {
		case latin, dense:
			b.WriteRune(r)
			plain = plain && r >= '0' && r <= '9'
		}
	}
	code := b.String()
	if plain {
		code = strings.TrimLeft(code, "0")
	}
	if len(code) < 3 || len(code) > codeMax {
		return ""
	}
	return code
}
