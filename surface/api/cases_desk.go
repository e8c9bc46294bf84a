package api

import (
	"net/http"

	"hutong/base/fault"
	"hutong/party/login"
	"hutong/trade/aftersale"
)

type agreeBody struct {
	Restock bool   `json:"restock,omitempty" doc:"the goods came back already and can be sold again"`
	Note    string `json:"note,omitempty" doc:"what the shopper reads"`
}

type returnBody struct {
	Note string `json:"note,omitempty"`
}

type backBody struct {
	Restock bool `json:"restock,omitempty" doc:"they can be sold again; otherwise they are written off"`
}

type refuseBody struct {
	Note string `json:"note" doc:"why"`
}

type caseWordBody struct {
	Restock bool   `json:"restock,omitempty" doc:"the goods came back and can be sold again"`
	Note    string `json:"note" doc:"why; shopper and shop read it"`
}

// shopCases are what shoppers ask a shop for, and what it answers.
func (a *api) shopCases() []op {
	party := func(c *call) aftersale.Party { return aftersale.Party{Shop: c.who.Shop} }
	return append(a.asked(login.Merchant, "What shoppers ask the shop for, newest first.", party),
		onCase(login.Merchant, "agree", func(c *call, id aftersale.ID, in agreeBody) (aftersale.Case, error) {
			return a.Cases.Agree(c.ctx, c.who.Shop, id, in.Restock, in.Note)
		}).says("Refund what a request asks for at once. Whoever does not say that the goods came back leaves them to the "+
			"shopper."),
		onCase(login.Merchant, "return", func(c *call, id aftersale.ID, in returnBody) (aftersale.Case, error) {
			return a.Cases.AgreeReturn(c.ctx, c.who.Shop, id, in.Note)
		}).says("Agree on condition that the goods come back; the shop's return address must be set."),
		onCase(login.Merchant, "back", func(c *call, id aftersale.ID, in backBody) (aftersale.Case, error) {
			return a.Cases.GoodsBack(c.ctx, c.who.Shop, id, in.Restock)
		}).says("Say that the goods of an agreed return have arrived: it is refunded."),
		onCase(login.Merchant, "refuse", func(c *call, id aftersale.ID, in refuseBody) (aftersale.Case, error) {
			return a.Cases.Refuse(c.ctx, c.who.Shop, id, in.Note)
		}).says("Refuse a request, and say why."))
}

// marketCases are the requests of all shops, and the operator's word on them.
func (a *api) marketCases() []op {
	party := func(*call) aftersale.Party { return aftersale.Party{Operator: true} }
	decide := func(c *call, id aftersale.ID, refund bool, in caseWordBody) (aftersale.Case, error) {
		return a.Cases.Decide(c.ctx, aftersale.Decide{Case: id, Refund: refund, Restock: in.Restock, Note: in.Note})
	}
	return append(a.asked(login.Operator, "What shoppers ask the market's shops for, newest first.", party),
		onCase(login.Operator, "refund", func(c *call, id aftersale.ID, in caseWordBody) (aftersale.Case, error) {
			return decide(c, id, true, in)
		}).says("Refund what an open request asks for, whatever its shop says. One that was refused is refunded as a "+
			"request of its own, which is the answer."),
		onCase(login.Operator, "refuse", func(c *call, id aftersale.ID, in refuseBody) (aftersale.Case, error) {
			return decide(c, id, false, caseWordBody{Note: in.Note})
		}).says("Refuse an open request, and say why."))
}

// asked are a party's list of requests and its look at one.
func (a *api) asked(role login.Role, says string, party func(*call) aftersale.Party) []op {
	who, roles := string(role), []login.Role{role}
	return []op{
		get(who+".case.list", "/"+who+"/cases", says, roles, func(c *call) (page[caseForm], error) {
			limit, err := c.limit()
			if err != nil {
				return page[caseForm]{}, err
			}
			show := aftersale.Filter(c.text("filter"))
			switch show {
			case "":
				show = aftersale.All
			case aftersale.All, aftersale.ToClose, aftersale.ToAnswer:
			default:
				return page[caseForm]{}, fault.New(fault.Invalid, "api.filter").At("filter")
			}
			all, err := a.Cases.List(c.ctx, party(c), show, aftersale.ID(c.text("cursor")), limit+1)
			forms := make([]caseForm, len(all))
			for i := range all {
				forms[i] = seen(all[i], role)
			}
			return paged(forms, limit, func(f caseForm) string { return f.Case }), err
		}).takes(limitParam, cursorOf("cas"),
			param{name: "filter", help: "opened (the shop has to answer), open (somebody has to act) or all"}),
		get(who+".case", "/"+who+"/cases/{case}", "One request with its lines and the path it took.", roles,
			func(c *call) (caseForm, error) {
				v, err := a.Cases.Case(c.ctx, party(c), aftersale.ID(c.path("case")))
				return seen(v, role), err
			}),
	}
}

// onCase is one word of a merchant or an operator about a case.
func onCase[In any](role login.Role, word string, do func(*call, aftersale.ID, In) (aftersale.Case, error)) op {
	who := string(role)
	return write(http.MethodPost, who+".case."+word, "/"+who+"/cases/{case}/"+word, []login.Role{role},
		func(c *call, in In) (caseForm, error) {
			v, err := do(c, aftersale.ID(c.path("case")), in)
			return seen(v, role), err
		})
}

// seen is a case as a role sees it: where goods go back to is between shopper and shop.
func seen(v aftersale.Case, role login.Role) caseForm {
	f := caseOf(v)
	if role == login.Operator {
		f.SendTo = nil
	}
	return f
}
