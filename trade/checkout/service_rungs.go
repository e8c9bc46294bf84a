package checkout

import (
	"slices"
	"strings"

	"hutong/base/db"
	"hutong/deal/promo"
	"hutong/trade/order"
)

// rungs prices a line that is bought in a group at the prices that the group may come down to, with what was taken off
// beside the group's price and nothing else, so that the difference can be given back to the cent later, when the
// promotions of now are gone. Without anything beside, the difference is that of the prices, and there are none.
func (s *Service) rungs(tx *db.Tx, basket promo.Basket, p priced) (all []order.Rung, err error) {
	i := slices.IndexFunc(p.answer.Applied, func(a promo.Applied) bool {
		return strings.HasPrefix(a.Promotion, order.GroupPrice)
	})
	if i < 0 || s.groups == nil || len(p.answer.Applied) == 1 {
		return nil, nil
	}
	own := p.answer.Applied[i].Promotion
	n := slices.IndexFunc(p.answer.Lines, func(l promo.LineAnswer) bool {
		return slices.ContainsFunc(l.Discounts, func(d promo.Discount) bool { return d.Promotion == own })
	})
	prices, err := s.groups.Rungs(tx, own)
	if err != nil || n < 0 {
		return nil, err
	}
	basket.Lines = slices.Clone(basket.Lines)
	at := slices.IndexFunc(basket.Lines, func(l promo.Line) bool { return l.ID == p.answer.Lines[n].ID })
	basket.Barred = func(promotion string) bool {
		return promotion == own || !slices.ContainsFunc(p.answer.Applied, func(a promo.Applied) bool {
			return a.Promotion == promotion
		})
	}
	was, mine := paid(p.answer), p.answer.Lines[n].Paid
	for _, price := range prices {
		basket.Lines[at].UnitPrice = price
		lower, err := p.rules.Price(basket)
		if err != nil {
			return nil, err
		}
		off := min(max(was-paid(lower), 0), mine)
		all = append(all, order.Rung{Price: price, Paid: mine - off})
	}
	return all, nil
}

// paid is what all lines of an answer cost.
func paid(a promo.Answer) (sum int64) {
	for _, l := range a.Lines {
		sum += l.Paid
	}
	return sum
}
