package order_test

import (
	"log/slog"
	"sync"
	"testing"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/trade/checkout"
	"hutong/trade/tradetest"
)

// TestListsOfMoreThanOneWrite: more orders than are put on lists at once are all on the lists of those whose they are.
func TestListsOfMoreThanOneWrite(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		const many = 550 // of each of two: more than a thousand
		tea := m.Sell(m.Shop("shop-a"), "tea", 100, 2*many)
		var placing sync.WaitGroup
		for range 2 {
			who, home := m.Shopper()
			quoted := m.Quote(who, home, checkout.BasketLine{Offer: string(tea.ID), Quantity: 1}).Order
			for range many {
				token, err := m.Checkout.Seal(quoted)
				m.Must(err)
				placing.Go(func() {
					if _, err := m.Checkout.Place(ctx, checkout.Place{Token: token, Shopper: who}); err != nil {
						t.Error(err)
					}
				})
			}
		}
		placing.Wait()
		bus := event.NewBus(m.DB, m.Clock, slog.New(slog.DiscardHandler))
		m.Orders.Listen(bus)
		for waiting := int64(1); waiting > 0; {
			_, err := bus.Dispatch(ctx)
			m.Must(err)
			waiting, err = bus.Waiting(ctx)
			m.Must(err)
		}
		m.Must(m.DB.Read(ctx, func(tx *db.Tx) error {
			n, _, err := db.Value[int64](tx, `SELECT COUNT(*) FROM shopper_orders s
				JOIN orders o ON o.id = s.order_id AND o.shopper_id = s.shopper_id`)
			if n != 2*many {
				t.Errorf("%d of %d orders are on lists", n, 2*many)
			}
			return err
		}))
	})
}
