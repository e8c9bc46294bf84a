package rulebook_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/text"
	"hutong/deal/promo"
	"hutong/deal/promo/direct"
	"hutong/deal/promo/price"
	"hutong/deal/promo/rulebook"
	"hutong/deal/promo/subsidy"
	"hutong/deal/reference"
	"hutong/goods/offer"
)

// cut is a direct cut of a share, in thousandths, as its owner publishes it.
func cut(shop string, scope promo.Scope, thousandths int64, from, until time.Time) promo.Promotion {
	scope.Shop = shop
	p := promo.Promotion{Kind: direct.Name, Title: text.Entry{Zh: "立减", En: "Cut"}, Scope: scope, From: from, Until: until,
		Terms: &direct.Terms{Off: thousandths}, Budget: 50_000}
	if shop == "" {
		p.Funding = []promo.Share{{Party: promo.Platform, PPM: 1_000_000}}
	}
	return p
}

// cuts are the spans of a SKU of shop A in the window of some hours, with what a piece of 10.00 costs in each.
func (b *book) cuts(from, until int) (all []string) {
	b.t.Helper()
	at := func(h int) time.Time { return start.Add(time.Duration(h) * time.Hour) }
	hours := func(at time.Time) int { return int(at.Sub(start) / time.Hour) }
	b.ok(b.db.Read(ctx, func(tx *db.Tx) error {
		spans, err := b.CutsOf(tx, "shp_a", "sku_a", at(from), at(until))
		b.ok(err)
		for _, c := range spans {
			unit, _, err := c.Unit(1000)
			b.ok(err)
			all = append(all, fmt.Sprintf("%d-%d %d", hours(c.From), hours(c.Until), unit))
		}
		return nil
	}))
	return all
}

// TestCutsOfTheBook: what everybody was asked for a piece, hour by hour: under the shop's and the market's cuts, one
// after another as the engine takes them, from when a version was published to when it was replaced or withdrawn.
func TestCutsOfTheBook(t *testing.T) {
	onBoth(t, func(b *book) {
		at := func(h int) time.Time { return start.Add(time.Duration(h) * time.Hour) }
		b.Category = func(_ *db.Tx, sku string) (string, error) { return map[string]string{"sku_a": "aa-1"}[sku], nil }
		b.publish("shp_a", cut("shp_a", promo.Scope{}, 100, at(2), at(6)))
		b.publish("", cut("", promo.Scope{Category: "aa"}, 150, at(4), at(8)))
		for _, p := range []promo.Promotion{ // of others, or not asked of everybody
			cut("shp_b", promo.Scope{}, 900, at(0), at(9)),
			cut("shp_a", promo.Scope{SKUs: []string{"sku_b"}}, 900, at(0), at(9)),
			spendAndSave("shp_a"),
		} {
			b.publish(p.Scope.Shop, p)
		}
		help := cut("", promo.Scope{}, 0, at(0), at(9))
		help.Kind, help.Terms = subsidy.Name, &subsidy.Terms{Off: 900}
		b.publish("", help)
		b.draft("shp_a", cut("shp_a", promo.Scope{}, 900, at(0), at(9)))
		if got := b.cuts(0, 24); !slices.Equal(got, []string{"2-4 900", "4-6 850", "6-8 850"}) {
			t.Error("cuts that hold later:", got)
		}
		b.clock.Set(at(10))
		endless := cut("shp_a", promo.Scope{}, 100, at(9), time.Time{})
		endless.Until = time.Time{}
		first := b.publish("shp_a", endless) // from 9 on, and published at 10
		b.clock.Set(at(12))
		lower := endless
		lower.ID, lower.Kind, lower.Terms = first.ID, price.Name, price.At(700)
		b.publish("shp_a", lower)
		b.clock.Set(at(15))
		b.ok(b.Withdraw(ctx, rulebook.Withdraw{Shop: "shp_a", ID: first.ID}))
		if got := b.cuts(9, 24); !slices.Equal(got, []string{"10-12 900", "12-15 700"}) {
			t.Error("cuts that were withdrawn:", got)
		}
		if got := b.cuts(13, 14); !slices.Equal(got, []string{"13-14 700"}) {
			t.Error("cuts of a part:", got)
		}
		if got := b.cuts(15, 24); got != nil {
			t.Error("cuts that are over:", got)
		}
	})
}

// TestACutNamesItsPromotion: a claim on an earlier price cites what lowered it; a price below the cut's own is not cut.
func TestACutNamesItsPromotion(t *testing.T) {
	onBoth(t, func(b *book) {
		p := cut("shp_a", promo.Scope{}, 0, start, start.Add(time.Hour))
		p.Kind, p.Terms = price.Name, price.At(700)
		cmd := b.publish("shp_a", p)
		b.ok(b.db.Read(ctx, func(tx *db.Tx) error {
			spans, err := b.CutsOf(tx, "shp_a", "sku_a", start, start.Add(time.Hour))
			if b.ok(err); len(spans) != 1 || spans[0].Window != (reference.Window{From: start, Until: start.Add(time.Hour)}) {
				t.Fatal(spans)
			}
			for asked, want := range map[int64]string{701: cmd.ID, 700: "", 600: ""} {
				if unit, by, err := spans[0].Unit(asked); err != nil || by != want || unit != min(asked, 700) {
					t.Errorf("%d costs %d by %q: %v", asked, unit, by, err)
				}
			}
			return nil
		}))
	})
}

// TestCutsStopAtTheFloor: what was asked for a piece was never below the floor that its shop had then.
func TestCutsStopAtTheFloor(t *testing.T) {
	onBoth(t, func(b *book) {
		at := func(h int) time.Time { return start.Add(time.Duration(h) * time.Hour) }
		b.publish("shp_a", cut("shp_a", promo.Scope{}, 100, at(1), at(9)))
		offers := offer.New(b.db, b.clock, b.ids)
		for h, floor := range []int64{990, 880, 0, 950, 950, 960} {
			b.ok(b.db.Write(ctx, func(tx *db.Tx) error {
				_, _, err := offers.List(tx, at(h), []offer.Listing{{Shop: "shp_a", Product: "prd_a", SKU: "sku_a", Pool: "pol_a",
					Currency: "CNY", UnitPrice: 1000, FloorPrice: &floor}})
				return err
			}))
		}
		if got := b.cuts(0, 24); !slices.Equal(got, []string{"1-2 900", "2-3 900", "3-5 950", "5-9 960"}) {
			t.Error(got)
		}
	})
}
