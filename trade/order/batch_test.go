package order_test

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

// TestReceiptsTogetherAreToldOfAtTheirInstant: receipts that come at different times and are settled together end at one
// instant, that of their event. Notices and webhooks know by it which parts of an order the event is about.
func TestReceiptsTogetherAreToldOfAtTheirInstant(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		whos, ids := make([]string, 8), make([]order.ID, 8)
		for i := range ids {
			who, p, _ := one(m, 1)
			m.Capture(p, "txn-"+string(p.Order))
			m.Must(shipAll(m, state(m, p.Order)))
			whos[i], ids[i] = who, p.Order
		}
		started, release := make(chan bool), make(chan bool)
		var wg sync.WaitGroup
		wg.Go(func() { // holds everybody up, so that receipts gather
			m.Must(m.DB.Write(ctx, func(tx *db.Tx) error {
				_, err := order.Headers(tx, ids)
				close(started)
				<-release
				return err
			}))
		})
		<-started
		for i, id := range ids {
			wg.Go(func() {
				at := clock.Pin(ctx, m.Clock.Now().Add(time.Duration(i)*time.Second))
				if err := m.Orders.Receive(at, whos[i], id, 1); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(100 * time.Millisecond)
		close(release)
		wg.Wait()
		told := map[order.ID]time.Time{}
		m.Must(m.DB.Read(ctx, func(tx *db.Tx) error {
			return tx.Each(`SELECT at_us, body FROM outbox WHERE topic = 'order.completed'`, func(r db.Row) error {
				var us int64
				var body string
				var moved order.Moved
				err := r.Scan(&us, &body)
				if err == nil {
					err = json.Unmarshal([]byte(body), &moved)
				}
				for _, o := range moved.Orders {
					told[o.Order] = clock.FromMicros(us)
				}
				return err
			})
		}))
		for _, id := range ids {
			if sub := state(m, id).Subs[0]; sub.State != order.SubCompleted || !sub.ClosedAt.Equal(told[id]) {
				t.Errorf("%s closed at %s, told of at %s", sub.State, sub.ClosedAt, told[id])
			}
		}
	})
}
