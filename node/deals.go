package node

import (
	"context"
	"slices"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/deal/campaign"
	"hutong/deal/flash"
	"hutong/deal/promo"
	"hutong/deal/promo/price"
	"hutong/deal/promo/rulebook"
	"hutong/deal/promo/standard"
	"hutong/deal/ruleset"
	"hutong/deal/voucher"
	"hutong/goods/catalog"
	"hutong/trade/checkout"
	"hutong/trade/order"
)

// deals is what checkout asks of the deal district: the rules in force, and what a shopper holds.
type deals struct {
	*ruleset.Service
	vouchers *voucher.Service
	marks    voucher.Marks
	flash    *flash.Service
	clock    clock.Clock
}

// Claims are the vouchers and red packets that the shopper may use at that instant, for a parcel to an address.
func (d deals) Claims(tx *db.Tx, shopper, address string, at time.Time) ([]promo.Claimed, error) {
	held, err := d.vouchers.Usable(tx, shopper, at)
	if err != nil {
		return nil, err
	}
	var elsewhere map[voucher.ID]bool
	if address != "" {
		if elsewhere, err = d.vouchers.Elsewhere(tx, shopper, address, held); err != nil {
			return nil, err
		}
	}
	claims := make([]promo.Claimed, len(held))
	for i := range held {
		claims[i] = held[i].InBasket()
		claims[i].Elsewhere = elsewhere[held[i].ID]
	}
	appointed, err := d.flash.Claims(tx, shopper, at)
	return append(claims, appointed...), err
}

// Needs are those of vouchers for new shoppers: who stands behind the shopper, by phone numbers and addresses, may have
// as many as one shopper.
func (d deals) Needs(tx *db.Tx, shopper string, applied []promo.Applied) ([]checkout.Need, error) {
	if !slices.ContainsFunc(applied, func(a promo.Applied) bool { return a.Claim != "" }) {
		return nil, nil
	}
	held, err := d.vouchers.Usable(tx, shopper, d.clock.Now())
	if err != nil {
		return nil, err
	}
	var all []checkout.Need
	for i := range held {
		v := &held[i]
		at := slices.IndexFunc(applied, func(a promo.Applied) bool { return a.Claim == string(v.ID) })
		if at < 0 || v.Terms.Audience.Kind != voucher.NewShoppers {
			continue
		}
		marks, err := d.marks.Marks(tx, []string{shopper})
		if err != nil {
			return nil, err
		}
		for _, n := range v.Needs(applied[at].Amount, marks[shopper]...) {
			if n.Code == voucher.CodeMarked {
				all = append(all, checkout.Need{Promotion: applied[at].Promotion, Need: n})
			}
		}
	}
	return all, nil
}

// Redeem holds what an item of a sale promised a line against the item as it is (FAULTS R22).
func (d deals) Redeem(l order.Line, promised order.Discount, at time.Time) error {
	if !campaign.IsItem(promised.Promotion) || promised.Kind != price.Name {
		return nil
	}
	item, _, _ := strings.Cut(promised.Promotion, "/")
	ticket := flash.Ticket{Item: campaign.EnrolmentID(item), Version: promised.Version,
		Price: l.UnitPrice - promised.Amount/l.Quantity}
	_, err := ticket.Redeem(d.flash.Campaigns.Live().Item(ticket.Item, at), l.UnitPrice, at)
	return err
}

// buildRulebook makes the rule book. The catalogue is built after it, and asked when something is published.
func (m *Market) buildRulebook() {
	briefs := func(tx *db.Tx, skus []catalog.SKUID) (map[catalog.SKUID]catalog.Brief, error) {
		return m.Catalog.Briefs(tx, skus)
	}
	set := rulebook.Defaults()
	set.Currency, set.Alone = m.Config.Checkout.Currency, m.publishAlone
	m.Promotions = rulebook.New(rulebook.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Kinds: standard.Kinds(),
		Settings: set, Shelf: rulebook.Shop{Briefs: briefs}, Category: func(tx *db.Tx, sku string) (string, error) {
			all, err := m.Catalog.Briefs(tx, []catalog.SKUID{catalog.SKUID(sku)})
			return all[catalog.SKUID(sku)].Category, err
		}})
}

// publishAlone is what one person may publish of promotions and vouchers, at worst, in minor units.
func (m *Market) publishAlone() int64 {
	return m.Tune.Count("deal.alone") * m.Config.Checkout.Currency.Whole()
}

// refundAlone is what one person may record as refunded by hand, in minor units.
func (m *Market) refundAlone() int64 {
	return m.Tune.Count("refund.alone") * m.Config.Checkout.Currency.Whole()
}

// thresholds is what the market's thresholds are held against, as its operator set it.
func (m *Market) thresholds() promo.Mode {
	if m.Tune.Is("deal.progressive") {
		return promo.Progressive
	}
	return promo.Parallel
}

// buildDeals makes the rules in force, from all that is promoted: what a shop or the market gives to everybody first.
func (m *Market) buildDeals(ctx context.Context) (err error) {
	m.Rules, err = ruleset.New(ctx, ruleset.Deps{DB: m.DB, Clock: m.Clock, Log: m.Log, Mode: m.thresholds,
		Sources: []ruleset.Source{
			{Name: "rulebook", List: m.Promotions.List, Title: m.ruleTitle},
			{Name: "campaign", List: m.onSale, Title: m.saleTitle},
			{Name: "voucher", Title: m.voucherTitle, List: func(ctx context.Context) ([]promo.Promotion, any, error) {
				all, err := m.Vouchers.Promotions(ctx)
				return all, nil, err
			}},
			m.groupPrices(),
		}})
	if err != nil {
		return err
	}
	m.Search.PlugSales(func(at time.Time) map[string]bool { return m.Campaigns.Live().Products(at, m.Rules.Empty) })
	for _, topic := range []event.Topic{rulebook.Changed, voucher.Changed} {
		m.Bus.On(topic, "ruleset", func(ctx context.Context, _ event.Event) error { return m.Rules.Refresh(ctx) })
	}
	return nil
}

// onSale are the prices of campaigns.
func (m *Market) onSale(context.Context) (all []promo.Promotion, mark any, err error) {
	live := m.Campaigns.Live()
	return live.Promotions(), live, nil
}

// checkoutDeals are the market's own, or those that it was configured with.
func (m *Market) checkoutDeals() checkout.Deals {
	if m.Config.Deals != nil {
		return m.Config.Deals
	}
	return deals{m.Rules, m.Vouchers, m.Marks, m.Flash, m.Clock}
}
