package api

import (
	"encoding/json"
	"testing"

	"hutong/base/strict"
)

// FuzzMissing: the fields that a body leaves out are those that are not in a map of its members.
func FuzzMissing(f *testing.F) {
	for _, s := range []string{`{"a":1,"b":{"c":null},"c":"x"}`, `{"b":{"a":1},"c":[{"a":2}]}`, `{"a":null,"b": null ,"c":"null"}`,
		`null`, `{}`, ` { "\u0061" : 1 , "b\"" : ":{" , "c" : "\\\"a\":1" } `, `{"c":",\"a\":1","b":[1,"a",{"b":[]}]}`, `{"":1,"a":true}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var any map[string]any
		if strict.Decode(raw, &any) != nil {
			return
		}
		var given map[string]json.RawMessage
		if err := json.Unmarshal(raw, &given); err != nil {
			return
		}
		want := ""
		for _, name := range []string{"a", "b", "c"} {
			if v := given[name]; want == "" && (v == nil || string(v) == "null") {
				want = name
			}
		}
		if got := missing(raw, []string{"a", "b", "c"}); got != want {
			t.Fatalf("%s: %q, want %q", raw, got, want)
		}
	})
}
