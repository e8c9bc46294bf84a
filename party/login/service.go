package login

import (
	"context"
	"io"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/text"
	"hutong/party/merchant"
	"hutong/party/shopper"
)

// Settings are what an operator may set. A zero field takes its value from Defaults.
type Settings struct {
	SessionFor time.Duration // how long a session lasts
	CacheFor   time.Duration // how long a session may go unread: a logout at another node is felt after it
	CacheMax   int           // sessions kept in memory
	Cost       Cost
	HashesMax  int           // passwords hashed at once
	HashWait   time.Duration // how long an attempt waits for its turn
	PerPair    Budget        // wrong attempts at one name from one network
	PerNetwork Budget        // wrong attempts from one network
	PerName    Budget        // wrong attempts at one name from everywhere
}

// Defaults are safe settings for a small machine. The cost is the one that OWASP names for argon2id.
var Defaults = Settings{
	SessionFor: 30 * 24 * time.Hour,
	CacheFor:   time.Minute,
	CacheMax:   20_000,
	Cost:       Cost{Passes: 2, KiB: 19 << 10, Threads: 1},
	HashesMax:  2,
	HashWait:   3 * time.Second,
	PerPair:    Budget{Burst: 10, Every: 30 * time.Second},
	PerNetwork: Budget{Burst: 100, Every: 3 * time.Second},
	PerName:    Budget{Burst: 100, Every: 5 * time.Second},
}

func or[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

func (s Settings) full() Settings {
	return Settings{
		SessionFor: or(s.SessionFor, Defaults.SessionFor),
		CacheFor:   or(s.CacheFor, Defaults.CacheFor),
		CacheMax:   or(s.CacheMax, Defaults.CacheMax),
		Cost:       or(s.Cost, Defaults.Cost),
		HashesMax:  or(s.HashesMax, Defaults.HashesMax),
		HashWait:   or(s.HashWait, Defaults.HashWait),
		PerPair:    or(s.PerPair, Defaults.PerPair),
		PerNetwork: or(s.PerNetwork, Defaults.PerNetwork),
		PerName:    or(s.PerName, Defaults.PerName),
	}
}

// Service holds the verbs of logins and sessions.
type Service struct {
	db       *db.DB
	clock    clock.Clock
	ids      *id.Maker
	random   io.Reader
	settings Settings
	hasher   *hasher
	attempts *attempts
	sessions *cache[cached]
}

// New makes the Service. random gives the secrets of tokens: crypto/rand.Reader in a running node.
func New(d *db.DB, c clock.Clock, ids *id.Maker, random io.Reader, s Settings) *Service {
	s = s.full()
	return &Service{
		db: d, clock: c, ids: ids, random: random, settings: s,
		hasher: newHasher(s, random), attempts: newAttempts(s), sessions: newCache[cached](s.CacheMax),
	}
}

// Register asks for a login. A merchant's names the Shop; a shopper's may name the Shopper that a guest already is,
// and gets a fresh one otherwise. Role comes from the page or command that registers, never from its input.
type Register struct {
	Role     Role
	Name     string
	Password Password
	Shop     string
	Shopper  string
}

// Register makes a login. It is not repeatable: the second time the name is taken.
//
// Codes: login.name, login.password, login.role, login.name_taken, login.shopper_taken, login.limited, login.busy,
// merchant.not_found, shopper.not_found.
func (s *Service) Register(ctx context.Context, cmd Register) (Login, error) {
	name, err := checkName(cmd.Name)
	if err != nil {
		return Login{}, err
	}
	if err := checkPassword(cmd.Password); err != nil {
		return Login{}, err
	}
	now := clock.Now(ctx, s.clock)
	l := Login{ID: ID(s.ids.New("lgn")), Role: cmd.Role, Name: name, Shop: cmd.Shop, Shopper: cmd.Shopper, Created: now}
	if err := l.check(); err != nil {
		return Login{}, err
	}
	try, err := s.attempts.register(networkOf(ctx), now)
	if err != nil {
		return Login{}, err
	}
	hash, err := s.hasher.hash(ctx, cmd.Password)
	if err != nil {
		try.undo()
		return Login{}, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error { return s.register(tx, &l, cmd, hash) })
	if err != nil {
		return Login{}, err
	}
	try.undo()
	return l, nil
}

func (l Login) check() error {
	fits := map[Role]bool{
		Shopper:  l.Shop == "",
		Merchant: l.Shop != "" && l.Shopper == "",
		Operator: l.Shop == "" && l.Shopper == "",
	}
	if !fits[l.Role] {
		return fault.New(fault.Invalid, "login.role").At("role")
	}
	return nil
}

func (s *Service) register(tx *db.Tx, l *Login, cmd Register, hash string) error {
	var err error
	switch {
	case l.Role == Merchant:
		_, err = merchant.Load(tx, merchant.ID(cmd.Shop))
	case l.Role == Shopper && cmd.Shopper != "":
		err = shopper.Lock(tx, shopper.ID(cmd.Shopper))
	case l.Role == Shopper:
		fresh := shopper.ID(s.ids.New("shr"))
		l.Shopper = string(fresh)
		err = shopper.Create(tx, l.Created, fresh)
	}
	if err != nil {
		return err
	}
	return insertLogin(tx, *l, hash)
}

// Login opens a session for a name and password, always with a fresh token (FAULTS A21). The answer to a wrong name
// and to a wrong password is the same and takes the same work.
//
// Codes: login.refused, login.password (a length that no password has), login.limited, login.busy.
func (s *Service) Login(ctx context.Context, name string, p Password, lang text.Lang) (string, Principal, error) {
	if err := checkPassword(p); err != nil {
		return "", Nobody, err
	}
	refused := fault.New(fault.Unauthenticated, "login.refused")
	name, err := checkName(name)
	if err != nil {
		return "", Nobody, refused // no login has such a name, and that is no secret
	}
	try, err := s.attempts.begin(name, networkOf(ctx), clock.Now(ctx, s.clock))
	if err != nil {
		return "", Nobody, err
	}
	l, hash, err := s.find(ctx, name)
	if err != nil {
		try.undo()
		return "", Nobody, err
	}
	ok, stale, err := s.hasher.verify(ctx, p, hash)
	if err != nil {
		try.undo()
		return "", Nobody, err
	}
	if !ok {
		return "", Nobody, refused
	}
	try.right()
	if stale {
		if err := s.rehash(ctx, l.ID, hash, p); err != nil && !fault.Is(err, "login.busy") {
			return "", Nobody, err // a rehash that found no turn is for the next time
		}
	}
	return s.open(ctx, l.principal(lang), nil)
}

func (s *Service) find(ctx context.Context, name string) (l Login, hash string, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		l, hash, _, err = loginByName(tx, name)
		return err
	})
	return l, hash, err
}

// rehash keeps a password at today's cost, now that it is at hand; if it was changed meanwhile, that stays.
func (s *Service) rehash(ctx context.Context, id ID, was string, p Password) error {
	hash, err := s.hasher.hash(ctx, p)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		_, err := setHash(tx, id, was, hash)
		return err
	})
}

// SetPassword gives a login another password and ends all its sessions (FAULTS A21). It is safe to repeat.
//
// Codes: login.name, login.password, login.refused (no such name), login.busy.
func (s *Service) SetPassword(ctx context.Context, name string, p Password) error {
	name, err := checkName(name)
	if err != nil {
		return err
	}
	if err := checkPassword(p); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, p)
	if err != nil {
		return err
	}
	var ended []string
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		l, was, found, err := loginByName(tx, name)
		if err != nil {
			return err
		}
		if !found {
			return fault.New(fault.NotFound, "login.refused").At("name")
		}
		if ended, err = sessionsOf(tx, l.ID); err != nil {
			return err
		}
		if _, err := setHash(tx, l.ID, was, hash); err != nil {
			return err
		}
		return deleteSessionsOf(tx, l.ID)
	})
	if err != nil {
		return err
	}
	for _, session := range ended {
		s.end(session)
	}
	return nil
}
