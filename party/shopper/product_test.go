package shopper_test

import (
	"fmt"
	"slices"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/party/shopper"
)

func product(n int) string { return fmt.Sprintf("prd_%026d", n) }

func TestFavouritesAreARowPerProductAndBounded(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d)
		a, b := m.someone(t), m.someone(t)
		ctx := t.Context()
		if err := m.Favour(ctx, a, product(1), product(2), product(1), "", "' OR 1=1", "ord_x"); err != nil {
			t.Fatal(err)
		}
		m.clock.Advance(1000)
		if err := m.Favour(ctx, a, product(3), product(1)); err != nil {
			t.Fatal(err)
		}
		all, err := m.Favourites(ctx, a)
		if err != nil || !slices.Equal(all, []string{product(3), product(2), product(1)}) {
			t.Fatal(all, err)
		}
		if err := m.Unfavour(ctx, b, product(1)); err != nil { // A1: another's stay
			t.Fatal(err)
		}
		marked, err := m.Favoured(ctx, a, []string{product(1), product(4), "x"})
		if err != nil || len(marked) != 1 || !marked[product(1)] {
			t.Fatal(marked, err)
		}
		if all, err := m.Favourites(ctx, b); err != nil || len(all) != 0 {
			t.Fatal(all, err)
		}
		many := make([]string, shopper.FavouritesMax+10)
		for i := range many {
			many[i] = product(1000 + i)
		}
		m.clock.Advance(1000)
		if err := m.Favour(ctx, a, many...); err != nil {
			t.Fatal(err)
		}
		if all, err = m.Favourites(ctx, a); err != nil || len(all) != shopper.FavouritesMax ||
			slices.Contains(all, product(3)) {
			t.Fatal(len(all), err)
		}
		if err := m.Favour(ctx, "shr_none", product(1)); !fault.Is(err, "shopper.not_found") {
			t.Fatal(err)
		}
	})
}

func TestWhatWasSeenLatelyIsMovedToTheFrontAndBounded(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d)
		who, ctx := m.someone(t), t.Context()
		for i := range shopper.LatelyMax + 5 {
			m.clock.Advance(1000)
			if err := m.Saw(ctx, who, product(i)); err != nil {
				t.Fatal(err)
			}
		}
		m.clock.Advance(1000)
		if err := m.Saw(ctx, who, product(20)); err != nil {
			t.Fatal(err)
		}
		all, err := m.Lately(ctx, who)
		if err != nil || len(all) != shopper.LatelyMax || all[0] != product(20) || all[1] != product(shopper.LatelyMax+4) {
			t.Fatal(all, err)
		}
		if err := m.ForgetLately(ctx, who); err != nil {
			t.Fatal(err)
		}
		if all, err := m.Lately(ctx, who); err != nil || len(all) != 0 {
			t.Fatal(all, err)
		}
	})
}

func TestAMergedShopperIsEmptyAndGone(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d), t.Context()
		guest, account, other := m.someone(t), m.someone(t), m.someone(t)
		kept := m.add(t, guest, hangzhou())
		m.add(t, account, london())
		if err := m.Favour(ctx, guest, product(1), product(2)); err != nil {
			t.Fatal(err)
		}
		if err := m.Favour(ctx, account, product(2), product(3)); err != nil {
			t.Fatal(err)
		}
		if err := m.Saw(ctx, guest, product(9)); err != nil {
			t.Fatal(err)
		}
		merge := func(from, into shopper.ID) (merged bool) {
			err := d.Write(ctx, func(tx *db.Tx) (err error) {
				merged, err = shopper.Merge(tx, from, into)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return merged
		}
		if !merge(guest, account) || merge(guest, other) {
			t.Fatal("merged twice, or not at all")
		}
		all, err := m.Addresses(ctx, account)
		if err != nil || len(all) != 2 {
			t.Fatal(all, err)
		}
		if a, err := m.Address(ctx, account, kept.ID); err != nil || a.Shopper != account {
			t.Fatal(a, err)
		}
		favourites, err := m.Favourites(ctx, account)
		slices.Sort(favourites)
		if err != nil || !slices.Equal(favourites, []string{product(1), product(2), product(3)}) {
			t.Fatal(favourites, err)
		}
		if seen, err := m.Lately(ctx, account); err != nil || len(seen) != 1 {
			t.Fatal(seen, err)
		}
		if all, err := m.Addresses(ctx, guest); err != nil || len(all) != 0 {
			t.Fatal(all, err)
		}
		if _, err := m.AddAddress(ctx, guest, london()); !fault.Is(err, "shopper.not_found") {
			t.Fatal(err)
		}
		if all, err := m.Addresses(ctx, other); err != nil || len(all) != 0 {
			t.Fatal(all, err)
		}
	})
}
