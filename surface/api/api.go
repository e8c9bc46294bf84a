// Package api is the market's JSON API, /api/v1: the same verbs as the pages, for programs.
//
// It decodes strictly, answers refusals as RFC 9457 problems, asks for an Idempotency-Key on every write and gives a
// repeated one its first reply byte for byte. The OpenAPI document is made from the same table that is served, so it
// cannot say something else. It holds no rule of business.
//
// Read this file first (what there is), then op.go (how an operation is served); each resource has a file of its own.
package api

import (
	_ "embed"
	"net/http"
	"sync"

	"hutong/base/idempotency"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/flash"
	"hutong/deal/place"
	"hutong/deal/reference"
	"hutong/deal/voucher"
	"hutong/funds/deposit"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/funds/settle"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/search"
	"hutong/goods/stock"
	"hutong/party/approval"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/party/shopper"
	"hutong/surface/gate"
	"hutong/trade/aftersale"
	"hutong/trade/cart"
	"hutong/trade/checkout"
	"hutong/trade/group"
	"hutong/trade/guarantee"
	"hutong/trade/order"
	"hutong/trade/referral"
	"hutong/trade/ship"
)

// Deps are the rooms that the API speaks for.
type Deps struct {
	Keys      *idempotency.Service
	Approvals *approval.Service
	Logins    *login.Service
	Shoppers  *shopper.Service
	Shops     *merchant.Service
	Catalog   *catalog.Service
	Offers    *offer.Service
	Stock     *stock.Service
	Search    *search.Service
	Ledger    *ledger.Service
	Settle    *settle.Service
	Pay       *pay.Service
	Carts     *cart.Service
	Checkout  *checkout.Service
	Orders    *order.Service
	Ship      *ship.Service
	Vouchers  *voucher.Service
	Campaigns *campaign.Service
	Places    *place.Service
	Flash     *flash.Service
	Cases     *aftersale.Service
	Guarantee *guarantee.Service
	Reference *reference.Service
	Deposits  *deposit.Service
	Referrals *referral.Service
	Groups    *group.Service
	Shelf     func(search.Tag) (int64, error) // what a piece costs anybody now; nil: its offer's price
}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

type api struct{ Deps }

// Who may use an operation.
var (
	everyone  = gate.Anyone()
	shoppers  = []login.Role{login.Shopper}
	merchants = []login.Role{login.Merchant}
	operators = []login.Role{login.Operator}
)

// needs is what merchants and operators must hold, by operation. One of theirs that is not here cannot be mounted.
var needs = map[string]login.Permission{
	"merchant.order.list":         login.OrdersRead,
	"merchant.order":              login.OrdersRead,
	"merchant.ship":               login.OrdersShip,
	"merchant.parcels":            login.OrdersRead,
	"merchant.pickup":             login.OrdersShip,
	"merchant.statement.lines":    login.MoneyRead,
	"merchant.default":            login.CasesAnswer,
	"merchant.product.list":       login.ProductsRead,
	"merchant.price":              login.ProductsWrite,
	"merchant.stock":              login.StockWrite,
	"merchant.statement.list":     login.MoneyRead,
	"merchant.returns":            login.ShopEdit,
	"merchant.returns.set":        login.ShopEdit,
	"merchant.group.list":         login.SaleRead,
	"merchant.group.open":         login.SaleWrite,
	"merchant.group.turn":         login.SaleWrite,
	"merchant.campaign.list":      login.SaleRead,
	"merchant.enrolment.list":     login.SaleRead,
	"merchant.enrolment":          login.SaleRead,
	"merchant.enrolment.enrol":    login.SaleWrite,
	"merchant.enrolment.change":   login.SaleWrite,
	"merchant.enrolment.withdraw": login.SaleWrite,
	"merchant.place.list":         login.SaleRead,
	"merchant.place.bid":          login.SaleWrite,
	"merchant.bid.list":           login.SaleRead,
	"merchant.bid":                login.SaleRead,
	"merchant.bid.retract":        login.SaleWrite,
	"merchant.bid.pay":            login.SaleWrite,
	"operator.place.list":         login.MarketSale,
	"operator.place.publish":      login.MarketSaleApprove,
	"operator.place":              login.MarketSale,
	"operator.place.call_off":     login.MarketSaleApprove,
	"operator.bid.list":           login.MarketSale,
	"operator.bid.decide":         login.MarketSaleApprove,
	"operator.group.list":         login.MarketSale,
	"operator.group.halt":         login.MarketSaleApprove,
	"merchant.case.list":          login.OrdersRead,
	"merchant.case":               login.OrdersRead,
	"merchant.case.agree":         login.CasesAnswer,
	"merchant.case.return":        login.CasesAnswer,
	"merchant.case.back":          login.CasesAnswer,
	"merchant.case.refuse":        login.CasesAnswer,
	"operator.case.list":          login.MarketOrders,
	"operator.case":               login.MarketOrders,
	"operator.case.refund":        login.MarketSuspenseMove,
	"operator.case.refuse":        login.MarketSuspenseMove,
	"merchant.deposit":            login.MoneyRead,
	"merchant.deposit.appeal":     login.PayoutAsk,
	"operator.deposit":            login.MarketShops,
	"operator.deposit.freeze":     login.MarketFeesAsk,
	"operator.deposit.draw":       login.MarketFeesAsk,
	"operator.deposit.ask":        login.MarketFeesAsk,
	"operator.deposit.release":    login.MarketFeesAsk,
	"operator.deposit.answer":     login.MarketFeesApprove,
	"operator.refund.list":        login.MarketSuspense,
	"operator.refund.retry":       login.MarketSuspenseMove,
	"operator.refund.by_hand":     login.MarketSuspenseMove,
	"operator.refund.ask":         login.MarketSuspenseMove,
	"operator.order.list":         login.MarketOrders,
	"operator.order.end":          login.MarketSuspenseMove,
	"operator.order.go_on":        login.MarketSuspenseMove,
	"operator.books":              login.MarketBooks,
	"operator.shop.open":          login.MarketShopsManage,
	"operator.fee":                login.MarketFeesAsk,
	"operator.approval.list":      login.MarketBooks,
	"operator.approval.decide":    login.MarketFeesApprove,
	// whoever may ask may take back what they asked for
	"operator.approval.withdraw": login.MarketFeesAsk,
}

// ops are all operations, as the document lists them.
func (a *api) ops() []op {
	var all []op
	for _, part := range []struct {
		tag string
		ops []op
	}{
		{"Sessions", a.sessions()}, {"Catalogue", a.catalogue()}, {"Addresses", a.addresses()}, {"Cart", a.carts()},
		{"Sale", append(a.sales(), a.before()...)}, {"Groups", a.groups()}, {"Checkout", a.checkout()},
		{"Orders", append(a.orders(), a.parcels()[0])},
		{"Orders", a.balances()}, {"Orders", a.guarantees()}, {"Refunds", a.cases()},
		{"Payments", a.payments()}, {"Merchant", append(a.merchant(), a.parcels()[1:]...)},
		{"Merchant", append(a.deposits()[:2:2], a.shopCases()...)},
		{"Operator", append(a.operator(), a.deposits()[2:]...)}, {"Operator", a.marketCases()},
		{"Operator", a.refunds()}, {"Merchant", a.enrolments()}, {"Merchant", a.shopPlaces()}, {"Operator", a.marketPlaces()},
		{"Operator", a.approvals()},
	} {
		for _, o := range part.ops {
			o.tag = part.tag
			all = append(all, o)
		}
	}
	return all
}

// Routes are the API's rows of the route table, with the document and its readable form.
func Routes(d Deps) []gate.Route {
	a := &api{d}
	ops := a.ops()
	style := func([]op) ([]byte, error) { return docsStyle, nil }
	routes := []gate.Route{
		onDemand("api.openapi", "/api/openapi.json", "application/json", ops, Document),
		onDemand("api.docs", "/api/docs", "text/html; charset=utf-8", ops, readable),
		onDemand("api.docs.style", "/api/docs.css", "text/css; charset=utf-8", ops, style),
	}
	for _, o := range ops {
		r := gate.Route{Name: "api." + o.name, Method: o.method, Path: prefix + o.path, Roles: o.roles,
			Needs: needs[o.name], Leaves: o.leaves, Handler: a.serve(o)}
		if o.in != nil {
			r.BodyMax, r.Takes = 64<<10, "application/json"
		}
		if o.name == placeName {
			r.BodyMax = placeMax
		}
		routes = append(routes, r)
	}
	return routes
}

const prefix = "/api/v1"

// onDemand is a page about the operations. It is written when somebody asks for it first: most nodes are never asked.
func onDemand(name, path, kind string, ops []op, write func([]op) ([]byte, error)) gate.Route {
	text := sync.OnceValues(func() ([]byte, error) { return write(ops) })
	return gate.Route{Name: name, Method: http.MethodGet, Path: path, Roles: gate.Anyone(),
		Handler: gate.Verb(func(w http.ResponseWriter, _ *http.Request) error {
			data, err := text()
			if err != nil {
				return err
			}
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Cache-Control", "max-age=60")
			_, _ = w.Write(data) // the client has gone: there is nobody to tell
			return nil
		})}
}
