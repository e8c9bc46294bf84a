package intake

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestGrams(t *testing.T) {
	cases := []struct {
		weight, unit string
		want         int64
		ok           bool
	}{
		{"", "stone", 0, true}, {"0", "g", 0, true}, {"1", "lb", 454, true}, {"1", "lbs", 454, true},
		{"1.0000", "KG", 1000, true}, {"0.0005", "kg", 1, true}, {"0.00049", "kg", 0, true}, {"10", "oz", 283, true},
		{"0.5", "g", 1, true}, {"100000", "kg", WeightMaxG, true}, {"100000.001", "kg", 0, false},
		{"1", "stone", 0, false}, {"-1", "g", 0, false}, {"1e3", "g", 0, false}, {"1,5", "kg", 0, false},
		{".5", "kg", 0, false}, {"5.", "kg", 0, false}, {"１", "kg", 0, false},
		{strings.Repeat("9", 31), "g", 0, false}, {strings.Repeat("9", 30), "g", 0, false},
	}
	for _, c := range cases {
		if got, ok := Grams(c.weight, c.unit); got != c.want || ok != c.ok {
			t.Errorf("Grams(%q, %q) = %d, %v; want %d, %v", c.weight, c.unit, got, ok, c.want, c.ok)
		}
	}
}

func TestCount(t *testing.T) {
	for figure, want := range map[string]int64{
		"": -1, "0": 0, "7": 7, "100.0000": 100, "-3": 0, "1000000000": StockMax,
		"1000000001": -2, "1.5": -2, "many": -2, "--1": -2, "1e3": -2, "+1": -2, "-": -2, "99999999999999999999": -2,
	} {
		n, ok := Count(figure)
		got := int64(-2)
		if ok && n == nil {
			got = -1
		} else if ok {
			got = *n
		}
		if got != want {
			t.Errorf("Count(%q) = %d; want %d", figure, got, want)
		}
	}
}

// TestSKUKeyIsInjective: two variants never share a key, whatever their values hold.
func TestSKUKeyIsInjective(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.StringMatching(`[a/\\]{0,4}`), 2, 2)
		one, two := values.Draw(t, "one"), values.Draw(t, "two")
		same := one[0] == two[0] && one[1] == two[1]
		if (SKUKey(one) == SKUKey(two)) != same {
			t.Fatalf("%q and %q: %q and %q", one, two, SKUKey(one), SKUKey(two))
		}
	})
}

func TestSplitList(t *testing.T) {
	got := SplitList(` a, b\, c ,,d\e, `, ',')
	if strings.Join(got, "|") != `a|b, c|d\e` {
		t.Fatalf("%q", got)
	}
}

func TestLabel(t *testing.T) {
	for in, want := range map[string]string{
		"print_technology": "Print technology", "contrast__typical_": "Contrast typical", "颜色": "颜色", "": "", "_": "",
	} {
		if got := Label(in); got != want {
			t.Errorf("Label(%q) = %q", in, got)
		}
	}
}
