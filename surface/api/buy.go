package api

import (
	"net/http"

	"hutong/base/money"
	"hutong/funds/pay"
	"hutong/goods/offer"
	"hutong/party/shopper"
	"hutong/surface/gate"
	"hutong/trade/cart"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/ship"
)

func (a *api) addresses() []op {
	return []op{
		get("address.list", "/addresses", "The shopper's addresses.", shoppers, func(c *call) (page[addressForm], error) {
			all, err := a.Shoppers.Addresses(c.ctx, shopper.ID(c.who.Shopper))
			out := page[addressForm]{Items: []addressForm{}}
			for _, v := range all {
				out.Items = append(out.Items, addressOf(v))
			}
			return out, err
		}),
		records(write(http.MethodPost, "address.add", "/addresses", shoppers, a.addAddress).
			says("Keep an address. In China division is the area's six digits; elsewhere region "+
				"holds state and city.").creates(), addressOf),
	}
}

func (a *api) addAddress(c *call, in addressForm) (addressForm, error) {
	v, err := a.Shoppers.AddAddress(c.ctx, shopper.ID(c.who.Shopper), in.given())
	return addressOf(v), err
}

type cartLine struct {
	Offer    string `json:"offer"`
	Quantity int64  `json:"quantity"`
}

type quantityBody struct {
	Quantity uint32 `json:"quantity" doc:"pieces; 0 takes the line out"`
}

func (a *api) carts() []op {
	return []op{
		get("cart", "/cart", "What is in the cart.", shoppers, func(c *call) (page[cartLine], error) {
			lines, err := a.Carts.Lines(c.ctx, c.who.Shopper)
			return cartOf(lines), err
		}),
		records(write(http.MethodPut, "cart.put", "/cart/lines/{offer}", shoppers, a.putCart).
			says("Set how many pieces of an offer are in the cart; 0 takes it out."), cartLineOf),
	}
}

func (a *api) putCart(c *call, in quantityBody) (cartLine, error) {
	l := cart.Line{Offer: offer.ID(c.path("offer")), Quantity: int64(in.Quantity)}
	return cartLineOf(l), a.Carts.Put(c.ctx, c.who.Shopper, l.Offer, l.Quantity)
}

func cartLineOf(l cart.Line) cartLine { return cartLine{string(l.Offer), l.Quantity} }

func cartOf(lines []cart.Line) page[cartLine] {
	out := page[cartLine]{Items: []cartLine{}}
	for _, l := range lines {
		out.Items = append(out.Items, cartLineOf(l))
	}
	return out
}

type carrierBody struct {
	Carrier string `json:"carrier" doc:"one of those that a quote names"`
	Pickup  string `json:"pickup,omitempty" doc:"the code of one of its points, where it has any"`
}

type quoteBody struct {
	Lines    []cartLine             `json:"lines"`
	Address  string                 `json:"address,omitempty"`
	Carriers map[string]carrierBody `json:"carriers,omitempty" doc:"by shop"`
	Claims   []string               `json:"claims,omitempty" doc:"the vouchers to use; without it, the best of all held"`
	Presale  string                 `json:"presale,omitempty" doc:"the sale's item whose earnest is to be paid, alone"`
	Balances []string               `json:"balances,omitempty" doc:"orders of presales whose balance is paid together"`
}

type carrierForm struct {
	Carrier string      `json:"carrier"`
	Freight money.Money `json:"freight"`
	DaysMin int         `json:"days_min"`
	DaysMax int         `json:"days_max"`
	Pickup  bool        `json:"pickup"`
	Points  []pointForm `json:"points,omitempty" doc:"where it can be fetched: a quote's carriers name the code of one"`
}

// pointForm is one place where a shop's parcels can be fetched.
type pointForm struct {
	Code    string `json:"code"`
	Name    words  `json:"name"`
	Address string `json:"address"`
}

func carrierOf(o ship.Option, c money.Currency) carrierForm {
	f := carrierForm{Carrier: o.Carrier, Freight: money.New(o.Freight, c), DaysMin: o.DaysMin, DaysMax: o.DaysMax,
		Pickup: o.Pickup}
	for _, p := range o.Points {
		f.Points = append(f.Points, pointForm{p.Code, words{p.Zh, p.En}, p.Address})
	}
	return f
}

type shopQuoteForm struct {
	Shop      string        `json:"shop"`
	Goods     money.Money   `json:"goods"`
	Freight   money.Money   `json:"freight"`
	Chosen    string        `json:"carrier,omitempty"`
	Carriers  []carrierForm `json:"carriers"`
	ShipHours int64         `json:"ship_hours,omitempty" doc:"it is sent within so many hours of being paid"`
	Lines     []lineForm    `json:"lines"`
}

type problemForm struct {
	Offer string `json:"offer"`
	Code  string `json:"code"`
}

type quoteForm struct {
	Token     string          `json:"token,omitempty"`
	ExpiresAt string          `json:"expires_at,omitempty"`
	Goods     money.Money     `json:"goods"`
	Freight   money.Money     `json:"freight"`
	Total     money.Money     `json:"total"`
	Balances  []balanceLine   `json:"balances,omitempty" doc:"what is paid together with the order"`
	Together  money.Money     `json:"together,omitzero" doc:"total and balances, where there are any: one payment"`
	Presale   *presaleForm    `json:"presale,omitempty"`
	Shops     []shopQuoteForm `json:"shops"`
	Problems  []problemForm   `json:"problems"`
	Choices   []choiceForm    `json:"choices" doc:"the vouchers and red packets that can be used"`
	Refused   []refusedForm   `json:"refused" doc:"what takes nothing off, and why; also claims that are not the caller's"`
	Hints     []hintForm      `json:"hints" doc:"what would take more off"`
	Refunds   string          `json:"refunds" doc:"of part of it: share, or repriced, what is left then"`
	Terms     *words          `json:"refund_terms,omitempty" doc:"of repriced: to be read before it is placed"`
}

type refusedForm struct {
	Promotion string `json:"promotion"`
	Claim     string `json:"claim,omitempty"`
	Code      string `json:"code"`
}

type hintForm struct {
	Promotion string      `json:"promotion"`
	Short     money.Money `json:"short" doc:"how much more of its lines there must be"`
	Pieces    int64       `json:"pieces,omitempty"`
	Then      money.Money `json:"then" doc:"what it then takes off in all"`
}

func (a *api) checkout() []op {
	return []op{
		write(http.MethodPost, "quote", "/quotes", shoppers, a.quote).
			says("Price a basket. With an address and without problems the answer holds a checkout token, good for one " +
				"order until it expires. A quote writes nothing, so this call takes no key.").reads(),
		{name: placeName, method: http.MethodPost, path: "/orders", roles: shoppers, status: http.StatusCreated,
			in: typeOf[placeBody](), out: typeOf[placedForm](), raw: gate.Verb(a.place),
			summary: "Place the order of a checkout token: stock is reserved when this answers. The token is the " +
				"idempotency key; a key in the header is not needed. Where what the token promised does not hold any more, " +
				"the problem has it beside a quote of now; placing that quote's token is the shopper's consent.", keyless: true},
	}
}

func (a *api) quote(c *call, in quoteBody) (quoteForm, error) {
	b := checkout.Basket{Address: in.Address, Claims: in.Claims, Presale: in.Presale, Lang: gate.Lang(c.ctx),
		Carriers: map[string]checkout.CarrierChoice{}}
	for _, l := range in.Lines {
		b.Lines = append(b.Lines, checkout.BasketLine{Offer: l.Offer, Quantity: l.Quantity})
	}
	for _, id := range in.Balances {
		b.Balances = append(b.Balances, order.ID(id))
	}
	for shop, choice := range in.Carriers {
		b.Carriers[shop] = checkout.CarrierChoice{Carrier: choice.Carrier, Pickup: choice.Pickup}
	}
	q, err := a.Checkout.Quote(c.ctx, c.who.Shopper, b)
	if err != nil {
		return quoteForm{}, err
	}
	return quoteOf(q)
}

func quoteOf(q checkout.Quote) (quoteForm, error) {
	o, err := orderOf(q.Order, nil)
	if err != nil {
		return quoteForm{}, err
	}
	f := quoteForm{Token: q.Token, ExpiresAt: at(q.ExpiresAt), Goods: o.Goods, Freight: o.Freight, Total: o.Total,
		Presale: o.Presale, Shops: []shopQuoteForm{}, Problems: []problemForm{},
		Refused: []refusedForm{}, Hints: []hintForm{}, Refunds: "share", Choices: choicesOf(q.Choices, q.Currency)}
	if q.Reprices() {
		terms := order.Texts["order.repriced"]
		f.Refunds, f.Terms = "repriced", &words{terms.Zh, terms.En}
	}
	for _, b := range q.Balances {
		f.Balances = append(f.Balances, balanceLine{string(b.Order.ID), money.New(b.Ask, q.Currency),
			money.New(b.Off, q.Currency)})
		f.Together = q.Pay()
	}
	for i, s := range o.Suborders {
		shop := shopQuoteForm{Shop: s.Shop, Goods: s.Goods, Freight: s.Freight, Chosen: s.Carrier, Lines: s.Lines,
			ShipHours: s.ShipHours, Carriers: []carrierForm{}}
		if i < len(q.Shops) {
			for _, v := range q.Shops[i].Options {
				shop.Carriers = append(shop.Carriers, carrierOf(v, q.Currency))
			}
		}
		f.Shops = append(f.Shops, shop)
	}
	for _, p := range q.Problems {
		f.Problems = append(f.Problems, problemForm{p.Offer, codeOf(p.Err)})
	}
	for _, r := range q.Why.Refused {
		f.Refused = append(f.Refused, refusedForm{r.Promotion, r.Claim, r.Code})
	}
	for _, claim := range q.Strange {
		f.Refused = append(f.Refused, refusedForm{Claim: claim, Code: checkout.NoVoucher})
	}
	for _, h := range q.Why.Hints {
		f.Hints = append(f.Hints, hintForm{h.Promotion, money.New(h.Short, q.Currency), h.Pieces,
			money.New(h.Then, q.Currency)})
	}
	return f, nil
}

func (a *api) orders() []op {
	return []op{
		get("order.list", "/orders", "The shopper's orders, newest first.", shoppers, func(c *call) (page[orderForm], error) {
			limit, err := c.limit()
			if err != nil {
				return page[orderForm]{}, err
			}
			all, err := a.Orders.ByShopper(c.ctx, c.who.Shopper, order.ID(c.text("cursor")), limit+1)
			if err != nil {
				return page[orderForm]{}, err
			}
			return formed(all, limit, orderOf)
		}).takes(limitParam, cursorOf("ord")),
		get("order", "/orders/{order}", "One order with its parts and the path it took.", shoppers,
			func(c *call) (orderForm, error) {
				return orderOf(a.Orders.Order(c.ctx, c.who.Shopper, order.ID(c.path("order"))))
			}),
		write(http.MethodPost, "order.cancel", "/orders/{order}/cancel", shoppers, func(c *call, _ empty) (orderForm, error) {
			id := order.ID(c.path("order"))
			if err := a.Orders.Cancel(c.ctx, c.who.Shopper, id); err != nil {
				return orderForm{}, err
			}
			return orderOf(a.Orders.Order(c.ctx, c.who.Shopper, id))
		}).says("Cancel an order that is not paid yet; its stock is free again. Of a presale whose earnest is paid, " +
			"`forfeit` of the earnest is lost, as was agreed to, and `give_back` comes back."),
		write(http.MethodPost, "order.receive", "/orders/{order}/suborders/{seq}/receive", shoppers,
			func(c *call, _ empty) (orderForm, error) {
				seq, err := c.seq()
				if err != nil {
					return orderForm{}, err
				}
				id := order.ID(c.path("order"))
				if err := a.Orders.Receive(c.ctx, c.who.Shopper, id, seq); err != nil {
					return orderForm{}, err
				}
				return orderOf(a.Orders.Order(c.ctx, c.who.Shopper, id))
			}).says("Confirm that one shop's part arrived; its money is settled."),
	}
}

// formed is a page of orders; the last one's id is where the next page begins.
func formed(all []order.Order, limit int, form func(order.Order, error) (orderForm, error)) (page[orderForm], error) {
	forms := make([]orderForm, len(all))
	for i, o := range all {
		var err error
		if forms[i], err = form(o, nil); err != nil {
			return page[orderForm]{}, err
		}
	}
	return paged(forms, limit, func(f orderForm) string { return f.Order }), nil
}

type walletBody struct {
	Wallet string `json:"wallet"`
}

type attemptForm struct {
	Attempt string      `json:"attempt"`
	Wallet  string      `json:"wallet"`
	State   string      `json:"state"`
	Amount  money.Money `json:"amount"`
	Part    money.Money `json:"part,omitzero" doc:"of the amount, what is for this order, if it is paid with others"`
	QR      string      `json:"qr,omitempty"`
	URL     string      `json:"url,omitempty"`
}

func attemptOf(v pay.Attempt) attemptForm {
	f := attemptForm{Attempt: string(v.ID), Wallet: v.Wallet, State: string(v.State), Amount: v.Asked(),
		QR: v.Instruction.QR, URL: v.Instruction.URL}
	if v.Bill != "" {
		f.Attempt = string(v.Bill)
		if v.Amount != f.Amount { // how the attempt was begun, it is of the whole bill
			f.Part = v.Amount
		}
	}
	return f
}

func (a *api) payments() []op {
	return []op{
		records(write(http.MethodPost, "payment.begin", "/orders/{order}/payments", shoppers,
			func(c *call, in walletBody) (attemptForm, error) {
				v, _, err := a.Pay.Begin(c.ctx, pay.Begin{Order: c.path("order"), Shopper: c.who.Shopper, Wallet: in.Wallet})
				return attemptOf(v), err
			}).says("Begin to pay with a wallet. The answer holds an EMVCo QR payload, and a link "+
			"where the wallet has one. Orders that are paid together are paid by one payment, "+
			"whichever is named.").creates(), attemptOf),
		get("payment.list", "/orders/{order}/payments", "The attempts to pay an order.", shoppers,
			func(c *call) (page[attemptForm], error) {
				if _, err := a.Orders.Order(c.ctx, c.who.Shopper, order.ID(c.path("order"))); err != nil {
					return page[attemptForm]{}, err
				}
				all, err := a.Pay.Attempts(c.ctx, c.path("order"))
				out := page[attemptForm]{Items: []attemptForm{}}
				for _, v := range all {
					out.Items = append(out.Items, attemptOf(v))
				}
				return out, err
			}),
	}
}
