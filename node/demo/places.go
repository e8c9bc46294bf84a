package demo

import (
	"context"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/place"
	"hutong/funds/settle"
	"hutong/goods/offer"
)

// food is where in the catalogue tea and noodles are.
const food = "fb"

// bidder is a demo shop that takes part in a Juhuasuan sale, and how far it came.
type bidder struct {
	shop    int // among the first
	opening int // that it bids for
	upTo    place.State
	note    string // the operator's
}

// juhuasuan has a Juhuasuan sale whose places were bought, and which sells today, and one to come, in which the
// demo's merchant was shortlisted and pays next.
func (d *Market) juhuasuan(ctx context.Context) error {
	today := []bidder{{shop: 1, upTo: place.Paid}, {shop: 0, opening: 1, upTo: place.Paid}}
	coming := []bidder{{shop: 0, upTo: place.Shortlisted}, {shop: 1, upTo: place.Paid},
		{shop: 4, opening: 1, upTo: place.Applied},
		{shop: 5, opening: 1, upTo: place.Refused, note: "本期以家居为主 · This day is for things of the home"},
		{shop: 0, opening: 1}}
	err := d.placesOf(ctx, text.Entry{Zh: "聚划算 · 今日好货", En: "Juhuasuan: good things of today"}, 0, today)
	if err != nil {
		return err
	}
	err = d.placesOf(ctx, text.Entry{Zh: "聚划算 · 品质生活", En: "Juhuasuan: living well"}, 3, coming)
	if err != nil {
		return err
	}
	_, err = d.Campaigns.Lock(ctx)
	return err
}

// placesOf has a sale of one day, so many days from today, with bids for its two openings: of food, where the
// commission counts against the fee, and of anything, where it comes beside it.
func (d *Market) placesOf(ctx context.Context, title text.Entry, days int, all []bidder) error {
	y, m, today := d.Clock.Now().In(campaign.Shanghai).Date()
	midnight := func(n int) time.Time { return time.Date(y, m, today+n, 0, 0, 0, 0, campaign.Shanghai).UTC() }
	lock := midnight(days).Add(-6 * time.Hour)
	wave := campaign.Wave{Title: text.Entry{Zh: "全天", En: "All day"}, Phases: []campaign.Phase{
		{Stage: campaign.Spot, Window: campaign.Window{From: midnight(days), Until: midnight(days + 1)}}}}
	at := clock.Pin(ctx, midnight(min(days, 0)-1)) // when all of it was said
	c, err := d.published(at, campaign.Plan{Title: title, Channel: campaign.Juhuasuan,
		Recruit: campaign.Window{From: midnight(-2), Until: lock},
		Lock:    campaign.Window{From: lock, Until: midnight(days + 2)},
		Rule:    campaign.Rule{QuantityMin: 5}, Waves: []campaign.Wave{wave}})
	if err != nil {
		return err
	}
	offered := place.Offer{Campaign: c.ID, Wave: 1, Category: food, Places: 2, Currency: d.Checkout.Settings().Currency,
		Fee: 30_000, Terms: place.Guarantee, Commission: 50_000, PayBy: lock, ShipHours: 24}
	first, err := d.Places.Publish(at, clerk, offered)
	if err != nil {
		return err
	}
	offered.Category, offered.Fee, offered.Terms, offered.Commission = "", 12_000, place.Fixed, 30_000
	offered.ShipHours = 48
	second, err := d.Places.Publish(at, clerk, offered)
	if err != nil {
		return err
	}
	for _, b := range all {
		if err := d.bid(at, []place.Opening{first, second}[b.opening], b); err != nil {
			return err
		}
	}
	return nil
}

// bid has a shop enrol something that is in no other sale, and bid with it.
func (d *Market) bid(ctx context.Context, on place.Opening, b bidder) error {
	shop := string(d.Shops[b.shop].ID)
	o, found, err := d.unsold(ctx, shop)
	if err != nil || !found {
		return err
	}
	e, err := d.Campaigns.Enrol(ctx, campaign.Enrol{Shop: shop, Campaign: on.Campaign, Slot: campaign.Slot{Wave: on.Wave},
		Offer: o.ID, Terms: campaign.Terms{Price: o.UnitPrice * 7 / 10, Quantity: piecesPledged, PerShopper: 2,
			Part: campaign.Part{Spot: true}}})
	if err == nil {
		_, err = d.Campaigns.Decide(ctx, campaign.Decide{By: clerk, ID: e.ID, Version: e.Version, Accept: true})
	}
	if err != nil || b.upTo == "" {
		return err
	}
	bid, err := d.Places.Apply(ctx, shop, on.ID, e.ID)
	if err != nil || b.upTo == place.Applied {
		return err
	}
	bid, err = d.Places.Decide(ctx, place.Decide{By: clerk, ID: bid.ID, Version: bid.Version, Note: b.note,
		Shortlist: b.upTo != place.Refused})
	if err == nil && b.upTo == place.Paid {
		_, err = d.Places.Pay(ctx, place.Pay{Shop: shop, ID: bid.ID, From: settle.Deposit})
	}
	return err
}

// unsold is something of a shop, with pieces to spare, that is in no sale yet.
func (d *Market) unsold(ctx context.Context, shop string) (offer.Offer, bool, error) {
	mine, err := d.Campaigns.ByShop(ctx, shop, "", campaign.PageMax)
	if err != nil {
		return offer.Offer{}, false, err
	}
	for _, o := range d.Offers {
		taken := slices.ContainsFunc(mine, func(e campaign.Enrolment) bool { return e.SKU == o.SKU })
		if o.Shop != shop || taken {
			continue
		}
		if enough, err := d.enough(ctx, o); err != nil || enough {
			return o, enough, err
		}
	}
	return offer.Offer{}, false, nil
}
