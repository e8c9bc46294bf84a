package notice

import "hutong/base/db"

// proved are the e-mail addresses of a kind of recipient, those that count more first. The conditions on empty ids and
// on roles let the engines use the indexes that have them.
var proved = map[Kind]string{
	Shopper: `SELECT l.shopper_id, c.address FROM logins l JOIN contacts c ON c.login_id = l.id
		WHERE l.shopper_id IN ({keys}) AND l.shopper_id <> '' AND l.ended_us = 0 AND c.address LIKE '%@%'
		ORDER BY c.verified_us, c.address`,
	Shop: `SELECT l.shop_id, c.address FROM logins l JOIN contacts c ON c.login_id = l.id
		WHERE l.shop_id IN ({keys}) AND l.shop_id <> '' AND l.role <> 'shopper' AND l.ended_us = 0
		AND l.staff_role IN ('owner', 'manager') AND c.address LIKE '%@%'
		ORDER BY CASE WHEN l.staff_role = 'owner' THEN 0 ELSE 1 END, c.verified_us, c.address`,
}

// contacts keeps the first address of each recipient.
func contacts(tx *db.Tx, found map[To]string, k Kind, ids []string) error {
	return tx.EachKey(proved[k], ids, func(r db.Row) error {
		to, address := To{Kind: k}, ""
		err := r.Scan(&to.ID, &address)
		if _, known := found[to]; !known {
			found[to] = address
		}
		return err
	})
}
