package ship

import (
	"slices"

	"hutong/base/db"
)

// origins reads where shops send from; shops without a row are missing.
func origins(tx *db.Tx, shops []string) (map[string]Origin, error) {
	all := make(map[string]Origin, len(shops))
	err := tx.EachKey(`SELECT shop_id, country, division FROM ship_origins WHERE shop_id IN ({keys})`, shops,
		func(r db.Row) error {
			var shop string
			var o Origin
			err := r.Scan(&shop, &o.Country, &o.Division)
			all[shop] = o
			return err
		})
	return all, err
}

// openPoints reads the points that shops offer, by shop.
func openPoints(tx *db.Tx, shops []string) (map[string][]Point, error) {
	all := map[string][]Point{}
	err := tx.EachKey(`SELECT shop_id, code, name_zh, name_en, address FROM pickup_points
		WHERE open AND shop_id IN ({keys}) ORDER BY shop_id, code`, shops, func(r db.Row) error {
		var shop string
		var p Point
		err := r.Scan(&shop, &p.Code, &p.Zh, &p.En, &p.Address)
		all[shop] = append(all[shop], p)
		return err
	})
	return all, err
}

func distinct(keys []string) []string {
	all := slices.Clone(keys)
	slices.Sort(all)
	return slices.Compact(all)
}
