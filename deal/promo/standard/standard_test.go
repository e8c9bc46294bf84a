package standard_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"hutong/deal/promo"
	"hutong/deal/promo/standard"
)

// TestEveryFolderIsAKind: a folder beside this one that is a kind is in the list, and tested by promotest.
func TestEveryFolderIsAKind(t *testing.T) {
	folders, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, k := range standard.Kinds().List() {
		names = append(names, k.Name)
	}
	others := []string{"promotest", "rulebook", "standard", "wire", "testdata"}
	for _, f := range folders {
		if !f.IsDir() || slices.Contains(others, f.Name()) {
			continue
		}
		i := slices.Index(names, f.Name())
		if i < 0 {
			t.Errorf("%s is not in the list of kinds", f.Name())
			continue
		}
		names = slices.Delete(names, i, i+1)
		test, err := os.ReadFile(filepath.Join("..", f.Name(), f.Name()+"_test.go"))
		if err != nil || !bytes.Contains(test, []byte("promotest.Run(")) {
			t.Errorf("%s is not held against promotest: %v", f.Name(), err)
		}
	}
	if len(names) > 0 {
		t.Errorf("no folder of %v", names)
	}
}

func TestAKindThatIsNotWholeIsRefused(t *testing.T) {
	whole := standard.Kinds().List()[0]
	nameless := whole
	nameless.Texts = nil
	lost := whole
	lost.Terms = nil
	for name, list := range map[string][]promo.Kind{"twice": {whole, whole}, "without a name": {nameless}, "without terms": {lost}} {
		if _, err := promo.NewKinds(list...); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if len(standard.Texts) < 2*len(standard.Kinds().List()) {
		t.Error("the texts of the kinds are not all there")
	}
}
