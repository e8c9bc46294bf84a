package api

import (
	"net/http"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/funds/ledger"
	"hutong/funds/settle"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/party/merchant"
	"hutong/trade/order"
)

type priceBody struct {
	Price      money.Money  `json:"price"`
	ListPrice  *money.Money `json:"list_price,omitempty"`
	FloorPrice *money.Money `json:"floor_price,omitempty" doc:"what a piece is never sold for less than; 0: none"`
}

type stockBody struct {
	OnHand uint32 `json:"on_hand"`
}

func (a *api) merchant() []op {
	return []op{
		get("merchant.order.list", "/merchant/orders", "The shop's orders, newest first, each with the shop's own part.",
			merchants, a.sold).takes(limitParam, cursorOf("ord"),
			param{name: "filter",
				help: "to_ship, dated (of those, by a day), held (`taken_back_at`), to_pay, shipped, done or all"}),
		get("merchant.order", "/merchant/orders/{order}", "One order, the shop's own part.", merchants,
			func(c *call) (orderForm, error) {
				return soldOf(a.Orders.Sold(c.ctx, c.who.Shop, order.ID(c.path("order"))))
			}),
		a.defaults(),
		get("merchant.product.list", "/merchant/products", "The shop's products.", merchants, a.products).
			takes(limitParam, cursorParam),
		write(http.MethodPut, "merchant.price", "/merchant/offers/{offer}/price", merchants, a.reprice).
			says("Set an offer's price and struck price, and its floor price, which a request without it leaves as it is. "+
				"The answer is the offer as it is then.").calls("unit_price", "price"),
		write(http.MethodPut, "merchant.stock", "/merchant/skus/{sku}/stock", merchants,
			func(c *call, in stockBody) (stockBody, error) {
				return in, a.Stock.SetStock(c.ctx, c.who.Shop, c.path("sku"), int64(in.OnHand))
			}).says("Say how many pieces of a SKU lie in the shop's store.").calls("stock", "on_hand"),
		get("merchant.returns", "/merchant/return-address", "Where the shop wants goods back; empty while it has not "+
			"said so.", merchants, func(c *call) (returnsForm, error) {
			r, err := a.Shops.Returns(c.ctx, merchant.ID(c.who.Shop))
			return returnsOf(r), err
		}),
		write(http.MethodPut, "merchant.returns.set", "/merchant/return-address", merchants,
			func(c *call, in addressForm) (returnsForm, error) {
				r, err := a.Shops.SetReturns(c.ctx, merchant.ID(c.who.Shop), in.given())
				return returnsOf(r), err
			}).says("Say where the shop wants goods back. Without it, no return can be agreed to; shoppers whose " +
			"return is agreed see it, and are told when it changes."),
		get("merchant.statement.list", "/merchant/statements", "What the shop was settled, newest first.", merchants,
			a.statements).takes(limitParam, cursorOf("stm")),
		get("merchant.statement.lines", "/merchant/statements/{statement}/lines", "A statement down to the order line, in "+
			"the order of the books.", merchants,
			a.statementLines).takes(limitParam, cursorParam),
	}
}

// returnsForm is a shop's return address.
type returnsForm struct {
	Address *addressForm `json:"address,omitempty"`
	Since   string       `json:"since,omitempty" doc:"when the shop first said so"`
}

func returnsOf(r merchant.Returns) returnsForm {
	if !r.Set() {
		return returnsForm{}
	}
	to := addressOf(r.Address)
	return returnsForm{&to, at(r.Since)}
}

func (a *api) sold(c *call) (page[orderForm], error) {
	limit, err := c.limit()
	if err != nil {
		return page[orderForm]{}, err
	}
	f := order.Filter(c.text("filter"))
	if f == "" {
		f = order.Any
	}
	if !f.Known() {
		return page[orderForm]{}, fault.New(fault.Invalid, "api.filter").At("filter")
	}
	all, err := a.Orders.ByShop(c.ctx, c.who.Shop, f, order.ID(c.text("cursor")), limit+1)
	if err != nil {
		return page[orderForm]{}, err
	}
	return formed(all, limit, soldOf)
}

// ownProductForm is a product as its shop sees it.
type ownProductForm struct {
	Product     string       `json:"product"`
	Shop        string       `json:"shop"`
	Category    string       `json:"category,omitempty"`
	Title       words        `json:"title"`
	Description words        `json:"description"`
	Brand       string       `json:"brand,omitempty"`
	Pictures    []string     `json:"pictures"`
	SKUs        []ownSKUForm `json:"skus"`
}

type ownSKUForm struct {
	SKU        string       `json:"sku"`
	Offer      string       `json:"offer,omitempty"`
	Choice     words        `json:"choice"`
	Price      *money.Money `json:"price,omitempty"`
	ListPrice  *money.Money `json:"list_price,omitempty"`
	FloorPrice *money.Money `json:"floor_price,omitempty" doc:"never sold for less; nobody else sees it"`
	InStock    bool         `json:"in_stock"`
	Code       string       `json:"code,omitempty"`
}

// ownProductOf is a product of its shop, with its offers.
func ownProductOf(p productForm, offers []offer.Offer) ownProductForm {
	own := ownProductForm{p.Product, p.Shop, p.Category, p.Title, p.Description, p.Brand, p.Pictures,
		make([]ownSKUForm, len(p.SKUs))}
	for i, k := range p.SKUs {
		own.SKUs[i] = ownSKUForm{k.SKU, k.Offer, k.Choice, k.Price, k.ListPrice, floorOf(offers, k.Offer), k.InStock, k.Code}
	}
	return own
}

func (a *api) products(c *call) (page[ownProductForm], error) {
	limit, err := c.limit()
	if err != nil {
		return page[ownProductForm]{}, err
	}
	all, err := a.Catalog.ByShop(c.ctx, catalog.ByShop{Shop: c.who.Shop, Cursor: c.text("cursor"), Limit: limit})
	if err != nil {
		return page[ownProductForm]{}, err
	}
	items, offers, err := a.offered(c.ctx, all.Products, false)
	own := make([]ownProductForm, len(items))
	for i, p := range items {
		own[i] = ownProductOf(p, offers[p.Product])
	}
	return page[ownProductForm]{Items: own, Next: all.Next}, err
}

// floorOf is the floor of one of some offers, nil for none.
func floorOf(all []offer.Offer, id string) *money.Money {
	for _, o := range all {
		if string(o.ID) == id && o.FloorPrice > 0 {
			floor := money.New(o.FloorPrice, o.Currency)
			return &floor
		}
	}
	return nil
}

func (a *api) reprice(c *call, in priceBody) (priceBody, error) {
	list := money.New(0, in.Price.Currency)
	if in.ListPrice != nil {
		list = *in.ListPrice
	}
	if !in.Price.Currency.Valid() || list.Currency != in.Price.Currency {
		return priceBody{}, fault.New(fault.Invalid, "api.money").At("price")
	}
	o, err := a.Offers.Price(c.ctx, offer.Pricing{Shop: c.who.Shop, Offer: offer.ID(c.path("offer")), Unit: in.Price,
		List: list, Floor: in.FloorPrice})
	in.FloorPrice = floorOf([]offer.Offer{o}, string(o.ID))
	return in, err
}

type openShopBody struct {
	Code     string `json:"code"`
	Name     words  `json:"name"`
	Intro    words  `json:"intro"`
	Division string `json:"division,omitempty"`
}

type standingForm struct {
	Account string      `json:"account"`
	Debits  money.Money `json:"debits"`
	Credits money.Money `json:"credits"`
}

type feeBody struct {
	Scope string `json:"scope" enum:"market,shop,category"`
	ID    string `json:"id,omitempty" doc:"of the shop or category; none of the market"`
	PPM   int64  `json:"ppm" doc:"millionths of what is paid"`
	From  string `json:"from" doc:"RFC 3339; seven days ahead at least"`
}

func (a *api) operator() []op {
	return []op{
		get("operator.order.list", "/operator/orders", "The market's orders, newest first.", operators,
			func(c *call) (page[orderForm], error) {
				limit, err := c.limit()
				if err != nil {
					return page[orderForm]{}, err
				}
				all, err := a.Orders.Recent(c.ctx, order.ID(c.text("cursor")), limit+1)
				if err != nil {
					return page[orderForm]{}, err
				}
				return formed(all, limit, orderOf)
			}).takes(limitParam, cursorOf("ord")),
		get("operator.books", "/operator/books", "The counters of every account of the ledger.", operators,
			a.books).takes(limitParam, cursorParam),
		write(http.MethodPost, "operator.shop.open", "/operator/shops", operators, a.openShop).
			says("Open a shop.").creates().
			calls("name_zh", "name.zh", "name_en", "name.en", "intro_zh", "intro.zh", "intro_en", "intro.en"),
		write(http.MethodPost, "operator.fee", "/operator/fees", operators, a.askFee).
			says("Ask for a fee, at least seven days ahead. It is announced when another of the market's staff "+
				"approves the request.").waits().calls("scope_id", "id"),
		a.taken("end", "End an order whose money a wallet took back by itself (`taken_back_at`): all of it that was not "+
			"sent is given back, its stock, vouchers and limits are free, and what was taken is not paid again.",
			func(c *call, id order.ID) error { return a.Cases.EndTaken(c.ctx, id) }),
		a.taken("go_on", "Say that the money that a wallet took back of an order is there again: the order goes on, and "+
			"refunds that were met by it meanwhile are sent.",
			func(c *call, id order.ID) error { return a.Orders.GoOn(c.ctx, id) }),
	}
}

// taken is one of the operator's two words about an order whose money was taken back.
func (a *api) taken(word, says string, do func(*call, order.ID) error) op {
	return write(http.MethodPost, "operator.order."+word, "/operator/orders/{order}/"+strings.ReplaceAll(word, "_", "-"),
		operators, func(c *call, _ empty) (orderForm, error) {
			id := order.ID(c.path("order"))
			if err := do(c, id); err != nil {
				return orderForm{}, err
			}
			return orderOf(a.Orders.Any(c.ctx, id))
		}).says(says)
}

func (a *api) openShop(c *call, in openShopBody) (shopForm, error) {
	s, err := a.Shops.OpenShop(c.ctx, merchant.OpenShop{Code: in.Code, Division: in.Division,
		Name: text.Entry{Zh: in.Name.Zh, En: in.Name.En}, Intro: text.Entry{Zh: in.Intro.Zh, En: in.Intro.En}})
	return shopOf(s), err
}

// askedForm is a request that waits for another person.
type askedForm struct {
	Approval string `json:"approval"`
	State    string `json:"state"`
	Until    string `json:"until"`
}

func (a *api) askFee(c *call, in feeBody) (askedForm, error) {
	from, err := time.Parse(time.RFC3339, in.From)
	if err != nil {
		return askedForm{}, fault.New(fault.Invalid, "api.time").At("from").Because(err)
	}
	f := settle.FeeAsked{Scope: strings.TrimSpace(in.Scope), ScopeID: in.ID, PPM: in.PPM, FromUS: clock.Micros(from)}
	if settle.Scope(f.Scope) == settle.ScopeShop && f.ScopeID != "" {
		if _, err := a.Shops.Shop(c.ctx, merchant.ID(f.ScopeID)); err != nil {
			return askedForm{}, err
		}
	}
	r, err := a.Approvals.Ask(c.ctx, settle.AskFee(c.who, f))
	return askedForm{string(r.ID), string(r.State), at(r.Expires)}, err
}

// books lists accounts; a cursor is a currency and an account of it. Codes: api.cursor.
func (a *api) books(c *call) (page[standingForm], error) {
	limit, err := c.limit()
	if err != nil {
		return page[standingForm]{}, err
	}
	currency, account, _ := strings.Cut(c.text("cursor"), ".")
	after := ledger.Standing{Currency: money.Currency(currency), Account: ledger.Account(account)}
	if c.text("cursor") != "" && !(after.Currency.Valid() && after.Account.Valid()) {
		return page[standingForm]{}, fault.New(fault.Invalid, "api.cursor").At("cursor")
	}
	all, err := a.Ledger.BooksAfter(c.ctx, after, limit+1)
	var out []standingForm
	for _, s := range all {
		out = append(out, standingForm{string(s.Account), money.New(s.Debits, s.Currency), money.New(s.Credits, s.Currency)})
	}
	return paged(out, limit, func(f standingForm) string { return string(f.Debits.Currency) + "." + f.Account }), err
}
