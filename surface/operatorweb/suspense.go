package operatorweb

import (
	"net/http"
	"slices"
	"strings"

	"hutong/funds/pay"
	"hutong/party/login"
	"hutong/surface/page"
)

// suspense lists the money that matched nothing.
func (w *web) suspense(rw http.ResponseWriter, r *http.Request) error {
	return w.showSuspense(rw, r, nil)
}

func (w *web) showSuspense(rw http.ResponseWriter, r *http.Request, refused error) error {
	v, t := w.page(r, "/operator/suspense", "suspense")
	all, err := w.Pay.Suspense(r.Context())
	if err != nil {
		return err
	}
	s := section{ID: "suspense", Table: table("suspense", t.T("operatorweb.suspense"), page.Empty{
		Title: t.T("operatorweb.no_suspense"), Text: t.T("operatorweb.no_suspense_text")},
		columns(t, "*txn", "#amount", "reason", "since", "state", "act")...)}
	for _, one := range all {
		cells := []page.Cell{{Text: t.Wallet(one.Provider) + " · " + word(t, "kind", string(one.Kind)), Sub: one.Txn},
			plain(t.Money(one.Amount)), plain(t.T("pay.suspense." + one.Reason)), plain(t.When(one.Since)),
			badged(suspenseBadge(t, one.State)), {}}
		if one.Order != "" && may(r, login.MarketOrders) {
			cells[5] = page.Cell{Text: t.T("operatorweb.to_order"), Href: "/operator/orders/" + one.Order}
		}
		if act := actOn(one); act != "" && may(r, login.MarketSuspenseMove) {
			cells[5] = page.Cell{Post: "/operator/suspense", Hidden: keyPairs(one), Acts: []page.Act{
				{Text: t.T("operatorweb." + act), Name: "do", Value: act}}}
		}
		s.Table.Rows = append(s.Table.Rows, page.Row{ID: one.Txn, Cells: cells})
	}
	v.Sections = []section{s}
	back, err := w.Pay.Refused(r.Context())
	if err != nil {
		return err
	}
	v.Sections = append(append(v.Sections, w.refusedRefunds(r, t, back)...), w.handForm(r, t, back, refused)...)
	if match := w.matchForm(r, t, all, refused); match.Form != nil {
		v.Sections = append(v.Sections, match)
	}
	status := http.StatusOK
	if refused != nil {
		status = statusOf(refused)
		sent := map[string]string{"match": "match", "hand": "hand"}[r.PostFormValue("do")]
		if !slices.ContainsFunc(v.Sections, func(s section) bool { return s.Form != nil && s.ID == sent }) {
			v.Wrong = t.Fault(refused)
		}
	}
	return w.show(rw, r, status, v)
}

// refusedRefunds are the refunds that wallets would not pay out; no section where there are none.
func (w *web) refusedRefunds(r *http.Request, t page.Tongue, all []pay.Refund) []section {
	if len(all) == 0 {
		return nil
	}
	s := section{ID: "refused", Title: t.T("operatorweb.refused_refunds"), Lead: t.T("operatorweb.refused_refunds_text"),
		Table: table("refused", t.T("operatorweb.refused_refunds"), page.Empty{},
			columns(t, "*number", "#amount", "reason", "since", "act")...)}
	for _, f := range all {
		reason := f.Reason
		if t.Has(reason) {
			reason = t.T(reason)
		}
		cells := []page.Cell{{Text: string(f.ID), Code: true, Sub: t.Wallet(f.Wallet)}, plain(t.Money(f.Amount)),
			plain(reason), plain(t.When(f.Created)), {}}
		if f.Order != "" && may(r, login.MarketOrders) {
			cells[0].Href = "/operator/orders/" + f.Order
		}
		if may(r, login.MarketSuspenseMove) {
			cells[4] = page.Cell{Post: "/operator/suspense", Hidden: []page.Pair{{Name: "refund", Value: string(f.ID)}},
				Acts: []page.Act{{Text: t.T("operatorweb.send_again"), Name: "do", Value: "retry"}}}
		}
		s.Table.Rows = append(s.Table.Rows, page.Row{ID: string(f.ID), Cells: cells})
	}
	return []section{s}
}

// actOn is what can be done about an item at once: money is sent back; what a wallet gave back by itself, and that is
// of no order that somebody could decide on, is closed once it is cleared with the wallet.
func actOn(s pay.Suspense) string {
	switch {
	case s.State != pay.Open:
		return ""
	case s.Kind == pay.KindCapture:
		return "give_back"
	case s.Order == "":
		return "close_seen"
	}
	return ""
}

func keyPairs(s pay.Suspense) []page.Pair {
	return []page.Pair{{Name: "wallet", Value: s.Provider}, {Name: "txn", Value: s.Txn}, {Name: "kind",
		Value: string(s.Kind)}}
}

// matchForm says which order's payment some money was.
func (w *web) matchForm(r *http.Request, t page.Tongue, all []pay.Suspense, refused error) section {
	g := page.Group{}
	chosen := r.PostFormValue("item")
	for _, one := range all {
		if one.State == pay.Open && one.Kind == pay.KindCapture {
			value := one.Provider + " " + one.Txn
			g.Options = append(g.Options, page.Option{Value: value, Selected: value == chosen,
				Text: t.Wallet(one.Provider) + " · " + one.Txn + " · " + t.Money(one.Amount)})
		}
	}
	if len(g.Options) == 0 || !may(r, login.MarketSuspenseMove) {
		return section{}
	}
	f := &form{Action: "/operator/suspense", Fields: []page.Field{
		{ID: "item", Name: "item", Label: t.T("operatorweb.match_money"), Kind: "select", Required: true,
			Options: []page.Group{g}},
		{ID: "attempt", Name: "attempt", Label: t.T("operatorweb.match_attempt"), Kind: "text", Required: true,
			Length: 40,
			Value:  r.PostFormValue("attempt"), Hint: t.T("operatorweb.match_hint")}},
		Acts: []page.Act{{Text: t.T("operatorweb.match"), Name: "do", Value: "match", Main: true}}}
	if refused != nil && r.PostFormValue("do") == "match" {
		f.Fields[1].Error = t.Fault(refused)
	}
	return section{ID: "match", Boxed: true, Title: t.T("operatorweb.match_title"),
		Lead: t.T("operatorweb.match_text"), Form: f}
}

func suspenseBadge(t page.Tongue, s pay.SuspenseState) page.Badge {
	tones := map[pay.SuspenseState]string{pay.Open: "wait", pay.Matched: "done", pay.SentBack: "off"}
	return page.Badge{Tone: tones[s], Text: t.T("operatorweb.suspense_" + string(s))}
}

// moveSuspense sends money in suspense back to where it came from, or gives it to the payment that it was for; or it
// sends a refund again that a wallet would not pay out, or records it as sent by hand.
func (w *web) moveSuspense(rw http.ResponseWriter, r *http.Request) (err error) {
	key := pay.FactKey{Provider: r.PostFormValue("wallet"), Txn: r.PostFormValue("txn"),
		Kind: pay.Kind(r.PostFormValue("kind"))}
	said := "sent_back"
	switch r.PostFormValue("do") {
	case "match":
		wallet, txn, _ := strings.Cut(r.PostFormValue("item"), " ")
		key = pay.FactKey{Provider: wallet, Txn: txn, Kind: pay.KindCapture}
		attempt := strings.TrimSpace(r.PostFormValue("attempt"))
		said = "matched"
		_, err = w.Pay.MatchSuspense(r.Context(), key, pay.AttemptID(attempt))
	case "hand":
		said, err = w.byHand(r)
	case "close_seen":
		said = "closed_seen"
		err = w.Pay.ReturnSuspense(r.Context(), key)
	case "retry":
		said = "sent_again"
		err = w.Pay.RetryRefund(r.Context(), pay.RefundID(r.PostFormValue("refund")))
	default:
		err = w.Pay.ReturnSuspense(r.Context(), key)
	}
	if err != nil {
		return w.refuse(err, func(err error) error { return w.showSuspense(rw, r, err) })
	}
	return see(rw, r, "/operator/suspense", said)
}
