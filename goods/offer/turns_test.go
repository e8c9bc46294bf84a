package offer_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"hutong/base/money"
)

// An offer that is priced and withdrawn at once keeps the price: what a withdrawal read before does not come back, nor
// does a version that was used.
func TestAWithdrawalTakesNoPriceBack(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		offers, _, err := s.list(s.listing("shp_a", "sku_tea", 1000, 0))
		s.ok(err)
		tea := offers[0].ID
		for round := range 10 {
			var all sync.WaitGroup
			for n := range 8 {
				all.Go(func() {
					var err error
					if n%2 == 0 {
						err = s.Withdraw(context.Background(), "shp_a", tea)
					} else {
						err = s.Reprice(context.Background(), "shp_a", tea, money.New(int64(1000+8*round+n), "CNY"), money.New(0, "CNY"))
					}
					if err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			o, kept := s.load(tea), s.history(tea)
			want := fmt.Sprintf("%d %d/0 at 0", o.Version, o.UnitPrice)
			if int64(len(kept)) != o.Version || kept[len(kept)-1] != want {
				t.Fatalf("the offer says %s, its history %q", want, kept)
			}
		}
	})
}
