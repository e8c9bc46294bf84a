package order

import (
	"slices"
	"time"

	"hutong/base/db"
	"hutong/deal/campaign"
	"hutong/deal/quota"
	"hutong/deal/voucher"
	"hutong/funds/pay"
	"hutong/goods/stock"
)

// WhyAccount is why an order is cancelled whose payment account has bought its share of an item already.
const WhyAccount = "account_limit"

// paying are the orders that a batch of captures pays, each by how: whole and in time, whole after it had lapsed, or
// the earnest alone.
type paying struct{ inTime, late, earnests []Order }

// spend makes what orders held theirs, now that they are paid: they leave their shoppers' count of unpaid orders
// that hold pieces of a sale, and what is limited to each shopper counts for the account that paid as well (FAULTS
// R6), as does the use of a voucher for new shoppers (FAULTS P3). An order whose account has had its share is
// cancelled, its money is sent back, and it is taken out of the batch. Of a presale it is who pays the earnest that
// counts. Orders under no promotion are not looked at.
func (s *Service) spend(tx *db.Tx, at time.Time, p *payments, all *paying) error {
	refused, err := p.overspent(tx, all)
	if err != nil || len(refused) == 0 {
		return err
	}
	p.whole(refused)
	gone := func(o Order) bool { return refused[string(o.ID)] }
	var over, again []Order
	take := func(from *[]Order, into *[]Order) (taken []Order) {
		for _, o := range *from {
			if gone(o) {
				o.PaidAt = time.Time{}
				taken = append(taken, o)
			}
		}
		*from = slices.DeleteFunc(*from, gone)
		*into = append(*into, taken...)
		return taken
	}
	committed := slices.Concat(take(&all.inTime, &over), take(&all.late, &again))
	take(&all.earnests, &over)
	p.moved = slices.DeleteFunc(p.moved, func(v *Presale) bool { return refused[string(v.Order)] })
	if err := uncommit(tx, idsOf(committed)); err != nil {
		return err
	}
	// A balance that would have been paid together with it is open again, when its bill ends.
	over = slices.DeleteFunc(over, func(o Order) bool { return o.Bill != "" && !o.Leads() })
	if err := s.lapse(tx, over, Cause{Actor: "market", Why: WhyAccount, At: at}); err != nil {
		return err
	}
	lapsed, err := piecesOf(tx, idsOf(again))
	if err != nil {
		return err
	}
	if err := stock.Release(tx, lapsed); err != nil {
		return err
	}
	return quota.Release(tx, keys(idsOf(again)))
}

// overspent counts what a batch pays for the accounts that paid, and tells which orders' accounts have had their share:
// their money goes back.
func (p *payments) overspent(tx *db.Tx, all *paying) (map[string]bool, error) {
	var ids []string
	for _, o := range slices.Concat(all.inTime, all.late) {
		if o.Rules > 0 && o.Earnest == 0 {
			ids = append(ids, string(o.ID))
		}
	}
	for _, o := range all.earnests {
		if o.Rules > 0 {
			ids = append(ids, string(o.ID))
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	payers := p.payers()
	refused, err := quota.Rewrite(tx, ids, func(c *quota.Change) { paid(c, payers[ID(c.Order)]) })
	for i, c := range p.captures {
		if p.verdicts[i].Taken && refused[c.Order] {
			p.verdicts[i] = pay.Return(reasonAccount)
		}
	}
	return refused, err
}

func uncommit(tx *db.Tx, ids []ID) error {
	pieces, err := piecesOf(tx, ids)
	if err != nil {
		return err
	}
	return stock.Uncommit(tx, pieces)
}

// paid is what becomes of an order's uses once an account has paid for it.
func paid(c *quota.Change, payer string) {
	for _, u := range c.Uses {
		if quota.IsUnpaid(u.Quota) {
			c.Back = append(c.Back, u)
		}
		of, ok := quota.LimitOf(u.Quota)
		if !ok || payer == "" {
			continue
		}
		switch mark := quota.Limit(of, payer); {
		case campaign.IsLimited(of):
			c.Take = append(c.Take, quota.Twin{Quota: quota.Account(of, payer), Of: u.Quota, Amount: u.Amount})
		case voucher.IsTemplate(of) && !takes(c, mark):
			c.Take = append(c.Take, quota.Twin{Quota: mark, Of: u.Quota, Amount: u.Amount})
		}
	}
}

// takes tells whether an order takes from a quota on top: a voucher for new shoppers counts once for the account that
// paid, however many marks of its shopper it counts for.
func takes(c *quota.Change, name string) bool {
	return slices.ContainsFunc(c.Take, func(t quota.Twin) bool { return t.Quota == name })
}

// payers are the marks of the accounts that paid the orders which captures won.
func (p *payments) payers() map[ID]string {
	all := map[ID]string{}
	for i, c := range p.captures {
		if p.verdicts[i].Taken {
			all[ID(c.Order)] = c.Payer
		}
	}
	return all
}

// PayersOf are the marks of the accounts that a shopper paid the last orders with.
func PayersOf(tx *db.Tx, shopper string) ([]string, error) {
	ids, err := listedIDs(tx, shopper, payersOf)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return pay.PayersOf(tx, keys(ids))
}

// payersOf is of how many of a shopper's last orders the payment accounts are looked at.
const payersOf = 20
