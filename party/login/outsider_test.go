package login_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/text"
	"hutong/party/login"
)

// TestA23_ANumberTypedInManyWaysIsOneName: a telephone number can be typed with dashes anywhere; guesses at its password
// are counted together.
func TestA23_ANumberTypedInManyWaysIsOneName(t *testing.T) {
	s := cheap
	s.PerPair, s.PerName = login.Budget{Burst: 5, Every: time.Hour}, login.Budget{Burst: 8, Every: time.Hour}
	m := open(dbtest.SQLite(t, db.Options{}, schemas...), s)
	_, li := m.enter(t, "+8613800138000", "")
	_, _, err := m.ChangePassword(t.Context(), login.ChangePassword{Who: li, New: password})
	if err != nil {
		t.Fatal(err)
	}
	typed := func(i int) string { // the dash wanders
		const number = "+8613800138000"
		return number[:3+i%10] + "-" + number[3+i%10:]
	}
	tried := 0
	for i := range 10 {
		_, _, err := m.Login(from("192.0.2.1"), typed(i), "wrong password", text.Zh)
		if fault.Is(err, "login.refused") {
			tried++
		}
	}
	if tried != 5 {
		t.Errorf("%d guesses from one network, want 5", tried)
	}
	for i := range 10 {
		_, _, err := m.Login(from(fmt.Sprint("198.51.100.", i)), typed(i), "wrong password", text.Zh)
		if fault.Is(err, "login.refused") {
			tried++
		}
	}
	if tried != 8 {
		t.Errorf("%d guesses from everywhere, want 8", tried)
	}
}

// late calls back when it is read for the second time.
type late struct {
	*clock.Manual
	reads int
	then  func()
}

func (l *late) Now() time.Time {
	if l.reads++; l.reads == 2 && l.then != nil {
		l.then()
	}
	return l.Manual.Now()
}

// TestA21_APasswordThatIsChangedWhileItIsChecked: changing a password ends all sessions, so none is opened with the old
// one behind that; whoever knows the new one gets in all the same.
func TestA21_APasswordThatIsChangedWhileItIsChecked(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		m.register(t, login.Register{Role: login.Shopper, Name: "li.lei"})
		const fresh login.Password = "another horse"
		enter := func(p, becomes login.Password) error {
			c := &late{Manual: clock.NewManual(start), then: func() {
				if err := m.SetPassword(context.Background(), "li.lei", becomes); err != nil {
					t.Fatal(err)
				}
			}}
			node := login.New(d, c, id.NewMaker(c.Manual, rand.Reader), rand.Reader, cheap)
			_, _, err := node.Login(context.Background(), "li.lei", p, text.Zh)
			return err
		}
		if err := enter(password, fresh); !fault.Is(err, "login.refused") {
			t.Errorf("with the old password: %v", err)
		}
		if err := enter(fresh, fresh); err != nil { // hashed anew, and still right
			t.Errorf("with the right password: %v", err)
		}
	})
}

// TestASessionOfALoginThatWasTakenAwayStandsForNobody: also one that was opened at the very instant.
func TestASessionOfALoginThatWasTakenAwayStandsForNobody(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		owner, _ := m.desks(t)
		token, clerk := m.joined(t, owner, login.Clerk, "clerk")
		guest, _ := m.guest(t)
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE logins SET ended_us = 1 WHERE id = $1`, clerk.Login)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		refuse(t, open(d, cheap), token, "removed")
		if _, err := open(d, cheap).Resolve(t.Context(), guest); err != nil {
			t.Error("a guest has no login to be taken away", err)
		}
	})
}

// TestA6_AKeyEndsWithWhatItsMakerMay: somebody who leaves a shop, or comes down in it, may have kept a copy of the keys
// that they made.
func TestA6_AKeyEndsWithWhatItsMakerMay(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		first, _ := m.desks(t)
		_, second := m.joined(t, first, login.Owner, "second")
		key := func(by login.Principal, scopes ...login.Permission) string {
			token, _, err := m.MakeKey(t.Context(), login.MakeKey{By: by, Name: "ERP", Lasts: time.Hour, Scopes: scopes})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := m.Resolve(t.Context(), token); err != nil { // it is remembered
				t.Fatal(err)
			}
			return token
		}
		reads, prices, firsts := key(second, login.OrdersRead), key(second, login.ProductsWrite), key(first, login.ProductsWrite)
		if err := m.SetStaffRole(t.Context(), first, second.Login, login.Clerk); err != nil {
			t.Fatal(err)
		}
		refuse(t, m, prices, "its maker may not change prices any more")
		for _, token := range []string{reads, firsts} {
			if _, err := m.Resolve(t.Context(), token); err != nil {
				t.Error("a key that does no more than its maker may:", err)
			}
		}
		if err := m.RemoveStaff(t.Context(), first, second.Login); err != nil {
			t.Fatal(err)
		}
		refuse(t, m, reads, "its maker is gone")
		refuse(t, open(d, cheap), reads, "its maker is gone, at another node")
		if _, err := m.Resolve(t.Context(), firsts); err != nil {
			t.Error("somebody else's key:", err)
		}
	})
}
