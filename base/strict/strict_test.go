package strict_test

import (
	"strings"
	"testing"

	"hutong/base/fault"
	"hutong/base/strict"
)

type line struct {
	Offer    string `json:"offer"`
	Quantity uint32 `json:"quantity"`
}

type body struct {
	Lines []line `json:"lines"`
	Note  string `json:"note"`
}

func TestDecodeRefusesWithTheField(t *testing.T) {
	for _, c := range []struct{ name, in, code, field string }{
		{"fine", `{"lines":[{"offer":"a","quantity":2}]}`, "", ""},
		{"unknown", `{"state":"paid"}`, "json.unknown", "state"},
		{"duplicate", `{"note":"a","note":"b"}`, "json.duplicate", "note"},
		{"other case", `{"Note":"a"}`, "json.unknown", "Note"},
		{"trailing", `{"note":"a"} {}`, "json.malformed", ""},
		{"array", `[]`, "json.type", ""},
		{"empty", ``, "json.malformed", ""},
		{"M1 zero is the verb's business", `{"lines":[{"quantity":0}]}`, "", ""},
		{"M1 negative", `{"lines":[{"quantity":-1}]}`, "json.type", "lines.0.quantity"},
		{"M1 fraction", `{"lines":[{"quantity":1.5}]}`, "json.type", "lines.0.quantity"},
		{"M1 string", `{"lines":[{"quantity":"1e3"}]}`, "json.type", "lines.0.quantity"},
		{"M1 2^63", `{"lines":[{"quantity":9223372036854775808}]}`, "json.type", "lines.0.quantity"},
		{"M20 exponent", `{"lines":[{"quantity":1e400}]}`, "json.type", "lines.0.quantity"},
		{"M20 deep", strings.Repeat("[", 100_00) + strings.Repeat("]", 100_00), "json.too_deep", ""},
		{"M20 large", `{"note":"` + strings.Repeat("x", 70_000) + `"}`, "json.too_large", ""},
		{"brackets in text are no depth", `{"note":"` + strings.Repeat("[", 99) + `\""}`, "", ""},
		{"bad utf-8", "{\"note\":\"\xff\"}", "json.malformed", "note"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b body
			err := strict.Decode([]byte(c.in), &b)
			if c.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if !fault.Is(err, c.code) || fault.As(err).Field != c.field {
				t.Fatalf("got %v at %q, want %s at %q", err, fault.As(err).Field, c.code, c.field)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"lines":[{"offer":"a","quantity":2}],"note":"n"}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		var b body
		if err := strict.Decode(in, &b); err == nil && len(in) > strict.BytesMax {
			t.Fatal("too large a body was taken")
		} else if err != nil && fault.Of(err) != fault.Invalid {
			t.Fatalf("kind %v", fault.Of(err))
		}
	})
}
