package group_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/deal/promo"
	"hutong/deal/promo/voucher"
	"hutong/deal/quota"
	"hutong/trade/group"
	"hutong/trade/order"
)

// TestT31a_SurplusPayerLeadsTheNextGroup: payments at 1, 2, 3 and 3.001 s, for three places.
func TestT31a_SurplusPayerLeadsTheNextGroup(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.trio(10)
		start := b.Clock.Now()
		lead := b.place(b.buyer(), o, group.ClaimOpen(o.ID, false))
		b.Clock.Set(start.Add(time.Second))
		b.pay(lead)
		b.tell()
		first := b.mine(lead).Group
		if first.State != group.Forming || first.Need() != 2 || !first.Deadline.Equal(start.Add(time.Second+day)) {
			t.Fatalf("after the leader's payment %+v", first)
		}
		var all []placed
		for range 3 {
			all = append(all, b.place(b.buyer(), o, join(first)))
		}
		for i, at := range []time.Duration{2 * time.Second, 3 * time.Second, 3001 * time.Millisecond} {
			b.Clock.Set(start.Add(at))
			b.pay(all[i])
		}
		b.tell()
		for _, p := range append(all[:2:2], lead) {
			if m := b.mine(p); m.Group.ID != first.ID || m.Group.State != group.Formed || m.State != group.In {
				t.Errorf("a member: %+v", m)
			}
			if got := b.order(p); got.Subs[0].Waits != "" || got.Total != fee {
				t.Errorf("waits for %q, paid %d", got.Subs[0].Waits, got.Total)
			}
		}
		next := b.mine(all[2])
		if next.Group.ID == first.ID || next.Group.Leader != all[2].who.id || next.Group.State != group.Forming ||
			!next.Group.Deadline.Equal(start.Add(3001*time.Millisecond+day)) || next.Group.Need() != 2 {
			t.Errorf("the fourth: %+v", next)
		}
	})
}

// TestT31b_DeadlineRefundsEverybodyByItself: two of three have paid after 24 h.
func TestT31b_DeadlineRefundsEverybodyByItself(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		goods := b.goods(5)
		o := b.open(goods, group.SetUp{Steps: []group.Step{{Size: 3, Price: 2990}}, PerShopper: 1, Stacks: true})
		all, err := b.Groups.Promotions(ctx)
		b.Must(err)
		b.Hold(append(all, promo.Promotion{ID: "off", Version: 1, Kind: voucher.Name, Claim: true,
			Terms: &voucher.Terms{Threshold: 1000, Off: 100}}))
		who := b.buyer()
		b.Deals.Held = map[string][]promo.Claimed{who.id: {{Promotion: "off", Claim: "vch_1"}}}
		lead := b.place(who, o, group.ClaimOpen(o.ID, false), "vch_1")
		b.pay(lead)
		b.tell()
		g := b.mine(lead).Group
		other := b.paid(o, join(g))
		used := []string{quota.Voucher("vch_1"), quota.Limit(string(o.ID), who.id)}
		if lead.Total != fee-100 || !slices.Equal(b.used(used...), []int64{1, 1}) || b.Pool(goods.Pool).Free() != 3 {
			t.Fatalf("total %d, uses %v", lead.Total, b.used(used...))
		}
		b.Clock.Set(g.Deadline.Add(-time.Microsecond))
		b.tick()
		if b.mine(lead).Group.State != group.Forming || b.back(lead) != 0 {
			t.Fatal("ended before its deadline")
		}
		b.Clock.Set(g.Deadline)
		b.tick()
		for _, p := range []placed{lead, other} {
			m, got := b.mine(p), b.order(p)
			if m.Group.State != group.Failed || m.State != group.Refunded || b.back(p) != p.Total {
				t.Errorf("%+v, %d of %d back", m, b.back(p), p.Total)
			}
			if got.State != order.Cancelled || got.Reason != "refunded" {
				t.Errorf("the order is %s (%s)", got.State, got.Reason)
			}
		}
		if !slices.Equal(b.used(used...), []int64{0, 0}) || b.Pool(goods.Pool).Free() != 5 || b.seen(o.Shop) != 0 {
			t.Errorf("uses %v, pool %+v, the merchant sees %d", b.used(used...), b.Pool(goods.Pool), b.seen(o.Shop))
		}
	})
}

// used tells how much of quotas is taken.
func (b *bench) used(names ...string) []int64 {
	b.t.Helper()
	all := make([]int64, len(names))
	b.Must(b.DB.Read(ctx, func(tx *db.Tx) error {
		counts, err := quota.Counts(tx, names)
		for i, n := range names {
			all[i] = counts[n].Used
		}
		return err
	}))
	return all
}

func TestT31c_OpeningIsRefusedWhenItCannotBeCompleted(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.trio(2)
		if _, err := b.quote(b.buyer(), o, group.ClaimOpen(o.ID, false)); !fault.Is(err, "group.cannot_complete") {
			t.Fatalf("two pieces for three: %v", err)
		}
		if q, err := b.quote(b.buyer(), o); err != nil || q.Order.Goods != 5000 {
			t.Fatalf("alone: %d %v", q.Order.Goods, err)
		}
		enough := b.trio(3)
		if q, err := b.quote(b.buyer(), enough, group.ClaimOpen(enough.ID, false)); err != nil || q.Order.Goods != 2990 {
			t.Fatalf("three for three: %d %v", q.Order.Goods, err)
		}
	})
}

// TestT31d_LadderGivesTheDifferenceBack: 3 at 29.90, 5 at 26.90, 10 at 22.90.
func TestT31d_LadderGivesTheDifferenceBack(t *testing.T) {
	steps := []group.Step{{Size: 3, Price: 2990}, {Size: 5, Price: 2690}, {Size: 10, Price: 2290}}
	for members, want := range map[int]int64{11: 700, 6: 300, 4: 0} {
		t.Run(fmt.Sprint(members), func(t *testing.T) {
			each(t, func(t *testing.T, b *bench) {
				o := b.open(b.goods(20), group.SetUp{Steps: steps})
				all := []placed{b.paid(o, group.ClaimOpen(o.ID, false))}
				g := b.mine(all[0]).Group
				for len(all) < members {
					all = append(all, b.paid(o, join(g)))
				}
				b.tick()
				if b.seen(o.Shop) != 0 {
					t.Fatal("seen before it closed")
				}
				b.Clock.Set(g.Deadline)
				b.tick()
				for _, p := range all {
					m, got := b.mine(p), b.order(p)
					if m.Group.State != group.Formed || m.State != group.In || b.back(p) != want ||
						got.Lines()[0].Lowered != want || got.Subs[0].Waits != "" {
						t.Fatalf("%+v, %d back", m, b.back(p))
					}
				}
				b.giveBack(all[1]) // what it brings is what it cost in the end
				if got := b.back(all[1]); got != fee || b.seen(o.Shop) != members {
					t.Fatalf("%d back of %d", got, fee)
				}
			})
		})
	}
}

func TestT31e_MerchantSeesFormedGroupsOnly(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.trio(9)
		lead := b.place(b.buyer(), o, group.ClaimOpen(o.ID, false))
		if n := b.seen(o.Shop); n != 0 {
			t.Fatalf("%d unpaid ones are seen", n)
		}
		b.pay(lead)
		b.tell()
		b.paid(o, join(b.mine(lead).Group))
		if _, err := b.Orders.Sold(ctx, o.Shop, lead.Order); b.seen(o.Shop) != 0 || !fault.Is(err, "order.not_found") {
			t.Fatalf("%d of two paid are seen: %v", b.seen(o.Shop), err)
		}
		b.paid(o, join(b.mine(lead).Group))
		if n, err := b.Orders.CountByShop(ctx, o.Shop, order.ToShip, 9); n != 3 || err != nil {
			t.Fatalf("%d of a formed group are seen: %v", n, err)
		}
	})
}

func TestT31f_OneRefundAfterFormationBreaksNothing(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.trio(9)
		all := b.formed(o)
		b.giveBack(all[1])
		b.tick()
		if m := b.mine(all[1]); m.State != group.Left || !m.After || m.Group.State != group.Formed || m.Group.Kept != 2 {
			t.Fatalf("who gave back: %+v", m)
		}
		for _, p := range []placed{all[0], all[2]} {
			if m := b.mine(p); m.State != group.In || b.back(p) != 0 || b.order(p).State != order.Paid {
				t.Fatalf("who did not: %+v", m)
			}
		}
		if b.back(all[1]) != fee {
			t.Fatalf("%d back", b.back(all[1]))
		}
	})
}

// formed is a group that formed.
func (b *bench) formed(o group.Offer) []placed {
	b.t.Helper()
	all := []placed{b.paid(o, group.ClaimOpen(o.ID, false))}
	g := b.mine(all[0]).Group
	for int64(len(all)) < o.Size() {
		all = append(all, b.paid(o, join(g)))
	}
	if g = b.mine(all[0]).Group; g.State != group.Formed {
		b.t.Fatalf("%+v", g)
	}
	return all
}

// TestWhoLeavesFreesThePlaceAndPassesTheLead: a forming group of three loses its leader, and still forms with three.
func TestWhoLeavesFreesThePlaceAndPassesTheLead(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.trio(9)
		lead := b.paid(o, group.ClaimOpen(o.ID, false))
		g := b.mine(lead).Group
		second := b.paid(o, join(g))
		b.giveBack(lead)
		if m := b.mine(second); m.Group.Leader != second.who.id || m.Group.Paid != 1 || m.Group.State != group.Forming {
			t.Fatalf("%+v", m.Group)
		}
		if m := b.mine(lead); m.State != group.Left || m.After {
			t.Fatalf("%+v", m)
		}
		again := b.place(lead.who, o, join(g)) // who left may come back
		b.pay(again)
		b.tell()
		b.paid(o, join(g))
		if m := b.mine(again); m.State != group.In || m.Group.Paid != 3 || m.Group.State != group.Formed {
			t.Fatalf("%+v", m)
		}
		b.giveBack(second)
		alone := b.paid(o, group.ClaimOpen(o.ID, true))
		b.giveBack(alone)
		if m := b.mine(alone); m.Group.State != group.Failed || m.Group.Why != group.WhyLeft {
			t.Fatalf("an empty group: %+v", m.Group)
		}
	})
}

// TestRefundBeforeTheNewsOfThePayment: the shopper pays and takes it back before anybody is told: no place is counted.
func TestRefundBeforeTheNewsOfThePayment(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.trio(9)
		lead := b.paid(o, group.ClaimOpen(o.ID, false))
		g := b.mine(lead).Group
		second := b.paid(o, join(g))
		quick := b.place(b.buyer(), o, join(g))
		b.pay(quick)
		b.giveBack(quick)
		if m := b.mine(second); m.Group.State != group.Forming || m.Group.Paid != 2 || b.seen(o.Shop) != 0 {
			t.Fatalf("%+v", m.Group)
		}
		b.paid(o, join(g))
		if m := b.mine(second); m.Group.State != group.Formed {
			t.Fatalf("%+v", m.Group)
		}
	})
}

// TestPrivateGroupsAreFoundByTheirLinkOnly: not in the product's box, not by id; the code is at least 80 bits.
func TestPrivateGroupsAreFoundByTheirLinkOnly(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.trio(9)
		private, public := b.paid(o, group.ClaimOpen(o.ID, true)), b.paid(o, group.ClaimOpen(o.ID, false))
		secret, open := b.mine(private).Group, b.mine(public).Group
		if len(secret.Code)*5 < 80 || len(open.Code) > 10 {
			t.Errorf("codes %q and %q", secret.Code, open.Code)
		}
		box, err := b.Groups.OfProduct(ctx, o.Product)
		if err != nil || len(box) != 1 || len(box[0].Groups) != 1 || box[0].Groups[0].ID != open.ID {
			t.Errorf("the box %+v %v", box, err)
		}
		stranger := b.buyer()
		for claim, code := range map[string]string{string(secret.ID): "group.not_found", string(open.ID): "",
			join(secret): "", "join:" + string(open.Code[:4]) + " -" + string(open.Code[4:]): "", "join:nonsense": "group.not_found",
			"open:gof_none": "group.not_found"} {
			if _, err := b.quote(stranger, o, claim); code != "" && !fault.Is(err, code) || code == "" && err != nil {
				t.Errorf("%s: %v", claim, err)
			}
		}
		for key, ok := range map[string]bool{string(secret.ID): false, secret.Code: true, string(open.ID): true} {
			if _, err := b.Groups.Show(ctx, stranger.id, key); (err == nil) != ok {
				t.Errorf("a stranger sees %s: %v", key, err)
			}
		}
		if v, err := b.Groups.Show(ctx, private.who.id, string(secret.ID)); err != nil || v.Mine == nil {
			t.Errorf("a member sees it: %v", err)
		}
	})
}

// TestQuotesOfGroups: what is refused before anybody pays.
func TestQuotesOfGroups(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.trio(9)
		lead := b.paid(o, group.ClaimOpen(o.ID, false))
		g := b.mine(lead).Group
		refused := func(who buyer, claim, code string) {
			t.Helper()
			if _, err := b.quote(who, o, claim); !fault.Is(err, code) {
				t.Errorf("%s: %v", code, err)
			}
		}
		refused(lead.who, join(g), "group.already_in")
		late := b.buyer()
		b.paid(o, join(g))
		b.paid(o, join(g))
		refused(late, join(g), "group.full")
		_, err := b.Groups.Turn(ctx, o.Shop, o.ID, group.Stopped)
		b.Must(err)
		refused(late, group.ClaimOpen(o.ID, false), "group.stopped")
		_, err = b.Groups.Turn(ctx, o.Shop, o.ID, group.Open)
		b.Must(err)
		next := b.mine(b.paid(o, group.ClaimOpen(o.ID, false))).Group
		b.Clock.Set(next.Deadline)
		refused(late, join(next), "group.ended")
		_, err = b.Groups.Turn(ctx, o.Shop, o.ID, group.Withdrawn)
		b.Must(err)
		refused(late, group.ClaimOpen(o.ID, false), "group.over")
	})
}
