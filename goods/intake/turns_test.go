package intake_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"hutong/base/fault"
	"hutong/goods/intake"
)

// Mappings that a shop saves at once pass no bound: none of those that count would be out of its list.
func TestMappingsSavedAtOncePassNoBound(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		for round := range 5 {
			shop := fmt.Sprint("shp_", round)
			save := func(n int) error {
				return m.intake.SaveMapping(t.Context(), shop, intake.Mapping{Name: fmt.Sprint("m", n), JSON: `{}`})
			}
			for n := range intake.MappingsMax - 2 {
				m.ok(save(n))
			}
			var all sync.WaitGroup
			var saved atomic.Int64
			for n := range 8 {
				all.Go(func() {
					if err := save(100 + n); err == nil {
						saved.Add(1)
					} else if !fault.Is(err, "intake.too_many") {
						t.Error(err)
					}
				})
			}
			if all.Wait(); saved.Load() != 2 {
				t.Errorf("%d were saved, where two more may be", saved.Load())
			}
		}
	})
}
