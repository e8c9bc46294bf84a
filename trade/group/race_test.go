package group_test

import (
	"sync"
	"testing"
	"time"

	"hutong/base/fault"
	"hutong/trade/aftersale"
	"hutong/trade/group"
	"hutong/trade/order"
)

// dispatch tells everything on two nodes at once.
func (b *bench) dispatch() {
	b.t.Helper()
	var wg sync.WaitGroup
	for range 2 {
		bus := b.bus()
		wg.Go(func() {
			if _, err := bus.Dispatch(ctx); err != nil {
				b.t.Error(err)
			}
		})
	}
	wg.Wait()
	for { // an engine may ask one of the two to try again
		b.Clock.Advance(time.Hour / 2)
		if n, err := b.Bus.Retry(ctx); err != nil || n == 0 {
			b.Must(err)
			break
		}
	}
	b.tell()
}

// TestR20_LastPlaceTakenByTwo: two pay for the last place, and two nodes tell of it: one joins, the other leads the next.
func TestR20_LastPlaceTakenByTwo(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for range 5 {
			o := b.open(b.goods(9), group.SetUp{Steps: []group.Step{{Size: 2, Price: 2990}}})
			g := b.mine(b.paid(o, group.ClaimOpen(o.ID, false))).Group
			both := []placed{b.place(b.buyer(), o, join(g)), b.place(b.buyer(), o, join(g))}
			var wg sync.WaitGroup
			for _, p := range both {
				wg.Go(func() { b.pay(p) })
			}
			wg.Wait()
			b.dispatch()
			joined, leads := 0, 0
			for _, p := range both {
				switch m := b.mine(p); {
				case m.Group.ID == g.ID && m.State == group.In:
					joined++
				case m.Group.Leader == p.who.id && m.Group.State == group.Forming && m.Group.Paid == 1:
					leads++
				default:
					t.Errorf("%+v", m)
				}
			}
			v, err := b.Groups.Show(ctx, "", g.Code)
			b.Must(err)
			if joined != 1 || leads != 1 || v.Paid != 2 || v.State != group.Formed || b.seen(o.Shop) != 2 {
				t.Fatalf("%d joined, %d lead: %+v, %d seen", joined, leads, v.Group, b.seen(o.Shop))
			}
		}
	})
}

// TestOneShopperIsInAGroupOnce: a shopper pays twice for one group, from two tabs: the second payment goes back.
func TestOneShopperIsInAGroupOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.trio(9)
		g := b.mine(b.paid(o, group.ClaimOpen(o.ID, false))).Group
		who := b.buyer()
		one, two := b.place(who, o, join(g)), b.place(who, o, join(g))
		b.pay(one)
		b.pay(two)
		b.dispatch()
		b.tick()
		in, back := b.mine(one), b.mine(two)
		if in.State != group.Waiting {
			in, back = back, in
		}
		if in.State != group.Waiting || back.State != group.Refunded || back.Why != group.WhyTwice || in.Group.Paid != 2 {
			t.Fatalf("%+v and %+v", in, back)
		}
		if b.back(one)+b.back(two) != fee {
			t.Fatalf("%d and %d went back", b.back(one), b.back(two))
		}
	})
}

// TestR21_LatePaymentAfterTheDeadline: the group has failed when a member's payment arrives: it goes back, and all
// members end alike.
func TestR21_LatePaymentAfterTheDeadline(t *testing.T) {
	for name, closed := range map[string]bool{"the job was first": true, "the payment is told first": false} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, b *bench) {
				o := b.open(b.goods(9), group.SetUp{Steps: []group.Step{{Size: 2, Price: 2990}}, Window: 10 * time.Minute})
				lead := b.paid(o, group.ClaimOpen(o.ID, false))
				g := b.mine(lead).Group
				late := b.place(b.buyer(), o, join(g))
				b.Clock.Set(g.Deadline)
				if closed {
					b.tick()
				}
				b.pay(late)
				b.tick()
				b.alike(t, lead, late)
			})
		})
	}
}

// alike tells whether members were all paid back in full and their orders ended in the same state.
func (b *bench) alike(t *testing.T, all ...placed) {
	t.Helper()
	for _, p := range all {
		m, got := b.mine(p), b.order(p)
		if m.Group.State != group.Failed || m.State != group.Refunded || b.back(p) != p.Total ||
			got.State != order.Cancelled || got.Reason != "refunded" {
			t.Fatalf("%+v: %s, %d of %d back", m, got.State, b.back(p), p.Total)
		}
	}
}

// TestR21_DeadlineAgainstPayment: the last payment, in time, races the job at the deadline: the payment counts, since
// it was made before, whether or not it was told of.
func TestR21_DeadlineAgainstPayment(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for range 5 {
			o := b.open(b.goods(9), group.SetUp{Steps: []group.Step{{Size: 2, Price: 2990}}, Window: 10 * time.Minute})
			lead := b.paid(o, group.ClaimOpen(o.ID, false))
			g := b.mine(lead).Group
			last := b.place(b.buyer(), o, join(g))
			b.Clock.Set(g.Deadline.Add(-time.Microsecond))
			b.pay(last)
			b.Clock.Set(g.Deadline)
			var wg sync.WaitGroup
			wg.Go(func() {
				if _, err := b.Groups.Close(ctx); err != nil {
					t.Error(err)
				}
			})
			wg.Go(b.dispatch)
			wg.Wait()
			b.tick()
			for _, p := range []placed{lead, last} {
				if m := b.mine(p); m.Group.State != group.Formed || m.State != group.In || b.back(p) != 0 {
					t.Fatalf("%+v", m)
				}
			}
		}
	})
}

// TestWithdrawnAndSoldOutGroupsFail: what cannot be completed does not keep anybody's money until its deadline.
func TestWithdrawnAndSoldOutGroupsFail(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.trio(9)
		lead := b.paid(o, group.ClaimOpen(o.ID, false))
		late := b.place(b.buyer(), o, join(b.mine(lead).Group))
		_, err := b.Groups.Turn(ctx, o.Shop, o.ID, group.Withdrawn)
		b.Must(err)
		b.tick()
		b.pay(late) // long before the deadline, and yet too late
		b.tick()
		b.alike(t, lead, late)
		if why := b.mine(lead).Group.Why; why != group.WhyWithdrawn {
			t.Errorf("withdrawn: %s", why)
		}
		scarce := b.trio(3)
		lead = b.paid(scarce, group.ClaimOpen(scarce.ID, false))
		all, err := b.Groups.Promotions(ctx)
		b.Must(err)
		b.Hold(all)
		alone := b.place(b.buyer(), scarce)
		b.tick()
		if m := b.mine(lead); m.Group.State != group.Forming {
			t.Fatalf("a piece that is held unpaid may still be a member's: %+v", m.Group)
		}
		b.pay(alone)
		b.tick()
		b.alike(t, lead)
		if why := b.mine(lead).Group.Why; why != group.WhySoldOut {
			t.Errorf("sold out: %s", why)
		}
	})
}

// TestP2_FakeMembersWhoTakeItBackAfterSuccess: the group is looked at anew with each of them, dissolved when too few
// kept what they bought, and who does so again and again is barred for a while.
func TestP2_FakeMembersWhoTakeItBackAfterSuccess(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.trio(30)
		all := b.formed(o)
		b.giveBack(all[0])
		b.tick()
		if m := b.mine(all[1]); m.Group.State != group.Formed || m.Group.Kept != 2 || m.State != group.In {
			t.Fatalf("after one: %+v", m)
		}
		b.giveBack(all[2])
		b.tick()
		if m := b.mine(all[1]); m.Group.State != group.Dissolved || m.Group.Why != group.WhyReturns ||
			m.State != group.Refunded || b.back(all[1]) != fee {
			t.Fatalf("after two of three: %+v, %d back", m, b.back(all[1]))
		}
		fake := all[0].who
		for range 2 {
			lead := b.paid(o, group.ClaimOpen(o.ID, false))
			g := b.mine(lead).Group
			p := b.place(fake, o, join(g))
			b.pay(p)
			b.tell()
			b.paid(o, join(g))
			b.giveBack(p)
		}
		if _, err := b.quote(fake, o, group.ClaimOpen(o.ID, false)); !fault.Is(err, "group.barred") {
			t.Fatalf("after three times: %v", err)
		}
		if _, err := b.quote(fake, o); err != nil {
			t.Fatalf("alone they may buy: %v", err)
		}
		b.Clock.Advance(b.Groups.Settings().ReturnsTime + time.Second)
		if _, err := b.quote(fake, o, group.ClaimOpen(o.ID, false)); err != nil {
			t.Fatalf("when it is over: %v", err)
		}
	})
}

// TestP2_WhoWasSentTheGoodsKeepsThem: dissolving touches nobody whose goods have left, and what a merchant takes back
// is not held against the shopper.
func TestP2_WhoWasSentTheGoodsKeepsThem(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.trio(30)
		all := b.formed(o)
		b.ship(all[1])
		b.giveBack(all[0])
		_, err := b.Cases.Refund(ctx, aftersale.Refund{By: aftersale.Party{Shop: o.Shop}, Order: all[2].Order, Seq: 1,
			Reason: aftersale.OutOfStock, Key: "gone"})
		b.Must(err)
		b.tick()
		if m := b.mine(all[1]); m.Group.State != group.Dissolved || m.State != group.In || b.back(all[1]) != 0 {
			t.Fatalf("who has the goods: %+v", m)
		}
		if mine, shops := b.mine(all[0]), b.mine(all[2]); !mine.After || shops.After || shops.State != group.Left {
			t.Fatalf("%+v and %+v", mine, shops)
		}
	})
}

// TestP2_WhatIsSentBeforeItIsPaidBackIsKept: a group falls apart, and before a member is paid back the merchant sends the
// goods: they are not given away for nothing.
func TestP2_WhatIsSentBeforeItIsPaidBackIsKept(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		all := b.formed(b.trio(30))
		b.giveBack(all[0])
		b.giveBack(all[2])
		b.tell()
		if m := b.mine(all[1]); m.Group.State != group.Dissolved || m.State != group.Refunding {
			t.Fatalf("after two of three: %+v", m)
		}
		b.ship(all[1])
		b.tick()
		if m := b.mine(all[1]); m.State != group.In || m.Why != "" || b.back(all[1]) != 0 {
			t.Errorf("sent, and %d went back: %+v", b.back(all[1]), m)
		}
	})
}
