package demo

import (
	"context"
	"time"

	"hutong/base/text"
	"hutong/deal/promo"
	"hutong/deal/promo/crossshop"
	"hutong/deal/promo/rulebook"
)

// promotions publishes the market's own: 50.00 off every 300.00 across shops, half of it the platform's, with a budget
// that one person may decide about.
func (d *Market) promotions(ctx context.Context) error {
	from := d.Clock.Now().Truncate(time.Hour)
	e, err := d.Promotions.SaveDraft(ctx, rulebook.SaveDraft{Promotion: promo.Promotion{Kind: crossshop.Name,
		Title: text.Entry{Zh: "跨店每满 300 减 50", En: "50 off every 300 across shops"}, From: from,
		Until: from.AddDate(0, 0, 14), Budget: rulebook.Defaults().AloneMax,
		Funding: []promo.Share{{Party: promo.Platform, PPM: 500_000}, {Party: promo.Merchant, PPM: 500_000}},
		Terms:   &crossshop.Terms{Every: 30_000, Off: 5_000}}})
	if err != nil {
		return err
	}
	p := e.Promotion
	if err := d.Promotions.Publish(ctx, rulebook.Publish{ID: p.ID, Version: p.Version}); err != nil {
		return err
	}
	return d.Rules.Refresh(ctx)
}
