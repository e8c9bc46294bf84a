package catalog

import "hutong/base/db"

func altsOf(tx *db.Tx, product ID) (map[PictureID]Words, error) {
	all := map[PictureID]Words{}
	err := tx.Each(`SELECT picture, zh, en FROM picture_words WHERE product_id = $1`, func(r db.Row) error {
		var p PictureID
		var w Words
		err := r.Scan(&p, &w.Zh, &w.En)
		all[p] = w
		return err
	}, product)
	return all, err
}

// saveAlt writes what is to be seen on a picture, or that nobody says so any more.
func saveAlt(tx *db.Tx, cmd Describe) error {
	if cmd.Words.Empty() {
		_, err := tx.Exec(`DELETE FROM picture_words WHERE product_id = $1 AND picture = $2 AND shop_id = $3`, cmd.Product,
			cmd.Picture, cmd.Shop)
		return err
	}
	_, err := tx.Exec(`INSERT INTO picture_words (product_id, picture, shop_id, zh, en) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (product_id, picture) DO UPDATE SET zh = excluded.zh, en = excluded.en`, cmd.Product, cmd.Picture,
		cmd.Shop, cmd.Words.Zh, cmd.Words.En)
	return err
}
