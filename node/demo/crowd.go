package demo

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"hutong/base/fault"
	"hutong/base/job"
	"hutong/funds/pay"
	"hutong/funds/pay/sandbox"
	"hutong/node/demo/seed"
	"hutong/party/shopper"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// visitor is one simulated shopper.
type visitor struct {
	id, address string
	of          seed.Shopper
}

// Crowd are the simulated shoppers and merchants of a demo.
type Crowd struct {
	*Market
	visitors []visitor
	rand     *rand.Rand
}

// dice are one source of chance for jobs that run beside each other.
type dice struct {
	mu  sync.Mutex
	pcg *rand.PCG
}

// Uint64 is the next throw.
func (d *dice) Uint64() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.pcg.Uint64()
}

// Crowd makes the simulated shoppers. The seed decides what they do.
func (d *Market) Crowd(ctx context.Context, from uint64) (*Crowd, error) {
	shoppers, err := seed.Shoppers()
	if err != nil {
		return nil, err
	}
	c := &Crowd{Market: d, rand: rand.New(&dice{pcg: rand.NewPCG(from, from)})}
	for _, s := range shoppers {
		id, err := d.Shoppers.Create(ctx)
		if err != nil {
			return nil, err
		}
		a, err := d.Shoppers.AddAddress(ctx, id, shopper.Address{Country: "CN", Division: s.Area,
			Recipient: s.Name.Pick(s.Lang), Phone: s.Phone, Street: s.Street, Postcode: s.Postcode})
		if err != nil {
			return nil, err
		}
		c.visitors = append(c.visitors, visitor{string(id), string(a.ID), s})
	}
	return c, nil
}

// Jobs let the crowd move: an order every few seconds, most of them paid, and parcels on their way.
func (c *Crowd) Jobs() []job.Job {
	return []job.Job{
		{Name: "demo.buy", Every: 2 * time.Second, Run: func(ctx context.Context) (int, error) {
			_, err := c.Buy(ctx)
			return 0, c.note(err)
		}},
		{Name: "demo.ship", Every: 5 * time.Second, Run: func(ctx context.Context) (int, error) {
			return 0, c.note(c.shipOne(ctx))
		}},
		c.groupJob(),
	}
}

// note logs a refusal, which in a shop that sells out is life, and passes on what is a defect.
func (c *Crowd) note(err error) error {
	if err == nil || fault.Of(err) == fault.Internal {
		return err
	}
	c.Log.Debug("the crowd was refused", slog.Any("err", err))
	return nil
}

// Buy lets one shopper place an order of one to three things and, nine times in ten, pay it.
func (c *Crowd) Buy(ctx context.Context) (checkout.Placed, error) {
	v := c.visitors[c.rand.IntN(len(c.visitors))]
	basket := checkout.Basket{Address: v.address, Lang: v.of.Lang}
	for _, i := range c.rand.Perm(len(c.Offers))[:1+c.rand.IntN(3)] {
		basket.Lines = append(basket.Lines, checkout.BasketLine{Offer: string(c.Offers[i].ID),
			Quantity: 1 + c.rand.Int64N(2)})
	}
	q, err := c.Checkout.Quote(ctx, v.id, basket)
	if err != nil {
		return checkout.Placed{}, err
	}
	if len(q.Problems) > 0 {
		return checkout.Placed{}, q.Problems[0].Err
	}
	placed, err := c.Checkout.Place(ctx, checkout.Place{Token: q.Token, Shopper: v.id, Source: "demo"})
	if err != nil || c.rand.IntN(10) == 0 {
		return placed, err
	}
	return placed, c.pay(ctx, v.id, placed.Order)
}

func (c *Crowd) pay(ctx context.Context, who string, id order.ID) error {
	wallets := []string{"redbean", "bluejay"}
	a, _, err := c.Pay.Begin(ctx, pay.Begin{Order: string(id), Shopper: who, Wallet: wallets[c.rand.IntN(len(wallets))]})
	if err != nil {
		return err
	}
	bill, err := c.Sandbox.ByTrade(ctx, a.Wallet, string(a.ID))
	if err != nil {
		return err
	}
	_, err = c.Sandbox.PayBill(ctx, bill.Wallet, bill.No, sandbox.Behaviour{Payer: who})
	return err
}

// shipOne lets one merchant send what has waited longest; the demo's own merchant does it by hand, sometimes.
func (c *Crowd) shipOne(ctx context.Context) error {
	shop := string(c.Shops[1+c.rand.IntN(len(c.Shops)-1)].ID)
	waiting, err := c.Orders.ByShop(ctx, shop, order.ToShip, "", 20)
	if err != nil || len(waiting) == 0 {
		return err
	}
	oldest := waiting[len(waiting)-1]
	_, err = c.Ship.Dispatch(ctx, ship.Dispatch{Shop: shop, Order: oldest.ID, Seq: oldest.Subs[0].Seq})
	return err
}
