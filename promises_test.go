package hutong

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	citedInTest  = regexp.MustCompile(`func Test(I_)?([A-Z])(\d+)_`)
	citedInCheck = regexp.MustCompile(`[rR]ule: +"([^"]+)"`)
	citedID      = regexp.MustCompile(`^(I-)?[A-Z]\d+$`)
)

// TestCitedIdsAreExplained holds docs/promises.md to its word: it says what each id means that a test is named after or
// a check of the auditor cites. Ids with T are worked examples of the rule book, not faults.
func TestCitedIdsAreExplained(t *testing.T) {
	page, err := os.ReadFile("docs/promises.md")
	if err != nil {
		t.Fatal(err)
	}
	explained := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			for id := range strings.FieldsSeq(strings.ReplaceAll(cells[1], ",", " ")) {
				explained[id] = true
			}
		}
	}
	cited := map[string]string{}
	err = fs.WalkDir(os.DirFS("."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		text, err := os.ReadFile(path)
		if strings.HasSuffix(path, "_test.go") {
			for _, m := range citedInTest.FindAllStringSubmatch(string(text), -1) {
				if m[2] != "T" {
					cited[strings.ReplaceAll(m[1], "_", "-")+m[2]+m[3]] = path
				}
			}
		}
		if strings.HasPrefix(path, "node/verify/") && !strings.HasSuffix(path, "_test.go") {
			for _, m := range citedInCheck.FindAllStringSubmatch(string(text), -1) {
				for id := range strings.FieldsSeq(m[1]) {
					if citedID.MatchString(id) {
						cited[id] = path
					}
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(cited) < 100 {
		t.Fatalf("only %d ids were found", len(cited))
	}
	for id, path := range cited {
		if !explained[id] {
			t.Errorf("%s cites %s, which docs/promises.md does not explain", path, id)
		}
	}
}
