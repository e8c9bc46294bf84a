package shopweb

import (
	"net/http"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/party/shopper"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// dataView is what a shopper may ask about themselves.
type dataView struct {
	page.Frame
	Guest  bool
	Held   string // why it cannot be erased now; "" when it can
	Wrong  string
	Erase  page.Dialog
	Offers []string // what erasing does
}

// data offers all that the market holds about the shopper, and to forget it.
func (w *web) data(rw http.ResponseWriter, r *http.Request) error { return w.showData(rw, r, nil) }

func (w *web) showData(rw http.ResponseWriter, r *http.Request, refused error) error {
	f := w.account(rw, r, "data")
	t, ctx := w.set.In(f.Lang), r.Context()
	v := dataView{Frame: f, Guest: gate.Who(ctx).Login == ""}
	if w.Vault != nil {
		if err := w.Vault.MayErase(ctx, shopper.ID(shopperOf(ctx))); err != nil {
			if !own(err) {
				return err
			}
			v.Held = t.Fault(err)
		}
	}
	for _, key := range []string{"addresses", "lists", "reviews", "orders", "login"} {
		v.Offers = append(v.Offers, t.T("shopweb.erase_"+key))
	}
	v.Erase = page.Dialog{ID: "erase", Open: t.T("shopweb.erase_open"), Title: t.T("shopweb.erase_title"),
		Text: t.T("shopweb.erase_sure"), Action: "/me/erase", Fields: []page.Field{{ID: "sure", Name: "sure", Kind: "text",
			Label: t.T("shopweb.erase_type", "word", t.T("shopweb.erase_word")), Required: true, Length: 20}},
		Confirm: page.Act{Text: t.T("shopweb.erase_do"), Bad: true}}
	status := http.StatusOK
	if refused != nil {
		status = fault.Of(refused).Status()
		v.Erase.Show, v.Erase.Fields[0].Error = true, t.Fault(refused)
	}
	return w.set.Render(rw, r, status, "me-data", v)
}

// export is all that the market holds about the shopper, as a file. It is for them alone: whoever looks on with consent
// sees pages, and takes nothing home.
func (w *web) export(rw http.ResponseWriter, r *http.Request) error {
	if gate.Who(r.Context()).ReadOnly() {
		return fault.New(fault.Forbidden, "gate.read_only")
	}
	out, err := w.Vault.Export(r.Context(), shopper.ID(shopperOf(r.Context())))
	if err != nil {
		return err
	}
	name := "hutong-" + clock.Now(r.Context(), w.Clock).UTC().Format(time.DateOnly) + ".json"
	h := rw.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "private, no-store")
	_, _ = rw.Write(out) // a reader who has gone away is no error of ours
	return nil
}

// erase forgets the shopper, after they wrote the word that says so.
func (w *web) erase(rw http.ResponseWriter, r *http.Request) error {
	t := w.set.In(gate.Lang(r.Context()))
	if r.PostFormValue("sure") != t.T("shopweb.erase_word") {
		return w.showData(rw, r, fault.New(fault.Invalid, "shopweb.erase_unsure").At("sure"))
	}
	if err := w.Vault.Erase(r.Context(), shopper.ID(shopperOf(r.Context()))); err != nil {
		if own(err) {
			return w.showData(rw, r, err)
		}
		return err
	}
	gate.EndSession(rw, r)
	return see(rw, r, "/")
}
