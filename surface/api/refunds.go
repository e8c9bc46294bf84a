package api

import (
	"net/http"

	"hutong/base/money"
	"hutong/funds/pay"
)

// refundForm is a refund that its wallet would not pay.
type refundForm struct {
	Refund string      `json:"refund"`
	Order  string      `json:"order,omitempty" doc:"none of money that never found its order"`
	Wallet string      `json:"wallet"`
	Amount money.Money `json:"amount"`
	At     string      `json:"at" doc:"since when it is asked for"`
}

type handBody struct {
	Ref string `json:"ref" doc:"the bank's reference of the transfer"`
	Why string `json:"why"`
}

// handForm is what another person is asked to confirm.
type handForm struct {
	Refund string      `json:"refund"`
	Amount money.Money `json:"amount"`
	Ref    string      `json:"ref"`
	Why    string      `json:"why"`
}

// listRefused are the refunds that wallets would not pay.
func (a *api) listRefused(c *call) (page[refundForm], error) {
	limit, err := c.limit()
	if err != nil {
		return page[refundForm]{}, err
	}
	all, err := a.Pay.RefusedAfter(c.ctx, pay.RefundID(c.text("cursor")), limit+1)
	var out []refundForm
	for _, r := range all {
		out = append(out, refundForm{string(r.ID), r.Order, r.Wallet, r.Amount, at(r.Created)})
	}
	return paged(out, limit, func(f refundForm) string { return f.Refund }), err
}

func (a *api) byHand(c *call, in handBody) pay.ByHand {
	return pay.ByHand{By: c.who.Login, Refund: pay.RefundID(c.path("refund")), Ref: in.Ref, Why: in.Why}
}

// sendByHand records a refund as sent by hand. Codes: those of pay.SendByHand.
func (a *api) sendByHand(c *call, in handBody) (page[refundForm], error) {
	if err := a.Pay.SendByHand(c.ctx, a.byHand(c, in)); err != nil {
		return page[refundForm]{}, err
	}
	return a.listRefused(c)
}

// askByHand asks for one above what one person may. Codes: those of pay.AskByHand.
func (a *api) askByHand(c *call, in handBody) (askedForm, error) {
	ask, err := a.Pay.AskByHand(c.ctx, c.who, a.byHand(c, in))
	if err != nil {
		return askedForm{}, err
	}
	r, err := a.Approvals.Ask(c.ctx, ask)
	return askedForm{string(r.ID), string(r.State), at(r.Expires)}, err
}

// refunds are the operations on refunds that wallets would not pay.
func (a *api) refunds() []op {
	const one = "/operator/refunds/{refund}"
	return []op{
		get("operator.refund.list", "/operator/refunds", "The refunds that their wallets refused, oldest first.", operators,
			a.listRefused).takes(limitParam, cursorOf("rfd")),
		write(http.MethodPost, "operator.refund.retry", one+"/retry", operators,
			func(c *call, _ empty) (page[refundForm], error) {
				if err := a.Pay.RetryRefund(c.ctx, pay.RefundID(c.path("refund"))); err != nil {
					return page[refundForm]{}, err
				}
				return a.listRefused(c)
			}).says("Send a refused refund to its wallet again, under the same number; the answer is what is still refused."),
		write(http.MethodPost, "operator.refund.by_hand", one+"/by-hand", operators, a.sendByHand).
			says("Record that a refund that its wallet will never pay was sent from the market's bank, up to what one " +
				"person may. It is not sent to the wallet any more; the answer is what is still refused."),
		write(http.MethodPost, "operator.refund.ask", one+"/by-hand/requests", operators, a.askByHand).
			says("Ask to record one above what one person may. It counts when another of the market's staff approves the " +
				"request; the transfer waits at the bank until then.").waits(),
	}
}
