package catalog

import (
	"slices"
	"strconv"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

var productColumns = []string{"id", "shop_id", "category_id", "title_zh", "title_en", "description_zh",
	"description_en", "brand", "pictures", "options", "attributes", "state", "source", "external_id",
	"content_hash", "position", "created_us", "updated_us"}

var skuColumns = []string{"id", "product_id", "shop_id", "code", "external_id", "choice", "barcode",
	"weight_g", "picture", "state", "position"}

const selectProducts = `SELECT id, shop_id, category_id, title_zh, title_en, description_zh, description_en,
	brand, pictures, options, attributes, state, source, external_id, position, created_us, updated_us
	FROM products `

const selectSKUs = `SELECT id, product_id, shop_id, code, external_id, choice, barcode, weight_g,
	picture, state FROM skus `

func scanProduct(r db.Row) (p Product, err error) {
	var pictures, options, attributes string
	var created, updated int64
	err = r.Scan(&p.ID, &p.Shop, &p.Category, &p.Title.Zh, &p.Title.En, &p.Description.Zh, &p.Description.En,
		&p.Brand, &pictures, &options, &attributes, &p.State, &p.Source, &p.ExternalID, &p.Position,
		&created, &updated)
	if err != nil {
		return p, err
	}
	p.CreatedAt, p.UpdatedAt = clock.FromMicros(created), clock.FromMicros(updated)
	if err := unlist(pictures, &p.Pictures); err != nil {
		return p, err
	}
	if err := unlist(options, &p.Options); err != nil {
		return p, err
	}
	return p, unlist(attributes, &p.Attributes)
}

func scanSKU(r db.Row) (k SKU, err error) {
	var choice string
	err = r.Scan(&k.ID, &k.Product, &k.Shop, &k.Code, &k.ExternalID, &choice, &k.Barcode, &k.WeightG, &k.Picture,
		&k.State)
	if err != nil {
		return k, err
	}
	return k, unlist(choice, &k.Choice)
}

// productsIn reads products with their listed SKUs, in the order of the ids; unknown ones are left out.
func productsIn(tx *db.Tx, ids []ID) ([]Product, error) {
	byID := make(map[ID]Product, len(ids))
	err := tx.EachKey(selectProducts+`WHERE id IN ({keys})`, keys(ids), func(r db.Row) error {
		p, err := scanProduct(r)
		byID[p.ID] = p
		return err
	})
	if err != nil {
		return nil, err
	}
	skus, err := skusOf(tx, ids)
	if err != nil {
		return nil, err
	}
	products := make([]Product, 0, len(byID))
	for _, id := range ids {
		if p, found := byID[id]; found {
			p.SKUs = skus[id]
			products = append(products, p)
		}
	}
	return products, nil
}

func hashesIn(tx *db.Tx, ids []ID) (map[ID]string, error) {
	all := make(map[ID]string, len(ids))
	err := tx.EachKey(`SELECT id, content_hash FROM products WHERE id IN ({keys})`, keys(ids), func(r db.Row) error {
		var id ID
		var hash string
		err := r.Scan(&id, &hash)
		all[id] = hash
		return err
	})
	return all, err
}

// Hold keeps products as they are until the commit, but for this transaction: whoever decides on what they say holds
// them first, and their offers after them.
func Hold(tx *db.Tx, ids []ID) error {
	return tx.EachKey(`SELECT id FROM products WHERE id IN ({keys}) {lock by id}`, keys(ids),
		func(db.Row) error { return nil })
}

// OnSale are those of SKUs that are listed, as their product is, each with its shop. With hold the products stay so
// until the commit.
func OnSale(tx *db.Tx, skus []string, hold bool) (map[string]string, error) {
	q := `SELECT k.id, k.shop_id FROM skus k JOIN products p ON p.id = k.product_id
		WHERE k.id IN ({keys}) AND k.state = 'listed' AND p.state = 'listed'`
	if hold {
		q += ` {lock by p.id of p}`
	}
	all := make(map[string]string, len(skus))
	err := tx.EachKey(q, skus, func(r db.Row) error {
		var sku, shop string
		err := r.Scan(&sku, &shop)
		all[sku] = shop
		return err
	})
	return all, err
}

// skusOf reads the listed SKUs of products, each product's in its order.
func skusOf(tx *db.Tx, ids []ID) (map[ID][]SKU, error) {
	skus := make(map[ID][]SKU, len(ids))
	seen := make(map[SKUID]bool, len(ids))
	err := tx.EachKey(selectSKUs+`WHERE product_id IN ({keys}) AND state = 'listed'
		ORDER BY product_id, position, id`, keys(ids), func(r db.Row) error {
		k, err := scanSKU(r)
		if !seen[k.ID] { // an id that the caller gave twice
			seen[k.ID] = true
			skus[k.Product] = append(skus[k.Product], k)
		}
		return err
	})
	return skus, err
}

// skusIn reads SKUs, withdrawn ones too.
func skusIn(tx *db.Tx, ids []SKUID) (map[SKUID]SKU, error) {
	skus := make(map[SKUID]SKU, len(ids))
	err := tx.EachKey(selectSKUs+`WHERE id IN ({keys})`, keys(ids), func(r db.Row) error {
		k, err := scanSKU(r)
		skus[k.ID] = k
		return err
	})
	return skus, err
}

func briefs(tx *db.Tx, ids []SKUID) (map[SKUID]Brief, error) {
	all := make(map[SKUID]Brief, len(ids))
	err := tx.EachKey(`SELECT k.id, k.product_id, k.shop_id, p.category_id, p.title_zh, p.title_en, p.options,
		k.choice, k.picture, p.pictures, k.weight_g, k.code, k.state, p.state
		FROM skus k JOIN products p ON p.id = k.product_id
		WHERE k.id IN ({keys})`, keys(ids), func(r db.Row) error {
		b, err := scanBrief(r)
		all[b.SKU] = b
		return err
	})
	return all, err
}

func scanBrief(r db.Row) (b Brief, err error) {
	var optionsJSON, choiceJSON, picturesJSON string
	var ofProduct State
	err = r.Scan(&b.SKU, &b.Product, &b.Shop, &b.Category, &b.Title.Zh, &b.Title.En, &optionsJSON,
		&choiceJSON, &b.Picture, &picturesJSON, &b.WeightG, &b.Code, &b.State, &ofProduct)
	if err != nil {
		return b, err
	}
	if ofProduct == Withdrawn {
		b.State = Withdrawn
	}
	var pictures []PictureID
	if err := unlist(picturesJSON, &pictures); err != nil {
		return b, err
	}
	if b.Picture == "" && len(pictures) > 0 {
		b.Picture = pictures[0]
	}
	var options []Option
	if err := unlist(optionsJSON, &options); err != nil {
		return b, err
	}
	var choice []int
	if err := unlist(choiceJSON, &choice); err != nil {
		return b, err
	}
	b.Choice = Choose(options, choice)
	return b, nil
}

// pageOf reads ids of a shop's products after a place in its list: by position, the newest first within one.
func pageOf(tx *db.Tx, q ByShop, position int64, after ID) ([]ID, error) {
	scan := func(r db.Row) (id ID, err error) { return id, r.Scan(&id) }
	if after == "" {
		return db.List(tx, scan, `SELECT id FROM products WHERE shop_id = $1 AND ($2 = '' OR state = $2)
			ORDER BY position, id DESC LIMIT $3`, q.Shop, q.State, q.Limit+1)
	}
	return db.List(tx, scan, `SELECT id FROM products WHERE shop_id = $1 AND ($2 = '' OR state = $2)
		AND (position > $3 OR (position = $3 AND id < $4)) ORDER BY position, id DESC LIMIT $5`,
		q.Shop, q.State, position, after, q.Limit+1)
}

func setState(tx *db.Tx, shop string, ids []ID, state State, at time.Time) ([]ID, error) {
	rows := make([][]any, len(ids))
	for i, id := range ids {
		rows[i] = []any{id, shop, state, clock.Micros(at)}
	}
	n, err := tx.Many(`UPDATE products SET state = $3, updated_us = $4
		WHERE id = $1 AND shop_id = $2 AND state <> $3`, rows)
	if err != nil {
		return nil, err
	}
	var changed []ID
	for i, id := range ids {
		if n[i] > 0 {
			changed = append(changed, id)
		}
	}
	return changed, nil
}

// owned counts the products of a shop among ids.
func owned(tx *db.Tx, shop string, ids []ID) (n int, err error) {
	seen := map[ID]bool{}
	const q = `SELECT id FROM products WHERE shop_id = $1 AND id IN ({keys})`
	err = tx.EachKey(q, keys(ids), func(r db.Row) error {
		var id ID
		err := r.Scan(&id)
		seen[id] = true
		return err
	}, shop)
	return len(seen), err
}

// keys are ids as a sorted key list without repeats.
func keys[T ~string](ids []T) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = string(id)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func cursorOf(p Product) string { return strconv.FormatInt(p.Position, 10) + "." + string(p.ID) }
