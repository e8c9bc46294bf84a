package ship

import "hutong/base/db"

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

func saveOrigin(tx *db.Tx, shop string, o Origin) error {
	_, err := tx.Exec(`INSERT INTO ship_origins (shop_id, country, division) VALUES ($1, $2, $3)
		ON CONFLICT (shop_id) DO UPDATE SET country = EXCLUDED.country, division = EXCLUDED.division`,
		shop, o.Country, o.Division)
	return err
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

// pointOf reads one point of a shop, also a closed one: parcels may still wait there.
func pointOf(tx *db.Tx, shop, code string) (p Point, found bool, err error) {
	found, err = tx.One(`SELECT code, name_zh, name_en, address FROM pickup_points WHERE shop_id = $1 AND code = $2`,
		[]any{shop, code}, &p.Code, &p.Zh, &p.En, &p.Address)
	return p, found, err
}

func countPoints(tx *db.Tx, shop, other string) (n int64, err error) {
	n, _, err = db.Value[int64](tx, `SELECT COUNT(*) FROM pickup_points WHERE shop_id = $1 AND open AND code <> $2`,
		shop, other)
	return n, err
}

func savePoint(tx *db.Tx, shop string, p Point) error {
	_, err := tx.Exec(`INSERT INTO pickup_points (shop_id, code, name_zh, name_en, address, open)
		VALUES ($1, $2, $3, $4, $5, TRUE) ON CONFLICT (shop_id, code) DO UPDATE SET name_zh = EXCLUDED.name_zh,
		name_en = EXCLUDED.name_en, address = EXCLUDED.address, open = TRUE`, shop, p.Code, p.Zh, p.En, p.Address)
	return err
}

func closePoint(tx *db.Tx, shop, code string) (bool, error) {
	n, err := tx.Exec(`UPDATE pickup_points SET open = FALSE WHERE shop_id = $1 AND code = $2`, shop, code)
	return n == 1, err
}
