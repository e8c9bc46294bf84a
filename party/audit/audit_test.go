package audit_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/party/audit"
)

var start = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

var schemas = []db.Schema{audit.Schema}

type market struct {
	*audit.Service
	db  *db.DB
	ids *id.Maker
}

func open(d *db.DB) market {
	c := clock.NewManual(start)
	ids := id.NewMaker(c, rand.Reader)
	return market{audit.New(d, c, ids), d, ids}
}

func (m market) note(ctx context.Context, e audit.Entry) error {
	e.At = start
	return m.db.Write(context.Background(), func(tx *db.Tx) error { return audit.Note(ctx, tx, m.ids, e) })
}

func TestAnEntryTellsWhoWhatOnWhatFromWhere(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d)
		ctx := audit.As(t.Context(), audit.Person{Who: "lgn_o", For: "shr_a"})
		ctx = context.WithValue(ctx, audit.Request{}, "req_1")
		ctx = context.WithValue(ctx, audit.Network{}, netip.MustParseAddr("192.0.2.77"))
		e := audit.Entry{Shop: "shp_a", What: "staff.role_changed", On: "lgn_b",
			Before: audit.Facts{"role": "clerk"}, After: audit.Facts{"role": "manager"}}
		if err := m.note(ctx, e); err != nil {
			t.Fatal(err)
		}
		p, err := m.Entries(t.Context(), audit.Query{})
		if err != nil || len(p.Entries) != 1 || p.Next != "" {
			t.Fatal(p, err)
		}
		got := p.Entries[0]
		want := fmt.Sprint(audit.Entry{ID: got.ID, At: start, Who: "lgn_o", For: "shr_a", Shop: "shp_a",
			What: e.What, On: "lgn_b", Before: e.Before, After: e.After, Request: "req_1", Network: "192.0.2.0/24"})
		if fmt.Sprint(got) != want || !id.Valid(got.ID, "aud") {
			t.Fatal(got)
		}
		if err := m.Note(t.Context(), audit.Entry{What: "gate.refused"}); err != nil {
			t.Fatal(err)
		}
		if p, err = m.Entries(t.Context(), audit.Query{Limit: 1}); err != nil || p.Entries[0].Who != audit.System {
			t.Fatal(p, err)
		}
	})
}

func TestAnEntryStandsAndFallsWithItsChange(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, stop := open(d), errors.New("stop")
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			if err := audit.Note(t.Context(), tx, m.ids, audit.Entry{At: start, What: "x.y"}); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		if p, err := m.Entries(t.Context(), audit.Query{}); err != nil || len(p.Entries) != 0 {
			t.Fatal(p, err)
		}
	})
}

func TestA1_AShopReadsItsOwnEntriesOnly(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d)
		for i, shop := range []string{"shp_a", "", "shp_b", "shp_a", "shp_a"} {
			if err := m.note(t.Context(), audit.Entry{Shop: shop, What: "a.b", On: fmt.Sprint("obj_", i)}); err != nil {
				t.Fatal(err)
			}
		}
		seen, cursor := "", ""
		for page := range 3 {
			p, err := m.ByShop(t.Context(), "shp_a", audit.Query{Cursor: cursor, Limit: 2, Subject: "obj_2", Shop: "shp_b"})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range p.Entries {
				seen += e.On + " "
			}
			if cursor = p.Next; cursor == "" && page != 1 {
				t.Fatal("ended on page", page)
			}
			if cursor == "" {
				break
			}
		}
		if seen != "obj_4 obj_3 obj_0 " {
			t.Fatal(seen)
		}
		for _, shop := range []string{"", "shp_c"} {
			if p, err := m.ByShop(t.Context(), shop, audit.Query{}); err != nil || len(p.Entries) != 0 {
				t.Fatal(shop, p, err)
			}
		}
		if p, err := m.Entries(t.Context(), audit.Query{Subject: "obj_1"}); err != nil || len(p.Entries) != 1 {
			t.Fatal(p, err)
		}
		for _, bad := range []string{"x", "' OR 1=1", "aud_", "ord_01jcdefghjkmnpqrstvwxyz012"} {
			if _, err := m.Entries(t.Context(), audit.Query{Cursor: bad}); !fault.Is(err, "audit.cursor") {
				t.Fatal(bad, err)
			}
		}
	})
}

func TestA34_SecretsAndPersonalDataAreNoFacts(t *testing.T) {
	m := open(dbtest.SQLite(t, db.Options{}, schemas...))
	for _, name := range []string{"password", "new_password", "token", "client_secret", "phone", "email", "address",
		"holder", "recipient"} {
		if err := m.note(t.Context(), audit.Entry{What: "a.b", After: audit.Facts{name: "x"}}); err == nil {
			t.Error(name, "was kept")
		}
	}
	if err := m.note(t.Context(), audit.Entry{What: "a.b", Before: audit.Facts{"x": strings.Repeat("y", 513)}}); err == nil {
		t.Error("a long value was kept")
	}
	if p, err := m.Entries(t.Context(), audit.Query{}); err != nil || len(p.Entries) != 0 {
		t.Fatal(p, err)
	}
}

func TestTheStoreOnlyEverAdds(t *testing.T) {
	code, err := os.ReadFile("store.go")
	if err != nil {
		t.Fatal(err)
	}
	if found := regexp.MustCompile(`UPDATE |DELETE |REPLACE `).Find(code); found != nil {
		t.Fatalf("%s", found)
	}
}

func TestChangedLeavesWhatDiffers(t *testing.T) {
	b, a := audit.Changed(audit.Facts{"a": "1", "b": "2", "c": "3"}, audit.Facts{"a": "1", "b": "4", "d": "5"})
	if fmt.Sprint(b, a) != "map[b:2 c:3] map[b:4 d:5]" {
		t.Fatal(b, a)
	}
}
