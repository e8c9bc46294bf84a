package audit

import (
	"context"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/id"
)

// PageMax bounds one page of entries.
const PageMax = 200

// Service reads the record, and notes what has no transaction of its own.
type Service struct {
	db    *db.DB
	clock clock.Clock
	ids   IDs
}

// New makes the Service.
func New(d *db.DB, c clock.Clock, ids IDs) *Service { return &Service{d, c, ids} }

// Query asks for a page of entries, newest first. Shop narrows it to what that shop may read, Subject to one object.
type Query struct {
	Shop    string
	Subject string
	Cursor  string // of the page before, "" for the first
	Limit   int    // at most PageMax; 0: 50
}

// Page is some entries and where to go on, "" at the end.
type Page struct {
	Entries []Entry
	Next    string
}

// ByShop is what was changed in one shop. Another shop's entries and the market's own are not in it.
// Codes: audit.cursor.
func (s *Service) ByShop(ctx context.Context, shop string, q Query) (Page, error) {
	q.Shop, q.Subject = shop, ""
	return s.page(ctx, q, func(tx *db.Tx, before string, limit int) ([]Entry, error) {
		return byShop(tx, q.Shop, before, limit)
	})
}

// Entries is what was changed anywhere, for the operator. Codes: audit.cursor.
func (s *Service) Entries(ctx context.Context, q Query) (Page, error) {
	return s.page(ctx, q, func(tx *db.Tx, before string, limit int) ([]Entry, error) {
		switch {
		case q.Subject != "":
			return bySubject(tx, q.Subject, before, limit)
		case q.Shop != "":
			return byShop(tx, q.Shop, before, limit)
		}
		return all(tx, before, limit)
	})
}

type read func(tx *db.Tx, before string, limit int) ([]Entry, error)

func (s *Service) page(ctx context.Context, q Query, from read) (p Page, err error) {
	if q.Limit <= 0 {
		q.Limit = 50
	}
	q.Limit = min(q.Limit, PageMax)
	before := last
	if q.Cursor != "" {
		if !id.Valid(q.Cursor, "aud") {
			return Page{}, fault.New(fault.Invalid, "audit.cursor").At("cursor")
		}
		before = q.Cursor
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		p.Entries, err = from(tx, before, q.Limit+1)
		return err
	})
	if err != nil {
		return Page{}, err
	}
	if len(p.Entries) > q.Limit {
		p.Entries = p.Entries[:q.Limit]
		p.Next = p.Entries[q.Limit-1].ID
	}
	return p, nil
}

// Note writes an entry in a transaction of its own, for what was tried and refused: a refusal changes nothing that it
// could be written with. At is now unless the entry says otherwise.
func (s *Service) Note(ctx context.Context, e Entry) error {
	return s.db.Write(ctx, func(tx *db.Tx) error { return s.NoteIn(ctx, tx, e) })
}

// NoteIn is Note in the transaction of the change, for whoever has no ids at hand.
func (s *Service) NoteIn(ctx context.Context, tx *db.Tx, e Entry) error {
	if e.At.IsZero() {
		e.At = clock.Now(ctx, s.clock)
	}
	return Note(ctx, tx, s.ids, e)
}
