package login_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/audit"
	"hutong/party/login"
)

// joined invites somebody and has them take the invitation up.
func (m market) joined(t *testing.T, by login.Principal, role login.StaffRole, name string) (string, login.Principal) {
	t.Helper()
	link, i, err := m.Invite(t.Context(), login.Invite{By: by, Role: role})
	if err != nil || i.Role != role || i.Shop != by.Shop || i.By != by.Login {
		t.Fatal(i, err)
	}
	token, who, err := m.Join(t.Context(), login.Join{Token: link, Name: name, Password: password, Lang: text.Zh})
	if err != nil || who.Staff != role || who.Shop != by.Shop || who.Role != by.Role || who.May != login.PermissionsOf(role) {
		t.Fatal(who, err)
	}
	return token, who
}

// desks registers the owner of a shop and the market's first operator.
func (m market) desks(t *testing.T) (owner, admin login.Principal) {
	t.Helper()
	m.register(t, login.Register{Role: login.Merchant, Name: "owner", Shop: m.shop(t)})
	m.register(t, login.Register{Role: login.Operator, Name: "admin"})
	_, owner = m.login(t, "owner")
	_, admin = m.login(t, "admin")
	return owner, admin
}

func TestStaffJoinByALinkThatIsGoodOnce(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		owner, admin := m.desks(t)
		link, _, err := m.Invite(t.Context(), login.Invite{By: owner, Role: login.Clerk})
		if err != nil {
			t.Fatal(err)
		}
		if i, err := m.Invitation(t.Context(), link); err != nil || i.Role != login.Clerk {
			t.Fatal(i, err)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		in := 0
		for i := range 5 {
			wg.Go(func() {
				_, _, err := m.Join(t.Context(), login.Join{Token: link, Name: fmt.Sprint("clerk", i), Password: password})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					in++
				} else if !fault.Is(err, "login.invite") && !fault.Is(err, "login.busy") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if in != 1 {
			t.Fatalf("%d joined by one link", in)
		}
		link, i, err := m.Invite(t.Context(), login.Invite{By: admin, Role: login.Support})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.DropInvite(t.Context(), owner, i.ID); !fault.Is(err, "login.invite") {
			t.Fatal("A1: another side's", err)
		}
		if open, err := m.Invites(t.Context(), owner); err != nil || len(open) != 0 {
			t.Fatal("A1", open, err)
		}
		if err := m.DropInvite(t.Context(), admin, i.ID); err != nil {
			t.Fatal(err)
		}
		late, _, err := m.Invite(t.Context(), login.Invite{By: admin, Role: login.Support})
		if err != nil {
			t.Fatal(err)
		}
		m.clock.Advance(7 * 24 * time.Hour)
		for _, bad := range []string{link, late, "", "x"} {
			if _, _, err := m.Join(t.Context(), login.Join{Token: bad, Name: "late", Password: password}); !fault.Is(err, "login.invite") {
				t.Fatal(err)
			}
		}
		all, err := m.Staff(t.Context(), owner)
		if err != nil || len(all) != 2 || !all[0].Yourself || all[1].Role != login.Clerk {
			t.Fatal(all, err)
		}
	})
}

func TestA6_StaffCannotRaiseThemselvesOrAnybodyAboveThem(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		owner, admin := m.desks(t)
		people := map[login.StaffRole]login.Principal{login.Owner: owner, login.Admin: admin}
		for side, by := range map[login.Role]login.Principal{login.Merchant: owner, login.Operator: admin} {
			for _, role := range login.StaffRoles(side)[1:] {
				_, people[role] = m.joined(t, by, role, "the-"+string(role))
			}
		}
		for role, who := range people {
			for _, wanted := range append(login.StaffRoles(login.Merchant), append(login.StaffRoles(login.Operator), "", "root")...) {
				if err := m.SetStaffRole(t.Context(), who, who.Login, wanted); err == nil {
					t.Errorf("%s became %s", role, wanted)
				}
				own := slices.Contains(login.StaffRoles(who.Role), wanted)
				top := role == login.Owner || role == login.Admin
				if _, _, err := m.Invite(t.Context(), login.Invite{By: who, Role: wanted}); (err == nil) != (own && top) {
					t.Errorf("%s invites %s: %v", role, wanted, err)
				}
				for _, other := range people {
					if other == who || top {
						continue
					}
					if err := m.SetStaffRole(t.Context(), who, other.Login, wanted); err == nil {
						t.Errorf("%s makes %s a %s", role, other.Staff, wanted)
					}
					if err := m.RemoveStaff(t.Context(), who, other.Login); err == nil {
						t.Errorf("%s removes %s", role, other.Staff)
					}
				}
			}
		}
		for _, by := range []login.Principal{owner, admin} { // across the sides, and for those without a person
			for _, other := range people {
				if other.Role != by.Role {
					if err := m.RemoveStaff(t.Context(), by, other.Login); !fault.Is(err, "login.staff_not_found") {
						t.Errorf("A1: %s removes %s: %v", by.Staff, other.Staff, err)
					}
				}
			}
			helper := by
			helper.Helper = "lgn_x"
			if _, _, err := m.Invite(t.Context(), login.Invite{By: helper, Role: by.Staff}); !fault.Is(err, "login.not_yours_to_grant") {
				t.Error("a helper invites", err)
			}
			if err := m.RemoveStaff(t.Context(), by, by.Login); !fault.Is(err, "login.own_role") {
				t.Error(err)
			}
		}
	})
}

func TestAChangedRoleEndsSessionsAndARemovedLoginIsGone(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		owner, _ := m.desks(t)
		token, clerk := m.joined(t, owner, login.Clerk, "clerk")
		if err := m.SetStaffRole(t.Context(), owner, clerk.Login, login.Manager); err != nil {
			t.Fatal(err)
		}
		refuse(t, m, token, "A21: with the old role")
		token, who := m.login(t, "clerk")
		if who.Staff != login.Manager || !who.Can(login.ProductsWrite) || who.Can(login.StaffManage) {
			t.Fatal(who)
		}
		key := newDevice(t)
		if _, err := m.addPasskey(t, who, key); err != nil {
			t.Fatal(err)
		}
		if err := m.RemoveStaff(t.Context(), owner, clerk.Login); err != nil {
			t.Fatal(err)
		}
		refuse(t, m, token, "removed")
		refuse(t, open(d, cheap), token, "removed, at another node")
		if _, _, err := m.Login(t.Context(), "clerk", password, text.Zh); !fault.Is(err, "login.refused") {
			t.Fatal(err)
		}
		if _, _, err := m.usePasskey(t, key); !fault.Is(err, "login.passkey") {
			t.Fatal(err)
		}
		m.joined(t, owner, login.Viewer, "clerk") // the name is free again
		record, err := m.audit.ByShop(t.Context(), owner.Shop, audit.Query{})
		if err != nil {
			t.Fatal(err)
		}
		var what []string
		for _, e := range record.Entries {
			what = append(what, e.What+" "+e.Before["role"]+" "+e.After["role"])
		}
		want := []string{"staff.joined  viewer", "staff.invited  viewer", "staff.removed manager ", "passkey.added  ",
			"staff.role_changed clerk manager", "staff.joined  clerk", "staff.invited  clerk", "staff.made  owner", "shop.moved  "}
		if !slices.Equal(what, want) {
			t.Fatalf("%q", what)
		}
	})
}

func TestAShopKeepsAnOwner(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		first, _ := m.desks(t)
		_, second := m.joined(t, first, login.Owner, "second")
		var wg sync.WaitGroup
		errs := make([]error, 2)
		wg.Go(func() { errs[0] = m.RemoveStaff(t.Context(), first, second.Login) })
		wg.Go(func() { errs[1] = m.SetStaffRole(t.Context(), second, first.Login, login.Viewer) })
		wg.Wait()
		owners := 0
		all, err := m.Staff(t.Context(), first)
		for _, s := range all {
			if s.Role == login.Owner {
				owners++
			}
		}
		if err != nil || owners != 1 || errs[0] == nil && errs[1] == nil {
			t.Fatal(all, errs, err)
		}
	})
}

func TestAPIKeysDoWhatTheirScopesSay(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		owner, admin := m.desks(t)
		_, manager := m.joined(t, owner, login.Manager, "manager")
		make1 := login.MakeKey{By: owner, Name: "ERP", Scopes: []login.Permission{login.OrdersRead, login.StockWrite},
			Lasts: 24 * time.Hour}
		token, key, err := m.MakeKey(t.Context(), make1)
		if err != nil || token[:4] != login.KeyPrefix || key.Prefix != token[:len(key.Prefix)] {
			t.Fatal(key, err)
		}
		for _, node := range []market{m, open(d, cheap)} {
			who, err := node.Resolve(t.Context(), token)
			if err != nil || who.Role != login.Merchant || who.Shop != owner.Shop || who.Person() || who.Login != key.ID ||
				who.May != login.SetOf(make1.Scopes...) || who.Can(login.Self) {
				t.Fatal(who, err)
			}
		}
		for name, change := range map[string]func(*login.MakeKey){
			"A6 staff":      func(k *login.MakeKey) { k.Scopes = []login.Permission{login.StaffManage} },
			"A6 payout":     func(k *login.MakeKey) { k.Scopes = []login.Permission{login.PayoutAsk} },
			"A6 the market": func(k *login.MakeKey) { k.Scopes = []login.Permission{login.MarketBooks} },
			"none":          func(k *login.MakeKey) { k.Scopes = nil },
			"unknown":       func(k *login.MakeKey) { k.Scopes = []login.Permission{login.OrdersRead, "root"} },
			"by a manager":  func(k *login.MakeKey) { k.By = manager },
			"by the market": func(k *login.MakeKey) { k.By = admin },
			"by a key":      func(k *login.MakeKey) { k.By, _ = m.Resolve(t.Context(), token) },
			"for ever":      func(k *login.MakeKey) { k.Lasts = 10 * 365 * 24 * time.Hour },
			"no name":       func(k *login.MakeKey) { k.Name = " " },
		} {
			bad := make1
			change(&bad)
			if _, _, err := m.MakeKey(t.Context(), bad); err == nil {
				t.Error(name)
			}
		}
		m.clock.Advance(2 * time.Hour)
		if _, err := m.Resolve(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		if n, err := m.MarkSeen(t.Context()); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		all, err := m.Keys(t.Context(), owner)
		if err != nil || len(all) != 1 || !all[0].Used.Equal(start.Add(2*time.Hour)) || all[0].Name != "ERP" {
			t.Fatal(all, err)
		}
		other := owner
		other.Shop = "shp_other"
		if err := m.RevokeKey(t.Context(), other, key.ID); !fault.Is(err, "login.key_not_found") {
			t.Fatal("A1", err)
		}
		if err := m.RevokeKey(t.Context(), owner, key.ID); err != nil {
			t.Fatal(err)
		}
		refuse(t, m, token, "revoked")
		refuse(t, open(d, cheap), token, "revoked, at another node")
		_, make1.By = m.login(t, "owner")
		short, _, err := m.MakeKey(t.Context(), make1)
		if err != nil {
			t.Fatal(err)
		}
		refuse(t, m, short[len(login.KeyPrefix):], "A3: a key is no session")
		session, _ := m.login(t, "owner")
		refuse(t, m, login.KeyPrefix+session, "A3: a session is no key")
		m.clock.Advance(24 * time.Hour)
		refuse(t, m, short, "expired")
	})
}

func TestAnOperatorLooksOnOnlyWithConsent(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		owner, admin := m.desks(t)
		_, li := m.enter(t, mail, "")
		for _, given := range []login.Principal{li, owner} {
			code, until, err := m.Consent(t.Context(), given)
			if err != nil || !until.Equal(m.clock.Now().Add(15*time.Minute)) {
				t.Fatal(err)
			}
			token, who, err := m.Help(t.Context(), admin, " "+code+" ")
			if err != nil || !who.ReadOnly() || who.Helper != admin.Login || who.Person() || who.Shop != given.Shop ||
				who.Shopper != given.Shopper {
				t.Fatal(who, err)
			}
			if again, err := open(d, cheap).Resolve(t.Context(), token); err != nil || again != who {
				t.Fatal("the mark was lost", again, err)
			}
			if _, _, err := m.Help(t.Context(), admin, code); !fault.Is(err, "login.consent_code") {
				t.Fatal("a consent was good twice", err)
			}
			if _, _, err := m.Consent(t.Context(), who); !fault.Is(err, "login.consent") {
				t.Fatal("a helper consents", err)
			}
			all, err := m.Sessions(t.Context(), given, "")
			if err != nil || !all[0].Helper || all[0].Way != login.ByConsent {
				t.Fatal(all, err)
			}
			if err := m.EndConsent(t.Context(), given); err != nil {
				t.Fatal(err)
			}
			refuse(t, m, token, "the owner ended it")
			code, _, err = m.Consent(t.Context(), given)
			if err != nil {
				t.Fatal(err)
			}
			if token, _, err = m.Help(t.Context(), admin, code); err != nil {
				t.Fatal(err)
			}
			m.clock.Advance(30 * time.Minute)
			refuse(t, m, token, "it ended by itself")
		}
		code, _, err := m.Consent(t.Context(), li)
		if err != nil {
			t.Fatal(err)
		}
		m.clock.Advance(15 * time.Minute)
		if _, _, err := m.Help(t.Context(), admin, code); !fault.Is(err, "login.consent_code") {
			t.Fatal("after a quarter of an hour", err)
		}
		record, err := m.audit.Entries(t.Context(), audit.Query{Subject: string(li.Login)})
		if err != nil {
			t.Fatal(err)
		}
		begun := 0
		for _, e := range record.Entries {
			if e.What == "help.begun" && e.Who == string(admin.Login) {
				begun++
			}
		}
		if begun != 2 {
			t.Fatal(record.Entries)
		}
	})
}

func TestA6_ConsentIsGivenAndTakenByWhoMay(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		owner, admin := m.desks(t)
		_, li := m.enter(t, mail, "")
		_, auditor := m.joined(t, admin, login.Auditor, "auditor")
		_, clerk := m.joined(t, owner, login.Clerk, "clerk")
		for who, p := range map[string]login.Principal{"guest": {Role: login.Shopper, Shopper: "shr_x"}, "admin": admin,
			"clerk": clerk} {
			if _, _, err := m.Consent(t.Context(), p); !fault.Is(err, "login.consent") {
				t.Error(who, err)
			}
		}
		old, _, err := m.Consent(t.Context(), li)
		if err != nil {
			t.Fatal(err)
		}
		code, _, err := m.Consent(t.Context(), li)
		if err != nil {
			t.Fatal(err)
		}
		for name, p := range map[string]login.Principal{"auditor": auditor, "owner": owner, "shopper": li} {
			if _, _, err := m.Help(t.Context(), p, code); !fault.Is(err, "login.consent") {
				t.Error(name, err)
			}
		}
		for _, bad := range []string{old, "", "xxxx-xxxx-xxxx", "' OR 1=1"} {
			if _, _, err := m.Help(t.Context(), admin, bad); !fault.Is(err, "login.consent_code") {
				t.Error(bad, err)
			}
		}
	})
}

func TestA23_ConsentCodesCannotBeTriedOut(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	s := cheap
	s.PerPair = login.Budget{Burst: 3, Every: time.Hour}
	m := open(d, s)
	_, admin := m.desks(t)
	for i := range 5 {
		_, _, err := m.Help(from("192.0.2.1"), admin, fmt.Sprintf("aaaa-bbbb-ccc%d", 2+i))
		if want := []string{"login.consent_code", "login.limited"}[min(i/3, 1)]; !fault.Is(err, want) {
			t.Fatal(i, err)
		}
	}
}
