// Package demo makes a market that looks alive: twenty small shops with their goods, a login per role, and a crowd of
// simulated shoppers and merchants who use the same verbs as everybody else. It is for looking around and for tests;
// nothing of it runs in a market that hutong serve serves.
//
// Read this file first (what is seeded), then crowd.go (who moves in it).
package demo

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/setting"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/picture"
	"hutong/goods/stock"
	"hutong/node"
	"hutong/node/demo/seed"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/party/shopper"
	"hutong/trade/ship"
)

// PasswordCost is what a password costs in a demo, where everybody knows them: next to nothing, since the first page
// waits for them. hutong serve hashes each at its own cost when it is next used.
var PasswordCost = login.Cost{Passes: 1, KiB: 256, Threads: 1}

// The logins of a demo. They are printed when it starts, and exist nowhere else.
const (
	Password = "hutong-demo"
	Operator = "operator"
	Merchant = "merchant"
	Shopper  = "shopper"
)

// Market is a seeded market.
type Market struct {
	*node.Market
	Shops  []merchant.Shop
	Offers []offer.Offer

	people map[login.Role]login.Login // who have just registered: none in a market that was seeded before
}

// Seed fills an empty market; a market that was seeded before is only looked at again. One whose seeding was broken
// off, as by a full disk, is refused: what it lacks nobody knows. Codes: node.demo_half.
func Seed(ctx context.Context, m *node.Market) (*Market, error) {
	shops, err := seed.Shops()
	if err != nil {
		return nil, err
	}
	d := &Market{Market: m}
	fresh, err := d.begin(ctx, shops[0].Key)
	if err != nil {
		return nil, err
	}
	if err := d.seed(ctx, shops, fresh); err != nil {
		return nil, err
	}
	return d, m.DB.Write(ctx, func(tx *db.Tx) error { return setting.Drop(tx, seeding) })
}

// seeding is the setting of a market that is being seeded: it stands until that is done.
const seeding = "demo.seeding"

// begin says in an empty market that it is being seeded, and tells whether this is one.
func (d *Market) begin(ctx context.Context, first string) (fresh bool, err error) {
	_, err = d.Market.Shops.ByCode(ctx, first)
	fresh = fault.Is(err, "merchant.not_found")
	if err != nil && !fresh {
		return false, err
	}
	return fresh, d.DB.Write(ctx, func(tx *db.Tx) error {
		_, half, err := setting.Get(tx, seeding)
		if err == nil && half {
			err = fault.New(fault.Conflict, "node.demo_half", fault.P("dir", d.Config.Dir))
		}
		if err != nil || !fresh {
			return err
		}
		return setting.Put(tx, seeding, "begun")
	})
}

// seed opens the shops. What else there is to see is made once: afterwards it is its people's.
func (d *Market) seed(ctx context.Context, shops []seed.Shop, fresh bool) error {
	for _, s := range shops {
		if err := d.shop(ctx, s); err != nil {
			return err
		}
	}
	if !fresh {
		return nil
	}
	for _, begin := range []func(context.Context) error{d.logins, d.accounts, d.vouchers, d.sales, d.groups, d.deposits,
		d.juhuasuan} {
		if err := begin(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (d *Market) shop(ctx context.Context, s seed.Shop) error {
	shop, err := d.Market.Shops.ByCode(ctx, s.Key)
	if err != nil {
		shop, err = d.Market.Shops.OpenShop(ctx, merchant.OpenShop{Code: s.Key, Name: s.Name, Intro: s.About,
			Division: s.Area})
	}
	if err != nil {
		return err
	}
	d.Shops = append(d.Shops, shop)
	err = d.Ship.SavePoint(ctx, string(shop.ID), ship.Point{Code: "door", Zh: s.Name.Zh + "店内自提",
		En: s.Name.En + ", at the counter", Address: fmt.Sprintf("胡同街 %d 号", len(d.Shops))})
	if err != nil {
		return err
	}
	_, err = d.Market.Shops.SetReturns(ctx, shop.ID, shopper.Address{Country: shopper.China, Division: s.Area,
		Recipient: s.Name.Zh, Phone: fmt.Sprintf("1380013%04d", len(d.Shops)),
		Street: fmt.Sprintf("胡同街 %d 号", len(d.Shops))})
	if err != nil {
		return err
	}
	var offers []offer.Offer
	err = d.DB.Write(ctx, func(tx *db.Tx) (err error) {
		offers, err = d.list(tx, string(shop.ID), s.Products)
		return err
	})
	d.Offers = append(d.Offers, offers...)
	return err
}

// list puts a shop's products up for sale. What was there before is left as it stands, with its stock.
func (d *Market) list(tx *db.Tx, shop string, products []seed.Product) ([]offer.Offer, error) {
	at := d.Clock.Now()
	described := make([]catalog.Product, len(products))
	for i, p := range products {
		var err error
		if described[i], err = d.describe(shop, p); err != nil {
			return nil, err
		}
	}
	saved, err := d.Catalog.Save(tx, at, described)
	if err != nil {
		return nil, err
	}
	var receipts []stock.Receipt
	var listings []offer.Listing
	for i, s := range saved {
		for j, sku := range s.SKUs {
			k := products[i].SKUs[j]
			receipt := stock.Receipt{Shop: shop, SKU: string(sku), Quantity: k.Stock, Ref: "demo"}
			if s.Outcome != catalog.Created {
				receipt.Quantity = 0
			}
			receipts = append(receipts, receipt)
			listings = append(listings, offer.Listing{Shop: shop, Product: string(s.Product), SKU: string(sku),
				Currency: d.Checkout.Settings().Currency, UnitPrice: k.Price, ListPrice: k.List})
		}
	}
	pools, err := d.Stock.Receive(tx, at, receipts)
	if err != nil {
		return nil, err
	}
	for i := range listings {
		listings[i].Pool = pools[i]
	}
	offers, _, err := d.Market.Offers.List(tx, at, listings)
	return offers, err
}

func (d *Market) describe(shop string, p seed.Product) (catalog.Product, error) {
	pic, err := d.pictureOf(p.Picture)
	if err != nil {
		return catalog.Product{}, err
	}
	out := catalog.Product{Shop: shop, Category: p.Category, Source: "demo", ExternalID: p.Key, State: catalog.Listed,
		Title:       catalog.Words{Zh: p.Title.Zh, En: p.Title.En},
		Description: catalog.Words{Zh: "<p>" + p.About.Zh + "</p>", En: "<p>" + p.About.En + "</p>"},
		Pictures:    []catalog.PictureID{catalog.PictureID(pic)}}
	for _, o := range p.Options {
		option := catalog.Option{Name: catalog.Words{Zh: o.Name.Zh, En: o.Name.En}}
		for _, v := range o.Values {
			option.Values = append(option.Values, catalog.Words{Zh: v.Zh, En: v.En})
		}
		out.Options = append(out.Options, option)
	}
	for _, k := range p.SKUs {
		var name strings.Builder
		for _, v := range k.Values {
			name.WriteByte(byte('a' + v))
		}
		out.SKUs = append(out.SKUs, catalog.SKU{ExternalID: "k" + name.String(), Choice: k.Values, WeightG: 500})
	}
	return out, nil
}

func (d *Market) pictureOf(name string) (picture.ID, error) {
	data, _, err := seed.Picture(name)
	if err != nil {
		return "", err
	}
	return d.Pictures.Identify(bytes.NewReader(data))
}

// logins makes one login per role; the merchant's is the first shop's.
func (d *Market) logins(ctx context.Context) error {
	d.people = map[login.Role]login.Login{}
	for _, asked := range []login.Register{
		{Role: login.Operator, Name: Operator},
		{Role: login.Merchant, Name: Merchant, Shop: string(d.Shops[0].ID)},
		{Role: login.Shopper, Name: Shopper},
	} {
		asked.Password = Password
		l, err := d.Login.Register(ctx, asked)
		if err != nil {
			return err
		}
		d.people[l.Role] = l
	}
	return nil
}
