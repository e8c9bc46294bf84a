package referral_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/deal/voucher"
	"hutong/party/shopper"
	"hutong/trade/aftersale"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/referral"
)

// TestP1_RewardAfterTheTimeOfReturn: nothing is given while the order is on its way or can go back, and then once.
func TestP1_RewardAfterTheTimeOfReturn(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := b.open(10)
		by, friend := b.person(), b.person()
		b.invited(by, friend)
		b.see(by, "bound")
		placed := b.pays(friend, 1)
		b.tick()
		b.see(by, "pending")
		b.Clock.Advance(20 * day) // it was not even sent
		b.tick()
		b.see(by, "pending")
		b.completes(friend, placed)
		b.Clock.Advance(8*day - time.Microsecond)
		b.tick()
		if b.see(by, "pending"); b.gifts(by)+b.gifts(friend) != 0 {
			t.Fatal("a reward before its time")
		}
		b.Clock.Advance(time.Microsecond + day) // at the latest a day after
		for range 3 {
			b.tick()
		}
		b.see(by, "rewarded")
		if b.gifts(by) != 1 || b.gifts(friend) != 1 || b.used(p) != 2000 {
			t.Fatalf("%d and %d vouchers, %d of the budget", b.gifts(by), b.gifts(friend), b.used(p))
		}
	})
}

// TestP1_TheSamePersonIsNoFriend: who shares an address, a phone number, a browser or a payment account with the
// inviter, or with somebody who does, or with a friend who was credited before, brings nothing, and the reason says
// nothing of what was shared.
func TestP1_TheSamePersonIsNoFriend(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := b.open(20, func(x *referral.Terms) { x.PerInviter = 20 })
		by := b.at("13700000001", "解放路 1 号")
		code, err := b.R.Code(ctx, by.id, "browser")
		b.Must(err)
		home := b.at("13700000002", "解放路1号")
		phone := b.at("+86 13700000001", "解放路 3 号")
		browser, real, double := b.person(), b.at("13700000003", "中山路 1 号"), b.at("13700000003", "中山路 2 号")
		payer := b.at("13700000004", "中山路 4 号")
		payer.payer = by.payer
		b.pays(by, 1)
		further := b.at("13700000002", "中山路 3 号") // shares a phone number with who lives at the inviter's
		for _, f := range []person{home, phone, browser, real, double, further, payer} {
			device := ""
			if f == browser {
				device = "browser"
			}
			b.Must(b.R.Bind(ctx, referral.Bind{Shopper: f.id, Code: code, Device: device}))
		}
		for _, f := range []person{home, phone, browser, real, double, further, payer} {
			b.buys(f)
			b.Clock.Advance(time.Minute)
		}
		b.Clock.Advance(9 * day)
		b.tick()
		no := "refused person"
		b.see(by, no, no, no, "rewarded", no, no, no)
		if b.gifts(by) != 1 || b.used(p) != 2000 {
			t.Fatalf("%d vouchers, %d of the budget", b.gifts(by), b.used(p))
		}
		for _, said := range []string{referral.Texts.Text("zh", "referral.why.person"),
			referral.Texts.Text("en", "referral.why.person")} {
			if said == "" || strings.Contains(said, "13700000001") {
				t.Errorf("the reason says %q", said)
			}
		}
	})
}

// TestP1_SelfInviteAndRefundBringNothing is RULES T11c.
func TestP1_SelfInviteAndRefundBringNothing(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := b.open(10)
		by, part, whole, wanting := b.person(), b.person(), b.person(), b.person()
		code, err := b.R.Code(ctx, by.id, "")
		b.Must(err)
		b.want(b.R.Bind(ctx, referral.Bind{Shopper: by.id, Code: code}), "referral.own")
		b.invited(by, part, whole, wanting)
		two := b.pays(part, 2)
		b.completes(part, two)
		all := b.buys(whole)
		held := b.pays(wanting, 2)
		b.completes(wanting, held)
		b.tell()
		b.Clock.Advance(2 * day)
		b.refund(two, 1, "one of two") // the minimum is still met
		b.refund(all, 1, "all")
		c, err := b.Cases.Open(ctx, aftersale.Open{Shopper: wanting.id, Order: held.Order, Seq: 1,
			Lines: []order.Units{{Line: 1, Units: 2}}, Reason: aftersale.Unwanted, Key: "open"})
		b.Must(err)
		b.Clock.Advance(7 * day)
		b.tick()
		b.see(by, "rewarded", "refused order", "pending") // somebody has yet to answer
		_, err = b.Cases.Agree(ctx, b.goods.Shop, c.ID, true, "")
		b.Must(err)
		b.Clock.Advance(2 * day)
		b.tick()
		b.see(by, "rewarded", "refused order", "refused order")
		if b.used(p) != 2000 {
			t.Fatalf("%d of the budget is taken", b.used(p))
		}
	})
}

// TestOneAttributionForAFriend: the first link counts, before the first order, and the first order alone.
func TestOneAttributionForAFriend(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		first := b.open(10)
		by, other, friend, old, late := b.person(), b.person(), b.person(), b.person(), b.person()
		b.pays(old, 1)
		b.tell()
		b.invited(by, friend)
		b.invited(by, friend) // again
		code, err := b.R.Code(ctx, other.id, "")
		b.Must(err)
		b.want(b.R.Bind(ctx, referral.Bind{Shopper: friend.id, Code: code}), "referral.bound")
		b.want(b.R.Bind(ctx, referral.Bind{Shopper: old.id, Code: code}), "referral.not_new")
		b.want(b.R.Bind(ctx, referral.Bind{Shopper: friend.id, Code: "0000000000000000"}), "referral.code")
		b.want(b.R.Bind(ctx, referral.Bind{Shopper: friend.id, Code: "x' OR ''='"}), "referral.code")

		unpaid := b.Place(late.id, late.home, checkout.BasketLine{Offer: string(b.goods.ID), Quantity: 1})
		b.Clock.Advance(time.Second)
		b.invited(by, late) // after the order was placed
		b.pay(late, unpaid)
		b.Clock.Advance(time.Second)
		small := b.pays(friend, 1)
		b.Clock.Advance(time.Second)
		b.pays(friend, 3)
		b.tick()
		b.see(by, "pending", "refused not_new")
		mine, err := b.R.Mine(ctx, by.id, "")
		b.Must(err)
		if mine[1].Order != small.Order {
			t.Fatalf("credited is %s, not the first order %s", mine[1].Order, small.Order)
		}

		// A link of a programme that is over makes way for another, as long as nothing was bought.
		slow := b.person()
		b.invited(by, slow)
		b.Must(b.R.Stop(ctx, first.ID))
		b.Must(b.R.Stop(ctx, first.ID))
		b.want(b.R.Bind(ctx, referral.Bind{Shopper: slow.id, Code: code}), "referral.none_open")
		b.open(10)
		b.invited(other, slow)
		b.buys(slow)
		b.completes(friend, small)
		b.Clock.Advance(9 * day)
		b.tick()
		b.see(by, "rewarded", "refused not_new") // what was pending when it stopped is still decided
		b.see(other, "rewarded")
	})
}

// TestI_C8_OneBudgetForTwoRewards: two friends pay at once while the budget is enough for one, and two nodes
// tell of it: one is credited, the other is told so; with the limit of one inviter likewise.
func TestI_C8_OneBudgetForTwoRewards(t *testing.T) {
	for name, change := range map[string]func(*referral.Terms){
		"budget": func(x *referral.Terms) { x.Budget = 3999 },
		"limit":  func(x *referral.Terms) { x.PerInviter = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, b *bench) {
				for range 3 {
					p := b.open(10, change)
					by, friends := b.person(), []person{b.person(), b.person()}
					b.invited(by, friends...)
					var wg sync.WaitGroup
					for _, f := range friends {
						wg.Go(func() { b.buyQuietly(f) })
					}
					wg.Wait()
					b.dispatch()
					if got := strings.Join(b.of(by), ", "); got != "pending, refused "+name && got != "refused "+name+", pending" {
						t.Fatalf("the inviter sees %q", got)
					}
					b.Clock.Advance(9 * day)
					b.judge()
					if got := strings.Count(fmt.Sprint(b.of(by)), "rewarded"); got != 1 || b.used(p) != 2000 || b.gifts(by) != 1 {
						t.Fatalf("%d rewards, %d of the budget, %d vouchers", got, b.used(p), b.gifts(by))
					}
					b.Must(b.R.Stop(ctx, p.ID))
				}
			})
		})
	}
}

func (b *bench) buyQuietly(f person) {
	p := b.pays(f, 1)
	b.completes(f, p)
}

// dispatch tells everything on two nodes at once.
func (b *bench) dispatch() {
	b.t.Helper()
	b.twice(func() error { _, err := b.bus().Dispatch(ctx); return err })
	for { // an engine may ask one of the two to try again
		b.Clock.Advance(time.Hour)
		if n, err := b.Bus.Retry(ctx); err != nil || n == 0 {
			b.Must(err)
			break
		}
	}
	b.tell()
}

// judge decides what is due on two nodes at once.
func (b *bench) judge() {
	b.t.Helper()
	b.twice(func() error { _, err := b.R.Judge(ctx); return err })
	b.tick()
}

func (b *bench) twice(do func() error) {
	b.t.Helper()
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if err := do(); err != nil {
				b.t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestARewardThatCannotBeGivenWaits: a paused template takes no promise away, and keeps nobody else waiting.
func TestARewardThatCannotBeGivenWaits(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := b.open(10)
		by, friend := b.person(), b.person()
		b.invited(by, friend)
		b.buys(friend)
		turn := func(to voucher.TemplateState) {
			b.Must(b.Vouchers.Turn(ctx, voucher.Turn{Template: p.Terms.Invitee, To: to}))
		}
		turn(voucher.TemplatePaused)
		b.Clock.Advance(9 * day)
		b.tick()
		b.see(by, "pending")
		_, counts, err := b.R.Programme(ctx, p.ID)
		if b.Must(err); counts.Stuck != 1 || b.gifts(by) != 0 {
			t.Fatalf("%+v, and the inviter has %d vouchers", counts, b.gifts(by))
		}
		turn(voucher.TemplateOpen)
		b.Clock.Advance(time.Hour)
		b.tick()
		b.see(by, "rewarded")
		if _, counts, err := b.R.Programme(ctx, p.ID); err != nil || counts.Stuck != 0 || counts.Given != 2000 {
			t.Fatalf("%+v %v", counts, err)
		}
	})
}

// TestProgrammesAreRefused: what cannot be kept is not promised.
func TestProgrammesAreRefused(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		now := b.Clock.Now()
		fresh := b.template(1000, 10)
		b.Must(b.Vouchers.Turn(ctx, voucher.Turn{Template: fresh, To: voucher.TemplateVoid}))
		for code, change := range map[string]func(*referral.Terms){
			"referral.title":         func(x *referral.Terms) { x.Title.Zh = "" },
			"referral.amount":        func(x *referral.Terms) { x.Budget = 0 },
			"referral.limit":         func(x *referral.Terms) { x.PerInviter = 0 },
			"referral.returns":       func(x *referral.Terms) { x.ReturnDays = 6 },
			"referral.window":        func(x *referral.Terms) { x.UntilUS = x.FromUS },
			"referral.template":      func(x *referral.Terms) { x.Inviter = fresh },
			"referral.template_ends": func(x *referral.Terms) { x.UntilUS = clock.Micros(now.Add(393 * day)) },
			"referral.budget_small":  func(x *referral.Terms) { x.Budget = 1999 },
		} {
			terms := b.terms(1)
			change(&terms)
			_, err := b.R.Draft(ctx, terms)
			b.want(err, code)
		}
		p := b.open(1)
		b.want(b.R.Seed(ctx, p.ID), "referral.state")
		second, err := b.R.Draft(ctx, b.terms(1))
		b.Must(err)
		b.want(b.R.Seed(ctx, second.ID), "referral.other_open")
		b.want(b.R.Stop(ctx, second.ID), "referral.state")
		b.want(b.R.Stop(ctx, "rfp_x"), "referral.not_found")
		all, _, err := b.R.Programmes(ctx, "")
		if b.Must(err); len(all) != 2 || all[0].ID != second.ID {
			t.Fatalf("%+v", all)
		}
	})
}

// TestAGuestsInvitationFollows: it becomes the account's, unless that is no new friend.
func TestAGuestsInvitationFollows(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.open(10)
		by, guest, account, again, old := b.person(), b.person(), b.person(), b.person(), b.person()
		b.pays(old, 1)
		b.tell()
		b.invited(by, guest, again)
		inherit := func(from, into person) {
			b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
				err := referral.Person{}.Inherit(tx, b.Clock.Now(), shopper.ID(from.id), shopper.ID(into.id))
				if err != nil {
					return err
				}
				return order.Person{}.Inherit(tx, b.Clock.Now(), shopper.ID(from.id), shopper.ID(into.id))
			}))
		}
		placed := b.pays(guest, 1)
		b.tell()
		inherit(guest, account)
		b.tick()
		b.see(by, "pending", "bound")
		inherit(again, old)
		b.see(by, "pending")
		b.completes(account, placed)
		b.Clock.Advance(9 * day)
		b.tick()
		b.see(by, "rewarded")
		if b.gifts(account) != 1 {
			t.Fatal("the account has no reward")
		}
	})
}

// TestErasureForgetsMarksAndCodes: nothing personal stays, nothing is stranded, and the others' record is as it was.
func TestErasureForgetsMarksAndCodes(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := b.open(10)
		by, friend, done := b.person(), b.person(), b.person()
		b.invited(by, friend, done)
		b.buys(done)
		b.Clock.Advance(9 * day)
		b.tick()
		b.buys(friend)
		b.see(by, "pending", "rewarded")
		var told any
		b.Must(b.DB.Write(ctx, func(tx *db.Tx) (err error) {
			if told, err = (referral.Person{}).Export(tx, shopper.ID(by.id)); err != nil {
				return err
			}
			for _, who := range []person{friend, by} {
				if err := (referral.Person{}).Erase(tx, b.Clock.Now(), shopper.ID(who.id)); err != nil {
					return err
				}
			}
			return nil
		}))
		if said := fmt.Sprintf("%+v", told); !strings.Contains(said, "Invited") || strings.Contains(said, friend.id) {
			t.Errorf("the export says %s", said)
		}
		b.see(by, "refused gone", "rewarded")
		if b.used(p) != 2000 {
			t.Errorf("%d of the budget is taken", b.used(p))
		}
		b.Must(b.DB.Read(ctx, func(tx *db.Tx) error {
			for _, q := range []string{`SELECT COUNT(*) FROM referral_codes WHERE shopper_id IN ($1, $2)`,
				`SELECT COUNT(*) FROM referral_marks WHERE shopper_id IN ($1, $2)`} {
				if n, _, err := db.Value[int64](tx, q, by.id, friend.id); err != nil || n != 0 {
					t.Errorf("%d rows are left: %v", n, err)
				}
			}
			return nil
		}))
	})
}
