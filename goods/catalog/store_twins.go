package catalog

import "hutong/base/db"

// Twins are a shop's SKUs of the same goods as one of them: those with its barcode, listed or not, and itself. Goods
// that were listed anew under another id are found by it.
func Twins(tx *db.Tx, shop string, sku SKUID) ([]SKUID, error) {
	all := []SKUID{sku}
	barcode, _, err := db.Value[string](tx, `SELECT barcode FROM skus WHERE id = $1 AND shop_id = $2`, sku, shop)
	if err != nil || barcode == "" {
		return all, err
	}
	const q = `SELECT k.id FROM products p JOIN skus k ON k.product_id = p.id
		WHERE p.shop_id = $1 AND k.barcode = $2 AND k.id <> $3 ORDER BY k.id`
	err = tx.Each(q, func(r db.Row) error {
		var twin SKUID
		err := r.Scan(&twin)
		all = append(all, twin)
		return err
	}, shop, barcode, sku)
	return all, err
}
