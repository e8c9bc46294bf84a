package shopper

import "hutong/base/db"

// Trace is what one address tells about who stands behind a shopper: where it is and whom to call. It is personal data:
// a room that keeps something of it keeps a hash.
type Trace struct{ Country, Division, Region, Street, Phone string }

// Traces are those of the addresses that shoppers use, newest first; for rooms that must tell accounts of one person
// from accounts of many.
func Traces(tx *db.Tx, shoppers []string) (map[string][]Trace, error) {
	all := map[string][]Trace{}
	err := tx.EachKey(`SELECT shopper_id, country, division, region_text, street, phone FROM addresses
		WHERE shopper_id IN ({keys}) AND NOT forgotten AND NOT erased ORDER BY id DESC`, shoppers, func(r db.Row) error {
		var who string
		var t Trace
		err := r.Scan(&who, &t.Country, &t.Division, &t.Region, &t.Street, &t.Phone)
		all[who] = append(all[who], t)
		return err
	})
	return all, err
}
