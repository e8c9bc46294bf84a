package campaign

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/goods/catalog"
	"hutong/goods/offer"
)

var (
	_ offer.Promises  = (*Service)(nil)
	_ catalog.Pledges = (*Service)(nil)
)

// Pledged are the SKUs of products that are enrolled in sales which are not over, each with its product: shoppers were
// told of them, or are about to be. To take them off sale, the shop withdraws the enrolment first, as far as that can
// still be done, for what that costs.
func (s *Service) Pledged(tx *db.Tx, at time.Time, products []string) (map[string]string, error) {
	return enrolledProducts(tx, products, clock.Micros(at))
}

// Promised is the lowest price at which offers are enrolled in sales that are not over: their floors cannot rise above
// it. To sell for no less, the shop changes or withdraws the enrolment first, as far as that can still be done.
func (s *Service) Promised(tx *db.Tx, at time.Time, offers []offer.ID) (map[offer.ID]int64, error) {
	all, err := enrolledOf(tx, offers, clock.Micros(at))
	lowest := make(map[offer.ID]int64, len(all))
	for _, e := range all {
		if price, there := lowest[e.offer]; !there || e.Least() < price {
			lowest[e.offer] = e.Least()
		}
	}
	return lowest, err
}

// aboveFloor refuses terms that have fallen below the offer's floor. Codes: enrolment.below_floor.
func aboveFloor(tx *db.Tx, e Enrolment) error {
	o, err := heldOffer(tx, e.Shop, e.Offer)
	if err == nil && e.Least() < o.FloorPrice {
		err = fault.New(fault.Unprocessable, "enrolment.below_floor").At("price")
	}
	return err
}
