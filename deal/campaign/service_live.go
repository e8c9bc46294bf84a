package campaign

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/deal/reference"
	"hutong/goods/offer"
)

const (
	// soon is how far ahead items are read.
	soon = 8 * 24 * time.Hour
	// keep is how long after their end they stay in the reading, for quotes that were given before it.
	keep = time.Hour
	// stale is after how long a reading is made anew without news: time brings items near.
	stale = time.Minute
	// LiveMax bounds one reading.
	LiveMax = 50_000
)

// Live is the newest reading: no lock, no allocation, no database. A change at this node is in it when its verb
// returns, one at another node a second later.
func (s *Service) Live() *Live { return s.live.Load() }

// Active are the items in force at an instant, or soon.
func (s *Service) Active(at time.Time) []*Item { return s.Live().Active(at) }

// Refresh reads again when there is news, or when the reading is stale. It is a job's Run.
func (s *Service) Refresh(ctx context.Context) (int, error) {
	was := s.Live()
	if now := clock.Now(ctx, s.Clock); now.Sub(was.Read) < stale && was.Seq > 0 {
		var seq int64
		err := s.DB.Read(ctx, func(tx *db.Tx) (err error) { seq, err = news(tx); return err })
		if err != nil || seq == was.Seq {
			return 0, err
		}
	}
	return 0, s.read(ctx)
}

// felt makes a change felt at this node. The change is on disk, so whoever made it may go away meanwhile.
func (s *Service) felt(ctx context.Context) error { return s.read(context.WithoutCancel(ctx)) }

func (s *Service) read(ctx context.Context) error {
	s.refresh.Lock()
	defer s.refresh.Unlock()
	now := clock.Now(ctx, s.Clock)
	return s.DB.Read(ctx, func(tx *db.Tx) error {
		l, err := s.reading(tx, now)
		if err == nil {
			s.live.Store(l)
		}
		return err
	})
}

func (s *Service) reading(tx *db.Tx, now time.Time) (*Live, error) {
	seq, err := news(tx)
	if err != nil {
		return nil, err
	}
	published, err := inForce(tx)
	if err != nil {
		return nil, err
	}
	byID := make(map[ID]Campaign, len(published))
	for _, c := range published {
		byID[c.ID] = c
	}
	all, err := pledged(tx, Window{now.Add(-keep), now.Add(soon)})
	if err != nil {
		return nil, err
	}
	sold, err := s.sold(tx, all)
	if err != nil {
		return nil, err
	}
	hours, err := s.hours(tx, all, byID)
	if err != nil {
		return nil, err
	}
	var items []Item
	for _, e := range all {
		c, known := byID[e.Campaign]
		w, ok := c.WaveOf(e.Slot, s.Zone)
		if known && ok && sold[e.Offer] {
			items = append(items, itemsOf(c, w, e, hours[e.ID])...)
		}
	}
	return newLive(seq, now, items, current(published, now)), nil
}

// sold are the offers of enrolments that shoppers can buy.
func (s *Service) sold(tx *db.Tx, all []Enrolment) (map[offer.ID]bool, error) {
	offers, skus := make([]offer.ID, len(all)), make([]string, len(all))
	for i, e := range all {
		offers[i], skus[i] = e.Offer, e.SKU
	}
	listed, err := offer.Load(tx, offers)
	if err != nil {
		return nil, err
	}
	onSale, err := s.onSale(tx, skus, false)
	sold := make(map[offer.ID]bool, len(listed))
	for id, o := range listed {
		sold[id] = o.State == offer.Listed && onSale[o.SKU]
	}
	return sold, err
}

// onSale is Deps.OnSale.
func (s *Service) onSale(tx *db.Tx, skus []string, hold bool) (map[string]bool, error) {
	if s.OnSale != nil {
		return s.OnSale(tx, skus, hold)
	}
	all := make(map[string]bool, len(skus))
	for _, k := range skus {
		all[k] = true
	}
	return all, nil
}

// current are the campaigns that are not over.
func current(all []Campaign, now time.Time) (some []Campaign) {
	for _, c := range all {
		if now.Before(c.Over()) {
			some = append(some, c)
		}
	}
	return some
}

// Over is when nothing of the campaign is left: for a sale with waves, when prices are no longer guaranteed.
func (c Campaign) Over() time.Time {
	if c.Timetable != nil {
		return c.Timetable.Days.Until.Add(time.Duration(c.Timetable.Minutes) * time.Minute)
	}
	return c.Lock.Until
}

// LowestOffered is the lowest price at which a shop sold a SKU in campaigns at any instant of a span: the sales' part
// of the history of offered prices (reference.Offered).
func (s *Service) LowestOffered(tx *db.Tx, shop, sku string, from, until time.Time) (reference.Price, bool, error) {
	return lowestOffered(tx, shop, sku, Window{from, until})
}
