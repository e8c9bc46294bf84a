package api

import (
	"net/http"

	"hutong/base/money"
	"hutong/funds/deposit"
	"hutong/party/merchant"
)

// depositForm is how a shop's security deposit stands, with what is held of it, newest first.
type depositForm struct {
	Balance  money.Money `json:"balance"`
	Held     money.Money `json:"held" doc:"frozen or announced: cannot be paid out, does not count for sales"`
	Required money.Money `json:"required" doc:"what the operator asks of the shop"`
	TopUp    money.Money `json:"top_up" doc:"while it is above zero, the shop can join no sale"`
	Holds    []holdForm  `json:"holds"`
}

type holdForm struct {
	Hold   string      `json:"hold"`
	State  string      `json:"state" doc:"frozen, announced, appealed, drawn or released"`
	Amount money.Money `json:"amount"`
	Payee  string      `json:"payee,omitempty" doc:"market or shopper, of what is drawn"`
	Order  string      `json:"order,omitempty" doc:"whose shopper it is"`
	Case   string      `json:"case,omitempty" doc:"with which a freeze ends"`
	Why    string      `json:"why"`
	Appeal string      `json:"appeal,omitempty"`
	Answer string      `json:"answer,omitempty"`
	At     string      `json:"at"`
	Until  string      `json:"until,omitempty" doc:"for an appeal"`
}

type freezeBody struct {
	Amount money.Money `json:"amount"`
	Case   string      `json:"case,omitempty"`
	Why    string      `json:"why"`
}

type drawBody struct {
	Amount money.Money `json:"amount"`
	Payee  string      `json:"payee" enum:"market,shopper"`
	Order  string      `json:"order,omitempty" doc:"whose shopper it is"`
	Why    string      `json:"why"`
}

type appealBody struct {
	Appeal string `json:"appeal"`
}

type letGoBody struct {
	Why string `json:"why"`
}

type answerBody struct {
	Draw bool   `json:"draw" doc:"the appeal is refused"`
	Why  string `json:"why"`
}

func holdOf(h deposit.Hold) holdForm {
	f := holdForm{Hold: string(h.ID), State: string(h.State), Amount: money.New(h.Amount, h.Currency),
		Payee: string(h.Payee), Order: h.Order, Case: h.Case, Why: h.Why, Appeal: h.Appeal, Answer: h.Answer, At: at(h.At)}
	if !h.Until.IsZero() {
		f.Until = at(h.Until)
	}
	return f
}

func (a *api) depositOf(c *call, shop string) (depositForm, error) {
	currency := a.Checkout.Settings().Currency
	account, holds, err := a.Deposits.Holds(c.ctx, shop, currency)
	cash := func(minor int64) money.Money { return money.New(minor, currency) }
	f := depositForm{Balance: cash(account.Balance), Held: cash(account.Held), Required: cash(account.Required),
		TopUp: cash(account.TopUp()), Holds: []holdForm{}}
	for _, h := range holds {
		f.Holds = append(f.Holds, holdOf(h))
	}
	return f, err
}

// shopDeposit is the deposit of the shop in the path. Codes: merchant.not_found.
func (a *api) shopDeposit(c *call) (depositForm, error) {
	if _, err := a.Shops.Shop(c.ctx, merchant.ID(c.path("shop"))); err != nil {
		return depositForm{}, err
	}
	return a.depositOf(c, c.path("shop"))
}

// askDraw asks for a draw above what one person may. Codes: those of deposit.Draw but deposit.two, and
// merchant.not_found.
func (a *api) askDraw(c *call, in drawBody) (askedForm, error) {
	if _, err := a.Shops.Shop(c.ctx, merchant.ID(c.path("shop"))); err != nil {
		return askedForm{}, err
	}
	r, err := a.Approvals.Ask(c.ctx, deposit.AskDraw(c.who, c.path("shop"), in.asked()))
	return askedForm{string(r.ID), string(r.State), at(r.Expires)}, err
}

func (in drawBody) asked() deposit.DrawAsked {
	return deposit.DrawAsked{Currency: in.Amount.Currency, Amount: in.Amount.Minor, Payee: deposit.Payee(in.Payee),
		Order: in.Order, Why: in.Why}
}

// deposits are the operations on security deposits, the shop's two first.
func (a *api) deposits() []op {
	const shop, hold = "/operator/shops/{shop}/deposit", "/operator/shops/{shop}/deposit/holds/{hold}"
	return []op{
		get("merchant.deposit", "/merchant/deposit", "The shop's security deposit, and what is held of it.", merchants,
			func(c *call) (depositForm, error) { return a.depositOf(c, c.who.Shop) }),
		write(http.MethodPost, "merchant.deposit.appeal", "/merchant/deposit/holds/{hold}/appeal", merchants,
			func(c *call, in appealBody) (depositForm, error) {
				id := deposit.HoldID(c.path("hold"))
				if err := a.Deposits.Appeal(c.ctx, c.who.Login, c.who.Shop, id, in.Appeal); err != nil {
					return depositForm{}, err
				}
				return a.depositOf(c, c.who.Shop)
			}).says("Appeal against a draw that was announced: nothing is drawn before another person of the market answers."),
		get("operator.deposit", shop, "A shop's security deposit, and what is held of it.", operators,
			a.shopDeposit),
		write(http.MethodPost, "operator.deposit.freeze", shop+"/holds", operators,
			func(c *call, in freezeBody) (holdForm, error) {
				h, err := a.Deposits.Freeze(c.ctx, deposit.Freeze{By: c.who.Login, Shop: c.path("shop"),
					Currency: in.Amount.Currency, Amount: in.Amount.Minor, Case: in.Case, Why: in.Why})
				return holdOf(h), err
			}).says("Freeze a part of a deposit while a matter is open; with a case, it ends with the case.").creates(),
		write(http.MethodPost, "operator.deposit.draw", shop+"/draws", operators,
			func(c *call, in drawBody) (holdForm, error) {
				h, err := a.Deposits.Draw(c.ctx, c.who.Login, c.path("shop"), in.asked())
				return holdOf(h), err
			}).says("Announce that a part of a deposit is to be drawn, up to what one person may. It is booked in seven " +
			"days unless the shop appeals.").creates(),
		write(http.MethodPost, "operator.deposit.ask", shop+"/draws/requests", operators, a.askDraw).
			says("Ask to draw more than one person may. It is announced when another of the market's staff approves " +
				"the request.").waits(),
		write(http.MethodPost, "operator.deposit.release", hold+"/release", operators,
			func(c *call, in letGoBody) (depositForm, error) {
				err := a.Deposits.Release(c.ctx, c.who.Login, c.path("shop"), deposit.HoldID(c.path("hold")), in.Why)
				if err != nil {
					return depositForm{}, err
				}
				return a.depositOf(c, c.path("shop"))
			}).says("Let a freeze or an announced draw go."),
		write(http.MethodPost, "operator.deposit.answer", hold+"/answer", operators,
			func(c *call, in answerBody) (depositForm, error) {
				err := a.Deposits.Answer(c.ctx, deposit.Answer{By: c.who.Login, Shop: c.path("shop"),
					Hold: deposit.HoldID(c.path("hold")), Draw: in.Draw, Why: in.Why})
				if err != nil {
					return depositForm{}, err
				}
				return a.depositOf(c, c.path("shop"))
			}).says("Answer an appeal; by somebody else than who announced the draw."),
	}
}
