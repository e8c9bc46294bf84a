package campaign_test

import (
	"testing"
	"time"

	"hutong/deal/campaign"
	"hutong/deal/promo"
)

// TestR19_ItemsArePricedInTheirWindow: what is live prices a basket at the sale's terms in [From, Until) and not a
// millisecond outside (FAULTS R19), and says which pool and limit hold.
func TestR19_ItemsArePricedInTheirWindow(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		plan := sale(campaign.Rule{})
		plan.Switches.Presale = true
		plan.Waves[0].Phases = append(plan.Waves[0].Phases,
			campaign.Phase{Stage: campaign.Earnest, Window: campaign.Window{From: day(7), Until: day(9)}},
			campaign.Phase{Stage: campaign.Balance, Window: campaign.Window{From: day(10), Until: day(11)}})
		c := f.publish(plan)
		cmd := enrol(c, f.list("shp_a", "sku_a", 100, 20), 80, 5)
		cmd.Presale, cmd.Earnest, cmd.Worth = true, 10, 20
		e := f.accepted(cmd)
		f.clock.Set(day(6))
		f.run(f.Lock)
		rules, err := promo.Compile(promo.Parallel, f.Live().Promotions())
		f.ok(err)
		if len(f.Live().Items) != 2 {
			t.Fatal(f.Live().Items)
		}
		// Only who pays the earnest has the presale's price: their basket names the item.
		var claimed []promo.Claimed
		for _, i := range f.Live().Items {
			if i.Stage == campaign.Earnest {
				claimed = []promo.Claimed{{Promotion: i.PriceID()}, {Promotion: i.Cut()}}
			}
		}
		paid := func(at time.Time, claimed []promo.Claimed) int64 {
			a, err := rules.Price(promo.Basket{Currency: "CNY", At: at, Claimed: claimed,
				Lines: []promo.Line{{ID: "1", Shop: "shp_a", SKU: "sku_a", UnitPrice: 100, Quantity: 1}}})
			f.ok(err)
			return a.Lines[0].Paid
		}
		for _, x := range []struct {
			at   time.Time
			want int64
		}{{day(7).Add(-time.Millisecond), 100}, {day(7), 70}, {day(9).Add(-time.Millisecond), 70}, {day(9), 100},
			{day(10).Add(-time.Millisecond), 100}, {day(10), 80}, {day(10).Add(time.Millisecond), 80},
			{day(12).Add(-time.Millisecond), 80}, {day(12), 100}} {
			if got := paid(x.at, claimed); got != x.want {
				t.Errorf("%v: %d, want %d", x.at, got, x.want)
			}
		}
		if got := paid(day(8), nil); got != 100 {
			t.Errorf("who does not pay the earnest is asked %d", got)
		}
		for _, i := range f.Live().Items {
			p := i.Promotions()[0]
			if p.Pool != string(f.get(e.ID).Pool) || p.PerShopper != 1 || p.Version != f.get(e.ID).Version {
				t.Errorf("%+v", p)
			}
		}
	})
}
