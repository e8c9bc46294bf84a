package campaign

import (
	"context"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
)

// Enrolment is one enrolment, of a shop when shop is not "". Codes: enrolment.not_found, also for another shop's.
func (s *Service) Enrolment(ctx context.Context, shop string, id EnrolmentID) (e Enrolment, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if e, err = enrolmentIn(tx, id, forReading); err == nil && shop != "" && e.Shop != shop {
			err = notFound()
		}
		return err
	})
	if err != nil {
		return Enrolment{}, err
	}
	return e, nil
}

// Sold is the last window of an enrolment that was sold in its sale, once that is over: what pages say of it later.
func (s *Service) Sold(ctx context.Context, id EnrolmentID) (sold Item, found bool, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		e, err := enrolmentIn(tx, id, forReading)
		if fault.Is(err, "enrolment.not_found") || err == nil && e.State != Pledged && e.State != Ended {
			return nil
		}
		if err != nil {
			return err
		}
		c, w, err := s.place(tx, e.Campaign, e.Slot, forReading)
		if err != nil {
			return err
		}
		now := clock.Now(ctx, s.Clock)
		for _, i := range itemsOf(c, w, e, 0) {
			if !now.Before(i.Until) && (!found || i.Until.After(sold.Until)) {
				sold, found = i, true
			}
		}
		return nil
	})
	return sold, found, err
}

func notFound() error { return fault.New(fault.NotFound, "enrolment.not_found") }

// ByShop are a shop's enrolments, newest first, before an id ("" for the newest).
func (s *Service) ByShop(ctx context.Context, shop string, before EnrolmentID, limit int) (all []Enrolment, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = byShop(tx, shop, before, min(max(limit, 1), PageMax))
		return err
	})
	return all, err
}

// Queue is what waits for review, oldest first, after an id ("" for the oldest).
func (s *Service) Queue(ctx context.Context, after EnrolmentID, limit int) (all []Enrolment, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = queue(tx, after, min(max(limit, 1), PageMax))
		return err
	})
	return all, err
}

// ByCampaign are the enrolments of a campaign, in whatever state, newest first, before an id ("" for the newest).
func (s *Service) ByCampaign(ctx context.Context, c ID, before EnrolmentID, limit int) (all []Enrolment, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = byCampaign(tx, c, before, min(max(limit, 1), PageMax))
		return err
	})
	return all, err
}
