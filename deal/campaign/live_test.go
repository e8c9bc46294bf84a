package campaign_test

import (
	"fmt"
	"testing"
	"time"

	"hutong/base/fault"
	"hutong/deal/campaign"
	"hutong/deal/reference"
	"hutong/goods/offer"
)

func TestLiveItemsFollowWhatHappens(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		c := f.publish(sale(campaign.Rule{}))
		o := f.list("shp_a", "sku_a", 100, 20)
		e := f.accepted(enrol(c, o, 90, 5))
		f.accepted(enrol(c, f.list("shp_b", "sku_b", 50, 20), 40, 5))
		f.clock.Set(day(6))
		f.run(f.Lock)
		if all := f.Active(day(9)); len(all) != 2 || f.Live().Of("sku_a", day(9)) != nil {
			t.Fatal(all)
		}
		for at, want := range map[time.Time]int{day(9): 1, day(11): 1, day(12): 0} {
			n := 0
			f.Live().ForSKU("sku_a", at, func(i *campaign.Item) bool { n++; return true })
			if n != want || len(f.Active(at)) != 2*want {
				t.Error(at, n, f.Active(at))
			}
		}
		for _, x := range []struct {
			at time.Time
			in bool
		}{{day(10).Add(-time.Millisecond), false}, {day(10), true}, {day(12).Add(-time.Millisecond), true}, {day(12), false}} {
			if got := f.Live().Of("sku_a", x.at); (got != nil) != x.in {
				t.Error(x.at, got)
			}
		}
		f.clock.Set(day(11))
		if _, err := f.Withdraw(t.Context(), "shp_a", e.ID, f.get(e.ID).Version); !fault.Is(err, "enrolment.running") {
			t.Fatal(err)
		}
		f.ok(f.offers.Withdraw(t.Context(), "shp_a", o.ID))
		f.run(f.bus.Dispatch)
		if f.Live().Of("sku_a", day(11)) != nil || f.Live().Of("sku_b", day(11)) == nil {
			t.Fatal("an offer that is withdrawn is still in the sale")
		}
	})
}

// TestP14_TheKillSwitchIsFeltAtOnce: an item with a wrong price leaves the sale on this node with the operator's word,
// and on another one with its next look, a second later.
func TestP14_TheKillSwitchIsFeltAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		c := f.publish(sale(campaign.Rule{}))
		other := f.accepted(enrol(c, f.list("shp_b", "sku_b", 50, 20), 40, 5))
		f.clock.Set(day(6))
		f.run(f.Lock)
		f.clock.Set(day(11))
		second := campaign.New(f.Deps)
		_, err := second.Refresh(t.Context())
		f.ok(err)
		if second.Live().Of("sku_b", day(11)) == nil {
			t.Fatal("nothing is live at the other node")
		}
		_, err = f.Remove(t.Context(), campaign.Remove{By: "lgn_op", ID: other.ID, Version: f.get(other.ID).Version, Why: "typo"})
		f.ok(err)
		if f.Live().Of("sku_b", day(11)) != nil {
			t.Fatal("it is not felt here")
		}
		_, err = second.Refresh(t.Context())
		f.ok(err)
		if second.Live().Of("sku_b", day(11)) != nil {
			t.Fatal("it is not felt there")
		}
		if err := f.hold("ord_late", f.get(other.ID).Pool, 1); !fault.Is(err, "stock.closed") {
			t.Fatal("the pool still sells:", err)
		}
		f.run(f.Return)
		if p := f.pool(f.get(other.ID).Pool); p.OnHand() != 0 {
			t.Fatal(p)
		}
	})
}

func TestACancelledCampaignGivesEverythingBack(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		c := f.publish(sale(campaign.Rule{}))
		offers := []offer.Offer{}
		for n := range 3 {
			offers = append(offers, f.list("shp_a", fmt.Sprint("sku_", n), 100, 20))
			f.accepted(enrol(c, offers[n], 90, 5))
		}
		f.clock.Set(day(6))
		f.run(f.Lock)
		c, err := f.Cancel(t.Context(), c.ID, c.Version)
		f.ok(err)
		if len(f.Active(day(7))) != 0 {
			t.Fatal("a cancelled sale is live")
		}
		f.run(f.Return)
		for _, o := range offers {
			if f.pool(o.Pool).Free() != 20 {
				t.Fatal(f.pool(o.Pool))
			}
		}
		all, err := f.ByCampaign(t.Context(), c.ID, "", 10)
		if err != nil || len(all) != 3 || all[0].State != campaign.Withdrawn {
			t.Fatal(all, err)
		}
	})
}

func TestDraftsAndTheirVersions(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		ctx := t.Context()
		c, err := f.Save(ctx, "", 0, sale(campaign.Rule{}))
		f.ok(err)
		o := f.list("shp_a", "sku_a", 100, 20)
		if _, err := f.Enrol(ctx, enrol(c, o, 90, 5)); !fault.Is(err, "enrolment.not_recruiting") {
			t.Fatal("enrolled in a draft:", err)
		}
		if _, err := f.Save(ctx, c.ID, c.Version+1, c.Plan); !fault.Is(err, "campaign.changed") {
			t.Fatal(err)
		}
		c, err = f.Save(ctx, c.ID, c.Version, c.Plan)
		f.ok(err)
		c, err = f.Publish(ctx, c.ID, c.Version)
		f.ok(err)
		if _, err := f.Save(ctx, c.ID, c.Version, c.Plan); !fault.Is(err, "campaign.published") {
			t.Fatal(err)
		}
		if _, err := f.Publish(ctx, c.ID, c.Version); !fault.Is(err, "campaign.published") {
			t.Fatal(err)
		}
		for code, spoil := range map[string]func(*campaign.Enrol){
			"campaign.not_found": func(e *campaign.Enrol) { e.Campaign = "cmp_x" },
			"enrolment.slot":     func(e *campaign.Enrol) { e.Slot.Wave = 2 },
			"offer.not_found":    func(e *campaign.Enrol) { e.Shop = "shp_b" },
			"enrolment.part":     func(e *campaign.Enrol) { e.Part = campaign.Part{Presale: true}; e.Earnest, e.Worth = 1, 1 },
		} {
			cmd := enrol(c, o, 90, 5)
			spoil(&cmd)
			if _, err := f.Enrol(ctx, cmd); !fault.Is(err, code) {
				t.Errorf("%s: %v", code, err)
			}
		}
		f.ok(f.SetStanding(ctx, "shp_a", campaign.ShopStanding{Score: 480, Deposit: 5}))
		f.ok(f.SetStanding(ctx, "shp_a", campaign.ShopStanding{Score: 470, Deposit: 5}))
		if all, err := f.Campaigns(ctx, "", 10); err != nil || len(all) != 1 || all[0].Version != c.Version {
			t.Fatal(all, err)
		}
		f.clock.Set(day(5))
		if _, err := f.Enrol(ctx, enrol(c, o, 90, 5)); !fault.Is(err, "enrolment.not_recruiting") {
			t.Fatal(err)
		}
	})
}

// TestP7_AnEnrolmentCannotClaimAPriceThatNobodyPaid: the struck price of an enrolment is held against history, and what
// is refused is on the operator's list.
func TestP7_AnEnrolmentCannotClaimAPriceThatNobodyPaid(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		c := f.publish(sale(campaign.Rule{}))
		o := f.list("shp_a", "sku_a", 12_900, 20)
		f.deals["sku_a"] = []reference.Deal{{Amount: 8900, Order: "ord_1", At: day(4)}}
		cmd := enrol(c, o, 8500, 5)
		cmd.Strike = 12_900
		e, err := f.Enrol(t.Context(), cmd)
		if err != nil || e.State != campaign.Refused || e.Reasons[0].Code != "reference.strike" || e.Reasons[0].Params["source"] != "ord_1" {
			t.Fatal(e, err)
		}
		if all, err := f.Reference.Refused(t.Context(), "", 10); err != nil || len(all) != 1 || all[0].Shop != "shp_a" {
			t.Fatal(all, err)
		}
		cmd.Strike = 8900
		if e, err = f.Enrol(t.Context(), cmd); err != nil || e.State != campaign.Applied {
			t.Fatal(e, err)
		}
	})
}
