package shopweb

import (
	"net/http"
	"slices"
	"time"

	"hutong/base/fault"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// New makes the shop's pages. An error is a defect of the build: a template that cannot be read.
func New(d Deps) ([]gate.Route, error) {
	w, err := newWeb(d)
	if err != nil {
		return nil, err
	}
	return slices.Concat(w.routes(), w.voucherRoutes(), w.saleRoutes(), w.groupRoutes(), w.inviteRoutes()), nil
}

func newWeb(d Deps) (*web, error) {
	d.Pages.Account = accountPath
	set, err := page.NewSet(d.Pages, files)
	if err != nil {
		return nil, err
	}
	if d.Version == nil {
		d.Version = func() uint64 { return 0 }
	}
	if d.SessionFor == 0 {
		d.SessionFor = login.Defaults.SessionFor
	}
	return &web{Deps: d, set: set, kept: page.NewKept(set, d.Clock, keepFor, d.Version),
		shops: newDirectory(d.Clock, d.Shops.Shops)}, nil
}

// formMax bounds a form; the largest holds a checkout token.
const formMax = 128 << 10

// row is a route of the shop; everything here is a page.
func row(name, method, path string, roles []login.Role, h func(http.ResponseWriter, *http.Request) error) gate.Route {
	return gate.Route{Name: "shop." + name, Method: method, Path: path, Roles: roles, Page: true, BodyMax: formMax,
		Handler: gate.Verb(h)}
}

// upload lets a route take pictures.
func upload(r gate.Route) gate.Route {
	r.BodyMax = reviewBody
	return r
}

// vaulted closes a page where there is no vault.
func (w *web) vaulted(h func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(rw http.ResponseWriter, r *http.Request) error {
		if w.Vault == nil {
			return fault.New(fault.NotFound, "gate.not_found")
		}
		return h(rw, r)
	}
}

func (w *web) routes() []gate.Route {
	get, post := http.MethodGet, http.MethodPost
	return []gate.Route{
		row("home", get, "/{$}", everyone, w.home),
		row("search", get, "/search", everyone, w.search),
		row("category", get, "/c/{category}", everyone, w.category),
		row("shop", get, "/shop/{code}", everyone, w.shop),
		row("suggest", get, "/suggest", everyone, w.suggest),
		row("product", get, "/p/{product}", everyone, w.product),
		row("product.yours", get, "/p/{product}/yours", everyone, w.yours),
		row("product.reviews", get, "/p/{product}/reviews", everyone, w.reviews),
		row("favour", post, "/favourites", takers, w.favour),
		row("cart", get, "/cart", takers, w.cart),
		row("cart.put", post, "/cart", takers, w.putCart),
		row("cart.keep", post, "/cart/keep", buyers, w.keepForLater),
		row("checkout", get, "/checkout", buyers, w.checkout),
		row("checkout.place", post, "/checkout", buyers, w.place),
		row("address.new", get, "/addresses/new", buyers, w.newAddress),
		row("address.add", post, "/addresses/new", buyers, w.addAddress),
		row("orders", get, "/orders", buyers, w.orders),
		row("order", get, "/orders/{order}", buyers, w.orderPage),
		row("order.news", get, "/orders/{order}/news", buyers, w.news),
		row("order.pay", post, "/orders/{order}/pay", buyers, w.begin),
		row("order.cancel", post, "/orders/{order}/cancel", buyers, w.cancel),
		row("order.again", post, "/orders/{order}/again", buyers, w.again),
		row("order.receive", post, "/orders/{order}/receive", buyers, w.receive),
		row("order.refund", post, "/orders/{order}/refund", buyers, w.refund),
		row("order.withdraw", post, "/orders/{order}/withdraw", buyers, w.withdraw),
		row("order.guarantee", post, "/orders/{order}/guarantee", buyers, w.guarantee),
		row("review", get, "/orders/{order}/review", buyers, w.writeReview),
		upload(row("review.write", post, "/orders/{order}/review", buyers, w.saveReview)),
		row("review.report", post, "/reviews/{review}/report", buyers, w.report),
		row("me", get, accountPath, buyers, w.me),
		row("me.favourites", get, "/me/favourites", buyers, w.favourites),
		row("me.lately", get, "/me/lately", buyers, w.seenLately),
		row("me.lately.forget", post, "/me/lately", buyers, w.forgetLately),
		row("me.reviews", get, "/me/reviews", buyers, w.myReviews),
		row("me.reviews.follow", post, "/me/reviews", buyers, w.follow),
		row("me.addresses", get, "/me/addresses", buyers, w.addresses),
		row("me.addresses.change", post, "/me/addresses", buyers, w.changeAddresses),
		row("me.notices", get, "/me/notices", buyers, w.notices),
		row("me.notices.read", post, "/me/notices/read", buyers, w.readNotices),
		row("me.notices.wants", post, "/me/notices", buyers, w.preferences),
		row("me.unread", get, "/me/unread", buyers, w.unread),
		row("me.sessions", get, "/me/sessions", buyers, w.sessions),
		row("me.data", get, "/me/data", buyers, w.data),
		row("me.export", get, "/me/export", buyers, w.vaulted(w.export)),
		row("me.erase", post, "/me/erase", buyers, w.vaulted(w.erase)),
		row("picture", get, "/pic/{picture}/{size}", everyone, w.picture),
		{Name: "shop.icon", Method: get, Path: "/favicon.ico", Roles: everyone, Page: true, Handler: w.set.Assets()},
		{Name: "shop.static", Method: get, Path: "/static/{file}", Roles: everyone, Page: true, Handler: w.set.Assets()},
	}
}

// aYear is how long browsers keep what never changes under its name.
const aYear = 365 * 24 * time.Hour
