package review

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/goods/picture"
	"hutong/trade/order"
)

// The bounds of what is said, in characters and pieces.
const (
	TextMax     = 1000
	NameMax     = 30
	AnswerMax   = 500
	NoteMax     = 500
	PicturesMax = 9
	FollowDays  = 90  // in which a review can be followed up
	ImportMax   = 500 // imported reviews in one call
	ReportsMax  = 50  // reports of one shopper in a day
	sourceMax   = 40
	externalMax = 100
)

// Reason says why a review is reported, hidden or shown again.
type Reason string

// The reasons. Shopper and operator choose from the same list; Settled is the operator's alone.
const (
	Spam     Reason = "spam"      // advertising, or the same text again and again
	Abuse    Reason = "abuse"     // insults or threats
	Unlawful Reason = "unlawful"  // what the law forbids to say or show
	Private  Reason = "private"   // names, numbers or pictures of people
	OffTopic Reason = "off_topic" // not about the product
	Fake     Reason = "fake"      // bought or invented
	Settled  Reason = "settled"   // nothing is wrong with it
)

// Reasons are those that a shopper may report, in the order in which they are offered.
func Reasons() []Reason { return []Reason{Spam, Abuse, Unlawful, Private, OffTopic, Fake} }

func (s Said) check(p Pictures) (Said, error) {
	t, ok := plain(s.Text, TextMax)
	if !ok {
		return s, fault.New(fault.Invalid, "review.text", fault.P("max", TextMax)).At("text")
	}
	if len(s.Pictures) > PicturesMax {
		return s, fault.New(fault.Invalid, "review.pictures", fault.P("max", PicturesMax)).At("pictures")
	}
	for i, id := range s.Pictures {
		if !id.Valid() || slices.Contains(s.Pictures[:i], id) || p == nil || !has(p, id) {
			return s, fault.New(fault.Invalid, "review.picture").At("pictures")
		}
	}
	return Said{Text: t, Pictures: s.Pictures}, nil
}

func has(p Pictures, id picture.ID) bool {
	f, err := p.Open(id, picture.Small)
	return err == nil && f.Close() == nil
}

// plain tidies a text and tells whether it is one: not too long, and reading as it is written.
func plain(given string, most int) (string, bool) {
	if !utf8.ValidString(given) || len(given) > 8*most+64 {
		return "", false
	}
	t := strings.TrimSpace(text.Unfold(given))
	return t, utf8.RuneCountInString(t) <= most && text.Lines(t)
}

// line is plain in one line.
func line(given string, most int) (string, bool) {
	t, ok := plain(given, most)
	return t, ok && text.Line(t)
}

func checkStars(n int64) error {
	if n < 1 || n > 5 {
		return fault.New(fault.Invalid, "review.stars").At("stars")
	}
	return nil
}

// received finds a line of an order and tells whether the shopper has, or had, its goods. Whether the line was sent at
// all is the stock's to say.
func received(o order.Order, no int64) (l order.Line, ok bool) {
	for _, sub := range o.Subs {
		for _, l := range sub.Lines {
			if l.No == no {
				return l, sub.State == order.SubDelivered || sub.State == order.SubCompleted
			}
		}
	}
	return order.Line{}, false
}

// followUntil is when a review can no longer be followed up.
func (r Review) followUntil() time.Time { return r.WrittenAt.AddDate(0, 0, FollowDays) }

// same tells whether a repeated request would write what is there.
func (r Review) same(w Review) bool {
	return r.Stars == w.Stars && equal(r.Said, w.Said) && r.Anonymous == w.Anonymous && r.Author == w.Author
}

func equal(a, b Said) bool { return a.Text == b.Text && slices.Equal(a.Pictures, b.Pictures) }

// cursor is a place in a list from the newest.
type cursor struct {
	us int64
	id ID
}

func (r Review) cursor() string {
	return strconv.FormatInt(r.WrittenAt.UnixMicro(), 10) + "." + string(r.ID)
}

// parseCursor reads what cursor wrote; "" is the start. Codes: review.cursor.
func parseCursor(s string) (cursor, error) {
	if s == "" {
		return cursor{1<<62 - 1, "~"}, nil
	}
	us, id, ok := strings.Cut(s, ".")
	n, err := strconv.ParseInt(us, 10, 64)
	if !ok || err != nil || len(id) > 40 || strings.ContainsFunc(id, notID) {
		return cursor{}, fault.New(fault.Invalid, "review.cursor").At("cursor")
	}
	return cursor{n, ID(id)}, nil
}

func notID(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' }
