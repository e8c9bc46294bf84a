package node_test

import (
	"testing"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/funds/deposit"
	"hutong/funds/settle"
	"hutong/trade/checkout"
	"hutong/trade/order"
)

// TestNothingIsDrawnForWhoPaidNothing: what is drawn for a shopper goes to whoever paid the order; of one that cost
// nothing nobody did, and a draw for it could never be booked.
func TestNothingIsDrawnForWhoPaidNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		ctx, shop, goods := t.Context(), string(m.shops[0].ID), m.offers[0]
		m.ok(m.Deposits.PayIn(ctx, deposit.Move{Shop: shop, Currency: "CNY", Amount: 10_000, Ref: "bank-7"}))
		buyer := m.guest("buyer")
		who, err := m.Login.Resolve(ctx, buyer.token)
		m.ok(err)
		address := buyer.must(201, "POST", "/api/v1/addresses", addressBody).text("address")
		q, err := m.Checkout.Quote(ctx, who.Shopper, checkout.Basket{Address: address, Lang: text.Zh,
			Lines: []checkout.BasketLine{{Offer: string(goods.ID), Quantity: 1}}})
		m.ok(err)
		sub := &q.Order.Subs[0]
		m.ok(sub.Lines[0].Take([]order.Discount{{Promotion: "gift", Version: 1, Kind: "subsidy", Amount: goods.UnitPrice,
			Funding: []settle.Share{{Party: "platform", Amount: goods.UnitPrice}}}}))
		sub.Goods, sub.Freight, q.Order.Goods, q.Order.Freight, q.Order.Total = 0, 0, 0, 0, 0
		token, err := m.Checkout.Seal(q.Order)
		m.ok(err)
		p, err := m.Checkout.Place(ctx, checkout.Place{Token: token, Shopper: who.Shopper})
		if m.ok(err); p.State != order.Paid {
			t.Fatalf("it is %s", p.State)
		}
		_, err = m.Deposits.Draw(ctx, "lgn_a", shop, deposit.DrawAsked{Currency: "CNY", Amount: 100,
			Payee: deposit.ToShopper, Order: string(p.Order), Why: "so"})
		if !fault.Is(err, "deposit.order") {
			t.Errorf("drawn for who paid nothing: %v", err)
		}
	})
}
