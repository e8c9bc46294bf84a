package merchantweb

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"hutong/base/event"
	"hutong/surface/page/browsertest"
	"hutong/trade/aftersale"
	"hutong/trade/checkout"
	"hutong/trade/order"
)

func TestMain(m *testing.M) { browsertest.Main(m) }

// screens are the pages of the desk that are looked at, by the name of their picture.
func (s *stand) screens(id string) map[string]string {
	statement, err := s.Settle.Statements(context.Background(), s.cup.Shop)
	s.Must(err)
	return map[string]string{"today": "/desk", "orders": "/desk/orders", "orders-none": "/desk/orders?show=to_pay",
		"order": "/desk/orders/" + id, "pick": "/desk/orders/pick?order=" + id, "cases": "/desk/cases",
		"ship":  "/desk/orders/ship?order=" + id,
		"staff": "/desk/staff", "keys": "/desk/keys", "record": "/desk/record", "calendar": "/desk/calendar",
		"reviews": "/desk/reviews", "settings": "/desk/settings", "webhooks": "/desk/webhooks", "papers": "/desk/papers",
		"money": "/desk/money", "statement": "/desk/money/" + string(statement[0].ID), "payout": "/desk/payout"}
}

// busy is a shop in the middle of a day.
func busy(t testing.TB) (*stand, string) {
	s := open(t)
	ctx := context.Background()
	var ids, who []string
	for i := range 4 {
		shopper, id := s.Paid(s.cup, int64(i%3+1), checkout.CarrierChoice{})
		ids, who = append(ids, id), append(who, shopper)
		s.Clock.Advance(20 * time.Minute)
	}
	s.tea.Post("/desk/orders/ship", map[string][]string{"order": ids[:2]}).Must(200)
	_, err := s.Ship.Track(ctx)
	s.Must(err)
	s.Must(s.Orders.Receive(ctx, who[0], order.ID(ids[0]), 1))
	_, err = s.Cases.Open(ctx, aftersale.Open{Shopper: who[0], Order: order.ID(ids[0]), Seq: 1, Key: "one-two-three-four",
		Lines: []order.Units{{Line: 1, Units: 1}}, Reason: aftersale.Damaged, Note: "茶罐碎了一只"})
	s.Must(err)
	bus := event.NewBus(s.DB, s.Clock, slog.New(slog.DiscardHandler))
	s.tally.Listen(bus)
	_, err = bus.Dispatch(ctx)
	s.Must(err)
	_, err = s.Settle.Close(ctx, s.cup.Shop, s.Clock.Now())
	s.Must(err)
	for range 40 {
		s.tally.Viewed(s.cup.Shop)
	}
	_, err = s.tally.Flush(ctx)
	s.Must(err)
	return s, ids[3]
}

// TestEveryScreenHoldsInABrowser opens every page of the desk in Chromium, holds it to what all pages are held to, and
// keeps a picture of each.
func TestEveryScreenHoldsInABrowser(t *testing.T) {
	s, id := busy(t)
	for _, l := range browsertest.Two() {
		t.Run(l.String(), func(t *testing.T) {
			b := browsertest.At(t, s.tea.Base(), l)
			b.Go("/enter?name=tea")
			for name, path := range s.screens(id) {
				b.Go(path)
				b.Check()
				if name == "orders" || name == "settings" {
					b.Focus()
				}
				b.Shot("desk-" + name)
			}
		})
	}
}

// TestTheDeskWorksWithoutScript picks, ships and invites in a browser that runs no script.
func TestTheDeskWorksWithoutScript(t *testing.T) {
	s := open(t)
	_, id := s.Paid(s.cup, 1, checkout.CarrierChoice{})
	b := browsertest.At(t, s.tea.Base(), browsertest.Look{NoScript: true})
	b.Go("/enter?name=tea")
	b.Follow(".todo a")
	b.Click("input[name=order]")
	b.Follow(".bulk button[value=ship]")
	b.Follow("form[action='/desk/orders/ship'] button[type=submit]")
	o, err := s.Orders.Sold(context.Background(), s.cup.Shop, order.ID(id))
	s.Must(err)
	if o.Subs[0].State != order.SubShipped {
		t.Errorf("the order is %s", o.Subs[0].State)
	}
	b.Go("/desk/staff")
	b.Click("#invite summary")
	b.Follow("#invite button[type=submit]")
	if !b.Has(".secret-code") {
		t.Errorf("%s: no link", b.Path())
	}
}
