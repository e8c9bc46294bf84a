package api

import (
	"net/http"
	"strings"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/trade/checkout"
	"hutong/trade/order"
)

// presaleForm is the two payments of an order: the earnest at once, the balance from its opening until it is due.
type presaleForm struct {
	Item         string      `json:"item"`
	State        string      `json:"state"`
	Earnest      money.Money `json:"earnest"`
	Worth        money.Money `json:"worth" doc:"what the earnest counts for"`
	Balance      money.Money `json:"balance"`
	Forfeit      money.Money `json:"forfeit" doc:"of the earnest, what is lost when the balance is not paid"`
	GiveBack     money.Money `json:"give_back" doc:"what goes back all the same"`
	SellerGives  money.Money `json:"seller_default" doc:"what goes back when the shop does not deliver"`
	BalanceOpens string      `json:"balance_opens"`
	BalanceDue   string      `json:"balance_due" doc:"until then, and not at that instant"`
	EarnestPaid  string      `json:"earnest_paid_at,omitempty"`
	ShipBy       string      `json:"ship_by,omitempty" doc:"it is sent before then"`
	ShipDays     int64       `json:"ship_days,omitempty" doc:"or within so many days after the balance is paid"`
}

func presaleOf(o order.Order) *presaleForm {
	p := o.Presale
	if p == nil {
		return nil
	}
	cash := func(minor int64) money.Money { return money.New(minor, o.Currency) }
	return &presaleForm{Item: p.Item, State: string(p.State), Earnest: cash(p.Earnest), Worth: cash(p.Worth),
		Balance: cash(o.Balance()), Forfeit: cash(p.Forfeit), GiveBack: cash(p.GiveBack()),
		SellerGives: cash(p.SellerDefault()), BalanceOpens: at(p.Opens), BalanceDue: at(p.Due),
		EarnestPaid: at(p.EarnestPaidAt), ShipBy: at(p.ShipBy), ShipDays: p.ShipDays}
}

// balanceLine is the balance of a presale order as it is paid together with others.
type balanceLine struct {
	Order  string      `json:"order"`
	Amount money.Money `json:"amount" doc:"what is paid of it"`
	Off    money.Money `json:"off" doc:"what promotions take off it"`
}

// balanceForm is what a balance comes to now.
type balanceForm struct {
	Balance money.Money   `json:"balance"`
	Off     money.Money   `json:"off" doc:"what promotions take off it"`
	Open    bool          `json:"open" doc:"it is open, and no try to pay has fixed it yet"`
	Choices []choiceForm  `json:"choices" doc:"the vouchers and red packets that can be used"`
	Refused []refusedForm `json:"refused"`
	Hints   []hintForm    `json:"hints"`
}

type choiceForm struct {
	Claim     string      `json:"claim"`
	Promotion string      `json:"promotion"`
	Used      bool        `json:"used"`
	Off       money.Money `json:"off" doc:"where it is not used, what it would take off by itself"`
}

func choicesOf(all []checkout.Choice, c money.Currency) []choiceForm {
	forms := make([]choiceForm, len(all))
	for i, v := range all {
		forms[i] = choiceForm{v.Claim, v.Promotion, v.Used, money.New(v.Off, c)}
	}
	return forms
}

// fixBody is a shopper's consent to a balance.
type fixBody struct {
	Claims  *[]string   `json:"claims,omitempty" doc:"the vouchers to use; without it, the best of all held"`
	Balance money.Money `json:"balance" doc:"what was shown"`
}

func (a *api) balanceOf(c *call, claims []string) (f balanceForm, err error) {
	q, err := a.Checkout.Balance(c.ctx, c.who.Shopper, order.ID(c.path("order")), claims)
	cash := func(minor int64) money.Money { return money.New(minor, q.Balance.Currency) }
	f = balanceForm{Balance: q.Balance, Off: cash(q.Off), Open: q.Open,
		Choices: choicesOf(q.Choices, q.Balance.Currency), Refused: []refusedForm{}, Hints: []hintForm{}}
	for _, r := range q.Why.Refused {
		f.Refused = append(f.Refused, refusedForm{r.Promotion, r.Claim, r.Code})
	}
	for _, h := range q.Why.Hints {
		f.Hints = append(f.Hints, hintForm{h.Promotion, cash(h.Short), h.Pieces, cash(h.Then)})
	}
	return f, err
}

// claimsMax bounds how many vouchers one request names.
const claimsMax = 100

// few refuses more of them: what is left out would be missed at the till. Codes: api.claims.
func few(claims []string) error {
	if len(claims) > claimsMax {
		return fault.New(fault.Invalid, "api.claims", fault.P("max", claimsMax)).At("claims")
	}
	return nil
}

// balances are what shoppers ask about the balance of a presale.
func (a *api) balances() []op {
	return []op{
		get("presale.open", "/balances", "The presale orders whose balance can be paid together with goods now: name them "+
			"in a quote's `balances`. Thresholds of promotions count them beside the goods.", shoppers,
			func(c *call) (page[orderForm], error) {
				all, err := a.Orders.OpenBalances(c.ctx, c.who.Shopper)
				if err != nil {
					return page[orderForm]{}, err
				}
				return formed(all, len(all), orderOf)
			}),
		get("presale.balance", "/orders/{order}/balance", "What the balance of a presale order comes to now: with the best "+
			"of the vouchers held, or with those of `claims`, by commas; an empty one uses none.", shoppers,
			func(c *call) (balanceForm, error) {
				var claims []string
				if c.r.URL.Query().Has("claims") {
					claims = strings.FieldsFunc(c.text("claims"), func(r rune) bool { return r == ',' })
				}
				if err := few(claims); err != nil {
					return balanceForm{}, err
				}
				return a.balanceOf(c, claims)
			}).takes(param{name: "claims", help: "the vouchers to use, by commas"}),
		write(http.MethodPost, "presale.fix", "/orders/{order}/balance", shoppers,
			func(c *call, in fixBody) (balanceForm, error) {
				cmd := order.FixBalance{Order: order.ID(c.path("order")), Shopper: c.who.Shopper, Balance: in.Balance.Minor}
				if err := a.priced(in.Balance, "balance"); err != nil {
					return balanceForm{}, err
				}
				if in.Claims != nil {
					cmd.Claims = append([]string{}, *in.Claims...)
				}
				if err := few(cmd.Claims); err != nil {
					return balanceForm{}, err
				}
				if err := a.Orders.FixBalance(c.ctx, cmd); err != nil {
					return balanceForm{}, err
				}
				return a.balanceOf(c, nil)
			}).says("Agree to what the balance of a presale order comes to, with the vouchers chosen: from then on it stays. " +
			"Beginning to pay without it takes the best of all."),
	}
}

// defaults ends a presale order on the seller's side.
func (a *api) defaults() op {
	return write(http.MethodPost, "merchant.default", "/merchant/orders/{order}/default", merchants,
		func(c *call, _ empty) (orderForm, error) {
			id := order.ID(c.path("order"))
			if err := a.Orders.Default(c.ctx, order.Default{Order: id, Shop: c.who.Shop}); err != nil {
				return orderForm{}, err
			}
			return soldOf(a.Orders.Sold(c.ctx, c.who.Shop, id))
		}).says("Say that a presale order whose earnest is paid will not be delivered: the shopper has the earnest back, " +
		"and its legal part once more from the shop.")
}
