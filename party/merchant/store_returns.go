package merchant

import (
	"hutong/base/clock"
	"hutong/base/db"
)

// ReturnsOf are where shops want goods back, by shop; one that has not said so is missing.
func ReturnsOf(tx *db.Tx, shops []string) (map[string]Returns, error) {
	all := map[string]Returns{}
	err := tx.EachKey(`SELECT shop_id, country, division, region_text, recipient, phone, street, postcode, since_us
		FROM shop_returns WHERE shop_id IN ({keys})`, shops, func(r db.Row) error {
		var shop string
		var to Returns
		var since int64
		err := r.Scan(&shop, &to.Country, &to.Division, &to.Region, &to.Recipient, &to.Phone, &to.Street, &to.Postcode,
			&since)
		to.Since = clock.FromMicros(since)
		all[shop] = to
		return err
	})
	return all, err
}

// saveReturns keeps where a shop wants goods back; when it first said so stays.
func saveReturns(tx *db.Tx, shop ID, to Returns) error {
	_, err := tx.Exec(`INSERT INTO shop_returns (shop_id, country, division, region_text, recipient, phone, street,
		postcode, since_us, changed_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) ON CONFLICT (shop_id) DO UPDATE
		SET country = EXCLUDED.country, division = EXCLUDED.division, region_text = EXCLUDED.region_text,
		recipient = EXCLUDED.recipient, phone = EXCLUDED.phone, street = EXCLUDED.street, postcode = EXCLUDED.postcode,
		changed_us = EXCLUDED.changed_us`, shop, to.Country, to.Division, to.Region, to.Recipient, to.Phone, to.Street,
		to.Postcode, clock.Micros(to.Since))
	return err
}
