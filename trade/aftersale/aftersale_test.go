package aftersale_test

import (
	"strings"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/funds/pay"
	"hutong/goods/stock"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

func TestBeforeShippingItIsRefundedAtOnceWithFreight(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy(pieces(3, 100), pieces(1, 1000))
		c := b.opened(o, 1, order.Units{Line: 1, Units: 1})
		if c.State != aftersale.Refunded || c.Amount != 100 || c.Freight != 0 || c.ClosedAt.IsZero() {
			t.Errorf("%+v", c)
		}
		b.check(t, o.ID)
		if c = b.opened(o, 1); c.Amount != 200+600 || c.Freight != 600 || len(c.Lines) != 1 || c.Lines[0].Units != 2 {
			t.Errorf("the rest: %+v", c)
		}
		if sub := b.sub(o, 1); sub.State != order.SubCancelled || b.read(o.ID).State != order.Paid {
			t.Errorf("part 1 is %s, the order %s", sub.State, b.read(o.ID).State)
		}
		b.check(t, o.ID)
		b.opened(o, 2)
		if got := b.read(o.ID); got.State != order.Cancelled || got.Reason != "refunded" {
			t.Errorf("%s %s", got.State, got.Reason)
		}
		b.check(t, o.ID)
		b.sendRefunds()
		if b.Wallet.PaidBack() != o.Total {
			t.Errorf("the wallet paid %d back of %d", b.Wallet.PaidBack(), o.Total)
		}
	})
}

func TestAfterShippingTheMerchantAnswers(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy(pieces(5, 100))
		b.Must(b.send(o, 1))
		c := b.opened(o, 1, order.Units{Line: 1, Units: 2})
		if c.State != aftersale.Opened || c.Amount != 200 || len(b.refunds(o)) != 0 || b.sub(o, 1).Lines[0].Refunded != 0 {
			t.Errorf("%+v", c)
		}
		shop := o.Subs[0].Shop
		c, err := b.Cases.Agree(ctx, shop, c.ID, false, "")
		if err != nil || c.State != aftersale.Refunded || c.Amount != 200 {
			t.Errorf("%+v %v", c, err)
		}
		b.check(t, o.ID)
		back := b.opened(o, 1, order.Units{Line: 1, Units: 1})
		if back, err = b.Cases.AgreeReturn(ctx, shop, back.ID, "send it to the front desk"); err != nil ||
			back.State != aftersale.Agreed || len(b.refunds(o)) != 1 {
			t.Errorf("%+v %v", back, err)
		}
		if back, err = b.Cases.GoodsBack(ctx, shop, back.ID, true); err != nil || back.State != aftersale.Refunded {
			t.Errorf("%+v %v", back, err)
		}
		if p := b.Pool(poolOf(o)); p.Returned != 1 || p.WrittenOff != 0 || p.Free() != 11 {
			t.Errorf("back on sale: %+v", p)
		}
		broken := b.opened(o, 1, order.Units{Line: 1, Units: 1})
		_, err = b.Cases.AgreeReturn(ctx, shop, broken.ID, "")
		b.Must(err)
		_, err = b.Cases.GoodsBack(ctx, shop, broken.ID, false)
		b.Must(err)
		if p := b.Pool(poolOf(o)); p.Returned != 2 || p.WrittenOff != 1 || p.Free() != 11 {
			t.Errorf("came back broken: %+v", p)
		}
		b.check(t, o.ID)
	})
}

func (b *bench) refunds(o order.Order) []pay.Refund {
	b.t.Helper()
	all, err := b.Pay.Refunds(ctx, string(o.ID))
	b.Must(err)
	return all
}

func poolOf(o order.Order) stock.PoolID { return stock.PoolID(o.Subs[0].Lines[0].Pool) }

func TestEachPartIsByItself(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy(pieces(2, 100), pieces(2, 100))
		b.Must(b.send(o, 1))
		if c := b.opened(o, 2); c.State != aftersale.Refunded || c.Amount != 200+600 {
			t.Errorf("the part that was not sent: %+v", c)
		}
		if c := b.opened(o, 1); c.State != aftersale.Opened || c.Amount != 200 {
			t.Errorf("the part that was: %+v", c)
		}
		b.check(t, o.ID)
	})
}

func TestKeysOfDifferentPeopleAreApart(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy(pieces(3, 100))
		unit := []order.Units{{Line: 1, Units: 1}}
		seen := map[aftersale.ID]bool{}
		c, err := b.Cases.Open(ctx, aftersale.Open{Shopper: o.Shopper, Order: o.ID, Seq: 1, Lines: unit,
			Reason: aftersale.Other, Key: "1"})
		b.Must(err)
		seen[c.ID] = true
		for _, by := range []aftersale.Party{{Shop: o.Subs[0].Shop}, {Operator: true}} {
			c, err := b.Cases.Refund(ctx, aftersale.Refund{By: by, Order: o.ID, Seq: 1, Lines: unit, Reason: aftersale.Other,
				Key: "1"})
			b.Must(err)
			seen[c.ID] = true
		}
		if len(seen) != 3 {
			t.Errorf("%d cases of three people", len(seen))
		}
		b.check(t, o.ID)
	})
}

func TestAfterCompletionFeesGoBackToo(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		// RULES T3.4b: 8.34 bears a fee of 0.05; two refunds of 4.17 take back 0.02 and 0.03, not 0.03 twice.
		o := b.buy(pieces(2, 417))
		b.Must(b.send(o, 1))
		b.Must(b.receive(o, 1))
		for i, want := range []int64{3, 0} {
			c, err := b.Cases.Refund(ctx, aftersale.Refund{By: aftersale.Party{Shop: o.Subs[0].Shop}, Order: o.ID, Seq: 1,
				Lines: []order.Units{{Line: 1, Units: 1}}, Reason: aftersale.Damaged, Key: b.key()})
			if err != nil || c.Amount != 417 || c.State != aftersale.Refunded {
				t.Fatalf("%+v %v", c, err)
			}
			if _, merchant, fees, _ := b.escrow(o.ID); fees != want || i == 1 && merchant != 0 {
				t.Errorf("refund %d: fees %d, want %d; the merchant has %d", i+1, fees, want, merchant)
			}
			b.check(t, o.ID)
		}
	})
}

func TestAnswersMayBePressedTwice(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy(pieces(4, 100))
		b.Must(b.send(o, 1))
		shop := o.Subs[0].Shop
		unit := order.Units{Line: 1, Units: 1}
		agreed, returned, refused := b.opened(o, 1, unit), b.opened(o, 1, unit), b.opened(o, 1, unit)
		for range 2 {
			c, err := b.Cases.Agree(ctx, shop, agreed.ID, true, "")
			if err != nil || c.State != aftersale.Refunded || len(c.Steps) != 2 {
				t.Errorf("agreed: %+v %v", c, err)
			}
			if c, err = b.Cases.Refuse(ctx, shop, refused.ID, "no"); err != nil || len(c.Steps) != 2 {
				t.Errorf("refused: %+v %v", c, err)
			}
			if c, err = b.Cases.AgreeReturn(ctx, shop, returned.ID, ""); err != nil || len(c.Steps) != 2 {
				t.Errorf("let return: %+v %v", c, err)
			}
		}
		for range 2 {
			c, err := b.Cases.GoodsBack(ctx, shop, returned.ID, true)
			if err != nil || c.State != aftersale.Refunded || len(c.Steps) != 3 {
				t.Errorf("came back: %+v %v", c, err)
			}
		}
		if p := b.Pool(poolOf(o)); p.Returned != 2 || len(b.refunds(o)) != 2 {
			t.Errorf("%d refunds, %+v", len(b.refunds(o)), p)
		}
		b.check(t, o.ID)
	})
}

func TestACaseCanBeRefusedAndAskedAnew(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy(pieces(2, 100))
		b.Must(b.send(o, 1))
		shop := o.Subs[0].Shop
		c := b.opened(o, 1)
		if _, err := b.open(o, 1, order.Units{Line: 1, Units: 1}); !fault.Is(err, "order.units") {
			t.Errorf("asked twice at the same time: %v", err)
		}
		c, err := b.Cases.Refuse(ctx, shop, c.ID, "the seal is broken")
		if err != nil || c.State != aftersale.Refused || c.ClosedAt.IsZero() {
			t.Errorf("%+v %v", c, err)
		}
		for name, press := range map[string]func() error{
			"agree":        func() error { _, err := b.Cases.Agree(ctx, shop, c.ID, false, ""); return err },
			"agree return": func() error { _, err := b.Cases.AgreeReturn(ctx, shop, c.ID, ""); return err },
			"goods back":   func() error { _, err := b.Cases.GoodsBack(ctx, shop, c.ID, true); return err },
		} {
			if err := press(); !fault.Is(err, "aftersale.state") {
				t.Errorf("%s after it was refused: %v", name, err)
			}
		}
		again := b.opened(o, 1)
		if _, err := b.Cases.GoodsBack(ctx, shop, again.ID, true); !fault.Is(err, "aftersale.state") {
			t.Errorf("goods back before it was agreed: %v", err)
		}
		steps := b.one(c.ID).Steps
		if len(steps) != 2 || steps[0].Actor != "shopper" || steps[0].Note != "it rattles" || steps[1].Actor != "merchant" ||
			steps[1].Note != "the seal is broken" || steps[1].From != aftersale.Opened {
			t.Errorf("its history: %+v", steps)
		}
		b.check(t, o.ID)
	})
}

func (b *bench) one(id aftersale.ID) aftersale.Case {
	b.t.Helper()
	c, err := b.Cases.Case(ctx, aftersale.Party{Operator: true}, id)
	b.Must(err)
	return c
}

func TestRefusals(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o, unpaid := b.buy(pieces(3, 100), pieces(1, 100)), b.place(pieces(1, 100))
		good := aftersale.Open{Shopper: o.Shopper, Order: o.ID, Seq: 1, Reason: aftersale.Damaged, Key: "k"}
		for name, c := range map[string]struct {
			change func(cmd *aftersale.Open)
			code   string
		}{
			"another shopper":   {func(cmd *aftersale.Open) { cmd.Shopper = "shr_other" }, "order.not_found"},
			"nobody":            {func(cmd *aftersale.Open) { cmd.Shopper = "" }, "order.not_found"},
			"no such order":     {func(cmd *aftersale.Open) { cmd.Order = "ord_none" }, "order.not_found"},
			"no such part":      {func(cmd *aftersale.Open) { cmd.Seq = 3 }, "order.not_found"},
			"no part":           {func(cmd *aftersale.Open) { cmd.Seq = 0 }, "order.not_found"},
			"no such line":      {func(cmd *aftersale.Open) { cmd.Lines = []order.Units{{Line: 9, Units: 1}} }, "order.line"},
			"another part's":    {func(cmd *aftersale.Open) { cmd.Lines = []order.Units{{Line: 2, Units: 1}} }, "order.line"},
			"no pieces":         {func(cmd *aftersale.Open) { cmd.Lines = []order.Units{{Line: 1}} }, "aftersale.lines"},
			"negative pieces":   {func(cmd *aftersale.Open) { cmd.Lines = []order.Units{{Line: 1, Units: -1}} }, "aftersale.lines"},
			"a line twice":      {func(cmd *aftersale.Open) { cmd.Lines = []order.Units{{Line: 1, Units: 1}, {Line: 1, Units: 1}} }, "aftersale.lines"},
			"no reason":         {func(cmd *aftersale.Open) { cmd.Reason = "" }, "aftersale.reason"},
			"no key":            {func(cmd *aftersale.Open) { cmd.Key = "" }, "aftersale.key_form"},
			"an endless key":    {func(cmd *aftersale.Open) { cmd.Key = strings.Repeat("k", 101) }, "aftersale.key_form"},
			"a novel":           {func(cmd *aftersale.Open) { cmd.Note = strings.Repeat("字", 501) }, "aftersale.note"},
			"a bell":            {func(cmd *aftersale.Open) { cmd.Note = "\a" }, "aftersale.note"},
			"written backwards": {func(cmd *aftersale.Open) { cmd.Note = "\u202ex" }, "aftersale.note"},
			"unpaid":            {func(cmd *aftersale.Open) { cmd.Order, cmd.Shopper = unpaid.ID, unpaid.Shopper }, "order.not_paid"},
		} {
			cmd := good
			c.change(&cmd)
			if got, err := b.Cases.Open(ctx, cmd); !fault.Is(err, c.code) {
				t.Errorf("%s: %+v %v, want %s", name, got, err, c.code)
			}
		}
		b.nothingHappened(t, o)
		for name, by := range map[string]aftersale.Party{"the shopper": {Shopper: o.Shopper}, "nobody": {},
			"another shop": {Shop: "shp_other"}, "the other part's shop": {Shop: o.Subs[1].Shop}} {
			_, err := b.Cases.Refund(ctx, aftersale.Refund{By: by, Order: o.ID, Seq: 1, Reason: aftersale.Other, Key: "k"})
			if !fault.Is(err, "order.not_found") {
				t.Errorf("refunded by %s: %v", name, err)
			}
		}
		b.nothingHappened(t, o)
	})
}

func TestACaseIsNobodyElses(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy(pieces(3, 100), pieces(1, 100))
		b.Must(b.send(o, 1))
		c := b.opened(o, 1, order.Units{Line: 1, Units: 1})
		strangers := map[string]aftersale.Party{"nobody": {}, "another shopper": {Shopper: "shr_other"},
			"another shop": {Shop: "shp_other"}, "the other part's shop": {Shop: o.Subs[1].Shop}}
		for name, p := range strangers {
			if _, err := b.Cases.Case(ctx, p, c.ID); !fault.Is(err, "aftersale.not_found") {
				t.Errorf("%s reads it: %v", name, err)
			}
			if all, err := b.Cases.ByOrder(ctx, p, o.ID); len(all) != 0 || err != nil && name != "nobody" {
				t.Errorf("%s finds %v %v", name, all, err)
			}
			if all, err := b.Cases.List(ctx, p, aftersale.All, "", 10); len(all) != 0 || err != nil && name != "nobody" {
				t.Errorf("%s lists %v %v", name, all, err)
			}
			for verb, press := range map[string]func(shop string) error{
				"agrees":       func(shop string) error { _, err := b.Cases.Agree(ctx, shop, c.ID, true, ""); return err },
				"lets return":  func(shop string) error { _, err := b.Cases.AgreeReturn(ctx, shop, c.ID, ""); return err },
				"has it back":  func(shop string) error { _, err := b.Cases.GoodsBack(ctx, shop, c.ID, true); return err },
				"refuses":      func(shop string) error { _, err := b.Cases.Refuse(ctx, shop, c.ID, "no"); return err },
				"acts as shop": func(string) error { _, err := b.Cases.Agree(ctx, o.Shopper, c.ID, true, ""); return err },
			} {
				if err := press(p.Shop); !fault.Is(err, "aftersale.not_found") {
					t.Errorf("%s %s: %v", name, verb, err)
				}
			}
		}
		for name, p := range map[string]aftersale.Party{"its shopper": {Shopper: o.Shopper}, "its shop": {Shop: o.Subs[0].Shop},
			"the operator": {Operator: true}} {
			got, err := b.Cases.Case(ctx, p, c.ID)
			if err != nil || got.State != aftersale.Opened {
				t.Errorf("%s reads %+v %v", name, got, err)
			}
			if all, err := b.Cases.List(ctx, p, aftersale.ToAnswer, "", 10); err != nil || len(all) != 1 {
				t.Errorf("%s lists %v %v", name, all, err)
			}
		}
	})
}

func TestListsPage(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy(pieces(9, 100))
		b.Must(b.send(o, 1))
		shop := aftersale.Party{Shop: o.Subs[0].Shop}
		var ids []aftersale.ID
		for range 5 {
			ids = append(ids, b.opened(o, 1, order.Units{Line: 1, Units: 1}).ID)
		}
		_, err := b.Cases.AgreeReturn(ctx, shop.Shop, ids[1], "")
		b.Must(err)
		_, err = b.Cases.Refuse(ctx, shop.Shop, ids[2], "no")
		b.Must(err)
		for f, want := range map[aftersale.Filter][]aftersale.ID{
			aftersale.All:      {ids[4], ids[3], ids[2], ids[1], ids[0]},
			aftersale.ToClose:  {ids[4], ids[3], ids[1], ids[0]},
			aftersale.ToAnswer: {ids[4], ids[3], ids[0]},
		} {
			var got []aftersale.ID
			for before := aftersale.ID(""); ; {
				all, err := b.Cases.List(ctx, shop, f, before, 2)
				b.Must(err)
				for _, c := range all {
					got = append(got, c.ID)
					before = c.ID
				}
				if len(all) < 2 {
					break
				}
			}
			if len(got) != len(want) {
				t.Fatalf("%s: %v, want %v", f, got, want)
			}
			for i := range got {
				if got[i] != want[i] {
					t.Errorf("%s: %v, want %v", f, got, want)
				}
			}
		}
	})
}

// RULES T1.10: signed on Tuesday 3 November at any hour, the last day is Tuesday 10 November.
func TestTheDaysCountFromTheDayAfterReceipt(t *testing.T) {
	zone := aftersale.DefaultSettings().Zone
	day := func(month time.Month, d int) time.Time { return time.Date(2026, month, d, 0, 0, 0, 0, zone) }
	each(t, func(t *testing.T, b *bench) {
		for name, signed := range map[string]time.Time{"early": day(11, 3), "late": day(11, 4).Add(-time.Microsecond)} {
			o := b.buy(pieces(9, 100))
			b.Must(b.send(o, 1))
			ask := func(at time.Time, r aftersale.Reason) error {
				_, err := b.Cases.Open(clock.Pin(ctx, at), aftersale.Open{Shopper: o.Shopper, Order: o.ID, Seq: 1, Reason: r,
					Lines: []order.Units{{Line: 1, Units: 1}}, Key: b.key()})
				return err
			}
			if err := ask(day(12, 31), aftersale.Unwanted); err != nil {
				t.Errorf("%s: still on its way: %v", name, err)
			}
			b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
				return b.Orders.Delivered(tx, signed, []order.SubKey{{Order: o.ID, Seq: 1}})
			}))
			// The first of signed and received counts.
			b.Must(b.Orders.Receive(clock.Pin(ctx, signed.AddDate(0, 0, 2)), o.Shopper, o.ID, 1))
			for _, c := range []struct {
				at     time.Time
				reason aftersale.Reason
				late   bool
			}{
				{day(11, 11).Add(-time.Microsecond), aftersale.Unwanted, false}, {day(11, 11), aftersale.Unwanted, true},
				{day(11, 11), aftersale.Damaged, false}, {day(12, 4).Add(-time.Microsecond), aftersale.Damaged, false},
				{day(12, 4), aftersale.Damaged, true},
			} {
				if err := ask(c.at, c.reason); fault.Is(err, "aftersale.too_late") != c.late || err != nil && !c.late {
					t.Errorf("%s: %s at %s: %v", name, c.reason, c.at, err)
				}
			}
			if _, err := b.Cases.Refund(clock.Pin(ctx, day(12, 31)), aftersale.Refund{Order: o.ID, Seq: 1, Key: b.key(),
				By: aftersale.Party{Shop: o.Subs[0].Shop}, Reason: aftersale.Other}); err != nil {
				t.Errorf("%s: the merchant may, whenever: %v", name, err)
			}
			b.check(t, o.ID)
		}
	})
}

func TestEverythingCanBeRead(t *testing.T) {
	for _, s := range []aftersale.State{aftersale.Opened, aftersale.Agreed, aftersale.Refunded, aftersale.Refused} {
		if !s.Valid() || aftersale.Texts["aftersale.state."+string(s)].Zh == "" {
			t.Errorf("state %s cannot be read", s)
		}
	}
	for _, r := range aftersale.Reasons() {
		if !r.Valid() || aftersale.Texts["aftersale.reason."+string(r)].Zh == "" {
			t.Errorf("reason %s cannot be read", r)
		}
	}
	if aftersale.State("").Valid() || aftersale.Reason("").Valid() || aftersale.State("x").Terminal() == false {
		t.Error("an unknown word is valid")
	}
}
