package login_test

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/login"
)

const chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"

func browser(agent, network string) context.Context {
	ctx := login.From(context.Background(), netip.MustParseAddr(network))
	return context.WithValue(ctx, login.Device{}, agent)
}

func TestOwnSessionsAreListedAndEnded(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		m.register(t, login.Register{Role: login.Shopper, Name: "li.lei"})
		m.register(t, login.Register{Role: login.Shopper, Name: "han"})
		desk, who, err := m.Login(browser(chrome, "192.0.2.77"), "li.lei", password, text.Zh)
		if err != nil {
			t.Fatal(err)
		}
		phone, _, err := m.Login(browser("iPhone MicroMessenger/8.0", "2001:db8:1:2::3"), "li.lei", password, text.Zh)
		if err != nil {
			t.Fatal(err)
		}
		third, _ := m.login(t, "li.lei")
		hers, han := m.login(t, "han")
		all, err := m.Sessions(t.Context(), who, desk)
		if err != nil || len(all) != 3 {
			t.Fatal(all, err)
		}
		if s := all[2]; s.Device != "Chrome, Windows" || s.Network != "192.0.2.0/24" || !s.Current || s.Way != login.ByPassword ||
			!s.Opened.Equal(start) || s.Helper {
			t.Fatalf("%+v", s)
		}
		if s := all[1]; s.Device != "WeChat, iPhone" || s.Network != "2001:db8:1::/48" || s.Current {
			t.Fatalf("%+v", s)
		}
		if err := m.EndSession(t.Context(), han, all[1].ID); !fault.Is(err, "login.session_not_found") {
			t.Fatal("A1", err)
		}
		if err := m.EndSession(t.Context(), login.Principal{}, all[1].ID); !fault.Is(err, "login.session_not_found") {
			t.Fatal("A3", err)
		}
		if err := m.EndSession(t.Context(), who, all[1].ID); err != nil {
			t.Fatal(err)
		}
		refuse(t, m, phone, "ended")
		if n, err := m.EndOtherSessions(t.Context(), who, desk); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		refuse(t, m, third, "ended with the others")
		for _, token := range []string{desk, hers} {
			if _, err := m.Resolve(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		}
		if all, err := m.Sessions(t.Context(), login.Principal{Role: login.Shopper, Shopper: who.Shopper}, ""); err != nil ||
			len(all) != 0 {
			t.Fatal("a guest's list", all, err)
		}
	})
}

func TestLastSeenIsCoarseAndWrittenInBatches(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		m.register(t, login.Register{Role: login.Shopper, Name: "li.lei"})
		token, who := m.login(t, "li.lei")
		use := func(after time.Duration) {
			m.clock.Advance(after)
			if _, err := m.Resolve(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		}
		flush := func(want int) {
			t.Helper()
			if n, err := m.MarkSeen(t.Context()); err != nil || n != want {
				t.Fatal(n, err)
			}
		}
		use(10 * time.Minute)
		flush(0)
		use(80 * time.Minute)
		use(2 * time.Minute)
		flush(1)
		all, err := m.Sessions(t.Context(), who, token)
		if err != nil || !all[0].Seen.Equal(start.Add(time.Hour)) {
			t.Fatal(all[0].Seen, err)
		}
		use(10 * time.Minute)
		flush(0)
	})
}

func TestA28_AUserAgentIsReadInPart(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	m := open(d, cheap)
	m.register(t, login.Register{Role: login.Shopper, Name: "li.lei"})
	agent := strings.Repeat("x", 10<<20) + chrome
	token, who, err := m.Login(browser(agent, "192.0.2.1"), "li.lei", password, text.Zh)
	if err != nil {
		t.Fatal(err)
	}
	all, err := m.Sessions(t.Context(), who, token)
	if err != nil || all[0].Device != "" {
		t.Fatal(all, err)
	}
}
