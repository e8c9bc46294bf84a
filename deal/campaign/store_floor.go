package campaign

import (
	"hutong/base/db"
	"hutong/goods/offer"
)

// enrolled are the terms of an enrolment, as far as they say a price.
type enrolled struct {
	offer offer.ID
	Terms
}

// enrolledOf are the open enrolments of offers that are not over.
func enrolledOf(tx *db.Tx, offers []offer.ID, at int64) (all []enrolled, err error) {
	keys := make([]string, len(offers))
	for i, o := range offers {
		keys[i] = string(o)
	}
	err = tx.EachKey(`SELECT e.offer_id, e.price, e.presale, e.earnest, e.worth FROM offers o
		JOIN enrolments e ON e.sku_id = o.sku_id AND e.shop_id = o.shop_id AND e.offer_id = o.id
		WHERE o.id IN ({keys}) AND e.state IN ('applied', 'accepted', 'locked') AND e.until_us > $1`, keys,
		func(r db.Row) error {
			var e enrolled
			err := r.Scan(&e.offer, &e.Price, &e.Presale, &e.Earnest, &e.Worth)
			all = append(all, e)
			return err
		}, at)
	return all, err
}

// enrolledProducts are the SKUs of products in open enrolments that are not over, each with its product.
func enrolledProducts(tx *db.Tx, products []string, at int64) (map[string]string, error) {
	all := map[string]string{}
	err := tx.EachKey(`SELECT e.sku_id, o.product_id FROM offers o
		JOIN enrolments e ON e.sku_id = o.sku_id AND e.shop_id = o.shop_id AND e.offer_id = o.id
		WHERE o.product_id IN ({keys}) AND e.state IN ('applied', 'accepted', 'locked') AND e.until_us > $1`, products,
		func(r db.Row) error {
			var sku, product string
			err := r.Scan(&sku, &product)
			all[sku] = product
			return err
		}, at)
	return all, err
}
