package saleweb

import (
	"net/http"
	"slices"
	"strings"

	"hutong/base/fault"
	"hutong/deal/voucher"
	"hutong/reach/segment"
	"hutong/surface/page"
)

// segmentsPath is the market's sets of shoppers.
const segmentsPath = "/segments"

// The fields of a set, by rule; one that is left empty asks for nothing.
var (
	boughtSpecs = []spec{{"text", "bought", false}, {"whole", "bought_days", false}}
	absentSpecs = []spec{{"text", "not_bought", false}, {"whole", "not_bought_days", false}, {"check", "never", false}}
	spentSpecs  = []spec{{"amount", "spent", false}, {"whole", "spent_days", false}}
	ordersSpecs = []spec{{"whole", "orders", false}, {"whole", "orders_days", false}}
	idleSpecs   = []spec{{"whole", "idle_days", false}}
	peopleSpecs = []spec{{"area", "people", false}}

	segmentSpecs = slices.Concat(titleSpecs, boughtSpecs, absentSpecs, spentSpecs, ordersSpecs, idleSpecs, peopleSpecs)
)

// segmentPages are those of sets, at the operator's desk alone.
func (w *web) segmentPages() drafts {
	return drafts{path: segmentsPath, id: "/{segment}", list: w.segments, fresh: w.newSegment, draft: w.makeSegment,
		one: w.segment, turn: w.closeSegment, names: [5]string{"segments", "segments.new", "segments.make", "segment",
			"segments.close"}}
}

// segments lists the sets, newest first.
func (w *web) segments(rw http.ResponseWriter, r *http.Request) error {
	v, t := w.begin(rw, r, segmentsPath, "saleweb.segments")
	v.Lead = t.T("saleweb.segments_text")
	here := w.base + segmentsPath
	if w.can(r) {
		v.Acts = []page.Act{{Text: t.T("saleweb.new_segment"), Href: here + "/new", Main: true}}
	}
	all, err := w.Segments.List(r.Context())
	if err != nil {
		return err
	}
	table := &page.Table{ID: "segments", Caption: t.T("saleweb.segments"),
		Columns: columns(t, "*segment", "state", "#members", "#named"),
		Empty:   page.Empty{Title: t.T("saleweb.no_segments"), Text: t.T("saleweb.no_segments_text")}}
	for _, g := range all {
		table.Rows = append(table.Rows, page.Row{ID: string(g.ID), Cells: []page.Cell{
			{Text: g.Terms.Title.Pick(t.Lang), Href: here + "/" + string(g.ID)}, {Badge: segmentBadge(t, g)},
			{Text: members(t, g)}, {Text: t.Count(g.Named)}}})
	}
	v.Parts = []part{{ID: "list", Table: table}}
	return w.show(rw, r, nil, v)
}

func segmentBadge(t page.Tongue, g segment.Segment) *page.Badge {
	if g.Open {
		return badge(t, "done", "segment_open")
	}
	return badge(t, "off", "segment_closed")
}

// members is how many there were when they were last counted.
func members(t page.Tongue, g segment.Segment) string {
	if g.Counted.IsZero() {
		return t.T("saleweb.uncounted")
	}
	return t.Count(g.Members)
}

func (w *web) segment(rw http.ResponseWriter, r *http.Request) error {
	g, err := w.Segments.Segment(r.Context(), segment.ID(r.PathValue("segment")))
	if err != nil {
		return err
	}
	v, t := w.begin(rw, r, segmentsPath, "saleweb.segments")
	v.Heading = g.Terms.Title.Pick(t.Lang)
	v.Title = v.Heading
	v.under(t, w.base+segmentsPath, "saleweb.segments")
	v.Badge = segmentBadge(t, g)
	facts := part{ID: "facts", Boxed: true}
	for _, rule := range g.Terms.Rules {
		facts.Facts = append(facts.Facts, fact{Name: t.T("saleweb.rule_" + string(rule.Kind)), Text: w.ruleText(t, rule)})
	}
	facts.Facts = append(facts.Facts, fact{Name: t.T("saleweb.named"), Text: t.Count(g.Named)})
	counted := ""
	if !g.Counted.IsZero() {
		counted = t.T("saleweb.counted_at", "time", t.When(g.Counted))
	}
	v.Parts = []part{{ID: "counts", Stats: []page.Stat{{Name: t.T("saleweb.members"), Value: members(t, g),
		Hint: counted}}}, facts}
	if w.can(r) && g.Open {
		v.Parts = append(v.Parts, part{ID: "turn", Dialogs: []page.Dialog{{ID: "do-close", Open: t.T("saleweb.do_s_close"),
			Title: t.T("saleweb.do_s_close"), Text: t.T("saleweb.do_s_close_text"),
			Action:  w.base + segmentsPath + "/" + string(g.ID),
			Confirm: page.Act{Text: t.T("saleweb.do_s_close"), Name: "do", Value: "close", Bad: true}}}})
	}
	return w.show(rw, r, nil, v)
}

// ruleText says one rule: "at least ¥300 in 30 days".
func (w *web) ruleText(t page.Tongue, rule segment.Rule) string {
	var words []string
	switch {
	case rule.Kind == segment.Spent:
		words = append(words, t.T("saleweb.rule_least", "least", w.money(t, rule.Least)))
	case rule.Kind == segment.Orders:
		words = append(words, t.T("saleweb.rule_least", "least", t.Count(rule.Least)))
	case rule.Category != "":
		words = append(words, CategoryName(t, rule.Category))
	case rule.Kind != segment.Idle:
		words = append(words, t.T("saleweb.rule_any"))
	}
	switch {
	case rule.Kind == segment.Idle:
		words = append(words, t.T("saleweb.rule_older", "n", rule.Days))
	case rule.Days > 0:
		words = append(words, t.T("saleweb.rule_days", "n", rule.Days))
	default:
		words = append(words, t.T("saleweb.rule_ever"))
	}
	return strings.Join(words, " · ")
}

func (w *web) newSegment(rw http.ResponseWriter, r *http.Request) error {
	return w.showSegmentForm(rw, r, func(string) string { return "" }, nil)
}

func (w *web) showSegmentForm(rw http.ResponseWriter, r *http.Request, get asked, refused error) error {
	v, t := w.begin(rw, r, segmentsPath, "saleweb.new_segment")
	v.Lead = t.T("saleweb.new_segment_text")
	v.under(t, w.base+segmentsPath, "saleweb.segments")
	if refused != nil {
		refused = besideRule(refused)
	}
	faults := faultsOf(t, refused, segmentSpecs)
	set := func(key string, specs []spec) fieldset {
		s := fieldset{Legend: t.T("saleweb." + key), Row: len(specs) > 1}
		for _, p := range specs {
			s.Fields = append(s.Fields, w.field(t, p, get, faults))
		}
		return s
	}
	v.Parts = []part{{Boxed: true, Form: &form{Action: w.base + segmentsPath + "/new", Method: "post",
		Wrong: faults.General, Acts: []page.Act{{Text: t.T("saleweb.make_segment"), Main: true}},
		Sets: []fieldset{set("set_title", titleSpecs), set("rule_bought", boughtSpecs), set("rule_not_bought", absentSpecs),
			set("rule_spent", spentSpecs), set("rule_orders", ordersSpecs), set("rule_idle", idleSpecs),
			set("set_people", peopleSpecs)}}}}
	return w.show(rw, r, refused, v)
}

// besideRule puts a refusal of a rule at a field of the form.
func besideRule(err error) error {
	to := map[string]string{"rules": "bought", "category": "bought", "days": "bought_days", "least": "spent"}
	if name, there := to[fault.As(err).Field]; there {
		return fault.As(err).At(name)
	}
	return err
}

func (w *web) makeSegment(rw http.ResponseWriter, r *http.Request) error {
	get := posted(r)
	terms, err := w.segmentTerms(get)
	var g segment.Segment
	if err == nil {
		g, err = w.Segments.Make(r.Context(), terms, list(get("people")))
	}
	if err != nil {
		if !page.Own(err) {
			return err
		}
		return w.showSegmentForm(rw, r, get, err)
	}
	return seen(rw, r, w.base+segmentsPath+"/"+string(g.ID), "saleweb.done_segment")
}

// segmentTerms reads the form: each group of fields that says something is a rule.
func (w *web) segmentTerms(get asked) (x segment.Terms, err error) {
	x.Title = titleOf(get)
	n := map[string]int64{}
	for _, s := range segmentSpecs {
		if raw := get(s.name); raw != "" && (s.kind == "whole" || s.kind == "amount") {
			v, err := w.value(s, raw)
			if err != nil {
				return x, err
			}
			n[s.name] = v.(int64)
		}
	}
	bought, err := CategoryOf(get("bought"))
	if err != nil {
		return x, fault.As(err).At("bought")
	}
	absent, err := CategoryOf(get("not_bought"))
	if err != nil {
		return x, fault.As(err).At("not_bought")
	}
	add := func(asked bool, r segment.Rule) {
		if asked {
			x.Rules = append(x.Rules, r)
		}
	}
	add(get("bought") != "" || n["bought_days"] > 0, segment.Rule{Kind: segment.Bought, Category: bought,
		Days: n["bought_days"]})
	add(get("not_bought") != "" || n["not_bought_days"] > 0 || get("never") != "", segment.Rule{Kind: segment.NotBought,
		Category: absent, Days: n["not_bought_days"]})
	add(get("spent") != "", segment.Rule{Kind: segment.Spent, Least: n["spent"], Days: n["spent_days"]})
	add(get("orders") != "", segment.Rule{Kind: segment.Orders, Least: n["orders"], Days: n["orders_days"]})
	add(get("idle_days") != "", segment.Rule{Kind: segment.Idle, Days: n["idle_days"]})
	return x, nil
}

func (w *web) closeSegment(rw http.ResponseWriter, r *http.Request) error {
	if r.PostFormValue("do") != "close" {
		return fault.New(fault.NotFound, "gate.not_found")
	}
	id := segment.ID(r.PathValue("segment"))
	if err := w.Segments.Close(r.Context(), id); err != nil {
		return err
	}
	return seen(rw, r, w.base+segmentsPath+"/"+string(id), "saleweb.done_withdraw")
}

// segmentField chooses the set of a voucher's audience; ok is false where there is none to choose.
func (w *web) segmentField(r *http.Request, t page.Tongue, get asked, faults page.Faults) (f page.Field, ok bool,
	err error) {
	if !w.market || w.Segments == nil {
		return f, false, nil
	}
	all, err := w.Segments.List(r.Context())
	f = w.field(t, spec{"text", "segment", false}, get, faults)
	f.Kind = "select"
	options := []page.Option{{Text: t.T("saleweb.no_segment")}}
	for _, g := range all {
		if chosen := string(g.ID) == get("segment"); g.Open || chosen {
			options = append(options, page.Option{Value: string(g.ID), Text: g.Terms.Title.Pick(t.Lang), Selected: chosen})
		}
	}
	f.Options = []page.Group{{Options: options}}
	return f, len(options) > 1, err
}

// audience says for whom a voucher is.
func (w *web) audience(r *http.Request, t page.Tongue, of voucher.Audience) (string, error) {
	said := t.T("saleweb.audience_" + string(of.Kind))
	if of.Kind != voucher.InSegment || w.Segments == nil {
		return said, nil
	}
	g, err := w.Segments.Segment(r.Context(), segment.ID(of.Segment))
	return said + " · " + g.Terms.Title.Pick(t.Lang), err
}
