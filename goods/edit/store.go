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

const listHead = `SELECT p.id FROM products p WHERE p.shop_id = $1 AND ($2 = '' OR p.state = $2)
	AND ($3 = '' OR LOWER(p.title_zh) LIKE $3 ESCAPE '\' OR LOWER(p.title_en) LIKE $3 ESCAPE '\'
		OR LOWER(p.brand) LIKE $3 ESCAPE '\' OR EXISTS (SELECT 1 FROM skus k
			WHERE k.product_id = p.id AND LOWER(k.code) LIKE $3 ESCAPE '\'))`

// What one product costs and how much of it can be sold.
const (
	price = `(SELECT MIN(o.unit_price) FROM offers o WHERE o.product_id = p.id AND o.shop_id = p.shop_id)`
	free  = `(SELECT CAST(COALESCE(SUM(l.received + l.returned - l.written_off - l.held - l.sold - l.shipped), 0)
		AS BIGINT) FROM offers o JOIN pools l ON l.id = o.pool_id
		WHERE o.product_id = p.id AND o.shop_id = p.shop_id AND o.state = 'listed')`
)

// levels and orders are the only texts that a caller's wish turns into SQL (FAULTS A15).
var (
	levels = map[Level]string{"": "", Out: " AND " + free + " <= 0",
		Low: " AND " + free + " BETWEEN 1 AND 5", In: " AND " + free + " > 0"}
	orders = map[Sort]string{"": "p.position, p.id DESC", ByTitle: "LOWER(p.title_zh || p.title_en), p.id",
		ByPrice: price + ", p.id", ByPriceDown: price + " DESC, p.id", ByStock: free + ", p.id",
		ByStockDown: free + " DESC, p.id", ByChange: "p.updated_us DESC, p.id DESC"}
)

// Valid tells whether there is such an order.
func (s Sort) Valid() bool { _, ok := orders[s]; return ok }

// Valid tells whether there is such a level.
func (l Level) Valid() bool { _, ok := levels[l]; return ok }

func list(tx *db.Tx, q Query) ([]catalog.ID, error) {
	if !q.Sort.Valid() {
		q.Sort = ""
	}
	if !q.Stock.Valid() {
		q.Stock = ""
	}
	text := listHead + levels[q.Stock] + " ORDER BY " + orders[q.Sort] + " LIMIT $4 OFFSET $5"
	scan := func(r db.Row) (id catalog.ID, err error) { return id, r.Scan(&id) }
	return db.List(tx, scan, text, q.Shop, q.State, pattern(q.Text), q.Limit+1, q.Page*q.Limit)
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
