package aftersale_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

// asks opens a case of one piece for a reason.
func (b *bench) asks(o order.Order, why aftersale.Reason) aftersale.Case {
	b.t.Helper()
	c, err := b.Cases.Open(ctx, aftersale.Open{Shopper: o.Shopper, Order: o.ID, Seq: 1, Reason: why, Key: b.key(),
		Lines: []order.Units{{Line: 1, Units: 1}}})
	b.Must(err)
	return c
}

// unanswered opens n cases of a sent order of n pieces, each of one, and lets the time pass in which its shop answers.
func (b *bench) unanswered(n int64) (o order.Order, cases []aftersale.Case) {
	b.t.Helper()
	o = b.buy(pieces(n, 100))
	b.Must(b.send(o, 1))
	for range n {
		cases = append(cases, b.asks(o, aftersale.Missing))
	}
	b.Clock.Advance(5 * 24 * time.Hour)
	return o, cases
}

func (b *bench) stands(id aftersale.ID) aftersale.Case {
	b.t.Helper()
	c, err := b.Cases.Case(ctx, aftersale.Party{Operator: true}, id)
	b.Must(err)
	return c
}

// silence runs the job until it finds nothing, and tells how many cases it decided.
func (b *bench) silence() (all int) {
	b.t.Helper()
	for {
		n, err := b.Cases.AgreeSilent(ctx)
		if b.Must(err); n == 0 {
			return all
		}
		all += n
	}
}

// TestF8_AShopThatIsSilentHasAgreed: not a moment before the time is up. Goods that lie with the shopper go back first,
// and the shop decides on what comes; of what never came, or was not in the parcel, the money goes back.
func TestF8_AShopThatIsSilentHasAgreed(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o, late := b.buy(pieces(5, 100)), b.buy(pieces(3, 100))
		b.Must(b.send(o, 1))
		b.Must(b.send(late, 1))
		lost := b.asks(late, aftersale.NotArrived)
		b.Must(b.deliver(o, 1))
		broken, missing := b.asks(o, aftersale.Damaged), b.asks(o, aftersale.Missing)
		denied := b.asks(o, aftersale.NotArrived)
		by := b.Clock.Now().AddDate(0, 0, 5)
		if c := b.stands(broken.ID); !c.AnswerBy.Equal(by) {
			t.Errorf("the shop answers by %s, want %s", c.AnswerBy, by)
		}
		b.Clock.Set(by.Add(-time.Microsecond))
		if n := b.silence(); n != 0 {
			t.Errorf("%d cases were agreed to early", n)
		}
		b.Must(b.receive(o, 1)) // and settled
		b.Clock.Set(by)
		if n := b.silence(); n != 4 {
			t.Errorf("%d cases were decided", n)
		}
		for id, want := range map[aftersale.ID]aftersale.State{broken.ID: aftersale.Agreed, denied.ID: aftersale.Agreed,
			missing.ID: aftersale.Refunded, lost.ID: aftersale.Refunded} {
			c := b.stands(id)
			if last := c.Steps[len(c.Steps)-1]; c.State != want || last.Silent() != "silent" || !c.AnswerBy.IsZero() {
				t.Errorf("%s: %s by %q, want %s", c.Reason, c.State, last.Actor, want)
			}
		}
		if _, err := b.Cases.GoodsBack(ctx, o.Subs[0].Shop, broken.ID, true); err != nil {
			t.Error(err)
		}
		if _, err := b.Cases.Refuse(ctx, o.Subs[0].Shop, denied.ID, "signed for"); err != nil {
			t.Error(err)
		}
		b.check(t, o.ID)
		b.check(t, late.ID)
		if n := b.told(aftersale.TopicSilent); n != 4 {
			t.Errorf("%d shops were told", n)
		}
		b.says(t, aftersale.TopicOpened, broken.ID, `"by":"`+by.Format(time.RFC3339))
		b.says(t, aftersale.TopicAgreed, broken.ID, `"why":"silent"`)
	})
}

func (b *bench) told(topic any) (n int64) {
	b.t.Helper()
	b.Must(b.DB.Read(ctx, func(tx *db.Tx) (err error) {
		n, _, err = db.Value[int64](tx, `SELECT COUNT(*) FROM outbox WHERE topic = $1`, topic)
		return err
	}))
	return n
}

// TestR15_SilenceFindsThePiecesGone: what the shop gave back otherwise meanwhile is not given back again.
func TestR15_SilenceFindsThePiecesGone(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy(pieces(2, 100))
		b.Must(b.send(o, 1))
		missing, broken := b.asks(o, aftersale.Missing), b.asks(o, aftersale.Damaged)
		_, err := b.Cases.Refund(ctx, aftersale.Refund{By: aftersale.Party{Shop: o.Subs[0].Shop}, Order: o.ID, Seq: 1,
			Reason: aftersale.Missing, Key: b.key()})
		b.Must(err)
		b.Clock.Advance(5 * 24 * time.Hour)
		b.silence()
		for _, c := range []aftersale.Case{missing, broken} {
			if c = b.stands(c.ID); c.State != aftersale.Refused || c.Steps[1].Silent() != "elsewhere" {
				t.Errorf("%+v", c)
			}
		}
		if n, told := len(b.refunds(o)), b.told(aftersale.TopicSilent); n != 1 || told != 0 {
			t.Errorf("%d refunds, told %d times", n, told)
		}
		b.check(t, o.ID)
	})
}

// TestSilenceAndTheShopsWordAtOnce: one of them decides.
func TestSilenceAndTheShopsWordAtOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		const n = 6
		o, cases := b.unanswered(n)
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { b.silence() })
		}
		for _, c := range cases {
			wg.Go(func() {
				if _, err := b.Cases.Refuse(ctx, c.Shop, c.ID, "no"); err != nil && !fault.Is(err, "aftersale.state") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, c := range cases {
			if c = b.stands(c.ID); len(c.Steps) != 2 || !c.State.Terminal() {
				t.Errorf("%+v", c.Steps)
			}
		}
		b.check(t, o.ID)
	})
}

// TestF8_AReturnWithoutGoodsEnds: fifteen days after the shop's word, or after its silence, and not a moment before. Goods
// that arrived by then are paid back; what ended can be asked anew.
func TestF8_AReturnWithoutGoodsEnds(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy(pieces(5, 100))
		b.Must(b.send(o, 1))
		b.Must(b.deliver(o, 1))
		lazy, quick, silent := b.asks(o, aftersale.Damaged), b.asks(o, aftersale.Damaged), b.asks(o, aftersale.Damaged)
		for _, c := range []aftersale.Case{lazy, quick} {
			_, err := b.Cases.AgreeReturn(ctx, c.Shop, c.ID, "send it")
			b.Must(err)
		}
		by := b.Clock.Now().AddDate(0, 0, 15)
		ended := func(want int) {
			t.Helper()
			if n, err := b.Cases.CloseUnsent(ctx); n != want || err != nil {
				t.Errorf("%d ended, %v, want %d", n, err, want)
			}
		}
		if c := b.stands(lazy.ID); !c.BackBy.Equal(by) {
			t.Errorf("the goods arrive by %s, want %s", c.BackBy, by)
		}
		b.Clock.Set(b.Clock.Now().AddDate(0, 0, 5))
		b.silence()
		b.Clock.Set(by.Add(-time.Microsecond))
		ended(0)
		_, err := b.Cases.GoodsBack(ctx, quick.Shop, quick.ID, true)
		b.Must(err)
		b.Clock.Set(by)
		ended(1)
		b.Clock.Set(by.AddDate(0, 0, 5))
		ended(1)
		ended(0)
		for _, c := range []aftersale.Case{lazy, silent} {
			c = b.stands(c.ID)
			if last := c.Steps[len(c.Steps)-1]; c.State != aftersale.Refused || last.Silent() != aftersale.Unsent {
				t.Errorf("%+v", c)
			}
		}
		if c := b.stands(quick.ID); c.State != aftersale.Refunded {
			t.Errorf("%+v", c)
		}
		b.asks(o, aftersale.Damaged)
		b.check(t, o.ID)
	})
}

// says tells whether what was told of a case has those words.
func (b *bench) says(t *testing.T, topic event.Topic, id aftersale.ID, words string) {
	t.Helper()
	b.Must(b.DB.Read(ctx, func(tx *db.Tx) error {
		body, _, err := db.Value[string](tx, `SELECT body FROM outbox WHERE topic = $1 AND subject = $2`, topic, id)
		if !strings.Contains(body, words) {
			t.Errorf("%s says %s, not %s", topic, body, words)
		}
		return err
	}))
}
