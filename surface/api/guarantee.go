package api

import (
	"net/http"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/trade/guarantee"
	"hutong/trade/order"
)

// protectedForm is the price guarantee of one line.
type protectedForm struct {
	Line   int64       `json:"line"`
	Price  money.Money `json:"price" doc:"what a piece is protected at"`
	Until  string      `json:"until"`
	Given  money.Money `json:"given" doc:"what was given back so far"`
	Claims []fallForm  `json:"claims"`
}

// fallForm is one time that the price had fallen.
type fallForm struct {
	Line   int64       `json:"line"`
	From   money.Money `json:"from" doc:"of a piece"`
	Now    money.Money `json:"now"`
	Pieces int64       `json:"pieces"`
	Amount money.Money `json:"amount" doc:"what was given back; 0 where nothing was"`
	Reason string      `json:"reason,omitempty" doc:"why nothing was; empty with an amount of 0: the price is not lower"`
	At     string      `json:"at"`
}

type claimPriceBody struct {
	Line int64 `json:"line"`
}

func (a *api) guarantees() []op {
	return []op{
		get("guarantee.list", "/orders/{order}/price-claims", "The lines of an order that are, or were, under the "+
			"price guarantee, until when, and what each fall of their prices brought.", shoppers,
			func(c *call) (page[protectedForm], error) { return a.protected(c) }),
		write(http.MethodPost, "guarantee.claim", "/orders/{order}/price-claims", shoppers, a.claimPrice).
			says("Compare the price of a line now, and give a difference back. It happens by itself too."),
	}
}

func (a *api) protected(c *call) (page[protectedForm], error) {
	out := page[protectedForm]{Items: []protectedForm{}}
	o, err := a.Orders.Order(c.ctx, c.who.Shopper, order.ID(c.path("order")))
	if err != nil {
		return out, err
	}
	lines, err := a.Guarantee.OfOrder(c.ctx, c.who.Shopper, o.ID)
	if err != nil {
		return out, err
	}
	claims, err := a.Guarantee.ClaimsOf(c.ctx, c.who.Shopper, o.ID)
	for _, l := range lines {
		f := protectedForm{Line: l.No, Price: money.New(l.Price.Public, o.Currency), Until: at(l.Until),
			Given: money.New(l.Given, o.Currency), Claims: []fallForm{}}
		for i := range claims {
			if claims[i].Line == l.No {
				f.Claims = append(f.Claims, fallOf(&claims[i], o.Currency))
			}
		}
		out.Items = append(out.Items, f)
	}
	return out, err
}

func fallOf(v *guarantee.Claim, c money.Currency) fallForm {
	return fallForm{Line: v.Line, From: money.New(v.From, c), Now: money.New(v.Now, c), Pieces: v.Pieces,
		Amount: money.New(v.Amount, c), Reason: v.Reason, At: at(v.At)}
}

func (a *api) claimPrice(c *call, in claimPriceBody) (fallForm, error) {
	if in.Line < 1 {
		return fallForm{}, fault.New(fault.Invalid, "order.line", fault.P("line", in.Line)).At("line")
	}
	o, err := a.Orders.Order(c.ctx, c.who.Shopper, order.ID(c.path("order")))
	if err != nil {
		return fallForm{}, err
	}
	done, err := a.Guarantee.Claim(c.ctx, c.who.Shopper, o.ID, in.Line)
	return fallOf(&done, o.Currency), err
}
