package node

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"hutong/base/text"
	"hutong/funds/pay/sandbox"
	"hutong/goods/search"
	"hutong/party/audit"
	"hutong/surface/api"
	"hutong/surface/gate"
	"hutong/surface/hook"
	"hutong/surface/loginweb"
	"hutong/surface/page"
	"hutong/surface/shopweb"
	"hutong/surface/story"
	"hutong/surface/walletweb"
)

// Handler mounts the surfaces behind one gate; extra routes are for benches and tests.
func (m *Market) Handler(extra ...gate.Route) (http.Handler, error) {
	set, err := page.NewSet(m.pages())
	if err != nil {
		return nil, err
	}
	mux, err := gate.NewMux(gate.Options{Sessions: m.Login, IDs: m.IDs, Texts: Texts(), Log: m.Log, Fault: set.Refused,
		Denied: m.denied, Proxies: m.Proxies, HTTPS: strings.HasPrefix(m.PublicAt, "https://")})
	if err != nil {
		return nil, err
	}
	surfaces := []func() ([]gate.Route, error){m.api, m.shop, m.logins, m.merchantDesk, m.operatorDesk, m.hook, m.wallets,
		m.stories}
	for _, surface := range surfaces {
		routes, err := surface()
		if err != nil {
			return nil, err
		}
		if err := mux.Add(routes...); err != nil {
			return nil, err
		}
	}
	// The simulated wallets tell of payments through the market's own door: the same bytes and signatures as over a
	// network, without one.
	m.Sandbox.Connect(sandbox.Wire(mux), m.PublicAt+hook.Path)
	return mux, mux.Add(extra...)
}

// denied notes that somebody with a login tried what they may not (FAULTS A6). The request was refused already: a
// record that cannot be written is logged. It is recorded once an hour: who goes on trying fills no disk.
func (m *Market) denied(ctx context.Context, route string) {
	who := gate.Who(ctx)
	if !m.denials.first(who.Login, route, m.Clock.Now()) {
		return
	}
	if err := m.Audit.Note(ctx, audit.Entry{What: "gate.denied", On: route}); err != nil {
		m.Log.Error("a refusal was not recorded", slog.String("route", route), slog.Any("err", err))
	}
}

// Tune lets the garbage collector run half as often as it would: an order leaves little behind, and a node has memory
// to spare for what it saves. GOGC in the environment wins.
func Tune() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
}

// zone is the market's: Shanghai has had one offset all year since 1991.
var zone = time.FixedZone("Asia/Shanghai", 8*60*60)

func (m *Market) pages() page.Config {
	return page.Config{Texts: m.named(), Zone: zone, Account: "/me"}
}

func (m *Market) api() ([]gate.Route, error) {
	routes := api.Routes(api.Deps{Keys: m.Keys, Approvals: m.Approvals, Logins: m.Login, Shoppers: m.Shoppers,
		Shops: m.Shops, Catalog: m.Catalog,
		Offers: m.Offers, Stock: m.Stock, Search: m.Search, Ledger: m.Ledger, Settle: m.Settle, Pay: m.Pay, Carts: m.Cart,
		Checkout: m.Checkout, Orders: m.Orders,
		Cases: m.Aftersale,
		Ship:  m.Ship, Vouchers: m.Vouchers, Flash: m.Flash, Guarantee: m.Guarantee, Reference: m.Reference,
		Campaigns: m.Campaigns, Places: m.Places, Deposits: m.Deposits,
		Referrals: m.Referrals, Groups: m.Groups,
		Shelf: func(t search.Tag) (int64, error) { return m.Rules.OnShelf(t, m.Clock.Now()) }})
	return routes, nil
}

func (m *Market) shop() ([]gate.Route, error) {
	d := shopweb.Deps{Pages: m.pages(), DB: m.DB, Clock: m.Clock, IDs: m.IDs, Hub: m.Hub, Logins: m.Login,
		Shoppers: m.Shoppers, Shops: m.Shops, Catalog: m.Catalog, Carts: m.Cart, Checkout: m.Checkout, Orders: m.Orders,
		Pay: m.Pay, Ship: m.Ship, Search: m.Search, Pictures: m.pictureSource(), Cases: m.Aftersale, Views: m.Tally,
		Reviews: m.Reviews, Notices: m.Notices, Vault: m.Vault, Vouchers: m.Vouchers, Flash: m.Flash, Groups: m.Groups,
		Deals: m.Rules, Guarantee: m.Guarantee, Referrals: m.Referrals,
		Version: m.Rules.Edition}
	if m.Pictures != nil {
		d.Photos = m.Pictures
	}
	return shopweb.New(d)
}

// logins are the pages where people prove who they are.
func (m *Market) logins() ([]gate.Route, error) {
	pages := m.pages()
	pages.Account = "/me"
	return loginweb.New(loginweb.Deps{Pages: pages, Logins: m.Login, Shops: m.Shops, Carts: m.Cart, Orders: m.Orders})
}

func (m *Market) hook() ([]gate.Route, error) { return hook.Routes(m.Pay), nil }

// wallets are the simulated companies' own pages.
func (m *Market) wallets() ([]gate.Route, error) {
	return walletweb.New(walletweb.Deps{Company: m.Sandbox, Wallets: m.walletPages, Texts: Texts(), Zone: zone,
		Back: func(order string) string { return "/orders/" + order }})
}

// stories are the components of the pages, for whoever builds one.
func (m *Market) stories() ([]gate.Route, error) { return story.New(m.pages()) }

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
