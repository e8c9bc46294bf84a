package offer

import (
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

const columns = `id, shop_id, product_id, sku_id, pool_id, currency, unit_price, list_price, version, state,
	floor_price`

func scan(r db.Row) (o Offer, err error) {
	err = r.Scan(&o.ID, &o.Shop, &o.Product, &o.SKU, &o.Pool, &o.Currency, &o.UnitPrice, &o.ListPrice,
		&o.Version, &o.State, &o.FloorPrice)
	return o, err
}

// Load reads offers by id, listed or not.
func Load(tx *db.Tx, ids []ID) (map[ID]Offer, error) {
	all := make(map[ID]Offer, len(ids))
	err := tx.EachKey(`SELECT `+columns+` FROM offers WHERE id IN ({keys})`, distinct(ids), func(r db.Row) error {
		o, err := scan(r)
		all[o.ID] = o
		return err
	})
	return all, err
}

// ByProducts reads the offers of products, in the order of their ids, listed or not.
func ByProducts(tx *db.Tx, products []string) (map[string][]Offer, error) {
	return byProducts(tx, products, ` ORDER BY product_id, id`)
}

// Held is ByProducts for whoever goes on from what the offers say: they stay so until the commit.
func Held(tx *db.Tx, products []string) (map[string][]Offer, error) {
	return byProducts(tx, products, ` ORDER BY id {lock}`)
}

func byProducts(tx *db.Tx, products []string, order string) (map[string][]Offer, error) {
	all := make(map[string][]Offer, len(products))
	err := tx.EachKey(`SELECT `+columns+` FROM offers WHERE product_id IN ({keys})`+order,
		distinct(products), func(r db.Row) error {
			o, err := scan(r)
			all[o.Product] = append(all[o.Product], o)
			return err
		})
	return all, err
}

func bySKU(tx *db.Tx, skus []string) (map[[2]string]Offer, error) {
	all := make(map[[2]string]Offer, len(skus))
	err := tx.EachKey(`SELECT `+columns+` FROM offers WHERE sku_id IN ({keys}) ORDER BY id {lock}`, distinct(skus),
		func(r db.Row) error {
			o, err := scan(r)
			all[[2]string{o.SKU, o.Shop}] = o
			return err
		})
	return all, err
}

func insert(tx *db.Tx, fresh []Offer) error {
	rows := make([][]any, len(fresh))
	for i, o := range fresh {
		rows[i] = []any{string(o.ID), o.Shop, o.Product, o.SKU, string(o.Pool), string(o.Currency), o.UnitPrice,
			o.ListPrice, o.Version, string(o.State), o.FloorPrice}
	}
	cols := []string{"id", "shop_id", "product_id", "sku_id", "pool_id", "currency", "unit_price", "list_price",
		"version", "state", "floor_price"}
	return tx.Insert("offers", cols, rows)
}

func update(tx *db.Tx, changed []Offer) error {
	rows := make([][]any, len(changed))
	for i, o := range changed {
		rows[i] = []any{string(o.ID), o.UnitPrice, o.ListPrice, o.Version, string(o.State), o.FloorPrice}
	}
	_, err := tx.Many(`UPDATE offers SET unit_price = $2, list_price = $3, version = $4, state = $5, floor_price = $6
		WHERE id = $1`, rows)
	return err
}

func record(tx *db.Tx, at time.Time, priced []Offer, cause string) error {
	rows := make([][]any, len(priced))
	for i, o := range priced {
		rows[i] = []any{string(o.ID), o.Version, o.UnitPrice, o.ListPrice, clock.Micros(at), cause}
	}
	cols := []string{"offer_id", "version", "unit_price", "list_price", "from_us", "cause"}
	return tx.Insert("price_history", cols, rows)
}

func distinct[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, v := range in {
		out[i] = string(v)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
