package page

import (
	"slices"
	"testing"

	"hutong/base/text"
)

// TestRegionsAreFoundByName: the countries of a form stand as its reader sorts names, not by code.
func TestRegionsAreFoundByName(t *testing.T) {
	for lang, want := range map[text.Lang][]string{
		text.En: {"Åland Islands", "Albania", "Spain", "Switzerland", "United Kingdom", "Zimbabwe"},
		text.Zh: {"阿尔巴尼亚", "德国", "美国", "瑞士", "西班牙", "英国"},
	} {
		groups := Regions(Tongue{Lang: lang, texts: Texts}, "")
		abroad, last := groups[len(groups)-1].Options, -1
		for _, name := range want {
			i := slices.IndexFunc(abroad, func(o Option) bool { return o.Text == name })
			if i <= last {
				t.Errorf("%s: %s stands at %d, after %d", lang, name, i, last)
			}
			last = i
		}
	}
}
