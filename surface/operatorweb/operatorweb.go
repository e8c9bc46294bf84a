// Package operatorweb is the operator's desk: the market's books, every order, the shops, the money that matched
// nothing, and the lamp that says whether all promises hold.
//
// It shows what the rooms and the auditor say and decides nothing. Read this file first, then views.go.
package operatorweb

import (
	"context"
	"embed"
	"net/http"
	"time"

	"hutong/base/clock"
	"hutong/base/text"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/funds/settle"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/order"
	"hutong/trade/ship"
)

//go:embed html/*.html
var files embed.FS

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

// Report is what an audit of the market found.
type Report struct {
	OK     bool
	Checks []Check
	Took   time.Duration
}

// Check is one promise: how many rows it was tried on, and the first rows that break it.
type Check struct {
	Name    string
	Rule    string // the invariants that it stands for
	OK      bool
	Counted int64
	Broken  int64
	Rows    []string
}

// Deps are what the operator's desk stands on.
type Deps struct {
	Pages  page.Config
	Clock  clock.Clock
	Shops  *merchant.Service
	Ledger *ledger.Service
	Settle *settle.Service
	Pay    *pay.Service
	Orders *order.Service
	Ship   *ship.Service
	Verify func(ctx context.Context) (Report, error) // audits the whole market
}

// web is the desk's pages.
type web struct {
	Deps
	set  *page.Set
	last lastAudit
}

// New makes the operator's pages. An error is a defect of the build: a template that cannot be read.
func New(d Deps) ([]gate.Route, error) {
	set, err := page.NewSet(d.Pages, files)
	if err != nil {
		return nil, err
	}
	w := &web{Deps: d, set: set}
	get, post := http.MethodGet, http.MethodPost
	return []gate.Route{
		row("books", get, "/operator", login.MarketBooks, w.books),
		row("verify", post, "/operator/verify", login.MarketVerify, w.verify),
		row("orders", get, "/operator/orders", login.MarketOrders, w.orders),
		row("order", get, "/operator/orders/{order}", login.MarketOrders, w.order),
		row("suspense", get, "/operator/suspense", login.MarketSuspense, w.suspense),
		row("suspense.return", post, "/operator/suspense", login.MarketSuspenseMove, w.giveBack),
		row("shops", get, "/operator/shops", login.MarketShops, w.shops),
		row("shops.move", post, "/operator/shops", login.MarketShopsManage, w.moveShop),
	}, nil
}

func row(
	name, method, path string, needs login.Permission, h func(http.ResponseWriter, *http.Request) error,
) gate.Route {
	return gate.Route{Name: "operator." + name, Method: method, Path: path, Roles: []login.Role{login.Operator},
		Needs: needs, Page: true, BodyMax: 16 << 10, Handler: gate.Verb(h)}
}

// frame begins a page of the desk; tab is the path of the section that it belongs to.
func (w *web) frame(r *http.Request, tab, title string) (page.Frame, page.Tongue) {
	f := page.FrameOf(r, page.Operator)
	t := w.set.In(f.Lang)
	f.Title = t.T(title)
	if r.Method == http.MethodGet && r.URL.RawQuery != "" {
		f.Here += "?" + r.URL.RawQuery
	}
	for _, l := range []struct{ href, key string }{{"/operator", "operatorweb.books"},
		{"/operator/orders", "operatorweb.orders"}, {"/operator/suspense", "operatorweb.suspense"},
		{"/operator/shops", "operatorweb.shops"}} {
		f.Nav = append(f.Nav, page.Link{Href: l.href, Text: t.T(l.key), Current: l.href == tab})
	}
	return f, t
}

// see sends the browser on to read a page after a form was taken.
func see(rw http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(rw, r, to, http.StatusSeeOther)
	return nil
}
