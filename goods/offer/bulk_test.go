package offer_test

import (
	"context"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/goods/offer"
)

func (s *shelf) set(shop string, all ...offer.Terms) (changed []offer.Offer, err error) {
	err = s.db.Write(context.Background(), func(tx *db.Tx) error {
		changed, err = s.Set(tx, s.clock.Now(), shop, all)
		return err
	})
	return changed, err
}

// TestManyOffersAreSet: prices are new versions, a withdrawn offer stays withdrawn under a new price, and one that is
// refused changes none.
func TestManyOffersAreSet(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		tea, cup := s.listing("shp_a", "sku_tea", 1999, 2999), s.listing("shp_a", "sku_cup", 500, 0)
		offers, _, err := s.list(tea, cup)
		s.ok(err)
		a, b := offers[0].ID, offers[1].ID
		s.clock.Advance(time.Second)
		changed, err := s.set("shp_a", offer.Terms{Offer: a, UnitPrice: 1500, ListPrice: 2999, State: offer.Withdrawn},
			offer.Terms{Offer: b, UnitPrice: 500, State: offer.Listed})
		s.ok(err)
		if len(changed) != 1 || changed[0].ID != a || s.open(tea.Pool) || !s.open(cup.Pool) {
			t.Fatalf("%+v", changed)
		}
		s.want(a, 1500, 2, offer.Withdrawn, "1 1999/2999 at 0", "2 1500/2999 at 1")
		_, err = s.set("shp_a", offer.Terms{Offer: a, UnitPrice: 1600, State: offer.Withdrawn})
		s.ok(err)
		s.want(a, 1600, 3, offer.Withdrawn, "1 1999/2999 at 0", "2 1500/2999 at 1", "3 1600/0 at 1")
		told := s.told()
		for name, c := range map[string]struct {
			shop, code string
			terms      offer.Terms
		}{
			"another's":    {"shp_b", "offer.not_found", offer.Terms{Offer: b, UnitPrice: 1, State: offer.Listed}},
			"no such":      {"shp_a", "offer.not_found", offer.Terms{Offer: "off_none", UnitPrice: 1, State: offer.Listed}},
			"free":         {"shp_a", "offer.price", offer.Terms{Offer: b, State: offer.Listed}},
			"struck below": {"shp_a", "offer.list_price", offer.Terms{Offer: b, UnitPrice: 9, ListPrice: 8, State: offer.Listed}},
		} {
			first := offer.Terms{Offer: a, UnitPrice: 7, State: offer.Listed}
			if _, err := s.set(c.shop, first, c.terms); !fault.Is(err, c.code) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if s.load(a).UnitPrice != 1600 || len(s.told()) != len(told) {
			t.Error("a refused call changed something")
		}
		_, err = s.set("shp_a", offer.Terms{Offer: a, UnitPrice: 1600, State: offer.Listed})
		s.ok(err)
		if !s.open(tea.Pool) {
			t.Error("listed again, but its pool is closed")
		}
	})
}
