package checkout_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"testing"

	"hutong/trade/checkout"
	"hutong/trade/tradetest"
)

// beside is another node of the same market: a checkout with a lane of its own.
func beside(t *testing.T, m *tradetest.Market) *checkout.Service {
	t.Helper()
	other, err := checkout.New(checkout.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Rand: rand.Reader,
		Key: make([]byte, checkout.KeyLen), Catalog: m.Catalog, Settle: m.Settle, Orders: m.Orders, Ship: m.Ship,
		Deals: m.Deals, Settings: checkout.DefaultSettings()})
	m.Must(err)
	t.Cleanup(other.Close)
	return other
}

// TestR1_OneOrderOnTwoNodesAtOnce: a token that two nodes are given in the same moment is one order, and both say so;
// what a shopper's first two orders are counted by, each on a node of its own, is made once. Nobody is told of an error
// of the market.
func TestR1_OneOrderOnTwoNodesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		shop := m.Shop("shop-one")
		tea, cup := m.Sell(shop, "tea", 20000, 500), m.Sell(shop, "cup", 20000, 500)
		m.Publish(fmt.Sprintf(`{"id":"low","kind":"price","unit_price":19000,"skus":[%q,%q],"per_shopper":4}`, tea.SKU, cup.SKU))
		nodes := []*checkout.Service{m.Checkout, beside(t, m)}
		for round := range 20 {
			who, home := m.Shopper()
			one := m.Quote(who, home, line(string(tea.ID), 1)).Token
			other := m.Quote(who, home, line(string(cup.ID), 1)).Token
			orders := make([]checkout.Placed, 4)
			var all sync.WaitGroup
			from := make(chan struct{})
			for i := range orders {
				token := one
				if i == 3 {
					token = other
				}
				all.Go(func() {
					<-from
					var err error
					if orders[i], err = nodes[i%2].Place(context.Background(), checkout.Place{Token: token, Shopper: who}); err != nil {
						t.Errorf("round %d: %v", round, err)
					}
				})
			}
			close(from)
			all.Wait()
			if orders[0].Order != orders[1].Order || orders[0].Order != orders[2].Order || orders[0].Order == orders[3].Order {
				t.Errorf("round %d: %v", round, orders)
			}
			if u := used(m, "lim:low:"+who); u[0] != 2 {
				t.Errorf("round %d: %v pieces are counted", round, u)
			}
		}
	})
}
