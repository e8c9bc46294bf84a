package search

import (
	"fmt"
	"github.com/go-json-experiment/json"
	"html"
	"maps"
	"slices"
	"strings"

	"hutong/base/db"
	"hutong/base/text"
	"hutong/goods/catalog"
	"hutong/goods/catalog/taxonomy"
	"hutong/goods/search/index"
)

// reader reads products as they are indexed. It keeps the names of the categories that it has met.
type reader struct {
	categories map[string][]string
}

// docs reads those of some products that can be found.
func (r *reader) docs(tx *db.Tx, ids []string) ([]index.Doc, error) {
	values, err := values(tx, ids)
	if err != nil {
		return nil, err
	}
	codes, err := codes(tx, ids)
	if err != nil {
		return nil, err
	}
	docs := make([]index.Doc, 0, len(ids))
	err = tx.EachKey(`SELECT p.id, p.shop_id, p.category_id, p.title_zh, p.title_en, p.brand, p.options,
		p.attributes, p.description_zh, p.description_en, p.created_us
		FROM products p JOIN shops s ON s.id = p.shop_id
		WHERE p.id IN ({keys}) AND p.state = 'listed' AND s.state = 'open'`, ids, func(row db.Row) error {
		d, err := r.doc(row)
		if v, offered := values[d.ID]; offered {
			d.Value, d.Codes = v, codes[d.ID]
			docs = append(docs, d)
		}
		return err
	})
	return docs, err
}

func (r *reader) doc(row db.Row) (d index.Doc, err error) {
	var zh, en, options, attributes, plainZh, plainEn string
	err = row.Scan(&d.ID, &d.Shop, &d.Category, &zh, &en, &d.Brand, &options, &attributes, &plainZh, &plainEn,
		&d.CreatedUS)
	if err != nil {
		return d, err
	}
	d.Title = []string{zh, en}
	d.Description = []string{plain(plainZh), plain(plainEn)}
	d.Attributes = append(d.Attributes, r.names(d.Category)...)
	if d.Attributes, err = optionTexts(d.Attributes, options); err != nil {
		return d, fmt.Errorf("search: options of %s: %w", d.ID, err)
	}
	if d.Attributes, err = attributeTexts(d.Attributes, attributes); err != nil {
		return d, fmt.Errorf("search: attributes of %s: %w", d.ID, err)
	}
	return d, nil
}

// names are those of a category and all above it, in both languages.
func (r *reader) names(category string) []string {
	names, known := r.categories[category]
	if !known {
		for _, n := range taxonomy.Path(category) {
			names = append(names, n.Zh, n.En)
		}
		r.categories[category] = names
	}
	return names
}

func optionTexts(texts []string, stored string) ([]string, error) {
	if stored == "" {
		return texts, nil
	}
	var options []catalog.Option
	if err := json.Unmarshal([]byte(stored), &options); err != nil {
		return nil, err
	}
	for _, o := range options {
		for _, v := range o.Values {
			texts = append(texts, v.Zh, v.En)
		}
	}
	return texts, nil
}

func attributeTexts(texts []string, stored string) ([]string, error) {
	if stored == "" {
		return texts, nil
	}
	var attributes []catalog.Attribute
	if err := json.Unmarshal([]byte(stored), &attributes); err != nil {
		return nil, err
	}
	for _, a := range attributes {
		if yes[strings.ToLower(a.Value.In(text.En))] {
			texts = append(texts, a.Name.Zh, a.Name.En)
		} else {
			texts = append(texts, a.Value.Zh, a.Value.En)
		}
	}
	return texts, nil
}

// yes are the values of an attribute that a product either has or has not: it is found by the attribute's
// name.
var yes = map[string]bool{"yes": true, "true": true, "y": true, "是": true, "有": true}

// plain is a description without its markup.
func plain(safe string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(safe, "<")
		b.WriteString(before)
		if !found {
			return html.UnescapeString(b.String())
		}
		b.WriteByte(' ')
		_, safe, _ = strings.Cut(rest, ">")
	}
}

// values reads the lowest price of each product that has an offer, and whether any of its offers is in stock.
func values(tx *db.Tx, ids []string) (map[string]index.Value, error) {
	all := make(map[string]index.Value, len(ids))
	err := tx.EachKey(`SELECT o.product_id, o.currency, o.unit_price, c.open,
		c.received + c.returned - c.written_off - c.held - c.sold - c.shipped
		FROM offers o JOIN pools p ON p.id = o.pool_id JOIN pool_counts c ON c.no = p.no
		WHERE o.product_id IN ({keys}) AND o.state = 'listed'`, ids, func(row db.Row) error {
		var id string
		var v index.Value
		var open bool
		var free int64
		if err := row.Scan(&id, &v.Currency, &v.Price, &open, &free); err != nil {
			return err
		}
		v.InStock = open && free > 0
		if was, known := all[id]; known {
			v.InStock = v.InStock || was.InStock
			if was.Price < v.Price {
				v.Price, v.Currency = was.Price, was.Currency
			}
		}
		all[id] = v
		return nil
	})
	return all, err
}

// codes reads the article numbers and barcodes of products.
func codes(tx *db.Tx, ids []string) (map[string][]string, error) {
	all := make(map[string][]string, len(ids))
	const q = `SELECT product_id, code, barcode FROM skus WHERE product_id IN ({keys}) AND state = 'listed'`
	err := tx.EachKey(q, ids, func(row db.Row) error {
		var id, code, barcode string
		err := row.Scan(&id, &code, &barcode)
		for _, c := range []string{code, barcode} {
			if c != "" {
				all[id] = append(all[id], c)
			}
		}
		return err
	})
	return all, err
}

// pageBefore reads ids of listed products, the newest first, from one id down; "" is the newest.
func pageBefore(tx *db.Tx, id string, limit int) ([]string, error) {
	if id == "" {
		return db.List(tx, scanID, `SELECT id FROM products ORDER BY id DESC LIMIT $1`, limit)
	}
	return db.List(tx, scanID, `SELECT id FROM products WHERE id < $1 ORDER BY id DESC LIMIT $2`, id, limit)
}

// pageOfShop reads ids of products of a shop, in order, after one id.
func pageOfShop(tx *db.Tx, shop, after string, limit int) ([]string, error) {
	return db.List(tx, scanID, `SELECT id FROM products WHERE shop_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
		shop, after, limit)
}

func scanID(row db.Row) (id string, err error) { return id, row.Scan(&id) }

// soldOut reads the products that have offers, but none in stock: from the empty and closed pools, which are few, to
// the products that may be meant, and of those the ones without any other.
func soldOut(tx *db.Tx) (map[string]bool, error) {
	empty, err := db.List(tx, scanID, `SELECT p.sku_id FROM pools p JOIN pool_counts c ON c.no = p.no
		WHERE NOT c.open OR c.received + c.returned - c.written_off - c.held - c.sold - c.shipped <= 0`)
	if err != nil {
		return nil, err
	}
	some := map[string]bool{}
	const q = `SELECT product_id FROM offers WHERE sku_id IN ({keys}) AND state = 'listed'`
	err = tx.EachKey(q, empty, func(row db.Row) error {
		id, err := scanID(row)
		some[id] = true
		return err
	})
	if err != nil {
		return nil, err
	}
	known, err := values(tx, slices.Sorted(maps.Keys(some)))
	if err != nil {
		return nil, err
	}
	out := make(map[string]bool, len(known))
	for id, v := range known {
		if !v.InStock {
			out[id] = true
		}
	}
	return out, nil
}

// cards reads what lists show; products that are gone are left out.
func cards(tx *db.Tx, ids []string) (map[catalog.ID]Card, error) {
	all := make(map[catalog.ID]Card, len(ids))
	err := tx.EachKey(`SELECT p.id, p.shop_id, s.code, s.name_zh, s.name_en, p.title_zh, p.title_en, p.pictures
		FROM products p JOIN shops s ON s.id = p.shop_id WHERE p.id IN ({keys})`, ids, func(row db.Row) error {
		var c Card
		var stored string
		err := row.Scan(&c.Product, &c.Shop, &c.ShopCode, &c.ShopName.Zh, &c.ShopName.En, &c.Title.Zh, &c.Title.En,
			&stored)
		if err != nil {
			return err
		}
		var pictures []catalog.PictureID
		if stored != "" {
			if err := json.Unmarshal([]byte(stored), &pictures); err != nil {
				return fmt.Errorf("search: pictures of %s: %w", c.Product, err)
			}
		}
		if len(pictures) > 0 {
			c.Picture = pictures[0]
		}
		all[c.Product] = c
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, prices(tx, ids, all)
}

// prices puts the prices on cards.
func prices(tx *db.Tx, ids []string, all map[catalog.ID]Card) error {
	return tx.EachKey(`SELECT product_id, id, currency, unit_price, list_price FROM offers
		WHERE product_id IN ({keys}) AND state = 'listed' ORDER BY product_id, id`, ids, func(row db.Row) error {
		var product catalog.ID
		var offer, currency string
		var unit, list int64
		if err := row.Scan(&product, &offer, &currency, &unit, &list); err != nil {
			return err
		}
		c, known := all[product]
		if !known {
			return nil
		}
		switch first := c.Currency == ""; {
		case first:
			c.Offer, c.Price, c.PriceTop, c.ListPrice, c.Currency = offer, unit, unit, list, currency
		case unit < c.Price:
			c.Offer, c.Price, c.ListPrice, c.Currency = "", unit, list, currency
		default:
			c.Offer, c.PriceTop = "", max(c.PriceTop, unit)
		}
		all[product] = c
		return nil
	})
}

// tags reads the offers of products as they are priced.
func tags(tx *db.Tx, ids []string) (all []Tag, err error) {
	err = tx.EachKey(`SELECT o.product_id, o.id, o.shop_id, o.sku_id, p.category_id, o.currency, o.unit_price,
			o.floor_price
		FROM offers o JOIN products p ON p.id = o.product_id
		WHERE o.product_id IN ({keys}) AND o.state = 'listed'`, ids, func(row db.Row) error {
		var t Tag
		err := row.Scan(&t.Product, &t.Offer, &t.Shop, &t.SKU, &t.Category, &t.Currency, &t.Price, &t.Floor)
		all = append(all, t)
		return err
	})
	return all, err
}

// productsOf reads the products of SKUs that are offered.
func productsOf(tx *db.Tx, skus []string) (ids []string, err error) {
	err = tx.EachKey(`SELECT DISTINCT product_id FROM offers WHERE sku_id IN ({keys}) AND state = 'listed'`, skus,
		func(row db.Row) error {
			id, err := scanID(row)
			ids = append(ids, id)
			return err
		})
	return ids, err
}
