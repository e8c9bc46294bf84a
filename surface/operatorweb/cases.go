package operatorweb

import (
	"context"
	"strings"

	"hutong/base/money"
	"hutong/surface/page"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

// casesOf are what was asked back of an order, with what both sides wrote; none where nothing was.
func (w *web) casesOf(ctx context.Context, t page.Tongue, o order.Order) ([]section, error) {
	if w.Cases == nil {
		return nil, nil
	}
	all, err := w.Cases.ByOrder(ctx, aftersale.Party{Operator: true}, o.ID)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	titles := map[int64]string{}
	for _, l := range o.Lines() {
		titles[l.No] = l.Title
	}
	s := section{ID: "cases", Title: t.T("operatorweb.cases"),
		Table: table("cases", t.T("operatorweb.cases"), page.Empty{},
			columns(t, "number", "*reason", "#amount", "state", "at")...)}
	for _, c := range all {
		state := badged(t.CaseBadge(page.Operator, c))
		state.Sub = caseUntil(t, c)
		words := caseWords(t, c, titles)
		s.Table.Rows = append(s.Table.Rows, page.Row{ID: string(c.ID), Cells: []page.Cell{{Text: string(c.ID), Code: true,
			Href: casesPath + "/" + string(c.ID)},
			{Text: t.CaseReason(c.Reason), Sub: strings.Join(words, " · ")},
			plain(t.Money(money.New(c.Amount, c.Currency))), state, plain(t.When(c.OpenedAt))}})
	}
	return []section{s}, nil
}

// caseWords are what a case asks back, and what was said about it.
func caseWords(t page.Tongue, c aftersale.Case, titles map[int64]string) (words []string) {
	for _, l := range c.Lines {
		words = append(words, t.T("operatorweb.case_line", "n", l.Units, "title", titles[l.Line]))
	}
	if kept := t.CaseKept(c); kept != "" {
		words = append(words, kept)
	}
	for _, step := range c.Steps {
		if step.Note != "" {
			words = append(words, t.T("operatorweb.case_note", "who", word(t, "actor", step.Actor), "note", step.Note))
		}
		if key := step.Silent(); key != "" {
			words = append(words, t.T("operatorweb.case_"+key))
		}
	}
	return words
}
