package node

import "hutong/surface/saleweb"

// saleRooms are what the desks' pages of promotions and vouchers stand on.
func (m *Market) saleRooms() *saleweb.Rooms {
	return &saleweb.Rooms{Pages: m.pages(), Clock: m.Clock, DB: m.DB, Currency: m.Config.Checkout.Currency,
		Catalog: m.Catalog, Shops: m.Shops, Promotions: m.Promotions, Vouchers: m.Vouchers, Rules: m.Rules,
		Approvals: m.Approvals, Referrals: m.Referrals,
		Segments: m.Segments, Search: m.Search}
}
