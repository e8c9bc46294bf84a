package rulebook

import (
	"maps"
	"slices"

	"hutong/base/db"
	"hutong/deal/promo"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/stock"
)

// Shop is the Shelf of the market's own goods: of a promotion that names its SKUs, what they cost and how many of them
// can be sold now. Whole shops and categories are not counted.
type Shop struct {
	Briefs func(tx *db.Tx, skus []catalog.SKUID) (map[catalog.SKUID]catalog.Brief, error) // catalog.Service's
}

var _ Shelf = Shop{}

// Goods are the listed SKUs of the scope.
func (s Shop) Goods(tx *db.Tx, scope promo.Scope) ([]promo.Line, error) {
	if len(scope.SKUs) == 0 {
		return nil, nil
	}
	skus := make([]catalog.SKUID, len(scope.SKUs))
	for i, sku := range scope.SKUs {
		skus[i] = catalog.SKUID(sku)
	}
	briefs, err := s.Briefs(tx, skus)
	if err != nil {
		return nil, err
	}
	products := map[string]bool{}
	for _, b := range briefs {
		products[string(b.Product)] = true
	}
	offers, err := offer.ByProducts(tx, slices.Sorted(maps.Keys(products)))
	if err != nil {
		return nil, err
	}
	return lines(tx, scope, briefs, offers)
}

// lines are the offers in the scope with their free pieces. An empty answer is counted: nothing can be lost.
func lines(tx *db.Tx, scope promo.Scope, briefs map[catalog.SKUID]catalog.Brief, offers map[string][]offer.Offer) (
	[]promo.Line, error) {
	var listed []offer.Offer
	var pools []stock.PoolID
	for _, product := range slices.Sorted(maps.Keys(offers)) {
		for _, o := range offers[product] {
			if o.State == offer.Listed && slices.Contains(scope.SKUs, o.SKU) {
				listed, pools = append(listed, o), append(pools, o.Pool)
			}
		}
	}
	free, err := stock.Free(tx, pools)
	if err != nil {
		return nil, err
	}
	all := make([]promo.Line, len(listed))
	for i, o := range listed {
		all[i] = promo.Line{ID: string(o.ID), Shop: o.Shop, SKU: o.SKU, UnitPrice: o.UnitPrice, Quantity: free[o.Pool],
			Floor: o.FloorPrice, Categories: promo.Path(briefs[catalog.SKUID(o.SKU)].Category)}
	}
	return all, nil
}
