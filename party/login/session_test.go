package login_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/login"
)

func (m market) guest(t *testing.T) (string, login.Principal) {
	t.Helper()
	token, who, err := m.Guest(context.Background(), text.Zh)
	if err != nil {
		t.Fatal(err)
	}
	return token, who
}

func refuse(t *testing.T, m market, token, why string) {
	t.Helper()
	who, err := m.Resolve(context.Background(), token)
	if !fault.Is(err, "login.session") || fault.Of(err).Status() != 401 || who != login.Nobody {
		t.Errorf("%s: %+v, %v", why, who, err)
	}
}

func TestA3_TokensThatStandForNobody(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		a, _ := m.guest(t)
		b, _ := m.guest(t)
		name, secret, _ := strings.Cut(a, ".")
		_, other, _ := strings.Cut(b, ".")
		for _, node := range []market{m, open(d, cheap)} {
			for why, token := range map[string]string{
				"empty": "", "dot": ".", "space": " " + a, "no secret": name + ".", "no session": "." + secret,
				"another's secret": name + "." + other, "longer": a + "A", "shorter": a[:len(a)-1],
				"upper case": strings.ToUpper(a), "zero secret": name + "." + strings.Repeat("A", 43),
				"unknown session": strings.Repeat("0", 26) + "." + secret, "NUL": name[:25] + "\x00." + secret,
				"loose last bits": a[:len(a)-1] + looser(a[len(a)-1]), "quotes": "' OR 1=1 --",
				"a megabyte": strings.Repeat("x", 1<<20),
			} {
				refuse(t, node, token, why)
			}
			if _, err := node.Resolve(context.Background(), a); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// looser gives the letter that differs in the two bits of base64 that no byte uses.
func looser(c byte) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(letters[strings.IndexByte(letters, c)^1])
}

func TestA3_AnExpiredTokenStandsForNobody(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		s := cheap
		s.SessionFor = time.Hour
		s.CacheFor = 2 * time.Hour // the cache must not keep it alive
		m, other := open(d, s), open(d, s)
		token, _ := m.guest(t)
		for _, node := range []market{m, other} {
			node.clock.Set(start.Add(time.Hour - time.Microsecond))
			if _, err := node.Resolve(context.Background(), token); err != nil {
				t.Fatal(err)
			}
			node.clock.Set(start.Add(time.Hour))
			refuse(t, node, token, "expired at the very instant")
		}
		refuse(t, open(d, s).at(start.Add(time.Hour)), token, "expired, not cached")
	})
}

func (m market) at(t time.Time) market { m.clock.Set(t); return m }

func TestASessionUsedLatelyCostsNoRead(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	m := open(d, cheap)
	token, who := m.guest(t)
	if err := d.Write(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(`DELETE FROM sessions`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if got, err := m.Resolve(context.Background(), token); err != nil || got != who {
		t.Fatal("the row was read", err)
	}
	m.clock.Advance(login.Defaults.CacheFor - time.Microsecond)
	if _, err := m.Resolve(context.Background(), token); err != nil {
		t.Fatal("the row was read", err)
	}
	m.clock.Advance(time.Microsecond) // another node's logout is felt
	refuse(t, m, token, "ended elsewhere")
}

func TestLogoutEndsOneSession(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d, cheap), context.Background()
		m.register(t, login.Register{Role: login.Shopper, Name: "li.lei"})
		phone, _ := m.login(t, "li.lei")
		desk, _ := m.login(t, "li.lei")
		other := open(d, cheap)
		if _, err := other.Resolve(ctx, phone); err != nil {
			t.Fatal(err)
		}
		name, _, _ := strings.Cut(phone, ".")
		_, secret, _ := strings.Cut(desk, ".")
		for _, token := range []string{"", "x", name + "." + secret} { // who cannot prove a session cannot end it
			if err := m.Logout(ctx, token); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := m.Resolve(ctx, phone); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := m.Logout(ctx, phone); err != nil {
				t.Fatal(err)
			}
			refuse(t, m, phone, "logged out")
		}
		other.clock.Advance(login.Defaults.CacheFor)
		refuse(t, other, phone, "logged out at another node")
		if _, err := m.Resolve(ctx, desk); err != nil {
			t.Fatal("the other session ended too", err)
		}
	})
}

func TestA21_LoginAndNewPasswordMakeNewTokens(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d, cheap), context.Background()
		guest, who := m.guest(t)
		m.register(t, login.Register{Role: login.Shopper, Name: "li.lei", Shopper: who.Shopper})
		m.register(t, login.Register{Role: login.Shopper, Name: "bystander"})
		bystander, _ := m.login(t, "bystander")
		a, _ := m.login(t, "li.lei")
		b, _ := m.login(t, "li.lei")
		if a == b || a == guest {
			t.Fatal("a token was used again")
		}
		if err := m.SetPassword(ctx, "Li.Lei", "battery staple"); err != nil {
			t.Fatal(err)
		}
		for _, node := range []market{m, open(d, cheap)} {
			refuse(t, node, a, "before the new password")
			refuse(t, node, b, "before the new password")
		}
		if _, _, err := m.Login(ctx, "li.lei", password, text.Zh); !fault.Is(err, "login.refused") {
			t.Fatal(err)
		}
		if _, _, err := m.Login(ctx, "li.lei", "battery staple", text.Zh); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Resolve(ctx, bystander); err != nil {
			t.Fatal("somebody else was logged out", err)
		}
		if err := m.SetPassword(ctx, "nobody", "battery staple"); fault.Of(err) != fault.NotFound {
			t.Fatal(err)
		}
		if err := m.SetPassword(ctx, "li.lei", "short"); !fault.Is(err, "login.password") {
			t.Fatal(err)
		}
	})
}

func TestOnlyTheHashOfASecretIsKept(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	m := open(d, cheap)
	token, _ := m.guest(t)
	m.register(t, login.Register{Role: login.Shopper, Name: "li.lei"})
	_, secret, _ := strings.Cut(token, ".")
	err := d.Read(context.Background(), func(tx *db.Tx) error {
		hash, _, err := db.Value[string](tx, `SELECT secret_hash FROM sessions`)
		if err != nil {
			return err
		}
		kept, _, err := db.Value[string](tx, `SELECT password_hash FROM logins`)
		if len(hash) != 64 || strings.Contains(hash, secret) || strings.Contains(kept, string(password)) ||
			!strings.HasPrefix(kept, "$argon2id$v=19$m=64,t=1,p=1$") {
			t.Errorf("%q %q", hash, kept)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSweepDeletesExpiredSessionsOnly(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		s := cheap
		s.SessionFor = time.Hour
		m := open(d, s)
		old, _ := m.guest(t)
		m.clock.Advance(time.Minute)
		young, _ := m.guest(t)
		m.clock.Set(start.Add(time.Hour - time.Microsecond))
		for i, want := range []int{0, 1, 0} {
			if done, err := m.Sweep(context.Background()); err != nil || done != want {
				t.Fatal(i, done, err)
			}
			m.clock.Set(start.Add(time.Hour))
		}
		refuse(t, m, old, "swept")
		if _, err := open(d, s).at(m.clock.Now()).Resolve(context.Background(), young); err != nil {
			t.Fatal(err)
		}
		if n := count(t, d); n[1] != 2 || n[2] != 1 {
			t.Fatal("shoppers and sessions:", n)
		}
	})
}

func BenchmarkResolve(b *testing.B) {
	d := dbtest.SQLite(b, db.Options{}, schemas...)
	m := open(d, cheap)
	token, _, err := m.Guest(context.Background(), text.Zh)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := m.Resolve(context.Background(), token); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkGuest(b *testing.B) {
	d := dbtest.SQLite(b, db.Options{}, schemas...)
	m := open(d, cheap)
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, _, err := m.Guest(context.Background(), text.Zh); err != nil {
				b.Error(err)
			}
		}
	})
}
