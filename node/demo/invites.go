package demo

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/text"
	"hutong/deal/promo"
	"hutong/deal/voucher"
	"hutong/trade/referral"
)

// invites opens a programme of inviting friends.
func (d *Market) invites(ctx context.Context) error {
	now := d.Clock.Now()
	until := now.Add(30 * 24 * time.Hour)
	terms := referral.Terms{Title: text.Entry{Zh: "邀请有礼", En: "Bring a friend"}, Budget: 500_000, PerInviter: 20,
		Minimum: 3_000, ReturnDays: 7, FromUS: clock.Micros(now), UntilUS: clock.Micros(until)}
	for _, gift := range []struct {
		title text.Entry
		off   int64
		to    *voucher.TemplateID
	}{{text.Entry{Zh: "邀请人礼券", En: "For bringing a friend"}, 1_500, &terms.Inviter},
		{text.Entry{Zh: "新朋友礼券", En: "For a new friend"}, 1_000, &terms.Invitee}} {
		of := handed(now, gift.title, 500)
		of.Off, of.Listed, of.UntilUS = gift.off, false, clock.Micros(until.Add(60*24*time.Hour))
		of.Funding = []promo.Share{{Party: promo.Platform, PPM: 1_000_000}}
		t, err := d.Vouchers.Draft(ctx, voucher.Draft{Terms: of})
		if err != nil {
			return err
		}
		if err := d.Vouchers.Publish(ctx, voucher.Publish{Template: t.ID, Version: t.Newest}); err != nil {
			return err
		}
		*gift.to = t.ID
	}
	p, err := d.Referrals.Draft(ctx, terms)
	if err != nil {
		return err
	}
	return d.Referrals.Seed(ctx, p.ID)
}
