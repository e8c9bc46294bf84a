package rulebook

import (
	"slices"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/deal/promo"
)

// floors refuses a price of items that is below the floor that the shop of one of them has set. What takes a part off a
// price, or a sum, is no price: the engine stops it at the floor. Codes: promo.below_floor.
func (s *Service) floors(tx *db.Tx, p *promo.Promotion) error {
	price, is := p.Terms.(promo.UnitCut)
	if s.Shelf == nil || !is || price.Lane(p.Scope) != promo.LaneItemPrice {
		return nil
	}
	goods, err := s.Shelf.Goods(tx, p.Scope)
	if err != nil {
		return err
	}
	for i := range goods {
		l := &goods[i]
		if p.Scope.Covers(l) && price.Unit(l.UnitPrice) < l.Floor {
			return fault.New(fault.Unprocessable, "promo.below_floor", fault.P("sku", l.SKU)).At("unit_price")
		}
	}
	return nil
}

// firm are goods as a promotion's worst case counts them: at their floors where their shops pay for it, and without
// them where others do, for a shop may take its floor away.
func firm(goods []promo.Line, p *promo.Promotion) []promo.Line {
	if !slices.ContainsFunc(p.Funding, func(f promo.Share) bool { return f.Party != promo.Merchant }) {
		return goods
	}
	goods = slices.Clone(goods)
	for i := range goods {
		goods[i].Floor = 0
	}
	return goods
}
