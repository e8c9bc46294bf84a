package shopper_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/idempotency"
	"hutong/party/shopper"
	"hutong/party/shopper/division"
)

var start = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

var schemas = []db.Schema{idempotency.Schema, shopper.Schema}

type market struct {
	*shopper.Service
	db    *db.DB
	clock *clock.Manual
}

func open(d *db.DB) market {
	c := clock.NewManual(start)
	return market{shopper.New(d, c, id.NewMaker(c, rand.Reader)), d, c}
}

func (m market) someone(t *testing.T) shopper.ID {
	t.Helper()
	who, err := m.Create(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return who
}

func (m market) add(t *testing.T, who shopper.ID, a shopper.Address) shopper.Address {
	t.Helper()
	kept, err := m.AddAddress(context.Background(), who, a)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func hangzhou() shopper.Address {
	return shopper.Address{Country: "CN", Division: "330106", Recipient: "李雷", Phone: "138 0013 8000",
		Street: "文三路 1 号", Postcode: "310012"}
}

func london() shopper.Address {
	return shopper.Address{Country: "GB", Region: "London", Recipient: "Han Meimei", Phone: "020 7946 0018",
		Street: "1 Example Street", Postcode: "SW1A 1AA"}
}

func TestAddressesAreKeptAsTheyWillBeUsed(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d), context.Background()
		who := m.someone(t)
		cn := m.add(t, who, hangzhou())
		if cn.Region != "浙江省 杭州市 西湖区" || cn.Phone != "+8613800138000" || !id.Valid(string(cn.ID), "adr") ||
			cn.Shopper != who || !cn.Created.Equal(start) {
			t.Fatalf("%#v", cn)
		}
		if cn.Whole() != "浙江省 杭州市 西湖区 文三路 1 号 310012" {
			t.Fatal(cn.Whole())
		}
		gb := m.add(t, who, london())
		if gb.Phone != "+442079460018" || gb.Division != "" ||
			gb.Whole() != "1 Example Street, London, SW1A 1AA, United Kingdom" {
			t.Fatal(gb.Phone, gb.Whole())
		}
		all, err := m.Addresses(ctx, who)
		if err != nil || len(all) != 2 || all[0] != gb || all[1] != cn {
			t.Fatal(all, err)
		}
	})
}

func TestTheSameAddressTwiceIsOne(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d)
		who := m.someone(t)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				spaced := hangzhou()
				spaced.Street, spaced.Phone = "  "+spaced.Street, "+86 13800138000"
				if _, err := m.AddAddress(context.Background(), who, spaced); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		all, err := m.Addresses(context.Background(), who)
		if err != nil || len(all) != 1 {
			t.Fatal(len(all), err)
		}
	})
}

func TestAddressesAreBoundedAlsoAtOnce(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d), context.Background()
		who := m.someone(t)
		var wg sync.WaitGroup
		for i := range shopper.AddressesMax + 10 {
			wg.Go(func() {
				a := hangzhou()
				a.Street = fmt.Sprint("路 ", i)
				if _, err := m.AddAddress(ctx, who, a); err != nil && !fault.Is(err, "shopper.addresses_many") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		all, err := m.Addresses(ctx, who)
		if err != nil || len(all) != shopper.AddressesMax {
			t.Fatal(len(all), err)
		}
		if err := m.ForgetAddress(ctx, who, all[0].ID); err != nil {
			t.Fatal(err)
		}
		m.add(t, who, london())
	})
}

func TestBadAddressesNameTheField(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d), context.Background()
		who := m.someone(t)
		foreign := func(change func(a *shopper.Address)) func(a *shopper.Address) {
			return func(a *shopper.Address) { *a = london(); change(a) }
		}
		for name, c := range map[string]struct {
			change func(a *shopper.Address)
			field  string
		}{
			"no country":           {func(a *shopper.Address) { a.Country = "" }, "country"},
			"unknown country":      {func(a *shopper.Address) { a.Country = "XX" }, "country"},
			"small letters":        {func(a *shopper.Address) { a.Country = "cn" }, "country"},
			"no division":          {func(a *shopper.Address) { a.Division = "" }, "division"},
			"a city":               {func(a *shopper.Address) { a.Division = "3301" }, "division"},
			"unknown division":     {func(a *shopper.Address) { a.Division = "330199" }, "division"},
			"region abroad":        {foreign(func(a *shopper.Address) { a.Region = " " }), "region"},
			"long region":          {foreign(func(a *shopper.Address) { a.Region = strings.Repeat("x", 121) }), "region"},
			"no recipient":         {func(a *shopper.Address) { a.Recipient = " " }, "recipient"},
			"long recipient":       {func(a *shopper.Address) { a.Recipient = strings.Repeat("李", 61) }, "recipient"},
			"two lines":            {func(a *shopper.Address) { a.Recipient = "a\nb" }, "recipient"},
			"reversed text":        {func(a *shopper.Address) { a.Recipient = "a\u202eb" }, "recipient"},
			"NUL":                  {func(a *shopper.Address) { a.Street = "a\x00" }, "street"},
			"bad UTF-8":            {func(a *shopper.Address) { a.Street = "a\xff" }, "street"},
			"no street":            {func(a *shopper.Address) { a.Street = "" }, "street"},
			"long street":          {func(a *shopper.Address) { a.Street = strings.Repeat("路", 201) }, "street"},
			"no phone":             {func(a *shopper.Address) { a.Phone = "" }, "phone"},
			"short phone":          {func(a *shopper.Address) { a.Phone = "12345" }, "phone"},
			"no such country code": {func(a *shopper.Address) { a.Phone = "+999 138 0013 8000" }, "phone"},
			"long phone":           {func(a *shopper.Address) { a.Phone = strings.Repeat("1", 1<<20) }, "phone"},
			"words for a phone":    {func(a *shopper.Address) { a.Phone = "<script>" }, "phone"},
			"short postcode":       {func(a *shopper.Address) { a.Postcode = "3100" }, "postcode"},
			"letters in China":     {func(a *shopper.Address) { a.Postcode = "31001A" }, "postcode"},
			"odd postcode":         {foreign(func(a *shopper.Address) { a.Postcode = "SW1;A" }), "postcode"},
			"long postcode":        {foreign(func(a *shopper.Address) { a.Postcode = strings.Repeat("1", 13) }), "postcode"},
		} {
			t.Run(name, func(t *testing.T) {
				a := hangzhou()
				c.change(&a)
				_, err := m.AddAddress(ctx, who, a)
				if !fault.Is(err, "shopper."+c.field) || fault.As(err).Field != c.field || fault.Of(err) != fault.Invalid {
					t.Fatal(err)
				}
			})
		}
		if all, err := m.Addresses(ctx, who); err != nil || len(all) != 0 {
			t.Fatal(all, err)
		}
	})
}

func TestPhonesOfPlacesWithTheirOwnNumbering(t *testing.T) {
	for division, c := range map[string][2]string{
		"330106": {"0571 8765 4321", "+8657187654321"},
		"81":     {"2123 4567", "+85221234567"},
		"82":     {"2888 8888", "+85328888888"},
		"71":     {"02 2720 8889", "+886227208889"},
	} {
		a := hangzhou()
		a.Phone, a.Postcode = c[0], ""
		if a.Division = division; len(division) == 2 {
			a.Division = firstArea(t, division)
		}
		got, err := a.Checked()
		if err != nil || got.Phone != c[1] {
			t.Errorf("%s %s: %s %v", a.Division, c[0], got.Phone, err)
		}
	}
}

func TestA2_AForeignAddressIsNotFound(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d), context.Background()
		mine, other := m.someone(t), m.someone(t)
		a := m.add(t, mine, hangzhou())
		names := []shopper.AddressID{a.ID, "", "adr_", "adr_01jcdefghjkmnpqrstvwxyz012", "a\x00b", "\xff"}
		for _, who := range []shopper.ID{other, "", "shr_nobody", mine} {
			for _, name := range names {
				if who == mine && name == a.ID {
					continue
				}
				for verb, call := range map[string]func() error{
					"read":    func() error { _, err := m.Address(ctx, who, name); return err },
					"replace": func() error { _, err := m.ReplaceAddress(ctx, who, name, london()); return err },
					"forget":  func() error { return m.ForgetAddress(ctx, who, name) },
					"in":      func() error { return m.db.Read(ctx, in(shopper.AddressIn, who, name)) },
					"usable":  func() error { return m.db.Read(ctx, in(shopper.UsableIn, who, name)) },
				} {
					if err := call(); !fault.Is(err, "shopper.address_not_found") || fault.Of(err) != fault.NotFound {
						t.Errorf("%s %q of %q: %v", verb, name, who, err)
					}
				}
			}
		}
		if got, err := m.Address(ctx, mine, a.ID); err != nil || got != a {
			t.Fatal("a stranger changed it", got, err)
		}
		if wiped, err := m.Erase(ctx, other); err != nil || wiped != 0 {
			t.Fatal(wiped, err)
		}
		if _, err := m.AddAddress(ctx, "", hangzhou()); !fault.Is(err, "shopper.not_found") {
			t.Fatal(err)
		}
		if _, err := m.AddAddress(ctx, "shr_nobody", hangzhou()); !fault.Is(err, "shopper.not_found") {
			t.Fatal(err)
		}
	})
}

func in(
	find func(*db.Tx, shopper.ID, shopper.AddressID) (shopper.Address, error), who shopper.ID, name shopper.AddressID,
) func(tx *db.Tx) error {
	return func(tx *db.Tx) error { _, err := find(tx, who, name); return err }
}

func TestAnEditIsANewRowAndOrdersKeepTheOld(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d), context.Background()
		who := m.someone(t)
		old := m.add(t, who, hangzhou())
		same, err := m.ReplaceAddress(ctx, who, old.ID, hangzhou())
		if err != nil || same != old {
			t.Fatal("an edit that changes nothing made a row", same, err)
		}
		fresh, err := m.ReplaceAddress(ctx, who, old.ID, london())
		if err != nil || fresh.ID == old.ID {
			t.Fatal(fresh, err)
		}
		if all, err := m.Addresses(ctx, who); err != nil || len(all) != 1 || all[0] != fresh {
			t.Fatal(all, err)
		}
		was, err := m.Address(ctx, who, old.ID)
		if err != nil || !was.Forgotten || was.Street != old.Street {
			t.Fatal(was, err)
		}
		if err := m.db.Read(ctx, in(shopper.UsableIn, who, old.ID)); !fault.Is(err, "shopper.address_not_found") {
			t.Fatal(err)
		}
		if _, err := m.ReplaceAddress(ctx, who, old.ID, hangzhou()); !fault.Is(err, "shopper.address_not_found") {
			t.Fatal(err)
		}
		for range 2 { // forgetting is safe to repeat
			if err := m.ForgetAddress(ctx, who, fresh.ID); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestErasingLeavesNothingPersonal(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d), context.Background()
		who, other := m.someone(t), m.someone(t)
		a, b := m.add(t, who, hangzhou()), m.add(t, who, london())
		theirs := m.add(t, other, hangzhou())
		if err := m.ForgetAddress(ctx, who, b.ID); err != nil {
			t.Fatal(err)
		}
		for i, want := range []int{2, 0} {
			if wiped, err := m.Erase(ctx, who); err != nil || wiped != want {
				t.Fatal(i, wiped, err)
			}
		}
		for _, name := range []shopper.AddressID{a.ID, b.ID} {
			got, err := m.Address(ctx, who, name)
			if err != nil || !got.Erased || got.Recipient+got.Phone+got.Street+got.Postcode+got.Region != "" {
				t.Fatal(got, err)
			}
		}
		if got, err := m.Address(ctx, other, theirs.ID); err != nil || got != theirs {
			t.Fatal("somebody else's was erased", err)
		}
	})
}

func TestA34_AnAddressNeverShowsThePersonToALog(t *testing.T) {
	a, err := hangzhou().Checked()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	slog.New(slog.NewJSONHandler(&b, nil)).Info("placed", slog.Any("address", a), slog.Any("ptr", &a))
	shown := b.String() + fmt.Sprint(a) + fmt.Sprintf("%v %+v %#v %s", a, a, a, a) + fmt.Sprintf("%+v", []shopper.Address{a})
	for _, secret := range []string{a.Recipient, a.Phone, "13800138000", a.Street, a.Postcode} {
		if strings.Contains(shown, secret) {
			t.Errorf("%q is shown: %s", secret, shown)
		}
	}
}

func TestR1_AddingAnAddressIsRecordedOnce(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d), context.Background()
		who := m.someone(t)
		c := clock.NewManual(start)
		idem := idempotency.New(d, c, id.NewMaker(c, rand.Reader), idempotency.Settings{})
		render := func(v any) (idempotency.Reply, error) {
			return idempotency.Reply{Status: 201, Body: fmt.Appendf(nil, "%s", v.(shopper.Address).ID)}, nil
		}
		var bodies []string
		for i := range 3 {
			given := hangzhou()
			given.Street = fmt.Sprint(i) // would be another address
			r, err := idem.Within(ctx, idempotency.Request{Principal: string(who), Key: "k", Hash: "h"}, render,
				func(ctx context.Context) error { _, err := m.AddAddress(ctx, who, given); return err })
			if err != nil || r.Replayed != (i > 0) {
				t.Fatal(i, r, err)
			}
			bodies = append(bodies, string(r.Body))
		}
		all, err := m.Addresses(ctx, who)
		if err != nil || len(all) != 1 || bodies[1] != bodies[0] || bodies[2] != bodies[0] {
			t.Fatal(all, bodies, err)
		}
	})
}

func FuzzChecked(f *testing.F) {
	f.Add("CN", "330106", "", "李雷", "13800138000", "文三路", "310012")
	f.Add("GB", "", "London", "Han", "+442079460018", "1 Street", "SW1A 1AA")
	f.Add("TW", "", "台北", "王", "0227208889", "信義路", "110")
	f.Fuzz(func(t *testing.T, country, division, region, recipient, phone, street, postcode string) {
		a, err := shopper.Address{Country: country, Division: division, Region: region, Recipient: recipient,
			Phone: phone, Street: street, Postcode: postcode}.Checked()
		if err != nil {
			if fault.Of(err) != fault.Invalid || fault.As(err).Field == "" {
				t.Fatal(err)
			}
			return
		}
		again, err := a.Checked()
		if err != nil || again != a {
			t.Fatalf("%#v is checked to %#v, %v", a, again, err)
		}
		if strings.ContainsAny(a.Recipient+a.Street+a.Phone+a.Postcode+a.Region, "\x00\n\r\x1b") {
			t.Fatalf("%q %q", a.Recipient, a.Street)
		}
	})
}

func firstArea(t *testing.T, province string) string {
	t.Helper()
	for _, city := range division.Cities(province) {
		for _, area := range division.Areas(city.Code) {
			return area.Code
		}
	}
	t.Fatalf("no area in %s", province)
	return ""
}
