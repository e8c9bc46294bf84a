package settle

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
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
	Carried  int64 // what the statement before lacked, and what was charged, less what was given back of charges
	Charged  int64 // of what is carried, what was charged in this period; 0 or above
	Returned int64 // of what is carried, what was given back of charges in this period; 0 or above
	Due      int64 // net plus carried: what is paid out, when above 0
	Closed   time.Time
	Sent     int64     // of what is due, what was paid out so far
	Paid     time.Time // when the last of it was; the zero time before
}

// Rest is what is still to be paid out of it, 0 or above.
func (s *Statement) Rest() int64 { return max(s.Due, 0) - s.Sent }

// Lacked is what the statement before lacked, 0 or below.
func (s *Statement) Lacked() int64 { return s.Carried + s.Charged - s.Returned }

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

// follow completes a statement that has its shop, currency, period end, cut and sums, so that it takes up where the
// last one ended (the zero Statement for a shop's first).
func (s *Statement) follow(last Statement) {
	s.ID = statementID(s.Shop, s.Currency, s.Until)
	s.From, s.FromSeq = last.Until, last.CutSeq
	s.Carried = min(last.Due, 0) - s.Charged + s.Returned
	s.Due = s.Net + s.Carried
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

// String writes the place for an address; the beginning is empty.
func (c Cursor) String() string {
	if c == (Cursor{}) {
		return ""
	}
	return fmt.Sprintf("%d.%s.%d.%d.%d", c.LedgerSeq, c.Order, c.Sub, c.Line, c.Entry)
}

// ParseCursor reads what String wrote. Codes: statement.cursor.
func ParseCursor(s string) (c Cursor, err error) {
	if s == "" {
		return c, nil
	}
	wrong := fault.New(fault.Invalid, "statement.cursor").At("cursor")
	parts := strings.Split(s, ".")
	if len(parts) != 5 || len(s) > 120 {
		return c, wrong
	}
	var n [5]int
	for _, i := range []int{0, 2, 3, 4} {
		if n[i], err = strconv.Atoi(parts[i]); err != nil {
			return c, wrong
		}
	}
	return Cursor{LedgerSeq: int64(n[0]), Order: parts[1], Sub: n[2], Line: n[3], Entry: n[4]}, nil
}

// dayStart is the beginning of t's day in a zone: the period that CloseAll's job has to close ends there.
func dayStart(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone).UTC()
}
