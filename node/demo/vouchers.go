package demo

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/text"
	"hutong/deal/promo"
	"hutong/deal/voucher"
)

// shopsWithVouchers is how many of the shops hand out vouchers of their own.
const shopsWithVouchers = 8

// vouchers hands out the market's and some shops' vouchers: for all, for new shoppers, red packets. None costs more
// than one person may decide alone.
func (d *Market) vouchers(ctx context.Context) error {
	now := d.Clock.Now()
	platform := []promo.Share{{Party: promo.Platform, PPM: 1_000_000}}
	half := []promo.Share{{Party: promo.Platform, PPM: 500_000}, {Party: promo.Merchant, PPM: 500_000}}
	sale := handed(now, text.Entry{Zh: "大促满减券", En: "Sale voucher"}, 5_000)
	sale.Threshold, sale.Off, sale.Budget, sale.Funding = 30_000, 4_000, 1_000_000, half
	fresh := handed(now, text.Entry{Zh: "新人见面礼", En: "Welcome gift"}, 500)
	fresh.Threshold, fresh.Off, fresh.Funding = 5_000, 1_000, platform
	fresh.Audience.Kind = voucher.NewShoppers
	packets := handed(now, text.Entry{Zh: "开门红包", En: "Opening red packet"}, 300)
	packets.Kind, packets.Total, packets.Random, packets.Funding = voucher.KindRedPacket, 88_888, true, platform
	for _, of := range []voucher.Terms{packets, fresh, sale} {
		if err := d.hand(ctx, "", of); err != nil {
			return err
		}
	}
	for i, shop := range d.Shops[:min(len(d.Shops), shopsWithVouchers)] {
		of := handed(now, text.Entry{Zh: shop.Name.Zh + "店铺券", En: "Shop voucher"}, 200)
		of.Threshold, of.Off, of.PerShopper = 9_900, 1_000, 2
		if i%2 == 1 {
			of.Threshold, of.Off, of.PPM, of.Max = 5_000, 0, 120_000, 2_000
		}
		if err := d.hand(ctx, string(shop.ID), of); err != nil {
			return err
		}
	}
	if err := d.promotions(ctx); err != nil {
		return err
	}
	return d.invites(ctx)
}

// handed are n vouchers of a week, good for two.
func handed(now time.Time, title text.Entry, n int64) voucher.Terms {
	const day = 24 * time.Hour
	return voucher.Terms{Kind: voucher.KindVoucher, Title: title, Listed: true, Issue: n, PerShopper: 1,
		FromUS: clock.Micros(now), UntilUS: clock.Micros(now.Add(14 * day)), ClaimFromUS: clock.Micros(now),
		ClaimUntilUS: clock.Micros(now.Add(7 * day)), Audience: voucher.Audience{Kind: voucher.Everyone}}
}

func (d *Market) hand(ctx context.Context, shop string, of voucher.Terms) error {
	t, err := d.Vouchers.Draft(ctx, voucher.Draft{Shop: shop, Terms: of})
	if err != nil {
		return err
	}
	return d.Vouchers.Publish(ctx, voucher.Publish{Shop: shop, Template: t.ID, Version: t.Newest})
}
