package operatorweb

import (
	"net/http"
	"strings"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/campaign"
	"hutong/funds/deposit"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// standingPath is the page of a shop's deposit and score.
const standingPath = "/operator/shops/{shop}/standing"

// sourceMax bounds where a score comes from, in characters.
const sourceMax = 100

// standing shows what enrolment rules ask of a shop: the deposit that it has left, its score and where that comes from.
func (w *web) standing(rw http.ResponseWriter, r *http.Request) error {
	return w.showStanding(rw, r, nil)
}

func (w *web) showStanding(rw http.ResponseWriter, r *http.Request, refused error) error {
	ctx := r.Context()
	shop, err := w.Shops.Shop(ctx, merchant.ID(r.PathValue("shop")))
	if err != nil {
		return err
	}
	id := string(shop.ID)
	_, moves, err := w.Deposits.Of(ctx, id, w.Currency)
	if err != nil {
		return err
	}
	account, holds, err := w.Deposits.Holds(ctx, id, w.Currency)
	if err != nil {
		return err
	}
	st, err := w.Campaigns.StandingOf(ctx, id)
	if err != nil {
		return err
	}
	v, t := w.page(r, "/operator/shops", "standing")
	v.Heading = t.T("operatorweb.standing_of", "shop", shop.Name.Pick(t.Lang))
	v.Title = v.Heading
	v.under(t, "/operator/shops/"+id, "shop")
	cash := func(minor int64) string { return t.Money(money.New(minor, w.Currency)) }
	score := page.Stat{Name: t.T("operatorweb.score"), Value: stars(st.Score), Hint: st.Source}
	if st.Violation {
		score.Hint = t.T("operatorweb.violation_open")
	}
	v.Stats = append(w.accountStats(t, account), score)
	for _, kind := range []string{deposit.PayOutRequest, deposit.DrawRequest} {
		waiting, err := w.requests(r, t, kind, true)
		if err != nil {
			return err
		}
		if waiting.Table != nil {
			waiting.ID = kind
			v.Sections = append(v.Sections, waiting)
		}
	}
	v.Sections = append(v.Sections, w.holdsSection(t, holds))
	list := section{ID: "moves", Title: t.T("operatorweb.deposit_moves"), Table: table("moves",
		t.T("operatorweb.deposit_moves"), page.Empty{Title: t.T("operatorweb.no_moves"),
			Text: t.T("operatorweb.no_moves_text")},
		columns(t, "when", "#amount", "*reference")...)}
	for _, m := range moves {
		list.Table.Rows = append(list.Table.Rows, page.Row{ID: m.ID, Cells: []page.Cell{plain(t.When(m.At)),
			plain(cash(m.Amount)), plain(m.Ref)}})
	}
	v.Sections = append(v.Sections, list)
	ask := standingAsk{r, t, w.Currency, id, refused}
	if mayAnswer(r) {
		v.Sections = append(v.Sections, ask.answerForm(holds)...)
	}
	if may(r, login.MarketFeesAsk) {
		v.Sections = append(v.Sections, ask.payIn(), ask.form("out", ask.amount("out-amount")), ask.score(st))
		v.Sections = append(v.Sections, ask.holdForms(account, holds)...)
	}
	status := http.StatusOK
	if refused != nil {
		status = statusOf(refused)
	}
	return w.show(rw, r, status, v)
}

// standingAsk is what the page's forms are made of.
type standingAsk struct {
	r        *http.Request
	t        page.Tongue
	currency money.Currency
	shop     string
	refused  error
}

// form is one of the page's forms; a refusal stands at the one that was sent.
func (a *standingAsk) form(do string, fields ...page.Field) section {
	t, r, refused := a.t, a.r, a.refused
	f := &form{Action: "/operator/shops/" + a.shop + "/standing", Hidden: []page.Pair{{Name: "do", Value: do}},
		Fields: fields, Acts: []page.Act{{Text: t.T("operatorweb.standing_" + do), Main: true}}}
	if sent := r.PostFormValue("do") == do && refused != nil; sent {
		names := make([]string, len(fields))
		for i := range fields {
			names[i] = fields[i].Name
		}
		faults := t.FaultsOf(refused, names...)
		f.Wrong = faults.General
		for i := range f.Fields {
			f.Fields[i].Error, f.Fields[i].Value = faults.At(f.Fields[i].Name), r.PostFormValue(f.Fields[i].Name)
		}
	}
	return section{ID: do, Boxed: true, Title: t.T("operatorweb.standing_" + do),
		Lead: t.T("operatorweb.standing_" + do + "_text"), Form: f}
}

func (a *standingAsk) amount(id string) page.Field {
	return page.Field{ID: id, Name: "amount", Label: a.t.T("operatorweb.amount"), Kind: "text", Mode: "decimal",
		Required: true, Length: 14, After: string(a.currency)}
}

func (a *standingAsk) payIn() section {
	return a.form("in", a.amount("in-amount"), page.Field{ID: "in-ref", Name: "ref",
		Label: a.t.T("operatorweb.reference"), Kind: "text", Required: true, Length: deposit.RefMax,
		Hint: a.t.T("operatorweb.reference_hint")})
}

func (a *standingAsk) score(st campaign.ShopStanding) section {
	t := a.t
	return a.form("score",
		page.Field{ID: "score", Name: "score", Label: t.T("operatorweb.score"), Kind: "text", Mode: "decimal",
			Required: true, Length: 4, Value: stars(st.Score), Hint: t.T("operatorweb.score_hint")},
		page.Field{ID: "source", Name: "source", Label: t.T("operatorweb.score_source"), Kind: "text", Required: true,
			Length: sourceMax, Value: st.Source, Hint: t.T("operatorweb.score_source_hint")},
		page.Field{ID: "violation", Name: "violation", Label: t.T("operatorweb.violation"), Kind: "check", Value: "yes",
			Checked: st.Violation})
}

// takeStanding records a deposit, asks for one to be paid out, or sets a score.
func (w *web) takeStanding(rw http.ResponseWriter, r *http.Request) error {
	shop, err := w.Shops.Shop(r.Context(), merchant.ID(r.PathValue("shop")))
	if err != nil {
		return err
	}
	said, err := w.stood(r, string(shop.ID))
	if err != nil {
		return w.refuse(err, func(err error) error { return w.showStanding(rw, r, err) })
	}
	return see(rw, r, "/operator/shops/"+string(shop.ID)+"/standing", said)
}

func (w *web) stood(r *http.Request, shop string) (said string, err error) {
	ctx, who := r.Context(), gate.Who(r.Context())
	if r.PostFormValue("do") == "score" {
		score, err := money.ParseMinor(strings.TrimSpace(r.PostFormValue("score")), "USD")
		if err != nil || score > 500 {
			return "", fault.New(fault.Invalid, "enrolment.standing").At("score")
		}
		return "standing_set", w.Campaigns.SetStanding(ctx, shop, campaign.ShopStanding{Score: score,
			Source: strings.TrimSpace(r.PostFormValue("source")), Violation: r.PostFormValue("violation") == "yes"})
	}
	if do := r.PostFormValue("do"); do != "in" && do != "out" {
		return w.held(r, shop)
	}
	amount, err := money.ParseMinor(strings.TrimSpace(r.PostFormValue("amount")), w.Currency)
	if err != nil {
		return "", fault.New(fault.Invalid, "deposit.amount").At("amount").Because(err)
	}
	if r.PostFormValue("do") == "out" {
		_, err = w.Approvals.Ask(ctx, deposit.AskPayOut(who, shop, deposit.PayOutAsked{Currency: string(w.Currency),
			Amount: amount}))
		return "deposit_asked", err
	}
	return "deposit_in", w.Deposits.PayIn(ctx, deposit.Move{Shop: shop, Currency: w.Currency, Amount: amount,
		Ref: r.PostFormValue("ref"), By: who.Login})
}

// payOutOf says in words what a request to pay a deposit out would do.
func (w *web) payOutOf(t page.Tongue, shop string, asked deposit.PayOutAsked) string {
	return t.T("operatorweb.request_deposit", "shop", shop,
		"amount", t.Money(money.New(asked.Amount, money.Currency(asked.Currency))))
}
