package login

import (
	"context"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/party/audit"
)

// Session is one of a login's own sessions, as its owner is shown it.
type Session struct {
	ID      string
	Way     Way
	Device  string // "Chrome, Windows", "" if unknown
	Network string // a rough network, "" if unknown
	Opened  time.Time
	Seen    time.Time // to the hour
	Expires time.Time
	Current bool // the one that asks
	Helper  bool // an operator looks on, with consent
}

// sessionsMax bounds the list of one login's sessions.
const sessionsMax = 100

// Sessions are the caller's sessions, newest first. token is the caller's own. A guest has none to list.
func (s *Service) Sessions(ctx context.Context, who Principal, token string) (all []Session, err error) {
	if who.Login == "" {
		return nil, nil
	}
	current, _, _ := readToken(token)
	now := clock.Now(ctx, s.clock)
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := sessionList(tx, who.Login, now, sessionsMax)
		all = all[:0]
		for _, r := range rows {
			all = append(all, Session{ID: r.id, Way: r.way, Device: r.device, Network: r.network, Opened: r.created,
				Seen: r.seen.Truncate(seenEvery), Expires: r.expires, Current: r.id == current, Helper: r.who.Helper != ""})
		}
		return err
	})
	return all, err
}

// EndSession ends one of the caller's sessions. Codes: login.session_not_found, also for another's.
func (s *Service) EndSession(ctx context.Context, who Principal, session string) error {
	missing := fault.New(fault.NotFound, "login.session_not_found")
	if who.Login == "" || who.ReadOnly() || !id.Valid(session, prefix) {
		return missing
	}
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		ended, err := deleteOwn(tx, who.Login, session)
		if err == nil && !ended {
			err = missing
		}
		return err
	})
	if err != nil {
		return err
	}
	s.end(session)
	return nil
}

// EndOtherSessions ends all of the caller's sessions but the one of token, and tells how many. It is safe to repeat.
func (s *Service) EndOtherSessions(ctx context.Context, who Principal, token string) (ended int, err error) {
	if who.Login == "" || who.ReadOnly() {
		return 0, nil
	}
	current, _, _ := readToken(token)
	var names []string
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		names, err = endSessions(tx, who.Login, current)
		return err
	})
	if err != nil {
		return 0, err
	}
	s.endAll(names)
	return len(names), nil
}

// endSessions deletes a login's sessions but one and tells which.
func endSessions(tx *db.Tx, login ID, but string) ([]string, error) {
	all, err := sessionsOf(tx, login)
	if err != nil {
		return nil, err
	}
	var ended []string
	for _, name := range all {
		if name != but {
			ended = append(ended, name)
		}
	}
	return ended, deleteSessionsOf(tx, login, but)
}

func (s *Service) endAll(sessions []string) {
	for _, name := range sessions {
		s.end(name)
	}
}

// ChangePassword asks for another password for the caller's own login. Was is the one so far, "" if there is none yet.
type ChangePassword struct {
	Who      Principal
	Token    string // the caller's own
	Was, New Password
}

// ChangePassword gives the caller's login another password, or its first, ends all its sessions and opens a new one
// (FAULTS A21). The password so far is a proof; without one the session's must be fresh (FAULTS A23). Codes:
// login.password, login.refused, login.limited, login.busy, login.role, login.session, login.proof_old.
func (s *Service) ChangePassword(ctx context.Context, cmd ChangePassword) (string, Principal, error) {
	if !cmd.Who.Person() {
		return "", Nobody, fault.New(fault.Forbidden, "login.role")
	}
	l, err := s.byID(ctx, cmd.Who.Login)
	if err != nil {
		return "", Nobody, err
	}
	if err := checkFresh(cmd.New, l.Name); err != nil {
		return "", Nobody, err
	}
	if l.hash == noPassword {
		if err := s.Proved(ctx, cmd.Who); err != nil {
			return "", Nobody, err
		}
	} else {
		try, err := s.attempts.begin(l.Name, networkOf(ctx), clock.Now(ctx, s.clock))
		if err != nil {
			return "", Nobody, err
		}
		ok, _, err := s.hasher.verify(ctx, cmd.Was, l.hash)
		if err != nil {
			try.undo()
			return "", Nobody, err
		}
		if !ok {
			return "", Nobody, fault.New(fault.Invalid, "login.refused").At("was")
		}
		try.right()
	}
	hash, err := s.hasher.hash(ctx, cmd.New)
	if err != nil {
		return "", Nobody, err
	}
	return s.repass(ctx, cmd, l, hash)
}

// repass writes the new hash and moves the caller to a new session, in one transaction.
func (s *Service) repass(ctx context.Context, cmd ChangePassword, l kept, hash string) (string, Principal, error) {
	var ended []string
	first := func(tx *db.Tx, at time.Time, _ *Principal) error {
		changed, err := setHash(tx, l.ID, l.hash, hash)
		if err == nil && !changed { // another request was first: what was proven is no longer so
			err = fault.New(fault.Conflict, "login.refused").At("was")
		}
		if err == nil {
			ended, err = endSessions(tx, l.ID, "")
		}
		if err != nil {
			return err
		}
		return audit.Note(ctx, tx, s.ids, audit.Entry{At: at, Who: string(l.ID), Shop: l.Shop,
			What: "login.password_changed", On: string(l.ID)})
	}
	token, who, err := s.open(ctx, opening{who: l.principal(cmd.Who.Lang), way: ByPassword, first: first})
	if err == nil {
		s.endAll(ended)
	}
	return token, who, err
}

func (s *Service) byID(ctx context.Context, login ID) (l kept, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		found := false
		l, found, err = loginByID(tx, login)
		if err == nil && !found {
			err = fault.New(fault.Unauthenticated, "login.session")
		}
		return err
	})
	return l, err
}

// seenBatch bounds one run of MarkSeen.
const seenBatch = 1000

// MarkSeen writes when sessions and keys were last used, to the hour and many in one write: a job's Run.
func (s *Service) MarkSeen(ctx context.Context) (done int, err error) {
	some := s.seen.take(seenBatch)
	if len(some) == 0 {
		return 0, nil
	}
	var sessions, keys [][]any
	for name, at := range some {
		row := []any{clock.Micros(at), name}
		if strings.HasPrefix(name, "key_") {
			keys = append(keys, row)
		} else {
			sessions = append(sessions, row)
		}
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error { return markSeen(tx, sessions, keys) })
	return len(some), err
}
