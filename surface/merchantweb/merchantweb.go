// Package merchantweb is the merchant's desk: orders to ship, parcels to hand out, prices and stock.
//
// Every page shows one shop only, the one of who is logged in; the rooms answer not_found for another's. It decides
// nothing: a refusal of a room is shown beside the form that it is about.
// Read this file first, then views.go; each page has a file of its own.
package merchantweb

import (
	"embed"
	"net/http"
	"strconv"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/funds/settle"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/picture"
	"hutong/goods/stock"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/party/shopper"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/aftersale"
	"hutong/trade/order"
	"hutong/trade/ship"
)

//go:embed html/*.html
var files embed.FS

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

// Deps are what the desk stands on.
type Deps struct {
	Pages    page.Config
	Clock    clock.Clock
	Shops    *merchant.Service
	Shoppers *shopper.Service
	Catalog  *catalog.Service
	Offers   *offer.Service
	Stock    *stock.Service
	Orders   *order.Service
	Ship     *ship.Service
	Cases    *aftersale.Service // nil: refunds are not answered on the pages
	Settle   *settle.Service
}

// web is the desk's pages.
type web struct {
	Deps
	set *page.Set
}

// New makes the desk's pages. An error is a defect of the build: a template that cannot be read.
func New(d Deps) ([]gate.Route, error) {
	set, err := page.NewSet(d.Pages, files)
	if err != nil {
		return nil, err
	}
	w := &web{Deps: d, set: set}
	get, post := http.MethodGet, http.MethodPost
	routes := []gate.Route{
		row("orders", get, "/desk", login.OrdersRead, w.orders),
		row("order", get, "/desk/orders/{order}", login.OrdersRead, w.order),
		row("order.ship", post, "/desk/orders/{order}/ship", login.OrdersShip, w.dispatch),
		row("pickup", get, "/desk/pickup", login.OrdersRead, w.pickup),
		row("pickup.hand_out", post, "/desk/pickup", login.OrdersShip, w.handOut),
		row("products", get, "/desk/products", login.ProductsRead, w.products),
		row("products.save", post, "/desk/products", login.ProductsWrite, w.save),
		row("money", get, "/desk/money", login.MoneyRead, w.money),
	}
	if w.Cases != nil {
		routes = append(routes, row("cases", get, "/desk/cases", login.OrdersRead, w.cases),
			row("case.answer", post, "/desk/cases/{case}", login.CasesAnswer, w.answer))
	}
	return routes, nil
}

func row(
	name, method, path string, needs login.Permission, h func(http.ResponseWriter, *http.Request) error,
) gate.Route {
	return gate.Route{Name: "desk." + name, Method: method, Path: path, Roles: []login.Role{login.Merchant},
		Needs: needs, Page: true, BodyMax: 16 << 10, Handler: gate.Verb(h)}
}

// shopOf is the shop whose desk this is.
func shopOf(r *http.Request) string { return gate.Who(r.Context()).Shop }

// frame begins a page of the desk; tab is the path of the section that it belongs to.
func (w *web) frame(r *http.Request, tab, title string) (page.Frame, page.Tongue) {
	f := page.FrameOf(r, page.Desk)
	t := w.set.In(f.Lang)
	f.Title = t.T(title)
	if r.URL.RawQuery != "" && r.Method == http.MethodGet {
		f.Here += "?" + r.URL.RawQuery
	}
	for _, l := range []struct{ href, key string }{{"/desk", "merchantweb.orders"}, {"/desk/cases", "merchantweb.cases"},
		{"/desk/pickup", "merchantweb.pickup"}, {"/desk/products", "merchantweb.products"},
		{"/desk/money", "merchantweb.money"}} {
		if w.Cases == nil && l.href == "/desk/cases" {
			continue
		}
		f.Nav = append(f.Nav, page.Link{Href: l.href, Text: t.T(l.key), Current: l.href == tab})
	}
	return f, t
}

// pictureURL is where a picture of a line is served; "" for none.
func pictureURL(id string) string {
	if !picture.ID(id).Valid() {
		return ""
	}
	return "/pic/" + id + "/" + string(picture.Small)
}

// see sends the browser on to read a page after a form was taken.
func see(rw http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(rw, r, to, http.StatusSeeOther)
	return nil
}

// number reads a form's whole number; text that is none is a refusal at its field.
func number(r *http.Request, field string) (int64, error) {
	n, err := strconv.ParseInt(r.PostFormValue(field), 10, 64)
	if err != nil {
		return 0, fault.New(fault.Invalid, "merchantweb.number_wrong").At(field)
	}
	return n, nil
}

// own tells whether a refusal is one that a form shows, rather than a page of its own.
func own(err error) bool {
	switch fault.Of(err) {
	case fault.Internal, fault.Unauthenticated, fault.Forbidden:
		return false
	}
	return true
}
