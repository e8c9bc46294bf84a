package division

import (
	"bytes"
	"compress/gzip"
	"slices"
	"strings"
	"testing"
	"unicode"

	"hutong/base/text"
)

func TestDivisions_AreWhole(t *testing.T) {
	cities, areas := 0, 0
	for _, p := range Provinces() {
		if p.Parent != "" || p.Name == "" || len(Cities(p.Code)) == 0 {
			t.Errorf("province %+v with %d cities", p, len(Cities(p.Code)))
		}
		for _, c := range Cities(p.Code) {
			cities++
			if c.Parent != p.Code || len(Areas(c.Code)) == 0 {
				t.Errorf("city %+v with %d areas", c, len(Areas(c.Code)))
			}
			areas += validAreas(t, p, c)
		}
	}
	if len(Provinces()) != 34 || cities != 342+25 || areas != 2978+383 {
		t.Errorf("%d provinces, %d cities, %d areas", len(Provinces()), cities, areas)
	}
}

func validAreas(t *testing.T, p, c Division) int {
	for _, a := range Areas(c.Code) {
		if !Valid(p.Code, c.Code, a.Code) || !strings.HasSuffix(Name(a.Code), a.Name) {
			t.Errorf("area %+v named %q", a, Name(a.Code))
		}
	}
	return len(Areas(c.Code))
}

func TestValid(t *testing.T) {
	for _, c := range []struct {
		province, city, area string
		want                 bool
	}{
		{"33", "3301", "330106", true},
		{"44", "4419", "441900", true},
		{"81", "8101", "810101", true},
		{"33", "3302", "330106", false},
		{"32", "3301", "330106", false},
		{"33", "3301", "330199", false},
		{"33", "3301", "3301", false},
		{"", "33", "3301", false},
		{"33", "3301", "", false},
		{"", "", "", false},
		{"33", "3301", "33010６", false},
	} {
		if got := Valid(c.province, c.city, c.area); got != c.want {
			t.Errorf("Valid(%q, %q, %q) = %v", c.province, c.city, c.area, got)
		}
	}
}

func TestName(t *testing.T) {
	for code, want := range map[string]string{
		"330106": "浙江省 杭州市 西湖区",
		"3301":   "浙江省 杭州市",
		"33":     "浙江省",
		"110101": "北京市 东城区",
		"500229": "重庆市 城口县",
		"441900": "广东省 东莞市",
		"810103": "香港特别行政区 香港岛 东区",
		"330199": "",
		"33010":  "",
		"":       "",
		"1":      "",
	} {
		if got := Name(code); got != want {
			t.Errorf("Name(%q) = %q, want %q", code, got, want)
		}
	}
}

func TestLevels_DoNotMix(t *testing.T) {
	if len(Cities("")) != 0 || len(Cities("3301")) != 0 || len(Areas("33")) != 0 || len(Areas("330106")) != 0 {
		t.Error("a list was given for a code of another level")
	}
	Provinces()[0].Name = "spoilt"
	if Provinces()[0].Name != "北京市" {
		t.Error("a caller's copy is shared")
	}
}

func TestUnpack_RefusesDamage(t *testing.T) {
	for name, plain := range map[string]string{
		"orphan": "11\t北京市\n1201\t市辖区\n",
		"twice":  "11\t北京市\n11\t北京市\n",
		"odd":    "11\t北京市\n110\t市辖区\n",
		"bare":   "11\n",
	} {
		if _, err := unpack(zipped(t, plain)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	good := zipped(t, "11\t北京市\n")
	if _, err := unpack(good[:len(good)-4]); err == nil {
		t.Error("a cut file was accepted")
	}
	if _, err := unpack([]byte("no gzip")); err == nil {
		t.Error("no gzip was accepted")
	}
}

// TestCountriesByName: a reader finds a country where its name stands in the language, whatever its code and its accents.
func TestCountriesByName(t *testing.T) {
	for lang, want := range map[text.Lang][]string{
		text.En: {"AF", "AX", "AL", "CI", "HR", "CU", "CW", "CY", "DE", "RE", "RO", "ES", "CH", "TR", "AE", "GB", "US", "ZW"},
		text.Zh: {"AL", "AE", "AX", "DE", "FR", "GH", "US", "CH", "RS", "TR", "ES", "IT", "GB"}, // āěr, ālián, àolán, dé …
	} {
		all := CountriesIn(lang)
		at := func(code string) int { return slices.IndexFunc(all, func(c Country) bool { return c.Code == code }) }
		if len(all) != len(Countries()) {
			t.Errorf("%s: %d of %d countries", lang, len(all), len(Countries()))
		}
		for i := 1; i < len(want); i++ {
			if at(want[i]) <= at(want[i-1]) {
				t.Errorf("%s: %s stands before %s", lang, want[i], want[i-1])
			}
		}
	}
	CountriesIn(text.En)[0].Code = "XX"
	if CountriesIn(text.En)[0].Code == "XX" {
		t.Error("a caller changed the list of all")
	}
}

func TestCountries(t *testing.T) {
	all := Countries()
	if len(all) != 249 {
		t.Fatalf("%d countries, ISO 3166-1 has 249", len(all))
	}
	last := ""
	for _, c := range all {
		if len(c.Code) != 2 || c.Code <= last || c.Code != strings.ToUpper(c.Code) {
			t.Errorf("code %q after %q", c.Code, last)
		}
		last = c.Code
		if strings.IndexFunc(c.Zh, han) < 0 || c.En == "" || strings.IndexFunc(c.En, han) >= 0 {
			t.Errorf("%s: zh %q, en %q", c.Code, c.Zh, c.En)
		}
	}
	if de, ok := FindCountry("DE"); !ok || de.Zh != "德国" || de.En != "Germany" {
		t.Errorf("DE is %+v", de)
	}
	for _, unknown := range []string{"", "de", "XX", "DEU"} {
		if _, ok := FindCountry(unknown); ok {
			t.Errorf("%q was found", unknown)
		}
	}
}

func han(r rune) bool { return unicode.Is(unicode.Han, r) }

func zipped(t *testing.T, plain string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(plain)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
