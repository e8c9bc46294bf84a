package login

import (
	"context"
	"crypto/subtle"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/audit"
	"hutong/party/shopper"
)

// AskCode asks for a one-time code. With Add the address is to be added to that caller's login; otherwise it logs in,
// or makes an account where there is none.
type AskCode struct {
	Address string // an e-mail address or a phone number, as typed
	Lang    text.Lang
	Add     Principal // whose login gets the address; zero: log in
}

// AskCode sends a one-time code and gives the ticket that must come back with it: only the browser that asked can use
// the code. Whether the address is known here changes neither the answer nor the work (FAULTS A22).
//
// Codes: login.address, login.limited, login.code_unsent (there is nothing to send with, or sending failed),
// login.proof_old (to add an address).
func (s *Service) AskCode(ctx context.Context, cmd AskCode) (string, error) {
	address, ok := normalAddress(cmd.Address)
	if !ok {
		return "", fault.New(fault.Invalid, "login.address").At("address")
	}
	if s.plugs.Sender == nil {
		return "", fault.New(fault.Unimplemented, "login.code_unsent").At("address")
	}
	if cmd.Add.Person() { // an address is a way in
		if err := s.Proved(ctx, cmd.Add); err != nil {
			return "", err
		}
	}
	now := clock.Now(ctx, s.clock)
	try, err := s.codes.begin(address, networkOf(ctx), now)
	if err != nil {
		return "", err
	}
	if wait := s.sent.take("", now); wait > 0 {
		try.undo()
		return "", fault.New(fault.Limited, "login.limited").After(wait)
	}
	token, name, secret := newSecret(s.ids, s.random, "otc")
	code := newCode(s.random)
	t := ticket{id: name, hash: proof(secret, code), address: address, expires: now.Add(s.settings.CodeFor)}
	if cmd.Add.Person() && cmd.Add.Role == Shopper {
		t.login = cmd.Add.Login
	}
	if err := s.db.Write(ctx, func(tx *db.Tx) error { return insertTicket(tx, t, now) }); err != nil {
		return "", err
	}
	m := Message{Address: address, Phone: isPhone(address), Code: code, Lang: cmd.Lang, GoodFor: s.settings.CodeFor}
	if err := s.plugs.Sender.Send(ctx, m); err != nil {
		return "", fault.New(fault.Unavailable, "login.code_unsent").At("address").Because(err)
	}
	return token, nil
}

// UseCode brings a one-time code back with its ticket. Guest is the token of the guest who logs in, "" if there is
// none. Add is the caller who asked for an address to be added.
type UseCode struct {
	Ticket string
	Code   string
	Lang   text.Lang
	Guest  string
	Add    Principal
}

// UseCode opens a session for a right code. An address that is not known makes an account, which the guest's shopper
// becomes; into an account that is there, what the guest had goes.
//
// Codes: login.code (wrong, used, expired or tried too often: one answer for all).
func (s *Service) UseCode(ctx context.Context, cmd UseCode) (string, Principal, error) {
	t, err := s.rightCode(ctx, cmd)
	if err != nil {
		return "", Nobody, err
	}
	if t.login != "" {
		return "", Nobody, wrongCode()
	}
	guest, _, err := s.guestOf(ctx, cmd.Guest)
	if err != nil {
		return "", Nobody, err
	}
	first := func(tx *db.Tx, at time.Time, who *Principal) error {
		l, err := s.enterByAddress(tx, at, t, guest)
		if err == nil {
			*who = l.principal(cmd.Lang)
		}
		return err
	}
	token, who, err := s.open(ctx, opening{way: ByCode, guest: cmd.Guest, first: first})
	if err == nil {
		s.codes.owners.put(t.address+"\x00"+networkOf(ctx), true)
	}
	return token, who, err
}

func wrongCode() error { return fault.New(fault.Unauthenticated, "login.code").At("code") }

// rightCode spends a try, in a write of its own so that it stays spent, and compares.
func (s *Service) rightCode(ctx context.Context, cmd UseCode) (ticket, error) {
	name, secret, ok := readSecret(cmd.Ticket, "otc")
	if !ok {
		return ticket{}, wrongCode()
	}
	now := clock.Now(ctx, s.clock)
	var t ticket
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		t, ok, err = tryTicket(tx, name, now)
		return err
	})
	if err != nil {
		return ticket{}, err
	}
	got := proof(secret, normalCode(cmd.Code))
	if !ok || subtle.ConstantTimeCompare([]byte(got), []byte(t.hash)) != 1 {
		return ticket{}, wrongCode()
	}
	return t, nil
}

// enterByAddress finds the login of a proven address, or makes it.
func (s *Service) enterByAddress(tx *db.Tx, at time.Time, t ticket, guest shopper.ID) (Login, error) {
	taken, err := takeTicket(tx, t.id)
	if err != nil {
		return Login{}, err
	}
	if !taken {
		return Login{}, wrongCode()
	}
	known, found, err := loginByAddress(tx, t.address)
	if err == nil && found && known.Role != Shopper { // staff need more than what was sent to a telephone
		err = wrongCode()
	}
	if err == nil && found {
		known, err = hold(tx, known.ID)
	}
	if err != nil || found {
		return known.Login, err
	}
	l := Login{ID: ID(s.ids.New("lgn")), Role: Shopper, Shopper: string(guest), Created: at}
	l.Name = unnamed(l.ID)
	if guest != "" {
		if _, theirs, err := loginByShopper(tx, string(guest)); err != nil || theirs {
			l.Shopper = "" // somebody registered this guest meanwhile: a fresh shopper
			if err != nil {
				return Login{}, err
			}
		}
	}
	if err := s.register(tx, &l, Register{Shopper: l.Shopper}, noPassword); err != nil {
		return Login{}, err
	}
	return l, insertContact(tx, t.address, l.ID, at)
}

// unnamed is the name of a login that has none: no name that can be typed.
func unnamed(login ID) string { return "~" + string(login) }

// AddContact adds an address to the caller's login with a code that AskCode was asked for with Add. It is safe to
// repeat with a fresh code. Codes: login.code, login.address_taken (known only to whoever holds the address).
func (s *Service) AddContact(ctx context.Context, cmd UseCode) error {
	t, err := s.rightCode(ctx, cmd)
	if err != nil {
		return err
	}
	if t.login == "" || t.login != cmd.Add.Login || !cmd.Add.Person() {
		return wrongCode()
	}
	now := clock.Now(ctx, s.clock)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		taken, err := takeTicket(tx, t.id)
		if err == nil && !taken {
			err = wrongCode()
		}
		if err != nil {
			return err
		}
		if _, err := hold(tx, t.login); err != nil {
			return err
		}
		l, found, err := loginByAddress(tx, t.address)
		if err != nil || found && l.ID == t.login {
			return err
		}
		if err := insertContact(tx, t.address, t.login, now); err != nil {
			return err
		}
		return s.note(ctx, tx, cmd.Add, audit.Entry{At: now, What: "login.contact_added", On: string(t.login)})
	})
}

// note writes who changed what into the record of privileged changes.
func (s *Service) note(ctx context.Context, tx *db.Tx, by Principal, e audit.Entry) error {
	p := by.Audited()
	e.Who, e.For = p.Who, p.For
	if e.Shop == "" {
		e.Shop = by.Shop
	}
	return audit.Note(ctx, tx, s.ids, e)
}

// Contacts are the verified addresses of the caller's login.
func (s *Service) Contacts(ctx context.Context, who Principal) (all []string, err error) {
	if who.Login == "" {
		return nil, nil
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err = contactsOf(tx, who.Login)
		return err
	})
	return all, err
}

// DropContact takes an address from the caller's login, unless it would be left without any way to log in.
// Codes: login.address_not_found, login.last_way, login.proof_old.
func (s *Service) DropContact(ctx context.Context, who Principal, address string) error {
	if !who.Person() {
		return fault.New(fault.NotFound, "login.address_not_found")
	}
	if err := s.Proved(ctx, who); err != nil {
		return err
	}
	now := clock.Now(ctx, s.clock)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := hold(tx, who.Login); err != nil {
			return err
		}
		dropped, err := deleteContact(tx, who.Login, address)
		if err != nil {
			return err
		}
		if !dropped {
			return fault.New(fault.NotFound, "login.address_not_found")
		}
		if err := s.stillReachable(tx, who.Login); err != nil {
			return err
		}
		return s.note(ctx, tx, who, audit.Entry{At: now, What: "login.contact_dropped", On: string(who.Login)})
	})
}

// stillReachable refuses to leave a login without password, address, passkey and single sign-on.
func (s *Service) stillReachable(tx *db.Tx, login ID) error {
	ways, err := waysInto(tx, login)
	if err == nil && ways == 0 {
		err = fault.New(fault.Conflict, "login.last_way")
	}
	return err
}

// guestOf is the guest shopper of a token and its session, "" if the token is no guest's.
func (s *Service) guestOf(ctx context.Context, token string) (shopper.ID, string, error) {
	if token == "" {
		return "", "", nil
	}
	who, err := s.Resolve(ctx, token)
	if err != nil {
		if fault.Is(err, "login.session") {
			err = nil
		}
		return "", "", err
	}
	if who.Role != Shopper || who.Login != "" {
		return "", "", nil
	}
	session, _, _ := readToken(token)
	return shopper.ID(who.Shopper), session, nil
}

// inherit moves what a guest had into the account that the guest logs in to: the account's own things stay, the
// guest's are added. Nothing is moved if the guest became that account, or somebody's account meanwhile.
func (s *Service) inherit(tx *db.Tx, at time.Time, guest shopper.ID, who Principal) error {
	into := shopper.ID(who.Shopper)
	if guest == "" || into == "" || guest == into || who.Helper != "" {
		return nil
	}
	if _, theirs, err := loginByShopper(tx, string(guest)); err != nil || theirs {
		return err
	}
	merged, err := shopper.Merge(tx, guest, into)
	if err != nil || !merged {
		return err
	}
	for _, heir := range s.plugs.Heirs {
		if err := heir.Inherit(tx, at, guest, into); err != nil {
			return err
		}
	}
	return event.Emit(tx, s.ids, event.Event{Topic: ShopperMerged, Subject: string(into), Shopper: string(into),
		Body: event.Body(Merged{From: guest, Into: into}), At: at})
}
