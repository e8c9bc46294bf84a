package db

import (
	"context"
	"fmt"
	"strings"

	"hutong/base/fault"
)

// Schema is one room's tables: the steps that lead from nothing to today, oldest first. A step that has been released
// is never edited; a change is a further step.
type Schema struct {
	Room  string   // the package's name, such as "order"
	Steps []string // each one or more statements ending in ";"
}

// Migrate brings every room to its newest step: everything that is missing in one transaction, so that an interrupted
// migration has not begun (FAULTS X20). It is safe to repeat. A database that is ahead of this binary is refused with
// storage.newer.
func (d *DB) Migrate(ctx context.Context, schemas ...Schema) error {
	const table = `CREATE TABLE IF NOT EXISTS schema_steps (
		room TEXT NOT NULL, step BIGINT NOT NULL, PRIMARY KEY (room, step))`
	return d.Write(ctx, func(tx *Tx) error {
		if _, err := tx.Exec(table); err != nil {
			return err
		}
		for _, s := range schemas {
			if err := migrate(tx, s); err != nil {
				return fmt.Errorf("migrate %s: %w", s.Room, err)
			}
		}
		return nil
	})
}

func migrate(tx *Tx, s Schema) error {
	done, _, err := Value[int64](tx, `SELECT COUNT(*) FROM schema_steps WHERE room = $1`, s.Room)
	if err != nil {
		return err
	}
	if done > int64(len(s.Steps)) {
		return fault.New(fault.Conflict, "storage.newer", fault.P("room", s.Room))
	}
	for step := done; step < int64(len(s.Steps)); step++ {
		if err := apply(tx, s.Room, step, s.Steps[step]); err != nil {
			return err
		}
	}
	return nil
}

func apply(tx *Tx, room string, step int64, script string) error {
	for statement := range strings.SplitSeq(script, ";\n") {
		statement = strings.TrimSuffix(strings.TrimSpace(statement), ";")
		if onlyComments(statement) {
			continue
		}
		if _, err := tx.Exec(statement); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`INSERT INTO schema_steps (room, step) VALUES ($1, $2)`, room, step+1)
	return err
}

func onlyComments(s string) bool {
	for line := range strings.Lines(s) {
		if l := strings.TrimSpace(line); l != "" && !strings.HasPrefix(l, "--") {
			return false
		}
	}
	return true
}
