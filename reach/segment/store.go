package segment

import (
	"encoding/json"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/strict"
	"hutong/goods/catalog"
)

const selectSegments = `SELECT g.id, g.body, g.open, g.made_by, g.made_us, g.members, g.counted_us,
	(SELECT COUNT(*) FROM segment_people p WHERE p.segment_id = g.id) FROM segments g`

func scan(r db.Row) (g Segment, err error) {
	var body string
	var made, counted int64
	if err = r.Scan(&g.ID, &body, &g.Open, &g.MadeBy, &made, &g.Members, &counted, &g.Named); err != nil {
		return g, err
	}
	g.Made = clock.FromMicros(made)
	if counted > 0 {
		g.Counted = clock.FromMicros(counted)
	}
	return g, strict.Decode([]byte(body), &g.Terms)
}

func insert(tx *db.Tx, g Segment, people []string) error {
	body, err := json.Marshal(g.Terms)
	if err != nil {
		return err
	}
	err = tx.Insert("segments", []string{"id", "body", "open", "made_by", "made_us", "members", "counted_us", "counting",
		"next"}, [][]any{{g.ID, string(body), g.Open, g.MadeBy, clock.Micros(g.Made), int64(0), int64(0), int64(0), ""}})
	if err != nil || len(people) == 0 {
		return err
	}
	rows := make([][]any, len(people))
	for i, who := range people {
		rows[i] = []any{g.ID, who}
	}
	return tx.Insert("segment_people", []string{"segment_id", "shopper_id"}, rows)
}

// one is a set. Codes: segment.not_found.
func one(tx *db.Tx, name ID) (Segment, error) {
	all, err := db.List(tx, scan, selectSegments+` WHERE g.id = $1`, name)
	if err != nil {
		return Segment{}, err
	}
	if len(all) == 0 {
		return Segment{}, fault.As(fault.New(fault.NotFound, "segment.not_found"))
	}
	return all[0], nil
}

func list(tx *db.Tx, limit int) ([]Segment, error) {
	return db.List(tx, scan, selectSegments+` ORDER BY g.id DESC LIMIT $1`, limit)
}

func closeOne(tx *db.Tx, name ID) error {
	_, err := tx.Exec(`UPDATE segments SET open = $2, members = $3 WHERE id = $1`, name, false, int64(0))
	return err
}

// named puts those of the shoppers in who were named.
func named(tx *db.Tx, name ID, shoppers []string, in map[string]bool) error {
	return tx.EachKey(`SELECT shopper_id FROM segment_people WHERE segment_id = $1 AND shopper_id IN ({keys})`, shoppers,
		func(r db.Row) error {
			var who string
			err := r.Scan(&who)
			in[who] = true
			return err
		}, name)
}

// purchases are what shoppers paid for and kept, with all SKUs among it.
func purchases(tx *db.Tx, shoppers []string, in money.Currency) (map[string][]purchase, []catalog.SKUID, error) {
	all, seen := map[string][]purchase{}, map[string]bool{}
	var skus []catalog.SKUID
	err := tx.EachKey(`SELECT s.shopper_id, o.id, o.paid_us, o.currency, l.sku_id, l.paid - l.refunded - l.lowered + l.kept
		FROM shopper_orders s JOIN orders o ON o.id = s.order_id JOIN order_lines l ON l.order_id = o.id
		WHERE s.shopper_id IN ({keys}) AND o.paid_us > 0 AND l.refunded_quantity < l.quantity`, shoppers,
		func(r db.Row) error {
			var who string
			var paid int64
			var currency money.Currency
			var p purchase
			err := r.Scan(&who, &p.order, &paid, &currency, &p.sku, &p.amount)
			p.paidAt = clock.FromMicros(paid)
			if currency != in {
				p.amount = 0
			}
			if !seen[p.sku] {
				seen[p.sku] = true
				skus = append(skus, catalog.SKUID(p.sku))
			}
			all[who] = append(all[who], p)
			return err
		})
	return all, skus, err
}

// stale are open sets that are being counted, or whose count is older than that.
func stale(tx *db.Tx, before time.Time, limit int) ([]Segment, error) {
	return db.List(tx, scan, selectSegments+` WHERE g.open AND (g.counted_us < $1 OR g.next <> '') ORDER BY g.id DESC
		LIMIT $2`, clock.Micros(before), limit)
}

func progress(tx *db.Tx, name ID) (counting int64, next string, err error) {
	_, err = tx.One(`SELECT counting, next FROM segments WHERE id = $1 {lock}`, []any{name}, &counting, &next)
	return counting, next, err
}

func goOn(tx *db.Tx, name ID, counting int64, next string) error {
	_, err := tx.Exec(`UPDATE segments SET counting = $2, next = $3 WHERE id = $1`, name, counting, next)
	return err
}

func counted(tx *db.Tx, name ID, members int64, at time.Time) error {
	_, err := tx.Exec(`UPDATE segments SET members = $2, counted_us = $3, counting = $4, next = '' WHERE id = $1`, name,
		members, clock.Micros(at), int64(0))
	return err
}

// shoppersAfter is a page of all shoppers.
func shoppersAfter(tx *db.Tx, after string, limit int) ([]string, error) {
	return db.List(tx, func(r db.Row) (who string, err error) { return who, r.Scan(&who) },
		`SELECT id FROM shoppers WHERE id > $1 ORDER BY id LIMIT $2`, after, limit)
}
