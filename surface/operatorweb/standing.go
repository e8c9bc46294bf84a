package operatorweb

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/campaign"
	"hutong/funds/deposit"
	"hutong/party/audit"
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
	shop, err := w.Shops.Shop(r.Context(), merchant.ID(r.PathValue("shop")))
	if err != nil {
		return err
	}
	s, err := w.readStanding(r, shop)
	if err != nil {
		return err
	}
	v, t := w.page(r, "/operator/shops", "standing")
	v.Heading = t.T("operatorweb.standing_of", "shop", shop.Name.Pick(t.Lang))
	v.Title = v.Heading
	v.Way = []page.Crumb{{Href: "/operator/shops", Text: t.T("operatorweb.shops")},
		{Href: "/operator/shops/" + s.shop, Text: shop.Name.Pick(t.Lang)}, {Text: t.T("operatorweb.standing")}}
	for _, kind := range []string{deposit.PayOutRequest, deposit.DrawRequest} {
		waiting, err := w.requests(r, t, kind, true)
		if err != nil {
			return err
		}
		if waiting.Table != nil {
			waiting.ID, waiting.Title = kind, t.T("operatorweb.waiting_"+kind)
			v.Sections = append(v.Sections, waiting)
		}
	}
	ask := standingAsk{r, t, w.Currency, s.shop, refused, s.newest()}
	v.Lamp = s.lamp(ask)
	v.Sections = append(v.Sections, ask.openSections(s)...)
	if may(r, login.MarketFeesAsk) {
		v.Sections = append(v.Sections, ask.choices(s, w.Deposits.Alone()))
	}
	v.Sections = append(v.Sections, s.history(ask))
	status := http.StatusOK
	if refused != nil {
		status = statusOf(refused)
		if !ask.shown(s) {
			v.Wrong = t.Fault(refused)
		}
	}
	return w.show(rw, r, status, v)
}

// newest is the hold that was written last, "" where there is none.
func (s standingSeen) newest() deposit.HoldID {
	if len(s.holds) == 0 {
		return ""
	}
	return s.holds[0].ID
}

// standingSeen is what is known of a shop's deposit and score.
type standingSeen struct {
	shop    string
	account deposit.Account
	moves   []deposit.Move
	holds   []deposit.Hold // newest first
	score   campaign.ShopStanding
	staff   map[string]string
}

func (w *web) readStanding(r *http.Request, shop merchant.Shop) (s standingSeen, err error) {
	ctx := r.Context()
	s.shop = string(shop.ID)
	if _, s.moves, err = w.Deposits.Of(ctx, s.shop, w.Currency); err != nil {
		return s, err
	}
	if s.account, s.holds, err = w.Deposits.Holds(ctx, s.shop, w.Currency); err != nil {
		return s, err
	}
	if s.score, err = w.Campaigns.StandingOf(ctx, s.shop); err != nil {
		return s, err
	}
	s.staff, err = w.staffNames(ctx)
	return s, err
}

// lamp says in a line whether somebody has to act, and under it how everything stands.
func (s *standingSeen) lamp(a standingAsk) *lampView {
	t, account := a.t, s.account
	v := &lampView{Tone: "good", Text: t.T("operatorweb.standing_well")}
	amber := func(text string) {
		if v.Tone == "good" {
			v.Tone, v.Text = "wait", text
		}
	}
	there := sign{Name: t.T("operatorweb.deposit"), Value: a.cash(account.Balance), Tone: "good",
		Word: t.T("operatorweb.deposit_none_required")}
	if account.Required > 0 {
		there.Word = t.T("operatorweb.deposit_of", "amount", a.cash(account.Required))
	}
	held := sign{Name: t.T("operatorweb.deposit_held"), Value: a.cash(account.Held), Tone: "good",
		Word: t.T("operatorweb.deposit_free", "amount", a.cash(account.Free()))}
	score := sign{Name: t.T("operatorweb.score"), Value: t.T("operatorweb.score_none"), Tone: "wait",
		Word: t.T("operatorweb.score_none_text")}
	if s.score.Source != "" || s.score.Score > 0 {
		score = sign{Name: score.Name, Value: stars(s.score.Score), Word: s.score.Source, Tone: "good"}
	}
	if s.score.Violation {
		score.Tone, score.Word = "bad", t.T("operatorweb.violation_open")
		v.Tone, v.Text = "bad", t.T("operatorweb.standing_violation")
	}
	if account.TopUp() > 0 {
		there.Tone = "bad"
		v.Tone, v.Text = "bad", t.T("operatorweb.deposit_top_up", "amount", a.cash(account.TopUp()))
	}
	if account.Held > 0 {
		held.Tone = "wait"
		amber(t.T("operatorweb.standing_held"))
	}
	for _, h := range s.holds {
		if h.State == deposit.Appealed {
			held.Tone, v.Tone, v.Text = "bad", "bad", t.T("operatorweb.standing_appealed")
			v.When = t.T("operatorweb.standing_answer_text")
		}
	}
	v.Signs = []sign{there, held, score}
	return v
}

// history is what came in and went out, and what was held and let go, newest first.
func (s *standingSeen) history(a standingAsk) section {
	t := a.t
	list := section{ID: "moves", Title: t.T("operatorweb.deposit_moves"), Table: table("moves",
		t.T("operatorweb.deposit_moves"), page.Empty{Title: t.T("operatorweb.no_moves"),
			Text: t.T("operatorweb.no_moves_text")},
		columns(t, "*what", "when", "#amount", "hold_for", "by_whom")...)}
	type event struct {
		at  time.Time
		row page.Row
	}
	var all []event
	add := func(id, what, sub string, at time.Time, amount string, whom page.Cell, by login.ID) {
		all = append(all, event{at, page.Row{ID: id, Cells: []page.Cell{{Text: what, Sub: sub}, plain(t.When(at)),
			plain(amount), whom, plain(asker(t, s.staff, string(by)))}}})
	}
	for _, m := range s.moves {
		what := "move_in"
		if m.Amount < 0 {
			what = "move_out"
		}
		add(m.ID, t.T("operatorweb."+what), m.Ref, m.At, a.cash(m.Amount), plain("–"), m.By)
	}
	for _, h := range s.holds {
		if h.State.Open() {
			continue
		}
		amount := a.cash(h.Amount)
		if h.State == deposit.Drawn {
			amount = a.cash(-h.Amount)
		}
		by := h.AnsweredBy
		if by == audit.System {
			by = ""
		}
		add(string(h.ID), t.T("operatorweb.hold_"+string(h.State)), holdWords(t, h), h.ClosedAt, amount, holdFor(t, h), by)
	}
	slices.SortStableFunc(all, func(x, y event) int { return y.at.Compare(x.at) })
	for _, e := range all {
		list.Table.Rows = append(list.Table.Rows, e.row)
	}
	return list
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
