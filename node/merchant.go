package node

import (
	"path/filepath"

	"hutong/goods/picture"
	"hutong/surface/gate"
	"hutong/surface/merchantweb"
)

// merchantDesk is the desk of the shops. Pictures of licences lie in a folder of their own, which no page serves to the
// public.
func (m *Market) merchantDesk() ([]gate.Route, error) {
	d := merchantweb.Deps{Pages: m.pages(), Clock: m.Clock, Shops: m.Shops, Shoppers: m.Shoppers, Catalog: m.Catalog,
		Offers: m.Offers, Stock: m.Stock, Orders: m.Orders, Ship: m.Ship, Settle: m.Settle, Cases: m.Aftersale,
		Intake: m.Intake, Uploads: m.Uploads, Edit: m.editor(), Currency: m.Config.Checkout.Currency,
		Tally: m.Tally, Logins: m.Login, Audit: m.Audit, Reviews: m.Reviews, Payouts: m.Payouts, Approvals: m.Approvals,
		Webhooks: m.Webhooks, Notices: m.Notices, Campaigns: m.Campaigns, Places: m.Places, Groups: m.Groups,
		Deposits: m.Deposits, Sale: m.saleRooms(),
		At: m.PublicAt}
	if m.Pictures != nil {
		d.Pictures = m.Pictures
	}
	if m.Dir != "" && m.Papers == nil {
		papers, err := picture.Open(filepath.Join(m.Dir, "papers"))
		if err != nil {
			return nil, err
		}
		m.Papers = papers
	}
	if m.Papers != nil {
		d.Papers = m.Papers
	}
	return merchantweb.New(d)
}

// closePapers lets their folder go.
func (m *Market) closePapers() error {
	if m.Papers == nil {
		return nil
	}
	return m.Papers.Close()
}
