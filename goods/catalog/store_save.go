package catalog

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

// kept is a product as it was before a batch.
type kept struct {
	id    ID
	hash  string
	state State
	skus  map[string]keptSKU // by external id
}

type keptSKU struct {
	id    SKUID
	state State
}

// origin is what a product is found again by.
type origin struct{ shop, source, external string }

// find reads what is already there, locked until the end of the transaction: one query per 64 products.
func find(tx *db.Tx, products []Product) (map[origin]*kept, error) {
	type home struct{ shop, source string }
	names := map[home][]string{}
	var homes []home
	for _, p := range products {
		h := home{p.Shop, p.Source}
		if names[h] == nil {
			homes = append(homes, h)
		}
		names[h] = append(names[h], p.ExternalID)
	}
	found := make(map[origin]*kept, len(products))
	for _, h := range homes {
		err := tx.EachKey(`SELECT id, external_id, content_hash, state FROM products WHERE shop_id = $1 AND source = $2
			AND external_id IN ({keys}) ORDER BY id {lock}`, keys(names[h]), func(r db.Row) error {
			k := &kept{skus: map[string]keptSKU{}}
			o := origin{shop: h.shop, source: h.source}
			err := r.Scan(&k.id, &o.external, &k.hash, &k.state)
			found[o] = k
			return err
		}, h.shop, h.source)
		if err != nil {
			return nil, err
		}
	}
	return found, findSKUs(tx, found)
}

func findSKUs(tx *db.Tx, found map[origin]*kept) error {
	ids := make([]ID, 0, len(found))
	byID := make(map[ID]*kept, len(found))
	for _, k := range found {
		ids = append(ids, k.id)
		byID[k.id] = k
	}
	const q = `SELECT product_id, id, external_id, state FROM skus WHERE product_id IN ({keys})`
	return tx.EachKey(q, keys(ids), func(r db.Row) error {
		var product ID
		var name string
		var k keptSKU
		err := r.Scan(&product, &k.id, &name, &k.state)
		byID[product].skus[name] = k
		return err
	})
}

// batch collects the rows that a Save writes, so that each table is written once.
type batch struct {
	at                                        time.Time
	newProducts, products, newSKUs, skus, out [][]any
}

func (b *batch) create(p Product, c content) {
	now := clock.Micros(b.at)
	b.newProducts = append(b.newProducts, []any{p.ID, p.Shop, p.Category, p.Title.Zh, p.Title.En,
		p.Description.Zh, p.Description.En, p.Brand, c.pictures, c.options, c.attributes, p.State, p.Source,
		p.ExternalID, c.hash, p.Position, now, now})
}

func (b *batch) update(p Product, c content) {
	b.products = append(b.products, []any{p.ID, p.Shop, p.Category, p.Title.Zh, p.Title.En, p.Description.Zh,
		p.Description.En, p.Brand, c.pictures, c.options, c.attributes, p.State, c.hash, p.Position,
		clock.Micros(b.at)})
}

func (b *batch) createSKU(p Product, k SKU, choice string, position int) {
	b.newSKUs = append(b.newSKUs, []any{k.ID, p.ID, p.Shop, k.Code, k.ExternalID, choice, k.Barcode, k.WeightG,
		k.Picture, Listed, position})
}

func (b *batch) updateSKU(p Product, k SKU, choice string, position int) {
	b.skus = append(b.skus, []any{k.ID, p.ID, k.Code, choice, k.Barcode, k.WeightG, k.Picture, position})
}

func (b *batch) withdrawSKU(p Product, id SKUID) { b.out = append(b.out, []any{id, p.ID}) }

func (b *batch) write(tx *db.Tx) error {
	if err := tx.Insert("products", productColumns, b.newProducts); err != nil {
		return err
	}
	if err := tx.Insert("skus", skuColumns, b.newSKUs); err != nil {
		return err
	}
	for _, s := range []struct {
		text string
		rows [][]any
	}{
		{`UPDATE products SET category_id = $3, title_zh = $4, title_en = $5, description_zh = $6,
			description_en = $7, brand = $8, pictures = $9, options = $10, attributes = $11, state = $12,
			content_hash = $13, position = $14, updated_us = $15 WHERE id = $1 AND shop_id = $2`, b.products},
		{`UPDATE skus SET code = $3, choice = $4, barcode = $5, weight_g = $6, picture = $7, position = $8,
			state = 'listed' WHERE id = $1 AND product_id = $2`, b.skus},
		{`UPDATE skus SET state = 'withdrawn' WHERE id = $1 AND product_id = $2`, b.out},
	} {
		if _, err := tx.Many(s.text, s.rows); err != nil {
			return err
		}
	}
	return nil
}
