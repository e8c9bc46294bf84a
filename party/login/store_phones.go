package login

import "hutong/base/db"

// Phones are the verified phone numbers of shoppers' accounts, for rooms that must tell accounts of one person from
// accounts of many. They are personal data: a room that keeps something of them keeps a hash.
func Phones(tx *db.Tx, shoppers []string) (map[string][]string, error) {
	all := map[string][]string{}
	err := tx.EachKey(`SELECT l.shopper_id, c.address FROM logins l JOIN contacts c ON c.login_id = l.id
		WHERE l.shopper_id <> '' AND l.shopper_id IN ({keys})`, shoppers, func(r db.Row) error {
		var who, address string
		err := r.Scan(&who, &address)
		if isPhone(address) {
			all[who] = append(all[who], address)
		}
		return err
	})
	return all, err
}
