package referral_test

import (
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/deal/quota"
	"hutong/deal/voucher"
	"hutong/trade/checkout"
	"hutong/trade/referral"
)

// earned is an inviter and a friend who both hold their reward of 10.00, and the friend's order.
func (b *bench) earned(p referral.Programme) (by, friend person, placed checkout.Placed) {
	b.t.Helper()
	by, friend = b.person(), b.person()
	b.invited(by, friend)
	placed = b.pays(friend, 2)
	b.completes(friend, placed)
	b.tell()
	b.Clock.Advance(9 * day)
	b.tick()
	b.see(by, "rewarded")
	if b.gifts(by) != 1 || b.gifts(friend) != 1 || b.used(p) != 2000 {
		b.t.Fatalf("%d and %d vouchers, %d of the budget", b.gifts(by), b.gifts(friend), b.used(p))
	}
	return by, friend, placed
}

// state is what became of somebody's only voucher.
func (b *bench) state(who person) voucher.Voucher {
	b.t.Helper()
	all, err := b.Vouchers.Wallet(ctx, who.id)
	b.Must(err)
	if len(all) != 1 {
		b.t.Fatalf("%d vouchers", len(all))
	}
	return all[0]
}

// uses takes somebody's only voucher into an order.
func (b *bench) uses(who person, in string) error {
	b.t.Helper()
	v := b.state(who)
	return b.DB.Write(ctx, func(tx *db.Tx) error {
		needs := v.Needs(0)[:1]
		book, err := quota.LoadBook(tx, []string{needs[0].Quota})
		if err != nil {
			return err
		}
		if err := book.Take(in, needs); err != nil {
			return err
		}
		return book.Save(tx)
	})
}

// TestI_C8_AnUnusedRewardGoesBackWithItsOrder: while the order is worth the minimum nothing happens; then both lose what
// they have not used, the budget has it again, and the inviter may earn once more. Telling it again changes nothing.
func TestI_C8_AnUnusedRewardGoesBackWithItsOrder(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := b.open(10, func(x *referral.Terms) { x.PerInviter = 1 })
		by, friend, placed := b.earned(p)
		b.refund(placed, 1, "one of two")
		b.tell()
		b.see(by, "rewarded")
		b.refund(placed, 1, "the other")
		b.tell()
		b.see(by, "refused returned")
		for _, who := range []person{by, friend} {
			if s := b.state(who).State; s != voucher.Void {
				t.Errorf("a reward is %s", s)
			}
			b.want(b.uses(who, "ord_late"), "voucher.used")
		}
		_, c, err := b.R.Programme(ctx, p.ID)
		b.Must(err)
		if b.used(p) != 0 || c.Back != 2000 || c.Lost != 0 || c.Kept != 0 || c.Given != 0 {
			t.Errorf("%d of the budget; %+v", b.used(p), c)
		}
		again := b.person()
		b.invited(by, again)
		b.buys(again)
		b.Clock.Advance(9 * day)
		b.tick()
		b.see(by, "refused returned", "rewarded")
	})
}

// TestI_C8_AUsedRewardIsTheProgrammesLoss: who used theirs keeps it, owes nothing, and the budget keeps its worth; it does
// not come back where the order that used it goes back. The other's is taken.
func TestI_C8_AUsedRewardIsTheProgrammesLoss(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := b.open(10)
		by, friend, placed := b.earned(p)
		b.Must(b.uses(by, "ord_used"))
		b.refund(placed, 2, "all")
		b.tell()
		b.see(by, "rewarded")
		_, c, err := b.R.Programme(ctx, p.ID)
		b.Must(err)
		if b.used(p) != 1000 || c.Back != 1000 || c.Lost != 1000 || c.Given != 1000 {
			t.Errorf("%d of the budget; %+v", b.used(p), c)
		}
		if s := b.state(friend).State; s != voucher.Void {
			t.Errorf("the friend's is %s", s)
		}
		mine := b.state(by)
		b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
			again, err := b.Vouchers.ComeBack(tx, b.Clock.Now(), []string{string(mine.ID)})
			if len(again) != 0 {
				t.Errorf("%v comes back", again)
			}
			return err
		}))
	})
}

// TestI_C8_AUseAndATakingBackAtOnce: of both, one wins, and the books say the same.
func TestI_C8_AUseAndATakingBackAtOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := b.open(10)
		by, _, placed := b.earned(p)
		b.refund(placed, 2, "all")
		var wg sync.WaitGroup
		var used error
		wg.Go(func() { used = b.uses(by, "ord_race") })
		wg.Go(b.tell)
		wg.Wait()
		b.Clock.Advance(time.Second)
		b.tell()
		_, c, err := b.R.Programme(ctx, p.ID)
		b.Must(err)
		if lost := c.Lost == 1000; lost != (used == nil) || c.Back+c.Lost != 2000 || b.used(p) != c.Lost {
			t.Errorf("used: %v; %d of the budget; %+v", used, b.used(p), c)
		}
	})
}
