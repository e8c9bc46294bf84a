package node

import (
	"context"
	"net/http"
	"time"

	"hutong/base/text"
	"hutong/surface/api"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/surface/shopweb"
)

// Handler mounts the surfaces behind one gate; extra routes are for benches and tests.
func (m *Market) Handler(extra ...gate.Route) (http.Handler, error) {
	mux, err := gate.NewMux(gate.Options{Sessions: m.Login, IDs: m.IDs, Texts: Texts(), Log: m.Log})
	if err != nil {
		return nil, err
	}
	for _, surface := range []func() ([]gate.Route, error){m.api, m.shop} {
		routes, err := surface()
		if err != nil {
			return nil, err
		}
		if err := mux.Add(routes...); err != nil {
			return nil, err
		}
	}
	return mux, mux.Add(extra...)
}

// zone is the market's: Shanghai has had one offset all year since 1991.
var zone = time.FixedZone("Asia/Shanghai", 8*60*60)

func (m *Market) pages() page.Config { return page.Config{Texts: Texts(), Zone: zone} }

func (m *Market) api() ([]gate.Route, error) {
	return api.Routes(api.Deps{Keys: m.Keys, Logins: m.Login, Shoppers: m.Shoppers, Shops: m.Shops, Catalog: m.Catalog,
		Offers: m.Offers, Stock: m.Stock, Search: m.Search, Ledger: m.Ledger, Settle: m.Settle, Pay: m.Pay, Carts: m.Cart,
		Checkout: m.Checkout, Orders: m.Orders, Ship: m.Ship})
}

func (m *Market) shop() ([]gate.Route, error) {
	return shopweb.New(shopweb.Deps{Pages: m.pages(), DB: m.DB, Clock: m.Clock, IDs: m.IDs, Hub: m.Hub, Logins: m.Login,
		Shoppers: m.Shoppers, Shops: m.Shops, Catalog: m.Catalog, Carts: m.Cart, Checkout: m.Checkout, Orders: m.Orders,
		Pay: m.Pay, Ship: m.Ship, Search: m.Search, Pictures: m.pictureSource()})
}

func (m *Market) pictureSource() shopweb.Pictures {
	if m.Config.Pictures != nil {
		return m.Config.Pictures
	}
	return m.Pictures
}

// Start builds what is kept in memory; until it is done search finds only a part. It is quick to call again.
func (m *Market) Start(ctx context.Context) error { return m.Search.Build(ctx) }

// Texts are the sentences of all rooms.
func Texts() text.Bundle { return text.Merge(texts()...) }
