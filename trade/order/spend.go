package order

import (
	"slices"
	"time"

	"hutong/base/db"
	"hutong/deal/campaign"
	"hutong/deal/quota"
	"hutong/funds/pay"
	"hutong/goods/stock"
)

// WhyAccount is why an order is cancelled whose payment account has bought its share of an item already.
const WhyAccount = "account_limit"

// spend makes what orders held theirs, now that they are paid: they leave their shoppers' count of unpaid orders
// that hold pieces of a sale, and what is limited to each shopper counts for the account that paid as well (FAULTS
// R6). An order whose account has bought its share is cancelled and its money sent back; the others are given back
// to the caller. Orders under no promotion are not looked at.
func (s *Service) spend(tx *db.Tx, at time.Time, p payments, inTime, late []Order) (on, lateOn []Order, err error) {
	var ids []string
	for _, o := range append(slices.Clone(inTime), late...) {
		if o.Rules > 0 && o.Earnest == 0 { // of a presale it is who pays the earnest that counts: spendFirst
			ids = append(ids, string(o.ID))
		}
	}
	if len(ids) == 0 {
		return inTime, late, nil
	}
	payers := p.payers()
	refused, err := quota.Rewrite(tx, ids, func(c *quota.Change) {
		paid(c, payers[ID(c.Order)])
	})
	if err != nil || len(refused) == 0 {
		return inTime, late, err
	}
	for i, c := range p.captures {
		if p.verdicts[i].Taken && refused[c.Order] {
			p.verdicts[i] = pay.Return(reasonAccount)
		}
	}
	var over []Order
	for _, o := range inTime {
		if refused[string(o.ID)] {
			o.PaidAt = time.Time{}
			over = append(over, o)
		}
	}
	var again []ID
	for _, o := range late {
		if refused[string(o.ID)] {
			again = append(again, o.ID)
		}
	}
	if err := uncommit(tx, append(idsOf(over), again...)); err != nil {
		return nil, nil, err
	}
	if err := s.lapse(tx, over, Cause{Actor: "market", Why: WhyAccount, At: at}); err != nil {
		return nil, nil, err
	}
	lapsed, err := piecesOf(tx, again)
	if err != nil {
		return nil, nil, err
	}
	if err := stock.Release(tx, lapsed); err != nil {
		return nil, nil, err
	}
	gone := func(o Order) bool { return refused[string(o.ID)] }
	return slices.DeleteFunc(inTime, gone), slices.DeleteFunc(late, gone), quota.Release(tx, keys(again))
}

// spendFirst is spend for the earnests of presales: an account that has had its share gets its money back, and the
// order lapses.
func (s *Service) spendFirst(tx *db.Tx, at time.Time, p *payments) error {
	var ids []string
	for _, o := range p.earnests {
		if o.Rules > 0 {
			ids = append(ids, string(o.ID))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	payers := p.payers()
	refused, err := quota.Rewrite(tx, ids, func(c *quota.Change) { paid(c, payers[ID(c.Order)]) })
	if err != nil || len(refused) == 0 {
		return err
	}
	for i, c := range p.captures {
		if p.verdicts[i].Taken && refused[c.Order] {
			p.verdicts[i] = pay.Return(reasonAccount)
		}
	}
	gone := func(o Order) bool { return refused[string(o.ID)] }
	var over []Order
	for _, o := range p.earnests {
		if gone(o) {
			over = append(over, o)
		}
	}
	p.earnests = slices.DeleteFunc(p.earnests, gone)
	p.moved = slices.DeleteFunc(p.moved, func(v *Presale) bool { return refused[string(v.Order)] })
	return s.lapse(tx, over, Cause{Actor: "market", Why: WhyAccount, At: at})
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
		if item, ok := quota.LimitOf(u.Quota); ok && payer != "" && campaign.IsLimited(item) {
			c.Take = append(c.Take, quota.Twin{Quota: quota.Account(item, payer), Of: u.Quota, Amount: u.Amount})
		}
	}
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
