package checkout

import (
	"strings"

	"hutong/deal/promo"
	"hutong/trade/order"
)

// BasisMax bounds the length in bytes of what the price of so many lines came from. A basket under more promotions than
// that is refunded by its pieces' share of the price.
func BasisMax(lines int) int { return 8192 + 512*lines }

// repriceMark begins what stands in a token of the basis of its order; no presale's item has that name.
const repriceMark = "reprice"

// chosenMark stands in a token whose shopper named its vouchers; no presale's item has that name.
const chosenMark = "chosen"

// mode notes on a quote what its price came from, where the market prices again what is left after a refund. What was
// taken off nothing is the same either way. A place in a group may become cheaper, and a balance was agreed with its
// earnest: both give back the pieces' share, as presales do.
func (s *Service) mode(q *Quote, basket promo.Basket, p priced) error {
	if s.reprices == nil || !s.reprices() || len(p.answer.Applied) == 0 || len(q.Balances) > 0 {
		return nil
	}
	for _, a := range p.answer.Applied {
		if strings.HasPrefix(a.Promotion, order.GroupPrice) {
			return nil
		}
	}
	basis, err := p.rules.Basis(basket, p.answer)
	if err == nil && len(basis) <= BasisMax(len(basket.Lines)) {
		q.Order.Basis = basis
	}
	return err
}
