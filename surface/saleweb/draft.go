package saleweb

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/promo"
	"hutong/deal/promo/rulebook"
	"hutong/goods/catalog"
	"hutong/surface/page"
)

// What every kind is asked for, before and behind its own terms. Names are those of the promotion as JSON.
var (
	titleSpecs = []spec{{"text", "title_zh", false}, {"text", "title_en", false}}
	scopeSpecs = []spec{{"category", "category", false}}
	whenSpecs  = []spec{{"time", "from", false}, {"time", "until", false}}
	limitSpecs = []spec{{"amount", "budget", false}, {"whole", "per_shopper", false}, {"text", "excludes", false}}
	fundSpecs  = []spec{{"percent", "fund_platform", false}, {"percent", "fund_merchant", false},
		{"area", "fund_others", false}}
)

// goodsMax bounds the goods that a form shows to be ticked.
const goodsMax = 60

// draft is a form on its way to a promotion: what it is for, and the members that it begins from.
type draft struct {
	kind, of string
	members  map[string]json.RawMessage // of the version before, or none
	title    map[string]string
}

// begun is the draft that the address names: a new one of a kind, or the next version of a promotion.
func (w *web) begun(r *http.Request, get func(string) string) (d draft, err error) {
	d = draft{kind: get("kind"), of: get("of"), members: map[string]json.RawMessage{}}
	if !slices.Contains(w.kinds(), d.kind) {
		d.kind = w.kinds()[0]
	}
	if d.of == "" {
		return d, nil
	}
	all, err := w.Promotions.Versions(r.Context(), rulebook.Find{Shop: w.shop(r), ID: d.of})
	if err != nil {
		return d, err
	}
	body, err := promo.Encode(&all[0].Promotion)
	if err == nil {
		err = json.Unmarshal(body, &d.members)
	}
	d.kind = all[0].Promotion.Kind
	d.title = map[string]string{"title_zh": all[0].Promotion.Title.Zh, "title_en": all[0].Promotion.Title.En}
	return d, err
}

// shown is a member of the draft as its field shows it.
func (w *web) shown(d draft, s spec) string {
	raw, there := d.members[s.name]
	if title := d.title[s.name]; title != "" {
		return title
	}
	var n int64
	var text string
	switch {
	case strings.HasPrefix(s.name, "fund_"):
		return w.fundText(d, s.name)
	case !there:
		return ""
	case s.kind == "amount" && json.Unmarshal(raw, &n) == nil:
		return w.amountText(n)
	case s.kind == "percent" && json.Unmarshal(raw, &n) == nil:
		return money.PPM(n).Percent()
	case s.kind == "time":
		var at time.Time
		if json.Unmarshal(raw, &at) == nil {
			return w.timeText(at)
		}
	case s.kind == "check":
		return "on"
	case s.kind == "tiers":
		return w.tierText(raw)
	case json.Unmarshal(raw, &text) == nil:
		return text
	}
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return strings.Join(list, " ")
	}
	return string(raw)
}

func (w *web) tierText(raw json.RawMessage) string {
	var tiers []tier
	if json.Unmarshal(raw, &tiers) != nil {
		return ""
	}
	var lines []string
	for _, one := range tiers {
		lines = append(lines, w.amountText(one.Threshold)+" "+w.amountText(one.Off))
	}
	return strings.Join(lines, "\n")
}

// fundText is a funder's part; fund_others lists those that have no field of their own.
func (w *web) fundText(d draft, name string) string {
	var shares []promo.Share
	if raw := d.members["funding"]; raw == nil || json.Unmarshal(raw, &shares) != nil {
		return ""
	}
	var others []string
	for _, s := range shares {
		switch {
		case name == "fund_"+s.Party:
			return s.PPM.Percent()
		case s.Party != promo.Platform && s.Party != promo.Merchant:
			others = append(others, s.Party+" "+s.PPM.Percent())
		}
	}
	if name != "fund_others" {
		return ""
	}
	return strings.Join(others, "\n")
}

// specs are all fields of a kind's form.
func (w *web) specs(kind string) []spec {
	all := slices.Concat(titleSpecs, kindForms[kind], scopeSpecs, whenSpecs, limitSpecs)
	if w.market {
		all = append(append(all, fundSpecs...), spec{"text", "shop", false})
	}
	return append(all, spec{"area", "skus", false})
}

// besides says at which field a refusal of something that no field is named after stands.
var besides = map[string]string{"title": "title_zh", "funding": "fund_platform", "id": "title_zh"}

// faultsOf sorts a refusal to its field.
func faultsOf(t page.Tongue, err error, specs []spec) page.Faults {
	if err == nil {
		return page.Faults{}
	}
	if to, there := besides[fault.As(err).Field]; there {
		err = fault.As(err).At(to)
	}
	names := make([]string, len(specs))
	for i, s := range specs {
		names[i] = s.name
	}
	faults := t.FaultsOf(err, names...)
	for _, s := range specs {
		if said := bounds(t, err, s); said != "" && faults.At(s.name) != "" {
			faults.Fields[s.name] = said
		}
	}
	return faults
}

// bounds says which values a field takes as its readers write them: the rules count amounts in the smallest unit and
// rates in millionths, and what has no upper end ends for them where their numbers do.
func bounds(t page.Tongue, err error, s spec) string {
	f := fault.As(err)
	if f.Code != "promo.terms" {
		return ""
	}
	switch {
	case s.kind == "percent":
		return t.T("saleweb.percent_within")
	case valueOf(f, "max") != strconv.Itoa(math.MaxInt64):
		return ""
	case valueOf(f, "min") == "0":
		return t.T("saleweb.not_below_zero")
	}
	return t.T("saleweb.above_zero")
}

func valueOf(f *fault.Error, name string) string {
	for _, p := range f.Params {
		if p.Name == name {
			return fmt.Sprint(p.Value)
		}
	}
	return ""
}

func (w *web) newPromotion(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.begun(r, r.URL.Query().Get)
	if err != nil {
		return err
	}
	return w.showDraft(rw, r, d, nil)
}

// showDraft shows the form; after a refusal, as it was sent.
func (w *web) showDraft(rw http.ResponseWriter, r *http.Request, d draft, refused error) error {
	v, t := w.begin(rw, r, promotionsPath, "saleweb.new_promotion")
	if d.of != "" {
		v.Heading = t.T("saleweb.edit")
		v.Lead = t.T("saleweb.edit_text")
	} else {
		v.Lead = t.T("saleweb.draft_text")
		v.Tabs = &page.Tabs{Label: t.T("saleweb.kind")}
		for _, kind := range w.kinds() {
			v.Tabs.Links = append(v.Tabs.Links, page.Link{Text: kindName(t, kind), Current: kind == d.kind,
				Href: w.base + promotionsPath + "/new?kind=" + kind})
		}
	}
	v.under(t, w.base+promotionsPath, "saleweb.promotions")
	faults := faultsOf(t, refused, w.specs(d.kind))
	get := posted(r)
	one := func(s spec) page.Field {
		if r.Method != http.MethodPost {
			get = func(string) string { return w.shown(d, s) }
		}
		return w.field(t, s, get, faults)
	}
	set := func(key string, row bool, specs []spec) fieldset {
		s := fieldset{Legend: t.T("saleweb." + key), Row: row}
		for _, p := range specs {
			s.Fields = append(s.Fields, one(p))
		}
		return s
	}
	f := &form{Action: w.base + promotionsPath + "/new", Method: "post", Wrong: faults.General,
		Hidden: []page.Pair{{Name: "kind", Value: d.kind}, {Name: "of", Value: d.of}},
		Acts:   []page.Act{{Text: t.T("saleweb.save_draft"), Main: true}},
		Sets: []fieldset{set("set_title", true, titleSpecs), set("set_terms", true, kindForms[d.kind]),
			set("set_scope", false, scopeSpecs)}}
	goods, err := w.goodsFields(r, t, one(spec{"area", "skus", false}))
	if err != nil {
		return err
	}
	if w.market {
		shop := one(spec{"text", "shop", false})
		if err := w.shopSelect(r.Context(), t, &shop); err != nil {
			return err
		}
		goods = append(goods, shop)
	}
	f.Sets[2].Fields = append(f.Sets[2].Fields, goods...)
	f.Sets = append(f.Sets, set("set_when", true, whenSpecs), set("set_limits", true, limitSpecs))
	if w.market {
		f.Sets = append(f.Sets, set("set_funding", true, fundSpecs))
	}
	v.Parts = []part{{Boxed: true, Form: f}}
	return w.show(rw, r, refused, v)
}

// shopSelect makes a field a choice of a shop.
func (w *web) shopSelect(ctx context.Context, t page.Tongue, f *page.Field) error {
	all, err := w.Shops.Shops(ctx)
	list := []page.Option{{Text: t.T("saleweb.every_shop")}}
	for _, s := range all {
		list = append(list, page.Option{Value: string(s.ID), Text: s.Name.Pick(t.Lang), Selected: string(s.ID) == f.Value})
	}
	f.Kind, f.Options = "select", []page.Group{{Options: list}}
	return err
}

// goodsFields are a shop's goods to be ticked where they are few, or else a place for their numbers.
func (w *web) goodsFields(r *http.Request, t page.Tongue, list page.Field) ([]page.Field, error) {
	if w.market {
		return []page.Field{list}, nil
	}
	goods, more, err := w.ownGoods(r, t)
	if err != nil || more {
		return []page.Field{list}, err
	}
	chosen := strings.Fields(list.Value)
	var all []page.Field
	for _, g := range goods {
		all = append(all, page.Field{ID: "sku-" + g.Value, Name: "skus", Kind: "check", Label: g.Text, Value: g.Value,
			Checked: slices.Contains(chosen, g.Value)})
	}
	if len(all) > 0 {
		all[len(all)-1].Hint, all[len(all)-1].Error = t.T("saleweb.h_ticks"), list.Error
	}
	return all, nil
}

// ownGoods are the listed SKUs of the desk's shop; more tells that there are too many to be shown.
func (w *web) ownGoods(r *http.Request, t page.Tongue) (all []page.Option, more bool, err error) {
	found, err := w.Catalog.ByShop(r.Context(), catalog.ByShop{Shop: w.shop(r), State: catalog.Listed, Limit: goodsMax})
	if err != nil {
		return nil, false, err
	}
	for _, p := range found.Products {
		for _, k := range p.SKUs {
			name := p.Title.In(t.Lang)
			if c := catalog.Choose(p.Options, k.Choice).In(t.Lang); c != "" {
				name += " · " + c
			}
			all = append(all, page.Option{Value: string(k.ID), Text: name})
		}
	}
	return all, found.Next != "" || len(all) > goodsMax, nil
}

// draftPromotion keeps a version; nothing of it holds yet.
func (w *web) draftPromotion(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.begun(r, r.PostFormValue)
	if err != nil {
		return err
	}
	p, err := w.promotionOf(r, d)
	var e rulebook.Entry
	if err == nil {
		e, err = w.Promotions.SaveDraft(r.Context(), rulebook.SaveDraft{Shop: w.shop(r), Promotion: p})
	}
	if err != nil {
		if !page.Own(err) {
			return err
		}
		return w.showDraft(rw, r, d, err)
	}
	return seen(rw, r, w.base+promotionsPath+"/"+url.PathEscape(e.Promotion.ID), "saleweb.done_draft")
}

// promotionOf reads the form into a promotion. What the form does not ask for stays as the version before had it.
func (w *web) promotionOf(r *http.Request, d draft) (p promo.Promotion, err error) {
	get, members := posted(r), map[string]any{}
	for name, raw := range d.members {
		members[name] = raw
	}
	members["kind"], members["id"] = d.kind, "new"
	if d.of != "" {
		members["id"] = d.of
	}
	for _, s := range slices.Concat(kindForms[d.kind], scopeSpecs, whenSpecs, limitSpecs) {
		delete(members, s.name)
		raw := get(s.name)
		if raw == "" {
			continue
		}
		if members[s.name], err = w.value(s, raw); err != nil {
			return p, err
		}
	}
	if words := list(get("excludes")); words != nil {
		members["excludes"] = words
	}
	delete(members, "skus")
	if words := list(get("skus")); words != nil {
		members["skus"] = words
	}
	title := titleOf(get)
	members["title"] = map[string]string{"zh": title.Zh, "en": title.En}
	if members["shop"] = w.shop(r); w.market {
		members["shop"] = get("shop")
		if members["funding"], err = w.funding(get); err != nil {
			return p, err
		}
	}
	if members["shop"] == "" {
		delete(members, "shop")
	}
	body, err := json.Marshal(members)
	if err != nil {
		return p, err
	}
	if p, err = w.Promotions.Kinds.Decode(body); d.of == "" {
		p.ID = ""
	}
	return p, err
}

// funding reads who pays which part. Codes: saleweb.percent, saleweb.funder.
func (w *web) funding(get asked) (all []promo.Share, err error) {
	add := func(party, field, raw string) error {
		ppm, err := parsePercent(raw)
		if err != nil {
			return fault.New(fault.Invalid, "saleweb.percent").At(field).Because(err)
		}
		all = append(all, promo.Share{Party: party, PPM: money.PPM(ppm)})
		return nil
	}
	for _, who := range []string{promo.Platform, promo.Merchant} {
		raw := get("fund_" + who)
		if raw == "" {
			continue
		}
		if err := add(who, "fund_"+who, raw); err != nil {
			return nil, err
		}
	}
	words := strings.Fields(get("fund_others"))
	if len(words)%2 != 0 {
		return nil, fault.New(fault.Invalid, "saleweb.funder").At("fund_others")
	}
	for i := 0; i < len(words); i += 2 {
		if err := add(words[i], "fund_others", words[i+1]); err != nil {
			return nil, err
		}
	}
	return all, nil
}
