package operatorweb

import (
	"net/http"
	"strings"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/deposit"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// answerPath is where an appeal is answered.
const answerPath = standingPath + "/answer"

// holdTones are how a hold's state is painted.
var holdTones = map[deposit.State]string{deposit.Frozen: "wait", deposit.Announced: "wait", deposit.Appealed: "bad",
	deposit.Drawn: "done", deposit.Released: "off"}

// accountStats are how a shop's deposit stands.
func (w *web) accountStats(t page.Tongue, a deposit.Account) []page.Stat {
	cash := func(minor int64) string { return t.Money(money.New(minor, w.Currency)) }
	topUp := t.T("operatorweb.deposit_enough")
	if a.TopUp() > 0 {
		topUp = t.T("operatorweb.deposit_top_up", "amount", cash(a.TopUp()))
	}
	return []page.Stat{{Name: t.T("operatorweb.deposit"), Value: cash(a.Balance), Hint: t.T("operatorweb.deposit_hint")},
		{Name: t.T("operatorweb.deposit_held"), Value: cash(a.Held), Hint: t.T("operatorweb.deposit_held_hint")},
		{Name: t.T("operatorweb.deposit_required"), Value: cash(a.Required), Hint: topUp}}
}

// holdsSection lists what is and was held of a shop's deposit.
func (w *web) holdsSection(t page.Tongue, all []deposit.Hold) section {
	s := section{ID: "holds", Title: t.T("operatorweb.holds"), Table: table("holds", t.T("operatorweb.holds"),
		page.Empty{Title: t.T("operatorweb.no_holds"), Text: t.T("operatorweb.no_holds_text")},
		columns(t, "when", "#amount", "*hold_why", "hold_for", "state")...)}
	for _, h := range all {
		why := page.Cell{Text: h.Why, Sub: h.Answer}
		if h.Appeal != "" {
			why.Sub = strings.TrimSpace(t.T("operatorweb.hold_appeal", "words", h.Appeal) + " " + h.Answer)
		}
		state := badged(page.Badge{Tone: holdTones[h.State], Text: t.T("operatorweb.hold_" + string(h.State))})
		if h.State == deposit.Announced {
			state.Sub = t.T("operatorweb.hold_until", "time", t.When(h.Until))
		}
		s.Table.Rows = append(s.Table.Rows, page.Row{ID: string(h.ID), Cells: []page.Cell{plain(t.When(h.At)),
			plain(t.Money(money.New(h.Amount, h.Currency))), why, holdFor(t, h), state}})
	}
	return s
}

func holdFor(t page.Tongue, h deposit.Hold) page.Cell {
	switch {
	case h.Payee == deposit.ToShopper:
		return page.Cell{Text: t.T("operatorweb.payee_shopper"), Sub: h.Order}
	case h.Payee == deposit.ToMarket:
		return plain(t.T("operatorweb.payee_market"))
	case h.Case != "":
		return page.Cell{Text: t.T("operatorweb.hold_case"), Sub: h.Case}
	}
	return plain("–")
}

// holdForms are what can be done about a deposit: ask for one, freeze, draw, let go.
func (a *standingAsk) holdForms(account deposit.Account, holds []deposit.Hold) []section {
	t := a.t
	why := func(id string) page.Field {
		return page.Field{ID: id, Name: "why", Label: t.T("operatorweb.hold_why"), Kind: "text", Required: true,
			Length: deposit.WhyMax, Hint: t.T("operatorweb.hold_why_hint")}
	}
	require := a.amount("require-amount")
	require.Value = money.New(account.Required, a.currency).Decimal()
	all := []section{a.form("require", require),
		a.form("freeze", a.amount("freeze-amount"), page.Field{ID: "freeze-case", Name: "case",
			Label: t.T("operatorweb.hold_case"), Kind: "text", Length: 40, Hint: t.T("operatorweb.hold_case_hint")},
			why("freeze-why")),
		a.form("draw", a.amount("draw-amount"), page.Field{ID: "draw-payee", Name: "payee", Kind: "select",
			Label: t.T("operatorweb.hold_for"), Options: []page.Group{{Options: []page.Option{
				{Value: string(deposit.ToMarket), Text: t.T("operatorweb.payee_market")},
				{Value: string(deposit.ToShopper), Text: t.T("operatorweb.payee_shopper")}}}}},
			page.Field{ID: "draw-order", Name: "order", Label: t.T("operatorweb.draw_order"), Kind: "text", Length: 40,
				Hint: t.T("operatorweb.draw_order_hint")}, why("draw-why"))}
	if open := a.openHolds(holds, func(h deposit.Hold) bool { return h.State.Open() }); len(open) > 0 {
		all = append(all, a.form("release", page.Field{ID: "release-hold", Name: "hold", Kind: "select",
			Label: t.T("operatorweb.hold"), Options: []page.Group{{Options: open}}}, why("release-why")))
	}
	return all
}

// answerForm answers an appeal.
func (a *standingAsk) answerForm(holds []deposit.Hold) (all []section) {
	t := a.t
	open := a.openHolds(holds, func(h deposit.Hold) bool { return h.State == deposit.Appealed })
	if len(open) == 0 {
		return nil
	}
	s := a.form("answer", page.Field{ID: "answer-hold", Name: "hold", Kind: "select", Label: t.T("operatorweb.hold"),
		Options: []page.Group{{Options: open}}}, page.Field{ID: "answer-draw", Name: "verdict", Kind: "select",
		Label: t.T("operatorweb.verdict"), Options: []page.Group{{Options: []page.Option{
			{Value: "draw", Text: t.T("operatorweb.verdict_draw")},
			{Value: "release", Text: t.T("operatorweb.verdict_release")}}}}},
		page.Field{ID: "answer-why", Name: "why", Label: t.T("operatorweb.hold_why"), Kind: "text", Required: true,
			Length: deposit.WhyMax})
	s.Form.Action = "/operator/shops/" + a.shop + "/standing/answer"
	return []section{s}
}

func (a *standingAsk) openHolds(holds []deposit.Hold, which func(deposit.Hold) bool) (all []page.Option) {
	for _, h := range holds {
		if which(h) {
			all = append(all, page.Option{Value: string(h.ID),
				Text: a.t.Money(money.New(h.Amount, h.Currency)) + " · " + h.Why})
		}
	}
	return all
}

// held does what the forms of holds ask; said is "" where the form is another one.
func (w *web) held(r *http.Request, shop string) (said string, err error) {
	ctx, who, value := r.Context(), gate.Who(r.Context()), func(name string) string {
		return strings.TrimSpace(r.PostFormValue(name))
	}
	if value("do") == "release" {
		return "hold_done", w.Deposits.Release(ctx, who.Login, shop, deposit.HoldID(value("hold")), value("why"))
	}
	amount, err := money.ParseMinor(value("amount"), w.Currency)
	if err != nil {
		return "", fault.New(fault.Invalid, "deposit.amount").At("amount").Because(err)
	}
	switch value("do") {
	case "require":
		return "hold_done", w.Deposits.Require(ctx, who.Login, shop, w.Currency, amount)
	case "freeze":
		_, err = w.Deposits.Freeze(ctx, deposit.Freeze{By: who.Login, Shop: shop, Currency: w.Currency, Amount: amount,
			Case: value("case"), Why: value("why")})
		return "hold_done", err
	}
	asked := deposit.DrawAsked{Currency: w.Currency, Amount: amount, Payee: deposit.Payee(value("payee")),
		Order: value("order"), Why: value("why")}
	if amount > w.Deposits.Alone() {
		_, err = w.Approvals.Ask(ctx, deposit.AskDraw(who, shop, asked))
		return "deposit_asked", err
	}
	_, err = w.Deposits.Draw(ctx, who.Login, shop, asked)
	return "hold_announced_done", err
}

// answerAppeal draws or lets go what a shop appealed against.
func (w *web) answerAppeal(rw http.ResponseWriter, r *http.Request) error {
	shop, err := w.Shops.Shop(r.Context(), merchant.ID(r.PathValue("shop")))
	if err != nil {
		return err
	}
	err = w.Deposits.Answer(r.Context(), deposit.Answer{By: gate.Who(r.Context()).Login, Shop: string(shop.ID),
		Hold: deposit.HoldID(r.PostFormValue("hold")), Draw: r.PostFormValue("verdict") == "draw",
		Why: r.PostFormValue("why")})
	if err != nil {
		return w.refuse(err, func(err error) error { return w.showStanding(rw, r, err) })
	}
	return see(rw, r, "/operator/shops/"+string(shop.ID)+"/standing", "hold_done")
}

// drawOf says in words what a request to draw on a deposit would do.
func (w *web) drawOf(t page.Tongue, shop string, asked deposit.DrawAsked) (what, sub string) {
	to := t.T("operatorweb.payee_" + string(asked.Payee))
	if asked.Order != "" {
		to += " · " + asked.Order
	}
	return t.T("operatorweb.request_draw", "shop", shop, "amount", t.Money(money.New(asked.Amount, asked.Currency))),
		to + " · " + asked.Why
}

// mayAnswer tells whether the reader answers appeals.
func mayAnswer(r *http.Request) bool { return may(r, login.MarketFeesApprove) }
