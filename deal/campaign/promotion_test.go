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
		for _, x := range []struct {
			at   time.Time
			want int64
		}{{day(7).Add(-time.Millisecond), 100}, {day(7), 70}, {day(9).Add(-time.Millisecond), 70}, {day(9), 100},
			{day(10).Add(-time.Millisecond), 100}, {day(10), 80}, {day(10).Add(time.Millisecond), 80},
			{day(12).Add(-time.Millisecond), 80}, {day(12), 100}} {
			a, err := rules.Price(promo.Basket{Currency: "CNY", At: x.at,
				Lines: []promo.Line{{ID: "1", Shop: "shp_a", SKU: "sku_a", UnitPrice: 100, Quantity: 1}}})
			if err != nil || a.Lines[0].Paid != x.want {
				t.Errorf("%v: %d, want %d (%v)", x.at, a.Lines[0].Paid, x.want, err)
			}
		}
		for _, i := range f.Live().Items {
			p := i.Promotions()[0]
			if p.Pool != string(f.get(e.ID).Pool) || p.PerShopper != 1 || p.Version != f.get(e.ID).Version {
				t.Errorf("%+v", p)
			}
		}
	})
}
