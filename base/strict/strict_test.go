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
		{"array", `[]`, "json.object", ""},
		{"text", `"x"`, "json.object", ""},
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
		{"a text that ends in a backslash", `{"note":"\\\\","x":` + strings.Repeat("[", 99) + `""`, "json.too_deep", ""},
		{"a quote after two backslashes and one", `{"note":"\\\\\"` + strings.Repeat("[", 99) + `"}`, "", ""},
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

// TestM20_HugeNumbersDeepAndLargeBodies: each limit holds at its very edge, whatever the body is decoded into, and a body
// that says it is endless is not read to its end.
func TestM20_HugeNumbersDeepAndLargeBodies(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	fill := strings.Repeat(" ", strict.BytesMax-len(`{"note":""}`))
	for name, c := range map[string]struct{ in, code string }{
		"1e400":              {`{"lines":[{"quantity":1e400}]}`, "json.type"},
		"-1e400":             {`{"lines":[{"quantity":-1e400}]}`, "json.type"},
		"1e-400":             {`{"lines":[{"quantity":1e-400}]}`, "json.type"},
		"400 digits":         {`{"lines":[{"quantity":` + strings.Repeat("9", 400) + `}]}`, "json.type"},
		"10^4 levels":        {deep(10_000), "json.too_deep"},
		"10^5 levels":        {deep(100_000), "json.too_large"}, // 200 kB: the first limit that it meets
		"10^4 open objects":  {strings.Repeat(`{"a":`, 10_000), "json.too_deep"},
		"as deep as allowed": {`{"note":"","lines":` + deep(strict.DepthMax-1) + `}`, "json.type"},
		"one deeper":         {`{"note":"","lines":` + deep(strict.DepthMax) + `}`, "json.too_deep"},
		"as long as allowed": {`{"note":""` + fill + `}`, ""},
		"one longer":         {`{"note":""` + fill + ` }`, "json.too_large"},
	} {
		var b body
		if err := strict.Decode([]byte(c.in), &b); c.code == "" && err != nil || c.code != "" && !fault.Is(err, c.code) {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
	endless := &spaces{}
	var b body
	if _, err := strict.Read(endless, &b); !fault.Is(err, "json.too_large") {
		t.Errorf("an endless body: %v", err)
	}
	if endless.read > 2*strict.BytesMax {
		t.Errorf("%d bytes of an endless body were read", endless.read)
	}
}

// spaces never end.
type spaces struct{ read int }

// Read gives spaces.
func (s *spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	s.read += len(p)
	return len(p), nil
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
