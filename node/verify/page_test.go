package verify

import (
	"os"
	"strings"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
)

// TestTheRecipeNamesAllChecks: whoever reads what an audit looks at finds each kind of check on the page about it.
func TestTheRecipeNamesAllChecks(t *testing.T) {
	page, err := os.ReadFile("../../docs/recipe/audit-the-books.md")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(t.Context(), dbtest.SQLite(t, db.Options{}, schemas()...), Options{})
	if err != nil || len(r.Checks) == 0 {
		t.Fatal(err, r)
	}
	for _, c := range r.Checks {
		kind, _, _ := strings.Cut(c.Name, ".")
		if !strings.Contains(string(page), "`"+kind+".*`") {
			t.Errorf("%s is not on the page", c.Name)
		}
	}
}
