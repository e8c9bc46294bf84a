// Package merchantweb is the merchant's desk: what there is to do today, orders to ship, parcels to hand out, what is
// asked back, goods, money, and who may do what in the shop. It is also where a shop begins: /open.
//
// Every page shows one shop only, the one of who is logged in; the rooms answer not_found for another's. It decides
// nothing: a refusal of a room is shown beside the form that it is about.
// Read this file first, then views.go; each page has a file of its own.
package merchantweb

import (
	"embed"
	"net/http"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/place"
	"hutong/funds/deposit"
	"hutong/funds/settle"
	"hutong/goods/catalog"
	"hutong/goods/edit"
	"hutong/goods/intake"
	"hutong/goods/intake/upload"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/party/approval"
	"hutong/party/audit"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/party/shopper"
	"hutong/reach/notice"
	"hutong/reach/webhook"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/surface/saleweb"
	"hutong/trade/aftersale"
	"hutong/trade/group"
	"hutong/trade/order"
	"hutong/trade/review"
	"hutong/trade/ship"
	"hutong/trade/tally"
)

//go:embed html/*.html
var files embed.FS

//go:embed text.json
var textJSON []byte

//go:embed text-desk.json
var textDeskJSON []byte

// Texts are the sentences of this room.
var Texts = text.Merge(text.MustParse(textJSON), text.MustParse(textDeskJSON), goodsTexts, salesTexts, groupTexts)

// Deps are what the desk stands on. What may be nil leaves its pages out.
type Deps struct {
	Pages      page.Config
	Clock      clock.Clock
	Shops      *merchant.Service
	Shoppers   *shopper.Service
	Catalog    *catalog.Service
	Offers     *offer.Service
	Stock      *stock.Service
	Orders     *order.Service
	Ship       *ship.Service
	Settle     *settle.Service
	Intake     *intake.Service // with Uploads; nil: no file is imported at the desk
	Uploads    *upload.Service
	Edit       *edit.Service
	Currency   money.Currency     // that of what is sold
	Cases      *aftersale.Service // nil: refunds are not answered on the pages
	Tally      *tally.Service     // nil: no numbers
	Logins     *login.Service     // nil: no staff, keys and sessions, and nobody opens a shop
	Audit      *audit.Service     // nil: no record
	Reviews    *review.Service    // nil: none
	Payouts    *merchant.Payouts  // nil: no payout account; it needs Approvals
	Approvals  *approval.Service
	Pictures   Pictures          // nil: a shop has no picture
	Papers     Pictures          // where pictures of licences are kept, apart from the public ones; nil: none are
	Webhooks   *webhook.Service  // nil: none
	Notices    *notice.Service   // nil: no inbox
	Campaigns  *campaign.Service // nil: no sales to join
	Places     *place.Service    // nil: no places to bid for; it needs Campaigns
	Groups     *group.Service    // nil: nothing is sold to groups
	Deposits   *deposit.Service  // nil: none are kept
	Sale       *saleweb.Rooms    // nil: no promotions and vouchers
	At         string            // the market's own address, for links that are sent to people
	SessionFor time.Duration     // of who opens a shop; 0: thirty days
}

// web is the desk's pages.
type web struct {
	Deps
	set   *page.Set
	needs map[string]login.Permission // of the pages that there are, by path
}

// New makes the desk's pages. An error is a defect of the build: a template that cannot be read.
func New(d Deps) ([]gate.Route, error) {
	set, err := page.NewSet(d.Pages, files)
	if err != nil {
		return nil, err
	}
	if d.SessionFor == 0 {
		d.SessionFor = login.Defaults.SessionFor
	}
	if d.Pages.Zone == nil {
		d.Pages.Zone = time.UTC
	}
	w := &web{Deps: d, set: set, needs: map[string]login.Permission{}}
	routes := slices.Concat(w.routes(), w.goodsRoutes(), w.saleRoutes(), w.groupRoutes())
	if d.Sale != nil {
		more, err := saleweb.Shop(*d.Sale, func(rw http.ResponseWriter, r *http.Request, tab, title string) page.Frame {
			f, _ := w.begin(rw, r, tab, title)
			return f
		})
		if err != nil {
			return nil, err
		}
		routes = append(routes, more...)
	}
	for _, r := range routes {
		if r.Method == http.MethodGet {
			w.needs[r.Path] = r.Needs
		}
	}
	return routes, nil
}

// routes are the rows of the route table, page by page.
func (w *web) routes() []gate.Route {
	get, post := http.MethodGet, http.MethodPost
	routes := []gate.Route{
		row("today", get, "/desk", login.OrdersRead, w.today),
		row("orders", get, "/desk/orders", login.OrdersRead, w.orders),
		row("orders.chosen", post, "/desk/orders", login.OrdersRead, w.chosen),
		row("orders.pick", get, "/desk/orders/pick", login.OrdersRead, w.pick),
		row("orders.pick_pdf", get, "/desk/orders/pick.pdf", login.OrdersRead, w.pickPDF),
		row("orders.slips", get, "/desk/orders/slips.pdf", login.OrdersShip, w.slips),
		row("orders.labels", get, "/desk/orders/labels.pdf", login.OrdersShip, w.labels),
		row("orders.ship", get, "/desk/orders/ship", login.OrdersShip, w.shipMany),
		row("orders.shipped", post, "/desk/orders/ship", login.OrdersShip, w.dispatchMany),
		row("order", get, "/desk/orders/{order}", login.OrdersRead, w.order),
		row("order.ship", post, "/desk/orders/{order}/ship", login.OrdersShip, w.dispatch),
		row("order.default", post, "/desk/orders/{order}/default", login.CasesAnswer, w.defaultOrder),
		row("pickup", get, "/desk/pickup", login.OrdersRead, w.pickup),
		row("pickup.hand_out", post, "/desk/pickup", login.OrdersShip, w.handOut),
		row("money", get, "/desk/money", login.MoneyRead, w.money),
		row("statement", get, "/desk/money/{statement}", login.MoneyRead, w.statement),
		row("statement.csv", get, "/desk/money/{statement}/lines.csv", login.MoneyRead, w.linesCSV),
		row("statement.pdf", get, "/desk/money/{statement}/statement.pdf", login.MoneyRead, w.statementPDF),
	}
	if w.Payouts != nil && w.Approvals != nil {
		routes = append(routes, row("payout", get, "/desk/payout", login.PayoutAsk, w.payout),
			row("payout.ask", post, "/desk/payout", login.PayoutAsk, w.askPayout),
			row("payout.decide", post, "/desk/payout/{request}", login.PayoutAsk, w.decidePayout))
	}
	if w.Campaigns != nil {
		routes = append(routes, row("strikes", get, strikesPath, login.ProductsRead, w.strikes))
	}
	if w.Deposits != nil {
		routes = append(routes, row("deposit", get, depositPath, login.MoneyRead, w.deposit),
			row("deposit.appeal", post, depositPath+"/{hold}", login.PayoutAsk, w.appealDraw))
	}
	if w.Notices != nil {
		routes = append(routes, row("notices", get, noticesPath, login.OrdersRead, w.notices),
			row("notices.read", post, noticesPath, login.OrdersRead, w.readNotices))
	}
	if w.Cases != nil {
		routes = append(routes, row("cases", get, "/desk/cases", login.OrdersRead, w.cases),
			row("case.answer", post, "/desk/cases/{case}", login.CasesAnswer, w.answer))
	}
	if w.Reviews != nil {
		routes = append(routes, row("reviews", get, "/desk/reviews", login.OrdersRead, w.reviews),
			row("review.answer", post, "/desk/reviews/{review}", login.ReviewsAnswer, w.answerReview))
	}
	return slices.Concat(routes, w.shopRoutes(), w.openRoutes())
}

// shopRoutes are the pages about the shop itself and who works there.
func (w *web) shopRoutes() []gate.Route {
	get, post := http.MethodGet, http.MethodPost
	say := row("settings.save", post, "/desk/settings", login.ShopEdit, w.saveSettings)
	say.BodyMax = uploadMax
	routes := []gate.Route{row("settings", get, "/desk/settings", login.ShopEdit, w.settings), say,
		row("settings.origin", post, "/desk/settings/origin", login.ShopEdit, w.saveOrigin),
		row("settings.returns", post, "/desk/settings/returns", login.ShopEdit, w.saveReturns),
		row("settings.point", post, "/desk/settings/points", login.ShopEdit, w.savePoint)}
	if w.Logins != nil {
		routes = append(routes, row("staff", get, "/desk/staff", login.StaffRead, w.staff),
			row("staff.change", post, "/desk/staff", login.StaffManage, w.changeStaff),
			row("member", get, "/desk/staff/{login}", login.StaffManage, w.member),
			row("member.change", post, "/desk/staff/{login}", login.StaffManage, w.changeMember),
			row("keys", get, "/desk/keys", login.KeysManage, w.keys),
			row("keys.change", post, "/desk/keys", login.KeysManage, w.changeKeys),
			row("sessions", get, "/desk/sessions", login.Self, sessions))
	}
	if w.Audit != nil {
		routes = append(routes, row("record", get, "/desk/record", login.AuditRead, w.record))
	}
	if w.Webhooks != nil {
		routes = append(routes, row("webhooks", get, "/desk/webhooks", login.WebhooksManage, w.webhooks),
			row("webhooks.make", post, "/desk/webhooks", login.WebhooksManage, w.makeWebhook),
			row("webhook", get, "/desk/webhooks/{endpoint}", login.WebhooksManage, w.webhook),
			row("webhook.change", post, "/desk/webhooks/{endpoint}", login.WebhooksManage, w.changeWebhook))
	}
	return routes
}

func row(
	name, method, path string, needs login.Permission, h func(http.ResponseWriter, *http.Request) error,
) gate.Route {
	return gate.Route{Name: "desk." + name, Method: method, Path: path, Roles: []login.Role{login.Merchant},
		Needs: needs, Page: true, BodyMax: 16 << 10, Handler: gate.Verb(h)}
}

// noticesPath is the shop's inbox.
const noticesPath = "/desk/notices"

// shopOf is the shop whose desk this is.
func shopOf(r *http.Request) string { return gate.Who(r.Context()).Shop }

// sections are the parts of the desk, in the order of its navigation. A head begins a group.
var sections = []struct{ href, key, icon, head string }{
	{"/desk", "merchantweb.today", "home", ""},
	{noticesPath, "merchantweb.notices", "bell", ""},
	{"/desk/orders", "merchantweb.orders", "orders", "merchantweb.head_sell"},
	{"/desk/cases", "merchantweb.cases", "back", ""},
	{"/desk/pickup", "merchantweb.pickup", "pin", ""},
	{"/desk/products", "merchantweb.products", "box", ""},
	{strikesPath, "merchantweb.strikes", "ticket", ""},
	{"/desk/import", "merchantweb.import", "upload", ""},
	{salesPath, "merchantweb.sales", "ticket", ""},
	{calendarPath, "merchantweb.calendar", "clock", ""},
	{"/desk/promotions", "saleweb.promotions", "ticket", ""},
	{"/desk/vouchers", "saleweb.vouchers", "wallet", ""},
	{groupsPath, "merchantweb.groups", "people", ""},
	{"/desk/reviews", "merchantweb.reviews", "heart", ""},
	{"/desk/money", "merchantweb.money", "money", ""},
	{depositPath, "merchantweb.deposit", "lock", ""},
	{"/desk/settings", "merchantweb.settings", "shop", "merchantweb.head_shop"},
	{"/desk/staff", "merchantweb.staff", "people", ""},
	{"/desk/keys", "merchantweb.keys", "key", ""},
	{"/desk/webhooks", "merchantweb.webhooks", "bell", ""},
	{"/desk/record", "merchantweb.record", "book", ""},
}

// frame begins a page of the desk; tab is the path of the section that it belongs to. The sections are those that there
// are and that the reader may see.
func (w *web) frame(r *http.Request, tab, title string) (page.Frame, page.Tongue) {
	f := page.FrameOf(r, page.Desk)
	t, who := w.set.In(f.Lang), gate.Who(r.Context())
	f.Title = t.T(title)
	if r.URL.RawQuery != "" && r.Method == http.MethodGet {
		f.Here += "?" + r.URL.RawQuery
	}
	head := ""
	for _, s := range sections {
		if s.head != "" {
			head = t.T(s.head)
		}
		needs, there := w.needs[s.href]
		if !there || !who.Can(needs) {
			continue
		}
		f.Nav = append(f.Nav, page.Link{Href: s.href, Text: t.T(s.key), Icon: s.icon, Head: head, Current: s.href == tab})
		head = ""
	}
	w.inbox(r, &f)
	return f, t
}

// begin is frame for a page that a redirect may lead to: it shows what that brought.
func (w *web) begin(rw http.ResponseWriter, r *http.Request, tab, title string) (page.Frame, page.Tongue) {
	f, t := w.frame(r, tab, title)
	f.Notice = t.TakeFlash(rw, r)
	return f, t
}

// inbox puts the shop's inbox into the frame: how many notices wait to be read stands in the header of every page. An
// inbox that cannot be read keeps nobody from their work.
func (w *web) inbox(r *http.Request, f *page.Frame) {
	needs, there := w.needs[noticesPath]
	if !there || !gate.Who(r.Context()).Can(needs) {
		return
	}
	f.Me.Inbox = noticesPath
	f.Me.Unread, _ = w.Notices.Unread(r.Context(), inboxOf(r))
	for i := range f.Nav {
		if f.Nav[i].Href == noticesPath {
			f.Nav[i].Count = int(f.Me.Unread)
		}
	}
}

// zone is the market's.
func (w *web) zone() *time.Location { return w.Pages.Zone }
