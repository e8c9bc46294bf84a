package offer_test

import (
	"testing"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/money"
	"hutong/goods/offer"
)

func TestLowestOfferedOfASpan(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		made, _, err := s.list(s.listing("shp", "sku", 500, 0))
		s.ok(err)
		for _, step := range []struct {
			day   int
			price int64
		}{{10, 300}, {20, 900}, {25, 700}} {
			at := clock.Pin(t.Context(), start.AddDate(0, 0, step.day))
			s.ok(s.Reprice(at, "shp", made[0].ID, money.New(step.price, "CNY"), money.New(0, "CNY")))
		}
		for _, x := range []struct {
			from, until int // days
			want        int64
		}{{0, 5, 500}, {5, 11, 300}, {5, 10, 500}, {15, 30, 300}, {20, 30, 700}, {20, 25, 900}, {21, 24, 900}, {-5, 0, 0}, {-5, 1, 500}} {
			for shop, want := range map[string]int64{"shp": x.want, "another": 0} {
				s.ok(s.db.Read(t.Context(), func(tx *db.Tx) error {
					low, found, err := offer.LowestOffered(tx, shop, "sku", start.AddDate(0, 0, x.from), start.AddDate(0, 0, x.until))
					if found != (want > 0) || low.UnitPrice != want {
						t.Errorf("%s %+v: %+v", shop, x, low)
					}
					return err
				}))
			}
		}
	})
}
