package review

import (
	"context"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/goods/catalog"
	"hutong/goods/picture"
	"hutong/trade/order"
)

// The topics that this room tells; the subject is the review.
const (
	TopicWritten   event.Topic = "review.written" // also a follow-up
	TopicAnswered  event.Topic = "review.answered"
	TopicModerated event.Topic = "review.moderated"
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Pictures keeps pictures; goods/picture.
type Pictures interface {
	Open(id picture.ID, size picture.Size) (picture.File, error)
}

// Deps are what reviews stand on.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	IDs      IDs
	Orders   *order.Service
	Catalog  *catalog.Service
	Pictures Pictures // nil: reviews have no pictures
}

// Service holds the verbs of reviews.
type Service struct{ Deps }

// New makes the Service.
func New(d Deps) *Service { return &Service{d} }

// Write is a shopper's word on one line of an order.
type Write struct {
	Shopper   string
	Order     order.ID
	Line      int64
	Stars     int64
	Said      Said
	Anonymous bool
	Name      string // to be shown; "" for none
}

// Write writes the review of a line, once: the same words again are answered as they stand.
//
// Codes: order.not_found (also for somebody else's), order.line, review.stars, review.text, review.pictures,
// review.picture, review.name, review.not_received, review.exists.
func (s *Service) Write(ctx context.Context, cmd Write) (Review, error) {
	r, err := s.draft(cmd)
	if err != nil {
		return Review{}, err
	}
	o, err := s.Orders.Order(ctx, cmd.Shopper, cmd.Order)
	if err != nil {
		return Review{}, err
	}
	l, ok := received(o, cmd.Line)
	if l.No == 0 {
		return Review{}, fault.New(fault.Unprocessable, "order.line", fault.P("line", cmd.Line)).At("line")
	}
	if !ok {
		return Review{}, notReceived()
	}
	r.ID, r.Shopper, r.Order, r.Line = ID(s.IDs.New("rev")), o.Shopper, o.ID, l.No
	r.Product, r.SKU, r.Choice, r.Shop, r.Returned = l.Product, l.SKU, l.Choice, l.Shop, l.Left() == 0
	r.WrittenAt = clock.Now(ctx, s.Clock)
	return r, s.DB.Write(ctx, func(tx *db.Tx) error {
		// The order's row is the lock of everything about the order: of two presses the second finds the first's words.
		if _, err := order.Headers(tx, []order.ID{o.ID}); err != nil {
			return err
		}
		known, err := ofOrder(tx, o.Shopper, o.ID)
		if err != nil {
			return err
		}
		for _, k := range known {
			if k.Line == l.No {
				return r.repeated(&r, k)
			}
		}
		return s.write(tx, r)
	})
}

// Ready tells whether a review would be taken, but for its pictures: a page keeps those of no other. Said is true where
// the line has its review, so that a press that came twice is compared with it. Codes: those of Write.
func (s *Service) Ready(ctx context.Context, cmd Write) (said bool, err error) {
	cmd.Said.Pictures = nil
	if _, err := s.draft(cmd); err != nil {
		return false, err
	}
	written, open, err := s.OfOrder(ctx, cmd.Shopper, cmd.Order)
	if _, said = written[cmd.Line]; err == nil && !said && !slices.Contains(open, cmd.Line) {
		err = notReceived()
	}
	return said, err
}

func notReceived() error { return fault.New(fault.Unprocessable, "review.not_received") }

// repeated answers a press that came twice with what is there.
func (r Review) repeated(into *Review, known Review) error {
	if !known.same(r) {
		return fault.New(fault.Conflict, "review.exists")
	}
	*into = known
	return nil
}

func (s *Service) draft(cmd Write) (r Review, err error) {
	if err := checkStars(cmd.Stars); err != nil {
		return Review{}, err
	}
	name, ok := line(cmd.Name, NameMax)
	if !ok {
		return Review{}, fault.New(fault.Invalid, "review.name", fault.P("max", NameMax)).At("name")
	}
	if cmd.Anonymous {
		name = ""
	}
	r = Review{Author: name, Anonymous: cmd.Anonymous, Stars: cmd.Stars, State: Shown}
	r.Said, err = cmd.Said.check(s.Pictures)
	return r, err
}

// write inserts and counts a review whose line was really sent, and not refunded before.
func (s *Service) write(tx *db.Tx, r Review) error {
	sent, err := order.Sent(tx, r.Order)
	if err != nil {
		return err
	}
	if !sent[r.Line] {
		return notReceived()
	}
	if err := insert(tx, r); err != nil {
		return err
	}
	t := tally{}
	t.add(r, 1)
	if err := count(tx, t); err != nil {
		return err
	}
	return s.tell(tx, TopicWritten, r, r.WrittenAt, map[string]any{"product": r.Product, "stars": r.Stars,
		"order": r.Order, "line": r.Line})
}

func (s *Service) tell(tx *db.Tx, topic event.Topic, r Review, at time.Time, body map[string]any) error {
	return event.Emit(tx, s.IDs, event.Event{Topic: topic, Subject: string(r.ID), Shop: r.Shop, Shopper: r.Shopper,
		Body: event.Body(body), At: at})
}

// FollowUp is what a shopper adds to a review later.
type FollowUp struct {
	Shopper string
	Review  ID
	Said    Said
}

// FollowUp adds to a review, once, within FollowDays; the same words again are answered as they stand. The stars stay.
// Codes: review.not_found (also for somebody else's), review.text, review.pictures, review.picture, review.empty,
// review.followed, review.too_late.
func (s *Service) FollowUp(ctx context.Context, cmd FollowUp) (r Review, err error) {
	said, err := cmd.Said.check(s.Pictures)
	if err != nil {
		return Review{}, err
	}
	if said.Empty() {
		return Review{}, fault.New(fault.Invalid, "review.empty").At("text")
	}
	at := clock.Now(ctx, s.Clock)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if r, err = one(tx, cmd.Review, ofShopper, cmd.Shopper); err != nil {
			return err
		}
		if !r.FollowedAt.IsZero() {
			if equal(r.FollowUp, said) {
				return nil
			}
			return fault.New(fault.Conflict, "review.followed")
		}
		if !at.Before(r.followUntil()) {
			return fault.New(fault.Unprocessable, "review.too_late", fault.P("days", FollowDays))
		}
		r.FollowUp, r.FollowedAt = said, at
		if _, err := saveFollowUp(tx, r); err != nil {
			return err
		}
		return s.tell(tx, TopicWritten, r, at, map[string]any{"product": r.Product, "follow_up": true})
	})
	return r, err
}

// Answer is the merchant's word on a review.
type Answer struct {
	Shop   string
	Review ID
	Text   string
}

// Answer answers a review, or changes the answer. It is safe to repeat. Imported reviews are answered like others.
// Codes: review.not_found (also for another shop's), review.answer.
func (s *Service) Answer(ctx context.Context, cmd Answer) (r Review, err error) {
	words, ok := plain(cmd.Text, AnswerMax)
	if !ok || words == "" {
		return Review{}, fault.New(fault.Invalid, "review.answer", fault.P("max", AnswerMax)).At("text")
	}
	at := clock.Now(ctx, s.Clock)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if r, err = one(tx, cmd.Review, ofShop, cmd.Shop); err != nil || r.Answer == words {
			return err
		}
		r.Answer, r.AnsweredAt = words, at
		if err := saveAnswer(tx, r); err != nil {
			return err
		}
		return s.tell(tx, TopicAnswered, r, at, map[string]any{"product": r.Product})
	})
	return r.sold(), err
}
