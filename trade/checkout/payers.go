package checkout

import (
	"slices"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/deal/campaign"
	"hutong/deal/quota"
	"hutong/deal/voucher"
	"hutong/trade/order"
)

// payers asks, for items of a sale that are limited for each shopper and for vouchers for new shoppers, that an account
// which the shopper pays with has some of its share left: of those that are known, the one with the most (FAULTS R6,
// P3). It takes nothing: with what the order is paid is known when it is. A shopper who never paid has no account yet.
func (p *priced) payers(tx *db.Tx, who string) error {
	items := p.limited()
	if len(items) == 0 {
		return nil
	}
	payers, err := order.PayersOf(tx, who)
	if err != nil || len(payers) == 0 {
		return err
	}
	var names []string
	for _, n := range items {
		for _, payer := range payers {
			names = append(names, n.account(payer))
		}
	}
	free, err := quota.Free(tx, names)
	if err != nil {
		return err
	}
	for _, n := range items {
		best, most := "", int64(-1)
		for _, payer := range payers {
			name := n.account(payer)
			left, used := free[name]
			if !used {
				left = n.Cap
			}
			if left > most {
				best, most = name, left
			}
		}
		p.needs = append(p.needs, Need{n.Promotion, quota.Need{Quota: best, Amount: n.Amount, Cap: n.Cap,
			Code: n.refused(), Kind: fault.Limited, Look: true}})
	}
	return nil
}

// limit is a need that counts for payment accounts too.
type limit struct {
	Need
	of string // an item of a sale, items together, or a voucher's template
}

// limited are those of an order, of each voucher one.
func (p *priced) limited() (all []limit) {
	for _, n := range p.needs {
		of, ok := quota.LimitOf(n.Quota)
		same := func(l limit) bool { return l.of == of }
		if ok && (campaign.IsLimited(of) || voucher.IsTemplate(of) && !slices.ContainsFunc(all, same)) {
			all = append(all, limit{n, of})
		}
	}
	return all
}

// account is the quota of a payment account: a voucher counts for it as for the other marks of a person.
func (l limit) account(payer string) string {
	if voucher.IsTemplate(l.of) {
		return quota.Limit(l.of, payer)
	}
	return quota.Account(l.of, payer)
}

func (l limit) refused() string {
	if voucher.IsTemplate(l.of) {
		return voucher.CodeMarked
	}
	return refusedPayer
}
