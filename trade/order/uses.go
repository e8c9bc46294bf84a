package order

import (
	"slices"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/deal/quota"
)

// usesBack gives back what a refund frees of the order's quotas, in the refund's transaction.
func (s *Service) usesBack(tx *db.Tx, o *Order, sub *Sub, before []Line, shipped bool) error {
	if !slices.ContainsFunc(before, func(l Line) bool { return l.Discounts != "" }) {
		return nil
	}
	uses, err := quota.UsesOf(tx, []string{string(o.ID)})
	if err != nil || len(uses[string(o.ID)]) == 0 {
		return err
	}
	f := freed{order: o, uses: uses[string(o.ID)]}
	for i, was := range before {
		if units := sub.Lines[i].RefundedQuantity - was.RefundedQuantity; units > 0 {
			if err := f.line(&was, units, shipped); err != nil {
				return err
			}
		}
	}
	return quota.GiveBack(tx, f.backs)
}

// freed collects what goes back to the quotas of one order:
//   - a budget gets the pieces' share of what its promotion took off, whenever they are refunded (RULES 1.7);
//   - what a shopper may buy of an item is theirs to buy again only if the pieces never left the shop;
//   - a voucher is returned only when every line that it touched is refunded whole before shipping (RULES 1.6).
type freed struct {
	order *Order
	uses  []quota.Use
	backs []quota.Back
}

func (f *freed) line(was *Line, units int64, shipped bool) error {
	discounts, err := DecodeDiscounts(was.Discounts)
	if err != nil {
		return err
	}
	for _, d := range discounts {
		share, err := money.UnitsRefund(d.Amount, was.Quantity, was.RefundedQuantity, units)
		if err != nil {
			return err
		}
		f.give(quota.Budget(d.Promotion), share)
		if shipped {
			continue
		}
		f.give(quota.Limit(d.Promotion, f.order.Shopper), units)
		whole, err := f.wholeOf(d.Claim)
		if err != nil {
			return err
		}
		if whole && !f.gave(quota.Voucher(d.Claim)) {
			f.give(quota.Voucher(d.Claim), 1)
		}
	}
	return nil
}

// give gives back up to what the order still uses of a quota; of one that it does not use, nothing.
func (f *freed) give(name string, amount int64) {
	i := slices.IndexFunc(f.uses, func(u quota.Use) bool { return u.Quota == name })
	if i < 0 {
		return
	}
	amount = min(amount, f.uses[i].Amount)
	f.uses[i].Amount -= amount
	f.backs = append(f.backs, quota.Back{Order: string(f.order.ID), Quota: name, Amount: amount})
}

func (f *freed) gave(name string) bool {
	return slices.ContainsFunc(f.backs, func(b quota.Back) bool { return b.Quota == name })
}

// wholeOf tells whether every line that a claimed voucher touched is refunded whole, and none of them was shipped.
func (f *freed) wholeOf(claim string) (bool, error) {
	if claim == "" {
		return false, nil
	}
	for i := range f.order.Subs {
		sub := &f.order.Subs[i]
		for _, l := range sub.Lines {
			discounts, err := DecodeDiscounts(l.Discounts)
			if err != nil {
				return false, err
			}
			touched := slices.ContainsFunc(discounts, func(d Discount) bool { return d.Claim == claim })
			if touched && (l.Left() > 0 || !sub.ShippedAt.IsZero()) {
				return false, nil
			}
		}
	}
	return true, nil
}
