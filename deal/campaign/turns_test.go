package campaign_test

import (
	"fmt"
	"sync"
	"testing"

	"hutong/base/fault"
	"hutong/deal/campaign"
)

// A shop that enrols many things at once passes no bound on how many of them take part: what is counted is counted one
// enrolment after the other.
func TestEnrolmentsAtOncePassNoBound(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		const tries = 8
		atOnce := func(command func(n int) campaign.Enrol) (in int) {
			var mu sync.Mutex
			var all sync.WaitGroup
			asked := make([]campaign.Enrol, tries)
			for n := range asked {
				asked[n] = command(n)
			}
			for _, cmd := range asked {
				all.Go(func() {
					e, err := f.Enrol(t.Context(), cmd)
					mu.Lock()
					defer mu.Unlock()
					if err != nil {
						t.Error(err)
					} else if e.State == campaign.Applied {
						in++
					}
				})
			}
			all.Wait()
			return in
		}
		daily := f.publish(sale(campaign.Rule{PerShopDay: 3}))
		if in := atOnce(func(n int) campaign.Enrol {
			return enrol(daily, f.list("shp_a", fmt.Sprint("sku_", n), 10_000, 10), 8000, 10)
		}); in != 3 {
			t.Errorf("%d take part on one day, where three may", in)
		}
		one := f.list("shp_b", "sku_one", 10_000, 100)
		if in := atOnce(func(int) campaign.Enrol {
			return enrol(f.publish(sale(campaign.Rule{})), one, 8000, 10)
		}); in != 1 {
			t.Errorf("a SKU is sold in %d sales at the same time", in)
		}
		two := f.list("shp_c", "sku_two", 10_000, 100)
		if in := atOnce(func(n int) campaign.Enrol {
			p := sale(campaign.Rule{FlashRange: true})
			p.Waves[0].Phases[1].Window = campaign.Window{From: day(10 + n), Until: day(11 + n)}
			p.Waves[0].Phases = p.Waves[0].Phases[1:]
			return enrol(f.publish(p), two, 8000, 10)
		}); in != 1 {
			t.Errorf("a product has %d flash tasks", in)
		}
	})
}

// Nothing takes part in a sale that is called off, also of what is enrolled at that moment.
func TestWhatIsEnrolledAsASaleIsCalledOffGoesWithIt(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		const tries = 8
		for round := range 5 {
			c := f.publish(sale(campaign.Rule{}))
			asked := make([]campaign.Enrol, tries)
			for n := range asked {
				shop := fmt.Sprintf("shp_%d_%d", round, n)
				asked[n] = enrol(c, f.list(shop, "sku_"+shop, 10_000, 10), 8000, 10)
			}
			var all sync.WaitGroup
			first := make(chan struct{}, tries)
			for _, cmd := range asked {
				all.Go(func() {
					if _, err := f.Enrol(t.Context(), cmd); err != nil && !fault.Is(err, "enrolment.not_recruiting") {
						t.Error(err)
					}
					first <- struct{}{}
				})
			}
			<-first
			if _, err := f.Cancel(t.Context(), c.ID, c.Version); err != nil {
				t.Fatal(err)
			}
			all.Wait()
			left, err := f.ByCampaign(t.Context(), c.ID, "", 100)
			f.ok(err)
			for _, e := range left {
				if e.State.Open() {
					t.Errorf("%s takes part in a sale that was called off: %s", e.Shop, e.State)
				}
			}
		}
	})
}
