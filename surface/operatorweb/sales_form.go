package operatorweb

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/surface/page"
	"hutong/surface/saleweb"
)

// saleFields are the form of a plan, in order: "select", "text", "area" or "check" before the name, and "!" where it
// must be filled in.
var saleFields = []string{"text title_zh!", "text title_en!", "select channel!", "text recruit_from!",
	"text recruit_until!", "text lock_from", "text lock_until", "area waves", "text days_from", "text days_until",
	"text starts", "number minutes", "check presale", "check cross_shop", "check direct", "number days", "text factor",
	"check new_too", "area categories", "area caps", "number deal_within", "check flash_range", "number quantity_min",
	"number limit_max", "number per_shop_day", "text score_min", "text deposit_min", "text penalty"}

// saleForm asks for the plan of a campaign; of a draft, was is what it says now, and its id and version are hidden.
func (w *web) saleForm(r *http.Request, t page.Tongue, was map[string]string, refused error) section {
	f := &form{Action: salesPath, Acts: []page.Act{{Text: t.T("operatorweb.sale_draft"), Main: true}}}
	get, title, lead := r.PostFormValue, t.T("operatorweb.sale_new"), t.T("operatorweb.sale_new_text")
	if was != nil {
		get = func(name string) string { return was[name] }
	}
	if id := get("campaign"); id != "" {
		f.Hidden, title = []page.Pair{{Name: "campaign", Value: id}, {Name: "version", Value: get("version")}},
			t.T("operatorweb.sale_edit")
	}
	var names []string
	for _, spec := range saleFields {
		kind, name, _ := strings.Cut(spec, " ")
		name, must := strings.CutSuffix(name, "!")
		names = append(names, name)
		field := page.Field{ID: "sale-" + name, Name: name, Kind: kind, Label: t.T("operatorweb.sale_f_" + name),
			Required: must, Value: get(name), Checked: get(name) != "", Length: 60}
		switch {
		case name == "waves":
			field.Rows, field.Length = 8, 4000
		case kind == "area":
			field.Rows, field.Length = 3, 4000
		case kind == "number":
			field.Min, field.Length = "0", 0
		case kind == "check":
			field.Value, field.Length = "on", 0
		case kind == "select":
			field.Options, field.Length = []page.Group{{Options: channels(t, get(name))}}, 0
		}
		if hint := "operatorweb.sale_h_" + name; t.Has(hint) {
			field.Hint = t.T(hint)
		}
		f.Fields = append(f.Fields, field)
	}
	if refused != nil {
		faults := t.FaultsOf(refused, names...)
		f.Wrong = faults.General
		for i := range f.Fields {
			f.Fields[i].Error = faults.At(f.Fields[i].Name)
		}
	}
	return section{ID: "draft", Boxed: true, Title: title, Lead: lead, Form: f}
}

func channels(t page.Tongue, chosen string) (all []page.Option) {
	for _, c := range campaign.Channels() {
		all = append(all, page.Option{Value: string(c), Text: word(t, "channel", string(c)), Selected: string(c) == chosen})
	}
	return all
}

// draftSale keeps the draft that the form asks for.
func (w *web) draftSale(rw http.ResponseWriter, r *http.Request) error {
	plan, err := w.planOf(r)
	var c campaign.Campaign
	if err == nil {
		c, err = w.saveDraft(r, plan)
	}
	if err != nil {
		return w.refuse(err, func(err error) error { return w.showSales(rw, r, err) })
	}
	return see(rw, r, salesPath+"/"+string(c.ID), "sale_drafted")
}

// planOf reads the form.
func (w *web) planOf(r *http.Request) (p campaign.Plan, err error) {
	get := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	on := func(name string) bool { return r.PostFormValue(name) != "" }
	p = campaign.Plan{Title: text.Entry{Zh: get("title_zh"), En: get("title_en")},
		Channel:  campaign.Channel(get("channel")),
		Switches: campaign.Switches{Presale: on("presale"), CrossShop: on("cross_shop"), Direct: on("direct")}}
	if p.Recruit, err = w.window(get("recruit_from"), get("recruit_until"), "recruit_from"); err != nil {
		return p, err
	}
	if p.Rule, err = w.ruleOf(get); err != nil {
		return p, err
	}
	p.Rule.FlashRange, p.Rule.NewToo = on("flash_range"), on("new_too")
	if p.Channel.Timed() {
		p.Timetable, err = w.timetableOf(get)
		return p, err
	}
	if p.Lock, err = w.window(get("lock_from"), get("lock_until"), "lock_from"); err != nil {
		return p, err
	}
	p.Waves, err = w.wavesOf(get("waves"))
	return p, err
}

// window reads a start and an end as announcements write them: 21:59:59 ends at 22:00.
func (w *web) window(from, until, field string) (s campaign.Window, err error) {
	if s.From, err = campaign.Start(from, w.Zone); err == nil {
		s.Until, err = campaign.End(until, w.Zone)
	}
	if f := fault.As(err); f != nil {
		return s, f.At(field)
	}
	return s, nil
}

func (w *web) timetableOf(get func(string) string) (*campaign.Timetable, error) {
	days, err := w.window(get("days_from"), get("days_until"), "days_from")
	if err != nil {
		return nil, err
	}
	table := &campaign.Timetable{Days: days, Warmup: 120}
	if table.Minutes, err = whole(get, "minutes"); err != nil {
		return nil, err
	}
	for _, at := range strings.Fields(get("starts")) {
		hour, minute, _ := strings.Cut(at, ":")
		h, errH := strconv.ParseUint(hour, 10, 8)
		m, errM := strconv.ParseUint(minute, 10, 8)
		if errH != nil || errM != nil && minute != "" || m > 59 {
			return nil, fault.New(fault.Invalid, "campaign.timetable").At("starts")
		}
		table.Starts = append(table.Starts, int64(h*60+m))
	}
	return table, nil
}

// wavesOf reads waves from lines: "# 第一波 | First wave" begins one (waveOf), and each line below it is a stage with
// its start and end: "spot 2026-11-11 00:00:00 ~ 2026-11-11 23:59:59".
func (w *web) wavesOf(lines string) (all []campaign.Wave, err error) {
	n := 0
	for line := range strings.Lines(lines) {
		n++
		line = strings.TrimSpace(line)
		bad := fault.New(fault.Invalid, "operatorweb.waves", fault.P("n", n), fault.P("line", line)).At("waves")
		if title, is := strings.CutPrefix(line, "#"); is {
			wave, ok := waveOf(title)
			if !ok {
				return nil, bad
			}
			all = append(all, wave)
			continue
		}
		if line == "" {
			continue
		}
		stage, when, _ := strings.Cut(line, " ")
		from, until, split := strings.Cut(when, "~")
		if !split || len(all) == 0 || !slices.Contains(campaign.Stages(), campaign.Stage(stage)) {
			return nil, bad
		}
		window, err := w.window(strings.TrimSpace(from), strings.TrimSpace(until), "waves")
		if err != nil {
			return nil, err
		}
		last := &all[len(all)-1]
		last.Phases = append(last.Phases, campaign.Phase{Stage: campaign.Stage(stage), Window: window})
	}
	return all, nil
}

// waveOf reads a wave's first line: its titles, and for a brand how many pieces its items sell together, and to one
// shopper: "品牌日 | Brand day | 500/3".
func waveOf(line string) (wave campaign.Wave, ok bool) {
	part := strings.Split(line, "|")
	if len(part) > 3 {
		return wave, false
	}
	for len(part) < 3 {
		part = append(part, "")
	}
	wave.Title = text.Entry{Zh: strings.TrimSpace(part[0]), En: strings.TrimSpace(part[1])}
	pieces, each, _ := strings.Cut(strings.TrimSpace(part[2]), "/")
	for s, into := range map[string]*int64{pieces: &wave.Pieces, each: &wave.PerShopper} {
		if s == "" {
			continue
		}
		n, err := strconv.ParseInt(s, 10, 32)
		if err != nil {
			return wave, false
		}
		*into = n
	}
	return wave, true
}

func (w *web) ruleOf(get func(string) string) (r campaign.Rule, err error) {
	for name, into := range map[string]*int64{"days": &r.Days, "deal_within": &r.DealWithin,
		"quantity_min": &r.QuantityMin, "limit_max": &r.LimitMax, "per_shop_day": &r.PerShopDay} {
		if *into, err = whole(get, name); err != nil {
			return r, err
		}
	}
	for name, into := range map[string]*money.PPM{"factor": &r.FactorPPM, "penalty": &r.PenaltyPPM} {
		if get(name) == "" {
			continue
		}
		ppm, err := parseRate(get(name))
		if err != nil {
			return r, fault.New(fault.Invalid, "campaign.rule").At(name).Because(err)
		}
		*into = money.PPM(ppm)
	}
	if r.Categories, err = categoriesOf(get("categories")); err != nil {
		return r, err
	}
	if r.Caps, err = w.capsOf(get("caps")); err != nil {
		return r, err
	}
	if s := get("score_min"); s != "" {
		if r.ScoreMin, err = money.ParseMinor(s, "CNY"); err != nil { // stars have hundredths, as yuan do
			return r, fault.New(fault.Invalid, "campaign.rule").At("score_min")
		}
	}
	if s := get("deposit_min"); s != "" {
		if r.DepositMin, err = money.ParseMinor(s, w.Currency); err != nil {
			return r, fault.New(fault.Invalid, "campaign.rule").At("deposit_min")
		}
	}
	return r, nil
}

// categoriesOf reads the categories whose goods are invited, one a line, by number or by name.
func categoriesOf(lines string) (all []string, err error) {
	for line := range strings.Lines(lines) {
		id, err := saleweb.CategoryOf(strings.TrimSpace(line))
		if err != nil {
			return nil, fault.As(err).At("categories")
		}
		if id != "" && !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all, nil
}

// capsOf reads the highest prices, one a line: a category by number or by name, or none for all, and the price.
func (w *web) capsOf(lines string) (all []campaign.Cap, err error) {
	for line := range strings.Lines(lines) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		last := len(words) - 1
		id, err := saleweb.CategoryOf(strings.Join(words[:last], " "))
		if err != nil {
			return nil, fault.As(err).At("caps")
		}
		price, err := money.ParseMinor(words[last], w.Currency)
		if err != nil {
			return nil, fault.New(fault.Invalid, "campaign.caps").At("caps").Because(err)
		}
		all = append(all, campaign.Cap{Category: id, Price: price})
	}
	return all, nil
}

// whole reads a whole number, 0 where nothing is written.
func whole(get func(string) string, name string) (int64, error) {
	s := get(name)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return 0, fault.New(fault.Invalid, "campaign.rule").At(name)
	}
	return n, nil
}
