package operatorweb

import (
	"net/http"
	"slices"

	"hutong/base/money"
	"hutong/funds/deposit"
	"hutong/surface/page"
)

// standingAsk is what the page's forms are made of.
type standingAsk struct {
	r        *http.Request
	t        page.Tongue
	currency money.Currency
	shop     string
	refused  error
	newest   deposit.HoldID // that the page shows
}

func (a *standingAsk) cash(minor int64) string { return a.t.Money(money.New(minor, a.currency)) }

// choice is one thing that can be done: a fold that says what follows from it, with its form inside. Of all folds of a
// section one is open.
type choice struct {
	ID, Title, Text string
	Open            bool
	Form            *form
}

// standingActs are what the page's folds do, in their order.
var standingActs = []string{"in", "freeze", "draw", "out", "require", "score"}

// shown tells whether the refusal stands at what was sent, so that the page need not say it on top.
func (a *standingAsk) shown(s standingSeen) bool {
	return slices.Contains(standingActs, a.r.PostFormValue("do")) ||
		slices.ContainsFunc(s.holds, func(h deposit.Hold) bool {
			return h.State.Open() && a.sentHold(h.ID) && len(a.holdDialogs(h)) > 0
		})
}

// choices are what can be done about a shop's deposit and score.
func (a *standingAsk) choices(s standingSeen, alone int64) section {
	t := a.t
	require := a.amount("require-amount")
	require.Value = money.New(s.account.Required, a.currency).Decimal()
	fields := map[string][]page.Field{
		"in": {a.amount("in-amount"), {ID: "in-ref", Name: "ref", Label: t.T("operatorweb.reference"), Kind: "text",
			Required: true, Length: deposit.RefMax, Hint: t.T("operatorweb.reference_hint")}},
		"out":     {a.amount("out-amount")},
		"require": {require},
		"freeze": {a.amount("freeze-amount"), a.why("freeze-why"), {ID: "freeze-case", Name: "case",
			Label: t.T("operatorweb.hold_case"), Kind: "text", Length: 40, Hint: t.T("operatorweb.hold_case_hint")}},
		"draw": {a.amount("draw-amount"), {ID: "draw-payee", Name: "payee", Kind: "radios", Required: true,
			Label: t.T("operatorweb.hold_for"), Options: []page.Group{{Options: []page.Option{
				{Value: string(deposit.ToMarket), Text: t.T("operatorweb.payee_market"),
					Sub: t.T("operatorweb.payee_market_text")},
				{Value: string(deposit.ToShopper), Text: t.T("operatorweb.payee_shopper"),
					Sub: t.T("operatorweb.draw_order_hint")}}}}},
			{ID: "draw-order", Name: "order", Label: t.T("operatorweb.draw_order"), Kind: "text", Length: 40,
				Hint: t.T("operatorweb.draw_order_when")}, a.why("draw-why")},
		"score": {{ID: "score", Name: "score", Label: t.T("operatorweb.score"), Kind: "text", Mode: "decimal",
			Required: true, Length: 4, Value: stars(s.score.Score), Hint: t.T("operatorweb.score_hint")},
			{ID: "source", Name: "source", Label: t.T("operatorweb.score_source"), Kind: "text", Required: true,
				Length: sourceMax, Value: s.score.Source, Hint: t.T("operatorweb.score_source_hint")},
			{ID: "violation", Name: "violation", Label: t.T("operatorweb.violation"), Kind: "check", Value: "yes",
				Checked: s.score.Violation}},
	}
	free := a.cash(s.account.Free())
	all := section{ID: "acts", Title: t.T("operatorweb.standing_acts")}
	for _, do := range standingActs {
		text := t.T("operatorweb.standing_"+do+"_text", "free", free, "alone", a.cash(alone))
		all.Choices = append(all.Choices, a.choice(do, text, fields[do]))
	}
	return all
}

// choice is one of the folds; a refusal opens the one that was sent, with what was sent in it.
func (a *standingAsk) choice(do, text string, fields []page.Field) choice {
	t := a.t
	c := choice{ID: do, Title: t.T("operatorweb.standing_" + do), Text: text, Form: &form{
		Action: "/operator/shops/" + a.shop + "/standing", Hidden: []page.Pair{{Name: "do", Value: do},
			{Name: "after", Value: string(a.newest)}}, Fields: fields,
		Acts: []page.Act{{Text: t.T("operatorweb.standing_" + do), Main: true}}}}
	if c.Open = a.refused != nil && a.r.PostFormValue("do") == do; !c.Open {
		return c
	}
	names := make([]string, len(fields))
	for i := range fields {
		names[i] = fields[i].Name
	}
	faults := t.FaultsOf(a.refused, names...)
	c.Form.Wrong = faults.General
	for i := range fields {
		f := &fields[i]
		sent := a.r.PostFormValue(f.Name)
		f.Error = faults.At(f.Name)
		switch f.Kind {
		case "check":
			f.Checked = sent == f.Value
		case "radios":
			for j := range f.Options[0].Options {
				o := &f.Options[0].Options[j]
				o.Selected = o.Value == sent
			}
		default:
			f.Value = sent
		}
	}
	return c
}

func (a *standingAsk) amount(id string) page.Field {
	return page.Field{ID: id, Name: "amount", Label: a.t.T("operatorweb.amount"), Kind: "text", Mode: "decimal",
		Required: true, Length: 14, After: string(a.currency)}
}
