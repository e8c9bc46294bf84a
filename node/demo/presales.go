package demo

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/text"
	"hutong/deal/campaign"
)

// presale opens a sale whose earnest is taken today; the balance opens in two days.
func (d *Market) presale(ctx context.Context) error {
	now := d.Clock.Now()
	before := clock.Pin(ctx, now.Add(-4*time.Hour))
	y, m, today := now.In(campaign.Shanghai).Date()
	midnight := func(days int) time.Time {
		return time.Date(y, m, today+days, 0, 0, 0, 0, campaign.Shanghai).UTC()
	}
	c, err := d.published(before, campaign.Plan{Title: text.Entry{Zh: "新品预售", En: "New things, ahead of time"},
		Channel: campaign.Sale, Switches: campaign.Switches{Presale: true},
		Recruit: campaign.Window{From: now.AddDate(0, 0, -1), Until: now.Add(-3 * time.Hour)},
		Lock:    campaign.Window{From: now.Add(-2 * time.Hour), Until: midnight(12)},
		Waves: []campaign.Wave{{Title: text.Entry{Zh: "第一波", En: "First wave"}, Phases: []campaign.Phase{
			{Stage: campaign.Earnest, Window: campaign.Window{From: now, Until: midnight(2)}},
			{Stage: campaign.Balance, Window: campaign.Window{From: midnight(2).Add(30 * time.Minute), Until: midnight(5)}}}}}})
	if err != nil {
		return err
	}
	for i := range d.Offers { // the first thing that is dear enough to be paid in two parts
		o := d.Offers[i]
		enough, err := d.enough(ctx, o)
		if err != nil {
			return err
		}
		if !enough || o.UnitPrice < 10_000 {
			continue
		}
		price := o.UnitPrice * 8 / 10
		took, err := d.join(before, campaign.Enrol{Shop: o.Shop, Campaign: c.ID, Slot: campaign.Slot{Wave: 1}, Offer: o.ID,
			Terms: campaign.Terms{Price: price, Quantity: piecesPledged, PerShopper: 2, Part: campaign.Part{Presale: true},
				Earnest: price / 10 / 100 * 100, Worth: price / 5 / 100 * 100}})
		if err != nil || took {
			return err
		}
	}
	return nil
}
