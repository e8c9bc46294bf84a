package notice

import (
	"context"

	"hutong/base/db"
)

// Logins is the Book of a node whose people log in by party/login: the address that a shopper proved, and for a shop
// that of its owner or, failing that, of a manager. Of several the one that was proved first counts. It reads the
// tables of party/login, set-based, and keeps nothing.
type Logins struct{ DB *db.DB }

// Emails are the addresses of people; one without is left out.
func (l Logins) Emails(ctx context.Context, all []To) (map[To]string, error) {
	var shoppers, shops []To
	for _, t := range all {
		if t.Kind == Shop {
			shops = append(shops, t)
		} else {
			shoppers = append(shoppers, t)
		}
	}
	found := map[To]string{}
	return found, l.DB.Read(ctx, func(tx *db.Tx) error {
		err := contacts(tx, found, Shopper, `SELECT l.shopper_id, c.address FROM logins l
			JOIN contacts c ON c.login_id = l.id WHERE l.shopper_id IN ({keys}) AND l.shopper_id <> '' AND l.ended_us = 0
			AND c.address LIKE '%@%' ORDER BY c.verified_us, c.address`, distinct(shoppers))
		if err != nil {
			return err
		}
		return contacts(tx, found, Shop, `SELECT l.shop_id, c.address FROM logins l
			JOIN contacts c ON c.login_id = l.id WHERE l.shop_id IN ({keys}) AND l.shop_id <> '' AND l.ended_us = 0
			AND l.role <> 'shopper' AND l.staff_role IN ('owner', 'manager') AND c.address LIKE '%@%'
			ORDER BY CASE WHEN l.staff_role = 'owner' THEN 0 ELSE 1 END, c.verified_us, c.address`, distinct(shops))
	})
}

// contacts keeps the first address of each recipient.
func contacts(tx *db.Tx, found map[To]string, k Kind, q string, ids []string) error {
	return tx.EachKey(q, ids, func(r db.Row) error {
		to, address := To{Kind: k}, ""
		err := r.Scan(&to.ID, &address)
		if _, known := found[to]; !known {
			found[to] = address
		}
		return err
	})
}
