package merchant_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/text"
	"hutong/party/audit"
	"hutong/party/merchant"
)

var start = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

var schemas = []db.Schema{event.Schema, audit.Schema, merchant.Schema}

type market struct {
	*merchant.Service
	db    *db.DB
	clock *clock.Manual
	ids   *id.Maker
}

func open(d *db.DB) market {
	c := clock.NewManual(start)
	ids := id.NewMaker(c, rand.Reader)
	return market{merchant.New(d, c, ids), d, c, ids}
}

func tea() merchant.OpenShop {
	return merchant.OpenShop{Code: "tea-house", Name: text.Entry{Zh: "茶馆", En: "Tea House"},
		Intro: text.Entry{Zh: "好茶", En: "Good tea"}, Logo: "pic_1", Division: "330106"}
}

// told lists what was told about shops: topic, subject and whose it is.
func (m market) told(t *testing.T) (all []string) {
	t.Helper()
	bus := event.NewBus(m.db, m.clock, slog.New(slog.DiscardHandler))
	for _, topic := range []event.Topic{merchant.ShopOpened, merchant.ShopClosed} {
		bus.On(topic, "test", func(_ context.Context, e event.Event) error {
			if e.Subject != e.Shop || !e.At.Equal(m.clock.Now()) {
				t.Errorf("%+v", e)
			}
			all = append(all, string(e.Topic))
			return nil
		})
	}
	if _, err := bus.Dispatch(context.Background()); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAShopsLife(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d), context.Background()
		shop, err := m.OpenShop(ctx, tea())
		if err != nil {
			t.Fatal(err)
		}
		want := merchant.Shop{ID: shop.ID, Code: "tea-house", Name: tea().Name, Intro: tea().Intro, Logo: "pic_1",
			Division: "330106", State: merchant.Open, Created: start}
		if !id.Valid(string(shop.ID), "shp") || shop != want {
			t.Fatalf("%+v", shop)
		}
		steps := []struct {
			do    func(context.Context, merchant.ID) error
			state merchant.State
			told  string
		}{
			{nil, merchant.Open, "shop.opened"},
			{m.Reopen, merchant.Open, ""},
			{m.Close, merchant.Closed, "shop.closed"},
			{m.Close, merchant.Closed, ""},
			{m.Reopen, merchant.Open, "shop.opened"},
		}
		for i, s := range steps {
			if s.do != nil {
				if err := s.do(ctx, shop.ID); err != nil {
					t.Fatal(i, err)
				}
			}
			want.State = s.state
			byID, err1 := m.Shop(ctx, shop.ID)
			byCode, err2 := m.ByCode(ctx, "tea-house")
			if err1 != nil || err2 != nil || byID != want || byCode != want {
				t.Fatalf("step %d: %+v %v, %+v %v", i, byID, err1, byCode, err2)
			}
			if got := strings.Join(m.told(t), " "); got != s.told {
				t.Fatalf("step %d told %q, want %q", i, got, s.told)
			}
		}
	})
}

func TestOneCodeIsOneShop(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d), context.Background()
		var wg sync.WaitGroup
		var mu sync.Mutex
		opened := 0
		for range 10 {
			wg.Go(func() {
				_, err := m.OpenShop(ctx, tea())
				if err != nil && (!fault.Is(err, "merchant.code_taken") || fault.As(err).Field != "code") {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					opened++
				}
			})
		}
		wg.Wait()
		shops, err := m.Shops(ctx)
		if err != nil || opened != 1 || len(shops) != 1 || len(m.told(t)) != 1 {
			t.Fatal(opened, shops, err)
		}
	})
}

func TestShopsAndNames(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d), context.Background()
		var ids []string
		for _, code := range []string{"zz", "aa", "mm"} {
			o := tea()
			o.Code, o.Name = code, text.Entry{Zh: code + "店"}
			shop, err := m.OpenShop(ctx, o)
			if err != nil {
				t.Fatal(err)
			}
			if shop.Name.En != code+"店" { // one language serves for both
				t.Fatalf("%+v", shop.Name)
			}
			ids = append(ids, string(shop.ID))
		}
		shops, err := m.Shops(ctx)
		if err != nil || len(shops) != 3 {
			t.Fatal(shops, err)
		}
		for i, s := range shops {
			if string(s.ID) != ids[i] {
				t.Fatal("not oldest first")
			}
		}
		err = d.Read(ctx, func(tx *db.Tx) error {
			names, err := merchant.Names(tx, append(ids, "shp_unknown"))
			if err == nil && (len(names) != 3 || names[ids[0]].Zh != "zz店") {
				t.Errorf("%v", names)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestRefusedShopsLeaveNothing(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d), context.Background()
		long := func(n int) string { return strings.Repeat("字", n) }
		for name, c := range map[string]struct {
			change      func(o *merchant.OpenShop)
			code, field string
		}{
			"no code":          {func(o *merchant.OpenShop) { o.Code = "" }, "merchant.code", "code"},
			"one letter":       {func(o *merchant.OpenShop) { o.Code = "a" }, "merchant.code", "code"},
			"capital":          {func(o *merchant.OpenShop) { o.Code = "Tea" }, "merchant.code", "code"},
			"leading hyphen":   {func(o *merchant.OpenShop) { o.Code = "-tea" }, "merchant.code", "code"},
			"trailing newline": {func(o *merchant.OpenShop) { o.Code = "tea\n" }, "merchant.code", "code"},
			"A14 path":         {func(o *merchant.OpenShop) { o.Code = "../tea" }, "merchant.code", "code"},
			"41 letters":       {func(o *merchant.OpenShop) { o.Code = strings.Repeat("a", 41) }, "merchant.code", "code"},
			"no name":          {func(o *merchant.OpenShop) { o.Name = text.Entry{} }, "merchant.name", "name_zh"},
			"long name":        {func(o *merchant.OpenShop) { o.Name.En = long(61) }, "merchant.name", "name_en"},
			"A34 log line":     {func(o *merchant.OpenShop) { o.Name.Zh = "a\x1b[31m" }, "merchant.name", "name_zh"},
			"backwards":        {func(o *merchant.OpenShop) { o.Name.Zh = "\u202eact" }, "merchant.name", "name_zh"},
			"unseen":           {func(o *merchant.OpenShop) { o.Name.En = "\u200b" }, "merchant.name", "name_en"},
			"two lines":        {func(o *merchant.OpenShop) { o.Name.En = "Tea\nHouse" }, "merchant.name", "name_en"},
			"bad UTF-8":        {func(o *merchant.OpenShop) { o.Name.Zh = "a\xff" }, "merchant.name", "name_zh"},
			"long intro":       {func(o *merchant.OpenShop) { o.Intro.Zh = long(501) }, "merchant.intro", "intro_zh"},
			"long logo":        {func(o *merchant.OpenShop) { o.Logo = strings.Repeat("a", 201) }, "merchant.logo", "logo"},
			"unknown division": {func(o *merchant.OpenShop) { o.Division = "999999" }, "merchant.division", "division"},
			"a province":       {func(o *merchant.OpenShop) { o.Division = "33" }, "merchant.division", "division"},
		} {
			t.Run(name, func(t *testing.T) {
				o := tea()
				c.change(&o)
				_, err := m.OpenShop(ctx, o)
				if !fault.Is(err, c.code) || fault.As(err).Field != c.field || fault.Of(err) != fault.Invalid {
					t.Fatal(err)
				}
			})
		}
		if shops, err := m.Shops(ctx); err != nil || len(shops) != 0 || len(m.told(t)) != 0 {
			t.Fatal(shops, err)
		}
		limits := tea()
		limits.Code, limits.Name.Zh, limits.Intro.Zh = strings.Repeat("a", 40), long(60), long(250)+"\n"+long(249)
		limits.Division = ""
		if _, err := m.OpenShop(ctx, limits); err != nil {
			t.Fatal(err)
		}
	})
}

func TestA3_UnknownShopsAreNotFound(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d), context.Background()
		if _, err := m.OpenShop(ctx, tea()); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"", "shp_", "shp_01jcdefghjkmnpqrstvwxyz012", "a\x00b", "\xff", "prd_x", "' OR 1=1"} {
			for verb, call := range map[string]func() error{
				"shop":   func() error { _, err := m.Shop(ctx, merchant.ID(name)); return err },
				"code":   func() error { _, err := m.ByCode(ctx, name); return err },
				"close":  func() error { return m.Close(ctx, merchant.ID(name)) },
				"reopen": func() error { return m.Reopen(ctx, merchant.ID(name)) },
			} {
				if err := call(); !fault.Is(err, "merchant.not_found") {
					t.Errorf("%s %q: %v", verb, name, err)
				}
			}
		}
	})
}
