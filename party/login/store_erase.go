package login

import (
	"time"

	"hutong/base/db"
	"hutong/party/shopper"
)

// Part is what this room holds about a shopper, for party/shopper's Vault.
type Part struct{ s *Service }

// Part makes it.
func (s *Service) Part() Part { return Part{s} }

// Name is the part's member of the export.
func (Part) Name() string { return "login" }

// heldForm is the export: how the person may be reached and logs in, and where from. No secret and no hash is in it.
type heldForm struct {
	Login    ID            `json:"login"`
	Name     string        `json:"name,omitempty"`
	Created  time.Time     `json:"created"`
	Contacts []string      `json:"contacts"`
	Passkeys []passkeyForm `json:"passkeys"`
	Sessions []sessionForm `json:"sessions"`
}

type passkeyForm struct {
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
}

type sessionForm struct {
	Opened  time.Time `json:"opened"`
	Seen    time.Time `json:"seen"`
	Device  string    `json:"device,omitempty"`
	Network string    `json:"network,omitempty"`
	Way     Way       `json:"way"`
}

// Export is what this room holds about the shopper; nil for a guest.
func (Part) Export(tx *db.Tx, who shopper.ID) (any, error) {
	l, found, err := loginByShopper(tx, string(who))
	if err != nil || !found {
		return nil, err
	}
	out := heldForm{Login: l.ID, Created: l.Created, Passkeys: []passkeyForm{}, Sessions: []sessionForm{}}
	if l.Name != unnamed(l.ID) {
		out.Name = l.Name
	}
	if out.Contacts, err = contactsOf(tx, l.ID); err != nil {
		return nil, err
	}
	keys, err := passkeysOf(tx, l.ID)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		out.Passkeys = append(out.Passkeys, passkeyForm{k.name, k.made})
	}
	rows, err := sessionList(tx, l.ID, time.Time{}, sessionsMax)
	for _, r := range rows {
		out.Sessions = append(out.Sessions, sessionForm{r.created, r.seen, r.device, r.network, r.way})
	}
	return out, err
}

// Hold has nothing to wait for.
func (Part) Hold(*db.Tx, shopper.ID) error { return nil }

// Erase takes the login away with every way into it, and ends its sessions here at once and elsewhere soon.
func (p Part) Erase(tx *db.Tx, at time.Time, who shopper.ID) error {
	l, found, err := loginByShopper(tx, string(who))
	if err != nil || !found {
		return err
	}
	ended, err := endSessions(tx, l.ID, "")
	if err != nil {
		return err
	}
	tx.After(func() { p.s.endAll(ended) })
	if err := dropTickets(tx, l.ID); err != nil {
		return err
	}
	return endLogin(tx, l.ID, at)
}

// dropTickets deletes codes that were asked for the login's addresses: they name them.
func dropTickets(tx *db.Tx, login ID) error {
	_, err := tx.Exec(`DELETE FROM codes WHERE address IN (SELECT address FROM contacts WHERE login_id = $1)`, login)
	return err
}
