package setting_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/setting"
)

var schemas = []db.Schema{setting.Schema}

func get(t *testing.T, d *db.DB, key string) (value string, found bool) {
	t.Helper()
	err := d.Read(context.Background(), func(tx *db.Tx) (err error) {
		value, found, err = setting.Get(tx, key)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return value, found
}

func TestPutGetDrop(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		if v, found := get(t, d, "a"); found || v != "" {
			t.Fatalf("%q before anything was put", v)
		}
		steps := []struct {
			do    func(tx *db.Tx) error
			want  string
			found bool
		}{
			{func(tx *db.Tx) error { return setting.Put(tx, "a", "1") }, "1", true},
			{func(tx *db.Tx) error { return setting.Put(tx, "a", "") }, "", true},
			{func(tx *db.Tx) error { return setting.Put(tx, "a", "二") }, "二", true},
			{func(tx *db.Tx) error { return setting.Put(tx, "b", "other") }, "二", true},
			{func(tx *db.Tx) error { return setting.Drop(tx, "a") }, "", false},
			{func(tx *db.Tx) error { return setting.Drop(tx, "a") }, "", false},
		}
		for i, s := range steps {
			if err := d.Write(context.Background(), s.do); err != nil {
				t.Fatal(i, err)
			}
			if v, found := get(t, d, "a"); v != s.want || found != s.found {
				t.Fatalf("step %d: %q %v", i, v, found)
			}
		}
		if v, _ := get(t, d, "b"); v != "other" {
			t.Fatalf("b = %q", v)
		}
	})
}

func TestAFailedDecisionIsNoDecision(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		stop := fmt.Errorf("stop")
		err := d.Write(context.Background(), func(tx *db.Tx) error {
			if err := setting.Put(tx, "a", "1"); err != nil {
				return err
			}
			return stop
		})
		if err != stop {
			t.Fatal(err)
		}
		if _, found := get(t, d, "a"); found {
			t.Fatal("the setting outlived its transaction")
		}
	})
}

func TestOnceGivesAllThatStartTogetherTheSameValue(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		held := make([]string, 20)
		var wg sync.WaitGroup
		for i := range held {
			wg.Go(func() {
				err := d.Write(context.Background(), func(tx *db.Tx) (err error) {
					held[i], err = setting.Once(tx, "key", fmt.Sprint(i))
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		want, _ := get(t, d, "key")
		for i, got := range held {
			if got != want {
				t.Errorf("%d goes on with %q, the market holds %q", i, got, want)
			}
		}
	})
}

func TestBounds(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	for _, c := range []struct{ key, value, code string }{
		{"", "v", "setting.key"},
		{strings.Repeat("k", setting.KeyMax+1), "v", "setting.key"},
		{"k", strings.Repeat("v", setting.ValueMax+1), "setting.value"},
		{strings.Repeat("k", setting.KeyMax), strings.Repeat("v", setting.ValueMax), ""},
	} {
		for name, put := range map[string]func(tx *db.Tx) error{
			"put":  func(tx *db.Tx) error { return setting.Put(tx, c.key, c.value) },
			"once": func(tx *db.Tx) error { _, err := setting.Once(tx, c.key, c.value); return err },
		} {
			err := d.Write(context.Background(), put)
			if c.code == "" && err != nil || c.code != "" && !fault.Is(err, c.code) {
				t.Errorf("%s %d/%d bytes: %v", name, len(c.key), len(c.value), err)
			}
		}
	}
}
