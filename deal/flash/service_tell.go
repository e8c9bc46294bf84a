package flash

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/deal/campaign"
)

// TopicDrawn tells some of the entrants of a lottery how it was drawn; its body is a Part. Its subject is the item.
const TopicDrawn event.Topic = "lottery.drawn"

// Part is a range of a lottery's entrants who are told at once, by the names under which lots are drawn. It names no
// shopper: whoever listens asks who they are now, so that somebody who was erased meanwhile is told nothing.
type Part struct {
	Item campaign.EnrolmentID `json:"item"`
	Won  bool                 `json:"won"`
	From string               `json:"from"`
	To   string               `json:"to"` // the last, who is in it
}

// tellBatch is how many entrants are told with one event, and tellLots for how many lotteries in one run: what listens
// writes as many rows in one transaction, which orders wait for.
const (
	tellBatch = 500
	tellLots  = 5
)

// telling is how far the entrants of a lottery are told.
type telling struct {
	item campaign.EnrolmentID
	who  string // whose turn it is: winners or others
	told string // the last of them who was told
}

// Those who are told one after the other.
const (
	winners = "winners"
	others  = "others"
)

// Tell has the entrants of drawn lotteries told, winners first. It is a job's Run and safe to repeat: each batch is
// marked in the transaction that tells of it. Done counts lotteries that are through, so that between two batches of
// one the job rests: the notices of a great draw are spread over minutes, and orders do not wait for them.
func (s *Service) Tell(ctx context.Context) (done int, err error) {
	var all []telling
	parts := map[campaign.EnrolmentID]Part{}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if all, err = untold(tx, tellLots); err != nil {
			return err
		}
		for _, t := range all {
			last, err := lastOf(tx, t, tellBatch)
			if err != nil {
				return err
			}
			parts[t.item] = Part{Item: t.item, Won: t.who == winners, From: t.told, To: last}
		}
		return nil
	})
	if err != nil || len(all) == 0 {
		return 0, err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		done = 0
		for _, t := range all {
			through, err := s.tell(tx, t, parts[t.item], clock.Now(ctx, s.Clock))
			if err != nil {
				return err
			}
			if through {
				done++
			}
		}
		return nil
	})
	return done, err
}

// tell emits a part and marks it; of two nodes one does. Where nobody is left, it is the others' turn, or over.
func (s *Service) tell(tx *db.Tx, t telling, p Part, now time.Time) (through bool, err error) {
	next := t
	switch {
	case p.To != "":
		next.told = p.To
	case t.who == winners:
		next.who, next.told = others, ""
	default:
		next.who, next.told = "", ""
	}
	first, err := moveOn(tx, t, next)
	if err != nil || !first {
		return false, err
	}
	if p.To != "" {
		err = event.Emit(tx, s.IDs, event.Event{Topic: TopicDrawn, Subject: string(t.item), At: now, Body: event.Body(p)})
	}
	return next.who == "", err
}

// Entrants are the shoppers of a part of a drawn lottery as they are now. Somebody with two lots, their own and a
// guest's whose account they took over, is in one part alone, and among the winners if one of them won.
func Entrants(tx *db.Tx, p Part) ([]string, error) { return shoppersOf(tx, p) }
