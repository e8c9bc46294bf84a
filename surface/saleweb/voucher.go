package saleweb

import (
	"context"
	"net/http"
	"strings"

	"hutong/base/fault"
	"hutong/deal/quota"
	"hutong/deal/voucher"
	"hutong/surface/page"
)

func (w *web) voucher(rw http.ResponseWriter, r *http.Request) error {
	return w.showVoucher(rw, r, nil, nil)
}

// showVoucher is one template: its terms, what is gone of it, and what can be done. codes are shown this once.
func (w *web) showVoucher(rw http.ResponseWriter, r *http.Request, codes []string, refused error) error {
	x, counts, err := w.Vouchers.Template(r.Context(), w.shop(r), voucher.TemplateID(r.PathValue("template")))
	if err != nil {
		return err
	}
	v, t := w.begin(rw, r, vouchersPath, "saleweb.vouchers")
	v.Heading = x.Terms.Title.Pick(t.Lang)
	v.Title = v.Heading
	v.under(t, w.base+vouchersPath, "saleweb.vouchers")
	state := templateBadge(t, &x)
	v.Badge = &state
	at := w.base + vouchersPath + "/" + string(x.ID)
	if w.can(r) && x.State != voucher.TemplateVoid {
		v.Acts = []page.Act{{Text: t.T("saleweb.edit"), Href: w.base + vouchersPath + "/new?of=" + string(x.ID)}}
	}
	if refused != nil {
		v.Wrong = t.Fault(refused)
	}
	if len(codes) > 0 {
		v.Parts = append(v.Parts, part{ID: "codes", Boxed: true, Title: t.T("saleweb.codes"), Lead: t.T("saleweb.codes_once"),
			Codes: &page.Field{ID: "codes-list", Name: "codes", Kind: "area", Rows: min(len(codes), 12), Required: true,
				Label: t.T("saleweb.codes_n", "n", len(codes)), Value: strings.Join(codes, "\n")}})
	}
	spent := w.spentCell(t, x.Terms, counts.Spent)
	facts, err := w.voucherFacts(r, t, &x, spent)
	if err != nil {
		return err
	}
	v.Parts = append(v.Parts, part{ID: "counts", Stats: []page.Stat{
		{Name: t.T("saleweb.issued"), Value: t.Count(x.Terms.Issue)},
		{Name: t.T("saleweb.claimed"), Value: t.Count(counts.Issued)},
		{Name: t.T("saleweb.spent"), Value: w.money(t, counts.Spent), Hint: spent.Sub},
		{Name: t.T("saleweb.codes_drawn"), Value: t.Count(counts.Codes), Hint: t.T("saleweb.of_n", "n", x.Terms.Codes)}}},
		facts)
	asks, waits, err := w.requestPart(r, t, string(x.ID), voucher.PublishRequest, voucher.GrantRequest)
	if err != nil {
		return err
	}
	if w.can(r) {
		v.Parts = append(v.Parts, part{ID: "turn", Dialogs: voucherDialogs(t, &x, waits, at, refused)})
		if x.State == voucher.TemplateOpen && x.Terms.Codes > 0 {
			v.Parts = append(v.Parts, w.drawPart(r, t, at, refused))
		}
	}
	if asks != nil {
		v.Parts = append(v.Parts, *asks)
	}
	return w.show(rw, r, refused, v)
}

func (w *web) voucherFacts(r *http.Request, t page.Tongue, x *voucher.Template, spent page.Cell) (part, error) {
	terms := x.Terms
	who, err := w.audience(r, t, terms.Audience)
	say := func(key, s string) fact { return fact{Name: t.T("saleweb." + key), Text: s} }
	worst := t.T("saleweb.worst_open")
	if n := terms.Worst(); n < quota.CapMax {
		worst = t.T("saleweb.worst_is", "amount", w.money(t, n))
	}
	version := t.T("saleweb.version_none", "n", x.Newest)
	switch {
	case x.Version > 0 && x.Version == x.Newest:
		version = t.T("saleweb.version", "n", x.Version)
	case x.Version > 0:
		version = t.T("saleweb.version_of", "n", x.Version, "newest", x.Newest)
	}
	return part{ID: "facts", Boxed: true, Facts: []fact{say("kind", t.T("saleweb.kind_"+string(terms.Kind))),
		say("takes", w.label(t, terms)), say("scope", scope(t, x.Promotion().Scope, nil, false)),
		say("claim_window", spanText(t, terms.ClaimFrom(), terms.ClaimUntil())),
		say("window", spanText(t, terms.From(), terms.Until())), say("f_per_shopper", t.Count(terms.PerShopper)),
		say("f_audience", who), say("funding", payers(t, terms.Funding)),
		{Name: t.T("saleweb.budget"), Badge: spent.Badge, Text: spent.Text}, say("worst", worst),
		say("version_name", version)}}, err
}

// turns are what can be done in each state.
var turns = map[voucher.TemplateState][]string{
	voucher.TemplateDraft:  {"void"},
	voucher.TemplateOpen:   {"paused", "ended", "void"},
	voucher.TemplatePaused: {"open", "ended", "void"},
	voucher.TemplateEnded:  {"void"},
}

func voucherDialogs(t page.Tongue, x *voucher.Template, waits bool, at string, refused error) (ds []page.Dialog) {
	ask := func(do string, bad, show bool) {
		d := page.Dialog{ID: "do-" + do, Open: t.T("saleweb.do_" + do), Title: t.T("saleweb.do_" + do),
			Text: t.T("saleweb.do_v_" + do + "_text"), Action: at, Show: show,
			Hidden:  []page.Pair{{Name: "version", Value: page.Itoa(x.Newest)}},
			Confirm: page.Act{Text: t.T("saleweb.do_" + do), Name: "do", Value: do, Main: !bad, Bad: bad}}
		if bad {
			d.Fields = []page.Field{{ID: "reason-" + do, Name: "reason", Kind: "text", Length: 90,
				Label: t.T("saleweb.f_reason")}}
		}
		ds = append(ds, d)
	}
	if x.Newest > x.Version && (x.State == voucher.TemplateDraft || x.State == voucher.TemplateOpen ||
		x.State == voucher.TemplatePaused) {
		ask("publish", false, false)
		if !waits {
			ask("ask", false, needsSecond(refused))
		}
	}
	for _, do := range turns[x.State] {
		ask(do, do != "open", false)
	}
	if x.State == voucher.TemplateOpen {
		ask("grant", false, fault.Is(refused, "voucher.grant"))
		last := &ds[len(ds)-1]
		last.Fields = []page.Field{{ID: "shoppers", Name: "shoppers", Kind: "area", Required: true, Length: 3_500,
			Label: t.T("saleweb.f_shoppers"), Hint: t.T("saleweb.h_shoppers")}}
	}
	return ds
}

// drawPart asks for codes, to be read here or taken away in a file.
func (w *web) drawPart(r *http.Request, t page.Tongue, at string, refused error) part {
	f := page.Field{ID: "count", Name: "count", Kind: "number", Min: "1", Max: page.Itoa(voucher.DrawMax), Required: true,
		Label: t.T("saleweb.f_count"), Value: r.PostFormValue("count"), Error: t.FaultsOf(refused, "count").At("count")}
	return part{ID: "draw", Boxed: true, Title: t.T("saleweb.draw"), Lead: t.T("saleweb.draw_text"),
		Form: &form{Action: at, Method: "post", Fields: []page.Field{f}, Acts: []page.Act{
			{Text: t.T("saleweb.draw_show"), Name: "do", Value: "draw", Main: true},
			{Text: t.T("saleweb.draw_csv"), Name: "do", Value: "draw_csv"}}}}
}

// turnVoucher publishes, asks for a second person, decides, turns, or draws codes.
func (w *web) turnVoucher(rw http.ResponseWriter, r *http.Request) error {
	ctx, shop, id, do := r.Context(), w.shop(r), voucher.TemplateID(r.PathValue("template")), r.PostFormValue("do")
	if _, _, err := w.Vouchers.Template(ctx, shop, id); err != nil {
		return err
	}
	var err error
	switch do {
	case "draw", "draw_csv":
		return w.draw(rw, r, do == "draw_csv")
	case "publish", "ask":
		err = w.publishVoucher(r, do == "ask")
	case "grant":
		err = w.ask(r, voucher.GrantRequest, string(id), voucher.GrantPayload{Shoppers: list(r.PostFormValue("shoppers"))})
	case "open", "paused", "ended", "void":
		err = w.Vouchers.Turn(ctx, voucher.Turn{Shop: shop, Template: id, To: voucher.TemplateState(do),
			Reason: strings.TrimSpace(r.PostFormValue("reason"))})
	default:
		err = w.decide(r, do)
	}
	if err == nil {
		err = w.refresh(ctx)
	}
	if err != nil {
		if fault.Is(err, "login.proof_old") || fault.Of(err) == fault.Internal || fault.Of(err) == fault.NotFound {
			return err
		}
		return w.showVoucher(rw, r, nil, err)
	}
	return seen(rw, r, w.base+vouchersPath+"/"+string(id), "saleweb.done_"+do)
}

func (w *web) refresh(ctx context.Context) error { return w.Rules.Refresh(ctx) }

func (w *web) publishVoucher(r *http.Request, ask bool) error {
	version, err := page.Number(r, "version")
	if err != nil {
		return err
	}
	id := r.PathValue("template")
	if ask {
		return w.ask(r, voucher.PublishRequest, id, voucher.PublishPayload{Version: version})
	}
	return w.Vouchers.Publish(r.Context(), voucher.Publish{Shop: w.shop(r), Template: voucher.TemplateID(id),
		Version: version})
}

// draw makes codes. Only their hashes are kept: they are on this page, or in this file, and nowhere else.
func (w *web) draw(rw http.ResponseWriter, r *http.Request, file bool) error {
	count, err := page.Number(r, "count")
	var codes []string
	if err == nil {
		codes, err = w.Vouchers.Draw(r.Context(), voucher.Draw{Shop: w.shop(r),
			Template: voucher.TemplateID(r.PathValue("template")), Count: int(min(count, voucher.DrawMax+1))})
	}
	if err != nil && !page.Own(err) {
		return err
	}
	if err != nil || !file {
		return w.showVoucher(rw, r, codes, err)
	}
	h := rw.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="codes-`+r.PathValue("template")+`.csv"`)
	h.Set("Cache-Control", "no-store")
	_, err = rw.Write([]byte("code\r\n" + strings.Join(codes, "\r\n") + "\r\n"))
	return err
}
