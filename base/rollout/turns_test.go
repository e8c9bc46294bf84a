package rollout_test

import (
	"fmt"
	"sync"
	"testing"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/rollout"
)

// Switches that are made at once pass no bound of how many there are.
func TestSwitchesMadeAtOncePassNoBound(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		s, err := rollout.New(t.Context(), d, clock.NewManual(start), nil)
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for i := range rollout.SwitchesMax + 20 {
			all.Go(func() {
				_, err := s.Set(t.Context(), rollout.Switch{Name: fmt.Sprint("s.", i)})
				if err != nil && !fault.Is(err, "rollout.many") {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := len(s.Switches()); n != rollout.SwitchesMax {
			t.Errorf("there are %d switches, where %d may be", n, rollout.SwitchesMax)
		}
	})
}
