package offer

import (
	"time"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/goods/stock"
)

// Terms are what an offer shall be from now on.
type Terms struct {
	Offer                ID
	UnitPrice, ListPrice int64  // minor units, in the offer's currency
	FloorPrice           *int64 // nil leaves what the offer has
	State                State
}

// Set changes offers of a shop in the caller's transaction, all or none: prices, each change a new version, floors, and
// whether they are listed. What does not differ is not written. It tells the offers that changed, as they are now, and
// is safe to repeat. Codes: offer.not_found, offer.price, offer.list_price, offer.floor_price, offer.below_floor,
// offer.floor_promised.
func (s *Service) Set(tx *db.Tx, at time.Time, shop string, all []Terms) (changed []Offer, err error) {
	now, err := s.locked(tx, shop, all)
	if err != nil {
		return nil, err
	}
	var repriced []Offer
	var sets []set
	open := map[bool][]stock.PoolID{}
	for _, t := range all {
		o := now[t.Offer]
		was := o
		l := Listing{UnitPrice: t.UnitPrice, ListPrice: t.ListPrice}
		if err := l.valid(); err != nil {
			return nil, err
		}
		priced, moved, floor := o.UnitPrice != t.UnitPrice || o.ListPrice != t.ListPrice, o.State != t.State, o.FloorPrice
		o.UnitPrice, o.ListPrice, o.State = t.UnitPrice, t.ListPrice, t.State
		if t.FloorPrice != nil {
			o.FloorPrice = *t.FloorPrice
		}
		if err := o.floored(t.FloorPrice != nil); err != nil {
			return nil, err
		}
		if !priced && !moved && o.FloorPrice == floor {
			continue
		}
		if priced {
			o.Version++
			repriced = append(repriced, o)
		}
		if moved {
			open[o.State == Listed] = append(open[o.State == Listed], o.Pool)
		}
		now[t.Offer] = o
		sets = append(sets, set{was, o})
		changed = append(changed, o)
	}
	if err := s.history(tx, at, repriced, sets); err != nil {
		return nil, err
	}
	if err := update(tx, changed); err != nil {
		return nil, err
	}
	for listed, pools := range open {
		if err := stock.SetOpen(tx, pools, listed); err != nil {
			return nil, err
		}
	}
	return changed, s.tellAll(tx, at, shop, changed)
}

// locked reads the offers that the terms name, locked; each must be the shop's.
func (s *Service) locked(tx *db.Tx, shop string, all []Terms) (map[ID]Offer, error) {
	ids := make([]ID, len(all))
	for i, t := range all {
		ids[i] = t.Offer
	}
	named, err := Load(tx, ids)
	if err != nil {
		return nil, err
	}
	skus := make([]string, 0, len(named))
	for _, id := range ids {
		o, ok := named[id]
		if !ok || o.Shop != shop {
			return nil, fault.New(fault.NotFound, "offer.not_found")
		}
		skus = append(skus, o.SKU)
	}
	fresh, err := bySKU(tx, skus)
	now := make(map[ID]Offer, len(fresh))
	for _, o := range fresh {
		now[o.ID] = o
	}
	return now, err
}

func (s *Service) tellAll(tx *db.Tx, at time.Time, shop string, changed []Offer) error {
	if len(changed) == 0 {
		return nil
	}
	products := make([]string, len(changed))
	for i, o := range changed {
		products[i] = o.Product
	}
	return event.Emit(tx, s.ids, event.Event{Topic: Changed, Subject: shop, Shop: shop, At: at,
		Body: event.Body(ChangedBody{IDs: distinct(products)})})
}
