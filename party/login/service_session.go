package login

import (
	"context"
	"crypto/subtle"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
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

// Guest opens a session for a shopper without a name, in one write.
func (s *Service) Guest(ctx context.Context, lang text.Lang) (string, Principal, error) {
	fresh := shopper.ID(s.ids.New("shr"))
	who := Principal{Role: Shopper, Shopper: string(fresh), Lang: lang}
	return s.open(ctx, who, func(tx *db.Tx, at time.Time) error { return shopper.Create(tx, at, fresh) })
}

// open writes a session, after first if there is something to write first.
func (s *Service) open(
	ctx context.Context, who Principal, first func(*db.Tx, time.Time) error,
) (string, Principal, error) {
	if who.Lang != text.En {
		who.Lang = text.Zh
	}
	now := clock.Now(ctx, s.clock)
	token, name, secret := newToken(s.ids, s.random)
	row := session{id: name, hash: secret.String(), who: who, created: now, expires: now.Add(s.settings.SessionFor)}
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		if first != nil {
			if err := first(tx, now); err != nil {
				return err
			}
		}
		return insertSession(tx, row)
	})
	if err != nil {
		return "", Nobody, err
	}
	s.remember(row, secret, now)
	return token, who, nil
}

func (s *Service) remember(row session, secret digest, now time.Time) {
	s.sessions.change(row.id, func(was cached, _ bool) cached {
		if was.ended {
			return was
		}
		return cached{secret: secret, who: row.who, expires: row.expires, stale: now.Add(s.settings.CacheFor)}
	})
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
	name, secret, ok := readToken(token)
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
	var row session
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		row, ok, err = sessionByID(tx, name)
		return err
	})
	if err != nil {
		return Nobody, err
	}
	if !ok || !secret.equal(row.hash) || !now.Before(row.expires) {
		return Nobody, refused
	}
	s.remember(row, secret, now)
	return row.who, nil
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

// Sweep deletes expired sessions, some at a time: a job's Run.
func (s *Service) Sweep(ctx context.Context) (done int, err error) {
	now := clock.Now(ctx, s.clock)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		n, err := deleteExpired(tx, now, sweepLook)
		done = int(n)
		return err
	})
	return done, err
}
