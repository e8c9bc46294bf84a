package operatorweb

import (
	"net/http"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/party/merchant"
	"hutong/surface/page"
)

// shops lists the shops with what the market owes each.
func (w *web) shops(rw http.ResponseWriter, r *http.Request) error {
	f, t := w.frame(r, "/operator/shops", "operatorweb.shops")
	all, err := w.Shops.Shops(r.Context())
	if err != nil {
		return err
	}
	books, err := w.Ledger.Books(r.Context())
	if err != nil {
		return err
	}
	payable := map[string]string{}
	for _, s := range books {
		if shop, ok := ledger.ShopOf(s.Account); ok {
			payable[shop] += t.Money(money.New(s.Net(), s.Currency)) + " "
		}
	}
	v := shopsView{Frame: f, Empty: page.Empty{Title: t.T("operatorweb.no_shops")}}
	for _, s := range all {
		row := shopRow{ID: string(s.ID), Href: "/shop/" + s.Code, Name: s.Name.Pick(t.Lang), Code: s.Code,
			Payable: payable[string(s.ID)], Since: t.When(s.Created), Open: s.State == merchant.Open,
			Badge: page.Badge{Tone: "done", Text: t.T("operatorweb.open")}}
		if !row.Open {
			row.Badge = page.Badge{Tone: "off", Text: t.T("operatorweb.closed")}
		}
		if row.Payable == "" {
			row.Payable = "–"
		}
		v.Rows = append(v.Rows, row)
	}
	return w.set.Render(rw, r, http.StatusOK, "all-shops", v)
}

// moveShop closes or reopens a shop.
func (w *web) moveShop(rw http.ResponseWriter, r *http.Request) error {
	id, err := merchant.ID(r.PostFormValue("shop")), error(nil)
	switch r.PostFormValue("to") {
	case string(merchant.Closed):
		err = w.Shops.Close(r.Context(), id)
	case string(merchant.Open):
		err = w.Shops.Reopen(r.Context(), id)
	default:
		err = fault.New(fault.NotFound, "gate.not_found")
	}
	if err != nil {
		return err
	}
	return see(rw, r, "/operator/shops")
}

// suspense lists the money that matched nothing.
func (w *web) suspense(rw http.ResponseWriter, r *http.Request) error {
	return w.showSuspense(rw, r, nil)
}

func (w *web) showSuspense(rw http.ResponseWriter, r *http.Request, refused error) error {
	f, t := w.frame(r, "/operator/suspense", "operatorweb.suspense")
	all, err := w.Pay.Suspense(r.Context())
	if err != nil {
		return err
	}
	v := suspenseView{Frame: f, Empty: page.Empty{Title: t.T("operatorweb.no_suspense"),
		Text: t.T("operatorweb.no_suspense_text")}}
	for _, s := range all {
		v.Rows = append(v.Rows, suspenseRow{Provider: s.Provider, Txn: s.Txn, Kind: string(s.Kind),
			Wallet: t.Wallet(s.Provider), KindWord: word(t, "kind", string(s.Kind)), Amount: t.Money(s.Amount),
			Reason: t.T("pay.suspense." + s.Reason), Since: t.When(s.Since), Badge: suspenseBadge(t, s.State),
			Open: s.State == pay.Open && s.Kind == pay.KindCapture})
	}
	status := http.StatusOK
	if refused != nil {
		v.Wrong, status = t.Fault(refused), fault.Of(refused).Status()
	}
	return w.set.Render(rw, r, status, "suspense", v)
}

func suspenseBadge(t page.Tongue, s pay.SuspenseState) page.Badge {
	tones := map[pay.SuspenseState]string{pay.Open: "wait", pay.Matched: "done", pay.SentBack: "off"}
	return page.Badge{Tone: tones[s], Text: t.T("operatorweb.suspense_" + string(s))}
}

// giveBack sends money in suspense back to where it came from.
func (w *web) giveBack(rw http.ResponseWriter, r *http.Request) error {
	key := pay.FactKey{Provider: r.PostFormValue("wallet"), Txn: r.PostFormValue("txn"),
		Kind: pay.Kind(r.PostFormValue("kind"))}
	if err := w.Pay.ReturnSuspense(r.Context(), key); err != nil {
		if fault.Of(err) == fault.Internal {
			return err
		}
		return w.showSuspense(rw, r, err)
	}
	return see(rw, r, "/operator/suspense")
}
