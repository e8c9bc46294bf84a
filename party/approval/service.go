package approval

import (
	"context"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/party/audit"
	"hutong/party/login"
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Service holds the verbs of approvals.
type Service struct {
	db    *db.DB
	clock clock.Clock
	ids   IDs
	kinds map[string]Kind
}

// New makes the Service with the kinds that it knows. An error is a kind that is named twice or not whole.
func New(d *db.DB, c clock.Clock, ids IDs, kinds ...Kind) (*Service, error) {
	s := &Service{d, c, ids, map[string]Kind{}}
	for _, k := range kinds {
		if _, twice := s.kinds[k.Name]; twice || k.Name == "" || len(k.Ask) == 0 || len(k.Decide) == 0 || k.Lasts <= 0 ||
			k.Check == nil || k.Execute == nil {
			return nil, fmt.Errorf("approval: kind %q is there twice or not whole", k.Name)
		}
		s.kinds[k.Name] = k
	}
	return s, nil
}

// Ask asks for a change. A shop's staff ask for their own shop; Shop is for the market's staff.
type Ask struct {
	By      login.Principal
	Kind    string
	Shop    string
	Subject string
	Payload any // what the kind reads; ids and numbers only
}

// Ask keeps a request until another person decides. Codes: approval.kind, approval.may_not_ask, approval.payload,
// approval.open, login.proof_old, and those of the kind.
func (s *Service) Ask(ctx context.Context, cmd Ask) (Request, error) {
	k, known := s.kinds[cmd.Kind]
	if !known {
		return Request{}, fault.New(fault.Invalid, "approval.kind").At("kind")
	}
	if !allows(cmd.By, k.Ask) {
		return Request{}, fault.New(fault.Forbidden, "approval.may_not_ask")
	}
	now := clock.Now(ctx, s.clock)
	if k.Fresh {
		if err := cmd.By.ProvedBy(now); err != nil {
			return Request{}, err
		}
	}
	if cmd.By.Role == login.Merchant {
		cmd.Shop = cmd.By.Shop
	}
	payload, err := json.Marshal(cmd.Payload)
	if err != nil || len(payload) > PayloadMax {
		return Request{}, fault.New(fault.Invalid, "approval.payload").Because(err)
	}
	r := Request{ID: ID(s.ids.New("apr")), Kind: k.Name, Shop: cmd.Shop, Subject: cmd.Subject, Payload: payload,
		State: Asked, AskedBy: cmd.By.Login, Asked: now, Expires: now.Add(k.Lasts)}
	return r, s.db.Write(ctx, func(tx *db.Tx) error {
		if err := k.Check(tx, r); err != nil {
			return err
		}
		if err := expireOpen(tx, r); err != nil {
			return err
		}
		if err := insert(tx, r); err != nil {
			return err
		}
		return s.note(ctx, tx, cmd.By, "approval.asked", r)
	})
}

// Decide decides on a request, for or against.
type Decide struct {
	By      login.Principal
	Request ID
	Approve bool
	Note    string
}

// Decide decides once, and carries the change out in the same transaction if it is approved: both or neither. Whoever
// asked cannot decide; whoever comes second is told what was decided.
//
// Codes: approval.not_found (also for another shop's), approval.own, approval.may_not_decide, approval.decided,
// approval.expired, approval.note, login.proof_old, and those of the kind.
func (s *Service) Decide(ctx context.Context, cmd Decide) (r Request, err error) {
	if n := utf8.RuneCountInString(cmd.Note); n > NoteMax || !utf8.ValidString(cmd.Note) {
		return Request{}, fault.New(fault.Invalid, "approval.note", fault.P("max", NoteMax)).At("note")
	}
	now := clock.Now(ctx, s.clock)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		was, k, err := s.find(tx, cmd.By, cmd.Request)
		if err != nil {
			return err
		}
		r = was
		if err := mayDecide(k, cmd.By, r); err != nil {
			return err
		}
		if k.Fresh {
			if err := cmd.By.ProvedBy(now); err != nil {
				return err
			}
		}
		r.State, r.DecidedBy, r.Note, r.Decided = Refused, cmd.By.Login, cmd.Note, now
		if cmd.Approve {
			r.State = Approved
		}
		settled, err := settle(tx, r)
		if err != nil {
			return err
		}
		if !settled {
			return tooLate(tx, r.ID)
		}
		if cmd.Approve {
			if err := k.Check(tx, was); err != nil {
				return err
			}
			if err := k.Execute(ctx, tx, now, r); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, cmd.By, "approval."+string(r.State), r)
	})
	if err != nil {
		return Request{}, err
	}
	return r, nil
}

func mayDecide(k Kind, by login.Principal, r Request) error {
	if by.Login == r.AskedBy {
		return fault.New(fault.Forbidden, "approval.own")
	}
	if !allows(by, k.Decide) {
		return fault.New(fault.Forbidden, "approval.may_not_decide")
	}
	return nil
}

// tooLate tells why a request could not be decided any more.
func tooLate(tx *db.Tx, name ID) error {
	r, _, err := byID(tx, name)
	if err != nil {
		return err
	}
	if r.State == Asked || r.State == Expired {
		return fault.New(fault.Expired, "approval.expired")
	}
	return fault.New(fault.Conflict, "approval.decided", fault.P("state", string(r.State)))
}

// find is a request that is there for somebody.
func (s *Service) find(tx *db.Tx, by login.Principal, name ID) (Request, Kind, error) {
	missing := fault.New(fault.NotFound, "approval.not_found")
	if !id.Valid(string(name), "apr") {
		return Request{}, Kind{}, missing
	}
	r, found, err := byID(tx, name)
	if err != nil {
		return Request{}, Kind{}, err
	}
	k, known := s.kinds[r.Kind]
	if !found || !known || !k.sees(by, r) {
		return Request{}, Kind{}, missing
	}
	return r, k, nil
}

// Withdraw takes a request back, by whoever asked. Codes: approval.not_found, approval.decided, approval.expired,
// approval.may_not_ask (somebody else's).
func (s *Service) Withdraw(ctx context.Context, by login.Principal, name ID) error {
	now := clock.Now(ctx, s.clock)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		r, _, err := s.find(tx, by, name)
		if err != nil {
			return err
		}
		if r.AskedBy != by.Login {
			return fault.New(fault.Forbidden, "approval.may_not_ask")
		}
		withdrawn, err := withdraw(tx, name, by.Login, now)
		if err != nil {
			return err
		}
		if !withdrawn {
			return tooLate(tx, name)
		}
		r.State = Withdrawn
		return s.note(ctx, tx, by, "approval.withdrawn", r)
	})
}

// Request is one request. Codes: approval.not_found, also for one that is not there for the caller.
func (s *Service) Request(ctx context.Context, by login.Principal, name ID) (r Request, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		r, _, err = s.find(tx, by, name)
		return err
	})
	return r, err
}

// Query asks for a page of requests, newest first.
type Query struct {
	By     login.Principal
	Cursor string // of the page before, "" for the first
	Limit  int    // at most PageMax; 0: 30
}

// Page is some requests and where to go on, "" at the end.
type Page struct {
	Requests []Request
	Next     string
}

// Requests are those that are there for the caller: a shop's own, or the market's. Codes: approval.cursor.
func (s *Service) Requests(ctx context.Context, q Query) (p Page, err error) {
	if q.Limit <= 0 {
		q.Limit = 30
	}
	q.Limit = min(q.Limit, PageMax)
	before := "~" // above every id
	if q.Cursor != "" {
		if !id.Valid(q.Cursor, "apr") {
			return Page{}, fault.New(fault.Invalid, "approval.cursor").At("cursor")
		}
		before = q.Cursor
	}
	var rows []Request
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		switch q.By.Role {
		case login.Merchant:
			rows, err = byShop(tx, q.By.Shop, before, q.Limit+1)
		case login.Operator:
			rows, err = everywhere(tx, before, q.Limit+1)
		}
		return err
	})
	if err != nil {
		return Page{}, err
	}
	if len(rows) > q.Limit {
		rows = rows[:q.Limit]
		p.Next = string(rows[q.Limit-1].ID)
	}
	for _, r := range rows {
		if s.kinds[r.Kind].sees(q.By, r) {
			p.Requests = append(p.Requests, r)
		}
	}
	return p, nil
}

// MayDecide tells whether the caller may decide on a request, for the button on its page.
func (s *Service) MayDecide(by login.Principal, r Request) bool {
	k, known := s.kinds[r.Kind]
	return known && r.State == Asked && k.sees(by, r) && mayDecide(k, by, r) == nil
}

// Expire closes requests that nobody decided in time: a job's Run.
func (s *Service) Expire(ctx context.Context) (done int, err error) {
	now := clock.Now(ctx, s.clock)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		n, err := expire(tx, now)
		done = int(n)
		return err
	})
	return done, err
}

func (s *Service) note(ctx context.Context, tx *db.Tx, by login.Principal, what string, r Request) error {
	at := r.Asked
	if !r.Decided.IsZero() {
		at = r.Decided
	}
	p := by.Audited()
	return audit.Note(ctx, tx, s.ids, audit.Entry{At: at, Who: p.Who, For: p.For, Shop: r.Shop, What: what,
		On: string(r.ID), After: audit.Facts{"kind": r.Kind, "subject": r.Subject, "state": string(r.State)}})
}
