package ship_test

import (
	"fmt"
	"sync"
	"testing"

	"hutong/base/fault"
	"hutong/trade/ship"
)

// Points that a shop opens at once pass no bound.
func TestPointsOpenedAtOncePassNoBound(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for round := range 5 {
			shop := fmt.Sprint("shp_", round)
			save := func(n int) error {
				return b.Ship.SavePoint(ctx, shop, ship.Point{Code: fmt.Sprint("p", n), Zh: "甲", En: "A", Address: "1"})
			}
			for n := range 48 {
				b.Must(save(n))
			}
			var all sync.WaitGroup
			for n := range 8 {
				all.Go(func() {
					if err := save(100 + n); err != nil && !fault.Is(err, "ship.points_many") {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if points, err := b.Ship.Points(ctx, shop); err != nil || len(points) != 50 {
				t.Errorf("%d points, %v", len(points), err)
			}
		}
	})
}
