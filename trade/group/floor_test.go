package group_test

import (
	"testing"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/goods/offer"
	"hutong/trade/group"
)

// TestP14_NoGroupBelowTheFloor: terms whose last price is below it are refused, and a floor does not rise above what
// groups may come down to until their terms are withdrawn or over.
func TestP14_NoGroupBelowTheFloor(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Offers.Plug(b.Groups)
		goods := b.goods(50)
		floor := func(minor int64) error {
			m := money.New(minor, "CNY")
			_, err := b.Offers.Price(ctx, offer.Pricing{Shop: goods.Shop, Offer: goods.ID, Unit: goods.Price(),
				List: money.New(0, "CNY"), Floor: &m})
			return err
		}
		b.Must(floor(2500))
		ladder := group.SetUp{Shop: goods.Shop, Goods: string(goods.ID), Places: 10,
			Steps: []group.Step{{Size: 2, Price: 2990}, {Size: 5, Price: 2499}}}
		if _, err := b.Groups.SetUp(ctx, ladder); !fault.Is(err, "group.below_floor") || fault.As(err).Field != "price" {
			t.Errorf("a rung below the floor: %v", err)
		}
		ladder.Steps[1].Price = 2500
		ladder.Until = b.Clock.Now().Add(time.Hour)
		o, err := b.Groups.SetUp(ctx, ladder)
		b.Must(err)
		raised := func() bool {
			t.Helper()
			err := floor(2501)
			if err != nil && !fault.Is(err, "offer.floor_promised") {
				t.Fatal(err)
			}
			return err == nil
		}
		if raised() {
			t.Error("a floor above a rung")
		}
		if _, err := b.Groups.Turn(ctx, goods.Shop, o.ID, group.Stopped); err != nil || raised() {
			t.Errorf("groups that are forming may still be joined: %v", err)
		}
		b.Clock.Advance(time.Hour)
		if !raised() {
			t.Error("the terms are over")
		}
		ladder.Until, ladder.Steps[1].Price = time.Time{}, 2600
		o, err = b.Groups.SetUp(ctx, ladder)
		b.Must(err)
		if err := floor(2700); !fault.Is(err, "offer.floor_promised") {
			t.Errorf("a floor above new terms: %v", err)
		}
		_, err = b.Groups.Turn(ctx, goods.Shop, o.ID, group.Withdrawn)
		b.Must(err)
		b.Must(floor(2700))
	})
}
