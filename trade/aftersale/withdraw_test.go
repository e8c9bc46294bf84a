package aftersale_test

import (
	"sync"
	"testing"
	"time"

	"hutong/base/fault"
	"hutong/trade/aftersale"
)

// TestAShopperWithdrawsWhatNobodyDecided: once, however often it is pressed; the pieces can be asked back anew. What was
// decided stands, and another shopper's case is not there.
func TestAShopperWithdrawsWhatNobodyDecided(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy(pieces(2, 100))
		b.Must(b.send(o, 1))
		c := b.opened(o, 1)
		if _, err := b.Cases.Withdraw(ctx, b.IDs.New("shr"), c.ID); !fault.Is(err, "aftersale.not_found") {
			t.Errorf("another shopper's case: %v", err)
		}
		for range 2 {
			got, err := b.Cases.Withdraw(ctx, o.Shopper, c.ID)
			if err != nil || got.State != aftersale.Withdrawn || len(got.Steps) != 2 || got.Steps[1].Actor != "shopper" ||
				got.ClosedAt.IsZero() || !got.AnswerBy.IsZero() {
				t.Fatalf("%+v, %v", got, err)
			}
		}
		if n := b.told(aftersale.TopicWithdrawn); n != 1 {
			t.Errorf("it was told %d times", n)
		}
		if _, err := b.Cases.Agree(ctx, c.Shop, c.ID, false, ""); !fault.Is(err, "aftersale.state") {
			t.Errorf("agreed to what was withdrawn: %v", err)
		}
		b.Clock.Advance(5 * 24 * time.Hour)
		if n := b.silence(); n != 0 {
			t.Errorf("silence decided %d cases", n)
		}
		anew := b.opened(o, 1)
		if len(anew.Lines) != 1 || anew.Lines[0].Units != 2 {
			t.Errorf("asked anew: %+v", anew)
		}
		_, err := b.Cases.Refuse(ctx, anew.Shop, anew.ID, "no")
		b.Must(err)
		if _, err := b.Cases.Withdraw(ctx, o.Shopper, anew.ID); !fault.Is(err, "aftersale.state") {
			t.Errorf("withdrawn after it was refused: %v", err)
		}
		b.check(t, o.ID)
	})
}

// TestWithdrawingTheShopsWordAndSilenceAtOnce: one of them decides, and money goes back only where it was agreed to.
func TestWithdrawingTheShopsWordAndSilenceAtOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		const n = 6
		o, cases := b.unanswered(n)
		var wg sync.WaitGroup
		wg.Go(func() { b.silence() })
		for _, c := range cases {
			for _, word := range []func() error{
				func() error { _, err := b.Cases.Withdraw(ctx, o.Shopper, c.ID); return err },
				func() error { _, err := b.Cases.Agree(ctx, c.Shop, c.ID, false, ""); return err },
			} {
				wg.Go(func() {
					if err := word(); err != nil && !fault.Is(err, "aftersale.state") {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		paid := 0
		for _, c := range cases {
			if c = b.stands(c.ID); len(c.Steps) != 2 || !c.State.Terminal() {
				t.Errorf("%+v", c.Steps)
			}
			if c.State == aftersale.Refunded {
				paid++
			}
		}
		if got := len(b.refunds(o)); got != paid {
			t.Errorf("%d refunds of %d cases", got, paid)
		}
		b.check(t, o.ID)
	})
}
