package order

import (
	"context"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/party/login"
)

// ListenPersons follows guests into their accounts once more, after the login: an order that was told of meanwhile was
// listed for the guest, by an event that was written before.
func (s *Service) ListenPersons(bus *event.Bus) {
	bus.On(login.ShopperMerged, "order.persons", func(ctx context.Context, e event.Event) error {
		var m login.Merged
		if err := e.Read(&m); err != nil {
			return err
		}
		return s.DB.Write(ctx, func(tx *db.Tx) error { return Person{}.Inherit(tx, e.At, m.From, m.Into) })
	})
}
