package login_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/setting"
	"hutong/base/text"
	"hutong/party/login"
	"hutong/party/shopper"
)

// turnRounds is how often two things are tried in one instant: each time they meet otherwise.
const turnRounds = 12

// together does all of it in one instant and waits for the end.
func together(all ...func()) {
	var done sync.WaitGroup
	from := make(chan struct{})
	for _, do := range all {
		done.Go(func() { <-from; do() })
	}
	close(from)
	done.Wait()
}

// ways runs rounds on each engine, each with a market whose connections are open. Tries are not counted in it.
func ways(t *testing.T, round func(t *testing.T, m market, owner login.Principal, n int)) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		many := cheap
		free := login.Budget{Burst: 9999, Every: time.Second}
		many.CodePerNetwork, many.CodePerPair, many.PerPair, many.PerNetwork, many.PerName = free, free, free, free, free
		m := open(d, many)
		owner, _ := m.desks(t)
		m.warm(t, owner)
		for n := range turnRounds {
			round(t, m, owner, n)
		}
	})
}

func (m market) adds(t *testing.T, who login.Principal, address string) login.UseCode {
	t.Helper()
	ticket, err := m.AskCode(t.Context(), login.AskCode{Address: address, Add: who})
	if err != nil {
		t.Fatal(err)
	}
	return login.UseCode{Ticket: ticket, Code: m.post.code(address), Add: who}
}

// Of two ways in that are dropped at once the last one stays.
func TestTheLastWayInStaysWhoeverDropsAtOnce(t *testing.T) {
	ways(t, func(t *testing.T, m market, _ login.Principal, n int) {
		one, two := fmt.Sprintf("a%d@example.com", n), fmt.Sprintf("b%d@example.com", n)
		_, who := m.enter(t, one, "")
		if err := m.AddContact(t.Context(), m.adds(t, who, two)); err != nil {
			t.Fatal(err)
		}
		drop := func(address string) func() {
			return func() {
				if err := m.DropContact(t.Context(), who, address); err != nil && !fault.Is(err, "login.last_way") {
					t.Error(err)
				}
			}
		}
		together(drop(one), drop(two))
		if left, err := m.Contacts(t.Context(), who); err != nil || len(left) != 1 {
			t.Errorf("ways in that are left: %v, %v", left, err)
		}
	})
}

// Passkeys that were begun while there was room do not pass the bound when they are all added, one after the other or at
// once: those beyond it could neither be seen nor used.
func TestPasskeysPassNoBound(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		_, who := m.enter(t, mail, "")
		var adds []func()
		var mu sync.Mutex
		refused := 0
		for range login.PasskeysMax + 4 {
			c, err := m.BeginPasskey(t.Context(), who)
			if err != nil {
				t.Fatal(err)
			}
			add := login.AddPasskey{Who: who, Ticket: c.Ticket, Answer: newDevice(t).create(c.Options), Name: "手机"}
			adds = append(adds, func() {
				_, err := m.AddPasskey(t.Context(), add)
				mu.Lock()
				defer mu.Unlock()
				if fault.Is(err, "login.passkeys_many") {
					refused++
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		together(adds...)
		if all, err := m.Passkeys(t.Context(), who); err != nil || len(all) != login.PasskeysMax || refused != 4 {
			t.Errorf("%d passkeys, %d refused, %v", len(all), refused, err)
		}
	})
}

// Who is removed in the instant in which they make keys and invite somebody leaves neither behind.
func TestWhoIsRemovedAtOnceLeavesNothingOpen(t *testing.T) {
	ways(t, func(t *testing.T, m market, owner login.Principal, n int) {
		_, other := m.joined(t, owner, login.Owner, fmt.Sprint("other", n))
		may := func(err error) {
			if err != nil && !fault.Is(err, "login.session") {
				t.Error(err)
			}
		}
		together(func() {
			if err := m.RemoveStaff(t.Context(), owner, other.Login); err != nil {
				t.Error(err)
			}
		}, func() {
			_, _, err := m.MakeKey(t.Context(), login.MakeKey{By: other, Name: "ERP", Lasts: time.Hour,
				Scopes: []login.Permission{login.OrdersRead}})
			may(err)
		}, func() {
			_, _, err := m.Invite(t.Context(), login.Invite{By: other, Role: login.Clerk})
			may(err)
		})
		keys, err := m.Keys(t.Context(), owner)
		for _, k := range keys {
			if k.MadeBy == other.Login && k.Revoked.IsZero() {
				t.Errorf("round %d: a key of a removed owner is good", n)
			}
		}
		open, err2 := m.Invites(t.Context(), owner)
		for _, i := range open {
			if i.By == other.Login {
				t.Errorf("round %d: an invitation of a removed owner is open", n)
			}
		}
		if err != nil || err2 != nil {
			t.Error(err, err2)
		}
	})
}

// Who may less since the instant in which they asked makes no key that may more.
func TestWhoMayLessMakesNoKeyThatMayMore(t *testing.T) {
	ways(t, func(t *testing.T, m market, owner login.Principal, n int) {
		_, other := m.joined(t, owner, login.Owner, fmt.Sprint("other", n))
		if err := m.SetStaffRole(t.Context(), owner, other.Login, login.Clerk); err != nil {
			t.Fatal(err)
		}
		if _, _, err := m.MakeKey(t.Context(), login.MakeKey{By: other, Name: "ERP", Lasts: time.Hour,
			Scopes: []login.Permission{login.MoneyRead}}); !fault.Is(err, "login.not_yours_to_grant") {
			t.Errorf("a key by who was an owner: %v", err)
		}
		if _, _, err := m.Invite(t.Context(), login.Invite{By: other, Role: login.Owner}); !fault.Is(err, "login.not_yours_to_grant") {
			t.Errorf("an invitation by who was an owner: %v", err)
		}
	})
}

// An address that is added in the instant in which its owner is erased is free again: its person can come back.
func TestAnAddressThatIsAddedAsItsOwnerIsErasedIsFree(t *testing.T) {
	ways(t, func(t *testing.T, m market, _ login.Principal, n int) {
		one, two := fmt.Sprintf("a%d@example.com", n), fmt.Sprintf("b%d@example.com", n)
		_, who := m.enter(t, one, "")
		add := m.adds(t, who, two)
		together(func() {
			if err := shopper.NewVault(m.db, m.clock, m.ids, m.Part()).Erase(t.Context(), shopper.ID(who.Shopper)); err != nil {
				t.Error(err)
			}
		}, func() {
			err := m.AddContact(t.Context(), add)
			if err != nil && !fault.Is(err, "login.session") && !fault.Is(err, "login.code") {
				t.Error(err)
			}
		})
		for _, address := range []string{one, two} {
			if _, back := m.enter(t, address, ""); back.Login == who.Login {
				t.Errorf("%s is still who was erased", address)
			}
		}
	})
}

// A session that an old password opens in the instant in which a new one is set ends with it.
func TestNoSessionOfAnOldPasswordStays(t *testing.T) {
	ways(t, func(t *testing.T, m market, _ login.Principal, n int) {
		name := fmt.Sprint("li", n)
		m.register(t, login.Register{Role: login.Shopper, Name: name})
		var mu sync.Mutex
		var tokens []string
		enter := func() {
			token, _, err := m.Login(t.Context(), name, password, text.Zh)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				tokens = append(tokens, token)
			} else if !fault.Is(err, "login.refused") {
				t.Error(err)
			}
		}
		together(enter, enter, func() {
			if err := m.SetPassword(t.Context(), name, "another long one"); err != nil {
				t.Error(err)
			}
		}, enter, enter)
		for _, token := range tokens {
			if _, err := open(m.db, cheap).Resolve(t.Context(), token); !fault.Is(err, "login.session") {
				t.Errorf("round %d: a session of the old password goes on: %v", n, err)
			}
		}
	})
}

// Of consents that are given at once one is good.
func TestOneConsentIsGood(t *testing.T) {
	ways(t, func(t *testing.T, m market, owner login.Principal, n int) {
		_, admin := m.login(t, "admin")
		var mu sync.Mutex
		var codes []string
		give := func() {
			code, _, err := m.Consent(t.Context(), owner)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			codes = append(codes, code)
		}
		together(give, give, give)
		good := 0
		for _, code := range codes {
			if _, _, err := m.Help(t.Context(), admin, code); err == nil {
				good++
			}
		}
		if good != 1 {
			t.Errorf("%d consents are good", good)
		}
	})
}

// Those who are invited while there is room for one are one: each may come, and staff beyond the bound could not be
// seen or changed.
func TestNoMoreAreInvitedThanMayCome(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		owner, _ := m.desks(t)
		for n := range login.StaffMax - 2 {
			m.register(t, login.Register{Role: login.Merchant, Name: fmt.Sprint("clerk", n), Shop: owner.Shop, Staff: login.Clerk})
		}
		invite := func() error {
			_, _, err := m.Invite(t.Context(), login.Invite{By: owner, Role: login.Clerk})
			return err
		}
		if err := invite(); err != nil {
			t.Fatal(err)
		}
		if err := invite(); !fault.Is(err, "login.staff_many") {
			t.Errorf("one more than may come: %v", err)
		}
	})
}

// A secret of single sign-on that is set while somebody changes the rest is kept.
func TestASecretThatIsSetAtOnceIsKept(t *testing.T) {
	ways(t, func(t *testing.T, m market, _ login.Principal, n int) {
		_, admin := m.login(t, "admin")
		set := func(client, secret string) func() {
			sso := login.SSO{Issuer: "https://id.example", Redirect: "https://shop.example/login/sso/back", ClientID: client,
				ClientSecret: login.Secret(secret)}
			return func() {
				if err := m.SetSSO(t.Context(), admin, sso); err != nil {
					t.Error(err)
				}
			}
		}
		set("market", "old")()
		together(set("market", fmt.Sprint("new", n)), set("shop", ""))
		err := m.db.Read(t.Context(), func(tx *db.Tx) error {
			kept, _, err := setting.Get(tx, "login.sso")
			if !strings.Contains(kept, fmt.Sprint("new", n)) {
				t.Errorf("round %d: the secret that was set is lost", n)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}
