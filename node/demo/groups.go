package demo

import (
	"context"
	"time"

	"hutong/base/job"
	"hutong/goods/offer"
	"hutong/trade/checkout"
	"hutong/trade/group"
)

// groupsOffered is how many of the demo's goods are sold to groups.
const groupsOffered = 8

// groups sells some goods to groups, one in four of them with a ladder.
func (d *Market) groups(ctx context.Context) error {
	sold := map[string]bool{}
	for i := 0; i < len(d.Offers) && len(sold) < groupsOffered; i++ {
		o := d.Offers[(i*11+3)%len(d.Offers)] // 11: not all of one shop
		if sold[o.Product] {
			continue
		}
		took, err := d.toGroups(ctx, o, len(sold))
		if err != nil {
			return err
		}
		if took {
			sold[o.Product] = true
		}
	}
	return d.Rules.Refresh(ctx)
}

// toGroups sells one offer to groups, if it is not in a campaign, cheap enough to share and plenty.
func (d *Market) toGroups(ctx context.Context, o offer.Offer, n int) (took bool, err error) {
	for i := range d.Campaigns.Live().Items {
		if d.Campaigns.Live().Items[i].SKU == o.SKU {
			return false, nil
		}
	}
	enough, err := d.enough(ctx, o)
	if err != nil || !enough || o.UnitPrice < 100 {
		return false, err
	}
	steps := []group.Step{{Size: int64(2 + n%2), Price: o.UnitPrice * 8 / 10}}
	if n%4 == 3 {
		steps = append(steps, group.Step{Size: 5, Price: o.UnitPrice * 7 / 10})
	}
	_, err = d.Groups.SetUp(ctx, group.SetUp{Shop: o.Shop, Goods: string(o.ID), Steps: steps, Window: 24 * time.Hour,
		PerShopper: 5})
	return err == nil, err
}

// groupJob lets the crowd buy together now and then.
func (c *Crowd) groupJob() job.Job {
	return job.Job{Name: "demo.group", Every: 15 * time.Second, Run: func(ctx context.Context) (int, error) {
		_, err := c.BuyTogether(ctx)
		return 0, c.note(err)
	}}
}

// BuyTogether lets one shopper join the group that waits longest for some goods, or open one, and pay it. The zero
// Placed: nothing is sold to groups.
func (c *Crowd) BuyTogether(ctx context.Context) (checkout.Placed, error) {
	v := c.visitors[c.rand.IntN(len(c.visitors))]
	for _, i := range c.rand.Perm(len(c.Offers)) {
		boxes, err := c.Groups.OfProduct(ctx, c.Offers[i].Product)
		if err != nil {
			return checkout.Placed{}, err
		}
		if len(boxes) == 0 {
			continue
		}
		claim := group.ClaimOpen(boxes[0].Offer.ID, false)
		if len(boxes[0].Groups) > 0 {
			claim = group.ClaimJoin(boxes[0].Groups[0])
		}
		q, err := c.Checkout.Quote(ctx, v.id, checkout.Basket{Address: v.address, Lang: v.of.Lang, Claims: []string{claim},
			Lines: []checkout.BasketLine{{Offer: boxes[0].Offer.Goods, Quantity: 1}}})
		if err != nil {
			return checkout.Placed{}, err
		}
		if len(q.Problems) > 0 {
			return checkout.Placed{}, q.Problems[0].Err
		}
		placed, err := c.Checkout.Place(ctx, checkout.Place{Token: q.Token, Shopper: v.id, Source: "demo"})
		if err != nil {
			return placed, err
		}
		return placed, c.pay(ctx, v.id, placed.Order)
	}
	return checkout.Placed{}, nil
}
