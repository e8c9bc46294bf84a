package node

import (
	"context"
	"maps"
	"slices"
	"time"

	"hutong/base/db"
	"hutong/base/job"
	"hutong/deal/campaign"
	"hutong/deal/flash"
	"hutong/deal/place"
	"hutong/deal/reference"
	"hutong/funds/deposit"
	"hutong/goods/catalog"
	"hutong/party/merchant"
	"hutong/trade/order"
)

// buildSales makes the campaigns and flash sales, and what a struck price is held against.
func (m *Market) buildSales(ctx context.Context) error {
	law := reference.CN
	if m.Tune.Is("market.eu_prices") {
		law = reference.EU
	}
	m.Reference = reference.New(reference.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Regime: law, Twins: twins,
		Deals: order.Deals{NewOnly: m.Vouchers.NewOnly}})
	m.Campaigns = campaign.New(campaign.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Stock: m.Stock,
		Reference: m.Reference, Zone: zone, Category: m.categoryOf, OnSale: onSale,
		Standing: m.standingOf})
	m.Catalog.Plug(m.Campaigns) // who pledged goods
	m.Reference.Plug(reference.Offers{}, m.Campaigns)
	m.Reference.PlugCuts(m.Promotions)
	m.Places = place.New(place.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Campaigns: m.Campaigns, Category: m.categoryOf,
		Sales: placeSales{m.aftersaleSettings()}})
	m.Campaigns.Listen(m.Bus)
	m.Reference.Listen(m.Bus)
	key, err := m.secret(ctx, "lottery", flash.KeyLen)
	if err != nil {
		return err
	}
	m.Flash, err = flash.New(flash.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Campaigns: m.Campaigns, Key: key})
	if err != nil {
		return err
	}
	_, err = m.Campaigns.Refresh(ctx)
	return err
}

// twins are a shop's SKUs of the same goods: a listing made anew keeps its history of prices.
func twins(tx *db.Tx, shop, sku string) ([]string, error) {
	all, err := catalog.Twins(tx, shop, catalog.SKUID(sku))
	names := make([]string, len(all))
	for i, k := range all {
		names[i] = string(k)
	}
	return names, err
}

// onSale are the SKUs that shoppers can buy: listed, as their product is, by a shop that is open.
func onSale(tx *db.Tx, skus []string, hold bool) (map[string]bool, error) {
	listed, err := catalog.OnSale(tx, skus, hold)
	if err != nil {
		return nil, err
	}
	open, err := merchant.OpenOf(tx, slices.Collect(maps.Values(listed)))
	all := make(map[string]bool, len(listed))
	for k, shop := range listed {
		all[k] = open[shop]
	}
	return all, err
}

// standingOf is a shop as enrolment rules see it: its score as it was recorded, its deposit as the books have it.
func (m *Market) standingOf(tx *db.Tx, shop string) (campaign.ShopStanding, error) {
	st, err := campaign.Recorded(tx, shop)
	if err == nil {
		var a deposit.Account
		a, err = deposit.AccountIn(tx, shop, m.Config.Checkout.Currency)
		st.Deposit, st.Required = a.Free(), a.Required
	}
	return st, err
}

// categoryOf is a product's place in the catalogue.
func (m *Market) categoryOf(tx *db.Tx, product string) (string, error) {
	all, err := m.Catalog.ProductsIn(tx, []catalog.ID{catalog.ID(product)})
	if err != nil || len(all) == 0 {
		return "", err
	}
	return all[0].Category, nil
}

// saleJobs are what campaigns and flash sales do by themselves.
func (m *Market) saleJobs() []job.Job {
	return []job.Job{
		{Name: "campaign.refresh", Every: time.Second, Run: m.Campaigns.Refresh},
		{Name: "campaign.lock", Every: time.Second, Run: m.Campaigns.Lock},
		{Name: "campaign.return", Every: 5 * time.Second, Run: m.Campaigns.Return},
		{Name: "place.settle", Every: time.Minute, Run: m.Places.Settle},
		{Name: "reference.relabel", Every: 30 * time.Second, Run: m.Reference.Relabel},
		{Name: "flash.announce", Every: 5 * time.Second, Run: m.Flash.Announce},
		{Name: "flash.draw", Every: time.Second, Run: m.Flash.Draw},
		{Name: "flash.tell", Every: time.Second, Run: m.Flash.Tell},
	}
}
