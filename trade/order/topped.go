package order

import (
	"slices"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/deal/quota"
	"hutong/funds/settle"
)

// lowering is one time that others than the shop paid when a price was lowered.
type lowering struct {
	line         int64
	funding      []settle.Share
	piecesBefore int64 // of the line, that had been given back
}

// back is what goes back to the parties when pieces numbered from+1 to from+units of the line are given back: each
// share belongs to the pieces that were there when it was paid (RULES C4).
func (g *lowering) back(quantity, from, units int64) ([]settle.Share, error) {
	var all []settle.Share
	for _, s := range g.funding {
		n, err := money.UnitsRefund(s.Amount, quantity-g.piecesBefore, from-g.piecesBefore, units)
		if err != nil {
			return nil, err
		}
		all = plus(all, s.Party, n)
	}
	return all, nil
}

// plus adds an amount to a party's share.
func plus(all []settle.Share, party string, amount int64) []settle.Share {
	i := slices.IndexFunc(all, func(have settle.Share) bool { return have.Party == party })
	if i < 0 {
		i, all = len(all), append(all, settle.Share{Party: party})
	}
	all[i].Amount += amount
	return all
}

// funded are shares as funds/settle books them.
func funded(o *Order, sub *Sub, shares []settle.Share) []settle.Funded {
	all := make([]settle.Funded, 0, len(shares))
	for _, s := range shares {
		if s.Amount > 0 {
			all = append(all, settle.Funded{Order: string(o.ID), Shop: sub.Shop, Currency: o.Currency, Share: s})
		}
	}
	return all
}

// untop takes from the lines what goes back to those who paid for a lower price of the pieces that are given back, and
// gives their budget that much again. It answers with what the books owe them.
func (s *Service) untop(tx *db.Tx, o *Order, sub *Sub, before []Line) ([]settle.Funded, error) {
	if !slices.ContainsFunc(before, func(l Line) bool { return l.Topped > 0 }) {
		return nil, nil
	}
	all, err := fundedLowerings(tx, o.ID)
	if err != nil {
		return nil, err
	}
	var owed []settle.Share
	for i, was := range before {
		l := &sub.Lines[i]
		units := l.RefundedQuantity - was.RefundedQuantity
		for n := range all {
			if all[n].line != l.No || units == 0 {
				continue
			}
			back, err := all[n].back(l.Quantity, was.RefundedQuantity, units)
			if err != nil {
				return nil, err
			}
			l.Topped -= sum(back)
			for _, b := range back {
				owed = plus(owed, b.Party, b.Amount)
			}
		}
	}
	return funded(o, sub, owed), budgetBack(tx, o.ID, sum(owed))
}

// budgetBack gives what funders got back to the budgets of the price guarantee that the order uses.
func budgetBack(tx *db.Tx, id ID, amount int64) error {
	uses, err := quota.UsesOf(tx, []string{string(id)})
	if err != nil {
		return err
	}
	var backs []quota.Back
	for _, u := range uses[string(id)] {
		if n := min(amount, u.Amount); n > 0 && quota.IsGuarantee(u.Quota) {
			backs = append(backs, quota.Back{Order: string(id), Quota: u.Quota, Amount: n})
			amount -= n
		}
	}
	return quota.GiveBack(tx, backs)
}
