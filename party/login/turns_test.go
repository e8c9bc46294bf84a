package login_test

import (
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/party/login"
)

// Neither keys nor invitations pass their bound by being made at once.
func TestKeysAndInvitationsMadeAtOncePassNoBound(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		owner, _ := m.desks(t)
		scopes := []login.Permission{login.OrdersRead}
		for name, c := range map[string]struct {
			most int
			code string
			make func() error
		}{
			"keys": {login.KeysMax, "login.keys_many", func() error {
				_, _, err := m.MakeKey(t.Context(), login.MakeKey{By: owner, Name: "ERP", Lasts: time.Hour, Scopes: scopes})
				return err
			}},
			"invitations": {login.InvitesMax, "login.staff_many", func() error {
				_, _, err := m.Invite(t.Context(), login.Invite{By: owner, Role: login.Clerk})
				return err
			}},
		} {
			m.warm(t, owner)
			for range c.most - 2 {
				if err := c.make(); err != nil {
					t.Fatal(name, err)
				}
			}
			var all sync.WaitGroup
			var mu sync.Mutex
			made := 0
			for range 8 {
				all.Go(func() {
					err := c.make()
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil:
						made++
					case !fault.Is(err, c.code):
						t.Error(name, err)
					}
				})
			}
			if all.Wait(); made != 2 {
				t.Errorf("%d %s were made, where two more may be", made, name)
			}
		}
	})
}

// warm has the storage open its connections, so that what follows really happens at once.
func (m market) warm(t *testing.T, by login.Principal) {
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if _, err := m.Keys(t.Context(), by); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
