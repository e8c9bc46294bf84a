package order

import (
	"context"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/deal/promo"
	"hutong/deal/quota"
	"hutong/funds/settle"
)

// basis reads what an order's price came from, nil where refunds give back the pieces' share of it.
func (s *Service) basis(tx *db.Tx, id ID) (*promo.Basis, error) {
	stored, err := basisOf(tx, id)
	if err != nil || stored == "" {
		return nil, err
	}
	b, err := s.Kinds.ReadBasis(stored)
	if err != nil {
		return nil, fault.New(fault.Internal, "order.discounts").Because(err)
	}
	return b, nil
}

// Reprices tells whether refunds of an order price again what is left of it.
func (s *Service) Reprices(ctx context.Context, id ID) (so bool, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		stored, err := basisOf(tx, id)
		so = stored != ""
		return err
	})
	return so, err
}

// WouldBring is what a Refund would give back as things stand, its freight included. It changes nothing.
// Codes: those of Refund.
func (s *Service) WouldBring(ctx context.Context, r Refund) (out Refunded, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) { out, err = s.WouldBringIn(tx, r); return err })
	return out, err
}

// WouldBringIn is WouldBring in the caller's transaction.
func (s *Service) WouldBringIn(tx *db.Tx, r Refund) (Refunded, error) {
	heads, subs, err := parts(tx, []ID{r.Order}, "")
	if err != nil {
		return Refunded{}, err
	}
	if err := withLines(tx, []ID{r.Order}, subs, refundColumns, scanRefund); err != nil {
		return Refunded{}, err
	}
	w := newWork(joined([]ID{r.Order}, heads, subs))
	o, sub, err := w.sub(SubKey{r.Order, r.Seq})
	if err == nil && (o.PaidAt.IsZero() || sub.State == SubCancelled) {
		err = o.Unpaid(sub)
	}
	if err != nil {
		return Refunded{}, err
	}
	out := Refunded{Currency: o.Currency, Shopper: o.Shopper, Shop: sub.Shop}
	was := linesOf(o)
	if err := w.refundLines(sub, r, &out); err != nil {
		return Refunded{}, err
	}
	basis, err := s.basis(tx, o.ID)
	if err == nil && basis != nil {
		_, err = out.reprice(basis, was, pointers(o), r.Fair)
	}
	if sub.State == SubOpen && sub.left() == 0 {
		out.Freight = sub.Freight - sub.FreightRefunded
		out.Total += out.Freight
	}
	return out, err
}

// reprice prices the rest of an order again, puts it on its lines, and says what goes back.
func (out *Refunded) reprice(basis *promo.Basis, was, now []*Line, fair bool) (Repricing, error) {
	p, err := reprice(basis, was, now, fair)
	if err != nil {
		return p, err
	}
	out.Repriced, out.Kept = true, out.Total-p.Back
	out.Total = p.Back
	return p, nil
}

// linesOf copies the lines of an order as they are.
func linesOf(o *Order) (all []*Line) {
	for _, l := range o.Lines() {
		all = append(all, &l)
	}
	return all
}

// pointers are the lines of an order.
func pointers(o *Order) (all []*Line) {
	for i := range o.Subs {
		for n := range o.Subs[i].Lines {
			all = append(all, &o.Subs[i].Lines[n])
		}
	}
	return all
}

// repriced prices the rest of an order again in a refund's transaction: it keeps what came of it, gives budgets back
// what their promotions do not take off any more, and settles anew what was settled, also of other shops' parts.
func (s *Service) repriced(tx *db.Tx, w *work, r Refund, change repricing, out *Refunded) error {
	now := pointers(change.order)
	p, err := out.reprice(change.basis, change.was, now, r.Fair)
	if err != nil {
		return err
	}
	lowered := int64(0)
	w.lines = w.lines[:0] // each line once: halfway, its sums would not be right
	for _, l := range now {
		lowered += l.Lowered
		w.lines = append(w.lines, *l)
	}
	return insertRepricing(tx, r, p, lowered)
}

// repricing is an order whose rest a refund prices again.
type repricing struct {
	basis *promo.Basis
	order *Order
	was   []*Line
}

// budgets gives back what the budgets of an order's promotions have of it beyond what they still take off.
func (f *freed) budgets() error {
	now := map[string]int64{}
	for _, l := range pointers(f.order) {
		was, err := DecodeDiscounts(l.Discounts)
		if err != nil {
			return err
		}
		for _, d := range was {
			now[d.Promotion] += 0
		}
		left, err := l.stands()
		if err != nil {
			return err
		}
		for _, d := range left {
			now[d.Promotion] += d.Amount
		}
	}
	for promotion, takes := range now {
		for _, u := range f.uses {
			if u.Quota == quota.Budget(promotion) && u.Amount > takes {
				f.give(u.Quota, u.Amount-takes)
			}
		}
	}
	return nil
}

// resettle brings the claims of an order's completed parts to what their lines are worth since its rest was priced
// again, and what others pay of them to what they pay since: some earn less, and some more.
func (s *Service) resettle(tx *db.Tx, at time.Time, change repricing) error {
	o := change.order
	var back, more []settle.Refunded
	var pay, paid []settle.Funded
	n := 0
	for i := range o.Subs {
		sub := &o.Subs[i]
		var owe, owed []settle.Share
		for j := range sub.Lines {
			was, l := change.was[n], &sub.Lines[j]
			if n++; sub.State != SubCompleted {
				continue
			}
			diff := settle.Refunded{Order: string(o.ID), Sub: int(sub.Seq), Shop: sub.Shop, Currency: o.Currency,
				Line: int(l.No), Before: was.valueLeft(), After: l.valueLeft(), FeePPM: l.FeePPM,
				FeeRule: settle.RuleID(l.FeeRule)}
			if diff.After < diff.Before {
				back = append(back, diff)
			} else if diff.After > diff.Before {
				more = append(more, diff)
			}
			if err := l.differs(was, &owe, &owed); err != nil {
				return err
			}
		}
		pay, paid = append(pay, funded(o, sub, less(owe, owed))...), append(paid, funded(o, sub, less(owed, owe))...)
	}
	if err := settle.Fund(tx, at, pay); err != nil {
		return err
	}
	if err := s.Settle.Reverse(tx, at, back); err != nil {
		return err
	}
	if err := s.Settle.Raise(tx, at, more); err != nil {
		return err
	}
	return settle.FundBack(tx, at, paid)
}

// differs adds what others paid of a line before, and what they pay now.
func (l *Line) differs(was *Line, now, before *[]settle.Share) error {
	had, err := was.funding()
	if err != nil {
		return err
	}
	have, err := l.funding()
	for _, s := range had {
		*before = plus(*before, s.Party, s.Amount)
	}
	for _, s := range have {
		*now = plus(*now, s.Party, s.Amount)
	}
	return err
}

// less is what each party of all has beyond what it has of others.
func less(all, others []settle.Share) (rest []settle.Share) {
	for _, s := range all {
		for _, o := range others {
			if o.Party == s.Party {
				s.Amount -= o.Amount
			}
		}
		if s.Amount > 0 {
			rest = append(rest, s)
		}
	}
	return rest
}
