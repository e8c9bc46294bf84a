package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/goods/catalog"
)

const runColumns = `id, shop_id, state, file, size, format, mapping, currency, who, read_bytes, products, skus, created,
	updated, unchanged, rejected, withdrawn, restored, kept, reason, at_us, beat_us, ended_us, busy_key`

func scanRun(r db.Row) (v Run, err error) {
	var at, beat, ended int64
	var busy string
	c := &v.Counts
	err = r.Scan(&v.ID, &v.Shop, &v.State, &v.File, &v.Size, &v.Format, &v.Mapping, &v.Currency, &v.By, &v.Read,
		&c.Products, &c.SKUs, &c.Created, &c.Updated, &c.Unchanged, &c.Rejected, &v.Withdrawn, &v.Restored, &v.Kept,
		&v.Reason, &at, &beat, &ended, &busy)
	v.At, v.BeatAt = clock.FromMicros(at), clock.FromMicros(beat)
	if ended != 0 {
		v.EndedAt = clock.FromMicros(ended)
	}
	v.desk = busy == v.Shop
	return v, err
}

func (v Run) values() []any {
	ended := int64(0)
	if !v.EndedAt.IsZero() {
		ended = clock.Micros(v.EndedAt)
	}
	busy := string(v.ID)
	if v.desk {
		busy = v.Shop
	}
	c := v.Counts
	return []any{v.ID, v.Shop, v.State, v.File, v.Size, v.Format, v.Mapping, v.Currency, v.By, v.Read, c.Products, c.SKUs,
		c.Created, c.Updated, c.Unchanged, c.Rejected, v.Withdrawn, v.Restored, v.Kept, v.Reason, clock.Micros(v.At),
		clock.Micros(v.BeatAt), ended, busy}
}

func insertRun(tx *db.Tx, v Run) error {
	return tx.Insert("import_runs", []string{"id", "shop_id", "state", "file", "size", "format", "mapping", "currency",
		"who", "read_bytes", "products", "skus", "created", "updated", "unchanged", "rejected", "withdrawn", "restored",
		"kept", "reason", "at_us", "beat_us", "ended_us", "busy_key"}, [][]any{v.values()})
}

// updateRun writes a run if it is still in the state from.
func updateRun(tx *db.Tx, v Run, from RunState) error {
	values := append(v.values(), string(from))
	n, err := tx.Exec(`UPDATE import_runs SET state = $3, file = $4, size = $5, format = $6, mapping = $7, currency = $8,
		who = $9, read_bytes = $10, products = $11, skus = $12, created = $13, updated = $14, unchanged = $15,
		rejected = $16, withdrawn = $17, restored = $18, kept = $19, reason = $20, at_us = $21, beat_us = $22,
		ended_us = $23, busy_key = $24 WHERE id = $1 AND shop_id = $2 AND state = $25`, values...)
	if errors.Is(err, db.ErrUnique) {
		return fault.New(fault.Conflict, "intake.busy").Because(err)
	}
	if err == nil && n != 1 {
		return fault.New(fault.Conflict, "intake.moved_on", fault.P("state", string(from)))
	}
	return err
}

const oneRun = `SELECT ` + runColumns + ` FROM import_runs WHERE id = $1 AND shop_id = $2`

// readRun reads a shop's run.
func readRun(tx *db.Tx, shop string, id RunID) (Run, error) {
	return only(db.List(tx, scanRun, oneRun, id, shop))
}

// lockRun reads a shop's run to change it.
func lockRun(tx *db.Tx, shop string, id RunID) (Run, error) {
	return only(db.List(tx, scanRun, oneRun+` {lock}`, id, shop))
}

func only(all []Run, err error) (Run, error) {
	if err == nil && len(all) == 0 {
		err = fault.New(fault.NotFound, "intake.no_run")
	}
	if err != nil {
		return Run{}, err
	}
	return all[0], nil
}

// runsOf reads a shop's runs, the newest first.
func runsOf(tx *db.Tx, shop string, before RunID, limit int) ([]Run, error) {
	return db.List(tx, scanRun, `SELECT `+runColumns+` FROM import_runs WHERE shop_id = $1 AND ($2 = '' OR id < $2)
		ORDER BY id DESC LIMIT $3`, shop, before, limit)
}

// silentRuns reads runs that have been at work and silent since then, or that wait for a merchant since before.
func silentRuns(tx *db.Tx, silent, waiting time.Time) ([]Run, error) {
	return db.List(tx, scanRun, `SELECT `+runColumns+` FROM import_runs
		WHERE (state IN ('checking', 'importing', 'undoing') AND beat_us < $1)
		OR (state IN ('uploaded', 'checked') AND beat_us < $2) ORDER BY id LIMIT 100 {lock}`,
		clock.Micros(silent), clock.Micros(waiting))
}

// insertChanges keeps what a run did to some products, but for those that it changed before: there the first counts,
// for it says how the product was before the run.
func insertChanges(tx *db.Tx, id RunID, shop string, all []change) error {
	var known []string
	for _, c := range all {
		if c.kind == updated {
			known = append(known, string(c.product))
		}
	}
	twice := map[catalog.ID]bool{}
	err := tx.EachKey(`SELECT product_id FROM import_changes WHERE run_id = $1 AND product_id IN ({keys})`, known,
		func(r db.Row) error {
			var p catalog.ID
			err := r.Scan(&p)
			twice[p] = true
			return err
		}, id)
	if err != nil {
		return err
	}
	var rows [][]any
	for _, c := range all {
		if twice[c.product] {
			continue
		}
		was := ""
		if c.was != nil {
			b, err := json.Marshal(c.was)
			if err != nil {
				return err
			}
			was = string(b)
		}
		rows = append(rows, []any{id, c.product, shop, c.kind, was, false})
	}
	return tx.Insert("import_changes", []string{"run_id", "product_id", "shop_id", "kind", "was", "undone"}, rows)
}

// changesOf reads some of a run's changes that are not undone.
func changesOf(tx *db.Tx, shop string, id RunID, limit int) ([]change, error) {
	return db.List(tx, func(r db.Row) (c change, err error) {
		var was string
		if err = r.Scan(&c.product, &c.kind, &was); err != nil || was == "" {
			return c, err
		}
		c.was = &before{}
		if err := json.Unmarshal([]byte(was), c.was); err != nil {
			return c, fmt.Errorf("intake: what %s was before %s: %w", c.product, id, err)
		}
		return c, nil
	}, `SELECT product_id, kind, was FROM import_changes WHERE run_id = $1 AND shop_id = $2 AND undone = FALSE
		ORDER BY product_id LIMIT $3`, id, shop, limit)
}

func markUndone(tx *db.Tx, id RunID, all []change) error {
	rows := make([][]any, len(all))
	for i, c := range all {
		rows[i] = []any{id, c.product}
	}
	_, err := tx.Many(`UPDATE import_changes SET undone = TRUE WHERE run_id = $1 AND product_id = $2`, rows)
	return err
}

// laterRuns names the newest runs that changed a product of this one after it and were not undone.
func laterRuns(tx *db.Tx, shop string, id RunID, limit int) ([]Run, error) {
	return db.List(tx, scanRun, `SELECT `+runColumns+` FROM import_runs WHERE shop_id = $1 AND id > $2 AND EXISTS (
		SELECT 1 FROM import_changes l JOIN import_changes c ON c.product_id = l.product_id
		WHERE l.run_id = import_runs.id AND l.undone = FALSE AND c.run_id = $2 AND c.undone = FALSE)
		ORDER BY id DESC LIMIT $3`, shop, id, limit)
}

// forget takes back what imports remember of products that they made, so that another import makes them again.
func forget(tx *db.Tx, shop string, products []catalog.Product) error {
	rows := make([][]any, len(products))
	for i, p := range products {
		rows[i] = []any{p.ExternalID, p.Source, shop}
	}
	_, err := tx.Many(`DELETE FROM imported_products WHERE external_id = $1 AND source = $2 AND shop_id = $3`, rows)
	return err
}

// recall puts back what the import before had left.
func recall(tx *db.Tx, shop string, products []catalog.Product, was map[catalog.ID]*before) error {
	rows := make([][]any, len(products))
	for i, p := range products {
		figures, err := json.Marshal(was[p.ID].Figures)
		if err != nil {
			return err
		}
		rows[i] = []any{p.ExternalID, p.Source, shop, was[p.ID].Hash, string(figures)}
	}
	_, err := tx.Many(`UPDATE imported_products SET content_hash = $4, figures = $5
		WHERE external_id = $1 AND source = $2 AND shop_id = $3`, rows)
	return err
}

// insertRejects keeps refusals from the place seq on.
func insertRejects(tx *db.Tx, v Run, seq int, all []Reject) error {
	rows := make([][]any, len(all))
	for i, x := range all {
		params, err := renderParams(x.Params)
		if err != nil {
			return err
		}
		rows[i] = []any{v.ID, seq + i, v.Shop, x.File, x.Line, x.Code, x.Field, params}
	}
	return tx.Insert("import_rejects",
		[]string{"run_id", "seq", "shop_id", "file", "line", "code", "field", "params"}, rows)
}

func deleteRejects(tx *db.Tx, v Run) error {
	_, err := tx.Exec(`DELETE FROM import_rejects WHERE run_id = $1 AND shop_id = $2`, v.ID, v.Shop)
	return err
}

func rejectsOf(tx *db.Tx, shop string, id RunID, after, limit int) ([]Reject, error) {
	return db.List(tx, func(r db.Row) (x Reject, err error) {
		var params string
		if err = r.Scan(&x.File, &x.Line, &x.Code, &x.Field, &params); err == nil {
			x.Params, err = readParams(params)
		}
		return x, err
	}, `SELECT file, line, code, field, params FROM import_rejects WHERE run_id = $1 AND shop_id = $2 AND seq >= $3
		ORDER BY seq LIMIT $4`, id, shop, after, limit)
}

// Mapping is how a shop reads CSV files of its own, under a name.
type Mapping struct {
	Name string
	JSON string // as goods/intake/mapped writes it
	At   time.Time
}

func mappingsOf(tx *db.Tx, shop string, limit int) ([]Mapping, error) {
	return db.List(tx, func(r db.Row) (m Mapping, err error) {
		var at int64
		err = r.Scan(&m.Name, &m.JSON, &at)
		m.At = clock.FromMicros(at)
		return m, err
	}, `SELECT name, mapping, at_us FROM import_mappings WHERE shop_id = $1 ORDER BY name LIMIT $2`, shop, limit)
}

func putMapping(tx *db.Tx, shop string, m Mapping) error {
	_, err := tx.Exec(`INSERT INTO import_mappings (shop_id, name, mapping, at_us) VALUES ($1, $2, $3, $4)
		ON CONFLICT (shop_id, name) DO UPDATE SET mapping = excluded.mapping, at_us = excluded.at_us`,
		shop, m.Name, m.JSON, clock.Micros(m.At))
	return err
}

func deleteMapping(tx *db.Tx, shop, name string) error {
	_, err := tx.Exec(`DELETE FROM import_mappings WHERE shop_id = $1 AND name = $2`, shop, name)
	return err
}
