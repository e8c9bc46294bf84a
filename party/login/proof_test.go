package login_test

import (
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/party/login"
)

// A browser that was left open, or a session that was stolen, does not become a way in of somebody else's.
func TestA23_WhatLeadsInTakesAFreshProof(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		owner, admin := m.desks(t)
		_, clerk := m.joined(t, owner, login.Clerk, "clerk")
		_, li := m.enter(t, mail, "") // by code: no password yet
		dear := map[string]func(owner, li login.Principal) error{
			"a key": func(owner, _ login.Principal) error {
				_, _, err := m.MakeKey(t.Context(), login.MakeKey{By: owner, Name: "ERP", Lasts: time.Hour,
					Scopes: []login.Permission{login.OrdersRead}})
				return err
			},
			"a passkey": func(_, li login.Principal) error {
				_, err := m.BeginPasskey(t.Context(), li)
				return err
			},
			"no passkey": func(_, li login.Principal) error {
				err := m.DropPasskey(t.Context(), li, "none")
				if fault.Is(err, "login.passkey_not_found") {
					return nil
				}
				return err
			},
			"an address": func(_, li login.Principal) error {
				_, err := m.AskCode(t.Context(), login.AskCode{Address: "li@elsewhere.example", Add: li})
				return err
			},
			"no address": func(_, li login.Principal) error {
				err := m.DropContact(t.Context(), li, "none@example.com")
				if fault.Is(err, "login.address_not_found") {
					return nil
				}
				return err
			},
			"a colleague": func(owner, _ login.Principal) error {
				_, _, err := m.Invite(t.Context(), login.Invite{By: owner, Role: login.Owner})
				return err
			},
			"a colleague's role": func(owner, _ login.Principal) error {
				return m.SetStaffRole(t.Context(), owner, clerk.Login, login.Owner)
			},
			"an issuer": func(owner, _ login.Principal) error {
				admin.Proved = owner.Proved
				return m.SetSSO(t.Context(), admin, login.SSO{})
			},
			"a first password": func(_, li login.Principal) error {
				_, _, err := m.ChangePassword(t.Context(), login.ChangePassword{Who: li, New: password})
				return err
			},
		}
		m.clock.Advance(login.ProofFor + time.Second)
		for name, change := range dear {
			if err := change(owner, li); !fault.Is(err, "login.proof_old") {
				t.Errorf("%s with an old proof: %v", name, err)
			}
		}
		_, owner = m.login(t, "owner")
		_, li = m.enter(t, mail, "")
		m.clock.Advance(login.ProofFor)
		for name, change := range dear {
			if err := change(owner, li); err != nil {
				t.Errorf("%s with a fresh proof: %v", name, err)
			}
		}
	})
}
