package merchantweb

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/campaign"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// sale lists the shop's goods beside a campaign, each with the way to enrol it.
func (w *web) sale(rw http.ResponseWriter, r *http.Request) error { return w.showJoin(rw, r, nil) }

// showJoin shows the goods; where one is chosen, with the form that enrols it.
func (w *web) showJoin(rw http.ResponseWriter, r *http.Request, refused error) error {
	ctx := r.Context()
	c, err := w.Campaigns.Campaign(ctx, campaign.ID(r.PathValue("campaign")))
	if err != nil {
		return err
	}
	if c.State != campaign.Published {
		return fault.New(fault.NotFound, "campaign.not_found")
	}
	f, t := w.begin(rw, r, salesPath, "merchantweb.sales")
	here := salesPath + "/" + string(c.ID)
	f.Here = here
	v := listView{Frame: f, Heading: c.Title.Pick(t.Lang), Intro: w.joinIntro(t, c),
		Acts: []page.Act{{Text: t.T("merchantweb.sales"), Href: salesPath}},
		Table: page.Table{ID: "goods", Caption: t.T("merchantweb.sale_goods"), Columns: []page.Column{
			{Name: t.T("merchantweb.sale_goods"), Wide: true}, {Name: t.T("merchantweb.sale_ordinary"), Num: true},
			{Name: t.T("merchantweb.acts")}}, Empty: page.Empty{Title: t.T("merchantweb.sale_no_goods")}}}
	goods, err := w.Catalog.ByShop(ctx, catalog.ByShop{Shop: shopOf(r), State: catalog.Listed,
		Cursor: r.URL.Query().Get("at"), Limit: salesPerPage})
	if err != nil {
		return err
	}
	chosen, err := w.goodsRows(r, t, c, goods.Products, &v.Table)
	if err != nil {
		return err
	}
	if goods.Next != "" {
		v.Table.Pager.Next = here + "?" + url.Values{"at": {goods.Next}}.Encode()
	}
	if id := r.FormValue("offer"); id != "" {
		v.Dialogs = []page.Dialog{w.joinDialog(r, t, c, joining{id, chosen, refused})}
	}
	return w.set.Render(rw, r, statusOf(refused), "desk-list", v)
}

// joinIntro says until when a campaign takes enrolments, when it locks them, and what it asks for.
func (w *web) joinIntro(t page.Tongue, c campaign.Campaign) string {
	all := []string{t.T("merchantweb.join_until", "time", t.When(c.Recruit.Until))}
	if !c.Channel.Timed() {
		all = append(all, t.T("merchantweb.join_lock", "time", t.When(c.Lock.From)))
	}
	return strings.Join(append(all, w.ruleText(t, c.Rule)), t.T("merchantweb.semicolon"))
}

// goodsRows fills the table with the SKUs of products and tells what the chosen offer is called.
func (w *web) goodsRows(r *http.Request, t page.Tongue, c campaign.Campaign, products []catalog.Product,
	into *page.Table) (chosen string, err error) {
	ids := make([]string, len(products))
	for i, p := range products {
		ids[i] = string(p.ID)
	}
	offers, err := w.Offers.ByProducts(r.Context(), ids)
	if err != nil {
		return "", err
	}
	may := gate.Who(r.Context()).Can(login.SaleWrite) && c.Recruit.Holds(clock.Now(r.Context(), w.Clock))
	goods := t.SKUCells(products)
	for _, p := range products {
		bySKU := map[string]offer.Offer{}
		for _, o := range offers[string(p.ID)] {
			bySKU[o.SKU] = o
		}
		for _, k := range p.SKUs {
			o, there := bySKU[string(k.ID)]
			if !there || o.State != offer.Listed {
				continue
			}
			cell := goods[string(k.ID)]
			if string(o.ID) == r.FormValue("offer") {
				chosen = cell.Text
			}
			row := page.Row{ID: string(o.ID), Cells: []page.Cell{cell, {Text: t.Money(o.Price())}, {}}}
			if may {
				row.Cells[2].Acts = []page.Act{{Text: t.T("merchantweb.enrol_this"), Href: salesPath + "/" + string(c.ID) + "?" +
					url.Values{"offer": {string(o.ID)}, "at": {r.URL.Query().Get("at")}}.Encode()}}
			}
			into.Rows = append(into.Rows, row)
		}
	}
	return chosen, nil
}

// joining is the offer that is about to be enrolled, and what was wrong with it.
type joining struct {
	offer, name string
	refused     error
}

// joinDialog asks for the terms.
func (w *web) joinDialog(r *http.Request, t page.Tongue, c campaign.Campaign, j joining) page.Dialog {
	faults := t.FaultsOf(j.refused, "slot", "price", "quantity", "per_shopper", "spot", "earnest", "ship_by",
		"appointments", "strike")
	d := page.Dialog{ID: "enrol", Open: t.T("merchantweb.enrol"), Title: t.T("merchantweb.enrol"), Text: j.name,
		Show: true, Action: salesPath + "/" + string(c.ID), Wrong: faults.General,
		Hidden: []page.Pair{{Name: "offer", Value: j.offer}}, Confirm: page.Act{Text: t.T("merchantweb.enrol"), Main: true}}
	add := func(kind, name string, must bool) *page.Field {
		d.Fields = append(d.Fields, page.Field{ID: "enrol-" + name, Name: name, Kind: kind, Required: must,
			Label: t.T("merchantweb.e_" + name), Value: r.PostFormValue(name), Error: faults.At(name)})
		return &d.Fields[len(d.Fields)-1]
	}
	add("select", "slot", true).Options = []page.Group{{Options: w.slots(t, c, r.PostFormValue("slot"),
		clock.Now(r.Context(), w.Clock))}}
	cash := func(name string, must bool) *page.Field {
		f := add("text", name, must)
		f.Mode, f.After = "decimal", string(w.Currency)
		return f
	}
	cash("price", true)
	add("number", "quantity", true).Min = strconv.FormatInt(max(c.Rule.QuantityMin, 1), 10)
	limit := add("number", "per_shopper", c.Rule.LimitMax > 0)
	if limit.Min = "0"; c.Rule.LimitMax > 0 {
		limit.Min, limit.Max = "1", strconv.FormatInt(c.Rule.LimitMax, 10)
	}
	cash("strike", false).Hint = t.T("merchantweb.e_strike_hint")
	if c.Switches.Presale {
		check(add("check", "spot", false), r)
		check(add("check", "presale", false), r)
		cash("earnest", false)
		cash("worth", false)
		add("date", "ship_by", false).Hint = t.T("merchantweb.e_ship_by_hint")
		add("number", "ship_days", false).Min = "1"
	}
	if c.Channel != campaign.Sale {
		add("number", "appointments", false).Hint = t.T("merchantweb.e_appointments_hint")
		check(add("check", "lottery", false), r)
	}
	return d
}

// check makes a field a box that stays as it was sent.
func check(f *page.Field, r *http.Request) {
	f.Checked, f.Value = f.Value != "" || r.Method == http.MethodGet && f.Name == "spot", "on"
}

// slots are the waves, or the next sessions, that can still be joined.
func (w *web) slots(t page.Tongue, c campaign.Campaign, chosen string, now time.Time) (all []page.Option) {
	add := func(value, text string) {
		all = append(all, page.Option{Value: value, Text: text, Selected: value == chosen})
	}
	if c.Timetable != nil {
		for _, s := range c.Timetable.Sessions(campaign.Window{From: now, Until: now.Add(sessionsAhead)}, w.zone()) {
			if now.Before(c.LockOf(s.Wave()).From) {
				add("s"+strconv.FormatInt(clock.Micros(s.From), 10), t.When(s.From)+" – "+t.Clock(s.Until))
			}
		}
		return all
	}
	for i, wave := range c.Waves {
		when := wave.Whole()
		add("w"+strconv.Itoa(i+1), wave.Title.Pick(t.Lang)+" · "+t.Span(when.From, when.Until))
	}
	return all
}

// enrol enrols the offer of the form. What the rule refuses is shown in the form with all its reasons.
func (w *web) enrol(rw http.ResponseWriter, r *http.Request) error {
	cmd, err := w.enrolOf(r)
	var e campaign.Enrolment
	if err == nil {
		e, err = w.Campaigns.Enrol(r.Context(), cmd)
	}
	if err == nil && e.State == campaign.Refused {
		t := w.set.In(gate.Lang(r.Context()))
		why := strings.Join(t.Reasons(e.Reasons, e.Currency), t.T("merchantweb.semicolon"))
		err = fault.New(fault.Unprocessable, "merchantweb.enrol_no", fault.P("why", why))
	}
	if page.Own(err) && !fault.Is(err, "campaign.not_found") {
		return w.showJoin(rw, r, err)
	}
	if err != nil {
		return err
	}
	if c, err := w.Campaigns.Campaign(r.Context(), e.Campaign); err != nil {
		return err
	} else if c.Channel == campaign.Juhuasuan && w.Places != nil {
		page.Flash(rw, "good", "merchantweb.enrol_made_bid")
		return page.See(rw, r, placesPath)
	}
	page.Flash(rw, "good", "merchantweb.enrol_made")
	return page.See(rw, r, salesPath)
}

// enrolOf reads the form.
func (w *web) enrolOf(r *http.Request) (cmd campaign.Enrol, err error) {
	cmd = campaign.Enrol{Shop: shopOf(r), Campaign: campaign.ID(r.PathValue("campaign")),
		Offer: offer.ID(r.PostFormValue("offer"))}
	if cmd.Slot, err = slotOf(r.PostFormValue("slot")); err != nil {
		return cmd, err
	}
	if cmd.Price, cmd.Quantity, err = w.amounts(r); err != nil {
		return cmd, err
	}
	on := func(name string) bool { return r.PostFormValue(name) != "" }
	cmd.Part = campaign.Part{Presale: on("presale"), Spot: on("spot") || !on("presale")}
	cmd.Lottery = on("lottery")
	if day := strings.TrimSpace(r.PostFormValue("ship_by")); day != "" { // sent on that day at the latest
		last, err := time.ParseInLocation(time.DateOnly, day, w.zone())
		if err != nil {
			return cmd, fault.New(fault.Invalid, "enrolment.ship_by", fault.P("max", campaign.ShipDaysMax)).
				At("ship_by").Because(err)
		}
		cmd.ShipBy = last.AddDate(0, 0, 1).UTC()
	}
	for name, into := range map[string]*int64{"per_shopper": &cmd.PerShopper, "appointments": &cmd.Appointments,
		"ship_days": &cmd.ShipDays} {
		if s := strings.TrimSpace(r.PostFormValue(name)); s != "" {
			if *into, err = strconv.ParseInt(s, 10, 64); err != nil {
				return cmd, fault.New(fault.Invalid, "enrolment.pieces").At(name).Because(err)
			}
		}
	}
	for name, into := range map[string]*int64{"strike": &cmd.Strike, "earnest": &cmd.Earnest, "worth": &cmd.Worth} {
		if s := strings.TrimSpace(r.PostFormValue(name)); s != "" {
			if *into, err = money.ParseMinor(s, w.Currency); err != nil {
				return cmd, fault.New(fault.Invalid, "enrolment.price").At(name).Because(err)
			}
		}
	}
	return cmd, nil
}

// slotOf reads "w1" as the first wave, and "s" with microseconds as the session that starts then.
func slotOf(s string) (campaign.Slot, error) {
	kind, number := s[:min(len(s), 1)], s[min(len(s), 1):]
	n, err := strconv.ParseInt(number, 10, 64)
	switch {
	case err == nil && kind == "w":
		return campaign.Slot{Wave: n}, nil
	case err == nil && kind == "s" && n > 0:
		return campaign.Slot{Session: clock.FromMicros(n)}, nil
	}
	return campaign.Slot{}, fault.New(fault.Invalid, "enrolment.slot").At("slot")
}
