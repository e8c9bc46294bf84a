package api

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"hutong/base/money"
	"hutong/base/strict"
)

type asks struct {
	A int                   `json:"a"`
	B *asksInside           `json:"b"`
	C string                `json:"c"`
	D []asksInside          `json:"d,omitempty"`
	E map[string]asksInside `json:"e,omitempty"`
	F *asksInside           `json:"f,omitempty"`
	G []string              `json:"g,omitempty"`
}

type asksInside struct {
	X int          `json:"x"`
	M money.Money  `json:"m,omitzero"`
	N *money.Money `json:"n,omitempty"`
}

// TestMissing: what the document asks for is asked for however deep it stands; what may be left out may be null.
func TestMissing(t *testing.T) {
	ok := `"a":1,"b":{"x":1},"c":"x"`
	for body, want := range map[string]string{
		`{` + ok + `}`:                                 "",
		`null`:                                         "a",
		`{"b":{},"c":null}`:                            "a",
		`{"a":1,"b":{},"c":""}`:                        "b.x",
		`{"a":1,"b":{"x":null},"c":""}`:                "b.x",
		`{"b":{},"a":1}`:                               "c",
		`{` + ok + `,"d":[]}`:                          "",
		`{` + ok + `,"d":null,"e":null,"f":null}`:      "",
		`{` + ok + `,"d":[{"x":1},{}]}`:                "d.1.x",
		`{` + ok + `,"d":[{"x":1}, null ]}`:            "d.1",
		`{` + ok + `,"e":{"k":{"x":1},"l":{}}}`:        "e.l.x",
		`{` + ok + `,"f":{"x":1,"m":{"minor":5}}}`:     "f.m.currency",
		`{` + ok + `,"f":{"x":1,"n":{"currency":""}}}`: "f.n.minor",
		`{` + ok + `,"f":{"x":1,"n":null}}`:            "",
		`{` + ok + `,"g":["{","\\\"}",null]}`:          "",
	} {
		if got := missing([]byte(body), shapeOf(reflect.TypeFor[asks]())); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}

// FuzzMissing: what is missing in a body is what is missing when it is read into maps.
func FuzzMissing(f *testing.F) {
	for _, s := range []string{`{"a":1,"b":{"c":null},"c":"x"}`, `{"b":{"a":1},"c":[{"a":2}]}`, `{"a":null,"b": null ,"c":"null"}`,
		`null`, `{}`, ` { "\u0061" : 1 , "b\"" : ":{" , "c" : "\\\"a\":1" } `, `{"c":",\"a\":1","b":[1,"a",{"b":[]}]}`, `{"":1,"a":true}`,
		`{"a":1,"b":{"x":2},"c":3,"d":[{"x":1},{"x":null},null],"e":{"k":{"m":{"minor":1}}}}`} {
		f.Add([]byte(s))
	}
	of := shapeOf(reflect.TypeFor[asks]())
	f.Fuzz(func(t *testing.T, raw []byte) {
		var read map[string]any
		if strict.Decode(raw, &read) != nil {
			return
		}
		want, got := lacks(read, of, ""), missing(raw, of)
		if (len(want) == 0) != (got == "") || got != "" && !slices.Contains(want, got) {
			t.Fatalf("%s: %q, want one of %q", raw, got, want)
		}
	})
}

// lacks is every field that is missing in a value, found the slow way.
func lacks(v any, of *shape, at string) (all []string) {
	if of == nil {
		return nil
	}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range of.required {
			if v[name] == nil {
				all = append(all, strings.TrimPrefix(at+"."+name, "."))
			}
		}
		for name, inner := range v {
			next := of.each
			if next == nil {
				next = of.member[name]
			}
			all = append(all, lacks(inner, next, strings.TrimPrefix(at+"."+name, "."))...)
		}
	case []any:
		for i, inner := range v {
			if inner == nil && of.each != nil {
				all = append(all, fmt.Sprint(at, ".", i))
			}
			all = append(all, lacks(inner, of.each, fmt.Sprint(at, ".", i))...)
		}
	}
	return all
}
