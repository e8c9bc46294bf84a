package node_test

import (
	"fmt"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/deal/campaign"
	"hutong/deal/quota"
	torder "hutong/trade/order"
)

// pieces are what a shopper's limit of an item counts.
func (m *market) pieces(item campaign.EnrolmentID, shopper string) (n int64) {
	m.t.Helper()
	m.ok(m.DB.Read(m.t.Context(), func(tx *db.Tx) error {
		name := quota.Limit(string(item), shopper)
		all, err := quota.Counts(tx, []string{name})
		n = all[name].Used
		return err
	}))
	return n
}

// back refunds pieces of a line before it is sent.
func (m *market) back(id torder.ID, line, units int64) {
	m.t.Helper()
	m.ok(m.DB.Write(m.t.Context(), func(tx *db.Tx) error {
		_, err := m.Orders.Refund(tx, torder.Refund{Order: id, Seq: 1, Lines: []torder.Units{{Line: line, Units: units}},
			Restock: true, Cause: torder.Cause{Actor: "shopper", Why: "refunded", At: m.clock.Now()}})
		return err
	}))
}

// TestALimitComesBackWithItsOwnPieces: a sale's pieces that were sold at the ordinary price stand on their line without a
// discount. What a refund gives back of their limit is theirs, whatever else is in the order.
func TestALimitComesBackWithItsOwnPieces(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		tea := m.offers[0]
		cup := m.another(tea, "cup", 2990)
		item, from := m.session(tea, campaign.Terms{Price: 990, Quantity: 20, PerShopper: 2})
		m.at(from.Add(-1))
		m.at(from)
		m.ok(m.Offers.Reprice(t.Context(), tea.Shop, tea.ID, money.New(900, tea.Currency), money.New(0, tea.Currency)))
		m.at(from)
		a := m.guest("a")
		id := torder.ID(a.order(2, tea, cup))
		a.payAt(a.begin(string(id), "redbean"))
		m.settle()
		o, err := m.Orders.Any(t.Context(), id)
		m.ok(err)
		if l := o.Lines()[0]; l.Paid != 1800 || l.Pool == string(tea.Pool) || m.pieces(item, o.Shopper) != 2 {
			t.Fatalf("%+v, the limit counts %d", l, m.pieces(item, o.Shopper))
		}
		for n, want := range []int64{2, 1, 0} {
			if got := m.pieces(item, o.Shopper); got != want {
				t.Errorf("%d pieces went back, the limit counts %d", n, got)
			}
			if n < 2 {
				m.back(id, 1, 1)
			}
		}
	})
}

// TestAPresalesLimitComesBackOnce: a presale takes off by its price and by what its earnest is worth, and both are of one
// item: of three pieces of which one is refunded, two count.
func TestAPresalesLimitComesBackOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		o := m.offers[0]
		item, due := m.presale(o, campaign.Terms{Price: 1800, Quantity: 20, PerShopper: 9, Earnest: 300, Worth: 900,
			Part: campaign.Part{Presale: true}})
		m.at(start.Add(time.Hour))
		a := m.guest("a")
		address := a.must(201, "POST", "/api/v1/addresses", addressBody).text("address")
		token := a.must(200, "POST", "/api/v1/quotes", fmt.Sprintf(`{"presale":%q,"lines":[{"offer":%q,"quantity":3}],"address":%q}`,
			item, o.ID, address)).text("token")
		id := a.must(201, "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q,"agreed":true}`, token)).text("order")
		a.payAt(a.begin(id, "redbean"))
		m.settle()
		m.at(due.From)
		a.payAt(a.begin(id, "redbean"))
		m.settle()
		bought, err := m.Orders.Any(t.Context(), torder.ID(id))
		m.ok(err)
		before := m.pieces(item, bought.Shopper)
		m.back(bought.ID, 1, 1)
		if got := m.pieces(item, bought.Shopper); bought.State != torder.Paid || before != 3 || got != 2 {
			t.Errorf("%s, the limit counted %d, and %d after one piece went back", bought.State, before, got)
		}
	})
}
