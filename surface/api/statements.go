package api

import (
	"slices"

	"hutong/base/money"
	"hutong/funds/settle"
)

// statementForm is what a shop was settled for one period.
type statementForm struct {
	Statement string      `json:"statement"`
	From      string      `json:"from,omitempty"`
	Until     string      `json:"until"`
	State     string      `json:"state" doc:"closed or paid_out"`
	Gross     money.Money `json:"gross" doc:"what was sold"`
	Refunded  money.Money `json:"refunded" doc:"what went back of it, or of earlier sales"`
	Fees      money.Money `json:"fees"`
	Freight   money.Money `json:"freight"`
	Net       money.Money `json:"net" doc:"gross less refunded and fees, and the freight"`
	Carried   money.Money `json:"carried" doc:"what the one before lacked, and charges, less what was given back of them"`
	Due       money.Money `json:"due" doc:"net and carried"`
	Sent      money.Money `json:"sent" doc:"what was paid out of it"`
}

func statementOf(s settle.Statement) statementForm {
	cash := func(minor int64) money.Money { return money.New(minor, s.Currency) }
	return statementForm{string(s.ID), at(s.From), at(s.Until), string(s.State()), cash(s.Gross), cash(s.Refunded),
		cash(s.Fees), cash(s.Freight), cash(s.Net), cash(s.Carried), cash(s.Due), cash(s.Sent)}
}

// claimForm is one line of a statement: what one order line, or the freight of one part, earned or took back.
type claimForm struct {
	Order    string      `json:"order"`
	Seq      int64       `json:"seq"`
	Line     int64       `json:"line" doc:"0 is the freight of the part"`
	Kind     string      `json:"kind" doc:"sale, reversal, forfeit or default"`
	Base     money.Money `json:"base" doc:"what the fee is taken from: what was paid less what went back"`
	Refunded money.Money `json:"refunded"`
	Fee      money.Money `json:"fee"`
	PPM      int64       `json:"ppm" doc:"of the fee, in millionths"`
	Net      money.Money `json:"net" doc:"base less fee"`
	At       string      `json:"at"`
}

func claimOf(l settle.ClaimLine, c money.Currency) claimForm {
	cash := func(minor int64) money.Money { return money.New(minor, c) }
	kind := string(l.What)
	switch {
	case kind == "" && l.Entry > 0:
		kind = "reversal"
	case kind == "":
		kind = "sale"
	}
	return claimForm{l.Order, int64(l.Sub), int64(l.Line), kind, cash(l.Base), cash(l.Refunded), cash(l.Fee),
		int64(l.FeePPM), cash(l.Net), at(l.At)}
}

// statements lists them from the one after the cursor on; a shop has one for a day and currency at most.
func (a *api) statements(c *call) (page[statementForm], error) {
	limit, err := c.limit()
	if err != nil {
		return page[statementForm]{}, err
	}
	all, err := a.Settle.Statements(c.ctx, c.who.Shop)
	if err != nil {
		return page[statementForm]{}, err
	}
	after := settle.StatementID(c.text("cursor"))
	all = all[slices.IndexFunc(all, func(s settle.Statement) bool { return s.ID == after })+1:]
	forms := make([]statementForm, min(len(all), limit+1))
	for i := range forms {
		forms[i] = statementOf(all[i])
	}
	return paged(forms, limit, func(f statementForm) string { return f.Statement }), nil
}

func (a *api) statementLines(c *call) (page[claimForm], error) {
	limit, err := c.limit()
	if err != nil {
		return page[claimForm]{}, err
	}
	after, err := settle.ParseCursor(c.text("cursor"))
	if err != nil {
		return page[claimForm]{}, err
	}
	s, err := a.Settle.Statement(c.ctx, c.who.Shop, settle.StatementID(c.path("statement")))
	if err != nil {
		return page[claimForm]{}, err
	}
	lines, err := a.Settle.Lines(c.ctx, settle.Page{Shop: s.Shop, Statement: s.ID, After: after, Limit: limit + 1})
	forms := make([]claimForm, len(lines))
	for i, l := range lines {
		forms[i] = claimOf(l, s.Currency)
	}
	p := paged(forms, limit, func(claimForm) string { return lines[limit-1].Cursor().String() })
	return p, err
}
