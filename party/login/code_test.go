package login_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/login"
	"hutong/party/shopper"

	"log/slog"
)

const mail = "li.lei@example.com"

func (m market) ask(t *testing.T, address string) string {
	t.Helper()
	ticket, err := m.AskCode(context.Background(), login.AskCode{Address: address, Lang: text.En})
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

func (m market) enter(t *testing.T, address, guest string) (string, login.Principal) {
	t.Helper()
	ticket := m.ask(t, address)
	token, who, err := m.UseCode(context.Background(), login.UseCode{Ticket: ticket, Code: m.post.code(address),
		Lang: text.Zh, Guest: guest})
	if err != nil {
		t.Fatal(err)
	}
	return token, who
}

func tea() shopper.Address {
	return shopper.Address{Country: "CN", Division: "330106", Recipient: "李雷", Phone: "13800138000", Street: "文三路"}
}

func TestACodeRegistersTheFirstTimeAndLogsInTheNext(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		for address, kept := range map[string]string{" Li.Lei@Example.COM ": mail, "138 0013 8000": "+8613800138000"} {
			ticket := m.ask(t, address)
			token, who, err := m.UseCode(t.Context(), login.UseCode{Ticket: ticket, Code: " " + m.post.code(kept)[:3] + " " +
				m.post.code(kept)[3:], Lang: text.En})
			if err != nil || who.Role != login.Shopper || who.Login == "" || who.Shopper == "" || who.Lang != text.En {
				t.Fatal(who, err)
			}
			for _, node := range []market{m, open(d, cheap)} {
				if again, err := node.Resolve(t.Context(), token); err != nil || again != who {
					t.Fatal(again, err)
				}
			}
			if _, again := m.enter(t, kept, ""); again.Login != who.Login || again.Shopper != who.Shopper {
				t.Fatal("another account", again)
			}
			all, err := m.Contacts(t.Context(), who)
			if err != nil || len(all) != 1 || all[0] != kept {
				t.Fatal(all, err)
			}
		}
		for _, bad := range []string{"", "x", "a@b", "@example.com", "a@", "a b@example.com", "a@exa mple.com", "123",
			"a@@example.com", "a@.example.com", "a\x00@example.com", strings.Repeat("a", 65) + "@example.com",
			"a@example.com\r\nBcc: x@y.z", strings.Repeat("x", 1<<20) + "@example.com"} {
			if _, err := m.AskCode(t.Context(), login.AskCode{Address: bad}); !fault.Is(err, "login.address") {
				t.Errorf("%.40q: %v", bad, err)
			}
		}
	})
}

func TestA22_AKnownAddressLooksLikeAnUnknownOne(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	m := open(d, cheap)
	m.enter(t, mail, "")
	form := regexp.MustCompile(`^[0-9a-z]{26}\.[A-Za-z0-9_-]{43}$`)
	for _, address := range []string{mail, "nobody@example.com"} {
		ticket := m.ask(t, address)
		if !form.MatchString(ticket) || len(m.post.code(address)) != 6 {
			t.Error(address, ticket)
		}
		for _, code := range []string{"000000", "", "x", "1234567", strings.Repeat("1", 1<<20)} {
			if code == m.post.code(address) {
				continue
			}
			_, who, err := m.UseCode(t.Context(), login.UseCode{Ticket: ticket, Code: code})
			if err == nil || err.Error() != "login.code at code" || who != login.Nobody {
				t.Errorf("%s, %.10s: %v", address, code, err)
			}
		}
	}
	said := map[string]string{}
	m.post.fail = fmt.Errorf("mailbox full")
	for _, address := range []string{mail, "stranger@example.com"} {
		_, err := m.AskCode(t.Context(), login.AskCode{Address: address})
		said[fmt.Sprint(err)] = address
	}
	if len(said) != 1 {
		t.Error(said)
	}
}

func TestA23_ACodeIsGoodForFiveGuessesTenMinutesAndOneUse(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		use := func(ticket, code string) error {
			_, _, err := m.UseCode(t.Context(), login.UseCode{Ticket: ticket, Code: code})
			return err
		}
		wrong := func(right string) string { return fmt.Sprintf("%06d", (atoi(right)+1)%1_000_000) }
		for wrongs, good := range map[int]bool{4: true, 5: false} {
			address := fmt.Sprintf("x%d@example.com", wrongs)
			ticket := m.ask(t, address)
			for range wrongs {
				if err := use(ticket, wrong(m.post.code(address))); !fault.Is(err, "login.code") {
					t.Fatal(err)
				}
			}
			if err := use(ticket, m.post.code(address)); (err == nil) != good {
				t.Fatal(wrongs, err)
			}
			if err := use(ticket, m.post.code(address)); !fault.Is(err, "login.code") {
				t.Fatal("used twice", err)
			}
		}
		ticket := m.ask(t, mail)
		code := m.post.code(mail)
		other := m.ask(t, "other@example.com")
		if err := use(other, code); code != m.post.code("other@example.com") && err == nil {
			t.Fatal("a code was good with another ticket")
		}
		m.clock.Advance(10 * time.Minute)
		if err := use(ticket, code); !fault.Is(err, "login.code") {
			t.Fatal("after ten minutes", err)
		}
		if n, err := m.Sweep(t.Context()); err != nil || n != 3 {
			t.Fatal(n, err)
		}
	})
}

func atoi(s string) (n int) {
	for _, c := range s {
		n = n*10 + int(c-'0')
	}
	return n
}

func TestA23_AHundredGuessesAtACodeAtOnce(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		ticket := m.ask(t, mail)
		right := atoi(m.post.code(mail))
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				code := fmt.Sprintf("%06d", (right+1+i)%1_000_000)
				if _, _, err := m.UseCode(t.Context(), login.UseCode{Ticket: ticket, Code: code}); !fault.Is(err, "login.code") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if _, _, err := m.UseCode(t.Context(), login.UseCode{Ticket: ticket, Code: m.post.code(mail)}); err == nil {
			t.Fatal("the sixth guess was tried")
		}
	})
}

func TestA23_CodesAreAskedForSeldom(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	s := cheap
	s.CodePerPair, s.CodePerNetwork = login.Budget{Burst: 2, Every: time.Minute}, login.Budget{Burst: 5, Every: time.Minute}
	s.CodePerAddress = login.Budget{Burst: 4, Every: time.Hour}
	m := open(d, s)
	ask := func(network, address string) error {
		_, err := m.AskCode(from(network), login.AskCode{Address: address})
		return err
	}
	for i, want := range []string{"", "", "login.limited"} {
		if err := ask("192.0.2.1", mail); want == "" && err != nil || want != "" && !fault.Is(err, want) {
			t.Fatal("one address", i, err)
		}
	}
	for i := range 6 { // three are left to the network
		if err := ask("192.0.2.1", fmt.Sprintf("x%d@example.com", i)); (err != nil) != (i >= 3) {
			t.Fatal("one network", i, err)
		}
	}
	sent := 0
	for i := range 10 { // two are left to the address from everywhere
		if ask(fmt.Sprint("198.51.100.", i), "Li.Lei@EXAMPLE.com") == nil {
			sent++
		}
	}
	if sent != 2 || len(m.post.sent[mail]) != 4 {
		t.Fatal("one address from everywhere", sent)
	}
}

func TestA21_ALoginHasAFreshTokenAndTheGuestsIsOver(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		guest, g := m.guest(t)
		token, who := m.enter(t, mail, guest)
		if token == guest || who.Shopper != g.Shopper {
			t.Fatal("the guest did not become the account", who, g)
		}
		for _, node := range []market{m, open(d, cheap)} {
			refuse(t, node, guest, "the guest's token after login")
		}
		if _, again, err := m.Enter(t.Context(), login.Enter{Name: "x", Password: password, Guest: token}); err == nil {
			t.Fatal(again)
		}
		if _, err := m.Resolve(t.Context(), token); err != nil {
			t.Fatal("a failed login ended a session", err)
		}
	})
}

// heir notes what follows a guest into an account.
type heir struct{ from, into []shopper.ID }

func (h *heir) Inherit(_ *db.Tx, _ time.Time, from, into shopper.ID) error {
	h.from, h.into = append(h.from, from), append(h.into, into)
	return nil
}

func TestAGuestsThingsEndWithTheAccount(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, h := open(d, cheap), &heir{}
		if err := m.Plug(login.Plugs{Sender: m.post, Heirs: []login.Heir{h}}); err != nil {
			t.Fatal(err)
		}
		told := listen(t, m)
		_, account := m.enter(t, mail, "")
		guest, g := m.guest(t)
		a, err := m.buyer.AddAddress(t.Context(), shopper.ID(g.Shopper), tea())
		if err != nil {
			t.Fatal(err)
		}
		_, who := m.enter(t, mail, guest)
		if who.Shopper != account.Shopper || who.Login != account.Login {
			t.Fatal(who)
		}
		got, err := m.buyer.Address(t.Context(), shopper.ID(account.Shopper), a.ID)
		if err != nil || got.Recipient != "李雷" {
			t.Fatal(got, err)
		}
		if len(h.from) != 1 || string(h.from[0]) != g.Shopper || string(h.into[0]) != account.Shopper {
			t.Fatal(h)
		}
		refuse(t, m, guest, "the guest's token")
		want := fmt.Sprintf(`{"from":"%s","into":"%s"}`, g.Shopper, account.Shopper)
		if all := told(); len(all) != 1 || all[0] != want {
			t.Fatal(all)
		}
		// Another guest who logs in with a password, and one whose token is an account's: nothing of that is taken.
		guest2, g2 := m.guest(t)
		m.register(t, login.Register{Role: login.Shopper, Name: "han", Shopper: g2.Shopper})
		if _, who = m.enter(t, mail, guest2); who.Shopper != account.Shopper || len(h.from) != 1 {
			t.Fatal("an account was taken for a guest", h)
		}
		if _, han := m.login(t, "han"); han.Shopper != g2.Shopper {
			t.Fatal(han)
		}
	})
}

func listen(t *testing.T, m market) func() []string {
	return func() (all []string) {
		bus := event.NewBus(m.db, clock.NewManual(start), slog.New(slog.DiscardHandler))
		bus.On(login.ShopperMerged, "test", func(_ context.Context, e event.Event) error {
			all = append(all, e.Body)
			return nil
		})
		if _, err := bus.Dispatch(t.Context()); err != nil {
			t.Fatal(err)
		}
		return all
	}
}

func TestA2_AnAddressIsAddedByItsOwnerOnly(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		m.register(t, login.Register{Role: login.Shopper, Name: "li.lei"})
		_, li := m.login(t, "li.lei")
		_, han := m.enter(t, "han@example.com", "")
		ticket, err := m.AskCode(t.Context(), login.AskCode{Address: mail, Add: li})
		if err != nil {
			t.Fatal(err)
		}
		use := login.UseCode{Ticket: ticket, Code: m.post.code(mail), Add: han}
		if err := m.AddContact(t.Context(), use); !fault.Is(err, "login.code") {
			t.Fatal("another's ticket", err)
		}
		if _, _, err := m.UseCode(t.Context(), use); !fault.Is(err, "login.code") {
			t.Fatal("a ticket to add logged in", err)
		}
		use.Add = li
		if err := m.AddContact(t.Context(), use); err != nil {
			t.Fatal(err)
		}
		if _, who := m.enter(t, mail, ""); who.Login != li.Login {
			t.Fatal(who)
		}
		if _, who, err := m.Login(t.Context(), "LI.LEI@example.com", password, text.Zh); err != nil || who.Login != li.Login {
			t.Fatal("password by address", err)
		}
		ticket, err = m.AskCode(t.Context(), login.AskCode{Address: "han@example.com", Add: li})
		if err != nil {
			t.Fatal(err)
		}
		use = login.UseCode{Ticket: ticket, Code: m.post.code("han@example.com"), Add: li}
		if err := m.AddContact(t.Context(), use); !fault.Is(err, "login.address_taken") {
			t.Fatal(err)
		}
		if err := m.DropContact(t.Context(), han, mail); !fault.Is(err, "login.address_not_found") {
			t.Fatal("A1", err)
		}
		if err := m.DropContact(t.Context(), han, "han@example.com"); !fault.Is(err, "login.last_way") {
			t.Fatal(err)
		}
		if err := m.DropContact(t.Context(), li, mail); err != nil {
			t.Fatal(err)
		}
	})
}

func TestANameCannotKeepTheOwnerOfAnAddressOut(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	m := open(d, cheap)
	squatter := m.register(t, login.Register{Role: login.Shopper, Name: mail})
	token, who := m.enter(t, mail, "")
	if who.Login == squatter.ID {
		t.Fatal("a name that nobody proved became an account")
	}
	if _, _, err := m.ChangePassword(t.Context(), login.ChangePassword{Who: who, Token: token, New: "owner's password"}); err != nil {
		t.Fatal(err)
	}
	refuse(t, m, token, "before the new password")
	if _, again, err := m.Login(t.Context(), mail, "owner's password", text.Zh); err != nil || again.Login != who.Login {
		t.Fatal(again, err)
	}
	if _, _, err := m.Login(t.Context(), mail, password, text.Zh); !fault.Is(err, "login.refused") {
		t.Fatal("the squatter is in", err)
	}
}

func TestA34_CodesAndAddressesAreNotPrinted(t *testing.T) {
	m := login.Message{Address: mail, Code: "123456"}
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("sent", "message", m)
	for _, s := range []string{fmt.Sprint(m), fmt.Sprintf("%+v %#v", m, m), b.String(),
		fmt.Sprintf("%+v", login.SSO{ClientSecret: "hunter2"})} {
		if strings.Contains(s, mail) || strings.Contains(s, "123456") || strings.Contains(s, "hunter2") {
			t.Error(s)
		}
	}
}

func TestOnlyTheProofOfACodeIsKept(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	m := open(d, cheap)
	_, secret, _ := strings.Cut(m.ask(t, mail), ".")
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		var id, hash, address string
		_, err := tx.One(`SELECT id, code_hash, address FROM codes`, nil, &id, &hash, &address)
		row := id + hash + address
		if len(hash) != 64 || strings.Contains(row, secret) || strings.Contains(row, m.post.code(mail)) {
			t.Error(row)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestA23_SendingCodesAndBeginningCeremoniesHaveABudget(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	s := cheap
	s.CodeEverywhere = login.Budget{Burst: 3, Every: time.Minute}
	s.CeremonyBudget = login.Budget{Burst: 2, Every: time.Minute}
	m := open(d, s)
	for i := range 5 {
		ctx := from(fmt.Sprint("198.51.100.", i))
		_, err := m.AskCode(ctx, login.AskCode{Address: fmt.Sprintf("x%d@example.com", i)})
		if (err != nil) != (i >= 3) || err != nil && !fault.Is(err, "login.limited") {
			t.Fatal("codes from everywhere", i, err)
		}
	}
	for i := range 4 {
		_, err := m.BeginPasskeyLogin(from("192.0.2.1"))
		if (err != nil) != (i >= 2) || err != nil && !fault.Is(err, "login.limited") {
			t.Fatal("ceremonies from one network", i, err)
		}
	}
	if _, err := m.BeginPasskeyLogin(from("192.0.2.2")); err != nil {
		t.Fatal(err)
	}
}
