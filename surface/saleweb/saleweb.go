// Package saleweb is promotions and vouchers at a desk: drafted, tried out against the rules in force, published,
// stopped. A shop's desk shows the shop's own, the operator's the market's, and both are the same pages, so that they
// look and read alike; merchantweb and operatorweb hang them into their desks.
//
// It decides nothing: what may be promised and who must agree is said by deal/promo/rulebook, deal/voucher and
// party/approval, and their refusals are shown beside the field they are about. Read this file first, then field.go
// (how forms become terms) and promotions.go.
package saleweb

import (
	"embed"
	"net/http"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/promo/rulebook"
	"hutong/deal/ruleset"
	"hutong/deal/voucher"
	"hutong/goods/catalog"
	"hutong/goods/search"
	"hutong/party/approval"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/reach/segment"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/referral"
)

//go:embed html/*.html
var files embed.FS

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

// Rooms are what the pages stand on.
type Rooms struct {
	Pages      page.Config
	Clock      clock.Clock
	DB         *db.DB
	Currency   money.Currency
	Catalog    *catalog.Service
	Shops      *merchant.Service
	Promotions *rulebook.Service
	Vouchers   *voucher.Service
	Rules      *ruleset.Service
	Approvals  *approval.Service
	Referrals  *referral.Service // nil: nobody is invited
	Segments   *segment.Service  // nil: there are no sets of shoppers
	Search     *search.Service   // nil: goods are found by their numbers alone
}

// Frame begins a page of the desk that the pages hang in; tab is the path of its section.
type Frame func(rw http.ResponseWriter, r *http.Request, tab, title string) page.Frame

// web is the pages of one desk.
type web struct {
	Rooms
	set    *page.Set
	frame  Frame
	base   string // "/desk" or "/operator"
	market bool   // the operator's
}

// Shop makes the pages of the merchant's desk.
func Shop(rooms Rooms, frame Frame) ([]gate.Route, error) {
	return pages(rooms, web{frame: frame, base: "/desk"},
		rights{"desk.", login.Merchant, login.SaleRead, login.SaleWrite, login.SaleWrite})
}

// Market makes the pages of the operator's desk.
func Market(rooms Rooms, frame Frame) ([]gate.Route, error) {
	return pages(rooms, web{frame: frame, base: "/operator", market: true},
		rights{"operator.", login.Operator, login.MarketSale, login.MarketSaleAsk, login.MarketSaleApprove})
}

// rights are who may read, draft and decide at a desk.
type rights struct {
	prefix              string
	role                login.Role
	read, draft, decide login.Permission
}

func pages(rooms Rooms, desk web, may rights) ([]gate.Route, error) {
	set, err := page.NewSet(rooms.Pages, files)
	if err != nil {
		return nil, err
	}
	w := &desk
	w.Rooms, w.set = rooms, set
	if w.Pages.Zone == nil {
		w.Pages.Zone = time.UTC
	}
	row := func(name, method, path string, needs login.Permission, h verb) gate.Route {
		return gate.Route{Name: may.prefix + name, Method: method, Path: w.base + path, Roles: []login.Role{may.role},
			Needs: needs, Page: true, BodyMax: 64 << 10, Handler: gate.Verb(h)}
	}
	all := []gate.Route{row("promotions.try", http.MethodGet, "/promotions/try", may.read, w.try)}
	things := []drafts{w.promotionPages(), w.voucherPages()}
	if w.market && w.Referrals != nil {
		things = append(things, w.invitePages())
	}
	if w.market && w.Segments != nil {
		things = append(things, w.segmentPages())
	}
	for _, d := range things {
		all = append(all, row(d.names[0], http.MethodGet, d.path, may.read, d.list),
			row(d.names[1], http.MethodGet, d.path+"/new", may.draft, d.fresh),
			row(d.names[2], http.MethodPost, d.path+"/new", may.draft, d.draft),
			row(d.names[3], http.MethodGet, d.path+d.id, may.read, d.one),
			row(d.names[4], http.MethodPost, d.path+d.id, may.decide, d.turn))
	}
	if w.market {
		all = append(all, row("vouchers.given", http.MethodGet, "/vouchers/given", may.read, w.given))
	}
	return all, nil
}

type verb = func(http.ResponseWriter, *http.Request) error

// drafts are the five pages of what is drafted first and turned later: the list, a new one's form and its answer, one
// of them, and what is done with it. The names are those of the routes, in that order.
type drafts struct {
	path, id                      string
	names                         [5]string
	list, fresh, draft, one, turn verb
}

func (w *web) promotionPages() drafts {
	return drafts{path: "/promotions", id: "/{promotion}", list: w.promotions, fresh: w.newPromotion,
		draft: w.draftPromotion, one: w.promotion, turn: w.turnPromotion, names: [5]string{"promotions", "promotions.new",
			"promotions.draft", "promotion", "promotion.turn"}}
}

func (w *web) voucherPages() drafts {
	return drafts{path: "/vouchers", id: "/{template}", list: w.vouchers, fresh: w.newVoucher, draft: w.draftVoucher,
		one: w.voucher, turn: w.turnVoucher, names: [5]string{"vouchers", "vouchers.new", "vouchers.draft", "voucher",
			"voucher.turn"}}
}

// shop is whose promotions the desk shows: "" for the market's.
func (w *web) shop(r *http.Request) string {
	if w.market {
		return ""
	}
	return gate.Who(r.Context()).Shop
}

// can tells whether the reader may draft and turn: what they may not do is not offered. The gate refuses it anyway.
func (w *web) can(r *http.Request) bool {
	if w.market {
		return gate.Who(r.Context()).Can(login.MarketSaleApprove)
	}
	return gate.Who(r.Context()).Can(login.SaleWrite)
}

// begin begins a page below a section.
func (w *web) begin(rw http.ResponseWriter, r *http.Request, tab, title string) (view, page.Tongue) {
	f := w.frame(rw, r, w.base+tab, title)
	t := w.set.In(f.Lang)
	if r.Method != http.MethodGet {
		f.Here = w.base + tab
	}
	return view{Frame: f, Heading: t.T(title)}, t
}

func (w *web) show(rw http.ResponseWriter, r *http.Request, refused error, v view) error {
	status := http.StatusOK
	if refused != nil {
		status = fault.Of(refused).Status()
	}
	return w.set.Render(rw, r, status, "sale-desk", v)
}

// seen answers a form that was taken: the browser reads on at to.
func seen(rw http.ResponseWriter, r *http.Request, to, key string) error {
	page.Flash(rw, "good", key)
	return page.See(rw, r, to)
}
