// Package words cuts texts into the terms that are searched, the same way for what is described and for
// what is asked.
//
// A text is a row of runs. A Latin run is one word, or several joined by a hyphen or the like; a word is
// searched as it stands, in the singular, and in its parts ("16gb" is also "16" and "gb"). A dense run is
// text without spaces between its words, such as Chinese; it is searched by its characters and by its pairs
// of characters. Nothing is looked up in a dictionary, and nothing is thrown away.
//
// Read this file first, then forms.go (what a word is searched as) and query.go (what is asked for).
package words

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits of what one term can be.
const (
	wordMax  = 40 // bytes of a word; longer ones are told apart by their beginning only
	partsMax = 4  // words joined into one compound
)

// class says what a character is to the cutter.
type class uint8

const (
	gap    class = iota // between words
	latin               // of a word in a script with spaces
	dense               // of a script without
	joiner              // between two words of one compound
)

// run is a piece of text of one kind. It is valid until the next one is cut.
type run struct {
	dense []rune   // a dense run, or
	parts [][]byte // the words of a Latin run
}

// Cutter cuts texts. It keeps its buffers, so it serves one goroutine at a time. The zero value is ready.
type Cutter struct {
	runes []rune
	bytes []byte
	parts [][]byte
	forms formsBuffer
}

// Terms tells all terms of a text, some more than once, and gives its length in words. A term is valid
// during the call.
func (c *Cutter) Terms(text string, emit func(term []byte)) (length int) {
	c.runs(text, func(r run) {
		if r.dense != nil {
			length += (len(r.dense) + 1) / 2
			c.denseTerms(r.dense, emit)
			return
		}
		length += len(r.parts)
		for _, part := range r.parts {
			c.forms.each(part, emit)
		}
		if joined := c.join(r.parts); joined != nil {
			c.forms.singulars(joined, emit)
		}
	})
	return length
}

// denseTerms tells the characters and the pairs of characters of a dense run.
func (c *Cutter) denseTerms(chars []rune, emit func(term []byte)) {
	var buffer [2 * utf8.UTFMax]byte
	for i, r := range chars {
		one := utf8.AppendRune(buffer[:0], r)
		emit(one)
		if i+1 < len(chars) {
			emit(utf8.AppendRune(one, chars[i+1]))
		}
	}
}

// join is the compound of a Latin run of several words, or nil: "wi-fi" is also "wifi".
func (c *Cutter) join(parts [][]byte) []byte {
	if len(parts) < 2 || len(parts) > partsMax {
		return nil
	}
	c.forms.joined = c.forms.joined[:0]
	for _, part := range parts {
		c.forms.joined = append(c.forms.joined, part...)
	}
	if len(c.forms.joined) > wordMax {
		return nil
	}
	return c.forms.joined
}

// runs cuts a text into its runs.
func (c *Cutter) runs(text string, visit func(run)) {
	c.fold(text)
	for at := 0; at < len(c.runes); {
		switch classOf(c.runes[at]) {
		case dense:
			end := at + 1
			for end < len(c.runes) && classOf(c.runes[end]) == dense {
				end++
			}
			visit(run{dense: c.runes[at:end]})
			at = end
		case latin:
			c.bytes, c.parts = c.bytes[:0], c.parts[:0]
			at = c.compound(at)
			visit(run{parts: c.parts})
		default:
			at++
		}
	}
}

// compound reads words that are joined to each other, from the first letter on, and tells where they end.
func (c *Cutter) compound(at int) (end int) {
	var starts []int
	var few [8]int // most compounds have fewer words
	starts = few[:0]
	for {
		starts = append(starts, len(c.bytes))
		at = c.word(at)
		joins := at+1 < len(c.runes) && classOf(c.runes[at]) == joiner && classOf(c.runes[at+1]) == latin
		if !joins {
			break
		}
		at++
	}
	for i, start := range starts {
		stop := len(c.bytes)
		if i+1 < len(starts) {
			stop = starts[i+1]
		}
		c.parts = append(c.parts, cap40(c.bytes[start:stop:stop]))
	}
	return at
}

// word reads one word to c.bytes. A point between digits belongs to it ("5.0"), an apostrophe between
// letters does not end it ("don't"), and a possessive s is left out ("men's").
func (c *Cutter) word(at int) (end int) {
	for at < len(c.runes) {
		r := c.runes[at]
		switch {
		case classOf(r) == latin:
			c.bytes = utf8.AppendRune(c.bytes, r)
		case r == '.' && c.is(at-1, unicode.IsDigit) && c.is(at+1, unicode.IsDigit):
			c.bytes = append(c.bytes, '.')
		case isApostrophe(r) && c.is(at-1, unicode.IsLetter) && c.is(at+1, isLatinLetter):
			if c.runes[at+1] == 's' && !c.is(at+2, isLatin) {
				return at + 2
			}
		default:
			return at
		}
		at++
	}
	return at
}

func (c *Cutter) is(at int, test func(rune) bool) bool {
	return at >= 0 && at < len(c.runes) && test(c.runes[at])
}

func isLatin(r rune) bool { return classOf(r) == latin }

func isLatinLetter(r rune) bool { return isLatin(r) && unicode.IsLetter(r) }

func isApostrophe(r rune) bool { return r == '\'' || r == '’' }

func cap40(word []byte) []byte {
	if len(word) <= wordMax {
		return word
	}
	end := wordMax
	for !utf8.RuneStart(word[end]) {
		end--
	}
	return word[:end]
}

// ascii holds the classes of the characters that texts are mostly made of.
var ascii = func() (table [utf8.RuneSelf]class) {
	for r := range table {
		switch c := rune(r); {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			table[r] = latin
		case c == '-', c == '_', c == '.', c == '&':
			table[r] = joiner
		}
	}
	return table
}()

// classOf is the class of a folded character.
func classOf(r rune) class {
	switch {
	case r < utf8.RuneSelf:
		return ascii[r]
	case r >= 0x4e00 && r <= 0x9fff:
		return dense
	case r >= 0x2010 && r <= 0x2015:
		return joiner
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai):
		return dense
	case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
		return latin
	}
	return gap
}

// fold fills c.runes with the text in lower case, full-width forms made narrow and accents taken off.
func (c *Cutter) fold(text string) {
	c.runes = c.runes[:0]
	for _, r := range text {
		switch {
		case r >= 'A' && r <= 'Z':
			r += 'a' - 'A'
		case r < utf8.RuneSelf, r >= 0x4e00 && r <= 0x9fff:
		default:
			c.foldWide(r)
			continue
		}
		c.runes = append(c.runes, r)
	}
}

func (c *Cutter) foldWide(r rune) {
	switch {
	case r >= 0xff01 && r <= 0xff5e:
		r = unicode.ToLower(r - 0xfee0)
	case r >= 0x0300 && r <= 0x036f, r == 0x200b, r == 0xfeff:
		return // an accent of its own, a joiner that nobody sees
	case unicode.IsLetter(r) && r < 0x2000:
		r = unaccented(r)
	}
	c.runes = append(c.runes, unicode.ToLower(r))
}

// unaccented is the letter below an accent: "é" is "e".
func unaccented(r rune) rune {
	var buffer [utf8.UTFMax]byte
	decomposed := norm.NFD.Properties(utf8.AppendRune(buffer[:0], r)).Decomposition()
	if len(decomposed) == 0 {
		return r
	}
	base, _ := utf8.DecodeRune(decomposed)
	return unaccentedOnce(base)
}

// unaccentedOnce takes off a second accent, which the decomposition of a letter with two keeps ("ệ").
func unaccentedOnce(r rune) rune {
	var buffer [utf8.UTFMax]byte
	decomposed := norm.NFD.Properties(utf8.AppendRune(buffer[:0], r)).Decomposition()
	if len(decomposed) == 0 {
		return r
	}
	base, _ := utf8.DecodeRune(decomposed)
	return base
}
