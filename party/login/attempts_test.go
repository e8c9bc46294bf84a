package login_test

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/login"
)

func TestA28_PasswordsOutsideTheirBoundsAreNotHashed(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	ctx := context.Background()
	m := open(d, cheap)
	m.register(t, login.Register{Role: login.Shopper, Name: "li.lei"})
	dear := open(d, login.Settings{Cost: login.Cost{Passes: 1, KiB: 64 << 10, Threads: 1}}) // 64 MiB a hash
	for _, p := range []login.Password{"", "1234567", login.Password(strings.Repeat("x", 129)),
		login.Password(strings.Repeat("x", 1<<20))} {
		spent := allocated(func() {
			_, err := dear.Register(ctx, login.Register{Role: login.Shopper, Name: "fresh", Password: p})
			_, _, err2 := dear.Login(ctx, "li.lei", p, text.Zh)
			err3 := dear.SetPassword(ctx, "li.lei", p)
			for _, err := range []error{err, err2, err3} {
				if !fault.Is(err, "login.password") || fault.Of(err) != fault.Invalid || fault.As(err).Field != "password" {
					t.Errorf("%d bytes: %v", len(p), err)
				}
			}
		})
		if spent > 8<<20 {
			t.Errorf("%d bytes: %d bytes were worked with", len(p), spent)
		}
	}
	for _, n := range []int{login.PasswordMin, login.PasswordMax} {
		name, p := fmt.Sprint("n", n), login.Password(strings.Repeat("密", n)[:n])
		m.register(t, login.Register{Role: login.Shopper, Name: name, Password: p})
		if _, _, err := m.Login(ctx, name, p, text.Zh); err != nil {
			t.Error(n, err)
		}
	}
}

// allocated tells how many bytes fn asks for: argon2id cannot hide its work.
func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestA22_AnUnknownNameLooksAndCostsLikeAWrongPassword(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	m := open(d, login.Settings{Cost: login.Cost{Passes: 1, KiB: 8 << 10, Threads: 1}})
	m.register(t, login.Register{Role: login.Shopper, Name: "li.lei"})
	said := map[string]string{}
	for _, name := range []string{"li.lei", "nobody"} {
		spent := allocated(func() {
			_, who, err := m.Login(context.Background(), name, "wrong password", text.Zh)
			if fault.Of(err) != fault.Unauthenticated || who != login.Nobody {
				t.Fatal(err)
			}
			said[name] = err.Error()
		})
		if spent < 8<<20 || spent > 16<<20 {
			t.Errorf("%s: %d bytes of work, want one hash of 8 MiB", name, spent)
		}
	}
	if said["li.lei"] != said["nobody"] {
		t.Fatal(said)
	}
}

func TestA23_WrongGuessesAreBoundedPerNameAndNetwork(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		s := cheap
		s.PerPair = login.Budget{Burst: 3, Every: time.Minute}
		m := open(d, s)
		m.register(t, login.Register{Role: login.Shopper, Name: "li.lei"})
		ctx := from("192.0.2.1")
		for range 20 { // right ones cost nothing
			if _, _, err := m.Login(ctx, "li.lei", password, text.Zh); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 5 {
			_, _, err := m.Login(ctx, "li.lei", "wrong password", text.Zh)
			if want := []string{"login.refused", "login.limited"}[min(i/3, 1)]; !fault.Is(err, want) {
				t.Fatal(i, err)
			}
		}
		_, _, err := m.Login(ctx, "li.lei", password, text.Zh)
		if !fault.Is(err, "login.limited") || fault.Of(err).Status() != 429 || fault.As(err).RetryAfter != time.Minute {
			t.Fatal("a right guess beyond the budget", err, fault.As(err).RetryAfter)
		}
		if _, _, err := m.Login(from("192.0.2.2"), "li.lei", password, text.Zh); err != nil {
			t.Fatal("another network", err)
		}
		if _, _, err := m.Login(ctx, "nobody", "wrong password", text.Zh); !fault.Is(err, "login.refused") {
			t.Fatal("another name", err)
		}
		m.clock.Advance(time.Minute)
		if _, _, err := m.Login(ctx, "li.lei", password, text.Zh); err != nil {
			t.Fatal("after the wait", err)
		}
	})
}

func TestA23_AHundredGuessesAtOnceAreNotAllTried(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	s := cheap
	s.PerPair, s.HashWait = login.Budget{Burst: 5, Every: time.Hour}, time.Minute
	m := open(d, s)
	m.register(t, login.Register{Role: login.Shopper, Name: "li.lei"})
	var wg sync.WaitGroup
	var mu sync.Mutex
	tried := 0
	for range 100 {
		wg.Go(func() {
			_, _, err := m.Login(from("192.0.2.1"), "li.lei", "wrong password", text.Zh)
			mu.Lock()
			defer mu.Unlock()
			if fault.Is(err, "login.refused") {
				tried++
			} else if !fault.Is(err, "login.limited") {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if tried != 5 {
		t.Fatalf("%d were tried", tried)
	}
}

func TestA23_AStrangerCannotLockTheOwnerOut(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	s := cheap
	s.PerName = login.Budget{Burst: 10, Every: time.Hour}
	m := open(d, s)
	m.register(t, login.Register{Role: login.Shopper, Name: "li.lei"})
	if _, _, err := m.Login(from("192.0.2.1"), "li.lei", password, text.Zh); err != nil {
		t.Fatal(err)
	}
	limited := 0
	for i := range 30 {
		_, _, err := m.Login(from(fmt.Sprint("198.51.100.", i)), "li.lei", "wrong password", text.Zh)
		if fault.Is(err, "login.limited") {
			limited++
		}
	}
	if limited != 20 {
		t.Fatalf("%d of 30 guesses from 30 networks were stopped", limited)
	}
	if _, _, err := m.Login(from("192.0.2.1"), "li.lei", password, text.Zh); err != nil {
		t.Fatal("the owner is locked out", err)
	}
	if _, _, err := m.Login(from("203.0.113.1"), "li.lei", password, text.Zh); !fault.Is(err, "login.limited") {
		t.Fatal(err)
	}
}

func TestA24_AHouseholdIsOneNetwork(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	s := cheap
	s.PerNetwork = login.Budget{Burst: 3, Every: time.Hour}
	for _, c := range []struct {
		name, form string
		limited    int
	}{
		{"one /64", "2001:db8:1:1::%x", 7},
		{"ten /64", "2001:db8:1:%x::1", 0},
		{"IPv4 in IPv6", "::ffff:192.0.2.1", 7},
		{"ten IPv4 in IPv6", "::ffff:192.0.2.%d", 0},
		{"zones", "fe80::1%%eth%d", 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, limited := open(d, s), 0
			for i := range 10 {
				network := c.form
				if strings.Contains(network, "%") {
					network = fmt.Sprintf(network, i+1)
				}
				_, _, err := m.Login(from(network), fmt.Sprint("name", i), "wrong password", text.Zh)
				if fault.Is(err, "login.limited") {
					limited++
				}
			}
			if limited != c.limited {
				t.Fatalf("%d limited, want %d", limited, c.limited)
			}
		})
	}
}

func TestA22_RegisteringIsNoFreeWayToLookForNames(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	s := cheap
	s.PerNetwork = login.Budget{Burst: 3, Every: time.Hour}
	m := open(d, s)
	m.register(t, login.Register{Role: login.Shopper, Name: "taken"})
	try := func(network, name string) error {
		_, err := m.Register(from(network), login.Register{Role: login.Shopper, Name: name, Password: password})
		return err
	}
	for i := range 10 { // fresh names are not what is looked for
		if err := try("192.0.2.1", fmt.Sprint("fresh", i)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 5 {
		if want := []string{"login.name_taken", "login.limited"}[min(i/3, 1)]; !fault.Is(try("192.0.2.1", "taken"), want) {
			t.Fatal(i, want)
		}
	}
	if err := try("192.0.2.2", "anybody"); err != nil {
		t.Fatal("one network's guesses stop another's registration", err)
	}
}

// TestA33_OneNetworkOpensFewShops: each application is somebody's work at the operator's desk.
func TestA33_OneNetworkOpensFewShops(t *testing.T) {
	s := cheap
	s.PerPair = login.Budget{Burst: 3, Every: time.Hour}
	m := open(dbtest.SQLite(t, db.Options{}, schemas...), s)
	shop := m.shop(t)
	opened := 0
	for i := range 10 {
		_, err := m.Register(from("192.0.2.1"), login.Register{Role: login.Merchant, Name: fmt.Sprint("owner", i),
			Password: password, Shop: shop})
		if err == nil {
			opened++
		} else if !fault.Is(err, "login.limited") || fault.As(err).RetryAfter == 0 {
			t.Fatal(err)
		}
	}
	if opened != 3 {
		t.Errorf("%d were opened, want 3", opened)
	}
	for _, other := range []context.Context{from("192.0.2.2"), context.Background()} { // also the operator's command
		_, err := m.Register(other, login.Register{Role: login.Merchant, Name: fmt.Sprint("owner", opened+20), Password: password,
			Shop: shop})
		if opened++; err != nil {
			t.Error(err)
		}
	}
}

func TestAHashOfYesterdaysCostIsRenewed(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		m.register(t, login.Register{Role: login.Shopper, Name: "li.lei"})
		s := cheap
		s.Cost.Passes = 2
		dearer := open(d, s)
		for range 2 {
			if _, _, err := dearer.Login(context.Background(), "li.lei", password, text.Zh); err != nil {
				t.Fatal(err)
			}
			err := d.Read(context.Background(), func(tx *db.Tx) error {
				hash, _, err := db.Value[string](tx, `SELECT password_hash FROM logins`)
				if !strings.Contains(hash, "t=2") {
					t.Error(hash)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestHashingWaitsForATurnButNotForLong(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	s := login.Settings{Cost: login.Cost{Passes: 8, KiB: 32 << 10, Threads: 1}, HashesMax: 1, HashWait: time.Millisecond}
	m := open(d, s)
	var wg sync.WaitGroup
	var mu sync.Mutex
	busy, done := 0, 0
	for i := range 4 {
		wg.Go(func() {
			_, err := m.Register(context.Background(), login.Register{Role: login.Operator, Name: fmt.Sprint("op", i), Password: password})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				done++
			case fault.Is(err, "login.busy") && fault.As(err).RetryAfter > 0:
				busy++
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if done == 0 || busy == 0 {
		t.Fatalf("%d registered, %d turned away", done, busy)
	}
}

func TestTheDefaultCostWorks(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	m := open(d, login.Settings{})
	m.register(t, login.Register{Role: login.Operator, Name: "operator"})
	m.login(t, "operator")
}

func TestA34_APasswordIsNeverShown(t *testing.T) {
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", slog.Any("p", password), slog.Any("cmd", login.Register{Password: password}))
	fmt.Fprintf(&b, "%v %s %+v %#v", password, password, login.Register{Password: password}, login.Register{Password: password})
	if strings.Contains(b.String(), string(password)) {
		t.Fatal(b.String())
	}
}
