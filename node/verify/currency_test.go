package verify

import (
	"context"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/money"
)

// TestOneOfEveryCurrency: the auditor's own sentence agrees with base/money on each currency, on both engines.
func TestOneOfEveryCurrency(t *testing.T) {
	dbtest.Each(t, nil, func(t *testing.T, d *db.DB) {
		err := d.Read(context.Background(), func(tx *db.Tx) error {
			for exponent := range 6 {
				for _, c := range money.Currencies(exponent) {
					got, _, err := db.Value[int64](tx, `SELECT CAST(`+wholeOf("x.c")+` AS BIGINT) FROM (SELECT CAST($1 AS TEXT) AS c) x`, c)
					if err != nil || got != c.Whole() {
						t.Fatalf("%s: %d %v, want %d", c, got, err, c.Whole())
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
