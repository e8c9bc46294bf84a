package intake

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/goods/catalog"
)

//go:embed schema.sql
var schemaSQL string

//go:embed schema2.sql
var runsSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "intake", Steps: []string{schemaSQL, runsSQL}}

// memory is what the last import of a product left.
type memory struct {
	product catalog.ID
	hash    string
	figures map[string]figure // by external SKU id, those of earlier imports too
}

// figure is one SKU as the last import left it.
type figure struct {
	SKU   catalog.SKUID `json:"sku"`
	Stock *int64        `json:"stock,omitempty"` // nil when no file stated any
}

// remember reads what earlier imports left of some products of a shop's source.
func remember(tx *db.Tx, shop, source string, external []string) (map[string]memory, error) {
	all := make(map[string]memory, len(external))
	err := tx.EachKey(`SELECT external_id, product_id, content_hash, figures FROM imported_products
		WHERE shop_id = $1 AND source = $2 AND external_id IN ({keys})`, external, func(r db.Row) error {
		var id, figures string
		m := memory{}
		if err := r.Scan(&id, &m.product, &m.hash, &figures); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(figures), &m.figures); err != nil {
			return fmt.Errorf("intake: figures of %s: %w", m.product, err)
		}
		all[id] = m
		return nil
	}, shop, source)
	return all, err
}

// errRaced says that another import noted the same product meanwhile; the batch is compared and written again.
var errRaced = errors.New("intake: another import was faster")

// note writes what this import leaves of the entries, if nobody noted them since they were read.
func note(tx *db.Tx, shop string, at time.Time, entries []*entry) error {
	var fresh, known [][]any
	for _, e := range entries {
		figures, err := json.Marshal(e.after.figures)
		if err != nil {
			return err
		}
		p := e.item.Product
		row := []any{p.ExternalID, p.Source, shop, e.after.product, e.after.hash, string(figures), clock.Micros(at)}
		if e.fresh {
			fresh = append(fresh, row)
		} else {
			known = append(known, append(row, e.before.hash))
		}
	}
	cols := []string{"external_id", "source", "shop_id", "product_id", "content_hash", "figures", "imported_us"}
	if err := tx.Insert("imported_products", cols, fresh); err != nil {
		return err
	}
	changed, err := tx.Many(`UPDATE imported_products SET product_id = $4, content_hash = $5, figures = $6,
		imported_us = $7 WHERE external_id = $1 AND source = $2 AND shop_id = $3 AND content_hash = $8`, known)
	if err == nil && slices.Contains(changed, 0) {
		return errRaced
	}
	return err
}

// The states of a remote picture.
const (
	recorded = "recorded" // the operator lets it be fetched
	stored   = "stored"   // here
	refused  = "refused"  // nobody acts; a later import of another address replaces it
)

// link is one picture that lies elsewhere.
type link struct {
	product  catalog.ID
	position int64
	url      string
	state    string
	picture  catalog.PictureID
	reason   string // the last code
	tries    int64
}

const linkColumns = `product_id, position, url, state, picture, reason, tries`

func scanLink(r db.Row) (l link, err error) {
	err = r.Scan(&l.product, &l.position, &l.url, &l.state, &l.picture, &l.reason, &l.tries)
	return l, err
}

// links reads the remote pictures of some products of a shop.
func links(tx *db.Tx, shop string, products []catalog.ID) (map[catalog.ID][]link, error) {
	all := map[catalog.ID][]link{}
	ids := make([]string, len(products))
	for i, p := range products {
		ids[i] = string(p)
	}
	err := tx.EachKey(`SELECT `+linkColumns+` FROM remote_pictures WHERE shop_id = $1 AND product_id IN ({keys})
		ORDER BY product_id, position`, ids, func(r db.Row) error {
		l, err := scanLink(r)
		all[l.product] = append(all[l.product], l)
		return err
	}, shop)
	return all, err
}

// waiting reads some remote pictures of a shop that nobody has fetched yet.
func waiting(tx *db.Tx, shop string, limit int) ([]link, error) {
	return db.List(tx, scanLink, `SELECT `+linkColumns+` FROM remote_pictures WHERE shop_id = $1 AND state = $2
		ORDER BY tries, product_id, position LIMIT $3`, shop, recorded, limit)
}

// relink replaces the remote pictures of some products.
func relink(tx *db.Tx, shop string, products []catalog.ID, all []link) error {
	gone := make([][]any, len(products))
	for i, p := range products {
		gone[i] = []any{p, shop}
	}
	if _, err := tx.Many(`DELETE FROM remote_pictures WHERE product_id = $1 AND shop_id = $2`, gone); err != nil {
		return err
	}
	rows := make([][]any, len(all))
	for i, l := range all {
		rows[i] = []any{l.product, l.position, shop, l.url, l.state, l.picture, l.reason, l.tries}
	}
	return tx.Insert("remote_pictures",
		[]string{"product_id", "position", "shop_id", "url", "state", "picture", "reason", "tries"}, rows)
}

// settle writes what became of remote pictures.
func settle(tx *db.Tx, shop string, all []link) error {
	rows := make([][]any, len(all))
	for i, l := range all {
		rows[i] = []any{l.product, l.position, shop, l.state, l.picture, l.reason, l.tries, l.url}
	}
	_, err := tx.Many(`UPDATE remote_pictures SET state = $4, picture = $5, reason = $6, tries = $7
		WHERE product_id = $1 AND position = $2 AND shop_id = $3 AND url = $8`, rows)
	return err
}
