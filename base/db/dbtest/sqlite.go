package dbtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"hutong/base/db"
)

// SQLiteURL gives the address of a SQLite database in a temporary folder, with the tables of these rooms. They are
// empty.
func SQLiteURL(t testing.TB, schemas ...db.Schema) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "market.db")
	if len(schemas) > 0 {
		data, err := files.of(t.Context(), schemas)
		if err == nil {
			err = os.WriteFile(path, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return "sqlite:" + path
}

// files are the databases with the tables of some rooms that this process made, as bytes. To run all steps takes longer
// than most tests do; to copy what came of them does not.
var files = &made{byTables: map[string][]byte{}}

type made struct {
	mu       sync.Mutex
	byTables map[string][]byte
}

func (m *made) of(ctx context.Context, schemas []db.Schema) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := fmt.Sprint(schemas)
	if data, ok := m.byTables[key]; ok {
		return data, nil
	}
	data, err := file(ctx, schemas)
	if err == nil {
		m.byTables[key] = data
	}
	return data, err
}

// file is a closed database: all that was written is in its one file.
func file(ctx context.Context, schemas []db.Schema) (data []byte, err error) {
	dir, err := os.MkdirTemp("", "hutong-dbtest-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "market.db")
	d, err := db.Open(ctx, "sqlite:"+path, db.Options{Relaxed: true})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(d.Migrate(ctx, schemas...), d.Close()); err != nil {
		return nil, err
	}
	if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
		return nil, fmt.Errorf("dbtest: %d bytes of the database are in its log only", log.Size())
	}
	return os.ReadFile(path)
}
