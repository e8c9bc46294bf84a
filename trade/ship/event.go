package ship

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Code says what happened to a parcel, in the numbers of WeChat Shop's interface; adapters translate their carrier's
// own to them.
type Code int

// The codes of tracking events.
const (
	Awaiting       Code = 0  // 待揽件
	Collected      Code = 1  // 揽收
	Moving         Code = 2  // 运输中
	OutForDelivery Code = 3  // 派件
	InLocker       Code = 4  // 入柜: laid into a locker, which is not yet delivered
	Signed         Code = 5  // 签收
	SentBack       Code = 6  // 退回
	Forwarded      Code = 7  // 转寄
	Abnormal       Code = 8  // 异常
	FromLocker     Code = 9  // 出柜: the shopper took it out of the locker
	Unclear        Code = 99 // 未知
)

// Valid tells whether c is one of the codes.
func (c Code) Valid() bool { return c >= Awaiting && c <= FromLocker || c == Unclear }

// Delivers tells whether the shopper has the parcel after such an event.
func (c Code) Delivers() bool { return c == Signed || c == FromLocker }

// TextKey is what people read for the code, as a key of this room's texts.
func (c Code) TextKey() string { return codeKeys[c] }

var codeKeys = map[Code]string{
	Awaiting: "ship.event.awaiting", Collected: "ship.event.collected", Moving: "ship.event.moving",
	OutForDelivery: "ship.event.out", InLocker: "ship.event.in_locker", Signed: "ship.event.signed",
	SentBack: "ship.event.sent_back", Forwarded: "ship.event.forwarded", Abnormal: "ship.event.abnormal",
	FromLocker: "ship.event.from_locker", Unclear: "ship.event.unclear",
}

// Event is one report about a parcel.
type Event struct {
	Code    Code
	At      time.Time
	PlaceZh string
	PlaceEn string
}

// Standing is what the events of a parcel amount to.
type Standing struct {
	State       State
	DeliveredAt time.Time // the first time that the shopper had it; zero before
}

// Stand tells where a parcel stands. It asks the set of events only, so that it does not matter in which order they
// arrived, how often, or in how many pieces. A parcel that was delivered stays so whatever else is reported of it;
// only its way back to the sender, later than the delivery or at the same instant, is believed.
func Stand(events []Event) Standing {
	st := Standing{State: Booked}
	var had, back time.Time // the last delivery and the last return
	for _, e := range events {
		switch {
		case e.Code.Delivers():
			had = later(had, e.At)
			if st.DeliveredAt.IsZero() || e.At.Before(st.DeliveredAt) {
				st.DeliveredAt = e.At
			}
		case e.Code == SentBack:
			back = later(back, e.At)
		case e.Code != Awaiting && e.Code != Unclear:
			st.State = InTransit
		}
	}
	switch {
	case !back.IsZero() && !back.Before(had):
		st.State = Returned
	case !had.IsZero():
		st.State = Delivered
	}
	return st
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// The bounds of what a carrier may report.
const (
	eventsMax   = 200              // of one parcel, at once; and of all, of those that end its way and of the others
	placeMax    = 80               // characters
	clockSkew   = 10 * time.Minute // by which a carrier's clock may run ahead of ours
	beforeShips = 72 * time.Hour   // by which a merchant may tell us late that a parcel left
)

// believable tells whether an event can be about this parcel. A delivery before we were told of the parcel is not: it
// is another parcel's number (used again, or made up) and must not complete an order.
func (e Event) believable(booked, now time.Time) bool {
	from := booked.Add(-beforeShips)
	if e.Code.Delivers() || e.Code == SentBack {
		from = booked
	}
	return e.Code.Valid() && !e.At.Before(from) && !e.At.After(now.Add(clockSkew))
}

// ends tells whether the event decides where a parcel ends.
func (e Event) ends() bool { return e.Code.Delivers() || e.Code == SentBack }

// same tells whether two events are one report.
func (e Event) same(o Event) bool {
	return e.At.Equal(o.At) && e.Code == o.Code && e.PlaceZh == o.PlaceZh
}

// fitting are the events that are news of a parcel of which some are known, as long as it has not too many of them: a
// carrier that invents a way of new stops at every question fills no table, and what it says of the end is still heard.
func fitting(known, said []Event) (news []Event) {
	count := map[bool]int{}
	for _, e := range known {
		count[e.ends()]++
	}
	for _, e := range said {
		if slices.ContainsFunc(known, e.same) || slices.ContainsFunc(news, e.same) || count[e.ends()] >= eventsMax {
			continue
		}
		count[e.ends()]++
		news = append(news, e)
	}
	return news
}

// tidy is the event as it is stored: to the microsecond, its places as one short line of text.
func (e Event) tidy() Event {
	e.At = e.At.UTC().Truncate(time.Microsecond)
	e.PlaceZh, e.PlaceEn = line(e.PlaceZh), line(e.PlaceEn)
	return e
}

func line(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if utf8.RuneCountInString(s) > placeMax {
		s = string([]rune(s)[:placeMax])
	}
	return strings.TrimSpace(s)
}

// sortEvents puts events in the order in which they are told: by time, then by code.
func sortEvents(all []Event) {
	slices.SortStableFunc(all, func(a, b Event) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return int(a.Code) - int(b.Code)
	})
}
