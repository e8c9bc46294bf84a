package settle

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"hutong/base/clock"
	"hutong/base/money"
	"hutong/funds/ledger"
)

// StatementID names a statement, "stm_...". It follows from shop, currency and period (FAULTS R25).
type StatementID string

// State is a statement's position.
type State string

// The states of a statement.
const (
	Closed  State = "closed"   // the operator pays it out, or the next statement takes over what it lacks
	PaidOut State = "paid_out" // nobody acts; the end
)

// Statement is a shop's closed account of one period in one currency: all claims between two cuts of the books.
type Statement struct {
	ID       StatementID
	Shop     string
	Currency money.Currency
	From     time.Time // where the period before ended; the zero time for the first
	Until    time.Time
	FromSeq  int64 // claims above this position of the books
	CutSeq   int64 // and up to this one
	Sums
	Carried int64 // what the statement before lacked, 0 or below
	Due     int64 // net plus carried: what is paid out, when above 0
	Closed  time.Time
	Paid    time.Time // the zero time until it is paid out
}

// State is the statement's position.
func (s *Statement) State() State {
	if s.Paid.IsZero() {
		return Closed
	}
	return PaidOut
}

// Sums are what claims of one shop come to.
type Sums struct {
	Claims   int64 // how many
	Gross    int64 // paid for goods
	Refunded int64 // of it, paid back
	Fees     int64 // taken by the operator, less what refunds returned
	Freight  int64 // earned by own delivery
	Net      int64 // gross - refunded - fees + freight
}

// Totals are all claims of a shop in one currency.
type Totals struct {
	Currency money.Currency
	Sums
}

// next is the statement that follows last (the zero Statement for a shop's first) over these sums.
func next(shop string, last Statement, sums Sums, cut int64, until, now time.Time) Statement {
	return Statement{
		ID:   statementID(shop, last.Currency, until),
		Shop: shop, Currency: last.Currency,
		From: last.Until, Until: until, FromSeq: last.CutSeq, CutSeq: cut,
		Sums: sums, Carried: min(last.Due, 0), Due: sums.Net + min(last.Due, 0), Closed: now,
	}
}

// statementID is made from what the statement is about, so that closing a period twice meets the same row.
func statementID(shop string, c money.Currency, until time.Time) StatementID {
	b := append([]byte(shop), 0)
	b = append(append(b, c...), 0)
	b = binary.BigEndian.AppendUint64(b, uint64(clock.Micros(until)))
	return StatementID(ledger.NamedID("stm", until, sha256.Sum256(b)))
}

// Cursor is a place in the lines of a statement; the zero Cursor is its beginning.
type Cursor struct {
	LedgerSeq        int64
	Order            string
	Sub, Line, Entry int
}

// Cursor is the place right after this line.
func (l *ClaimLine) Cursor() Cursor { return Cursor{l.LedgerSeq, l.Order, l.Sub, l.Line, l.Entry} }

// dayStart is the beginning of t's day in a zone: the period that CloseAll's job has to close ends there.
func dayStart(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone).UTC()
}
