package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// quote runs the command on a question.
func quote(t *testing.T, question string, args ...string) outcome {
	t.Helper()
	var out, err bytes.Buffer
	status := Run(t.Context(), append([]string{"--lang", "en", "quote"}, args...),
		Streams{In: strings.NewReader(question), Out: &out, Err: &err})
	return outcome{status, out.String(), err.String()}
}

const cup = `{"currency": "CNY", "lines": [{"id": "1", "shop": "A", "sku": "cup", "unit_price": 1990, "quantity": 2}],
 "promotions": [{"id": "r", "kind": "redpacket", "off": 80}]}`

func TestAQuoteIsAnObject(t *testing.T) {
	plain, one := quote(t, cup), quote(t, cup, "--json")
	if plain.status != 0 || plain.err != "" || !strings.Contains(plain.out, "\n  \"total\": 3900") {
		t.Errorf("%+v", plain)
	}
	if one.status != 0 || strings.Count(one.out, "\n") != 1 || one.last(t)["total"] != 3900.0 {
		t.Errorf("%+v", one)
	}
	var a, b any
	if err := json.Unmarshal([]byte(plain.out), &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(one.out), &b); err != nil {
		t.Fatal(err)
	}
	if x, y := asText(t, a), asText(t, b); x != y {
		t.Errorf("with --json another answer: %s and %s", x, y)
	}
}

func asText(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestAMalformedBasketEndsInTwo, with the object that says what and where, with --json and without.
func TestAMalformedBasketEndsInTwo(t *testing.T) {
	for question, want := range map[string][2]string{
		strings.Replace(cup, `"quantity": 2`, `"quantity": 1.5`, 1):      {"json.type", "lines.0.quantity"},
		strings.Replace(cup, `"off": 80`, `"off": 80, "colour": 1`, 1):   {"json.unknown", "promotions.0.colour"},
		strings.Replace(cup, `"redpacket"`, `"coupon"`, 1):               {"promo.kind", "promotions.0.kind"},
		strings.Replace(cup, `1990`, `9223372036854775807`, 1):           {"promo.overflow", "lines.0.unit_price"},
		strings.Replace(cup, `"off": 80`, `"off": 80, "funding": []`, 1): {"promo.funding_sum", "promotions.0.funding"},
		``: {"json.malformed", ""},
	} {
		for _, args := range [][]string{nil, {"--json"}} {
			got := quote(t, question, args...)
			said, _ := got.last(t)["error"].(map[string]any)
			message, _ := said["message"].(string)
			if got.status != 2 || said["code"] != want[0] || said["field"] != want[1] || message == "" ||
				message == want[0] || strings.Count(got.out, "\n") != 1 || !strings.Contains(got.err, message) {
				t.Errorf("%s %v: %+v", question, args, got)
			}
		}
	}
}

func TestQuoteHelpShowsTheForm(t *testing.T) {
	got := run(t.Context(), "quote", "--help")
	for _, word := range []string{"Usage: hutong quote", `"threshold_mode"`, `"funding"`, `"vouchers"`, "crossshop", "status 2"} {
		if got.status != 0 || !strings.Contains(got.out, word) {
			t.Errorf("--help does not say %s: %+v", word, got)
		}
	}
}

// TestTheSharedReferenceBasket is the reference basket as it is given to the command.
func TestTheSharedReferenceBasket(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "vectors", "basket-e1.json"))
	if os.IsNotExist(err) && !slices.Contains(strings.Split(os.Getenv("HUTONG_REQUIRE"), ","), "shared") {
		t.Skip("no shared data")
	}
	if err != nil {
		t.Fatal(err)
	}
	var c struct{ Input json.RawMessage }
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	for mode, total := range map[string]float64{"parallel": 48780, "progressive": 53780} {
		got := quote(t, strings.Replace(string(c.Input), `"parallel"`, `"`+mode+`"`, 1), "--json")
		if got.status != 0 || got.last(t)["total"] != total {
			t.Errorf("%s: %+v", mode, got)
		}
	}
}
