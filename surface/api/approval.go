package api

import (
	"net/http"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/deposit"
	"hutong/funds/pay"
	"hutong/funds/settle"
	"hutong/party/approval"
)

// approvalForm is a request that takes two people, of the kinds that are asked for here; those of a sale are decided on
// the pages that show what they would do.
type approvalForm struct {
	Approval  string    `json:"approval"`
	Kind      string    `json:"kind"`
	State     string    `json:"state" doc:"asked, approved, refused, withdrawn or expired"`
	AskedBy   string    `json:"asked_by"`
	DecidedBy string    `json:"decided_by,omitempty"`
	Note      string    `json:"note,omitempty" doc:"the decision's reason"`
	At        string    `json:"at"`
	Until     string    `json:"until"`
	May       bool      `json:"may" doc:"whether the caller may decide on it"`
	Shop      string    `json:"shop,omitempty" doc:"whose deposit is drawn on"`
	Draw      *drawBody `json:"draw,omitempty"`
	Fee       *feeBody  `json:"fee,omitempty"`
	Refund    *handForm `json:"refund,omitempty" doc:"that is sent by hand"`
}

type decideBody struct {
	Approve bool   `json:"approve"`
	Note    string `json:"note,omitempty"`
}

// approvalOf shows a request; ok is false for a kind that is not decided here.
func (a *api) approvalOf(c *call, r approval.Request) (f approvalForm, ok bool, err error) {
	f = approvalForm{Approval: string(r.ID), Kind: r.Kind, State: string(r.State), AskedBy: string(r.AskedBy),
		DecidedBy: string(r.DecidedBy), Note: r.Note, At: at(r.Asked), Until: at(r.Expires),
		May: a.Approvals.MayDecide(c.who, r)}
	switch r.Kind {
	case deposit.DrawRequest:
		var asked deposit.DrawAsked
		err = r.Into(&asked)
		f.Shop = r.Subject
		f.Draw = &drawBody{money.New(asked.Amount, asked.Currency), string(asked.Payee), asked.Order, asked.Why}
	case settle.FeeChange:
		var asked settle.FeeAsked
		err = r.Into(&asked)
		f.Fee = &feeBody{asked.Scope, asked.ScopeID, asked.PPM, clock.FromMicros(asked.FromUS).Format(time.RFC3339)}
	case pay.HandRequest:
		var asked pay.HandAsked
		err = r.Into(&asked)
		f.Refund = &handForm{r.Subject, money.New(asked.Amount, asked.Currency), asked.Ref, asked.Why}
	default:
		return f, false, nil
	}
	return f, true, err
}

// approval is one of the requests that are decided here. Codes: approval.not_found.
func (a *api) approval(c *call) (approval.ID, error) {
	r, err := a.Approvals.Request(c.ctx, c.who, approval.ID(c.path("request")))
	if err == nil && !slices.Contains([]string{deposit.DrawRequest, settle.FeeChange, pay.HandRequest}, r.Kind) {
		err = fault.New(fault.NotFound, "approval.not_found")
	}
	return r.ID, err
}

func (a *api) listApprovals(c *call) (out page[approvalForm], err error) {
	limit, err := c.limit()
	if err != nil {
		return out, err
	}
	found, err := a.Approvals.Requests(c.ctx, approval.Query{By: c.who, Cursor: c.text("cursor"), Limit: limit})
	if err != nil {
		return out, err
	}
	out = page[approvalForm]{Items: []approvalForm{}, Next: found.Next}
	for _, r := range found.Requests {
		f, ok, err := a.approvalOf(c, r)
		if err != nil {
			return out, err
		}
		if ok {
			out.Items = append(out.Items, f)
		}
	}
	return out, nil
}

// decide decides on another's request. Codes: those of approval.Decide.
func (a *api) decide(c *call, in decideBody) (f approvalForm, err error) {
	id, err := a.approval(c)
	if err != nil {
		return f, err
	}
	r, err := a.Approvals.Decide(c.ctx, approval.Decide{By: c.who, Request: id, Approve: in.Approve, Note: in.Note})
	if err != nil {
		return f, err
	}
	if err = a.Settle.Refresh(c.ctx); err == nil { // an approved fee is seen at once
		f, _, err = a.approvalOf(c, r)
	}
	return f, err
}

// withdraw takes the caller's own request back. Codes: those of approval.Withdraw.
func (a *api) withdraw(c *call, _ empty) (f approvalForm, err error) {
	id, err := a.approval(c)
	if err != nil {
		return f, err
	}
	if err = a.Approvals.Withdraw(c.ctx, c.who, id); err != nil {
		return f, err
	}
	r, err := a.Approvals.Request(c.ctx, c.who, id)
	if err == nil {
		f, _, err = a.approvalOf(c, r)
	}
	return f, err
}

// approvals are the operations on requests that take two people.
func (a *api) approvals() []op {
	const one = "/operator/approvals/{request}"
	return []op{
		get("operator.approval.list", "/operator/approvals", "Requests that take two people: fees, and draws "+
			"on deposits and refunds by hand above what one person may; newest first.", operators, a.listApprovals).
			takes(limitParam, cursorParam),
		write(http.MethodPost, "operator.approval.decide", one+"/decision", operators, a.decide).
			says("Approve or refuse a request of somebody else's. What was approved is done with it."),
		write(http.MethodPost, "operator.approval.withdraw", one+"/withdraw", operators, a.withdraw).
			says("Take a request of one's own back."),
	}
}
