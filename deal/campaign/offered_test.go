package campaign_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/deal/campaign"
	"hutong/goods/stock"
)

// TestAPriceWasOfferedUntilItWasTakenOut: a sale's price counts as offered from its start to its end, or to the moment in
// which the operator took it out; one that never came into force was never offered.
func TestAPriceWasOfferedUntilItWasTakenOut(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		c := f.publish(sale(campaign.Rule{}))
		whole := f.accepted(enrol(c, f.list("shp_a", "sku_whole", 100, 20), 80, 5))
		wrong := f.accepted(enrol(c, f.list("shp_a", "sku_wrong", 100, 20), 1, 5))
		early := f.accepted(enrol(c, f.list("shp_a", "sku_early", 100, 20), 1, 5))
		f.clock.Set(day(6))
		f.run(f.Lock)
		remove := func(id campaign.EnrolmentID) {
			_, err := f.Remove(t.Context(), campaign.Remove{By: "lgn_op", ID: id, Version: f.get(id).Version, Why: "typo"})
			f.ok(err)
		}
		remove(early.ID)
		f.clock.Set(day(10).Add(60e9))
		remove(wrong.ID)
		f.clock.Set(day(15))
		f.run(f.Return)
		for _, x := range []struct {
			sku         string
			from, until int
			want        int64 // 0: nothing
		}{
			{"sku_whole", 9, 10, 0}, {"sku_whole", 9, 11, 80}, {"sku_whole", 11, 15, 80}, {"sku_whole", 12, 15, 0},
			{"sku_wrong", 9, 15, 1}, {"sku_wrong", 11, 15, 0}, {"sku_early", 1, 15, 0},
		} {
			f.ok(f.db.Read(t.Context(), func(tx *db.Tx) error {
				p, found, err := f.LowestOffered(tx, "shp_a", x.sku, day(x.from), day(x.until))
				if found != (x.want > 0) || p.Amount != x.want {
					t.Errorf("%s in [%d, %d): %+v %v, want %d", x.sku, x.from, x.until, p, found, x.want)
				}
				return err
			}))
		}
		if e := f.get(whole.ID); e.State != campaign.Ended {
			t.Error(e.State)
		}
	})
}

// atOnce runs all of it side by side.
func (f *fair) atOnce(do ...func(context.Context) (int, error)) {
	f.t.Helper()
	var wg sync.WaitGroup
	for _, run := range do {
		wg.Go(func() {
			if _, err := run(context.Background()); err != nil {
				f.t.Error(err)
			}
		})
	}
	wg.Wait()
}

// raising is a shop that pledges three pieces more to each of its enrolments, at one node.
func (f *fair) raising(s *campaign.Service, all []campaign.Enrolment) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		for _, e := range all {
			now := f.get(e.ID)
			_, err := s.Change(ctx, campaign.Change{Shop: e.Shop, ID: e.ID, Version: now.Version, Price: now.Price,
				Quantity: now.Quantity + 3})
			if err != nil && !fault.Is(err, "enrolment.changed") && !fault.Is(err, "enrolment.too_late") {
				return 0, err
			}
		}
		return 0, nil
	}
}

// removing is the operator who takes an enrolment out.
func (f *fair) removing(id campaign.EnrolmentID) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		for {
			_, err := f.Remove(ctx, campaign.Remove{By: "lgn_op", ID: id, Version: f.get(id).Version, Why: "fraud"})
			if !fault.Is(err, "enrolment.changed") {
				return 0, err
			}
		}
	}
}

// buying are orders that hold two pieces of an enrolment each and let them go.
func (f *fair) buying(all []campaign.Enrolment) func(context.Context) (int, error) {
	return func(context.Context) (int, error) {
		for n := range 3 * len(all) {
			pool := f.get(all[n%len(all)].ID).Pool
			err := f.hold(fmt.Sprint("ord_", n), pool, 2)
			if fault.Is(err, "stock.closed") || fault.Is(err, "stock.sold_out") {
				continue
			}
			if err == nil {
				err = f.db.Write(context.Background(), func(tx *db.Tx) error {
					return stock.Release(tx, []stock.Reservation{{Pool: pool, Quantity: 2}})
				})
			}
			if err != nil {
				return 0, err
			}
		}
		return 0, nil
	}
}

// TestPledgesAreMovedOnceByTwoNodes: two nodes lock, end and return the same enrolments while shops raise their pledges,
// the operator takes one out and orders hold and release pieces: no piece is made or lost, and in the end all that
// nobody holds lies in the ordinary pool.
func TestPledgesAreMovedOnceByTwoNodes(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		const skus, pieces = 4, 40
		c, other := f.publish(sale(campaign.Rule{})), campaign.New(f.Deps)
		var all []campaign.Enrolment
		var mains []stock.PoolID
		for n := range skus {
			o := f.list("shp_a", fmt.Sprint("sku_", n), 100, pieces)
			all, mains = append(all, f.accepted(enrol(c, o, 90, 10))), append(mains, o.Pool)
		}
		f.clock.Set(day(6))
		f.atOnce(f.Lock, other.Lock)
		f.clock.Set(day(11))
		f.atOnce(f.raising(f.Service, all), f.raising(other, all), f.removing(all[0].ID), f.buying(all), f.Return, other.Return)
		f.clock.Set(day(13))
		for range 3 {
			f.atOnce(f.Return, other.Return)
		}
		for n, e := range all {
			e = f.get(e.ID)
			own, main := f.pool(e.Pool), f.pool(mains[n])
			if own.OnHand() != 0 || main.Free() != pieces || own.Open {
				t.Errorf("%s: %+v beside %+v", e.State, own, main)
			}
		}
	})
}
