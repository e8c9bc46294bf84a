package checkout

import (
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/deal/campaign"
	"hutong/deal/quota"
	"hutong/trade/order"
)

// payers asks, for items of a sale that are limited for each shopper, that an account which the shopper pays with has
// some of its share left: of those that are known, the one with the most (FAULTS R6). It takes nothing: with what the
// order is paid is known when it is. A shopper who never paid has no account yet.
func (p *priced) payers(tx *db.Tx, who string) error {
	type limit struct {
		Need
		of string
	}
	var items []limit
	for _, n := range p.needs {
		if of, ok := quota.LimitOf(n.Quota); ok && campaign.IsLimited(of) {
			items = append(items, limit{n, of})
		}
	}
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
			names = append(names, quota.Account(n.of, payer))
		}
	}
	free, err := quota.Free(tx, names)
	if err != nil {
		return err
	}
	for _, n := range items {
		best, most := "", int64(-1)
		for _, payer := range payers {
			name := quota.Account(n.of, payer)
			left, used := free[name]
			if !used {
				left = n.Cap
			}
			if left > most {
				best, most = name, left
			}
		}
		p.needs = append(p.needs, Need{n.Promotion, quota.Need{Quota: best, Amount: n.Amount, Cap: n.Cap,
			Code: refusedPayer, Kind: fault.Limited, Look: true}})
	}
	return nil
}
