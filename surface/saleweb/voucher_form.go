package saleweb

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/promo"
	"hutong/deal/voucher"
	"hutong/surface/page"
)

// The fields of a template, by what they are about. Names are those of its terms.
var (
	worthSpecs = []spec{{"amount", "threshold", false}, {"amount", "off", false}, {"percent", "ppm", false},
		{"amount", "max", false}}
	packetSpecs = []spec{{"amount", "total", true}, {"check", "random", false}}
	useSpecs    = []spec{{"time", "from", true}, {"time", "until", true}, {"whole", "days", false}}
	claimSpecs  = []spec{{"time", "claim_from", true}, {"time", "claim_until", true}, {"check", "listed", false}}
	countSpecs  = []spec{{"whole", "issue", true}, {"whole", "per_shopper", true}, {"whole", "codes", false}}
	moreSpecs   = []spec{{"text", "excludes", false}}
)

// voucherSpecs are all fields of a kind's form.
func (w *web) voucherSpecs(kind voucher.Kind) []spec {
	all := slices.Concat(titleSpecs, scopeSpecs, useSpecs, claimSpecs, countSpecs, moreSpecs,
		[]spec{{"area", "skus", false}, {"text", "audience", true}, {"text", "tiers", false}, {"text", "on_return", false},
			{"whole", "renew_days", false}})
	if w.market {
		all = append(all, fundSpecs...)
	}
	if kind == voucher.KindRedPacket {
		return append(all, packetSpecs...)
	}
	return append(append(all, worthSpecs...), spec{"amount", "budget", false})
}

// begunVoucher is what the form begins from: nothing, or the terms of a template that is to have a next version.
func (w *web) begunVoucher(r *http.Request, get asked) (of voucher.TemplateID, terms voucher.Terms, err error) {
	if of = voucher.TemplateID(get("of")); of != "" {
		x, _, err := w.Vouchers.Template(r.Context(), w.shop(r), of)
		if err != nil {
			return of, terms, err
		}
		return of, *x.Terms, nil
	}
	terms = voucher.Terms{Kind: voucher.KindVoucher, Listed: true, PerShopper: 1,
		Audience: voucher.Audience{Kind: voucher.Everyone}}
	if voucher.Kind(get("kind")) == voucher.KindRedPacket {
		terms.Kind = voucher.KindRedPacket
	}
	return of, terms, nil
}

// shownTerms are the terms as the form shows them.
func (w *web) shownTerms(x *voucher.Terms) asked {
	amount := func(n int64) string {
		if n == 0 {
			return ""
		}
		return w.amountText(n)
	}
	whole := func(n int64) string {
		if n == 0 {
			return ""
		}
		return page.Itoa(n)
	}
	at := func(us int64) string {
		if us == 0 {
			return ""
		}
		return w.timeText(clock.FromMicros(us))
	}
	on := func(b bool) string { return map[bool]string{true: "on"}[b] }
	all := map[string]string{"title_zh": x.Title.Zh, "title_en": x.Title.En, "threshold": amount(x.Threshold),
		"off": amount(x.Off), "max": amount(x.Max), "total": amount(x.Total), "budget": amount(x.Budget),
		"random": on(x.Random), "listed": on(x.Listed), "category": x.Category, "skus": strings.Join(x.SKUs, " "),
		"from": at(x.FromUS), "until": at(x.UntilUS), "claim_from": at(x.ClaimFromUS), "claim_until": at(x.ClaimUntilUS),
		"days": whole(x.Days), "issue": whole(x.Issue), "per_shopper": whole(x.PerShopper), "codes": whole(x.Codes),
		"audience": string(x.Audience.Kind), "segment": x.Audience.Segment,
		"on_return": string(x.OnReturn), "renew_days": whole(x.RenewDays),
		"excludes": strings.Join(x.Excludes, " ")}
	if x.PPM > 0 {
		all["ppm"] = x.PPM.Percent()
	}
	for _, n := range x.Audience.Tiers {
		all["tiers"] = strings.TrimSpace(all["tiers"] + " " + page.Itoa(n))
	}
	for _, s := range x.Funding {
		if s.Party == promo.Platform || s.Party == promo.Merchant {
			all["fund_"+s.Party] = s.PPM.Percent()
			continue
		}
		all["fund_others"] = strings.TrimSpace(all["fund_others"] + "\n" + s.Party + " " + s.PPM.Percent())
	}
	return func(name string) string { return all[name] }
}

func (w *web) newVoucher(rw http.ResponseWriter, r *http.Request) error {
	of, terms, err := w.begunVoucher(r, r.URL.Query().Get)
	if err != nil {
		return err
	}
	return w.showVoucherForm(rw, r, of, &terms, nil)
}

func (w *web) showVoucherForm(rw http.ResponseWriter, r *http.Request, of voucher.TemplateID, terms *voucher.Terms,
	refused error) error {
	v, t := w.begin(rw, r, vouchersPath, "saleweb.new_voucher")
	here := w.base + vouchersPath
	if of != "" {
		v.Heading, v.Lead = t.T("saleweb.edit"), t.T("saleweb.edit_voucher_text")
	} else {
		v.Tabs = &page.Tabs{Label: t.T("saleweb.kind")}
		for _, kind := range []voucher.Kind{voucher.KindVoucher, voucher.KindRedPacket} {
			v.Tabs.Links = append(v.Tabs.Links, page.Link{Text: t.T("saleweb.kind_" + string(kind)),
				Current: kind == terms.Kind, Href: here + "/new?kind=" + string(kind)})
		}
	}
	v.under(t, here, "saleweb.vouchers")
	get := w.shownTerms(terms)
	if r.Method == http.MethodPost {
		get = posted(r)
	}
	faults := faultsOf(t, refused, w.voucherSpecs(terms.Kind))
	set := func(key string, specs ...spec) fieldset {
		s := fieldset{Legend: t.T("saleweb." + key), Row: true}
		for _, p := range specs {
			s.Fields = append(s.Fields, w.field(t, p, get, faults))
		}
		return s
	}
	worth, limits := worthSpecs, append(slices.Clone(countSpecs), spec{"amount", "budget", false})
	if terms.Kind == voucher.KindRedPacket {
		worth, limits = packetSpecs, countSpecs
	}
	who, err := w.whoSet(r, t, get, faults)
	if err != nil {
		return err
	}
	f := &form{Action: here + "/new", Method: "post", Wrong: faults.General,
		Hidden: []page.Pair{{Name: "kind", Value: string(terms.Kind)}, {Name: "of", Value: string(of)}},
		Acts:   []page.Act{{Text: t.T("saleweb.save_draft"), Main: true}},
		Sets: []fieldset{set("set_title", titleSpecs...), set("set_terms", worth...), set("set_scope", scopeSpecs...),
			set("set_claim", claimSpecs...), set("set_use", useSpecs...), set("set_limits", limits...),
			who, set("set_more", moreSpecs...)}}
	goods, err := w.goodsFields(r, t, w.field(t, spec{"area", "skus", false}, get, faults))
	if err != nil {
		return err
	}
	f.Sets[2].Row = false
	f.Sets[2].Fields = append(f.Sets[2].Fields, goods...)
	if w.market {
		f.Sets = append(f.Sets, set("set_funding", fundSpecs...))
	}
	v.Parts = []part{{Boxed: true, Form: f}}
	return w.show(rw, r, refused, v)
}

// whoSet asks who may claim, and what becomes of a voucher whose order goes back.
func (w *web) whoSet(r *http.Request, t page.Tongue, get asked, faults page.Faults) (fieldset, error) {
	who := w.field(t, spec{"text", "audience", true}, get, faults)
	who.Kind = "select"
	kinds := []string{string(voucher.Everyone), string(voucher.NewShoppers), string(voucher.InCityTiers)}
	sets, any, err := w.segmentField(r, t, get, faults)
	if any {
		kinds = append(kinds, string(voucher.InSegment))
	}
	who.Options = options(t, "saleweb.audience_", get("audience"), kinds...)
	back := w.field(t, spec{"text", "on_return", false}, get, faults)
	back.Kind = "select"
	back.Options = []page.Group{{Options: []page.Option{{Text: t.T("saleweb.return_keep")}}}}
	back.Options = append(back.Options, options(t, "saleweb.return_", get("on_return"), string(voucher.RenewTime),
		string(voucher.Forfeit))...)
	tiers := w.field(t, spec{"text", "tiers", false}, get, faults)
	tiers.Label, tiers.Hint = t.T("saleweb.f_city_tiers"), t.T("saleweb.h_city_tiers")
	s := fieldset{Legend: t.T("saleweb.set_who"), Row: true, Fields: []page.Field{who, tiers}}
	if any {
		s.Fields = append(s.Fields, sets)
	}
	s.Fields = append(s.Fields, back, w.field(t, spec{"whole", "renew_days", false}, get, faults))
	return s, err
}

// draftVoucher keeps a version; nothing of it holds yet.
func (w *web) draftVoucher(rw http.ResponseWriter, r *http.Request) error {
	of, terms, err := w.begunVoucher(r, r.PostFormValue)
	if err != nil {
		return err
	}
	asked, err := w.termsOf(r, terms)
	var x voucher.Template
	if err == nil {
		x, err = w.Vouchers.Draft(r.Context(), voucher.Draft{Shop: w.shop(r), Template: of, Terms: asked})
	}
	if err != nil {
		if !page.Own(err) {
			return err
		}
		return w.showVoucherForm(rw, r, of, &terms, err)
	}
	return seen(rw, r, w.base+vouchersPath+"/"+string(x.ID), "saleweb.done_draft")
}

// termsOf reads the form. What the form does not ask for stays as it was.
func (w *web) termsOf(r *http.Request, x voucher.Terms) (voucher.Terms, error) {
	get := posted(r)
	var ppm int64
	wholes := map[string]*int64{"threshold": &x.Threshold, "off": &x.Off, "ppm": &ppm, "max": &x.Max, "total": &x.Total,
		"budget": &x.Budget, "days": &x.Days, "issue": &x.Issue, "per_shopper": &x.PerShopper, "codes": &x.Codes,
		"renew_days": &x.RenewDays}
	times := map[string]*int64{"from": &x.FromUS, "until": &x.UntilUS, "claim_from": &x.ClaimFromUS,
		"claim_until": &x.ClaimUntilUS}
	bools := map[string]*bool{"random": &x.Random, "listed": &x.Listed}
	for _, s := range w.voucherSpecs(x.Kind) {
		raw := get(s.name)
		if into := bools[s.name]; into != nil {
			*into = raw != ""
		}
		n, us := wholes[s.name], times[s.name]
		if n == nil && us == nil {
			continue
		}
		if n != nil {
			*n = 0
		}
		if raw == "" {
			continue
		}
		v, err := w.value(s, raw)
		if err != nil {
			return x, err
		}
		if n != nil {
			*n = v.(int64)
		} else {
			*us = clock.Micros(v.(time.Time))
		}
	}
	x.PPM = money.PPM(ppm)
	x.Title = titleOf(get)
	category, err := CategoryOf(get("category"))
	if err != nil {
		return x, err
	}
	x.Category, x.OnReturn = category, voucher.OnReturn(get("on_return"))
	x.SKUs, x.Excludes = list(get("skus")), list(get("excludes"))
	return x, w.restOf(get, &x)
}

// list reads words; nil for none.
func list(s string) []string {
	all := strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune(" ,;\r\n\t，", c) })
	if len(all) == 0 {
		return nil
	}
	return all
}

// restOf reads who may claim and who pays.
func (w *web) restOf(get asked, x *voucher.Terms) (err error) {
	x.Audience = voucher.Audience{Kind: voucher.AudienceKind(get("audience"))}
	switch x.Audience.Kind {
	case voucher.InSegment:
		if w.market { // whose sets they are
			x.Audience.Segment = get("segment")
		}
	case voucher.InCityTiers:
		for _, word := range list(get("tiers")) {
			n, err := strconv.ParseInt(word, 10, 64)
			if err != nil {
				return fault.New(fault.Invalid, "saleweb.whole").At("tiers")
			}
			x.Audience.Tiers = append(x.Audience.Tiers, n)
		}
	}
	if !w.market {
		return nil
	}
	if x.Funding, err = w.funding(get); err == nil && x.Funding == nil {
		err = fault.New(fault.Unprocessable, "promo.funder_missing").At("fund_platform")
	}
	return err
}
