package verify

import (
	"context"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
)

func TestHealthy(t *testing.T) {
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) {
		f := newFiller(t, d)
		f.fill(39, everyFate)
		f.stockUp()
		f.close()
		r, err := Run(context.Background(), d, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range r.Checks {
			t.Log(c.Name, c.OK, c.Counted, c.Total, c.Violations[:min(2, len(c.Violations))])
		}
	})
}
