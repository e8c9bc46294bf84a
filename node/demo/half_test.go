package demo

import (
	"maps"
	"path/filepath"
	"testing"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/node"
	"hutong/party/login"
)

// TestAHalfSeededDemoSaysSo: what was broken off is refused from then on, with what to do; what is whole is looked at again.
func TestAHalfSeededDemoSaysSo(t *testing.T) {
	open := func() *node.Market {
		t.Helper()
		m, err := node.Open(t.Context(), node.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "market.db"), Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := m.Close(); err != nil {
				t.Error(err)
			}
		})
		return m
	}
	half := open()
	if _, err := half.Login.Register(t.Context(), login.Register{Role: login.Operator, Name: Merchant,
		Password: "another person's"}); err != nil {
		t.Fatal(err)
	}
	if _, err := Seed(t.Context(), half); !fault.Is(err, "login.name_taken") {
		t.Fatal(err)
	}
	for range 2 {
		_, err := Seed(t.Context(), half)
		if !fault.Is(err, "node.demo_half") || fault.As(err).Params[0].Value != half.Config.Dir {
			t.Fatal(err)
		}
	}
	whole := open()
	var before map[string]int64
	for range 2 {
		if _, err := Seed(t.Context(), whole); err != nil {
			t.Fatal(err)
		}
		now := counted(t, whole)
		if before == nil { // what its people do with it afterwards is theirs
			before = now
			changePassword(t, whole)
		} else if !maps.Equal(now, before) {
			t.Errorf("looking again left %v, not %v", now, before)
		}
	}
}

// counted is how much there is of what a demo is seeded with.
func counted(t *testing.T, m *node.Market) map[string]int64 {
	t.Helper()
	all := map[string]int64{}
	err := m.DB.Read(t.Context(), func(tx *db.Tx) error {
		for _, table := range []string{"shops", "offers", "logins", "approvals", "voucher_templates", "campaigns", "enrolments",
			"group_offers", "deposit_moves", "place_openings"} {
			n, _, err := db.Value[int64](tx, `SELECT COUNT(*) FROM `+table)
			if err != nil || n == 0 {
				t.Errorf("%s: %d, %v", table, n, err)
			}
			all[table] = n
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// changePassword gives the demo's merchant another password, over the same number of logins.
func changePassword(t *testing.T, m *node.Market) {
	t.Helper()
	_, who, err := m.Login.Login(t.Context(), Merchant, Password, text.En)
	if err == nil {
		_, _, err = m.Login.ChangePassword(t.Context(), login.ChangePassword{Who: who, Was: Password, New: "another of mine"})
	}
	if err != nil {
		t.Fatal(err)
	}
}
