package merchant_test

import (
	"slices"
	"strings"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/audit"
	"hutong/party/merchant"
)

func TestAShopAppliesAndIsOpenedOnce(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d), t.Context()
		shop, err := m.Apply(ctx, tea())
		if err != nil || shop.State != merchant.Applied {
			t.Fatal(shop, err)
		}
		if err := m.Close(ctx, shop.ID); err != nil {
			t.Fatal(err)
		}
		if s, err := m.Shop(ctx, shop.ID); err != nil || s.State != merchant.Applied {
			t.Fatal("an application was closed", s, err)
		}
		papers := merchant.Papers{Shop: shop.ID, Holder: " 巷口茶业有限公司 ", Licence: "9133 0106ma2cerxx4n"}
		if _, err := m.SavePapers(ctx, papers); !fault.Is(err, "merchant.licence") {
			t.Fatal("a wrong check character was taken", err)
		}
		papers.Licence = "91350100M000100Y43" // the standard's own example
		if _, err := m.SavePapers(ctx, papers); err != nil {
			t.Fatal(err)
		}
		got, found, err := m.Papers(ctx, shop.ID)
		if err != nil || !found || got.Holder != "巷口茶业有限公司" || !got.Given.Equal(start) {
			t.Fatal(got, found, err)
		}
		for range 2 {
			if err := m.Reopen(ctx, shop.ID); err != nil {
				t.Fatal(err)
			}
		}
		if got := strings.Join(m.told(t), " "); got != "shop.opened" {
			t.Fatal(got)
		}
		if _, err := m.SavePapers(ctx, papers); !fault.Is(err, "merchant.not_applied") {
			t.Fatal("papers of an open shop changed", err)
		}
		if err := m.Withdraw(ctx, shop.ID); !fault.Is(err, "merchant.not_applied") {
			t.Fatal("an open shop was withdrawn", err)
		}
	})
}

// What the operator says of a shop and its row in the record stand or fall together (FAULTS A6).
func TestAWordOnAShopIsRecordedWithIt(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d)
		ctx := audit.As(t.Context(), audit.Person{Who: "lgn_operator"})
		shop, err := m.Apply(ctx, tea())
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []merchant.Move{{To: merchant.Applied, Reason: "no licence"}, {To: merchant.Open, Reason: "good"},
			{To: merchant.Open, Reason: "again"}, {To: merchant.Closed, Reason: "fakes"}} {
			word.Shop = shop.ID
			if err := m.Move(ctx, word); err != nil {
				t.Fatal(word, err)
			}
		}
		if err := m.Move(ctx, merchant.Move{Shop: shop.ID, To: merchant.Applied}); !fault.Is(err, "merchant.not_applied") {
			t.Error("a shop that was open is sent back", err)
		}
		unfit := strings.Repeat("x", audit.FactMax+1)
		if err := m.Move(ctx, merchant.Move{Shop: shop.ID, To: merchant.Open, Reason: unfit}); err == nil {
			t.Error("an entry that cannot be written was")
		}
		if now, err := m.Shop(ctx, shop.ID); err != nil || now.State != merchant.Closed {
			t.Error("a shop moved without its row in the record", now.State, err)
		}
		record, err := audit.New(d, m.clock, m.ids).ByShop(ctx, string(shop.ID), audit.Query{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range record.Entries {
			got = append(got, e.Who+" "+e.What+" "+e.Before["state"]+">"+e.After["state"]+" "+e.After["reason"])
		}
		want := []string{"lgn_operator shop.moved open>closed fakes", "lgn_operator shop.moved applied>open good",
			"lgn_operator shop.sent_back > no licence"}
		if !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
	})
}

func TestAWithdrawnApplicationFreesItsCode(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d), t.Context()
		shop, err := m.Apply(ctx, tea())
		for range 2 {
			if err == nil {
				err = m.Withdraw(ctx, shop.ID)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Apply(ctx, tea()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAnEditIsRecorded(t *testing.T) {
	dbtest.Each(t, []db.Schema{event.Schema, audit.Schema, merchant.Schema}, func(t *testing.T, d *db.DB) {
		m, ctx := open(d), t.Context()
		shop, err := m.OpenShop(ctx, tea())
		if err != nil {
			t.Fatal(err)
		}
		change := merchant.EditShop{ID: shop.ID, Name: text.Entry{Zh: "新茶馆"}, Intro: shop.Intro, Logo: shop.Logo,
			Division: "310101"}
		for range 2 {
			if shop, err = m.Edit(ctx, change); err != nil {
				t.Fatal(err)
			}
		}
		kept, err := m.Shop(ctx, shop.ID)
		if err != nil || kept != shop || kept.Name.En != "新茶馆" || kept.Code != "tea-house" {
			t.Fatal(kept, err)
		}
		page, err := audit.New(d, m.clock, m.ids).ByShop(ctx, string(shop.ID), audit.Query{})
		if err != nil || len(page.Entries) != 2 || page.Entries[0].After["division"] != "310101" {
			t.Fatal(page, err)
		}
		change.Name = text.Entry{}
		if _, err := m.Edit(ctx, change); !fault.Is(err, "merchant.name") {
			t.Fatal(err)
		}
		change.ID = "shp_unknown"
		if _, err := m.Edit(ctx, change); !fault.Is(err, "merchant.not_found") {
			t.Fatal(err)
		}
	})
}
