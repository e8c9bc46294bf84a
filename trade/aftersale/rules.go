package aftersale

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/trade/order"
)

// Settings are the market's times. DefaultSettings has those of China.
type Settings struct {
	ReturnDays int            // in which goods that are merely unwanted can be given back
	ClaimDays  int            // in which anything else can be claimed
	AnswerDays int            // in which a shop answers; one that is silent for so long has agreed. 0: never
	BackDays   int            // in which goods that the shop wants back arrive; without them the case ends. 0: never
	Zone       *time.Location // whose midnights end the days
}

// DefaultSettings are seven days without a reason and thirty with one, in Shanghai; shops answer within five, and goods
// arrive within fifteen more.
func DefaultSettings() Settings {
	return Settings{ReturnDays: 7, ClaimDays: 30, AnswerDays: 5, BackDays: 15,
		Zone: time.FixedZone("Asia/Shanghai", 8*60*60)}
}

// The bounds of a request.
const (
	keyMax   = 100 // bytes
	noteMax  = 500 // characters
	linesMax = 1000
)

// until is the end of the window of a reason: days count from the day after receipt, in the market's zone, so whatever
// the hour of receipt the last day is whole (RULES 1.10).
func (set Settings) until(received time.Time, r Reason) time.Time {
	days := set.ClaimDays
	if r == Unwanted {
		days = set.ReturnDays
	}
	y, m, d := received.In(set.Zone).Date()
	return time.Date(y, m, d+days+1, 0, 0, 0, 0, set.Zone)
}

// Last is until when anything at all can be asked for of what was received at an instant.
func (set Settings) Last(received time.Time) time.Time {
	last := set.until(received, Unwanted)
	if other := set.until(received, Other); other.After(last) {
		last = other
	}
	return last
}

// answerBy is until when its shop answers a case, or says where the goods of an agreed one go; zero when nobody waits
// for that.
func (set Settings) answerBy(c Case) time.Time {
	if c.State != Opened || set.AnswerDays == 0 {
		return set.sayBy(c)
	}
	return c.OpenedAt.AddDate(0, 0, set.AnswerDays)
}

// sayBy is until when a shop that was silent says where the goods of a case go: it has as long again as for its answer.
// Zero when nobody waits for that.
func (set Settings) sayBy(c Case) time.Time {
	if c.State != Agreed || set.AnswerDays == 0 || len(c.Steps) == 0 || c.SendTo.Set() {
		return time.Time{}
	}
	return c.Steps[len(c.Steps)-1].At.AddDate(0, 0, set.AnswerDays)
}

// backBy is until when the goods of an agreed case arrive; zero when nobody waits for that. The time begins when it is
// known where they go: a shop that was silent may not have said so.
func (set Settings) backBy(c Case) time.Time {
	if c.State != Agreed || set.BackDays == 0 || len(c.Steps) == 0 || !c.SendTo.Set() {
		return time.Time{}
	}
	from := c.Steps[len(c.Steps)-1].At
	if c.SendTo.Since.After(from) {
		from = c.SendTo.Since
	}
	return from.AddDate(0, 0, set.BackDays)
}

// date says until when somebody acts.
func (set Settings) date(c *Case) { c.AnswerBy, c.BackBy = set.answerBy(*c), set.backBy(*c) }

// sendsBack tells whether a shop's silence agrees to goods that go back first: the money is the shopper's once the shop
// has them. There is nothing to send back of what never came, as far as the carrier knows, or was not in the parcel.
func (c Case) sendsBack(received bool) bool {
	switch c.Reason {
	case Missing, OutOfStock:
		return false
	case NotArrived:
		return received
	}
	return true
}

// receivedAt is when the shopper first had the goods of a suborder; ok is false while they are on their way.
func receivedAt(o order.Order, seq int64) (at time.Time, ok bool) {
	for _, s := range o.Steps {
		if s.Seq != seq || s.To != string(order.SubDelivered) && s.To != string(order.SubCompleted) {
			continue
		}
		if !ok || s.At.Before(at) {
			at, ok = s.At, true
		}
	}
	return at, ok
}

// request is what the verbs that make a case have in common.
type request struct {
	by      Party
	order   order.ID
	seq     int64
	lines   []order.Units
	reason  Reason
	note    string
	restock bool
	key     string
	shown   *int64
}

// agrees refuses a case that would bring another amount than was shown. Codes: aftersale.amount_changed.
func (r *request) agrees(c *Case) error {
	if r.shown == nil || *r.shown == c.Amount {
		return nil
	}
	return fault.New(fault.Conflict, "aftersale.amount_changed", fault.P("amount", money.New(c.Amount, c.Currency))).
		At("amount")
}

// check refuses a malformed request and tidies its note. Codes: aftersale.key_form, aftersale.reason, aftersale.note,
// aftersale.lines, each at its field.
func (r *request) check() error {
	if r.key == "" || len(r.key) > keyMax || !utf8.ValidString(r.key) {
		return fault.New(fault.Invalid, "aftersale.key_form", fault.P("max", keyMax)).At("key")
	}
	if !r.reason.Valid() || r.reason.ours() && !r.by.Operator {
		return fault.New(fault.Invalid, "aftersale.reason").At("reason")
	}
	seen := map[int64]bool{}
	for _, l := range r.lines {
		if l.Units < 1 || seen[l.Line] || len(r.lines) > linesMax {
			return fault.New(fault.Invalid, "aftersale.lines").At("lines")
		}
		seen[l.Line] = true
	}
	return tidyNote(&r.note)
}

func tidyNote(note *string) error {
	n := strings.TrimSpace(text.Unfold(*note))
	if utf8.RuneCountInString(n) > noteMax || !text.Lines(n) {
		return fault.New(fault.Invalid, "aftersale.note", fault.P("max", noteMax)).At("note")
	}
	*note = n
	return nil
}

// scopedKey keeps the keys of different people apart: two who chose the same one are not one request.
func (r *request) scopedKey() string { return r.by.actor() + ":" + r.key }

// hash tells one request from another under the same key.
func (r *request) hash() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %v %s %v %q", r.seq, r.lines, r.reason, r.restock, r.note))
	return hex.EncodeToString(sum[:8])
}

// wanted are the pieces that a case of shipped goods asks back, with what they would bring as things stand: those
// named, or all that is left. Pieces that another open case asks back are not there to be asked again.
// Codes: order.line, order.units.
func wanted(sub order.Sub, asked []order.Units, claimed map[int64]int64) ([]Line, error) {
	if len(asked) == 0 {
		for _, l := range sub.Lines {
			if n := l.Left() - claimed[l.No]; n > 0 {
				asked = append(asked, order.Units{Line: l.No, Units: n})
			}
		}
		if len(asked) == 0 {
			return nil, tooMany(1, 0)
		}
	}
	all := make([]Line, len(asked))
	for i, u := range asked {
		l, ok := lineOf(sub, u.Line)
		if !ok {
			return nil, fault.New(fault.Unprocessable, "order.line", fault.P("line", u.Line)).At("lines")
		}
		if left := l.Left() - claimed[u.Line]; u.Units > left {
			return nil, tooMany(u.Line, max(left, 0))
		}
		amount, err := l.Brings(u.Units)
		if err != nil {
			return nil, err
		}
		all[i] = Line{Line: u.Line, Units: u.Units, Amount: amount}
	}
	return all, nil
}

func tooMany(line, left int64) error {
	return fault.New(fault.Unprocessable, "order.units", fault.P("line", line), fault.P("left", left)).At("lines")
}

func lineOf(sub order.Sub, no int64) (order.Line, bool) {
	for _, l := range sub.Lines {
		if l.No == no {
			return l, true
		}
	}
	return order.Line{}, false
}

func subOf(o order.Order, seq int64) (order.Sub, error) {
	for _, s := range o.Subs {
		if s.Seq == seq {
			return s, nil
		}
	}
	return order.Sub{}, fault.New(fault.NotFound, "order.not_found")
}

// units are the case's lines as trade/order takes them.
func (c Case) units() []order.Units {
	all := make([]order.Units, len(c.Lines))
	for i, l := range c.Lines {
		all[i] = order.Units{Line: l.Line, Units: l.Units}
	}
	return all
}
