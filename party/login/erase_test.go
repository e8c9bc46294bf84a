package login_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/login"
	"hutong/party/shopper"
)

// orders is a room above, which may hold an erasure up.
type orders struct {
	open   bool
	erased []shopper.ID
}

func (*orders) Name() string { return "orders" }
func (*orders) Export(_ *db.Tx, who shopper.ID) (any, error) {
	return []string{"ord_of_" + string(who)}, nil
}
func (o *orders) Hold(*db.Tx, shopper.ID) error {
	if o.open {
		return fault.New(fault.Conflict, "order.open")
	}
	return nil
}
func (o *orders) Erase(_ *db.Tx, _ time.Time, who shopper.ID) error {
	o.erased = append(o.erased, who)
	return nil
}

// everything is every text of every table that may hold something personal.
func everything(t *testing.T, d *db.DB) string {
	t.Helper()
	var b strings.Builder
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		for _, q := range []string{`SELECT name || ' ' || password_hash FROM logins`, `SELECT address FROM contacts`,
			`SELECT address FROM codes`, `SELECT name || ' ' || credential FROM passkeys`,
			`SELECT device || ' ' || network FROM sessions`, `SELECT code_hash FROM consents`,
			`SELECT recipient || phone || street || postcode || region_text FROM addresses`,
			`SELECT product_id FROM favourites`, `SELECT product_id FROM seen_products`,
			`SELECT facts_before || facts_after || network FROM audit_entries`, `SELECT body FROM outbox`} {
			err := tx.Each(q, func(r db.Row) error {
				var s string
				err := r.Scan(&s)
				b.WriteString(s + "\n")
				return err
			})
			if err != nil {
				return fmt.Errorf("%s: %w", q, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// dugu is a shopper of whom every table holds something.
func (m market) dugu(t *testing.T) (token string, who login.Principal, key *device) {
	t.Helper()
	m.register(t, login.Register{Role: login.Shopper, Name: "dugu.qiubai"})
	token, who, err := m.Login(context.WithValue(login.From(t.Context(), netip.MustParseAddr("192.0.2.7")),
		login.Device{}, chrome), "dugu.qiubai", password, text.Zh)
	if err != nil {
		t.Fatal(err)
	}
	me := shopper.ID(who.Shopper)
	ticket, err := m.AskCode(t.Context(), login.AskCode{Address: "dugu@example.com", Add: who})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.AddContact(t.Context(), login.UseCode{Ticket: ticket, Code: m.post.code("dugu@example.com"), Add: who}); err != nil {
		t.Fatal(err)
	}
	key = newDevice(t)
	if _, err := m.addPasskey(t, who, key); err != nil {
		t.Fatal(err)
	}
	a := tea()
	a.Recipient, a.Street = "独孤求败", "暗香路"
	if _, err := m.buyer.AddAddress(t.Context(), me, a); err != nil {
		t.Fatal(err)
	}
	if err := m.buyer.Favour(t.Context(), me, "prd_00000000000000000000000001"); err != nil {
		t.Fatal(err)
	}
	m.ask(t, "dugu@example.com")
	return token, who, key
}

func TestAPersonIsExportedAndForgotten(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, above := open(d, cheap), &orders{open: true}
		vault := shopper.NewVault(d, m.clock, m.ids, m.Part(), above)
		token, who, key := m.dugu(t)
		me := shopper.ID(who.Shopper)
		_, other := m.enter(t, mail, "")
		if _, err := m.buyer.AddAddress(t.Context(), shopper.ID(other.Shopper), tea()); err != nil {
			t.Fatal(err)
		}
		personal := []string{"dugu", "独孤求败", "暗香路", "prd_00000000000000000000000001", "手机"}
		out, err := vault.Export(t.Context(), me)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range append(personal, "Chrome, Windows", "192.0.2.0/24", "ord_of_"+who.Shopper) {
			if !strings.Contains(string(out), p) {
				t.Errorf("the export lacks %q:\n%s", p, out)
			}
		}
		for _, p := range []string{"argon2id", "publicKey", "李雷", mail} {
			if strings.Contains(string(out), p) {
				t.Errorf("the export holds %q", p)
			}
		}
		if err := vault.Erase(t.Context(), me); !fault.Is(err, "order.open") {
			t.Fatal("while an order is open", err)
		}
		if _, err := m.Resolve(t.Context(), token); err != nil || len(above.erased) != 0 || vault.MayErase(t.Context(), me) == nil {
			t.Fatal("a refused erasure changed something", err)
		}
		above.open = false
		if err := vault.MayErase(t.Context(), me); err != nil {
			t.Fatal(err)
		}
		if err := vault.Erase(t.Context(), me); err != nil {
			t.Fatal(err)
		}
		left := everything(t, d)
		for _, p := range personal {
			if strings.Contains(left, p) {
				t.Errorf("%q is still there", p)
			}
		}
		if !strings.Contains(left, "李雷") || !strings.Contains(left, mail) {
			t.Error("somebody else was erased")
		}
		refuse(t, m, token, "erased")
		refuse(t, open(d, cheap), token, "erased, at another node")
		if _, _, err := m.Login(t.Context(), "dugu.qiubai", password, text.Zh); !fault.Is(err, "login.refused") {
			t.Fatal(err)
		}
		if _, _, err := m.usePasskey(t, key); !fault.Is(err, "login.passkey") {
			t.Fatal(err)
		}
		if err := vault.Erase(t.Context(), me); !fault.Is(err, "shopper.not_found") {
			t.Fatal(err)
		}
		if _, err := m.buyer.AddAddress(t.Context(), me, tea()); !fault.Is(err, "shopper.not_found") {
			t.Fatal(err)
		}
		if _, again := m.enter(t, "dugu@example.com", ""); again.Shopper == who.Shopper {
			t.Fatal("the address still leads to the erased shopper")
		}
	})
}
