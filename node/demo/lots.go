package demo

import (
	"context"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/deal/campaign"
	"hutong/party/login"
)

// Who takes part in the demo's lotteries, beside its shopper: in the one that is drawn fewer than there are lots, so
// that the shopper has won; in the one to come more.
const (
	entrantsDrawn = 5
	entrantsOpen  = piecesPledged + 4
)

// lots has people make appointments: this hour's lottery is drawn, the next session's goods wait for their shopper, and
// the lottery after that takes lots. What is no lottery this hour had its appointments before the market opened.
func (d *Market) lots(ctx context.Context) error {
	entrants := []string{d.people[login.Shopper].Shopper}
	for range entrantsOpen {
		id, err := d.Shoppers.Create(ctx)
		if err != nil {
			return err
		}
		entrants = append(entrants, string(id))
	}
	now := d.Clock.Now()
	hour := now.Truncate(time.Hour)
	items := d.Campaigns.Active(now)
	slices.SortStableFunc(items, func(a, b *campaign.Item) int { return a.From.Compare(b.From) })
	for _, i := range items {
		if i.Appointments == 0 {
			continue
		}
		at, some := ctx, entrants[:1]
		switch {
		case i.From.Equal(hour): // before it began
			at, some = clock.Pin(ctx, hour.Add(-time.Hour)), entrants[:1+entrantsDrawn]
		case i.Lottery && i.From.Equal(hour.Add(2*time.Hour)):
			some = entrants
		case !i.From.Equal(hour.Add(time.Hour)):
			continue
		}
		for _, one := range some {
			if err := d.Flash.Appoint(at, one, i.ID); err != nil {
				return err
			}
		}
	}
	_, err := d.Flash.Draw(ctx)
	return err
}
