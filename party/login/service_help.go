package login

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/party/audit"
)

// Consent lets an operator look on at the caller's place: the code is said to them, is good for minutes and for one
// operator, and a new one takes the place of the one before. What is looked at cannot be changed.
//
// Codes: login.consent (a guest, a program, or somebody who may not).
func (s *Service) Consent(ctx context.Context, who Principal) (code string, until time.Time, err error) {
	if !who.Person() || who.Role == Operator || who.Role == Merchant && !who.Can(ConsentGive) {
		return "", time.Time{}, fault.New(fault.Forbidden, "login.consent")
	}
	now := clock.Now(ctx, s.clock)
	until = now.Add(s.settings.ConsentFor)
	code = newConsent(s.random)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := hold(tx, who.Login); err != nil {
			return err
		}
		if err := putConsent(tx, consentHash(code), who.Login, now, until); err != nil {
			return err
		}
		return s.note(ctx, tx, who, audit.Entry{At: now, What: "help.consented", On: string(who.Login)})
	})
	return code, until, err
}

// EndConsent takes the caller's consent back and ends the sessions in which operators look on. It is safe to repeat.
func (s *Service) EndConsent(ctx context.Context, who Principal) error {
	if !who.Person() {
		return nil
	}
	now := clock.Now(ctx, s.clock)
	var ended []string
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		if err := dropConsents(tx, who.Login); err != nil {
			return err
		}
		if ended, err = helpSessions(tx, who.Login); err != nil {
			return err
		}
		for _, name := range ended {
			if err := deleteSession(tx, name); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, who, audit.Entry{At: now, What: "help.ended", On: string(who.Login)})
	})
	if err != nil {
		return err
	}
	s.endAll(ended)
	return nil
}

// Help opens a session in which an operator looks on at the place of whoever gave the code: marked with the operator's
// login, only for reading, and over by itself. Both records, the market's and a shop's own, name the operator.
//
// Codes: login.consent_code (wrong, used or expired), login.limited, login.consent (the operator may not).
func (s *Service) Help(ctx context.Context, by Principal, code string) (string, Principal, error) {
	if !by.Person() || by.Role != Operator || !by.Can(MarketHelp) {
		return "", Nobody, fault.New(fault.Forbidden, "login.consent")
	}
	wrong := fault.New(fault.NotFound, "login.consent_code").At("code")
	hash := consentHash(code)
	try, err := s.guesses.begin(string(by.Login), networkOf(ctx), clock.Now(ctx, s.clock))
	if err != nil {
		return "", Nobody, err
	}
	if hash == "" {
		return "", Nobody, wrong
	}
	first := func(tx *db.Tx, at time.Time, who *Principal) error {
		login, taken, err := takeConsent(tx, hash, at)
		if err != nil {
			return err
		}
		l, found, err := loginByID(tx, login)
		if err != nil {
			return err
		}
		if !taken || !found || l.Role == Operator {
			return wrong
		}
		*who = l.principal(by.Lang)
		who.Helper = by.Login
		return s.note(ctx, tx, by, audit.Entry{At: at, Shop: l.Shop, What: "help.begun", On: string(l.ID)})
	}
	token, who, err := s.open(ctx, opening{way: ByConsent, lasts: s.settings.HelpFor, first: first})
	if err == nil {
		try.right()
	}
	return token, who, err
}
