package referral_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/referral"
)

// TestI_C8_NoRewardPassesBudgetOrTime walks friends at random through invitations, purchases, refunds and time:
// what is kept back and given never passes the budget nor an inviter's limit, an order is credited once, and a
// reward was given for an order that had outlasted its time of return and was still worth the minimum.
func TestI_C8_NoRewardPassesBudgetOrTime(t *testing.T) {
	b := newBench(t, dbtest.SQLite(t, db.Options{}, schemas()...))
	if checks := flag.Lookup("rapid.checks").Value; checks.String() == "100" { // each step is a market's whole turn
		b.Must(checks.Set("20"))
		defer func() { b.Must(checks.Set("100")) }()
	}
	rapid.Check(t, func(r *rapid.T) {
		budget := rapid.Int64Range(2000, 9000).Draw(r, "budget")
		limit := rapid.Int64Range(1, 3).Draw(r, "limit")
		p := b.open(1, func(x *referral.Terms) { x.Budget, x.PerInviter = budget, limit })
		defer func() { b.Must(b.R.Stop(ctx, p.ID)) }() // also after a walk that failed, for it is walked again, shorter
		inviters := []person{b.person(), b.person()}
		var friends []person
		placed := map[int]checkout.Placed{}
		state := map[int]string{}
		for i := range rapid.IntRange(4, 24).Draw(r, "steps") {
			at := rapid.IntRange(0, max(len(friends)-1, 0)).Draw(r, "friend")
			switch what := rapid.SampledFrom([]string{"invite", "invite", "buy", "buy", "receive", "refund", "wait"}).
				Draw(r, "what"); {
			case what == "invite":
				f := b.person()
				b.invited(inviters[len(friends)%2], f)
				friends = append(friends, f)
			case len(friends) == 0:
			case what == "buy" && state[at] == "":
				placed[at], state[at] = b.pays(friends[at], rapid.Int64Range(1, 2).Draw(r, "pieces")), "paid"
			case what == "receive" && state[at] == "paid":
				b.completes(friends[at], placed[at])
				state[at] = "received"
			case what == "refund" && state[at] != "":
				if o := b.order(placed[at]); o.Lines()[0].Left() > 0 {
					b.refund(placed[at], 1, fmt.Sprint(i))
					if b.order(placed[at]).State == order.Cancelled {
						state[at] = "gone"
					}
				}
			case what == "wait":
				b.Clock.Advance(time.Duration(rapid.IntRange(1, 5).Draw(r, "days")) * day)
			}
			b.tick()
			b.holds(r, p, inviters)
		}
		b.Must(b.R.Stop(ctx, p.ID))
		b.Clock.Advance(40 * day)
		b.tick()
		b.holds(r, p, inviters)
	})
}

func (b *bench) order(p checkout.Placed) order.Order {
	b.t.Helper()
	o, err := b.Orders.Any(ctx, p.Order)
	b.Must(err)
	return o
}

// holds fails the walk where the promise of a programme is broken.
func (b *bench) holds(r *rapid.T, p referral.Programme, inviters []person) {
	b.t.Helper()
	now, sum, orders := b.Clock.Now(), int64(0), map[order.ID]bool{}
	for _, by := range inviters {
		mine, err := b.R.Mine(ctx, by.id, "")
		b.Must(err)
		earned := 0
		for _, x := range mine {
			sum += x.Amount
			if x.State != referral.Pending && x.State != referral.Rewarded {
				continue
			}
			earned++
			if orders[x.Order] {
				r.Fatalf("%s is credited twice", x.Order)
			}
			orders[x.Order] = true
			if x.State != referral.Rewarded {
				continue
			}
			o := b.order(checkout.Placed{Order: x.Order})
			if x.ClosedAt.Sub(o.ClosedAt) < 8*day || now.Before(x.ClosedAt) {
				r.Fatalf("rewarded at %v for an order that completed at %v", x.ClosedAt, o.ClosedAt)
			}
			if worth := o.Lines()[0].Paid - o.Lines()[0].Refunded; worth < 3000 && o.Lines()[0].Refunded == 0 {
				r.Fatalf("rewarded for %d", worth)
			}
		}
		if int64(earned) > p.Terms.PerInviter {
			r.Fatalf("%d rewards of one inviter, %d may be", earned, p.Terms.PerInviter)
		}
		if b.gifts(by) != len(rewarded(mine)) {
			r.Fatalf("%d vouchers for %d rewards", b.gifts(by), len(rewarded(mine)))
		}
	}
	if used := b.used(p); used != sum || used > p.Terms.Budget {
		r.Fatalf("%d of the budget of %d is taken, by rewards of %d", used, p.Terms.Budget, sum)
	}
}

func rewarded(all []referral.Referral) (some []referral.Referral) {
	for _, x := range all {
		if x.State == referral.Rewarded {
			some = append(some, x)
		}
	}
	return some
}
