package campaign_test

import (
	"context"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/campaign"
	"hutong/goods/offer"
)

// floor sets an offer's floor.
func (f *fair) floor(o offer.Offer, minor int64) error {
	floor := money.New(minor, "CNY")
	_, err := f.offers.Price(context.Background(), offer.Pricing{Shop: o.Shop, Offer: o.ID, Unit: o.Price(),
		List: money.New(0, "CNY"), Floor: &floor})
	return err
}

// TestP14_NoSaleBelowTheFloor: an enrolment below it is refused with its reason, also by what the earnest of a presale
// counts for, and one that is locked cannot fall below it.
func TestP14_NoSaleBelowTheFloor(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		f.offers.Plug(f.Service)
		c := f.publish(sale(campaign.Rule{}))
		o := f.list("shp_a", "sku_a", 10_000, 100)
		f.ok(f.floor(o, 9000))
		e, err := f.Enrol(t.Context(), enrol(c, o, 8999, 5))
		if err != nil || e.State != campaign.Refused || len(e.Reasons) != 1 || e.Reasons[0].Code != "enrolment.below_floor" ||
			len(e.Reasons[0].Params) != 0 {
			t.Fatalf("%+v, %v", e.Reasons, err)
		}
		e = f.accepted(enrol(c, o, 9000, 5))
		if err := f.floor(o, 9001); !fault.Is(err, "offer.floor_promised") {
			t.Errorf("a floor above an enrolment: %v", err)
		}
		f.ok(f.floor(o, 8500))
		f.clock.Set(day(6))
		f.run(f.Lock)
		change := func(price int64) error {
			now := f.get(e.ID)
			_, err := f.Change(t.Context(), campaign.Change{Shop: "shp_a", ID: e.ID, Version: now.Version, Price: price, Quantity: 5})
			return err
		}
		if err := change(8499); !fault.Is(err, "enrolment.below_floor") || fault.As(err).Field != "price" {
			t.Errorf("a locked price below the floor: %v", err)
		}
		f.ok(change(8500))
		if err := f.floor(o, 8501); !fault.Is(err, "offer.floor_promised") {
			t.Errorf("a floor above a locked enrolment: %v", err)
		}
		f.clock.Set(day(12))
		f.ok(f.floor(o, 9999)) // the sale is over, whether a job has said so or not
	})
}

// TestP14_AnEarnestCountsAgainstTheFloor: what a shopper pays in a presale is its price less what the earnest counts for
// above itself.
func TestP14_AnEarnestCountsAgainstTheFloor(t *testing.T) {
	terms := campaign.Terms{Price: 10_000, Quantity: 1, Part: campaign.Part{Presale: true}, Earnest: 1000, Worth: 2500}
	if got := terms.Least(); got != 8500 {
		t.Errorf("a piece costs %d at least", got)
	}
	facts := campaign.Facts{Listed: true, Ordinary: 10_000, Sellable: 9, Floor: 8500}
	if why := (campaign.Rule{}).Judge(terms, facts); len(why) != 0 {
		t.Error(why)
	}
	facts.Floor++
	if why := (campaign.Rule{}).Judge(terms, facts); len(why) != 1 || why[0].Code != "enrolment.below_floor" {
		t.Error(why)
	}
}

// TestAFloorAndAnEnrolmentAtOnce: whichever comes first, no enrolment stands below its offer's floor.
func TestAFloorAndAnEnrolmentAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		f.offers.Plug(f.Service)
		c := f.publish(sale(campaign.Rule{}))
		for round := range 6 {
			o := f.list("shp_a", "sku_"+string(rune('a'+round)), 10_000, 100)
			done := make(chan error, 2)
			go func() { done <- f.floor(o, 9500) }()
			go func() { _, err := f.Enrol(context.Background(), enrol(c, o, 9000, 5)); done <- err }()
			for range 2 {
				if err := <-done; err != nil && !fault.Is(err, "offer.floor_promised") {
					t.Error(err)
				}
			}
			var wrong int64
			f.ok(f.db.Read(t.Context(), func(tx *db.Tx) (err error) {
				wrong, _, err = db.Value[int64](tx, `SELECT COUNT(*) FROM enrolments e JOIN offers o ON o.id = e.offer_id
					WHERE e.state = 'applied' AND e.price < o.floor_price`)
				return err
			}))
			if wrong != 0 {
				t.Fatalf("round %d: %d enrolments below their floors", round, wrong)
			}
			f.clock.Advance(time.Microsecond)
		}
	})
}
