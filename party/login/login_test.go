package login_test

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/id"
	"hutong/base/text"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/party/shopper"
)

var start = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

var schemas = []db.Schema{event.Schema, merchant.Schema, shopper.Schema, login.Schema}

// cheap keeps tests fast; the cost of a real hash is tested once.
var cheap = login.Settings{Cost: login.Cost{Passes: 1, KiB: 64, Threads: 1}}

type market struct {
	*login.Service
	clock *clock.Manual
	ids   *id.Maker
	db    *db.DB
}

func open(d *db.DB, s login.Settings) market {
	c := clock.NewManual(start)
	ids := id.NewMaker(c, rand.Reader)
	return market{login.New(d, c, ids, rand.Reader, s), c, ids, d}
}

func TestSessions(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d, cheap), context.Background()
		token, who, err := m.Guest(ctx, text.En)
		if err != nil {
			t.Fatal(err)
		}
		again := open(d, cheap) // another node: nothing in memory
		for _, s := range []market{m, again} {
			if got, err := s.Resolve(ctx, token); err != nil || got != who {
				t.Fatalf("%+v, %v; want %+v", got, err, who)
			}
		}
		l, err := m.Register(ctx, login.Register{Role: login.Shopper, Name: "Ｌi.Lei", Password: "correct horse", Shopper: who.Shopper})
		if err != nil {
			t.Fatal(err)
		}
		if l.Name != "li.lei" || l.Shopper != who.Shopper {
			t.Fatalf("%+v", l)
		}
		_, p, err := m.Login(ctx, "LI.LEI", "correct horse", text.Zh)
		if err != nil || p.Shopper != who.Shopper || p.Login != l.ID || p.Role != login.Shopper {
			t.Fatalf("%+v, %v", p, err)
		}
	})
}
