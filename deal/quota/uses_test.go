package quota

import (
	"encoding/json"
	"slices"
	"testing"
)

// FuzzUses: what is written is JSON and is read back as it was; what is read of anything else is written the same.
func FuzzUses(f *testing.F) {
	for _, s := range []string{"[]", `[["bud:x",500]]`, `[["a",1],["b",22]]`, `[["a",1],]`, `[["a",01]]`, `[["a",+1]]`,
		`[["a",-1]]`, `[["a",1]] `, `[`, `[["a"b",1]]`, `[["a",1]["b",2]]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, stored string) {
		uses, err := parseUses(stored)
		if err != nil {
			return
		}
		written := appendUses(nil, uses)
		if !json.Valid(written) {
			t.Fatalf("%s is no JSON", written)
		}
		again, err := parseUses(string(written))
		if err != nil || !slices.Equal(again, uses) {
			t.Fatalf("%s was read as %v (%v), want %v", written, again, err, uses)
		}
	})
}
