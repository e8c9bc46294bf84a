package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// joiner makes one emoji of several, as of a family; it is not seen itself.
const joiner = '\u200d'

// Line tells whether s is one line that reads as it is written, such as a name: valid UTF-8 without control characters,
// which break logs and labels, and without layout characters, with which one text could be read as another, or not be
// seen at all. The joiner stays between symbols.
func Line(s string) bool {
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unreadable) {
		return false
	}
	var last rune
	for _, r := range s + " " {
		before := unicode.In(last, unicode.So, unicode.Sk) || last == '\ufe0f' // an emoji, its colour, its shape
		if r == joiner && !before || last == joiner && !unicode.In(r, unicode.So, unicode.Sm) {
			return false
		}
		last = r
	}
	return true
}

// Lines tells the same of a text that may have several lines, such as a note: line feeds stay, and joiners anywhere.
func Lines(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && unreadable(r) })
}

// Unfold is s with line feeds for the line ends that a browser's forms send, CR LF.
func Unfold(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

func unreadable(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) && r != joiner
}
