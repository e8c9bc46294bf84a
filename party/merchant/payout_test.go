package merchant_test

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/party/merchant"
)

func (m market) payouts(t *testing.T, key byte) *merchant.Payouts {
	t.Helper()
	p, err := merchant.NewPayouts(merchant.PayoutDeps{DB: m.db, Clock: m.clock, IDs: m.ids, Rand: rand.Reader,
		Key: []byte(strings.Repeat(string(rune(key)), 32))})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var account = merchant.PayoutAccount{Holder: " 李雷 ", Bank: "工商银行", Number: "6222 0212-3456 7890"}

func TestAPayoutAccountIsSealedAndMasked(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d)
		p := m.payouts(t, 'a')
		shop, err := m.OpenShop(t.Context(), tea())
		if err != nil {
			t.Fatal(err)
		}
		const second = merchant.ID("shp_01jcdefghjkmnpqrstvwxyz012")
		draft, err := p.Draft(t.Context(), shop.ID, account)
		if err != nil || draft.Number != "•••• 7890" || draft.Holder != "李*" || draft.State != merchant.Draft {
			t.Fatal(draft, err)
		}
		if _, found, err := p.Current(t.Context(), shop.ID); err != nil || found {
			t.Fatal("a draft is paid to", err)
		}
		adopt := func(shop merchant.ID, id merchant.PayoutID) error {
			return d.Write(t.Context(), func(tx *db.Tx) error { return p.Adopt(tx, m.clock.Now(), shop, id) })
		}
		if err := adopt(second, draft.ID); !fault.Is(err, "merchant.payout_not_found") {
			t.Fatal("A2: another shop's draft", err)
		}
		if err := adopt(shop.ID, draft.ID); err != nil {
			t.Fatal(err)
		}
		if err := adopt(shop.ID, draft.ID); !fault.Is(err, "merchant.payout_taken") {
			t.Fatal("adopted twice", err)
		}
		if got, err := p.Open(t.Context(), shop.ID); err != nil || got.Number != "6222021234567890" || got.Holder != "李雷" {
			t.Fatal(err)
		}
		if _, err := m.payouts(t, 'b').Open(t.Context(), shop.ID); err == nil {
			t.Fatal("opened with another key")
		}
		next, err := p.Draft(t.Context(), shop.ID, merchant.PayoutAccount{Holder: "Han", Bank: "HSBC", Number: "gb29nwbk60161331926819"})
		if err != nil {
			t.Fatal(err)
		}
		if err := adopt(shop.ID, next.ID); err != nil {
			t.Fatal(err)
		}
		now, found, err := p.Current(t.Context(), shop.ID)
		if err != nil || !found || now.ID != next.ID || now.Number != "•••• 6819" {
			t.Fatal(now, err)
		}
		if was, err := p.Payout(t.Context(), shop.ID, draft.ID); err != nil || was.State != merchant.Replaced {
			t.Fatal(was, err)
		}
		if _, err := p.Payout(t.Context(), second, draft.ID); !fault.Is(err, "merchant.payout_not_found") {
			t.Fatal("A1", err)
		}
		err = d.Read(t.Context(), func(tx *db.Tx) error {
			return tx.Each(`SELECT sealed, holder_masked FROM payout_accounts`, func(r db.Row) error {
				var sealed, holder string
				err := r.Scan(&sealed, &holder)
				if strings.Contains(sealed, "6222") || strings.Contains(sealed, "李雷") || holder == "李雷" {
					t.Error(sealed, holder)
				}
				return err
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestPayoutAccountsThatCannotBe(t *testing.T) {
	m := open(dbtest.SQLite(t, db.Options{}, schemas...))
	p := m.payouts(t, 'a')
	for code, change := range map[string]func(*merchant.PayoutAccount){
		"merchant.holder":         func(a *merchant.PayoutAccount) { a.Holder = "" },
		"merchant.bank":           func(a *merchant.PayoutAccount) { a.Bank = "a\nb" },
		"merchant.account_number": func(a *merchant.PayoutAccount) { a.Number = "12345'--" },
		"merchant.not_found":      func(*merchant.PayoutAccount) {},
	} {
		bad := account
		change(&bad)
		if _, err := p.Draft(t.Context(), "shp_none", bad); !fault.Is(err, code) {
			t.Error(code, err)
		}
	}
	if s := fmt.Sprintf("%v %+v %#v", account, account, account); strings.Contains(s, "6222") || strings.Contains(s, "李") {
		t.Error("A34", s)
	}
	if _, err := merchant.NewPayouts(merchant.PayoutDeps{Key: []byte("short")}); err == nil {
		t.Error("a short key")
	}
}
