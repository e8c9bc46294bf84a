package login_test

import (
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/party/audit"
	"hutong/party/login"
)

// TestStaffOfBeforeStandInTheRecord: who was made staff before the record told of it stands there once, with the role
// that they began with; who joined by an invitation stood there already.
func TestStaffOfBeforeStandInTheRecord(t *testing.T) {
	before := login.Schema
	before.Steps = before.Steps[:2]
	dbtest.Each(t, []db.Schema{audit.Schema, before}, func(t *testing.T, d *db.DB) {
		const entry = `INSERT INTO audit_entries (id, at_us, who, acted_for, shop_id, what, subject, facts_before, facts_after,
			request_id, network) VALUES ($1, 5, 'lgn_o', '', 'shp_a', $2, $3, $4, $5, '', '')`
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO logins (id, role, name, password_hash, shopper_id, shop_id, created_us, staff_role)
				VALUES ('lgn_kept', 'operator', 'a', 'h', '', '', 1, 'admin'), ('lgn_moved', 'merchant', 'b', 'h', '', 'shp_a', 2,
				'viewer'), ('lgn_came', 'merchant', 'c', 'h', '', 'shp_a', 3, 'clerk'), ('lgn_buys', 'shopper', 'd', 'h', 'shr_d',
				'', 4, '')`)
			for _, e := range [][]any{{"aud_1", "staff.joined", "lgn_came", `{}`, `{"role":"clerk"}`},
				{"aud_2", "staff.role_changed", "lgn_moved", `{"role":"owner"}`, `{"role":"clerk"}`},
				{"aud_3", "staff.role_changed", "lgn_moved", `{"role":"clerk"}`, `{"role":"viewer"}`}} {
				if err == nil {
					_, err = tx.Exec(entry, e...)
				}
			}
			return err
		})
		if err == nil {
			err = d.Migrate(t.Context(), login.Schema)
		}
		if err != nil {
			t.Fatal(err)
		}
		m := open(d, cheap)
		for who, role := range map[string]string{"lgn_kept": "admin", "lgn_moved": "owner", "lgn_came": "", "lgn_buys": ""} {
			p, err := m.audit.Entries(t.Context(), audit.Query{Subject: who})
			if err != nil {
				t.Fatal(err)
			}
			made := ""
			for _, e := range p.Entries {
				if e.What == "staff.made" {
					made += e.After["role"] + e.Who
				}
			}
			if role != "" {
				role += audit.System
			}
			if made != role {
				t.Errorf("%s: %q", who, made)
			}
		}
	})
}
