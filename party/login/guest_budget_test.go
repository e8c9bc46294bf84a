package login_test

import (
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/login"
)

// TestA23_GuestsOfOneNetworkHaveABudget: others are let in meanwhile, and so is the machine itself.
func TestA23_GuestsOfOneNetworkHaveABudget(t *testing.T) {
	s := cheap
	s.GuestBudget = login.Budget{Burst: 3, Every: time.Minute}
	m := open(dbtest.SQLite(t, db.Options{}, schemas...), s)
	for i := range 6 {
		_, _, err := m.Guest(from("198.51.100.7"), text.Zh)
		if (err != nil) != (i >= 3) || err != nil && !fault.Is(err, "login.limited") {
			t.Errorf("guest %d: %v", i, err)
		}
		if _, _, err := m.Guest(from("127.0.0.1"), text.Zh); err != nil {
			t.Error(err)
		}
	}
	if _, _, err := m.Guest(from("198.51.100.8"), text.Zh); err != nil {
		t.Error(err)
	}
}
