package words

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// Unit is one thing that a query asks for. Either Chars is set (a dense run), or Words is (a Latin one).
type Unit struct {
	Chars []string // the different characters of a dense run
	Pairs []string // its different pairs of neighbouring characters
	// Words are alternatives; each is a list of terms that must stand in the same field.
	Words [][]string
	// Prefix is the beginning of words that also match, weaker: the last word may not have been typed to its
	// end.
	Prefix string
}

// Query is a text that was asked for.
type Query struct {
	Units []Unit
	Code  string // the whole text as an article number; "" when it cannot be one
}

// Parse reads a query. A text without any word has no units.
func Parse(text string) Query {
	p := parser{seen: map[string]bool{}}
	p.cutter.runs(text, p.run)
	if len(p.units) == 0 {
		p.units = p.fillers
	}
	if last := len(p.units) - 1; last >= 0 && p.lastIsWord {
		p.units[last].Prefix = p.prefix
	}
	return Query{Units: p.units, Code: Code(text)}
}

type parser struct {
	cutter     Cutter
	units      []Unit
	fillers    []Unit // words that only hold others together
	seen       map[string]bool
	lastIsWord bool   // whether the text ends with the last unit, and that is a Latin run
	prefix     string // that run as a beginning of longer words
}

// fillers are words that are not asked for when something else is.
var fillers = strings.Fields("a an and at by for from in of on or the to with")

func (p *parser) run(r run) {
	p.lastIsWord = false
	if r.dense == nil {
		p.word(r.parts)
		return
	}
	text := string(r.dense)
	for piece := range strings.SplitSeq(text, "的") { // the particle between a quality and its thing
		if piece != "" {
			p.units = p.keep(p.units, piece, denseUnit([]rune(piece)))
		}
	}
	if strings.Trim(text, "的") == "" {
		p.fillers = p.keep(p.fillers, text, denseUnit(r.dense))
	}
}

// keep adds a unit unless it was asked for already.
func (p *parser) keep(units []Unit, key string, u Unit) []Unit {
	if p.seen[key] {
		return units
	}
	p.seen[key] = true
	return append(units, u)
}

func denseUnit(chars []rune) Unit {
	var u Unit
	for i, r := range chars {
		u.Chars = appendNew(u.Chars, string(r))
		if i+1 < len(chars) {
			u.Pairs = appendNew(u.Pairs, string(chars[i:i+2]))
		}
	}
	return u
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

func (p *parser) word(parts [][]byte) {
	if len(parts) == 1 && slices.Contains(fillers, string(parts[0])) {
		p.fillers = p.keep(p.fillers, string(parts[0]), p.wordUnit(parts))
		return
	}
	key := string(bytes.Join(parts, []byte("-")))
	if p.seen[key] { // asked for before: not the last unit, so nothing is a beginning
		return
	}
	p.units = p.keep(p.units, key, p.wordUnit(parts))
	p.prefix = prefixOf(string(bytes.Join(parts, nil)))
	p.lastIsWord = p.prefix != ""
}

func (p *parser) wordUnit(parts [][]byte) Unit {
	var u Unit
	if len(parts) == 1 {
		p.cutter.forms.singulars(parts[0], func(term []byte) { u.Words = append(u.Words, []string{string(term)}) })
		if a, b, ok := split(parts[0]); ok {
			u.Words = append(u.Words, []string{string(a), string(b)})
		}
		return u
	}
	if joined := p.cutter.join(parts); joined != nil {
		p.cutter.forms.singulars(joined, func(term []byte) { u.Words = append(u.Words, []string{string(term)}) })
	}
	var all []string
	for _, part := range parts[:len(parts)-1] {
		all = appendNew(all, string(part))
	}
	p.cutter.forms.singulars(parts[len(parts)-1], func(term []byte) {
		u.Words = append(u.Words, appendNew(slices.Clone(all), string(term)))
	})
	return u
}

// prefixOf tells which longer words a last word may be the beginning of: one letter, or a short number, is
// none.
func prefixOf(word string) string {
	n := utf8.RuneCountInString(word)
	if len(word) > wordMax || n < 2 || (n < 3 && strings.ContainsAny(word, "0123456789")) {
		return ""
	}
	return word
}
