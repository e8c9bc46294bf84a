package group_test

import (
	"testing"
	"time"

	"hutong/base/db"
	"hutong/trade/group"
)

// TestAGroupThatCannotEndKeepsNoOtherWaiting: the terms of the first of two whose time is up cannot be read; the members
// of the second have their money back all the same.
func TestAGroupThatCannotEndKeepsNoOtherWaiting(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		broken, fine := b.trio(5), b.trio(5)
		first := b.paid(broken, group.ClaimOpen(broken.ID, false))
		second := b.paid(fine, group.ClaimOpen(fine.ID, false))
		b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE group_offers SET steps = '{' WHERE id = $1`, string(broken.ID))
			return err
		}))
		b.Clock.Set(b.mine(second).Group.Deadline)
		if n, err := b.Groups.Close(ctx); n != 1 || err == nil {
			t.Errorf("%d ended, %v", n, err)
		}
		_, err := b.Groups.Settle(ctx)
		b.Must(err)
		if m := b.mine(second); m.Group.State != group.Failed || m.State != group.Refunded {
			t.Errorf("%+v", m)
		}
		if b.order(first).State == b.order(second).State {
			t.Error("both ended")
		}
	})
}

// TestR21_NewsThatIsToldAgainIsWaitedFor: the news of a payment that was made in time cannot be taken at first. Neither
// the job at the deadline nor a payment that was made after it fails the group meanwhile; who came late is paid back.
func TestR21_NewsThatIsToldAgainIsWaitedFor(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.open(b.goods(9), group.SetUp{Steps: []group.Step{{Size: 2, Price: 2990}}, Window: 10 * time.Minute})
		lead := b.paid(o, group.ClaimOpen(o.ID, false))
		g := b.mine(lead).Group
		timely, late := b.place(b.buyer(), o, join(g)), b.place(b.buyer(), o, join(g))
		b.Clock.Set(g.Deadline.Add(-time.Second))
		b.pay(timely)
		steps := func(with, instead string) {
			b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE group_offers SET steps = REPLACE(steps, $2, $3) WHERE id = $1`, string(o.ID), with, instead)
				return err
			}))
		}
		steps("[", "!")
		_, err := b.Bus.Dispatch(ctx)
		b.Must(err)
		steps("!", "[")
		b.Clock.Set(g.Deadline)
		b.pay(late)
		_, err = b.Bus.Dispatch(ctx)
		b.Must(err)
		if n, err := b.Groups.Close(ctx); n != 0 || err != nil {
			t.Errorf("%d ended, %v", n, err)
		}
		b.Clock.Advance(time.Minute)
		if n, err := b.Bus.Retry(ctx); n != 1 || err != nil {
			t.Errorf("%d told again, %v", n, err)
		}
		b.tick()
		for _, p := range []placed{lead, timely} {
			if m := b.mine(p); m.Group.State != group.Formed || m.State != group.In || b.back(p) != 0 {
				t.Errorf("%+v", m)
			}
		}
		if m := b.mine(late); m.State != group.Refunded || m.Why != group.WhyLate || b.back(late) != late.Total {
			t.Errorf("who came late: %+v, %d back", m, b.back(late))
		}
	})
}
