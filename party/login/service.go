package login

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/text"
	"hutong/party/audit"
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

	CodeFor        time.Duration // how long a one-time code is good
	CodePerPair    Budget        // codes asked for one address from one network
	CodePerNetwork Budget        // codes asked from one network
	CodePerAddress Budget        // codes asked for one address from everywhere
	CodeEverywhere Budget        // codes asked for by everybody: what sending them may cost
	CeremonyFor    time.Duration // how long a passkey or a single sign-on may take
	CeremonyBudget Budget        // ceremonies begun from one network
	GuestBudget    Budget        // guests of one network; all phones of a carrier in a city may be one
	InviteFor      time.Duration // how long a link for staff is good
	ConsentFor     time.Duration // how long a consent waits to be taken
	HelpFor        time.Duration // how long an operator may look on
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

	CodeFor:        10 * time.Minute,
	CodePerPair:    Budget{Burst: 3, Every: 2 * time.Minute},
	CodePerNetwork: Budget{Burst: 30, Every: 20 * time.Second},
	CodePerAddress: Budget{Burst: 10, Every: 6 * time.Minute},
	CodeEverywhere: Budget{Burst: 2000, Every: 50 * time.Millisecond},
	CeremonyFor:    5 * time.Minute,
	CeremonyBudget: Budget{Burst: 60, Every: 2 * time.Second},
	GuestBudget:    Budget{Burst: 20_000, Every: 50 * time.Millisecond},
	InviteFor:      7 * 24 * time.Hour,
	ConsentFor:     15 * time.Minute,
	HelpFor:        30 * time.Minute,
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

		CodeFor:        or(s.CodeFor, Defaults.CodeFor),
		CodePerPair:    or(s.CodePerPair, Defaults.CodePerPair),
		CodePerNetwork: or(s.CodePerNetwork, Defaults.CodePerNetwork),
		CodePerAddress: or(s.CodePerAddress, Defaults.CodePerAddress),
		CodeEverywhere: or(s.CodeEverywhere, Defaults.CodeEverywhere),
		CeremonyFor:    or(s.CeremonyFor, Defaults.CeremonyFor),
		CeremonyBudget: or(s.CeremonyBudget, Defaults.CeremonyBudget),
		GuestBudget:    or(s.GuestBudget, Defaults.GuestBudget),
		InviteFor:      or(s.InviteFor, Defaults.InviteFor),
		ConsentFor:     or(s.ConsentFor, Defaults.ConsentFor),
		HelpFor:        or(s.HelpFor, Defaults.HelpFor),
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
	codes    *attempts // codes asked for
	sent     *limiter  // codes asked for by everybody
	guests   *limiter  // guests of one network
	begun    *attempts // ceremonies begun without a login
	guesses  *attempts // at consent codes, per operator
	sessions *cache[cached]
	seen     *seen
	plugs    Plugs
	relying  *webauthn.WebAuthn // nil without Plugs.Passkeys
	sso      ssoCache
}

// Plugs are what upper districts and the node put in. Each may stay nil: then what needs it is refused.
type Plugs struct {
	Sender   Sender       // brings one-time codes
	Heirs    []Heir       // rooms whose rows follow a guest into an account
	Passkeys RelyingParty // where passkeys are good
	SSO      *http.Client // calls the issuer of single sign-on; nil: a client with a short deadline
}

// Plug puts them in, before the first call. An error is a relying party that cannot be.
func (s *Service) Plug(p Plugs) (err error) {
	s.plugs = p
	s.relying, err = p.Passkeys.open()
	return err
}

// New makes the Service. random gives the secrets of tokens: crypto/rand.Reader in a running node.
func New(d *db.DB, c clock.Clock, ids *id.Maker, random io.Reader, s Settings) *Service {
	s = s.full()
	return &Service{
		db: d, clock: c, ids: ids, random: random, settings: s,
		hasher: newHasher(s, random), attempts: newAttempts(s.PerPair, s.PerNetwork, s.PerName),
		codes:    newAttempts(s.CodePerPair, s.CodePerNetwork, s.CodePerAddress),
		sent:     newLimiter(s.CodeEverywhere),
		guests:   newLimiter(s.GuestBudget),
		begun:    newAttempts(s.CeremonyBudget, s.CeremonyBudget, s.CeremonyBudget),
		guesses:  newAttempts(s.PerPair, s.PerNetwork, s.PerName),
		sessions: newCache[cached](s.CacheMax), seen: &seen{},
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
	Staff    StaffRole // of a merchant or an operator; "": the widest
	Self     bool      // nobody else gives it: the record says so of a merchant's
}

// Register makes a login. It is not repeatable: the second time the name is taken.
//
// Codes: login.name, login.password, login.password_common, login.role,
// login.name_taken, login.shopper_taken, login.limited, login.busy,
// merchant.not_found, shopper.not_found.
func (s *Service) Register(ctx context.Context, cmd Register) (Login, error) {
	name, err := checkName(cmd.Name)
	if err != nil {
		return Login{}, err
	}
	if err := checkFresh(cmd.Password, name); err != nil {
		return Login{}, err
	}
	now := clock.Now(ctx, s.clock)
	l := Login{ID: ID(s.ids.New("lgn")), Role: cmd.Role, Name: name, Shop: cmd.Shop, Shopper: cmd.Shopper, Created: now,
		Staff: or(cmd.Staff, first(cmd.Role))}
	if err := l.check(); err != nil {
		return Login{}, err
	}
	try, err := s.attempts.register(networkOf(ctx), now)
	if err == nil && cmd.Role == Merchant {
		err = s.attempts.openShop(networkOf(ctx), now)
	}
	if err != nil {
		try.undo()
		return Login{}, err
	}
	hash, err := s.hasher.hash(ctx, cmd.Password)
	if err != nil {
		try.undo()
		return Login{}, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if err := s.register(tx, &l, cmd, hash); err != nil || l.Role == Shopper {
			return err
		}
		return s.made(ctx, tx, l, cmd.Self)
	})
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
	staff := slices.Contains(StaffRoles(l.Role), l.Staff)
	if !fits[l.Role] || l.Role == Shopper && l.Staff != "" || l.Role != Shopper && !staff {
		return fault.New(fault.Invalid, "login.role").At("role")
	}
	return nil
}

// made writes into the record that somebody is staff now.
func (s *Service) made(ctx context.Context, tx *db.Tx, l Login, self bool) error {
	e := audit.Entry{At: l.Created, Shop: l.Shop, What: "staff.made", On: string(l.ID),
		After: audit.Facts{"role": string(l.Staff)}}
	if self {
		e.Who = string(l.ID)
	}
	return audit.Note(ctx, tx, s.ids, e)
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
	return s.Enter(ctx, Enter{Name: name, Password: p, Lang: lang})
}

// Enter asks for a session with a name, or a verified address, and a password. Guest is the token of the guest who
// logs in, "" if there is none: what the guest had goes to the account.
type Enter struct {
	Name     string
	Password Password
	Lang     text.Lang
	Guest    string
}

// Enter is Login for a caller who may be a guest. Codes: those of Login.
func (s *Service) Enter(ctx context.Context, cmd Enter) (string, Principal, error) {
	if err := checkPassword(cmd.Password); err != nil {
		return "", Nobody, err
	}
	refused := fault.New(fault.Unauthenticated, "login.refused")
	name, err := checkName(cmd.Name)
	if err != nil {
		return "", Nobody, refused // no login has such a name, and that is no secret
	}
	try, err := s.attempts.begin(oneForm(name), networkOf(ctx), clock.Now(ctx, s.clock))
	if err != nil {
		return "", Nobody, err
	}
	for range 2 { // a password that is changed while it is checked is checked once more
		token, who, err := s.enter(ctx, cmd, name, try)
		if !errors.Is(err, errOutdated) {
			return token, who, err
		}
	}
	return "", Nobody, refused
}

// oneForm is what guesses at a name are counted under: a telephone number can be typed in a thousand ways.
func oneForm(name string) string {
	if address, ok := normalAddress(name); ok {
		return address
	}
	return name
}

// errOutdated says that the password was changed while it was checked.
var errOutdated = errors.New("login: another password was set meanwhile")

func (s *Service) enter(ctx context.Context, cmd Enter, name string, try *attempt) (string, Principal, error) {
	l, err := s.find(ctx, name)
	if err != nil {
		try.undo()
		return "", Nobody, err
	}
	ok, stale, err := s.hasher.verify(ctx, cmd.Password, l.hash)
	if err != nil {
		try.undo()
		return "", Nobody, err
	}
	if !ok {
		return "", Nobody, fault.New(fault.Unauthenticated, "login.refused")
	}
	token, who, err := s.open(ctx, opening{who: l.principal(cmd.Lang), way: ByPassword, guest: cmd.Guest,
		first: stillThere(l.ID, l.hash)})
	if err != nil {
		return "", Nobody, err
	}
	try.right()
	if stale {
		if err := s.rehash(ctx, l.ID, l.hash, cmd.Password); err != nil && !fault.Is(err, "login.busy") {
			return "", Nobody, err // a rehash that found no turn is for the next time
		}
	}
	return token, who, nil
}

// stillThere refuses to open a session for a login that was taken away while its proof was checked, or whose password
// was changed meanwhile: that has ended all sessions of the one before. An empty hash is of no password.
func stillThere(login ID, hash string) func(*db.Tx, time.Time, *Principal) error {
	return func(tx *db.Tx, _ time.Time, who *Principal) error {
		l, err := hold(tx, login)
		if fault.Is(err, "login.session") {
			err = fault.New(fault.Unauthenticated, "login.refused")
		}
		if err == nil && hash != "" && l.hash != hash {
			err = errOutdated
		}
		if err == nil {
			*who = l.principal(who.Lang)
		}
		return err
	}
}

// find looks for an address that was verified before it looks for a name: nobody can keep the owner of an address
// from logging in by taking it as a name.
func (s *Service) find(ctx context.Context, name string) (l kept, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		found := false
		if address, ok := normalAddress(name); ok {
			if l, found, err = loginByAddress(tx, address); err != nil || found {
				return err
			}
		}
		l, _, err = loginByName(tx, name)
		return err
	})
	return l, err
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
	if err := checkFresh(p, name); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, p)
	if err != nil {
		return err
	}
	var ended []string
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		l, found, err := loginByName(tx, name)
		if err != nil {
			return err
		}
		if !found {
			return fault.New(fault.NotFound, "login.refused").At("name")
		}
		if l, err = hold(tx, l.ID); err != nil {
			return err
		}
		if ended, err = endSessions(tx, l.ID, ""); err != nil {
			return err
		}
		_, err = setHash(tx, l.ID, l.hash, hash)
		return err
	})
	if err != nil {
		return err
	}
	s.endAll(ended)
	return nil
}
