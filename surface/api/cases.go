package api

import (
	"net/http"

	"hutong/base/idempotency"
	"hutong/base/money"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

type caseLine struct {
	Line     int64       `json:"line"`
	Quantity int64       `json:"quantity"`
	Amount   money.Money `json:"amount" doc:"what went back, or what would"`
}

type caseStep struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Actor string `json:"actor" doc:"shopper, merchant, operator, or market where time decided"`
	Note  string `json:"note,omitempty"`
	At    string `json:"at"`
}

type caseForm struct {
	Case     string       `json:"case"`
	Order    string       `json:"order"`
	Seq      int64        `json:"seq"`
	Shop     string       `json:"shop"`
	State    string       `json:"state" doc:"opened, agreed, refunded, refused, withdrawn"`
	Reason   string       `json:"reason"`
	Amount   money.Money  `json:"amount" doc:"freight included: what went back, or what would as things stand"`
	Freight  money.Money  `json:"freight" doc:"of that"`
	Repriced bool         `json:"repriced,omitempty" doc:"what is left of the order was priced again"`
	Kept     money.Money  `json:"kept,omitzero" doc:"of the lines' amounts, what stays; below 0 goes back beside"`
	OpenedAt string       `json:"opened_at"`
	ClosedAt string       `json:"closed_at,omitempty"`
	AnswerBy string       `json:"answer_by,omitempty" doc:"until when the shop answers, or says where the goods go"`
	BackBy   string       `json:"back_by,omitempty" doc:"until when the goods arrive at the shop"`
	SendTo   *addressForm `json:"send_to,omitempty" doc:"where the goods go back to, once agreed and said"`
	Lines    []caseLine   `json:"lines"`
	Steps    []caseStep   `json:"steps"`
}

func caseOf(c aftersale.Case) caseForm {
	cash := func(minor int64) money.Money { return money.New(minor, c.Currency) }
	f := caseForm{Case: string(c.ID), Order: string(c.Order), Seq: c.Seq, Shop: c.Shop, State: string(c.State),
		Reason: string(c.Reason), Amount: cash(c.Amount), Freight: cash(c.Freight), OpenedAt: at(c.OpenedAt),
		ClosedAt: at(c.ClosedAt), AnswerBy: at(c.AnswerBy), BackBy: at(c.BackBy), Lines: []caseLine{}, Steps: []caseStep{}}
	if c.Repriced {
		f.Repriced, f.Kept = true, cash(c.Kept)
	}
	if c.SendTo.Set() {
		to := addressOf(c.SendTo.Address)
		f.SendTo = &to
	}
	for _, l := range c.Lines {
		f.Lines = append(f.Lines, caseLine{l.Line, l.Units, cash(l.Amount)})
	}
	for _, s := range c.Steps {
		f.Steps = append(f.Steps, caseStep{string(s.From), string(s.To), s.Actor, s.Note, at(s.At)})
	}
	return f
}

type askBack struct {
	Lines  []askLine `json:"lines,omitempty"`
	Reason string    `json:"reason" enum:"unwanted,not_described,damaged,missing,not_arrived,out_of_stock,other"`
	Note   string    `json:"note,omitempty"`
}

// openCase is a request, with the consent to what it brings.
type openCase struct {
	Lines  []askLine   `json:"lines,omitempty"`
	Reason string      `json:"reason" enum:"unwanted,not_described,damaged,missing,not_arrived,out_of_stock,other"`
	Note   string      `json:"note,omitempty"`
	Amount money.Money `json:"amount,omitzero" doc:"what was shown; without it, whatever comes back is agreed to"`
}

type askLine struct {
	Line     int64  `json:"line"`
	Quantity uint32 `json:"quantity"`
}

// cases are what shoppers ask back.
func (a *api) cases() []op {
	return []op{
		get("case.list", "/cases", "What the shopper asked back, newest first.", shoppers,
			func(c *call) (page[caseForm], error) {
				limit, err := c.limit()
				if err != nil {
					return page[caseForm]{}, err
				}
				all, err := a.Cases.List(c.ctx, mine(c), aftersale.All, aftersale.ID(c.text("cursor")), limit+1)
				forms := make([]caseForm, len(all))
				for i := range all {
					forms[i] = caseOf(all[i])
				}
				return paged(forms, limit, func(f caseForm) string { return f.Case }), err
			}).takes(limitParam, cursorOf("cas")),
		get("case", "/cases/{case}", "One request with its lines and the path it took.", shoppers,
			func(c *call) (caseForm, error) {
				v, err := a.Cases.Case(c.ctx, mine(c), aftersale.ID(c.path("case")))
				return caseOf(v), err
			}),
		write(http.MethodPost, "case.ask", "/orders/{order}/suborders/{seq}/cases", shoppers, a.askBack).
			says("Ask for pieces of one shop's part to be given back; without lines, all that is left. What was not sent "+
				"yet is refunded at once, the whole part with its freight; otherwise the shop answers. With the amount that a "+
				"look has shown, nothing is asked where another would come back.").creates().
			calls("key", idempotency.Header),
		write(http.MethodPost, "case.look", "/orders/{order}/suborders/{seq}/cases/look", shoppers, a.lookBack).
			says("What such a request would bring as things stand. It writes nothing. Where the order's terms price again " +
				"what is left, kept is what of the lines' amounts would not go back.").reads(),
		write(http.MethodPost, "case.withdraw", "/cases/{case}/withdraw", shoppers,
			func(c *call, _ empty) (caseForm, error) {
				v, err := a.Cases.Withdraw(c.ctx, c.who.Shopper, aftersale.ID(c.path("case")))
				return caseOf(v), err
			}).says("Withdraw a request that nobody has decided yet. The pieces can be asked back anew."),
	}
}

func mine(c *call) aftersale.Party { return aftersale.Party{Shopper: c.who.Shopper} }

// wouldForm is what a request to give pieces back would bring.
type wouldForm struct {
	Amount   money.Money `json:"amount" doc:"freight included"`
	Freight  money.Money `json:"freight" doc:"of that"`
	Repriced bool        `json:"repriced" doc:"what is left of the order would be priced again"`
	Kept     money.Money `json:"kept,omitzero" doc:"of the lines' amounts, what stays; below 0 goes back beside"`
	Lines    []caseLine  `json:"lines"`
}

func (a *api) lookBack(c *call, in askBack) (wouldForm, error) {
	cmd, err := c.asked(in)
	if err != nil {
		return wouldForm{}, err
	}
	b, err := a.Cases.Would(c.ctx, cmd)
	cash := func(minor int64) money.Money { return money.New(minor, b.Currency) }
	f := wouldForm{Amount: cash(b.Total), Freight: cash(b.Freight), Repriced: b.Repriced, Lines: []caseLine{}}
	if b.Repriced {
		f.Kept = cash(b.Kept)
	}
	for _, l := range b.Lines {
		f.Lines = append(f.Lines, caseLine{l.Line, l.Units, cash(l.Amount)})
	}
	return f, err
}

func (a *api) askBack(c *call, in openCase) (caseForm, error) {
	cmd, err := c.asked(askBack{in.Lines, in.Reason, in.Note})
	if err == nil && in.Amount.Currency != "" {
		cmd.Shown, err = &in.Amount.Minor, a.priced(in.Amount, "amount")
	}
	if err != nil {
		return caseForm{}, err
	}
	v, err := a.Cases.Open(c.ctx, cmd)
	return caseOf(v), err
}

// asked is a request to give pieces back, as it was sent.
func (c *call) asked(in askBack) (aftersale.Open, error) {
	seq, err := c.seq()
	cmd := aftersale.Open{Shopper: c.who.Shopper, Order: order.ID(c.path("order")), Seq: seq,
		Reason: aftersale.Reason(in.Reason), Note: in.Note,
		Key: idempotency.Hash(c.r.Method, c.r.URL.Path, []byte(c.r.Header.Get(idempotency.Header)))}
	for _, l := range in.Lines {
		cmd.Lines = append(cmd.Lines, order.Units{Line: l.Line, Units: int64(l.Quantity)})
	}
	return cmd, err
}
