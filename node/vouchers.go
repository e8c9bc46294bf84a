package node

import (
	"context"

	"hutong/base/db"
	"hutong/deal/promo/rulebook"
	"hutong/deal/voucher"
	"hutong/party/approval"
	"hutong/party/login"
	"hutong/trade/order"
	"hutong/trade/referral"
)

// buildVouchers makes the vouchers, with those who answer for whom a voucher is for.
func (m *Market) buildVouchers(ctx context.Context) error {
	key, err := m.secret(ctx, "voucher", 32)
	if err != nil {
		return err
	}
	m.Marks = voucher.NewPartyMarks(key)
	m.Vouchers = voucher.New(voucher.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Random: m.Rand, Marks: m.Marks,
		Sold: m.Catalog.HasSKUs, Settings: voucher.Settings{Currency: m.Config.Checkout.Currency, Alone: m.publishAlone},
		Audiences: map[voucher.AudienceKind]voucher.Members{voucher.NewShoppers: newShoppers{},
			voucher.InCityTiers: voucher.Cities{Tiers: voucher.DefaultTiers()}, voucher.InSegment: segments{m}}})
	return nil
}

// saleKinds are the requests with which two people hand out vouchers and publish promotions: a shop's own among its
// owners or with the market, the market's among its staff.
func (m *Market) saleKinds() []approval.Kind {
	ask := []login.Permission{login.SaleWrite, login.MarketSaleAsk}
	decide := []login.Permission{login.SaleWrite, login.MarketSaleApprove}
	return []approval.Kind{voucher.PublishKind(m.Vouchers, ask, decide), voucher.GrantKind(m.Vouchers, ask, decide),
		rulebook.PublishKind(m.Promotions, ask, decide), referral.OpenKind(m.Referrals,
			[]login.Permission{login.MarketSaleAsk}, []login.Permission{login.MarketSaleApprove})}
}

// newShoppers answers for vouchers for shoppers who never paid for anything.
type newShoppers struct{}

// Members are those of the shoppers who have not bought.
func (newShoppers) Members(tx *db.Tx, _ voucher.Audience, shoppers []string) (map[string]bool, error) {
	bought, err := order.Buyers(tx, shoppers)
	in := make(map[string]bool, len(shoppers))
	for _, who := range shoppers {
		in[who] = !bought[who]
	}
	return in, err
}
