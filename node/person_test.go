package node_test

import (
	"context"
	"strings"
	"testing"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/party/login"
	"hutong/party/shopper"
	"hutong/trade/order"
)

// letters keeps the last code sent.
type letters struct{ code string }

func (l *letters) Send(_ context.Context, m login.Message) error {
	l.code = m.Code
	return nil
}

// byCode logs a caller in by code, as the guest that they are.
func (m *market) byCode(c *caller, address string) login.Principal {
	m.t.Helper()
	ticket, err := m.Login.AskCode(m.t.Context(), login.AskCode{Address: address})
	m.ok(err)
	token, who, err := m.Login.UseCode(m.t.Context(), login.UseCode{Ticket: ticket, Code: m.post.code, Guest: c.token})
	m.ok(err)
	c.token = token
	return who
}

func TestAGuestsCartAndOrdersEndWithTheAccount(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.guest("a")
		account := m.byCode(a, "li@example.com")
		m.ok(m.Cart.Put(t.Context(), account.Shopper, m.offers[0].ID, 1))
		b := m.guest("b")
		placed := b.order(2, m.offers[0])
		guest, err := m.Login.Resolve(t.Context(), b.token)
		m.ok(err)
		m.ok(m.Cart.Put(t.Context(), guest.Shopper, m.offers[1].ID, 3))
		who := m.byCode(b, "li@example.com")
		if who.Shopper != account.Shopper {
			t.Fatal(who)
		}
		lines, err := m.Cart.Lines(t.Context(), who.Shopper)
		if err != nil || len(lines) != 2 {
			t.Fatal(lines, err)
		}
		b.must(200, "GET", "/api/v1/orders/"+placed, "")
		for _, settled := range []bool{false, true} {
			if settled {
				m.settle()
			}
			all, err := m.Orders.ByShopper(t.Context(), who.Shopper, "", 10)
			if err != nil || len(all) != 1 || string(all[0].ID) != placed {
				t.Fatal(settled, all, err)
			}
		}
		b.payAt(b.begin(placed, "redbean"))
		m.settle()
		if o := b.must(200, "GET", "/api/v1/orders/"+placed, ""); o.text("state") != string(order.Paid) {
			t.Fatal(o.text("state"))
		}
		me := shopper.ID(who.Shopper)
		out, err := m.Vault.Export(t.Context(), me)
		m.ok(err)
		for _, part := range []string{placed, "青瓷茶杯", "li@example.com", string(m.offers[1].ID)} {
			if !strings.Contains(string(out), part) {
				t.Errorf("the export lacks %s:\n%s", part, out)
			}
		}
		if err := m.Vault.Erase(t.Context(), me); !fault.Is(err, "order.person_open") {
			t.Fatal("while a parcel is on its way", err)
		}
		m.audit()
	})
}

func TestAnErasedBuyersOrdersAreAShell(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.guest("a")
		who := m.byCode(a, "li@example.com")
		placed := a.order(1, m.offers[0])
		m.ok(m.Orders.Cancel(t.Context(), who.Shopper, order.ID(placed)))
		m.settle()
		m.ok(m.Vault.Erase(t.Context(), shopper.ID(who.Shopper)))
		a.must(401, "GET", "/api/v1/orders/"+placed, "")
		all, err := m.Orders.Recent(t.Context(), "", 10)
		if err != nil || len(all) != 1 || all[0].Remark != "" || all[0].Total == 0 {
			t.Fatal(all, err)
		}
		address, err := m.Shoppers.Address(t.Context(), shopper.ID(who.Shopper), shopper.AddressID(all[0].Address))
		if err != nil || !address.Erased || address.Recipient != "" {
			t.Fatal(address, err)
		}
		m.audit()
	})
}

// TestErasedIsErasedInEveryTable: no text in any table names the person any more, neither the replies that are kept for
// repeated requests nor those that were a guest's before the account was made.
func TestErasedIsErasedInEveryTable(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.guest("a")
		guest := strings.Replace(addressBody, "独孤求败", "韩梅梅", 1)
		a.must(201, "POST", "/api/v1/addresses", guest)
		who := m.byCode(a, "li@example.com")
		a.must(201, "POST", "/api/v1/addresses", addressBody)
		if len(m.naming("独孤求败")) < 2 || len(m.naming("韩梅梅")) == 0 {
			t.Fatal(m.naming("独孤求败"), m.naming("韩梅梅"))
		}
		m.ok(m.Vault.Erase(t.Context(), shopper.ID(who.Shopper)))
		for _, word := range []string{"独孤求败", "韩梅梅", "li@example.com"} {
			if where := m.naming(word); len(where) > 0 {
				t.Errorf("%s stands in %v", word, where)
			}
		}
	})
}

// naming are the columns of text in which a word stands somewhere.
func (m *market) naming(word string) (where []string) {
	m.t.Helper()
	columns := `SELECT m.name, p.name FROM sqlite_master m, pragma_table_info(m.name) p
		WHERE m.type = 'table' AND p.type = 'TEXT'`
	if m.DB.Engine() == db.Postgres {
		columns = `SELECT table_name, column_name FROM information_schema.columns
			WHERE table_schema = current_schema() AND data_type = 'text'`
	}
	m.ok(m.DB.Read(m.t.Context(), func(tx *db.Tx) error {
		all, err := db.List(tx, func(r db.Row) (c [2]string, err error) { return c, r.Scan(&c[0], &c[1]) }, columns)
		for _, c := range all {
			n, _, err := db.Value[int64](tx, `SELECT COUNT(*) FROM `+c[0]+` WHERE `+c[1]+` LIKE $1`, "%"+word+"%")
			if err != nil {
				return err
			}
			if n > 0 {
				where = append(where, c[0]+"."+c[1])
			}
		}
		return err
	}))
	return where
}
