package node

import (
	"fmt"
	"testing"
	"time"

	"hutong/party/login"
)

// TestA6_RefusalsFillNoDisk: one row for each login, route and hour, and so many in all.
func TestA6_RefusalsFillNoDisk(t *testing.T) {
	var d denials
	at := time.Date(2026, 11, 11, 9, 0, 0, 0, time.UTC)
	count := func(who string, route string, at time.Time, tries int) (rows int) {
		for range tries {
			if d.first(login.ID(who), route, at) {
				rows++
			}
		}
		return rows
	}
	a, b := count("lgn_a", "fees", at, 50), count("lgn_a", "market", at, 50)
	if c := count("lgn_b", "fees", at.Add(59*time.Minute), 50); a != 1 || b != 1 || c != 1 {
		t.Errorf("%d, %d and %d rows", a, b, c)
	}
	if n := count("lgn_a", "fees", at.Add(time.Hour), 50); n != 1 {
		t.Errorf("%d rows in the next hour", n)
	}
	rows := 1
	for i := range 3 * denialsMax {
		rows += count(fmt.Sprint(i), "fees", at.Add(time.Hour), 1)
	}
	if rows != denialsMax {
		t.Errorf("%d rows in an hour", rows)
	}
}
