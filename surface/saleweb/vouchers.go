package saleweb

import (
	"net/http"
	"time"

	"hutong/base/clock"
	"hutong/deal/quota"
	"hutong/deal/voucher"
	"hutong/surface/page"
)

const (
	vouchersPath = "/vouchers"
	givenFor     = 30 * 24 * time.Hour // how far back gifts are looked at
)

// vouchers lists the desk's templates with what is gone of them.
func (w *web) vouchers(rw http.ResponseWriter, r *http.Request) error {
	v, t := w.begin(rw, r, vouchersPath, "saleweb.vouchers")
	v.Lead = t.T("saleweb.vouchers_text")
	here := w.base + vouchersPath
	if w.market {
		v.Acts = append(v.Acts, page.Act{Text: t.T("saleweb.given"), Href: here + "/given"})
	}
	if w.can(r) {
		v.Acts = append(v.Acts, page.Act{Text: t.T("saleweb.new_voucher"), Href: here + "/new", Main: true})
	}
	all, next, err := w.Vouchers.Templates(r.Context(), w.shop(r), r.URL.Query().Get("at"))
	if err != nil {
		return err
	}
	var names []string
	for _, x := range all {
		names = append(names, quota.Issue(string(x.ID)), quota.Budget(string(x.ID)))
	}
	counts, err := w.counts(r.Context(), names)
	if err != nil {
		return err
	}
	table := &page.Table{ID: "vouchers", Caption: t.T("saleweb.vouchers"),
		Columns: columns(t, "*voucher", "takes", "claim_window", "state", "claimed", "budget"),
		Empty:   page.Empty{Title: t.T("saleweb.no_vouchers"), Text: t.T("saleweb.no_vouchers_text")}}
	for _, x := range all {
		state := templateBadge(t, x)
		table.Rows = append(table.Rows, page.Row{ID: string(x.ID), Cells: []page.Cell{
			{Text: x.Terms.Title.Pick(t.Lang), Href: here + "/" + string(x.ID),
				Sub: t.T("saleweb.kind_" + string(x.Terms.Kind))},
			{Text: w.label(t, x.Terms)}, {Text: spanText(t, x.Terms.ClaimFrom(), x.Terms.ClaimUntil())}, {Badge: &state},
			{Text: t.T("saleweb.used_of", "used", t.Count(counts[quota.Issue(string(x.ID))].Used),
				"cap", t.Count(x.Terms.Issue))},
			w.spentCell(t, x.Terms, counts[quota.Budget(string(x.ID))].Used)}})
	}
	if next != "" {
		table.Pager.Next = here + "?at=" + next
	}
	v.Parts = []part{{ID: "list", Table: table}}
	return w.show(rw, r, nil, v)
}

// spentCell is what orders took of a template's budget. Red packets are worth their total, others what is set.
func (w *web) spentCell(t page.Tongue, terms *voucher.Terms, used int64) page.Cell {
	limit := terms.Budget
	if terms.Kind == voucher.KindRedPacket {
		limit = terms.Total
	}
	if limit == 0 {
		return page.Cell{Text: t.T("saleweb.used_so_far", "used", w.money(t, used)), Sub: t.T("saleweb.no_budget")}
	}
	return w.budgetCell(t, limit, quota.Count{Cap: limit, Used: used})
}

func (w *web) label(t page.Tongue, terms *voucher.Terms) string {
	return terms.Label(t.Lang, func(minor int64) string { return w.money(t, minor) }, 0)
}

func templateBadge(t page.Tongue, x *voucher.Template) page.Badge {
	tones := map[voucher.TemplateState]string{voucher.TemplateDraft: "wait", voucher.TemplateOpen: "done",
		voucher.TemplatePaused: "wait", voucher.TemplateEnded: "off", voucher.TemplateVoid: "off"}
	return *badge(t, tones[x.State], "tstate_"+string(x.State))
}

// given is who was given most, and by whom.
func (w *web) given(rw http.ResponseWriter, r *http.Request) error {
	v, t := w.begin(rw, r, vouchersPath, "saleweb.given")
	v.Lead = t.T("saleweb.given_text")
	v.under(t, w.base+vouchersPath, "saleweb.vouchers")
	all, err := w.Vouchers.Given(r.Context(), clock.Now(r.Context(), w.Clock).Add(-givenFor))
	if err != nil {
		return err
	}
	table := &page.Table{ID: "given", Caption: t.T("saleweb.given"),
		Columns: columns(t, "shopper", "given_by", "voucher", "#given_n", "#given_amount", "given_last"),
		Empty:   page.Empty{Title: t.T("saleweb.no_given")}}
	for _, g := range all {
		table.Rows = append(table.Rows, page.Row{Cells: []page.Cell{{Text: g.Shopper, Code: true}, {Text: g.By, Code: true},
			{Text: g.Title.Pick(t.Lang), Sub: string(g.Template)}, {Text: t.Count(g.Vouchers)}, {Text: w.money(t, g.Amount)},
			{Text: t.When(g.Last)}}})
	}
	v.Parts = []part{{ID: "given", Table: table}}
	return w.show(rw, r, nil, v)
}
