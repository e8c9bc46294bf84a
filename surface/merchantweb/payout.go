package merchantweb

import (
	"context"
	"net/http"

	"hutong/base/fault"
	"hutong/party/approval"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// accountView is where the shop's money goes, as the money page shows it.
type accountView struct{ Holder, Bank, Number, Since string }

func (w *web) accountOf(ctx context.Context, t page.Tongue, shop string) (*accountView, error) {
	now, there, err := w.Payouts.Current(ctx, merchant.ID(shop))
	if err != nil {
		return nil, err
	}
	if !there {
		return &accountView{}, nil
	}
	return &accountView{Holder: now.Holder, Bank: now.Bank, Number: now.Number, Since: t.When(now.Since)}, nil
}

// payout shows the payout account, the form to ask for another one, and the requests.
func (w *web) payout(rw http.ResponseWriter, r *http.Request) error { return w.showPayout(rw, r, nil) }

func (w *web) showPayout(rw http.ResponseWriter, r *http.Request, refused error) error {
	ctx, shop, who := r.Context(), shopOf(r), gate.Who(r.Context())
	f, t := w.begin(rw, r, "/desk/money", "merchantweb.payout")
	f.Here = "/desk/payout"
	f.Way = []page.Crumb{{Href: "/desk/money", Text: t.T("merchantweb.money")}, {Text: t.T("merchantweb.payout")}}
	v := payoutView{Frame: f}
	var err error
	if v.Account, err = w.accountOf(ctx, t, shop); err != nil {
		return err
	}
	faults := t.FaultsOf(refused, "holder", "bank", "number")
	v.Wrong = faults.General
	text := func(name, hint, auto string, max int) page.Field {
		return page.Field{ID: name, Name: name, Kind: "text", Label: t.T("merchantweb.payout_" + name), Required: true,
			Length: max, Auto: auto, Hint: hint, Error: faults.At(name), Value: r.PostFormValue(name)}
	}
	v.Fields = []page.Field{text("holder", t.T("merchantweb.payout_holder_hint"), "off", merchant.HolderMax),
		text("bank", "", "off", merchant.BankMax), text("number", "", "off", merchant.NumberMax+10)}
	v.Fields[2].Value, v.Fields[2].Mode = "", "numeric"
	if v.Table, err = w.requestTable(ctx, t, who); err != nil {
		return err
	}
	status := http.StatusOK
	if refused != nil {
		status = fault.Of(refused).Status()
	}
	return w.set.Render(rw, r, status, "desk-payout", v)
}

// requestTable lists the requests for another account, each with what the reader can do about it.
func (w *web) requestTable(ctx context.Context, t page.Tongue, who login.Principal) (page.Table, error) {
	table := page.Table{ID: "requests", Caption: t.T("merchantweb.requests"), Columns: []page.Column{
		{Name: t.T("merchantweb.payout"), Wide: true}, {Name: t.T("merchantweb.asked")}, {Name: t.T("merchantweb.state")},
		{Name: t.T("merchantweb.acts")}}, Empty: page.Empty{Title: t.T("merchantweb.no_requests")}}
	all, err := w.Approvals.Requests(ctx, approval.Query{By: who})
	if err != nil {
		return table, err
	}
	for _, q := range all.Requests {
		var asked approval.Payout
		if q.Kind != approval.PayoutAccount || q.Into(&asked) != nil {
			continue
		}
		draft, err := w.Payouts.Payout(ctx, merchant.ID(q.Shop), asked.Account)
		if err != nil {
			return table, err
		}
		badge := requestBadge(t, q)
		row := page.Row{ID: string(q.ID), Cells: []page.Cell{{Text: draft.Bank + " " + draft.Number, Sub: draft.Holder},
			{Text: t.When(q.Asked)}, {Badge: &badge, Sub: q.Note}, {Post: "/desk/payout/" + string(q.ID)}}}
		switch {
		case q.State != approval.Asked:
		case q.AskedBy == who.Login:
			row.Cells[3].Acts = []page.Act{{Text: t.T("merchantweb.withdraw"), Name: "word", Value: "withdraw"}}
		case w.Approvals.MayDecide(who, q):
			row.Cells[3].Acts = []page.Act{{Text: t.T("merchantweb.approve"), Name: "word", Value: "approve", Main: true},
				{Text: t.T("merchantweb.refuse"), Name: "word", Value: "refuse", Bad: true}}
		}
		table.Rows = append(table.Rows, row)
	}
	return table, nil
}

func requestBadge(t page.Tongue, q approval.Request) page.Badge {
	tones := map[approval.State]string{approval.Asked: "wait", approval.Approved: "done", approval.Refused: "bad",
		approval.Withdrawn: "off", approval.Expired: "off"}
	b := page.Badge{Tone: tones[q.State], Text: t.T("merchantweb.request_" + string(q.State))}
	if q.State == approval.Asked {
		b.Who = t.T("merchantweb.another_decides")
	}
	return b
}

// askPayout asks for another payout account. Nothing changes until another person agrees.
func (w *web) askPayout(rw http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), gate.Who(r.Context())
	draft, err := w.Payouts.Draft(ctx, merchant.ID(who.Shop), merchant.PayoutAccount{Holder: r.PostFormValue("holder"),
		Bank: r.PostFormValue("bank"), Number: r.PostFormValue("number")})
	if err == nil {
		_, err = w.Approvals.Ask(ctx, approval.AskPayout(who, draft.ID))
	}
	if err != nil {
		if !page.Own(err) {
			return err
		}
		return w.showPayout(rw, r, err)
	}
	page.Flash(rw, "good", "merchantweb.payout_asked")
	return page.See(rw, r, "/desk/payout")
}

// decidePayout approves, refuses or withdraws a request.
func (w *web) decidePayout(rw http.ResponseWriter, r *http.Request) error {
	ctx, who, id := r.Context(), gate.Who(r.Context()), approval.ID(r.PathValue("request"))
	var err error
	word := r.PostFormValue("word")
	switch word {
	case "approve", "refuse":
		_, err = w.Approvals.Decide(ctx, approval.Decide{By: who, Request: id, Approve: word == "approve"})
	case "withdraw":
		err = w.Approvals.Withdraw(ctx, who, id)
	default:
		err = fault.New(fault.NotFound, "gate.not_found")
	}
	if err != nil {
		if fault.Of(err) == fault.NotFound || fault.Of(err) == fault.Internal || fault.Is(err, "login.proof_old") {
			return err
		}
		return w.showPayout(rw, r, err)
	}
	page.Flash(rw, "good", "merchantweb.payout_"+word)
	return page.See(rw, r, "/desk/payout")
}
