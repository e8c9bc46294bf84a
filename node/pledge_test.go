package node_test

import (
	"testing"
	"time"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/goods/catalog"
	"hutong/goods/edit"
)

// TestGoodsInASaleStayOnSale: a shop does not get out of a sale by putting its goods away, neither before it, where it
// can still leave for the penalty, nor while it runs; when it is over, it may. A shop that the market closes is shown in
// no sale, and is there again when it opens.
func TestGoodsInASaleStayOnSale(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		ctx, o := t.Context(), m.offers[0]
		desk := edit.New(edit.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Catalog: m.Catalog, Offers: m.Offers, Stock: m.Stock})
		ids := []catalog.ID{catalog.ID(o.Product)}
		away := edit.Change{Kind: edit.Withdraw}
		id, from := m.session(o, campaign.Terms{Price: 990, Quantity: 20, PerShopper: 2})
		for _, at := range []time.Time{start, from.Add(-time.Hour), from, from.Add(time.Hour - time.Millisecond)} {
			m.at(at)
			_, seen := desk.Preview(ctx, o.Shop, ids, away)
			_, err := desk.Bulk(ctx, o.Shop, ids, away)
			if !fault.Is(seen, "product.pledged") || !fault.Is(err, "product.pledged") {
				t.Errorf("%v: foreseen %v, %v", at.Sub(from), seen, err)
			}
		}
		m.at(from)
		a := m.guest("a")
		inHall := func(want bool, when string) {
			t.Helper()
			m.settle()
			hall, err := m.Flash.Hall(ctx)
			if m.ok(err); (len(hall) == 1) != want || (m.Campaigns.Live().Item(id, from) != nil) != want {
				t.Errorf("%s: the hall shows %+v", when, hall)
			}
		}
		inHall(true, "while it runs")
		m.ok(m.Shops.Close(ctx, m.shops[0].ID))
		inHall(false, "closed")
		m.ok(m.Shops.Reopen(ctx, m.shops[0].ID))
		inHall(true, "open again")
		if got, _ := a.goods(1, o); got != 990 {
			t.Errorf("open again: %v", got)
		}
		m.at(from.Add(time.Hour))
		n, err := desk.Bulk(ctx, o.Shop, ids, away)
		if m.ok(err); n != 1 {
			t.Errorf("after the sale %d were put away", n)
		}
		m.audit()
	})
}

// TestWhatIsPutAwayIsNotTakenIntoASale: a product in the drawer is for sale in no sale either, and of the two at once,
// joining and putting away, one is refused.
func TestWhatIsPutAwayIsNotTakenIntoASale(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		ctx := t.Context()
		for round := range 8 {
			o := m.offers[round%2]
			days := campaign.Window{From: m.clock.Now(), Until: m.clock.Now().Add(24 * time.Hour)}
			c, err := m.Campaigns.Save(ctx, "", 0, campaign.Plan{Title: text.Entry{Zh: "秒杀", En: "Session"}, Channel: campaign.Seckill,
				Recruit: days, Timetable: campaign.EveryHour(days)})
			m.ok(err)
			c, err = m.Campaigns.Publish(ctx, c.ID, c.Version)
			m.ok(err)
			enrol := campaign.Enrol{Shop: o.Shop, Campaign: c.ID, Offer: o.ID,
				Slot:  campaign.Slot{Session: start.Add(3 * time.Hour)},
				Terms: campaign.Terms{Price: 990, Quantity: 1, Part: campaign.Part{Spot: true}}}
			var e campaign.Enrolment
			var joined, away error
			done := make(chan bool, 2)
			go func() { e, joined = m.Campaigns.Enrol(ctx, enrol); done <- true }()
			go func() { away = m.Catalog.Withdraw(ctx, o.Shop, catalog.ID(o.Product)); done <- true }()
			<-done
			<-done
			m.ok(joined)
			switch e.State {
			case campaign.Refused:
				m.ok(away)
				if len(e.Reasons) != 1 || e.Reasons[0].Code != "enrolment.offer" {
					t.Fatalf("%+v", e.Reasons)
				}
				m.ok(m.Catalog.Relist(ctx, o.Shop, catalog.ID(o.Product)))
			default:
				if !fault.Is(away, "product.pledged") {
					t.Fatalf("round %d: enrolled as %s, and put away: %v", round, e.State, away)
				}
				_, err := m.Campaigns.Withdraw(ctx, o.Shop, e.ID, e.Version)
				m.ok(err)
				m.ok(m.Catalog.Withdraw(ctx, o.Shop, catalog.ID(o.Product)))
				m.ok(m.Catalog.Relist(ctx, o.Shop, catalog.ID(o.Product)))
			}
		}
	})
}
