package notice_test

import (
	"fmt"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/party/audit"
	"hutong/party/login"
	"hutong/party/shopper"
	"hutong/reach/notice"
)

// Whose address is whose: the first that a shopper proved, the owner's of a shop, never a phone number, nobody's who
// was sent away.
func TestAddressesAreThoseThatPeopleProved(t *testing.T) {
	dbtest.Each(t, []db.Schema{audit.Schema, shopper.Schema, login.Schema}, func(t *testing.T, d *db.DB) {
		err := d.Write(ctx, func(tx *db.Tx) error {
			for i, l := range []struct {
				role, staff, shopper, shop string
				ended                      int64
				addresses                  []string
			}{
				{"shopper", "", "shr_1", "", 0, []string{"+8613800138000", "one@a.b", "two@a.b"}},
				{"shopper", "", "shr_2", "", 0, []string{"+8613800138001"}},
				{"shopper", "", "shr_3", "", 5, []string{"gone@a.b"}},
				{"merchant", "manager", "", "shp_1", 0, []string{"manager@a.b"}},
				{"merchant", "owner", "", "shp_1", 0, []string{"owner@a.b"}},
				{"merchant", "clerk", "", "shp_2", 0, []string{"clerk@a.b"}},
				{"operator", "admin", "", "", 0, []string{"admin@a.b"}},
			} {
				id := fmt.Sprint("lgn_", i)
				_, err := tx.Exec(`INSERT INTO logins (id, role, name, password_hash, shopper_id, shop_id, created_us,
					staff_role, ended_us) VALUES ($1, $2, $1, 'x', $3, $4, 0, $5, $6)`, id, l.role, l.shopper, l.shop, l.staff,
					l.ended)
				if err != nil {
					return err
				}
				for j, a := range l.addresses {
					if _, err := tx.Exec(`INSERT INTO contacts (address, login_id, verified_us) VALUES ($1, $2, $3)`, a, id,
						j); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var asked []notice.To
		for i := range 5 {
			asked = append(asked, notice.To{Kind: notice.Shopper, ID: fmt.Sprint("shr_", i)},
				notice.To{Kind: notice.Shop, ID: fmt.Sprint("shp_", i)})
		}
		asked = append(asked, notice.To{Kind: notice.Shopper}, notice.To{Kind: notice.Shop},
			notice.To{Kind: notice.Shopper, ID: "shp_1"})
		got, err := notice.Logins{DB: d}.Emails(ctx, asked)
		if err != nil || len(got) != 2 || got[notice.To{Kind: notice.Shopper, ID: "shr_1"}] != "one@a.b" ||
			got[notice.To{Kind: notice.Shop, ID: "shp_1"}] != "owner@a.b" {
			t.Fatal(got, err)
		}
	})
}
