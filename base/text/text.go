// Package text holds the sentences that people read, by stable key, in Simplified Chinese and English.
//
// Each room that speaks embeds a text.json of its own, {"key": {"zh": "...", "en": "..."}}, and exports it as Texts;
// the node merges them into one Bundle. Parameters stand as {name}. It never decides what to say, only how.
package text

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hutong/base/money"
)

// Lang is a language of the market.
type Lang string

// The languages of the market.
const (
	Zh Lang = "zh-CN"
	En Lang = "en"
)

// Parse finds the language in a tag or an Accept-Language header: the first that the market speaks, or fallback.
func Parse(header string, fallback Lang) Lang {
	for part := range strings.SplitSeq(header, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		switch lower := strings.ToLower(tag); {
		case lower == "zh" || strings.HasPrefix(lower, "zh-"):
			return Zh
		case lower == "en" || strings.HasPrefix(lower, "en-"):
			return En
		}
	}
	return fallback
}

// Entry is one sentence in both languages.
type Entry struct {
	Zh string `json:"zh"`
	En string `json:"en"`
}

// Pick is the entry in that language.
func (e Entry) Pick(l Lang) string {
	if l == Zh {
		return e.Zh
	}
	return e.En
}

// When is a date and a time of day as readers of the language write them, in the time zone that at is in.
func When(l Lang, at time.Time) string {
	if l == Zh {
		return at.Format("2006年1月2日 15:04")
	}
	return at.Format("2 Jan 2006, 15:04")
}

// Bundle maps keys to entries. It is read-only once the node runs.
type Bundle map[string]Entry

// MustParse reads an embedded text.json. It panics on a broken file, an empty sentence or parameters that differ
// between the languages: those are defects of the build, not of the input.
func MustParse(data []byte) Bundle {
	var b Bundle
	if err := json.Unmarshal(data, &b); err != nil {
		panic("text: " + err.Error())
	}
	for key, e := range b {
		if e.Zh == "" || e.En == "" {
			panic("text: " + key + " lacks a language")
		}
		if !slices.Equal(names(e.Zh), names(e.En)) {
			panic("text: " + key + " has other parameters in zh than in en")
		}
	}
	return b
}

// Merge joins bundles. It panics when two rooms define the same key differently.
func Merge(bundles ...Bundle) Bundle {
	all := Bundle{}
	for _, b := range bundles {
		for key, e := range b {
			if was, dup := all[key]; dup && was != e {
				panic("text: " + key + " is defined twice")
			}
			all[key] = e
		}
	}
	return all
}

// Text is the sentence for key with its parameters put in; pairs are name, value, name, value. An unknown key is shown
// as itself, so that a missing text is seen and never hides what happened. A {state} is told by the words that stand
// under the key and the state, such as order.state.paid, where there are any: no reader knows what awaiting_payment is.
func (b Bundle) Text(l Lang, key string, pairs ...any) string {
	e, ok := b[key]
	if !ok {
		return key
	}
	s := e.Pick(l)
	for i := 0; i+1 < len(pairs); i += 2 {
		name, said := fmt.Sprint(pairs[i]), say(l, pairs[i+1])
		if name == "state" {
			if words, ok := b[key+"."+said]; ok {
				said = words.Pick(l)
			}
		}
		s = strings.ReplaceAll(s, "{"+name+"}", said)
	}
	return s
}

// say writes a parameter: an amount and a name as readers of the language write them.
func say(l Lang, v any) string {
	switch v := v.(type) {
	case money.Money:
		return v.Format(string(l))
	case Entry:
		return v.Pick(l)
	}
	return fmt.Sprint(v)
}

// Keys are all keys, sorted.
func (b Bundle) Keys() []string { return slices.Sorted(maps.Keys(b)) }

func names(s string) []string {
	set := map[string]bool{}
	for {
		_, rest, ok := strings.Cut(s, "{")
		if !ok {
			break
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			break
		}
		set[name] = true
		s = after
	}
	return slices.Sorted(maps.Keys(set))
}
