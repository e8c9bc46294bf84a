package verify

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestPairs: lists of names with a number each are read, whatever is blank or escaped in them, and nothing else is.
func TestPairs(t *testing.T) {
	for stored, want := range map[string]string{
		`[]`: "", `[["a",1]]`: "a=1 ", ` [ [ "a" , -12 ] , ["b",0] ] `: "a=-12 b=0 ",
		`[["quote \" and \\",3],["\u4ef7",4]]`: `quote " and \=3 ` + "价=4 ", `[["",9223372036854775807]]`: "=9223372036854775807 ",
		``: "bad", `[`: "bad", `[]]`: "bad", `[["a"]]`: "bad", `[["a",1]`: "bad", `[["a",1],]`: "bad", `[["a",1]["b",2]]`: "bad",
		`[["a",1.5]]`: "bad", `[["a","1"]]`: "bad", `[[1,1]]`: "bad", `[["a",9223372036854775808]]`: "bad", `[["a,1]]`: "bad",
		`[["a\",1]]`: "bad", `[["\x",1]]`: "bad", `{"a":1}`: "bad", `null`: "bad", `[["a",1,2]]`: "bad", `[["a",]]`: "bad",
	} {
		var got strings.Builder
		if !pairs(stored, func(name string, n int64) { fmt.Fprintf(&got, "%s=%d ", name, n) }) {
			got.Reset()
			got.WriteString("bad")
		}
		if got.String() != want {
			t.Errorf("%s: %q, want %q", stored, got.String(), want)
		}
	}
}

// FuzzPairs: what encoding/json writes is read as it was meant, and nothing makes the reader fail.
func FuzzPairs(f *testing.F) {
	f.Add(`[["bud:prm_1",100]]`, "a\"b", int64(-1))
	f.Fuzz(func(t *testing.T, stored, name string, n int64) {
		pairs(stored, func(string, int64) {})
		written, err := json.Marshal([][2]any{{name, n}, {name, n}})
		if err != nil {
			t.Fatal(err)
		}
		var meant string // what is not UTF-8 is written as what stands for it
		quoted, err := json.Marshal(name)
		if err := errors.Join(err, json.Unmarshal(quoted, &meant)); err != nil {
			t.Fatal(err)
		}
		told := 0
		if !pairs(string(written), func(s string, m int64) {
			if s == meant && m == n {
				told++
			}
		}) || told != 2 {
			t.Errorf("%s: %d were read rightly", written, told)
		}
	})
}
