package merchant_test

import (
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
		if err != nil || len(page.Entries) != 1 || page.Entries[0].After["division"] != "310101" {
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
