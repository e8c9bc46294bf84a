package rulebook

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/deal/promo"
)

var columns = []string{"id", "version", "shop_id", "kind", "body", "state", "from_us", "until_us", "budget",
	"drafted_by", "drafted_us", "published_us", "ended_us"}

const selected = `SELECT id, version, shop_id, body, state, drafted_by, drafted_us, published_us, ended_us
	FROM promotions `

// row is a version as it is kept: its terms are read by whoever knows the kinds.
type row struct {
	Entry
	id      string
	version int64
	body    string
}

func scan(r db.Row) (v row, err error) {
	var drafted, published, ended int64
	err = r.Scan(&v.id, &v.version, &v.Shop, &v.body, &v.State, &v.DraftedBy, &drafted, &published, &ended)
	v.Drafted, v.Published, v.Ended = clock.FromMicros(drafted), clock.FromMicros(published), clock.FromMicros(ended)
	return v, err
}

func insert(tx *db.Tx, e *Entry, body string) error {
	p := &e.Promotion
	return tx.Insert("promotions", columns, [][]any{{p.ID, p.Version, e.Shop, p.Kind, body, string(Draft),
		clock.Micros(p.From), clock.Micros(p.Until), p.Budget, e.DraftedBy, clock.Micros(e.Drafted), int64(0), int64(0)}})
}

// newest is the number of a promotion's last version, and whose it is; 0 when it is not there. The row lock keeps two
// drafts at once from having the same number for long: one of them meets the other's key.
func newest(tx *db.Tx, id string) (version int64, shop string, err error) {
	_, err = tx.One(`SELECT version, shop_id FROM promotions WHERE id = $1 ORDER BY version DESC LIMIT 1 {lock}`,
		[]any{id}, &version, &shop)
	return version, shop, err
}

// find is one version of an owner's; any is for the market's staff, to whom every shop's is there.
func find(tx *db.Tx, owner owner, id string, version int64) (v row, found bool, err error) {
	all, err := db.List(tx, scan, selected+`WHERE id = $1 AND version = $2 AND (shop_id = $3 OR $4) {lock}`,
		id, version, owner.shop, owner.any)
	if err != nil || len(all) == 0 {
		return row{}, false, err
	}
	return all[0], true, nil
}

// owner is whose promotions are meant.
type owner struct {
	shop string
	any  bool // all shops' and the market's
}

func versions(tx *db.Tx, o owner, id string) ([]row, error) {
	return db.List(tx, scan, selected+`WHERE id = $1 AND (shop_id = $2 OR $3) ORDER BY version DESC`, id, o.shop, o.any)
}

// heads are the last versions of an owner's promotions with ids below before, newest first.
func heads(tx *db.Tx, o owner, before string, limit int) ([]row, error) {
	return db.List(tx, scan, selected+`WHERE (shop_id = $1 OR $2) AND id < $3 AND version =
		(SELECT MAX(n.version) FROM promotions n WHERE n.id = promotions.id) ORDER BY id DESC LIMIT $4`,
		o.shop, o.any, before, limit)
}

// holding are all versions that hold now or will, in the order of their making.
func holding(tx *db.Tx, now time.Time) ([]row, error) {
	return db.List(tx, scan, selected+`WHERE state = 'published' AND (until_us = 0 OR until_us > $1) ORDER BY id`,
		clock.Micros(now))
}

// held are the versions of the market's and a shop's promotions that held at an instant of a span.
func held(tx *db.Tx, shop string, from, until time.Time) ([]row, error) {
	return db.List(tx, scan, selected+`WHERE shop_id IN ('', $1) AND published_us > 0 AND published_us < $3
		AND from_us < $3 AND (until_us = 0 OR until_us > $2) AND (ended_us = 0 OR ended_us > $2) ORDER BY id, version`,
		shop, clock.Micros(from), clock.Micros(until))
}

// bound is what a promotion may cost, and what one person may publish.
type bound struct {
	worst promo.Worst
	alone int64
}

// publish turns a draft; false when it is none any more.
func publish(tx *db.Tx, p *promo.Promotion, b bound, at time.Time) (bool, error) {
	worst := int64(-1)
	if b.worst.Known {
		worst = b.worst.Total
	}
	n, err := tx.Exec(`UPDATE promotions SET state = 'published', published_us = $3, worst = $4, alone = $5
		WHERE id = $1 AND version = $2 AND state = 'draft'`, p.ID, p.Version, clock.Micros(at), worst, b.alone)
	return n == 1, err
}

// end turns the version that holds.
func end(tx *db.Tx, o owner, id string, to State, at time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE promotions SET state = $2, ended_us = $3
		WHERE id = $1 AND state = 'published' AND (shop_id = $4 OR $5)`, id, string(to), clock.Micros(at), o.shop, o.any)
	return n > 0, err
}

// changed counts a change of what holds.
func changed(tx *db.Tx) error {
	_, err := tx.Exec(`INSERT INTO promotion_changes (one, changes) VALUES (1, 1)
		ON CONFLICT (one) DO UPDATE SET changes = promotion_changes.changes + 1`)
	return err
}

func changes(tx *db.Tx) (int64, error) {
	n, _, err := db.Value[int64](tx, `SELECT changes FROM promotion_changes WHERE one = 1`)
	return n, err
}
