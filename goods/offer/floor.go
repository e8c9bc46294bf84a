package offer

import (
	"cmp"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
)

// Promises knows the prices that shops have said to sell at, such as in a sale: a floor set above one would take it
// back. It is implemented above this room.
type Promises interface {
	// Promised is the lowest price of a piece that is promised of each of these offers from an instant on, in minor
	// units. The offers are held until the commit; one of which nothing is promised is left out.
	Promised(tx *db.Tx, at time.Time, offers []ID) (map[ID]int64, error)
}

// Plug puts in who knows of promised prices. It is called before anything is sold.
func (s *Service) Plug(all ...Promises) { s.promises = append(s.promises, all...) }

// floored refuses a price below the offer's floor, and a floor that is none: asked tells that the floor was asked for.
func (o Offer) floored(asked bool) error {
	switch {
	case o.FloorPrice < 0 || asked && o.FloorPrice > o.UnitPrice:
		return fault.New(fault.Invalid, "offer.floor_price").At("floor_price")
	case o.FloorPrice > o.UnitPrice:
		return fault.New(fault.Unprocessable, "offer.below_floor",
			fault.P("floor", money.New(o.FloorPrice, o.Currency))).At("unit_price")
	}
	return nil
}

// raise is an offer whose floor was so much before.
type raise struct {
	Offer
	was int64
}

// kept refuses floors that rise above a price that their shop has promised.
func (s *Service) kept(tx *db.Tx, at time.Time, all []raise) error {
	refused, err := s.broken(tx, at, all)
	for _, r := range all {
		if err == nil {
			err = refused[r.ID]
		}
	}
	return err
}

// broken tells of offers why their floors cannot rise so far.
func (s *Service) broken(tx *db.Tx, at time.Time, all []raise) (map[ID]error, error) {
	var rising []ID
	for _, r := range all {
		if r.FloorPrice > r.was {
			rising = append(rising, r.ID)
		}
	}
	refused := map[ID]error{}
	if len(rising) == 0 {
		return refused, nil
	}
	for _, p := range s.promises {
		promised, err := p.Promised(tx, at, rising)
		if err != nil {
			return nil, err
		}
		for _, r := range all {
			if price, there := promised[r.ID]; there && r.FloorPrice > r.was && r.FloorPrice > price {
				refused[r.ID] = fault.New(fault.Conflict, "offer.floor_promised", fault.P("price", money.New(price, r.Currency)),
					fault.P("sku", r.SKU)).At("floor_price")
			}
		}
	}
	return refused, nil
}

// Refused tells which offers, as they are now, could not get the terms of their listings, and why, in the caller's
// transaction. Codes: those of List.
func (s *Service) Refused(tx *db.Tx, at time.Time, was []Offer, listings []Listing) (map[ID]error, error) {
	raises := make([]raise, len(was))
	for i, l := range listings {
		raises[i] = raise{l.on(was[i]), was[i].FloorPrice}
	}
	refused, err := s.broken(tx, at, raises)
	for i, l := range listings {
		if why := cmp.Or(l.valid(), raises[i].floored(l.FloorPrice != nil)); why != nil && err == nil {
			refused[was[i].ID] = why
		}
	}
	return refused, err
}
