package campaign

import (
	"context"
	"time"

	"hutong/base/db"
	"hutong/party/login"
)

// Places knows which enrolments have a place in a Juhuasuan sale, where places are few and paid for: deal/place. Only
// those are locked; what an enrolment has there ends with it, in the same transaction.
type Places interface {
	// Has tells whether an enrolment has its place.
	Has(tx *db.Tx, id EnrolmentID) (bool, error)
	// Hours tells, of the enrolments that have a place, within how many hours of being paid its orders are sent.
	Hours(tx *db.Tx, ids []EnrolmentID) (map[EnrolmentID]int64, error)
	// Left ends what an enrolment has.
	Left(ctx context.Context, tx *db.Tx, l Leaving) error
}

// Leaving is an enrolment that leaves a sale before its end.
type Leaving struct {
	ID       EnrolmentID
	ByMarket bool // the market decided so, and gives back what it took; else the shop did, or did not keep its word
	By       login.ID
	Why      string
	At       time.Time
}

// Plug gives the room those who sell places; without them no Juhuasuan sale locks anything.
func (s *Service) Plug(p Places) { s.places = p }

// placed tells whether an enrolment may be locked: anywhere but where places are sold, or with its place.
func (s *Service) placed(tx *db.Tx, e Enrolment) (bool, error) {
	c, err := campaignIn(tx, e.Campaign, forReading)
	if err != nil || c.Channel != Juhuasuan {
		return err == nil, err
	}
	if s.places == nil {
		return false, nil
	}
	return s.places.Has(tx, e.ID)
}

// hours is Hours of the enrolments in campaigns where places are sold; where there are none, nobody is asked.
func (s *Service) hours(tx *db.Tx, all []Enrolment, in map[ID]Campaign) (map[EnrolmentID]int64, error) {
	var ids []EnrolmentID
	for _, e := range all {
		if in[e.Campaign].Channel == Juhuasuan {
			ids = append(ids, e.ID)
		}
	}
	if s.places == nil || len(ids) == 0 {
		return nil, nil
	}
	return s.places.Hours(tx, ids)
}

// left tells those who sell places that an enrolment leaves.
func (s *Service) left(ctx context.Context, tx *db.Tx, l Leaving) error {
	if s.places == nil {
		return nil
	}
	return s.places.Left(ctx, tx, l)
}

// Hold reads an enrolment in the caller's transaction; it is locked until its end. Codes: enrolment.not_found.
func Hold(tx *db.Tx, id EnrolmentID) (Enrolment, error) { return enrolmentIn(tx, id, forWriting) }

// Seen reads an enrolment in the caller's transaction. Codes: enrolment.not_found.
func Seen(tx *db.Tx, id EnrolmentID) (Enrolment, error) { return enrolmentIn(tx, id, forReading) }

// Find reads a campaign in the caller's transaction, locked against its cancelling. Codes: campaign.not_found.
func Find(tx *db.Tx, id ID) (Campaign, error) { return campaignIn(tx, id, forWriting) }
