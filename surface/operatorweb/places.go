package operatorweb

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/campaign"
	"hutong/deal/place"
	"hutong/goods/catalog/taxonomy"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// bidTones are how a bid's stage is painted.
var bidTones = map[place.Stage]string{"applied": "wait", "shortlisted": "wait", "paid": "go", place.Live: "done",
	place.Settling: "wait", "settled": "done"}

// placeRoutes are the pages of the places of a Juhuasuan sale.
func (w *web) placeRoutes() []gate.Route {
	if w.Places == nil {
		return nil
	}
	of := salesPath + "/{campaign}/places"
	return []gate.Route{
		take("places.publish", of, login.MarketSaleApprove, w.publishPlaces),
		read("places", of+"/{opening}", login.MarketSale, w.bids),
		take("places.decide", of+"/{opening}", login.MarketSaleApprove, w.decideBid),
	}
}

func placesOf(c campaign.ID) string { return salesPath + "/" + string(c) + "/places" }

// placeSections are the places of a campaign that sells them, and the form for more.
func (w *web) placeSections(r *http.Request, t page.Tongue, c campaign.Campaign, refused error) ([]section, error) {
	if w.Places == nil || c.Channel != campaign.Juhuasuan || c.State == campaign.Drafted {
		return nil, nil
	}
	all, err := w.Places.Openings(r.Context(), c.ID)
	if err != nil {
		return nil, err
	}
	s := section{ID: "places", Title: t.T("operatorweb.places"), Lead: t.T("operatorweb.places_text"),
		Table: table("places", t.T("operatorweb.places"), page.Empty{Title: t.T("operatorweb.no_places"),
			Text: t.T("operatorweb.no_places_text")},
			columns(t, "*place_for", "#place_taken", "#place_fee", "place_pay_by", "state")...)}
	for _, o := range all {
		badge := openingBadge(t, o, o.Takes(clock.Now(r.Context(), w.Clock)))
		s.Table.Rows = append(s.Table.Rows, page.Row{ID: string(o.ID), Cells: []page.Cell{
			{Text: w.openingName(t, c, o), Href: placesOf(c.ID) + "/" + string(o.ID)},
			plain(t.T("operatorweb.place_taken_of", "taken", o.Taken, "places", o.Places)),
			{Text: t.Money(money.New(o.Fee, o.Currency)), Sub: termsText(t, o.Offer)}, plain(t.When(o.PayBy)), badged(badge)}})
	}
	if !may(r, login.MarketSaleApprove) || c.State != campaign.Published ||
		!clock.Now(r.Context(), w.Clock).Before(c.Lock.From) {
		return []section{s}, nil
	}
	return []section{s, w.placeForm(r, t, c, refused)}, nil
}

func openingBadge(t page.Tongue, o place.Opening, takes bool) page.Badge {
	switch {
	case o.State == place.CalledOff:
		return page.Badge{Tone: "off", Text: t.T("operatorweb.place_called_off")}
	case takes:
		return page.Badge{Tone: "go", Text: t.T("operatorweb.place_open")}
	}
	return page.Badge{Tone: "done", Text: t.T("operatorweb.place_closed")}
}

// openingName says for which wave and which goods places are.
func (w *web) openingName(t page.Tongue, c campaign.Campaign, o place.Opening) string {
	name := t.T("operatorweb.place_any")
	if n, ok := taxonomy.Find(o.Category); ok {
		name = nodeName(t, n)
	}
	if o.Wave <= int64(len(c.Waves)) {
		name = c.Waves[o.Wave-1].Title.Pick(t.Lang) + " · " + name
	}
	return name
}

// termsText says how fee and commission go together.
func termsText(t page.Tongue, o place.Offer) string {
	return t.T("operatorweb.place_"+string(o.Terms), "rate", page.Percent(int64(o.Commission)))
}

// placeForm offers places.
func (w *web) placeForm(r *http.Request, t page.Tongue, c campaign.Campaign, refused error) section {
	get := r.PostFormValue
	waves, kinds := page.Group{}, page.Group{}
	for i, wave := range c.Waves {
		n := strconv.Itoa(i + 1)
		waves.Options = append(waves.Options, page.Option{Value: n, Text: wave.Title.Pick(t.Lang),
			Selected: n == get("wave")})
	}
	for _, k := range []place.Terms{place.Guarantee, place.Fixed} {
		kinds.Options = append(kinds.Options, page.Option{Value: string(k), Text: t.T("operatorweb.place_f_" + string(k)),
			Selected: string(k) == get("terms")})
	}
	goods := page.Group{Options: []page.Option{{Value: "", Text: t.T("operatorweb.place_any")}}}
	for _, n := range taxonomy.Roots() {
		goods.Options = append(goods.Options, page.Option{Value: n.ID, Text: nodeName(t, n),
			Selected: n.ID == get("category")})
	}
	f := &form{Action: placesOf(c.ID), Acts: []page.Act{{Text: t.T("operatorweb.place_publish"), Main: true}}}
	var names []string
	add := func(kind, name, value string) *page.Field {
		if r.Method == http.MethodPost {
			value = get(name)
		}
		names = append(names, name)
		f.Fields = append(f.Fields, page.Field{ID: "place-" + name, Name: name, Kind: kind, Required: name != "category",
			Value: value, Label: t.T("operatorweb.place_f_" + name)})
		return &f.Fields[len(f.Fields)-1]
	}
	add("select", "wave", "").Options = []page.Group{waves}
	add("select", "category", "").Options = []page.Group{goods}
	add("number", "places", "1").Min = "1"
	fee := add("text", "fee", "")
	fee.Mode, fee.After = "decimal", string(w.Currency)
	add("select", "terms", "").Options = []page.Group{kinds}
	rate := add("text", "commission", "")
	rate.Mode, rate.After = "decimal", "%"
	add("text", "pay_by", w.startText(c.Lock.From)).Hint = t.T("operatorweb.place_h_pay_by")
	add("number", "ship_hours", "24").Min = "1"
	if refused != nil {
		faults := t.FaultsOf(refused, names...)
		f.Wrong = faults.General
		for i := range f.Fields {
			f.Fields[i].Error = faults.At(f.Fields[i].Name)
		}
	}
	return section{ID: "place-new", Boxed: true, Title: t.T("operatorweb.place_new"),
		Lead: t.T("operatorweb.place_new_text"), Form: f}
}

// publishPlaces offers the places that the form asks for.
func (w *web) publishPlaces(rw http.ResponseWriter, r *http.Request) error {
	o, err := w.placeOffer(r)
	if err == nil {
		_, err = w.Places.Publish(r.Context(), gate.Who(r.Context()).Login, o)
	}
	if fault.Is(err, "campaign.not_found") {
		return err
	}
	if err != nil {
		return w.refuse(err, func(err error) error { return w.showSale(rw, r, err) })
	}
	return see(rw, r, salesPath+"/"+r.PathValue("campaign")+"#places", "place_published")
}

func (w *web) placeOffer(r *http.Request) (o place.Offer, err error) {
	get := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	o = place.Offer{Campaign: campaign.ID(r.PathValue("campaign")), Category: get("category"), Currency: w.Currency,
		Terms: place.Terms(get("terms"))}
	for name, into := range map[string]*int64{"wave": &o.Wave, "places": &o.Places, "ship_hours": &o.ShipHours} {
		if *into, err = strconv.ParseInt(get(name), 10, 32); err != nil {
			return o, fault.New(fault.Invalid, "operatorweb.place_number").At(name).Because(err)
		}
	}
	if o.Fee, err = money.ParseMinor(get("fee"), w.Currency); err != nil {
		return o, fault.New(fault.Invalid, "place.fee").At("fee").Because(err)
	}
	ppm, err := parseRate(get("commission"))
	if err != nil {
		return o, fault.New(fault.Invalid, "place.commission").At("commission").Because(err)
	}
	o.Commission = money.PPM(ppm)
	o.PayBy, err = campaign.Start(get("pay_by"), w.Zone)
	if f := fault.As(err); f != nil {
		return o, f.At("pay_by")
	}
	return o, nil
}

// bids are the bids for places, with what can be decided about each.
func (w *web) bids(rw http.ResponseWriter, r *http.Request) error { return w.showBids(rw, r, nil) }

func (w *web) showBids(rw http.ResponseWriter, r *http.Request, refused error) error {
	c, err := w.Campaigns.Campaign(r.Context(), campaign.ID(r.PathValue("campaign")))
	if err != nil {
		return err
	}
	o, err := w.Places.Opening(r.Context(), place.OpeningID(r.PathValue("opening")))
	if err != nil {
		return err
	}
	if o.Campaign != c.ID {
		return fault.New(fault.NotFound, "place.not_found")
	}
	v, t := w.page(r, salesPath, "sales")
	name := w.openingName(t, c, o)
	v.Title, v.Heading, v.Lead = name, name, ""
	v.Way = []page.Crumb{{Href: salesPath, Text: t.T("operatorweb.sales")},
		{Href: salesPath + "/" + string(c.ID), Text: c.Title.Pick(t.Lang)}, {Text: name}}
	badge := openingBadge(t, o, o.Takes(clock.Now(r.Context(), w.Clock)))
	v.Badge = &badge
	facts := section{ID: "place", Boxed: true, Facts: []fact{
		{Name: t.T("operatorweb.place_taken"), Text: t.T("operatorweb.place_taken_of", "taken", o.Taken, "places", o.Places)},
		{Name: t.T("operatorweb.place_fee"), Text: t.Money(money.New(o.Fee, o.Currency)), Sub: termsText(t, o.Offer)},
		{Name: t.T("operatorweb.place_pay_by"), Text: t.When(o.PayBy)},
		{Name: t.T("operatorweb.place_ships"), Text: t.T("operatorweb.place_hours", "n", o.ShipHours)}}}
	if may(r, login.MarketSaleApprove) && o.State == place.Open {
		facts.Dialogs = []page.Dialog{{ID: "call-off", Open: t.T("operatorweb.place_call_off"),
			Title: t.T("operatorweb.place_call_off"), Text: t.T("operatorweb.place_call_off_text"),
			Action: placesOf(c.ID) + "/" + string(o.ID), Hidden: []page.Pair{{Name: "version", Value: page.Itoa(o.Version)}},
			Fields:  []page.Field{noteField(t)},
			Confirm: page.Act{Text: t.T("operatorweb.place_call_off"), Name: "do", Value: "call_off", Bad: true}}}
	}
	list, err := w.bidSection(r, t, o)
	if err != nil {
		return err
	}
	v.Sections = []section{facts, list}
	status := http.StatusOK
	if refused != nil {
		v.Wrong, status = t.Fault(refused), statusOf(refused)
	}
	return w.show(rw, r, status, v)
}

func noteField(t page.Tongue) page.Field {
	return page.Field{ID: "note", Name: "note", Kind: "text", Label: t.T("operatorweb.place_note"), Length: place.NoteMax}
}

func (w *web) bidSection(r *http.Request, t page.Tongue, o place.Opening) (section, error) {
	here := placesOf(o.Campaign) + "/" + string(o.ID)
	s := section{ID: "bids", Title: t.T("operatorweb.bids"), Lead: t.T("operatorweb.bids_text"),
		Table: table("bids", t.T("operatorweb.bids"), page.Empty{Title: t.T("operatorweb.no_bids"),
			Text: t.T("operatorweb.no_bids_text")}, columns(t, "*enrolment", "shop", "#price", "#pieces", "state", "act")...)}
	all, err := w.Places.Bids(r.Context(), o.ID, place.BidID(page.Place(r.URL.Query(), "at", "plb")), salesShown)
	if err != nil {
		return s, err
	}
	shops, err := w.shopNames(r.Context(), t)
	if err != nil {
		return s, err
	}
	enrolments := make([]campaign.Enrolment, len(all))
	skus := make([]string, len(all))
	for i, b := range all {
		if enrolments[i], err = w.Campaigns.Enrolment(r.Context(), "", b.Enrolment); err != nil {
			return s, err
		}
		skus[i] = enrolments[i].SKU
	}
	goods, err := w.goodsCells(r.Context(), t, skus)
	for i, b := range all {
		e := enrolments[i]
		stage := b.Stage(o, clock.Now(r.Context(), w.Clock))
		state := page.Cell{Badge: &page.Badge{Tone: cmp.Or(bidTones[stage], "off"),
			Text: t.T("operatorweb.bid_" + string(stage))}, Sub: b.Note}
		if b.State == place.Settled {
			state.Sub = t.T("operatorweb.bid_settled_text", "sold", t.Money(money.New(b.Sold, o.Currency)), "commission",
				t.Money(money.New(b.Commission, o.Currency)), "charged", t.Money(money.New(b.Charged, o.Currency)))
		} else if e.State == campaign.Applied && b.State.Open() {
			state.Sub = t.T("operatorweb.bid_unreviewed")
		}
		row := page.Row{ID: string(b.ID), Cells: []page.Cell{goods[e.SKU], plain(shops[b.Shop]),
			plain(t.Money(money.New(e.Price, e.Currency))), plain(t.Count(e.Quantity)), state, {}}}
		if acts := bidActs(r, t, b, e); len(acts) > 0 && stage != place.Lapsed {
			row.Cells[5] = page.Cell{Post: here, Acts: acts, Hidden: []page.Pair{{Name: "bid", Value: string(b.ID)},
				{Name: "version", Value: page.Itoa(b.Version)}, {Name: "enrolled", Value: page.Itoa(e.Version)}}}
		}
		s.Table.Rows = append(s.Table.Rows, row)
	}
	if len(all) == salesShown {
		s.Table.Pager.Next = here + "?at=" + string(all[len(all)-1].ID)
	}
	return s, err
}

// bidActs are what can be decided about a bid.
func bidActs(r *http.Request, t page.Tongue, b place.Bid, e campaign.Enrolment) []page.Act {
	act := func(do string, main bool) page.Act {
		return page.Act{Text: t.T("operatorweb.bid_do_" + do), Name: "do", Value: do, Main: main, Bad: !main}
	}
	switch {
	case !may(r, login.MarketSaleApprove):
		return nil
	case b.State == place.Applied && e.State == campaign.Accepted:
		return []page.Act{act("shortlist", true), act("refuse", false)}
	case b.State == place.Applied || b.State == place.Shortlisted:
		return []page.Act{act("refuse", false)}
	case b.State == place.Paid && e.State.Open():
		return []page.Act{act("remove", false)}
	}
	return nil
}

// decideBid shortlists, refuses, takes a paid item out, or calls all the places off.
func (w *web) decideBid(rw http.ResponseWriter, r *http.Request) error {
	opening := place.OpeningID(r.PathValue("opening"))
	do, err := pressed(r, "shortlist", "refuse", "remove", "call_off")
	if err != nil {
		return err
	}
	err = w.bidDecided(r, opening, do)
	if fault.Is(err, "place.not_found") || fault.Is(err, "place.no_bid") {
		return err
	}
	if err != nil {
		return w.refuse(err, func(err error) error { return w.showBids(rw, r, err) })
	}
	return see(rw, r, placesOf(campaign.ID(r.PathValue("campaign")))+"/"+string(opening), "bid_decided")
}

func (w *web) bidDecided(r *http.Request, opening place.OpeningID, do string) error {
	ctx, by := r.Context(), gate.Who(r.Context()).Login
	version, err := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	if err != nil {
		return fault.New(fault.Conflict, "place.changed").Because(err)
	}
	if do == "call_off" {
		_, err = w.Places.CallOff(ctx, by, opening, version, r.PostFormValue("note"))
		return err
	}
	b, err := w.Places.Bid(ctx, "", place.BidID(r.PostFormValue("bid")))
	if err != nil {
		return err
	}
	if b.Opening != opening {
		return fault.New(fault.NotFound, "place.no_bid")
	}
	if do != "remove" {
		_, err = w.Places.Decide(ctx, place.Decide{By: by, ID: b.ID, Version: version, Shortlist: do == "shortlist"})
		return err
	}
	enrolled, err := strconv.ParseInt(r.PostFormValue("enrolled"), 10, 64)
	if err != nil {
		return fault.New(fault.Conflict, "enrolment.changed").Because(err)
	}
	_, err = w.Campaigns.Remove(ctx, campaign.Remove{By: by, ID: b.Enrolment, Version: enrolled})
	return err
}
