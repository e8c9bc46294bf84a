package quota

import (
	"fmt"

	"hutong/base/db"
)

// Change is what becomes of an order's uses at once: some go back, others are taken on top.
type Change struct {
	Order string
	Uses  []Use  // what the order uses now
	Back  []Use  // of those, what goes back
	Take  []Twin // all of them or none
}

// Twin is an amount of a quota that is made, where it is not there, with the cap of another one that the order uses. It
// keeps that cap: twins are of items of a sale (campaign.IsLimited), whose limit for each shopper no verb changes once
// they are enrolled, and of vouchers for new shoppers (voucher.IsTemplate), of which one person is new but once.
type Twin struct {
	Quota, Of string
	Amount    int64
}

// Rewrite reads what orders use, once, has decide say what becomes of each that uses something, and does that. An
// order that cannot take what it should is told in refused, and keeps its uses as they were. It is not safe to repeat.
// Whoever needs stock in the same transaction locks that first, as placing does.
func Rewrite(tx *db.Tx, orders []string, decide func(*Change)) (refused map[string]bool, err error) {
	rows, err := usesOf(tx, orders, forWriting)
	if err != nil {
		return nil, err
	}
	changes := make([]Change, 0, len(rows))
	var mine []*usesRow
	for i := range rows {
		if rows[i].released {
			continue
		}
		c := Change{Order: rows[i].order, Uses: rows[i].uses}
		if decide(&c); len(c.Back)+len(c.Take) > 0 {
			changes, mine = append(changes, c), append(mine, &rows[i])
		}
	}
	b, err := bookFor(tx, changes)
	if err != nil {
		return nil, err
	}
	refused = map[string]bool{}
	var changed [][]any
	for i, c := range changes {
		if !b.twins(c.Take) {
			refused[c.Order] = true
			continue
		}
		r := mine[i]
		for _, u := range c.Back {
			if !r.less(u.Quota, u.Amount) {
				return nil, fmt.Errorf("quota: %s does not use %d of %s", c.Order, u.Amount, u.Quota)
			}
			b.entries[b.place[u.Quota]].taken -= u.Amount
		}
		for _, t := range c.Take {
			r.uses = add(r.uses, t.Quota, t.Amount)
		}
		changed = append(changed, []any{r.order, string(appendUses(nil, r.uses))})
	}
	if _, err := tx.Many(`UPDATE quota_uses SET uses = $2 WHERE order_id = $1`, changed); err != nil {
		return nil, err
	}
	return refused, b.saveCounts(tx)
}

// twins takes all of them or none.
func (b *Book) twins(all []Twin) bool {
	for i, t := range all {
		e := &b.entries[b.place[t.Quota]]
		if t.Amount < 0 || t.Amount > e.cap-e.used-e.taken {
			for _, t := range all[:i] {
				b.entries[b.place[t.Quota]].taken -= t.Amount
			}
			return false
		}
		e.taken += t.Amount
	}
	return true
}

// bookFor makes the twins that are missing and loads all that changes touch. A row that another node makes in the same
// moment is as good as ours.
func bookFor(tx *db.Tx, changes []Change) (*Book, error) {
	var names, twins []string
	of := map[string]string{}
	for _, c := range changes {
		for _, u := range c.Back {
			names = append(names, u.Quota)
		}
		for _, t := range c.Take {
			twins, of[t.Quota] = append(twins, t.Quota, t.Of), t.Of
		}
	}
	known, err := Counts(tx, twins)
	if err != nil {
		return nil, err
	}
	var fresh [][]any
	for _, name := range distinct(twins) {
		if model, twin := of[name]; twin {
			names = append(names, name)
			if _, there := known[name]; !there {
				fresh = append(fresh, []any{name, known[model].Cap, int64(0), true})
			}
		}
	}
	_, err = tx.Many(`INSERT INTO quotas (quota, cap, used, open) VALUES ($1, $2, $3, $4)
		ON CONFLICT (quota) DO NOTHING`, fresh)
	if err != nil {
		return nil, err
	}
	return LoadBook(tx, names)
}
