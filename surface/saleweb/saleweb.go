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
	get, post := http.MethodGet, http.MethodPost
	row := func(name, method, path string, h func(http.ResponseWriter, *http.Request) error) gate.Route {
		needs := may.read
		if method == post {
			needs = may.draft
		}
		return gate.Route{Name: may.prefix + name, Method: method, Path: w.base + path, Roles: []login.Role{may.role},
			Needs: needs, Page: true, BodyMax: 64 << 10, Handler: gate.Verb(h)}
	}
	all := []gate.Route{
		row("promotions", get, "/promotions", w.promotions),
		row("promotions.new", get, "/promotions/new", w.newPromotion),
		row("promotions.draft", post, "/promotions/new", w.draftPromotion),
		row("promotions.try", get, "/promotions/try", w.try),
		row("promotion", get, "/promotions/{promotion}", w.promotion),
		row("promotion.turn", post, "/promotions/{promotion}", w.turnPromotion),
		row("vouchers", get, "/vouchers", w.vouchers),
		row("vouchers.new", get, "/vouchers/new", w.newVoucher),
		row("vouchers.draft", post, "/vouchers/new", w.draftVoucher),
		row("voucher", get, "/vouchers/{template}", w.voucher),
		row("voucher.turn", post, "/vouchers/{template}", w.turnVoucher),
	}
	for i := range all {
		switch all[i].Name {
		case may.prefix + "promotion.turn", may.prefix + "voucher.turn":
			all[i].Needs = may.decide
		case may.prefix + "promotions.new", may.prefix + "vouchers.new":
			all[i].Needs = may.draft
		}
	}
	if w.market && w.Referrals != nil {
		all = append(all, w.inviteRoutes(row, may)...)
	}
	if w.market && w.Segments != nil {
		all = append(all, w.segmentRoutes(row, may)...)
	}
	if w.market {
		all = append(all, row("vouchers.given", get, "/vouchers/given", w.given))
	}
	return all, nil
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
