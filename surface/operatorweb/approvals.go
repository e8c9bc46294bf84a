package operatorweb

import (
	"net/http"

	"hutong/base/money"
	"hutong/deal/promo/rulebook"
	"hutong/deal/voucher"
	"hutong/funds/deposit"
	"hutong/funds/pay"
	"hutong/funds/settle"
	"hutong/party/approval"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/referral"
)

// approvals lists what was asked for and takes two people.
func (w *web) approvals(rw http.ResponseWriter, r *http.Request) error {
	return w.showApprovals(rw, r, nil)
}

func (w *web) showApprovals(rw http.ResponseWriter, r *http.Request, refused error) error {
	v, t := w.page(r, "/operator/approvals", "approvals")
	open, err := w.requests(r, t, "", true)
	if err != nil {
		return err
	}
	past, err := w.requests(r, t, "", false)
	if err != nil {
		return err
	}
	if open.Table == nil {
		open = section{Table: &page.Table{Empty: page.Empty{Title: t.T("operatorweb.no_requests"),
			Text: t.T("operatorweb.no_requests_text")}}}
	}
	v.Sections = []section{open}
	if past.Table != nil {
		v.Sections = append(v.Sections, past)
	}
	status := http.StatusOK
	if refused != nil {
		v.Wrong, status = t.Fault(refused), statusOf(refused)
	}
	return w.show(rw, r, status, v)
}

// requests are those of a kind, or of all, that wait for a word, or those that have it; without a table where there is
// none.
func (w *web) requests(r *http.Request, t page.Tongue, kind string, open bool) (s section, err error) {
	all, err := w.Approvals.Requests(r.Context(), approval.Query{By: gate.Who(r.Context()), Limit: approval.PageMax})
	if err != nil {
		return s, err
	}
	staff, err := w.staffNames(r.Context())
	if err != nil {
		return s, err
	}
	shops, err := w.shopNames(r.Context(), t)
	if err != nil {
		return s, err
	}
	var rows []page.Row
	for _, q := range all.Requests {
		if (q.State == approval.Asked) != open || kind != "" && q.Kind != kind {
			continue
		}
		who := decider(t, staff, q.AskedBy, shops[q.Shop])
		if q.DecidedBy != "" {
			who += " → " + decider(t, staff, q.DecidedBy, shops[q.Shop])
		}
		what, sub := w.whatOf(r, t, q, shops)
		cost, err := w.costsOf(r, t, q)
		if err != nil {
			return s, err
		}
		subject := page.Cell{Text: what, Sub: sub + cost, Href: pageOf(r, q)}
		rows = append(rows, page.Row{ID: string(q.ID), Cells: []page.Cell{subject, plain(who),
			plain(t.When(q.Asked)), badged(requestBadge(t, q)), w.requestActs(r, t, q)}})
	}
	if len(rows) == 0 {
		return s, nil
	}
	key := "decided"
	if open {
		key = "waiting"
	}
	s = section{ID: key, Title: t.T("operatorweb." + key), Table: table(key, t.T("operatorweb."+key), page.Empty{},
		columns(t, "*request", "asked_by", "at", "state", "act")...)}
	s.Table.Rows = rows
	return s, nil
}

// decider is who asked or decided: one of the market's staff by name, or somebody of the shop that it is about.
func decider(t page.Tongue, names map[string]string, by login.ID, shop string) string {
	if names[string(by)] == "" && shop != "" {
		return t.T("operatorweb.staff_of", "shop", shop)
	}
	return asker(t, names, string(by))
}

// whatOf says in words what a request would change.
func (w *web) whatOf(r *http.Request, t page.Tongue, q approval.Request, shops map[string]string) (what,
	sub string) {
	switch q.Kind {
	case settle.FeeChange:
		var f settle.FeeAsked
		if q.Into(&f) == nil {
			return t.T("operatorweb.request_fee", "who", scopeName(t, f.Scope, f.ScopeID, shops), "rate", page.Percent(f.PPM)),
				t.T("operatorweb.fee_from", "time", t.When(f.Command().From))
		}
	case approval.PayoutAccount:
		what = t.T("operatorweb.request_payout", "shop", shops[q.Shop])
		var p approval.Payout
		if w.Payouts == nil || q.Into(&p) != nil {
			return what, ""
		}
		if account, err := w.Payouts.Payout(r.Context(), merchant.ID(q.Shop), p.Account); err == nil {
			return what, account.Bank + " · " + account.Holder + " · " + account.Number
		}
		return what, ""
	case deposit.PayOutRequest:
		var asked deposit.PayOutAsked
		if q.Into(&asked) == nil {
			return w.payOutOf(t, shops[q.Subject], asked), ""
		}
	case deposit.DrawRequest:
		var asked deposit.DrawAsked
		if q.Into(&asked) == nil {
			return w.drawOf(t, shops[q.Subject], asked)
		}
	case pay.HandRequest:
		return handedOver(t, q)
	case rulebook.PublishRequest, voucher.PublishRequest, voucher.GrantRequest, referral.OpenRequest:
		return w.promised(r, t, q, shops)
	}
	return q.Kind, q.Subject
}

// pageOf is where what the market would publish or give stands with all its terms; "" where the reader has none.
func pageOf(r *http.Request, q approval.Request) string {
	if q.Shop != "" || !may(r, login.MarketSale) {
		return ""
	}
	switch q.Kind {
	case rulebook.PublishRequest:
		return "/operator/promotions/" + q.Subject
	case voucher.PublishRequest, voucher.GrantRequest:
		return "/operator/vouchers/" + q.Subject
	}
	return ""
}

// promised says which promotion would be published, or which voucher published or given.
func (w *web) promised(r *http.Request, t page.Tongue, q approval.Request, shops map[string]string) (what, sub string) {
	title, of := q.Subject, t.T("operatorweb.of_market")
	if q.Shop != "" {
		of = shops[q.Shop]
	}
	if w.Sale == nil {
		return q.Kind, q.Subject
	}
	if q.Kind == referral.OpenRequest {
		if w.Sale.Referrals == nil {
			return q.Kind, q.Subject
		}
		if p, _, err := w.Sale.Referrals.Programme(r.Context(), referral.ProgrammeID(q.Subject)); err == nil {
			title = p.Terms.Title.Pick(t.Lang)
		}
	} else if q.Kind == rulebook.PublishRequest {
		all, err := w.Sale.Promotions.Versions(r.Context(), rulebook.Find{Any: true, ID: q.Subject})
		if err == nil {
			title = all[0].Promotion.Title.Pick(t.Lang)
		}
	} else if x, _, err := w.Sale.Vouchers.Template(r.Context(), q.Shop, voucher.TemplateID(q.Subject)); err == nil {
		title = x.Terms.Title.Pick(t.Lang)
	}
	return t.T("operatorweb.request_"+q.Kind, "title", title), of
}

// costsOf is the most that could be spent on what waits to be published; "" of anything else.
func (w *web) costsOf(r *http.Request, t page.Tongue, q approval.Request) (string, error) {
	if w.Sale == nil || q.State != approval.Asked {
		return "", nil
	}
	most := func(minor int64) string {
		return t.T("operatorweb.costs_most", "amount", t.Money(money.New(minor, w.Currency)))
	}
	switch q.Kind {
	case voucher.PublishRequest:
		x, _, err := w.Sale.Vouchers.Template(r.Context(), q.Shop, voucher.TemplateID(q.Subject))
		return most(x.Terms.Worst()), err
	case rulebook.PublishRequest:
		var asked rulebook.PublishPayload
		if err := q.Into(&asked); err != nil {
			return "", err
		}
		all, err := w.Sale.Promotions.Versions(r.Context(), rulebook.Find{Any: true, ID: q.Subject})
		for _, e := range all {
			if e.Promotion.Version != asked.Version {
				continue
			}
			worst, err := w.Sale.Promotions.Worst(r.Context(), e.Promotion)
			if !worst.Known {
				return t.T("operatorweb.costs_open"), err
			}
			return most(worst.Total), err
		}
		return "", err
	}
	return "", nil
}

func requestBadge(t page.Tongue, q approval.Request) page.Badge {
	tones := map[approval.State]string{approval.Asked: "wait", approval.Approved: "done", approval.Refused: "bad",
		approval.Withdrawn: "off", approval.Expired: "off"}
	b := page.Badge{Tone: tones[q.State], Text: t.T("operatorweb.request_" + string(q.State))}
	if q.State == approval.Asked {
		b.Who = t.T("operatorweb.another_decides", "time", t.When(q.Expires))
	}
	return b
}

// requestActs are what the caller may do with a request: whoever asked may take it back, another may decide.
func (w *web) requestActs(r *http.Request, t page.Tongue, q approval.Request) page.Cell {
	who := gate.Who(r.Context())
	c := page.Cell{Post: "/operator/approvals", Hidden: []page.Pair{{Name: "request", Value: string(q.ID)}}}
	switch {
	case q.State != approval.Asked:
		return page.Cell{Text: q.Note}
	case q.AskedBy == who.Login:
		c.Acts = []page.Act{{Text: t.T("operatorweb.withdraw"), Name: "do", Value: "withdraw"}}
	case w.Approvals.MayDecide(who, q):
		c.Acts = []page.Act{{Text: t.T("operatorweb.approve"), Name: "do", Value: "approve", Main: true},
			{Text: t.T("operatorweb.refuse"), Name: "do", Value: "refuse", Bad: true}}
	default:
		return page.Cell{}
	}
	return c
}

// decide approves or refuses a request, or takes one's own back.
func (w *web) decide(rw http.ResponseWriter, r *http.Request) (err error) {
	name, do := approval.ID(r.PostFormValue("request")), r.PostFormValue("do")
	said := "request_was_" + do
	switch do {
	case "withdraw":
		err = w.Approvals.Withdraw(r.Context(), gate.Who(r.Context()), name)
	case "approve", "refuse":
		_, err = w.Approvals.Decide(r.Context(), approval.Decide{By: gate.Who(r.Context()), Request: name,
			Approve: do == "approve", Note: r.PostFormValue("note")})
	default:
		said = ""
	}
	if err != nil {
		return w.refuse(err, func(err error) error { return w.showApprovals(rw, r, err) })
	}
	if err := w.Settle.Refresh(r.Context()); err != nil { // an approved fee is seen at once
		return err
	}
	return see(rw, r, "/operator/approvals", said)
}
