package login

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/text"
	"hutong/party/audit"
)

// BeginPasskey begins to add a passkey to the caller's login: Options go to navigator.credentials.create.
// Codes: login.passkeys_off, login.passkeys_many, login.session, login.proof_old.
func (s *Service) BeginPasskey(ctx context.Context, who Principal) (Ceremony, error) {
	if s.relying == nil {
		return Ceremony{}, fault.New(fault.Unimplemented, "login.passkeys_off")
	}
	h, err := s.holder(ctx, who)
	if err == nil {
		err = s.Proved(ctx, who)
	}
	if err == nil {
		err = h.room()
	}
	if err != nil {
		return Ceremony{}, err
	}
	exclude := make([]protocol.CredentialDescriptor, len(h.keys))
	for i, k := range h.keys {
		exclude[i] = k.cred.Descriptor()
	}
	options, session, err := s.relying.BeginRegistration(h, webauthn.WithExclusions(exclude))
	if err != nil {
		return Ceremony{}, err
	}
	return s.begin(ctx, addPasskey, who.Login, options, session)
}

// holder is the caller's login with its passkeys; a guest, a program and a helper have none.
func (s *Service) holder(ctx context.Context, who Principal) (h holder, err error) {
	if !who.Person() {
		return h, fault.New(fault.Unauthenticated, "login.session")
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		h, err = holderIn(tx, who.Login)
		return err
	})
	return h, err
}

func holderIn(tx *db.Tx, login ID) (holder, error) {
	l, found, err := loginByID(tx, login)
	if err == nil && !found {
		err = fault.New(fault.Unauthenticated, "login.session")
	}
	if err != nil {
		return holder{}, err
	}
	keys, err := passkeysOf(tx, login)
	return holder{l.Login, keys}, err
}

// room refuses one passkey too many. Codes: login.passkeys_many.
func (h holder) room() error {
	if len(h.keys) < PasskeysMax {
		return nil
	}
	return fault.New(fault.Unprocessable, "login.passkeys_many", fault.P("max", PasskeysMax))
}

// begin keeps what a ceremony was begun with, under a ticket.
func (s *Service) begin(ctx context.Context, kind string, login ID, options, session any) (Ceremony, error) {
	body, err := json.Marshal(session)
	if err != nil {
		return Ceremony{}, err
	}
	shown, err := json.Marshal(options)
	if err != nil {
		return Ceremony{}, err
	}
	ticket, name, secret := newSecret(s.ids, s.random, "cer")
	c := ceremony{id: name, hash: secret.String(), kind: kind, login: login, body: string(body),
		expires: clock.Now(ctx, s.clock).Add(s.settings.CeremonyFor)}
	err = s.db.Write(ctx, func(tx *db.Tx) error { return insertCeremony(tx, c) })
	return Ceremony{Ticket: ticket, Options: shown}, err
}

// take takes a ceremony up, whether what comes back with it is right or not: a challenge is good for one answer.
func (s *Service) take(ctx context.Context, kind, ticket string, session any) (ceremony, error) {
	gone := fault.New(fault.Expired, "login.ceremony")
	name, secret, ok := readSecret(ticket, "cer")
	if !ok {
		return ceremony{}, gone
	}
	now := clock.Now(ctx, s.clock)
	var c ceremony
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		c, ok, err = takeCeremony(tx, name, kind, now)
		return err
	})
	if err != nil {
		return ceremony{}, err
	}
	if !ok || !secret.equal(c.hash) {
		return ceremony{}, gone
	}
	return c, json.Unmarshal([]byte(c.body), session)
}

// AddPasskey asks for a passkey: the ticket of BeginPasskey, what navigator.credentials.create answered, as JSON, and
// the owner's own word for it.
type AddPasskey struct {
	Who    Principal
	Ticket string
	Answer []byte
	Name   string
}

// AddPasskey keeps a passkey of the caller's login. Codes: login.ceremony, login.passkey, login.passkey_name,
// login.passkeys_many (others were added since it was begun), login.passkeys_off.
func (s *Service) AddPasskey(ctx context.Context, cmd AddPasskey) (Passkey, error) {
	if s.relying == nil {
		return Passkey{}, fault.New(fault.Unimplemented, "login.passkeys_off")
	}
	name, err := checkLabel(cmd.Name, "login.passkey_name", PasskeyNameMax)
	if err != nil {
		return Passkey{}, err
	}
	h, err := s.holder(ctx, cmd.Who)
	if err != nil {
		return Passkey{}, err
	}
	var session webauthn.SessionData
	c, err := s.take(ctx, addPasskey, cmd.Ticket, &session)
	if err != nil {
		return Passkey{}, err
	}
	if c.login != cmd.Who.Login {
		return Passkey{}, fault.New(fault.Expired, "login.ceremony")
	}
	cred, err := s.created(h, session, cmd.Answer)
	if err != nil {
		return Passkey{}, wrongPasskey(err)
	}
	now := clock.Now(ctx, s.clock)
	k := key{id: keyID(cred.ID), login: c.login, name: name, cred: *cred, made: now}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := hold(tx, k.login); err != nil {
			return err
		}
		h, err := holderIn(tx, k.login)
		if err == nil {
			err = h.room()
		}
		if err != nil {
			return err
		}
		fresh, err := insertPasskey(tx, k)
		if err == nil && !fresh {
			err = fault.New(fault.Conflict, "login.passkey")
		}
		if err != nil {
			return err
		}
		return s.note(ctx, tx, cmd.Who, audit.Entry{At: now, What: "passkey.added", On: string(c.login)})
	})
	return k.shown(), err
}

func (s *Service) created(h holder, session webauthn.SessionData, answer []byte) (*webauthn.Credential, error) {
	if len(answer) > answerMax {
		return nil, fmt.Errorf("login: an answer of %d bytes", len(answer))
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, err
	}
	return s.relying.CreateCredential(h, session, parsed)
}

func (k key) shown() Passkey {
	return Passkey{ID: k.id, Name: k.name, Synced: k.cred.Flags.BackupState, Created: k.made, Used: k.used}
}

// Passkeys are the passkeys of the caller's login, oldest first.
func (s *Service) Passkeys(ctx context.Context, who Principal) (all []Passkey, err error) {
	if who.Login == "" {
		return nil, nil
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		keys, err := passkeysOf(tx, who.Login)
		all = all[:0]
		for _, k := range keys {
			all = append(all, k.shown())
		}
		return err
	})
	return all, err
}

// DropPasskey removes a passkey of the caller's login, unless it is the last way in.
// Codes: login.passkey_not_found, also for another's; login.last_way, login.proof_old.
func (s *Service) DropPasskey(ctx context.Context, who Principal, passkey string) error {
	if !who.Person() {
		return fault.New(fault.NotFound, "login.passkey_not_found")
	}
	if err := s.Proved(ctx, who); err != nil {
		return err
	}
	now := clock.Now(ctx, s.clock)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := hold(tx, who.Login); err != nil {
			return err
		}
		dropped, err := deletePasskey(tx, who.Login, passkey)
		if err == nil && !dropped {
			err = fault.New(fault.NotFound, "login.passkey_not_found")
		}
		if err == nil {
			err = s.stillReachable(tx, who.Login)
		}
		if err != nil {
			return err
		}
		return s.note(ctx, tx, who, audit.Entry{At: now, What: "passkey.dropped", On: string(who.Login)})
	})
}

// BeginPasskeyLogin begins to log in with a passkey, whoever's: Options go to navigator.credentials.get. It names no
// login, so it tells nothing about which exist (FAULTS A22). Codes: login.passkeys_off, login.limited.
func (s *Service) BeginPasskeyLogin(ctx context.Context) (Ceremony, error) {
	if s.relying == nil {
		return Ceremony{}, fault.New(fault.Unimplemented, "login.passkeys_off")
	}
	if _, err := s.begun.register(networkOf(ctx), clock.Now(ctx, s.clock)); err != nil {
		return Ceremony{}, err
	}
	options, session, err := s.relying.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, err
	}
	return s.begin(ctx, usePasskey, "", options, session)
}

// UsePasskey brings back what navigator.credentials.get answered, as JSON, with the ticket of BeginPasskeyLogin.
type UsePasskey struct {
	Ticket string
	Answer []byte
	Lang   text.Lang
	Guest  string // the token of the guest who logs in, "" if there is none
}

// UsePasskey opens a session for a passkey. A passkey whose count of uses does not rise may have been copied: it is
// refused, and stays so until its owner removes it.
//
// Codes: login.ceremony, login.passkey, login.passkey_copied, login.passkeys_off.
func (s *Service) UsePasskey(ctx context.Context, cmd UsePasskey) (string, Principal, error) {
	if s.relying == nil {
		return "", Nobody, fault.New(fault.Unimplemented, "login.passkeys_off")
	}
	var session webauthn.SessionData
	if _, err := s.take(ctx, usePasskey, cmd.Ticket, &session); err != nil {
		return "", Nobody, err
	}
	h, k, err := s.asserted(ctx, session, cmd.Answer)
	if err != nil {
		return "", Nobody, err
	}
	was, _ := h.key(k.cred.ID)
	first := func(tx *db.Tx, at time.Time, who *Principal) error {
		if err := stillThere(h.login.ID, "")(tx, at, who); err != nil {
			return err
		}
		held, err := countPasskey(tx, k, was.cred.Authenticator.SignCount, at)
		if err == nil && !held {
			err = fault.New(fault.Unauthenticated, "login.passkey_copied")
		}
		return err
	}
	return s.open(ctx, opening{who: h.login.principal(cmd.Lang), way: ByPasskey, guest: cmd.Guest, first: first})
}

// asserted checks an answer against the passkeys of the login that it names.
func (s *Service) asserted(
	ctx context.Context, session webauthn.SessionData, answer []byte,
) (h holder, k key, err error) {
	if len(answer) > answerMax {
		return h, k, wrongPasskey(fmt.Errorf("login: an answer of %d bytes", len(answer)))
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return h, k, wrongPasskey(err)
	}
	find := func(_, handle []byte) (webauthn.User, error) {
		if !id.Valid(string(handle), "lgn") {
			return nil, fmt.Errorf("login: no such handle")
		}
		err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
			h, err = holderIn(tx, ID(handle))
			return err
		})
		return h, err
	}
	_, cred, err := s.relying.ValidatePasskeyLogin(find, session, parsed)
	if err != nil {
		return h, k, wrongPasskey(err)
	}
	if cred.Authenticator.CloneWarning {
		return h, k, fault.New(fault.Unauthenticated, "login.passkey_copied")
	}
	k, _ = h.key(cred.ID)
	k.cred = *cred
	return h, k, nil
}
