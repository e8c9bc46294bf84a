package campaign

import (
	"testing"
	"time"

	"hutong/base/fault"
)

// TestWhenAPresaleIsSent: by a day that no balance is due after, or within days after the balance, one of the two, and
// within seven days where the shop says nothing; what is no presale promises none.
func TestWhenAPresaleIsSent(t *testing.T) {
	due := Window{time.Date(2026, 11, 11, 0, 30, 0, 0, time.UTC), time.Date(2026, 11, 12, 0, 0, 0, 0, time.UTC)}
	for _, c := range []struct {
		name    string
		presale bool
		by      time.Time
		days    int64
		want    int64
		ok      bool
	}{{"nothing", true, time.Time{}, 0, ShipDaysOrdinary, true}, {"days", true, time.Time{}, 3, 3, true},
		{"the most days", true, time.Time{}, ShipDaysMax, ShipDaysMax, true},
		{"more days", true, time.Time{}, ShipDaysMax + 1, 0, false}, {"less than a day", true, time.Time{}, -1, 0, false},
		{"as the balance ends", true, due.Until, 0, 0, true},
		{"while a balance is due", true, due.Until.Add(-time.Microsecond), 0, 0, false},
		{"the last day", true, due.Until.AddDate(0, 0, ShipDaysMax), 0, 0, true},
		{"after that", true, due.Until.AddDate(0, 0, ShipDaysMax).Add(time.Microsecond), 0, 0, false},
		{"both", true, due.Until, 3, 0, false}, {"no presale", false, time.Time{}, 3, 0, false},
		{"no presale by a day", false, due.Until, 0, 0, false}, {"no presale, nothing", false, time.Time{}, 0, 0, true},
	} {
		terms, _ := good()
		if c.presale {
			terms.Presale, terms.Earnest, terms.Worth = true, 1656, 2000
		}
		terms.ShipBy, terms.ShipDays = c.by, c.days
		err := terms.Check()
		if err == nil {
			terms, err = terms.ships(due)
		}
		if c.ok && (err != nil || terms.ShipDays != c.want) || !c.ok && !fault.Is(err, "enrolment.ship_by") {
			t.Errorf("%s: %d days, %v", c.name, terms.ShipDays, err)
		}
	}
}
