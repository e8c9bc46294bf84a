package aftersale_test

import (
	"strings"
	"sync"
	"testing"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/trade/aftersale"
)

func (b *bench) decide(id aftersale.ID, refund bool, note string) (aftersale.Case, error) {
	return b.Cases.Decide(ctx, aftersale.Decide{Case: id, Refund: refund, Note: note})
}

// noted is what the record keeps of a case.
func (b *bench) noted(id aftersale.ID) (all []string) {
	b.t.Helper()
	b.Must(b.DB.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = db.List(tx, func(r db.Row) (s string, err error) { return s, r.Scan(&s) },
			`SELECT what || ' ' || facts_after FROM audit_entries WHERE subject = $1 ORDER BY id`, id)
		return err
	}))
	return all
}

// TestTheOperatorDecides: an open case, once, with a reason that the record keeps; a refused one is refunded as a case of
// its own, and a withdrawn one is nobody's to decide.
func TestTheOperatorDecides(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy(pieces(4, 100))
		b.Must(b.send(o, 1))
		b.Must(b.deliver(o, 1))
		paid, denied, agreed := b.asks(o, aftersale.Damaged), b.asks(o, aftersale.Damaged), b.asks(o, aftersale.Damaged)
		gone := b.asks(o, aftersale.Damaged)
		_, err := b.Cases.AgreeReturn(ctx, agreed.Shop, agreed.ID, "")
		b.Must(err)
		_, err = b.Cases.Withdraw(ctx, o.Shopper, gone.ID)
		b.Must(err)
		if _, err := b.decide(paid.ID, true, " "); !fault.Is(err, "aftersale.note_why") {
			t.Errorf("without a reason: %v", err)
		}
		for range 2 {
			if c, err := b.decide(paid.ID, true, "the pictures show it"); err != nil || c.State != aftersale.Refunded ||
				c.Steps[1].Actor != "operator" || c.Steps[1].Note == "" {
				t.Errorf("%+v, %v", c, err)
			}
		}
		if all := b.noted(paid.ID); len(all) != 1 || !strings.Contains(all[0], "case.refunded") ||
			!strings.Contains(all[0], "the pictures show it") {
			t.Errorf("the record keeps %v", all)
		}
		if c, err := b.decide(denied.ID, false, "it was used"); err != nil || c.State != aftersale.Refused {
			t.Errorf("%+v, %v", c, err)
		}
		if c, err := b.decide(agreed.ID, true, "the carrier has it"); err != nil || c.State != aftersale.Refunded {
			t.Errorf("%+v, %v", c, err)
		}
		for range 2 {
			c, err := b.decide(denied.ID, true, "it was not, after all")
			if err != nil || c.ID == denied.ID || c.State != aftersale.Refunded || c.Amount != 100 || len(b.noted(c.ID)) != 1 {
				t.Errorf("%+v, %v", c, err)
			}
		}
		for _, refund := range []bool{true, false} {
			if _, err := b.decide(gone.ID, refund, "no"); !fault.Is(err, "aftersale.state") {
				t.Errorf("decided what was withdrawn: %v", err)
			}
		}
		if n := len(b.refunds(o)); n != 3 {
			t.Errorf("%d refunds", n)
		}
		if n := b.told(aftersale.TopicDecided); n != 4 {
			t.Errorf("shops were told %d times", n)
		}
		b.check(t, o.ID)
	})
}

// TestTheOperatorTheShopAndSilenceAtOnce: one of them decides, and the record names only what the operator did.
func TestTheOperatorTheShopAndSilenceAtOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		const n = 5
		o, cases := b.unanswered(n)
		var wg sync.WaitGroup
		wg.Go(func() { b.silence() })
		for _, c := range cases {
			for _, word := range []func() error{
				func() error { _, err := b.decide(c.ID, true, "yes"); return err },
				func() error { _, err := b.Cases.Refuse(ctx, c.Shop, c.ID, "no"); return err },
			} {
				wg.Go(func() {
					if err := word(); err != nil && !fault.Is(err, "aftersale.state") && !fault.Is(err, "order.units") {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		for _, c := range cases {
			c = b.stands(c.ID)
			if len(c.Steps) != 2 || !c.State.Terminal() || (c.Steps[1].Actor == "operator") != (len(b.noted(c.ID)) == 1) {
				t.Errorf("%+v, the record keeps %v", c.Steps, b.noted(c.ID))
			}
		}
		b.check(t, o.ID)
	})
}
