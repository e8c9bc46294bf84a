package aftersale_test

import (
	"log/slog"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/party/merchant"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

// TestAReturnNeedsAnAddress: a shop agrees to a return once it has said where to; the case shows it while the goods are
// on their way, and no longer.
func TestAReturnNeedsAnAddress(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy(pieces(2, 100))
		b.Must(b.send(o, 1))
		b.Must(b.deliver(o, 1))
		c := b.opened(o, 1)
		b.returns(c.Shop, time.Time{})
		if _, err := b.Cases.AgreeReturn(ctx, c.Shop, c.ID, ""); !fault.Is(err, "aftersale.no_returns") {
			t.Fatalf("agreed without an address: %v", err)
		}
		if c = b.stands(c.ID); c.State != aftersale.Opened || c.SendTo.Set() {
			t.Errorf("%+v", c)
		}
		b.returns(c.Shop, b.Clock.Now())
		if c = b.stands(c.ID); c.SendTo.Set() {
			t.Errorf("shown before it is agreed: %+v", c.SendTo)
		}
		c, err := b.Cases.AgreeReturn(ctx, c.Shop, c.ID, "")
		if err != nil || c.SendTo.Street != "Gate 3" || c.BackBy.IsZero() {
			t.Errorf("%+v, %v", c, err)
		}
		if c = b.stands(c.ID); c.SendTo.Recipient != "Li" {
			t.Errorf("%+v", c)
		}
		c, err = b.Cases.GoodsBack(ctx, c.Shop, c.ID, true)
		b.Must(err)
		if c = b.stands(c.ID); c.SendTo.Set() {
			t.Errorf("shown after it ended: %+v", c.SendTo)
		}
		b.check(t, o.ID)
	})
}

// TestTheTimeToSendBeginsWithTheAddress: a shop that was silent may not have said where goods go; until it has, no return
// ends for want of goods, and who waits is told when it does.
func TestTheTimeToSendBeginsWithTheAddress(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		bus := event.NewBus(b.DB, b.Clock, slog.New(slog.DiscardHandler))
		b.Cases.Listen(bus)
		o := b.buy(pieces(2, 100))
		b.Must(b.send(o, 1))
		b.Must(b.deliver(o, 1))
		c := b.opened(o, 1)
		b.returns(c.Shop, time.Time{})
		b.Clock.Advance(5 * 24 * time.Hour)
		if n := b.silence(); n != 1 {
			t.Fatalf("silence decided %d cases", n)
		}
		if c = b.stands(c.ID); c.State != aftersale.Agreed || !c.BackBy.IsZero() {
			t.Fatalf("%+v", c)
		}
		ended := func(want int) {
			t.Helper()
			if n, err := b.Cases.CloseUnsent(ctx); n != want || err != nil {
				t.Errorf("%d ended, %v, want %d", n, err, want)
			}
		}
		b.Clock.Advance(4 * 24 * time.Hour)
		ended(0)
		said := b.Clock.Now()
		b.returns(c.Shop, said)
		b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
			return event.Emit(tx, b.IDs, event.Event{Topic: merchant.ShopReturns, Subject: c.Shop, Shop: c.Shop, At: said})
		}))
		for n := 1; n > 0; {
			var err error
			n, err = bus.Dispatch(ctx)
			b.Must(err)
		}
		if n := b.told(aftersale.TopicSendTo); n != 1 {
			t.Errorf("%d shoppers were told where to", n)
		}
		by := said.AddDate(0, 0, 15)
		if c = b.stands(c.ID); !c.BackBy.Equal(by) {
			t.Errorf("the goods arrive by %s, want %s", c.BackBy, by)
		}
		b.Clock.Set(by.Add(-time.Microsecond))
		ended(0)
		b.Clock.Set(by)
		ended(1)
		b.check(t, o.ID)
	})
}

// TestF8_AReturnThatHasNowhereToGoIsRefunded: as long after a shop's silence as its answer was awaited, and not a moment
// before; not where the shop has said where to meanwhile, however long the goods take then, and not where the pieces were
// given back otherwise.
func TestF8_AReturnThatHasNowhereToGoIsRefunded(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o, more, gone := b.buy(pieces(2, 100)), b.buy(pieces(2, 100)), b.buy(pieces(1, 100))
		var cases []aftersale.Case
		for _, o := range []order.Order{o, more, gone} {
			b.Must(b.send(o, 1))
			b.Must(b.deliver(o, 1))
			cases = append(cases, b.opened(o, 1))
		}
		c, other := cases[0], cases[2]
		for _, c := range cases {
			b.returns(c.Shop, time.Time{})
		}
		b.Clock.Advance(5 * 24 * time.Hour)
		if n := b.silence(); n != 3 {
			t.Fatalf("silence decided %d cases", n)
		}
		_, err := b.Cases.Refund(ctx, aftersale.Refund{By: aftersale.Party{Shop: other.Shop}, Order: gone.ID, Seq: 1,
			Reason: aftersale.Damaged, Key: b.key()})
		b.Must(err)
		ended := func(want int) {
			t.Helper()
			if n, err := b.Cases.RefundNowhere(ctx); n != want || err != nil {
				t.Errorf("%d ended, %v, want %d", n, err, want)
			}
		}
		by := b.Clock.Now().AddDate(0, 0, 5)
		if c = b.stands(c.ID); c.State != aftersale.Agreed || !c.AnswerBy.Equal(by) {
			t.Errorf("%s, the shop says where by %s, want %s", c.State, c.AnswerBy, by)
		}
		b.Clock.Set(by.Add(-time.Microsecond))
		ended(0)
		b.returns(c.Shop, b.Clock.Now())
		b.Clock.Set(by)
		ended(2)
		if c = b.stands(c.ID); !c.AnswerBy.IsZero() || c.BackBy.IsZero() {
			t.Errorf("where is known: %+v", c)
		}
		b.returns(c.Shop, time.Time{})
		ended(1)
		ended(0)
		for i, want := range []aftersale.State{aftersale.Refunded, aftersale.Refunded, aftersale.Refused} {
			if c := b.stands(cases[i].ID); c.State != want || (c.Steps[2].Silent() == aftersale.Nowhere) != (i < 2) {
				t.Errorf("case %d: %s, %+v", i, c.State, c.Steps)
			}
		}
		if all := b.refunds(o); len(all) != 1 || all[0].Amount.Minor != c.Amount {
			t.Errorf("given back: %+v", all)
		}
		b.says(t, aftersale.TopicRefunded, c.ID, `"why":"nowhere"`)
		if n := b.told(aftersale.TopicSilent); n != 5 {
			t.Errorf("shops were told %d times", n)
		}
		for _, o := range []order.Order{o, more, gone} {
			b.check(t, o.ID)
		}
	})
}
