package saleweb

import (
	"maps"
	"net/http"
	"slices"

	"hutong/base/fault"
	"hutong/party/approval"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// ask asks for a second person.
func (w *web) ask(r *http.Request, kind, subject string, payload any) error {
	who := gate.Who(r.Context())
	_, err := w.Approvals.Ask(r.Context(), approval.Ask{By: who, Kind: kind, Shop: who.Shop, Subject: subject,
		Payload: payload})
	return err
}

// decide is the second person's word, or that of whoever asked and takes it back.
func (w *web) decide(r *http.Request, do string) error {
	ctx, who, id := r.Context(), gate.Who(r.Context()), approval.ID(r.PostFormValue("request"))
	switch do {
	case "approve", "refuse":
		_, err := w.Approvals.Decide(ctx, approval.Decide{By: who, Request: id, Approve: do == "approve"})
		return err
	case "take_back":
		return w.Approvals.Withdraw(ctx, who, id)
	}
	return fault.New(fault.NotFound, "gate.not_found")
}

// requestPart lists the requests about a subject, each with what the reader can do about it; nil where there is none.
// waits tells that one of the first kind waits for a word: there is one at a time.
func (w *web) requestPart(r *http.Request, t page.Tongue, subject string, kinds ...string) (p *part, waits bool,
	err error) {
	who := gate.Who(r.Context())
	all, err := w.Approvals.Requests(r.Context(), approval.Query{By: who, Limit: approval.PageMax})
	if err != nil {
		return nil, false, err
	}
	tones := map[approval.State]string{approval.Asked: "wait", approval.Approved: "done", approval.Refused: "bad"}
	table := &page.Table{ID: "requests", Caption: t.T("saleweb.requests"),
		Columns: columns(t, "asked", "for_what", "state", "act")}
	for _, q := range all.Requests {
		if !slices.Contains(kinds, q.Kind) || q.Subject != subject {
			continue
		}
		b := badge(t, tones[q.State], "request_"+string(q.State))
		if b.Tone == "" {
			b.Tone = "off"
		}
		c := page.Cell{Post: r.URL.Path, Hidden: []page.Pair{{Name: "request", Value: string(q.ID)}}}
		waits = waits || q.State == approval.Asked && q.Kind == kinds[0]
		switch {
		case q.State != approval.Asked:
			c = page.Cell{Text: q.Note}
		case q.AskedBy == who.Login:
			b.Who = t.T("saleweb.another_decides", "until", t.When(q.Expires))
			c.Acts = []page.Act{{Text: t.T("saleweb.do_take_back"), Name: "do", Value: "take_back"}}
		case w.Approvals.MayDecide(who, q):
			c.Acts = []page.Act{{Text: t.T("saleweb.do_approve"), Name: "do", Value: "approve", Main: true},
				{Text: t.T("saleweb.do_refuse"), Name: "do", Value: "refuse", Bad: true}}
		default:
			c = page.Cell{}
		}
		table.Rows = append(table.Rows, page.Row{ID: string(q.ID),
			Cells: []page.Cell{{Text: t.When(q.Asked)}, {Text: t.T("saleweb.for_" + q.Kind)},
				{Badge: b}, c}})
	}
	if len(table.Rows) == 0 {
		return nil, false, nil
	}
	return &part{ID: "requests", Title: t.T("saleweb.requests"), Table: table}, waits, nil
}

func sorted(m map[string]int64) []string { return slices.Sorted(maps.Keys(m)) }
