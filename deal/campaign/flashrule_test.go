package campaign_test

import (
	"slices"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/campaign"
	"hutong/goods/offer"
)

// wechat is a rule of flash prices alone.
var wechat = campaign.Rule{FlashRange: true}

// codes are the reasons against an enrolment.
func codes(e campaign.Enrolment) (all []string) {
	for _, r := range e.Reasons {
		all = append(all, r.Code)
	}
	return all
}

// tasks publishes a seckill of sessions at noon and at 20:00, of an hour each, from day 10 on.
func (f *fair) tasks(rule campaign.Rule, days int) campaign.Campaign {
	return f.publish(campaign.Plan{Title: both("秒杀"), Channel: campaign.Seckill, Recruit: campaign.Window{From: day(0),
		Until: day(500)}, Timetable: &campaign.Timetable{Days: campaign.Window{From: day(10), Until: day(10 + days)},
		Starts: []int64{720, 1200}, Minutes: 60}, Rule: rule})
}

// sameProduct makes another SKU one of an offer's product.
func (f *fair) sameProduct(o, sibling offer.Offer) {
	f.t.Helper()
	f.ok(f.db.Write(f.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE offers SET product_id = $2 WHERE id = $1`, sibling.ID, o.Product)
		return err
	}))
}

func in(c campaign.Campaign, o offer.Offer, session time.Time) campaign.Enrol {
	cmd := enrol(c, o, 8_000, 10)
	cmd.Slot = campaign.Slot{Session: session}
	return cmd
}

// TestT1_2c_AFlashSaleLastsADay: under WeChat's rule what is sold for 24 hours takes part and what is sold for a
// microsecond longer does not; without the rule it does.
func TestT1_2c_AFlashSaleLastsADay(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		for n, c := range []struct {
			rule campaign.Rule
			over time.Duration
			want []string
		}{{wechat, 0, nil}, {wechat, time.Microsecond, []string{"enrolment.flash_hours"}}, {campaign.Rule{}, time.Hour, nil}} {
			p := sale(c.rule)
			p.Waves[0].Phases[1].Window.Until = day(11).Add(c.over)
			o := f.list("shp_a", "sku"+string(rune('a'+n)), 10_000, 100)
			e, err := f.Enrol(t.Context(), enrol(f.publish(p), o, 8_000, 10))
			f.ok(err)
			if got := codes(e); len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] {
				t.Errorf("%v and %v: %v", c.rule.FlashRange, c.over, got)
			}
		}
	})
}

// TestT1_2c_AFlashSaleEndsWithinAYear: the last session that ends within 365 days is open, the next is not.
func TestT1_2c_AFlashSaleEndsWithinAYear(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		c, o := f.tasks(wechat, 400), f.list("shp_a", "tea", 10_000, 100)
		for at, want := range map[time.Time]int{day(364).Add(20 * time.Hour): 0, day(365).Add(12 * time.Hour): 1} {
			e, err := f.Enrol(t.Context(), in(c, o, at))
			f.ok(err)
			if got := codes(e); len(got) != want || want > 0 && got[0] != "enrolment.flash_days" {
				t.Errorf("%v: %v", at, got)
			}
			if want == 0 {
				_, err = f.Withdraw(t.Context(), o.Shop, e.ID, e.Version)
				f.ok(err)
			}
		}
	})
}

// TestT1_2c_AProductHasOneOpenTask: also one that has not begun bars the next, in another session or another campaign,
// until it is over or withdrawn. Another SKU of the product joins the task itself; other shops, other products and
// sales without the rule are not touched. Raising the pledge of the one that is there is no second task.
func TestT1_2c_AProductHasOneOpenTask(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		c, other, plain := f.tasks(wechat, 5), f.tasks(wechat, 5), f.tasks(campaign.Rule{}, 5)
		noon, night := day(10).Add(12*time.Hour), day(10).Add(20*time.Hour)
		o, sibling := f.list("shp_a", "tea", 10_000, 100), f.list("shp_a", "tea_big", 10_000, 100)
		f.sameProduct(o, sibling)
		try := func(cmd campaign.Enrol, barred bool) campaign.Enrolment {
			t.Helper()
			e, err := f.Enrol(t.Context(), cmd)
			f.ok(err)
			if got := codes(e); (len(got) == 1 && got[0] == "enrolment.flash_open") != barred || len(got) > 1 {
				t.Fatalf("%v at %v: %v", cmd.Offer, cmd.Slot, got)
			}
			return e
		}
		first := try(in(c, o, noon), false)
		try(in(c, o, night), true)
		try(in(other, o, night), true)
		try(in(c, sibling, night), true)
		try(in(c, sibling, noon), false)
		try(in(plain, o, night), false)
		try(in(c, f.list("shp_a", "cup", 10_000, 100), night), false)
		try(in(c, f.list("shp_b", "tea", 10_000, 100), night), false)
		first, err := f.Change(t.Context(), campaign.Change{Shop: o.Shop, ID: first.ID, Version: first.Version,
			Price: first.Price, Quantity: 20})
		f.ok(err)
		if _, err = f.Decide(t.Context(), campaign.Decide{ID: first.ID, Version: first.Version, Accept: true}); err != nil {
			t.Fatal(err)
		}
		f.clock.Set(noon.Add(time.Hour)) // over, though no job was here
		try(in(other, o, night), false)
	})
}

// TestT1_2c_AFlashPriceStaysInItsRange: after the lock the price may fall to a tenth of the ordinary one, not below; what
// a reviewer or a shop is told of a price says it as money.
func TestT1_2c_AFlashPriceStaysInItsRange(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		c, o := f.tasks(wechat, 5), f.list("shp_a", "tea", 10_000, 100)
		e := f.accepted(in(c, o, day(10).Add(12*time.Hour)))
		change := func(price int64) error {
			t.Helper()
			next, err := f.Change(t.Context(), campaign.Change{Shop: o.Shop, ID: e.ID, Version: e.Version, Price: price,
				Quantity: 10})
			if err == nil {
				e = next
			}
			return err
		}
		if err := change(8_501); !fault.Is(err, "enrolment.flash_range") ||
			!slices.Contains(fault.As(err).Params, fault.P("high", money.New(8_500, "CNY"))) {
			t.Fatal(err, fault.As(err).Params)
		}
		f.clock.Set(e.LockAt)
		f.run(f.Lock)
		if e = f.get(e.ID); e.State != campaign.Pledged {
			t.Fatal(e.State, e.Reasons)
		}
		if err := change(999); !fault.Is(err, "enrolment.flash_range") {
			t.Fatal("9.99 of 100.00:", err)
		}
		f.ok(change(1_000))
	})
}
