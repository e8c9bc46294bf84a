package login

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/audit"
)

// SetSSO sets single sign-on for staff; an empty Issuer turns it off. An empty ClientSecret keeps the one that is set.
// Codes: login.sso_url, login.sso_client, login.not_yours_to_grant, login.proof_old.
func (s *Service) SetSSO(ctx context.Context, by Principal, sso SSO) error {
	if !by.Person() || !by.Can(MarketSettings) {
		return fault.New(fault.Forbidden, "login.not_yours_to_grant")
	}
	if err := s.Proved(ctx, by); err != nil {
		return err
	}
	sso.Issuer = clean(sso.Issuer)
	if err := sso.check(); err != nil {
		return err
	}
	now := clock.Now(ctx, s.clock)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Turn("login.sso"); err != nil { // what is not given anew is kept
			return err
		}
		was, err := loadSSO(tx)
		if err != nil {
			return err
		}
		kept := sso
		if kept.ClientSecret == "" && was.Issuer == kept.Issuer {
			kept.ClientSecret = was.ClientSecret
		}
		if err := putSSO(tx, kept); err != nil {
			return err
		}
		return s.note(ctx, tx, by, audit.Entry{At: now, What: "sso.set",
			Before: audit.Facts{"issuer": was.Issuer, "client": was.ClientID},
			After:  audit.Facts{"issuer": kept.Issuer, "client": kept.ClientID}})
	})
}

// SSO is what is set for single sign-on, without the secret.
func (s *Service) SSO(ctx context.Context) (SSO, error) {
	sso, err := s.loadSSO(ctx)
	sso.ClientSecret = ""
	return sso, err
}

func (s *Service) loadSSO(ctx context.Context) (sso SSO, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		sso, err = loadSSO(tx)
		return err
	})
	return sso, err
}

// BeginSSO begins a sign-on: the browser is sent to the address, and keeps the ticket in a cookie of its own until it
// comes back. Codes: login.sso_off, login.sso_unreachable, login.limited.
func (s *Service) BeginSSO(ctx context.Context) (address, ticket string, err error) {
	if _, err := s.begun.register(networkOf(ctx), clock.Now(ctx, s.clock)); err != nil {
		return "", "", err
	}
	sso, provider, err := s.provider(ctx)
	if err != nil {
		return "", "", err
	}
	state := ssoState{State: random32(s.random), Nonce: random32(s.random), Verifier: random32(s.random),
		Issuer: sso.Issuer, Client: sso.ClientID}
	c, err := s.begin(ctx, signOn, "", nil, state)
	if err != nil {
		return "", "", err
	}
	address = sso.oauth(provider).AuthCodeURL(state.State, oidc.Nonce(state.Nonce),
		oauth2.S256ChallengeOption(state.Verifier))
	return address, c.Ticket, nil
}

// UseSSO is what a browser comes back with from the issuer: the ticket from its cookie, state and code from the
// address.
type UseSSO struct {
	Ticket string
	State  string
	Code   string
	Lang   text.Lang
}

// UseSSO opens a session for the staff login of whom the issuer proves: one who has signed on before, or one whose
// verified e-mail address was invited. It never makes staff of anybody else.
//
// Codes: login.ceremony, login.sso_refused, login.sso_unknown, login.sso_off, login.sso_unreachable.
func (s *Service) UseSSO(ctx context.Context, cmd UseSSO) (string, Principal, error) {
	var state ssoState
	if _, err := s.take(ctx, signOn, cmd.Ticket, &state); err != nil {
		return "", Nobody, err
	}
	if cmd.Code == "" || subtle.ConstantTimeCompare([]byte(cmd.State), []byte(state.State)) != 1 {
		return "", Nobody, refusedSSO(errors.New("login: another state, or no code"))
	}
	person, err := s.proven(ctx, cmd.Code, state)
	if err != nil {
		return "", Nobody, err
	}
	first := func(tx *db.Tx, at time.Time, who *Principal) error {
		l, err := s.enterBySSO(ctx, tx, at, person)
		*who = l.principal(cmd.Lang)
		return err
	}
	return s.open(ctx, opening{way: BySSO, first: first})
}

// proven has the issuer tell whom the code stands for, and checks every word of it.
func (s *Service) proven(ctx context.Context, code string, state ssoState) (ssoPerson, error) {
	sso, provider, err := s.provider(ctx)
	if err != nil {
		return ssoPerson{}, err
	}
	if sso.Issuer != state.Issuer || sso.ClientID != state.Client { // set anew meanwhile
		return ssoPerson{}, fault.New(fault.Expired, "login.ceremony")
	}
	ctx = oidc.ClientContext(ctx, s.ssoClient())
	tokens, err := sso.oauth(provider).Exchange(ctx, code, oauth2.VerifierOption(state.Verifier))
	if err != nil {
		return ssoPerson{}, refusedSSO(err)
	}
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return ssoPerson{}, refusedSSO(errors.New("login: the issuer sent no id_token"))
	}
	verifier := provider.VerifierContext(ctx, &oidc.Config{ClientID: sso.ClientID, SupportedSigningAlgs: ssoAlgs,
		Now: s.clock.Now})
	token, err := verifier.Verify(ctx, raw)
	if err != nil {
		return ssoPerson{}, refusedSSO(err)
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(state.Nonce)) != 1 {
		return ssoPerson{}, refusedSSO(errors.New("login: another nonce"))
	}
	var c claims
	if err := token.Claims(&c); err != nil {
		return ssoPerson{}, refusedSSO(err)
	}
	if token.Subject == "" || (len(token.Audience) > 1 || c.Azp != "") && c.Azp != sso.ClientID {
		return ssoPerson{}, refusedSSO(errors.New("login: made for another client"))
	}
	return ssoPerson{issuer: token.Issuer, subject: token.Subject, email: c.email()}, nil
}

// enterBySSO finds the login of a proven person, or makes the one that they were invited to.
func (s *Service) enterBySSO(ctx context.Context, tx *db.Tx, at time.Time, p ssoPerson) (Login, error) {
	l, found, err := loginBySSO(tx, p.issuer, p.subject)
	if err == nil && found {
		l, err = hold(tx, l.ID)
	}
	if err != nil || found {
		return l.Login, err
	}
	unknown := fault.New(fault.Forbidden, "login.sso_unknown")
	if p.email == "" {
		return Login{}, unknown
	}
	if l, found, err = loginBySSO(tx, invitedIssuer, p.email); err != nil {
		return Login{}, err
	}
	if !found {
		i, invited, err := inviteByEmail(tx, p.email, at)
		if err != nil {
			return Login{}, err
		}
		if !invited {
			return Login{}, unknown
		}
		if l.Login, err = s.join(ctx, tx, joining{i.Invitation, "", noPassword, at}); err != nil {
			return Login{}, err
		}
	}
	if err := unbindInvited(tx, p.email); err != nil {
		return Login{}, err
	}
	if err := bindSSO(tx, p.issuer, p.subject, l.ID, at); err != nil {
		return Login{}, err
	}
	return l.Login, s.note(ctx, tx, l.principal(text.Zh), audit.Entry{At: at, What: "sso.bound", On: string(l.ID),
		After: audit.Facts{"issuer": p.issuer}})
}

// provider is the issuer as it describes itself, read again from time to time.
func (s *Service) provider(ctx context.Context) (SSO, *oidc.Provider, error) {
	sso, err := s.loadSSO(ctx)
	if err != nil {
		return SSO{}, nil, err
	}
	if sso.Issuer == "" {
		return SSO{}, nil, fault.New(fault.Unimplemented, "login.sso_off")
	}
	now := clock.Now(ctx, s.clock)
	s.sso.mu.Lock()
	defer s.sso.mu.Unlock()
	if s.sso.provider != nil && s.sso.issuer == sso.Issuer && now.Before(s.sso.stale) {
		return sso, s.sso.provider, nil
	}
	p, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), s.ssoClient()), sso.Issuer)
	if err != nil {
		return SSO{}, nil, fault.New(fault.Unavailable, "login.sso_unreachable").Because(err)
	}
	s.sso.provider, s.sso.issuer, s.sso.stale = p, sso.Issuer, now.Add(ssoFor)
	return sso, p, nil
}

// ssoWait bounds a call to the issuer.
const ssoWait = 5 * time.Second

func (s *Service) ssoClient() *http.Client {
	if s.plugs.SSO != nil {
		return s.plugs.SSO
	}
	return &http.Client{Timeout: ssoWait}
}
