package login_test

import (
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/party/login"
)

func TestAPasskeyIsRenamedByItsOwnerOnly(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		for _, name := range []string{"ming", "hong"} {
			m.register(t, login.Register{Role: login.Shopper, Name: name})
		}
		ctx := t.Context()
		_, mine := m.login(t, "ming")
		_, other := m.login(t, "hong")
		k, err := m.addPasskey(t, mine, newDevice(t))
		if err != nil {
			t.Fatal(err)
		}
		if err := m.RenamePasskey(ctx, other, k.ID, "stolen"); !fault.Is(err, "login.passkey_not_found") {
			t.Errorf("another's: %v", err)
		}
		if err := m.RenamePasskey(ctx, mine, k.ID, "two\nlines"); !fault.Is(err, "login.passkey_name") {
			t.Errorf("two lines: %v", err)
		}
		if err := m.RenamePasskey(ctx, mine, k.ID, " the old phone "); err != nil {
			t.Fatal(err)
		}
		if all, err := m.Passkeys(ctx, mine); err != nil || len(all) != 1 || all[0].Name != "the old phone" {
			t.Errorf("%v %v", all, err)
		}
	})
}

func TestTheOwnerIsToldTheWaysIn(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		for _, name := range []string{"ming", "hong"} {
			m.register(t, login.Register{Role: login.Shopper, Name: name})
		}
		_, who := m.login(t, "ming")
		if w, err := m.Ways(t.Context(), who); err != nil || w != (login.Ways{Name: "ming", Password: true}) {
			t.Errorf("%+v %v", w, err)
		}
		if _, err := m.Ways(t.Context(), login.Nobody); !fault.Is(err, "login.session") {
			t.Errorf("nobody: %v", err)
		}
	})
}
