// Package operatorweb is the operator's desk: the market's numbers, the lamp that says whether all promises hold, the
// shops, every order and where its money is, and who may do what.
//
// It shows what the rooms and the auditor say and decides nothing. All pages are one template, desk.html, filled with
// sections. Read this file first, then desk.go (the frame) and views.go (what pages are made of).
package operatorweb

import (
	"embed"
	"net/http"
	"time"

	"hutong/base/checkup"
	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/job"
	"hutong/base/money"
	"hutong/base/rollout"
	"hutong/base/text"
	"hutong/base/tune"
	"hutong/deal/campaign"
	"hutong/deal/place"
	"hutong/funds/deposit"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/funds/settle"
	"hutong/goods/catalog"
	"hutong/goods/search"
	"hutong/party/approval"
	"hutong/party/audit"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/reach/notice"
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

// Texts are the sentences of this room.
var Texts = text.Merge(text.MustParse(textJSON), salesTexts)

// Deps are what the operator's desk stands on.
type Deps struct {
	Pages     page.Config
	Clock     clock.Clock
	Zone      *time.Location
	Currency  money.Currency
	DB        *db.DB
	Catalog   *catalog.Service
	Shops     *merchant.Service
	Ledger    *ledger.Service
	Settle    *settle.Service
	Pay       *pay.Service
	Orders    *order.Service
	Cases     *aftersale.Service
	Ship      *ship.Service
	Tally     *tally.Service
	Checkups  *checkup.Service
	Board     *job.Board
	Bus       *event.Bus
	Approvals *approval.Service
	Payouts   *merchant.Payouts
	Search    *search.Service
	Audit     *audit.Service
	Logins    *login.Service
	Tune      *tune.Service
	Switches  *rollout.Service
	Reviews   *review.Service   // nil: the market has none
	Notices   *notice.Service   // nil: it tells nobody anything
	Campaigns *campaign.Service // nil: there are no sales
	Places    *place.Service    // nil: no places are sold; it needs Campaigns
	Deposits  *deposit.Service  // nil: none are kept; it needs Campaigns
	Sale      *saleweb.Rooms    // nil: no promotions and vouchers
	Groups    *group.Service    // nil: nobody buys together
}

// web is the desk's pages.
type web struct {
	Deps
	set *page.Set
}

// New makes the operator's pages. An error is a defect of the build: a template that cannot be read.
func New(d Deps) ([]gate.Route, error) {
	set, err := page.NewSet(d.Pages, files)
	if err != nil {
		return nil, err
	}
	w := &web{Deps: d, set: set}
	all := append(w.market(), append(w.money(), append(w.health(), w.rights()...)...)...)
	all = append(all, w.sales()...)
	if d.Deposits != nil && d.Campaigns != nil {
		all = append(all, read("standing", standingPath, login.MarketShops, w.standing),
			take("standing.take", standingPath, login.MarketFeesAsk, w.takeStanding),
			take("standing.answer", answerPath, login.MarketFeesApprove, w.answerAppeal))
	}
	if d.Sale != nil {
		more, err := saleweb.Market(*d.Sale, w.saleFrame)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	if d.Reviews != nil {
		all = append(all, read("reviews", "/operator/reviews", login.MarketReviews, w.reviews),
			take("reviews.decide", "/operator/reviews", login.MarketReviews, w.moderate))
	}
	if d.Groups != nil {
		all = append(all, read("groups", groupsPath, login.MarketSale, w.groups),
			take("groups.halt", groupsPath, login.MarketSaleApprove, w.haltGroups))
	}
	if d.Cases != nil {
		all = append(all, read("cases", casesPath, login.MarketOrders, w.cases),
			read("case", casesPath+"/{case}", login.MarketOrders, w.aCase),
			take("case.decide", casesPath+"/{case}", login.MarketSuspenseMove, w.decideCase))
	}
	if d.Notices != nil {
		all = append(all, read("notices", "/operator/notices", login.MarketNotices, w.notices))
	}
	return all, nil
}

// saleFrame is the frame of the pages of promotions and vouchers.
func (w *web) saleFrame(rw http.ResponseWriter, r *http.Request, tab, title string) page.Frame {
	v, t := w.page(r, tab, "sales")
	v.Title = t.T(title)
	v.Notice = t.TakeFlash(rw, r)
	return v.Frame
}

func (w *web) market() []gate.Route {
	return []gate.Route{
		read("today", "/operator", login.MarketRead, w.today),
		read("orders", "/operator/orders", login.MarketOrders, w.orders),
		read("order", "/operator/orders/{order}", login.MarketOrders, w.order),
		take("order.default", "/operator/orders/{order}", login.MarketShopsManage, w.defaultOrder),
		take("order.taken", "/operator/orders/{order}/taken", login.MarketSuspenseMove, w.decideTaken),
		read("shops", "/operator/shops", login.MarketShops, w.shops),
		take("shops.move", "/operator/shops", login.MarketShopsManage, w.moveShop),
		read("shop", "/operator/shops/{shop}", login.MarketShops, w.shop),
		read("catalog", "/operator/catalog", login.MarketRead, w.catalog),
	}
}

func (w *web) money() []gate.Route {
	return []gate.Route{
		read("books", "/operator/books", login.MarketBooks, w.books),
		read("statements", "/operator/statements", login.MarketBooks, w.statements),
		read("statement", "/operator/statements/{shop}/{statement}", login.MarketBooks, w.statement),
		take("statements.pay", "/operator/statements", login.MarketPayoutApprove, w.payOut),
		read("fees", "/operator/fees", login.MarketBooks, w.fees),
		take("fees.ask", "/operator/fees", login.MarketFeesAsk, w.askFee),
		read("approvals", "/operator/approvals", login.MarketBooks, w.approvals),
		take("approvals.decide", "/operator/approvals", login.MarketFeesApprove, w.decide),
		read("suspense", "/operator/suspense", login.MarketSuspense, w.suspense),
		take("suspense.return", "/operator/suspense", login.MarketSuspenseMove, w.moveSuspense),
	}
}

func (w *web) health() []gate.Route {
	return []gate.Route{
		read("integrity", "/operator/integrity", login.MarketRead, w.integrity),
		take("integrity.run", "/operator/integrity", login.MarketVerify, w.runAudit),
		read("integrity.past", "/operator/integrity/{run}", login.MarketRead, w.pastAudit),
		read("jobs", "/operator/jobs", login.MarketRead, w.jobs),
		read("job", "/operator/jobs/{job}", login.MarketRead, w.job),
		take("events.again", "/operator/jobs", login.MarketSettings, w.tellAgain),
		read("audit", "/operator/audit", login.MarketAudit, w.record),
	}
}

func (w *web) rights() []gate.Route {
	return []gate.Route{
		read("staff", "/operator/staff", login.MarketStaff, w.staff),
		take("staff.change", "/operator/staff", login.MarketStaffManage, w.changeStaff),
		read("help", "/operator/help", login.MarketHelp, w.help),
		take("help.begin", "/operator/help", login.MarketHelp, w.beginHelp),
		read("switches", "/operator/switches", login.MarketSwitches, w.switches),
		take("switches.set", "/operator/switches", login.MarketSwitches, w.setSwitch),
		read("settings", "/operator/settings", login.MarketSettings, w.settings),
		take("settings.set", "/operator/settings", login.MarketSettings, w.saveSettings),
	}
}

type handler func(http.ResponseWriter, *http.Request) error

func read(name, path string, needs login.Permission, h handler) gate.Route {
	return gate.Route{Name: "operator." + name, Method: http.MethodGet, Path: path,
		Roles: []login.Role{login.Operator},
		Needs: needs, Page: true, BodyMax: 16 << 10, Handler: gate.Verb(h)}
}

func take(name, path string, needs login.Permission, h handler) gate.Route {
	route := read(name, path, needs, h)
	route.Method = http.MethodPost
	return route
}
