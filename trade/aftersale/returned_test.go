package aftersale_test

import (
	"log/slog"
	"testing"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/trade/aftersale"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// TestParcelThatComesBackOpensACase: for all that is left, once however often it is told; none where nothing is left.
func TestParcelThatComesBackOpensACase(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		bus := event.NewBus(b.DB, b.Clock, slog.New(slog.DiscardHandler))
		b.Cases.Listen(bus)
		cameBack := func(o order.Order) []aftersale.Case {
			for range 2 {
				b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
					return event.Emit(tx, b.IDs, event.Event{Topic: ship.TopicReturned, Subject: string(o.ID),
						Shop: o.Subs[0].Shop, Shopper: o.Shopper, Body: event.Body(map[string]any{"seq": 1}), At: b.Clock.Now()})
				}))
				_, err := bus.Dispatch(ctx)
				b.Must(err)
			}
			all, err := b.Cases.ByOrder(ctx, aftersale.Party{Operator: true}, o.ID)
			b.Must(err)
			return all
		}
		o := b.buy(pieces(3, 1000))
		b.Must(b.send(o, 1))
		all := cameBack(o)
		if len(all) != 1 || all[0].State != aftersale.Opened || all[0].Amount != 3000 || all[0].Reason != aftersale.NotArrived {
			t.Fatalf("%+v", all)
		}
		gone := b.buy(pieces(1, 1000))
		b.Must(b.send(gone, 1))
		_, err := b.Cases.Refund(ctx, aftersale.Refund{By: aftersale.Party{Shop: gone.Subs[0].Shop}, Order: gone.ID, Seq: 1,
			Reason: aftersale.Damaged, Key: b.key()})
		b.Must(err)
		if all := cameBack(gone); len(all) != 1 {
			t.Errorf("%d cases of a parcel that was refunded", len(all))
		}
	})
}
