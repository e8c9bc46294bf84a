package campaign

import (
	"context"
	"time"

	"hutong/base/db"
	"hutong/deal/reference"
)

// past is what a SKU was sold for before a sale, as it was read outside the writer: orders are many.
type past struct {
	read   time.Time
	lowest reference.Prior // of the rule's days
	dealt  bool            // whether it was sold within the rule's days
	prior  reference.Prior // what a struck price is held against
}

// past reads what the SKU was sold for. The days are counted back from the sale, or from now while it is ahead: what
// will be paid until then, nobody knows yet.
func (s *Service) past(tx *db.Tx, r Rule, e Enrolment, now time.Time) (p past, err error) {
	p.read = now
	until := now
	if e.Selling.From.Before(now) {
		until = e.Selling.From
	}
	back := func(days int64) reference.Window {
		return reference.Window{From: until.AddDate(0, 0, -int(days)), Until: until}
	}
	if r.Days > 0 {
		p.lowest, err = s.Reference.LowestAlone(tx, e.Shop, e.SKU, back(r.Days), r.NewToo)
	}
	if err == nil && r.Days > 0 && !p.lowest.Found() {
		// Never sold alone: what it was offered for stands in, so that a new listing is no way around.
		p.lowest, err = s.Reference.LowestOffered(tx, e.Shop, e.SKU, back(r.Days))
	}
	if err == nil && r.DealWithin > 0 {
		var deal reference.Prior
		deal, err = s.Reference.LowestDeal(tx, e.Shop, e.SKU, back(r.DealWithin))
		p.dealt = deal.Found()
	}
	if err == nil && e.Strike > 0 {
		p.prior, err = s.Reference.Prior(tx, e.Shop, e.SKU, e.Selling.From)
	}
	return p, err
}

// pastOf is past of an enrolment that is there.
func (s *Service) pastOf(ctx context.Context, id EnrolmentID, now time.Time) (p past, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		e, err := enrolmentIn(tx, id, forReading)
		if err != nil {
			return err
		}
		c, err := campaignIn(tx, e.Campaign, forReading)
		if err == nil {
			p, err = s.past(tx, c.Rule, e, now)
		}
		return err
	})
	return p, err
}
