package approval_test

import (
	"context"
	"crypto/rand"
	"errors"
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
	"hutong/party/approval"
	"hutong/party/audit"
	"hutong/party/login"
	"hutong/party/merchant"
)

var start = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

var schemas = []db.Schema{event.Schema, audit.Schema, merchant.Schema, approval.Schema}

type market struct {
	*approval.Service
	db      *db.DB
	clock   *clock.Manual
	shops   *merchant.Service
	payouts *merchant.Payouts
	audit   *audit.Service
	done    *[]string
	fail    *error
}

func open(t *testing.T, d *db.DB) market {
	t.Helper()
	c := clock.NewManual(start)
	ids := id.NewMaker(c, rand.Reader)
	payouts, err := merchant.NewPayouts(merchant.PayoutDeps{DB: d, Clock: c, IDs: ids, Rand: rand.Reader, Key: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	m := market{db: d, clock: c, shops: merchant.New(d, c, ids), payouts: payouts, audit: audit.New(d, c, ids),
		done: &[]string{}, fail: new(error)}
	note := approval.Kind{Name: "note", Ask: []login.Permission{login.MarketFeesAsk},
		Decide: []login.Permission{login.MarketFeesApprove}, Lasts: time.Hour,
		Check: func(_ *db.Tx, r approval.Request) error {
			if r.Subject == "bad" {
				return fault.New(fault.Invalid, "approval.payload")
			}
			return nil
		},
		Execute: func(_ context.Context, tx *db.Tx, at time.Time, r approval.Request) error {
			if *m.fail != nil {
				return *m.fail
			}
			tx.After(func() { *m.done = append(*m.done, r.Subject) })
			return nil
		}}
	if m.Service, err = approval.New(d, c, ids, approval.PayoutKind(payouts), note); err != nil {
		t.Fatal(err)
	}
	return m
}

func person(role login.StaffRole, name byte, shop string) login.Principal {
	side := login.Operator
	if shop != "" {
		side = login.Merchant
	}
	return login.Principal{Role: side, Login: login.ID("lgn_0000000000000000000000000" + string(rune(name))), Shop: shop,
		Staff: role, May: login.PermissionsOf(role), Proved: start}
}

var (
	admin = person(login.Admin, 'a', "")
	books = person(login.Books, 'b', "")
)

func (m market) ask(t *testing.T, subject string) approval.Request {
	t.Helper()
	r, err := m.Ask(t.Context(), approval.Ask{By: admin, Kind: "note", Subject: subject, Payload: map[string]int{"ppm": 1}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAnotherPersonDecides(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(t, d)
		r := m.ask(t, "one")
		program := books
		program.Login = "key_00000000000000000000000001"
		helper := books
		helper.Helper = "lgn_x"
		for name, c := range map[string]struct {
			by   login.Principal
			code string
		}{
			"A6 oneself":  {admin, "approval.own"},
			"A6 support":  {person(login.Support, 's', ""), "approval.not_found"},
			"A6 auditor":  {person(login.Auditor, 'v', ""), "approval.not_found"},
			"A6 program":  {program, "approval.not_found"},
			"A6 helper":   {helper, "approval.not_found"},
			"A1 a shop":   {person(login.Owner, 'w', "shp_a"), "approval.not_found"},
			"A3 nobody":   {login.Nobody, "approval.not_found"},
			"A3 the zero": {login.Principal{}, "approval.not_found"},
		} {
			if _, err := m.Decide(t.Context(), approval.Decide{By: c.by, Request: r.ID, Approve: true}); !fault.Is(err, c.code) {
				t.Errorf("%s: %v", name, err)
			}
			if name != "A6 oneself" && m.MayDecide(c.by, r) {
				t.Error(name, "is shown the button")
			}
		}
		if len(*m.done) != 0 || m.MayDecide(admin, r) || !m.MayDecide(books, r) {
			t.Fatal(*m.done)
		}
		got, err := m.Decide(t.Context(), approval.Decide{By: books, Request: r.ID, Approve: true, Note: "好"})
		if err != nil || got.State != approval.Approved || got.DecidedBy != books.Login || len(*m.done) != 1 {
			t.Fatal(got, err)
		}
		again, err := m.Request(t.Context(), admin, r.ID)
		if err != nil || again.State != approval.Approved || again.Note != "好" || !again.Decided.Equal(start) {
			t.Fatal(again, err)
		}
	})
}

func TestR23_ARequestIsDecidedOnce(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(t, d)
		r := m.ask(t, "one")
		var wg sync.WaitGroup
		var mu sync.Mutex
		decided := 0
		for i := range 8 {
			wg.Go(func() {
				by := person(login.Books, byte('1'+i), "")
				_, err := m.Decide(t.Context(), approval.Decide{By: by, Request: r.ID, Approve: i%2 == 0})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					decided++
				case !fault.Is(err, "approval.decided") || fault.Of(err) != fault.Conflict:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if decided != 1 || len(*m.done) > 1 {
			t.Fatal(decided, *m.done)
		}
	})
}

func TestADecisionAndItsChangeAreOne(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(t, d)
		r := m.ask(t, "one")
		*m.fail = errors.New("the room refuses")
		if _, err := m.Decide(t.Context(), approval.Decide{By: books, Request: r.ID, Approve: true}); !errors.Is(err, *m.fail) {
			t.Fatal(err)
		}
		if got, err := m.Request(t.Context(), books, r.ID); err != nil || got.State != approval.Asked {
			t.Fatal(got, err)
		}
		if _, err := m.Decide(t.Context(), approval.Decide{By: books, Request: r.ID}); err != nil {
			t.Fatal("a refusal carries nothing out", err)
		}
		p, err := m.audit.Entries(t.Context(), audit.Query{})
		if err != nil || len(p.Entries) != 2 || p.Entries[0].What != "approval.refused" || p.Entries[0].Who != string(books.Login) {
			t.Fatal(p.Entries, err)
		}
	})
}

func TestRequestsAreWithdrawnAndExpire(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(t, d)
		r := m.ask(t, "one")
		again := approval.Ask{By: admin, Kind: "note", Subject: "one"}
		if _, err := m.Ask(t.Context(), again); !fault.Is(err, "approval.open") {
			t.Fatal(err)
		}
		if err := m.Withdraw(t.Context(), books, r.ID); !fault.Is(err, "approval.may_not_ask") {
			t.Fatal(err)
		}
		if err := m.Withdraw(t.Context(), admin, r.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Decide(t.Context(), approval.Decide{By: books, Request: r.ID, Approve: true}); !fault.Is(err, "approval.decided") {
			t.Fatal(err)
		}
		r = m.ask(t, "one")
		m.clock.Advance(time.Hour)
		if _, err := m.Decide(t.Context(), approval.Decide{By: books, Request: r.ID, Approve: true}); !fault.Is(err, "approval.expired") {
			t.Fatal(err)
		}
		second := m.ask(t, "one") // the one that is over does not stand in the way
		m.clock.Advance(time.Hour)
		if n, err := m.Expire(t.Context()); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if got, err := m.Request(t.Context(), admin, second.ID); err != nil || got.State != approval.Expired {
			t.Fatal(got, err)
		}
		for code, bad := range map[string]approval.Ask{
			"approval.kind":        {By: admin, Kind: "x"},
			"approval.may_not_ask": {By: person(login.Auditor, 'v', ""), Kind: "note"},
			"approval.payload":     {By: admin, Kind: "note", Subject: "bad"},
		} {
			if _, err := m.Ask(t.Context(), bad); !fault.Is(err, code) {
				t.Error(code, err)
			}
		}
	})
}

func TestAPayoutAccountTakesTwoPeople(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(t, d)
		shop, err := m.shops.OpenShop(t.Context(), merchant.OpenShop{Code: "tea", Name: text.Entry{Zh: "茶"}})
		if err != nil {
			t.Fatal(err)
		}
		owner, finance := person(login.Owner, 'w', string(shop.ID)), person(login.Finance, 'f', string(shop.ID))
		stranger := person(login.Owner, 'x', "shp_other")
		draft, err := m.payouts.Draft(t.Context(), shop.ID, merchant.PayoutAccount{Holder: "李雷", Bank: "ICBC", Number: "62220212345678"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Ask(t.Context(), approval.AskPayout(stranger, draft.ID)); !fault.Is(err, "merchant.payout_not_found") {
			t.Fatal("A2: another shop's draft", err)
		}
		if _, err := m.Ask(t.Context(), approval.AskPayout(person(login.Manager, 'm', string(shop.ID)), draft.ID)); !fault.Is(err, "approval.may_not_ask") {
			t.Fatal("A6", err)
		}
		late := func(p login.Principal) login.Principal { p.Proved = start.Add(-login.ProofFor - 1); return p }
		if _, err := m.Ask(t.Context(), approval.AskPayout(late(owner), draft.ID)); !fault.Is(err, "login.proof_old") {
			t.Fatal("A23: an old proof asks", err)
		}
		r, err := m.Ask(t.Context(), approval.AskPayout(owner, draft.ID))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Decide(t.Context(), approval.Decide{By: late(books), Request: r.ID}); !fault.Is(err, "login.proof_old") {
			t.Fatal("A23: an old proof decides", err)
		}
		for code, by := range map[string]login.Principal{"approval.own": owner, "approval.may_not_decide": finance, "approval.not_found": stranger} {
			if _, err := m.Decide(t.Context(), approval.Decide{By: by, Request: r.ID, Approve: true}); !fault.Is(err, code) {
				t.Error(code, err)
			}
		}
		if p, err := m.Requests(t.Context(), approval.Query{By: stranger}); err != nil || len(p.Requests) != 0 {
			t.Fatal("A1", p, err)
		}
		for _, by := range []login.Principal{owner, finance, books} {
			if p, err := m.Requests(t.Context(), approval.Query{By: by, Limit: 1}); err != nil || len(p.Requests) != 1 {
				t.Fatal(by.Staff, p, err)
			}
		}
		if _, err := m.Decide(t.Context(), approval.Decide{By: books, Request: r.ID, Approve: true}); err != nil {
			t.Fatal(err)
		}
		if now, found, err := m.payouts.Current(t.Context(), shop.ID); err != nil || !found || now.ID != draft.ID {
			t.Fatal(now, found, err)
		}
		if _, err := m.Ask(t.Context(), approval.AskPayout(finance, draft.ID)); !fault.Is(err, "merchant.payout_taken") {
			t.Fatal(err)
		}
	})
}

func TestKindsAreWholeAndNamedOnce(t *testing.T) {
	whole := approval.PayoutKind(nil)
	if _, err := approval.New(nil, nil, nil, whole, whole); err == nil {
		t.Error("twice")
	}
	whole.Decide = nil
	if _, err := approval.New(nil, nil, nil, whole); err == nil {
		t.Error("nobody decides")
	}
}
