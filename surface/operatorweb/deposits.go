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

// openSections are what is held now, each with why, and with what can be done about it.
func (a *standingAsk) openSections(s standingSeen) (all []section) {
	for _, h := range s.holds {
		if h.State.Open() {
			all = append(all, a.openHold(h, asker(a.t, s.staff, string(h.By))))
		}
	}
	return all
}

func (a *standingAsk) openHold(h deposit.Hold, by string) section {
	t := a.t
	s := section{ID: string(h.ID), Boxed: true, Title: a.cash(h.Amount),
		Badge: &page.Badge{Tone: holdTones[h.State], Text: t.T("operatorweb.hold_" + string(h.State))}}
	s.Facts = []fact{{Name: t.T("operatorweb.reason"), Text: h.Why}}
	if h.Appeal != "" {
		s.Facts = append(s.Facts, fact{Name: t.T("operatorweb.hold_appealed_words"), Text: h.Appeal})
	}
	if whom := holdFor(t, h); whom.Text != "–" {
		s.Facts = append(s.Facts, fact{Name: t.T("operatorweb.hold_for"), Text: whom.Text, Sub: whom.Sub})
	}
	s.Facts = append(s.Facts, fact{Name: t.T("operatorweb.since"), Text: t.When(h.At), Sub: by})
	if h.State == deposit.Announced {
		s.Facts = append(s.Facts, fact{Name: t.T("operatorweb.hold_booked_at"), Text: t.When(h.Until),
			Sub: t.T("operatorweb.hold_unless")})
	}
	s.Dialogs = a.holdDialogs(h)
	if h.State == deposit.Appealed && len(s.Dialogs) < 2 {
		s.Notes = []page.Notice{{Tone: "plain", Text: t.T("operatorweb.standing_answer_text")}}
	}
	return s
}

// holdDialogs are what the reader may do about a hold: answer an appeal that is not against their own draw, or let go.
func (a *standingAsk) holdDialogs(h deposit.Hold) (all []page.Dialog) {
	at, hold := "/operator/shops/"+a.shop+"/standing", page.Pair{Name: "hold", Value: string(h.ID)}
	if h.State == deposit.Appealed && mayAnswer(a.r) && h.By != gate.Who(a.r.Context()).Login {
		for _, verdict := range []string{"release", "draw"} {
			all = append(all, a.holdDialog(h, "verdict_"+verdict, page.Dialog{Action: at + "/answer",
				Hidden: []page.Pair{hold, {Name: "verdict", Value: verdict}}, Confirm: page.Act{Bad: verdict == "draw",
					Main: verdict == "release"}}))
		}
		return all
	}
	if may(a.r, login.MarketFeesAsk) {
		all = append(all, a.holdDialog(h, "standing_release", page.Dialog{Action: at,
			Hidden: []page.Pair{hold, {Name: "do", Value: "release"}}, Confirm: page.Act{Main: true}}))
	}
	return all
}

// holdDialog asks for the reason. A refusal stands in the dialog that was sent.
func (a *standingAsk) holdDialog(h deposit.Hold, key string, d page.Dialog) page.Dialog {
	t := a.t
	d.ID = key + "-" + string(h.ID)
	d.Open, d.Title = t.T("operatorweb."+key), t.T("operatorweb."+key)+" · "+a.cash(h.Amount)
	d.Text, d.Confirm.Text = t.T("operatorweb."+key+"_text"), t.T("operatorweb."+key)
	why := a.why(d.ID + "-why")
	if a.refused != nil && a.sentHold(h.ID) && a.r.PostFormValue(d.Hidden[1].Name) == d.Hidden[1].Value {
		faults := t.FaultsOf(a.refused, why.Name)
		d.Show, d.Wrong, why.Error, why.Value = true, faults.General, faults.At(why.Name), a.r.PostFormValue(why.Name)
	}
	d.Fields = []page.Field{why}
	return d
}

func (a *standingAsk) sentHold(id deposit.HoldID) bool {
	return a.r.PostFormValue("hold") == string(id)
}

func (a *standingAsk) why(id string) page.Field {
	return page.Field{ID: id, Name: "why", Label: a.t.T("operatorweb.hold_why"), Kind: "text", Required: true,
		Length: deposit.WhyMax, Hint: a.t.T("operatorweb.hold_why_hint")}
}

// holdWords are what was said about a hold.
func holdWords(t page.Tongue, h deposit.Hold) string {
	all := []string{h.Why}
	if h.Appeal != "" {
		all = append(all, t.T("operatorweb.hold_appeal", "words", h.Appeal))
	}
	if h.Answer != "" {
		all = append(all, t.T("operatorweb.hold_answered", "words", h.Answer))
	}
	return strings.Join(all, "\n")
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
	var after *deposit.HoldID // of two presses of one page, the second has seen less
	if r.PostForm.Has("after") {
		seen := deposit.HoldID(value("after"))
		after = &seen
	}
	switch value("do") {
	case "require":
		return "hold_done", w.Deposits.Require(ctx, who.Login, shop, w.Currency, amount)
	case "freeze":
		_, err = w.Deposits.Freeze(ctx, deposit.Freeze{By: who.Login, Shop: shop, Currency: w.Currency, Amount: amount,
			Case: value("case"), Why: value("why"), After: after})
		return "hold_done", err
	}
	asked := deposit.DrawAsked{Currency: w.Currency, Amount: amount, Payee: deposit.Payee(value("payee")),
		Order: value("order"), Why: value("why"), After: after}
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
