// Package tune is what an operator may change about a market that runs: numbers, words and yes-or-no, each with its
// bounds and its default. What is set stands in base/setting and is kept in memory, so that asking costs no read.
//
// It never knows what a value is for: the node holds the list of what may be set, and gives the values to the rooms.
// Some hold at once, others from the node's next start, and the list says which. Read this file first.
package tune

import (
	_ "embed"
	"strconv"
	"strings"
	"unicode/utf8"

	"hutong/base/fault"
	"hutong/base/text"
)

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

// Kind says what a value is.
type Kind string

// The kinds.
const (
	Count Kind = "count" // a whole number within bounds
	Words Kind = "words" // one line of text, Min to Max characters
	Flag  Kind = "flag"  // "yes" or "no"
)

// The values of a Flag.
const (
	Yes = "yes"
	No  = "no"
)

// Spec is one thing that may be set.
type Spec struct {
	Name     string // "order.pay_minutes": a stable name; its words are in the text "tune.order.pay_minutes"
	Group    string // what it stands under: "orders"
	Kind     Kind
	Default  string
	Min, Max int64
	Unit     string // of a Count, the key of a text: "tune.unit_minutes"; "" for pieces
	Later    bool   // it holds from the next start of a node
}

// Check refuses a value that the Spec does not allow, and gives it as it is kept. Codes: tune.count, tune.words,
// tune.flag.
func (s Spec) Check(value string) (string, error) {
	value = strings.TrimSpace(value)
	switch s.Kind {
	case Count:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < s.Min || n > s.Max {
			return "", fault.New(fault.Invalid, "tune.count", fault.P("min", s.Min), fault.P("max", s.Max)).At(s.Name)
		}
		return strconv.FormatInt(n, 10), nil
	case Words:
		n := int64(utf8.RuneCountInString(value))
		if n < s.Min || n > s.Max || !text.Line(value) {
			return "", fault.New(fault.Invalid, "tune.words", fault.P("min", s.Min), fault.P("max", s.Max)).At(s.Name)
		}
		return value, nil
	}
	if value != Yes && value != No {
		return "", fault.New(fault.Invalid, "tune.flag").At(s.Name)
	}
	return value, nil
}

// Value is one thing that may be set, and what it is set to.
type Value struct {
	Spec
	Value string
	Set   bool // by somebody; otherwise it is the default
	Waits bool // it is set, and holds from the next start
}
