package demo

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/goods/offer"
	"hutong/goods/stock"
)

// What the demo's flash sale offers.
const (
	sessionsFilled = 12 // the one that runs, and those after it
	perSession     = 6  // items
	piecesPledged  = 8
)

// sales opens a flash sale whose session of this hour runs already and ends on the hour, and a big sale that shops can
// join.
func (d *Market) sales(ctx context.Context) error {
	now := d.Clock.Now()
	if err := d.bigSale(clock.Pin(ctx, now.Add(-time.Hour)), now); err != nil {
		return err
	}
	// Shops enrolled for the session that runs before it was shown.
	before := clock.Pin(ctx, now.Add(-4*time.Hour))
	days := campaign.Window{From: now.AddDate(0, 0, -1), Until: now.AddDate(0, 0, 30)}
	c, err := d.published(before, campaign.Plan{Title: text.Entry{Zh: "整点秒杀", En: "On the hour"},
		Channel: campaign.Seckill, Recruit: days, Timetable: campaign.EveryHour(days),
		Rule: campaign.Rule{LimitMax: 2, QuantityMin: 5, PerShopDay: 100}})
	if err != nil {
		return err
	}
	first := now.Truncate(time.Hour)
	for n := range sessionsFilled {
		if err := d.fillSession(before, c, first.Add(time.Duration(n)*time.Hour), n); err != nil {
			return err
		}
	}
	if err := d.presale(ctx); err != nil {
		return err
	}
	if _, err := d.Campaigns.Lock(ctx); err != nil {
		return err
	}
	if _, err = d.Flash.Announce(ctx); err != nil {
		return err
	}
	return d.lots(ctx)
}

func (d *Market) published(ctx context.Context, p campaign.Plan) (campaign.Campaign, error) {
	c, err := d.Campaigns.Save(ctx, "", 0, p)
	if err != nil {
		return c, err
	}
	return d.Campaigns.Publish(ctx, c.ID, c.Version)
}

// fillSession has some shops sell in a session. Of each session's items the last is sold by appointment; of every other
// session's, this hour's first, that one by lottery.
func (d *Market) fillSession(ctx context.Context, c campaign.Campaign, from time.Time, n int) error {
	sold := 0
	for i := range d.Offers {
		o := d.Offers[(i*7+n*perSession)%len(d.Offers)] // 7: not all of one shop
		enough, err := d.enough(ctx, o)
		if err != nil {
			return err
		}
		if !enough {
			continue
		}
		terms := campaign.Terms{Price: max(o.UnitPrice*6/10, 1), Quantity: piecesPledged, PerShopper: 1,
			Part: campaign.Part{Spot: true}}
		if sold == perSession-1 {
			terms.Appointments, terms.Lottery = 50, n%2 == 0
		}
		took, err := d.join(ctx, campaign.Enrol{Shop: o.Shop, Campaign: c.ID, Slot: campaign.Slot{Session: from},
			Offer: o.ID, Terms: terms})
		if err != nil {
			return err
		}
		if took {
			sold++
		}
		if sold == perSession {
			return nil
		}
	}
	return nil
}

// enough tells whether an offer's pool can pledge pieces and still sell.
func (d *Market) enough(ctx context.Context, o offer.Offer) (bool, error) {
	free, err := d.Stock.FreeOf(ctx, []stock.PoolID{o.Pool})
	return free[o.Pool] >= 4*piecesPledged, err
}

// join enrols an offer and accepts it.
func (d *Market) join(ctx context.Context, cmd campaign.Enrol) (took bool, err error) {
	e, err := d.Campaigns.Enrol(ctx, cmd)
	if fault.Is(err, "enrolment.open") {
		return false, nil
	}
	if err != nil || e.State != campaign.Applied {
		return false, err
	}
	_, err = d.Campaigns.Decide(ctx, campaign.Decide{By: "demo", ID: e.ID, Version: e.Version, Accept: true})
	return err == nil, err
}

// bigSale publishes a sale of two waves that shops can join for some days.
func (d *Market) bigSale(ctx context.Context, now time.Time) error {
	day := func(n int) time.Time {
		y, m, at := now.In(campaign.Shanghai).Date()
		return time.Date(y, m, at+n, 0, 0, 0, 0, campaign.Shanghai).UTC()
	}
	span := func(from, until int) campaign.Window { return campaign.Window{From: day(from), Until: day(until)} }
	wave := func(zh, en string, from int) campaign.Wave {
		return campaign.Wave{Title: text.Entry{Zh: zh, En: en}, Phases: []campaign.Phase{
			{Stage: campaign.Warmup, Window: span(from, from+2)}, {Stage: campaign.Spot, Window: span(from+2, from+4)}}}
	}
	second := wave("第二波", "Second wave", 14)
	second.Phases = append(second.Phases, campaign.Phase{Stage: campaign.Encore, Window: span(18, 20)})
	_, err := d.published(ctx, campaign.Plan{Title: text.Entry{Zh: "胡同狂欢节", En: "Hutong Carnival"},
		Channel: campaign.Sale, Switches: campaign.Switches{CrossShop: true}, Recruit: span(-1, 5), Lock: span(6, 35),
		Waves: []campaign.Wave{wave("第一波", "First wave", 8), second},
		Rule:  campaign.Rule{Days: 30, FactorPPM: 950_000, QuantityMin: 10}})
	return err
}
