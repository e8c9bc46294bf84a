package edit

import (
	"strings"

	"hutong/base/db"
	"hutong/goods/catalog"
)

// Query asks for some of a shop's products.
type Query struct {
	Shop  string
	Text  string        // in a title, the brand, or a SKU's code; "" for all
	State catalog.State // "" for both
	Stock Level         // "" for any
	Sort  Sort          // "" is the shop's own order
	Page  int           // from 0
	Limit int
}

// Level says how much of a product can be sold.
type Level string

// The levels.
const (
	Out Level = "out" // nothing
	Low Level = "low" // a few
	In  Level = "in"  // something
)

// LowMax is how many pieces are a few.
const LowMax = 5

// Sort is an order of the list.
type Sort string

// The orders.
const (
	ByTitle     Sort = "title"
	ByPrice     Sort = "price"
	ByPriceDown Sort = "price_down"
	ByStock     Sort = "stock"
	ByStockDown Sort = "stock_down"
	ByChange    Sort = "changed"
)

// The bounds of a list.
const (
	ListMax  = 100
	pagesMax = 1_000
	textMax  = 100 // characters of a search
)

// matched are the products that a list is asked for, before what is sold of them counts.
const matched = ` FROM products p WHERE p.shop_id = $1 AND ($2 = '' OR p.state = $2)
	AND ($3 = '' OR LOWER(p.title_zh) LIKE $3 ESCAPE '\' OR LOWER(p.title_en) LIKE $3 ESCAPE '\'
		OR LOWER(p.brand) LIKE $3 ESCAPE '\' OR EXISTS (SELECT 1 FROM skus k
			WHERE k.product_id = p.id AND LOWER(k.code) LIKE $3 ESCAPE '\'))`

// orders are the only texts that a caller's wish turns into SQL (FAULTS A15). Those without one are made of facts.
var orders = map[Sort]string{"": "p.position, p.id DESC", ByTitle: "LOWER(p.title_zh || p.title_en), p.id",
	ByChange: "p.updated_us DESC, p.id DESC", ByPrice: "", ByPriceDown: "", ByStock: "", ByStockDown: ""}

// Valid tells whether there is such an order.
func (s Sort) Valid() bool { _, ok := orders[s]; return ok }

// Valid tells whether there is such a level.
func (l Level) Valid() bool { return l == "" || l == Out || l == Low || l == In }

// factual tells whether a list needs to know what is sold of each product.
func (q Query) factual() bool { return q.Stock != "" || orders[q.Sort] == "" }

// list reads a page of products in an order that their own rows tell.
func list(tx *db.Tx, q Query) ([]catalog.ID, error) {
	scan := func(r db.Row) (id catalog.ID, err error) { return id, r.Scan(&id) }
	return db.List(tx, scan, `SELECT p.id`+matched+` ORDER BY `+orders[q.Sort]+` LIMIT $4 OFFSET $5`, q.Shop, q.State,
		pattern(q.Text), q.Limit+1, q.Page*q.Limit)
}

// factsOf reads what is sold of a shop's products that hold a text, or of all.
func factsOf(tx *db.Tx, shop, text string) ([]fact, error) {
	return db.List(tx, func(r db.Row) (f fact, err error) {
		return f, r.Scan(&f.id, &f.state, &f.title, &f.position, &f.updatedUS, &f.price, &f.free)
	}, `SELECT p.id, p.state, LOWER(p.title_zh || p.title_en), p.position, p.updated_us,
		COALESCE((SELECT MIN(o.unit_price) FROM offers o WHERE o.product_id = p.id AND o.shop_id = p.shop_id), 0),
		(SELECT CAST(COALESCE(SUM(c.received + c.returned - c.written_off - c.held - c.sold - c.shipped), 0) AS BIGINT)
			FROM offers o JOIN pools l ON l.id = o.pool_id JOIN pool_counts c ON c.no = l.no
			WHERE o.product_id = p.id AND o.shop_id = p.shop_id AND o.state = 'listed')`+matched, shop, "", pattern(text))
}

var escapeLike = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)

// pattern finds a text anywhere, whatever its case.
func pattern(text string) string {
	text = strings.ToLower(strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "")))
	if text == "" {
		return ""
	}
	runes := []rune(text)
	return "%" + escapeLike.Replace(string(runes[:min(len(runes), textMax)])) + "%"
}

// madeBy is the product that a form made.
func madeBy(tx *db.Tx, shop, key string) (id catalog.ID, found bool, err error) {
	return db.Value[catalog.ID](tx, `SELECT id FROM products WHERE external_id = $1 AND source = $2 AND shop_id = $3`, key,
		Hand, shop)
}
