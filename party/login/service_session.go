package login

import (
	"context"
	"crypto/subtle"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/audit"
	"hutong/party/shopper"
)

// cached is a session as it was read last.
type cached struct {
	secret  digest
	who     Principal
	expires time.Time
	stale   time.Time // when it has to be read again
	ended   bool      // logged out here; stays, so that a read that began before cannot bring it back
}

// Guest opens a session for a shopper without a name, in one write. One network has so many in a while: each is two
// rows, until the session is swept; this machine's own, such as a bench, are not counted. Codes: login.limited.
func (s *Service) Guest(ctx context.Context, lang text.Lang) (string, Principal, error) {
	if network := networkOf(ctx); network != "" && !here(ctx) {
		if wait := s.guests.take(network, clock.Now(ctx, s.clock)); wait > 0 {
			return "", Nobody, fault.New(fault.Limited, "login.limited").After(wait)
		}
	}
	fresh := shopper.ID(s.ids.New("shr"))
	who := Principal{Role: Shopper, Shopper: string(fresh), Lang: lang}
	first := func(tx *db.Tx, at time.Time, _ *Principal) error { return shopper.Create(tx, at, fresh) }
	return s.open(ctx, opening{who: who, first: first})
}

// opening is a session to be opened.
type opening struct {
	who   Principal
	way   Way
	lasts time.Duration // 0: Settings.SessionFor
	guest string        // the token of the guest who logs in, "" if there is none; it ends
	// first is written before the session; it may still decide who it is for. Nil: nothing.
	first func(*db.Tx, time.Time, *Principal) error
}

// open writes a session with a fresh token. A guest who logs in keeps what they had: see inherit.
func (s *Service) open(ctx context.Context, o opening) (string, Principal, error) {
	now := clock.Now(ctx, s.clock)
	guest, guestSession, err := s.guestOf(ctx, o.guest)
	if err != nil {
		return "", Nobody, err
	}
	token, name, secret := newToken(s.ids, s.random)
	var row session
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		who := o.who
		if o.first != nil {
			if err := o.first(tx, now, &who); err != nil {
				return err
			}
		}
		if who.Lang != text.En {
			who.Lang = text.Zh
		}
		if err := s.inherit(tx, now, guest, who); err != nil {
			return err
		}
		if guestSession != "" {
			if err := deleteSession(tx, guestSession); err != nil {
				return err
			}
		}
		who.Proved = proved(who, now)
		row = session{id: name, hash: secret.String(), who: who, way: o.way, device: deviceOf(ctx),
			network: audit.Rough(ctx), created: now, expires: now.Add(or(o.lasts, s.settings.SessionFor)), seen: now}
		return insertSession(tx, row)
	})
	if err != nil {
		return "", Nobody, err
	}
	if guestSession != "" {
		s.end(guestSession)
	}
	s.remember(row, secret, now)
	return token, row.who, nil
}

func (s *Service) remember(row session, secret digest, now time.Time) {
	s.sessions.change(row.id, func(was cached, _ bool) cached {
		if was.ended {
			return was
		}
		return cached{secret: secret, who: row.who, expires: row.expires, stale: now.Add(s.settings.CacheFor)}
	})
	if row.who.Login != "" && now.Sub(row.seen) >= seenEvery {
		s.seen.mark(row.id, now)
	}
}

// end makes this node forget a session at once.
func (s *Service) end(name string) {
	s.sessions.put(name, cached{ended: true})
}

// Resolve tells who a token stands for. A session used lately costs no read. Nothing tells a token that never was
// from one that expired or was logged out (FAULTS A3).
//
// Codes: login.session.
func (s *Service) Resolve(ctx context.Context, token string) (Principal, error) {
	refused := fault.New(fault.Unauthenticated, "login.session")
	find := s.readSession
	name, secret, ok := readToken(token)
	if key, isKey := strings.CutPrefix(token, KeyPrefix); isKey {
		find = s.readKey
		name, secret, ok = readSecret(key, "key")
	}
	if !ok {
		return Nobody, refused
	}
	now := clock.Now(ctx, s.clock)
	if c, ok := s.sessions.get(name); ok {
		if c.ended || !now.Before(c.expires) || subtle.ConstantTimeCompare(c.secret[:], secret[:]) != 1 {
			return Nobody, refused
		}
		if now.Before(c.stale) {
			return c.who, nil
		}
	}
	row, ok, err := find(ctx, name)
	if err != nil {
		return Nobody, err
	}
	if !ok || !secret.equal(row.hash) || !now.Before(row.expires) {
		return Nobody, refused
	}
	s.remember(row, secret, now)
	return row.who, nil
}

func (s *Service) readSession(ctx context.Context, name string) (row session, ok bool, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		row, ok, err = sessionByID(tx, name)
		return err
	})
	return row, ok, err
}

// Logout ends the session of a token. It is safe to repeat; a token that stands for nothing is no error.
func (s *Service) Logout(ctx context.Context, token string) error {
	if _, err := s.Resolve(ctx, token); err != nil {
		if fault.Is(err, "login.session") {
			return nil
		}
		return err
	}
	name, _, _ := readToken(token)
	err := s.db.Write(ctx, func(tx *db.Tx) error { return deleteSession(tx, name) })
	if err != nil {
		return err
	}
	s.end(name)
	return nil
}

// sweepLook bounds one run of Sweep.
const sweepLook = 1000

// Sweep deletes sessions, codes, ceremonies and consents that have expired, some at a time: a job's Run.
func (s *Service) Sweep(ctx context.Context) (done int, err error) {
	now := clock.Now(ctx, s.clock)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		n, err := deleteExpired(tx, now, sweepLook)
		done = int(n)
		return err
	})
	return done, err
}

// Proved tells whether somebody proved who they are lately enough for what is dear, by the room's clock.
// Code: login.proof_old.
func (s *Service) Proved(ctx context.Context, who Principal) error {
	return who.ProvedBy(clock.Now(ctx, s.clock))
}
