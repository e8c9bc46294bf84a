package audit

import (
	"context"
	"encoding/json"

	"hutong/base/clock"
	"hutong/base/db"
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

var columns = []string{"id", "at_us", "who", "acted_for", "shop_id", "what", "subject", "facts_before", "facts_after",
	"request_id", "network"}

// Note writes an entry in the caller's transaction. Who, For, Request and Network are taken from the context unless
// the entry names them, its ID is a fresh one unless it has one; At must be set. An error is a defect of the caller,
// and undoes the change.
func Note(ctx context.Context, tx *db.Tx, ids IDs, e Entry) error {
	from := From(ctx)
	if e.Who == "" {
		e.Who, e.For = from.Who, from.For
	}
	if e.Who == "" {
		e.Who = System
	}
	if e.Request == "" {
		e.Request = from.Request
	}
	if e.Network == "" {
		e.Network = from.Network
	}
	if e.ID == "" {
		e.ID = ids.New("aud")
	}
	before, err := encode(e.Before)
	if err != nil {
		return err
	}
	after, err := encode(e.After)
	if err != nil {
		return err
	}
	return tx.Insert("audit_entries", columns, [][]any{{e.ID, clock.Micros(e.At), e.Who, e.For, e.Shop,
		e.What, e.On, before, after, e.Request, e.Network}})
}

const selected = `SELECT id, at_us, who, acted_for, shop_id, what, subject, facts_before, facts_after, request_id,
	network FROM audit_entries`

func scan(r db.Row) (e Entry, err error) {
	var at int64
	var before, after string
	err = r.Scan(&e.ID, &at, &e.Who, &e.For, &e.Shop, &e.What, &e.On, &before, &after, &e.Request, &e.Network)
	if err != nil {
		return e, err
	}
	e.At = clock.FromMicros(at)
	if err := json.Unmarshal([]byte(before), &e.Before); err != nil {
		return e, err
	}
	return e, json.Unmarshal([]byte(after), &e.After)
}

// last is above every id.
const last = "~"

func byShop(tx *db.Tx, shop, before string, limit int) ([]Entry, error) {
	return db.List(tx, scan, selected+` WHERE shop_id = $1 AND shop_id <> '' AND id < $2 ORDER BY id DESC LIMIT $3`,
		shop, before, limit)
}

func bySubject(tx *db.Tx, subject, before string, limit int) ([]Entry, error) {
	return db.List(tx, scan, selected+` WHERE subject = $1 AND subject <> '' AND id < $2 ORDER BY id DESC LIMIT $3`,
		subject, before, limit)
}

func all(tx *db.Tx, before string, limit int) ([]Entry, error) {
	return db.List(tx, scan, selected+` WHERE id < $1 ORDER BY id DESC LIMIT $2`, before, limit)
}
