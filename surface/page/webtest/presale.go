package webtest

import (
	"fmt"
	"time"

	"hutong/deal/promo"
	"hutong/deal/promo/standard"
	"hutong/goods/offer"
	"hutong/trade/checkout"
	"hutong/trade/tradetest"
)

// Presell makes an offer the item of a presale at a price, with an earnest that counts for more, and puts its
// promotions into force beside others, each a JSON object as the rule book reads it. The balance opens after ten
// minutes and is due a day later.
func (m *Market) Presell(o offer.Offer, price, earnest, worth int64, others ...string) checkout.PresaleItem {
	m.t.Helper()
	i := checkout.PresaleItem{ID: "enr_1", Offer: string(o.ID), Price: "enr_1/earnest", Cut: "enr_1/worth",
		Earnest: earnest, Worth: worth, Opens: m.Clock.Now().Add(10 * time.Minute),
		Due: m.Clock.Now().Add(24 * time.Hour), ShipDays: 5}
	texts := append(others,
		fmt.Sprintf(`{"id":%q,"kind":"price","shop":%q,"skus":[%q],"unit_price":%d,"claim":true}`,
			i.Price, o.Shop, o.SKU, price),
		fmt.Sprintf(`{"id":%q,"kind":"presale","shop":%q,"skus":[%q],"earnest":%d,"worth":%d,"claim":true}`,
			i.Cut, o.Shop, o.SKU, earnest, worth))
	all := make([]promo.Promotion, len(texts))
	for n, p := range texts {
		var err error
		all[n], err = standard.Kinds().Decode([]byte(p))
		m.Must(err)
		all[n].Version = 1
	}
	rules, err := promo.Compile(promo.Parallel, all)
	m.Must(err)
	m.prices.now.Store(rules.At(m.prices.n.Add(1)))
	m.Checkout.PlugPresales(tradetest.Presales{i.ID: i})
	m.Orders.PlugBalances(m.Checkout)
	return i
}
