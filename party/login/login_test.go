package login_test

import (
	"context"
	"crypto/rand"
	"net/netip"
	"sync"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/setting"
	"hutong/base/text"
	"hutong/party/audit"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/party/shopper"
)

var start = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

var schemas = []db.Schema{setting.Schema, event.Schema, audit.Schema, merchant.Schema, shopper.Schema, login.Schema}

// cheap keeps tests fast; the cost of a real hash is tested once.
var cheap = login.Settings{Cost: login.Cost{Passes: 1, KiB: 64, Threads: 1}}

const password login.Password = "correct horse"

type market struct {
	*login.Service
	clock *clock.Manual
	db    *db.DB
	shops *merchant.Service
	post  *post
	audit *audit.Service
	buyer *shopper.Service
	ids   *id.Maker
}

// post keeps the one-time codes that were sent, by address.
type post struct {
	mu   sync.Mutex
	sent map[string][]login.Message
	fail error
}

func (p *post) Send(_ context.Context, m login.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent[m.Address] = append(p.sent[m.Address], m)
	return p.fail
}

// code is the last code sent to an address.
func (p *post) code(address string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.sent[address]
	if len(all) == 0 {
		return "nothing was sent"
	}
	return all[len(all)-1].Code
}

// open makes a node: a second one on the same database has nothing in memory.
func open(d *db.DB, s login.Settings) market {
	c := clock.NewManual(start)
	ids := id.NewMaker(c, rand.Reader)
	m := market{login.New(d, c, ids, rand.Reader, s), c, d, merchant.New(d, c, ids),
		&post{sent: map[string][]login.Message{}}, audit.New(d, c, ids), shopper.New(d, c, ids), ids}
	err := m.Plug(login.Plugs{Sender: m.post, Passkeys: login.RelyingParty{ID: "shop.example", Name: "Hutong",
		Origins: []string{"https://shop.example"}}})
	if err != nil {
		panic(err)
	}
	return m
}

func (m market) register(t *testing.T, cmd login.Register) login.Login {
	t.Helper()
	if cmd.Password == "" {
		cmd.Password = password
	}
	l, err := m.Register(context.Background(), cmd)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (m market) login(t *testing.T, name string) (string, login.Principal) {
	t.Helper()
	token, who, err := m.Login(context.Background(), name, password, text.Zh)
	if err != nil {
		t.Fatal(err)
	}
	return token, who
}

func (m market) shop(t *testing.T) string {
	t.Helper()
	s, err := m.shops.OpenShop(context.Background(), merchant.OpenShop{Code: "tea", Name: text.Entry{Zh: "茶"}})
	if err != nil {
		t.Fatal(err)
	}
	return string(s.ID)
}

func from(network string) context.Context {
	return login.From(context.Background(), netip.MustParseAddr(network))
}

func TestEachRoleLogsInAsItself(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		shop := m.shop(t)
		guest, gp, err := m.Guest(context.Background(), text.En)
		if err != nil {
			t.Fatal(err)
		}
		if gp.Role != login.Shopper || gp.Login != "" || !id.Valid(gp.Shopper, "shr") || gp.Lang != text.En {
			t.Fatalf("%+v", gp)
		}
		for name, c := range map[string]struct {
			cmd  login.Register
			want login.Principal
		}{
			"buyer": {login.Register{Role: login.Shopper}, login.Principal{Role: login.Shopper}},
			"guest": {login.Register{Role: login.Shopper, Shopper: gp.Shopper}, login.Principal{Role: login.Shopper}},
			"seller": {login.Register{Role: login.Merchant, Shop: shop}, login.Principal{Role: login.Merchant, Shop: shop,
				Staff: login.Owner, May: login.PermissionsOf(login.Owner)}},
			"operator": {login.Register{Role: login.Operator}, login.Principal{Role: login.Operator,
				Staff: login.Admin, May: login.PermissionsOf(login.Admin)}},
		} {
			c.cmd.Name = name
			l := m.register(t, c.cmd)
			token, got := m.login(t, name)
			c.want.Login, c.want.Shopper, c.want.Lang, c.want.Proved = l.ID, l.Shopper, text.Zh, start
			if (l.Shopper != "") != (l.Role == login.Shopper) || name == "guest" && l.Shopper != gp.Shopper {
				t.Errorf("%s: %+v", name, l)
			}
			for _, node := range []market{m, open(d, cheap)} {
				resolved, err := node.Resolve(context.Background(), token)
				if err != nil || got != c.want || resolved != got {
					t.Errorf("%s: %+v, resolved %+v, want %+v, %v", name, got, resolved, c.want, err)
				}
			}
		}
		if got, err := m.Resolve(context.Background(), guest); err != nil || got != gp {
			t.Fatal(got, err)
		}
	})
}

func TestKeysOfPrincipalsDoNotMeet(t *testing.T) {
	for _, c := range []struct {
		who  login.Principal
		want string
	}{
		{login.Principal{}, ""}, {login.Nobody, ""}, {login.Principal{Role: login.Anonymous, Shopper: "shr_x"}, ""},
		{login.Principal{Role: login.Shopper, Shopper: "shr_a"}, "shr_a"},
		{login.Principal{Role: login.Shopper, Shopper: "shr_a", Login: "lgn_a"}, "shr_a"}, // a guest who registered
		{login.Principal{Role: login.Merchant, Shop: "shp_a", Login: "lgn_m"}, "lgn_m"},
		{login.Principal{Role: login.Operator, Login: "lgn_o"}, "lgn_o"},
	} {
		if got := c.who.Key(); got != c.want {
			t.Errorf("%+v: %q", c.who, got)
		}
	}
}

func TestNamesHaveOneForm(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		if l := m.register(t, login.Register{Role: login.Shopper, Name: " Ｌi.Lei@Example.COM "}); l.Name != "li.lei@example.com" {
			t.Fatal(l.Name)
		}
		for _, typed := range []string{"li.lei@example.com", "LI.LEI@EXAMPLE.COM", "ｌｉ.lei@example.com"} {
			m.login(t, typed)
			_, err := m.Register(context.Background(), login.Register{Role: login.Shopper, Name: typed, Password: password})
			if !fault.Is(err, "login.name_taken") || fault.As(err).Field != "name" {
				t.Errorf("%q: %v", typed, err)
			}
		}
		m.register(t, login.Register{Role: login.Shopper, Name: "李雷"})
		m.login(t, "李雷")
	})
}

func TestRefusedRegistrationsLeaveNothing(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d, cheap), context.Background()
		shop := m.shop(t)
		taken := m.register(t, login.Register{Role: login.Shopper, Name: "taken"})
		before := count(t, d)
		for name, c := range map[string]struct {
			cmd  login.Register
			code string
		}{
			"no role":            {login.Register{Name: "a1"}, "login.role"},
			"anonymous":          {login.Register{Role: login.Anonymous, Name: "a1"}, "login.role"},
			"made-up role":       {login.Register{Role: "admin", Name: "a1"}, "login.role"},
			"merchant, no shop":  {login.Register{Role: login.Merchant, Name: "a1"}, "login.role"},
			"shopper with shop":  {login.Register{Role: login.Shopper, Name: "a1", Shop: shop}, "login.role"},
			"operator with shop": {login.Register{Role: login.Operator, Name: "a1", Shop: shop}, "login.role"},
			"merchant as shopper": {login.Register{Role: login.Merchant, Name: "a1", Shop: shop, Shopper: taken.Shopper},
				"login.role"},
			"unknown shop":    {login.Register{Role: login.Merchant, Name: "a1", Shop: "shp_no"}, "merchant.not_found"},
			"unknown shopper": {login.Register{Role: login.Shopper, Name: "a1", Shopper: "shr_no"}, "shopper.not_found"},
			"taken name":      {login.Register{Role: login.Shopper, Name: "TAKEN"}, "login.name_taken"},
			"taken shopper":   {login.Register{Role: login.Shopper, Name: "a1", Shopper: taken.Shopper}, "login.shopper_taken"},
			"short name":      {login.Register{Role: login.Shopper, Name: "a"}, "login.name"},
			"space in name":   {login.Register{Role: login.Shopper, Name: "a b"}, "login.name"},
			"NUL in name":     {login.Register{Role: login.Shopper, Name: "a\x00b"}, "login.name"},
			"markup in name":  {login.Register{Role: login.Shopper, Name: "<b>x</b>"}, "login.name"},
			"bad UTF-8":       {login.Register{Role: login.Shopper, Name: "ab\xff"}, "login.name"},
			"long name":       {login.Register{Role: login.Shopper, Name: string(make([]byte, 1<<20))}, "login.name"},
		} {
			t.Run(name, func(t *testing.T) {
				c.cmd.Password = password
				if _, err := m.Register(ctx, c.cmd); !fault.Is(err, c.code) {
					t.Fatalf("%v, want %s", err, c.code)
				}
			})
		}
		if after := count(t, d); after != before {
			t.Fatalf("rows before %v, after %v", before, after)
		}
	})
}

// count counts the rows of all tables that registering writes.
func count(t *testing.T, d *db.DB) (n [3]int64) {
	t.Helper()
	err := d.Read(context.Background(), func(tx *db.Tx) (err error) {
		for i, q := range []string{`SELECT COUNT(*) FROM logins`, `SELECT COUNT(*) FROM shoppers`,
			`SELECT COUNT(*) FROM sessions`} {
			if n[i], _, err = db.Value[int64](tx, q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAGuestIsOneWrite(t *testing.T) {
	commits := 0
	d := dbtest.SQLite(t, db.Options{Crash: func(point string) error {
		if point == "commit.after" {
			commits++
		}
		return nil
	}}, schemas...)
	m := open(d, cheap)
	before := commits
	if _, _, err := m.Guest(context.Background(), text.Zh); err != nil {
		t.Fatal(err)
	}
	if commits != before+1 {
		t.Fatalf("%d commits", commits-before)
	}
}
