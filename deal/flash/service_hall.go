package flash

import (
	"context"
	"slices"
	"sync"
	"time"

	"hutong/base/clock"
	"hutong/deal/campaign"
)

// Sitting is one session, or one wave, of the hall: what it is and what is sold in it.
type Sitting struct {
	Campaign campaign.ID
	Channel  campaign.Channel
	Slot     campaign.Slot
	Stage    campaign.Stage
	Window   campaign.Window // of the sale
	Warmup   time.Time
	Items    []Shelf
}

// Shelf is an item with the truth about it.
type Shelf struct {
	*campaign.Item
	View
}

// hallFresh is how long one look at the stock of the hall serves everybody.
const hallFresh = time.Second

// HallMax bounds the sittings of the hall, and the items of one.
const HallMax = 200

// halls keeps the last look.
type halls struct {
	mu   sync.Mutex
	live *campaign.Live
	at   time.Time
	hall []Sitting
}

// Hall is everything that is shown now: sittings that run or are about to, the earliest first, cheapest items first.
// It is read once a second whoever asks; do not change it.
func (s *Service) Hall(ctx context.Context) ([]Sitting, error) {
	now, live := clock.Now(ctx, s.Clock), s.Campaigns.Live()
	s.halls.mu.Lock()
	defer s.halls.mu.Unlock()
	age := now.Sub(s.halls.at)
	if s.halls.live == live && age >= 0 && age < hallFresh && sameStages(s.halls.hall, now) {
		return s.halls.hall, nil
	}
	shown := Sittings(live, now)
	stands, err := s.look(ctx, live, shown)
	if err != nil {
		return nil, err
	}
	for n := range shown {
		for k := range shown[n].Items {
			i := &shown[n].Items[k]
			i.View = stands.view(i.Item, now)
		}
	}
	s.halls.live, s.halls.at, s.halls.hall = live, now, shown
	return shown, nil
}

// sameStages tells that no sitting began or ended since the look.
func sameStages(hall []Sitting, now time.Time) bool {
	for _, s := range hall {
		if (s.Stage != campaign.Warmup) != s.Window.Holds(now) {
			return false
		}
	}
	return true
}

// Sittings groups what is shown at an instant by campaign, slot and stage. It is a function of the reading and the
// time.
func Sittings(live *campaign.Live, at time.Time) (all []Sitting) {
	type key struct {
		campaign campaign.ID
		slot     campaign.Slot
		stage    campaign.Stage
	}
	places := map[key]int{}
	for n := range live.Items {
		i := &live.Items[n]
		if !i.Shown(at) {
			continue
		}
		k := key{i.Campaign, i.Slot, i.Stage}
		place, there := places[k]
		if !there && len(all) == HallMax {
			continue
		}
		if !there {
			place = len(all)
			places[k] = place
			all = append(all, Sitting{Campaign: i.Campaign, Channel: i.Channel, Slot: i.Slot, Stage: campaign.Warmup,
				Window: campaign.Window{From: i.From, Until: i.Until}, Warmup: i.Warmup})
		}
		if i.InForce(at) {
			all[place].Stage = i.Stage
		}
		if len(all[place].Items) < HallMax {
			all[place].Items = append(all[place].Items, Shelf{Item: i})
		}
	}
	for n := range all {
		slices.SortStableFunc(all[n].Items, func(a, b Shelf) int { return int(min(max(a.Price-b.Price, -1), 1)) })
	}
	return all
}

// Item is one item with the truth about it, also when its sale is over: whoever drew a lot looks at the draw again.
// Found is false where it was in no sale.
func (s *Service) Item(ctx context.Context, item campaign.EnrolmentID) (shelf Shelf, found bool, err error) {
	now := clock.Now(ctx, s.Clock)
	live := s.Campaigns.Live()
	i := live.Item(item, now)
	if i == nil {
		sold, over, err := s.Campaigns.Sold(ctx, item)
		if err != nil || !over {
			return Shelf{}, false, err
		}
		i = &sold
	}
	stands, err := s.look(ctx, live, []Sitting{{Items: []Shelf{{Item: i}}}})
	return Shelf{i, stands.view(i, now)}, err == nil, err
}
