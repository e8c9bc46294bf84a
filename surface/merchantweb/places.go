package merchantweb

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/place"
	"hutong/funds/settle"
	"hutong/goods/catalog/taxonomy"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// placesPath is where a shop bids for places of Juhuasuan sales and pays for them.
const placesPath = "/desk/places"

func (w *web) placeRoutes() []gate.Route {
	if w.Places == nil {
		return nil
	}
	return []gate.Route{row("places", http.MethodGet, placesPath, login.SaleRead, w.places),
		row("places.take", http.MethodPost, placesPath, login.SaleWrite, w.takePlace)}
}

// saleTabs lead between the sales to join and the places to bid for.
func (w *web) saleTabs(t page.Tongue, here string) *page.Tabs {
	if w.Places == nil {
		return nil
	}
	return &page.Tabs{Label: t.T("merchantweb.sales"), Links: []page.Link{
		{Href: salesPath, Text: t.T("merchantweb.sales"), Current: here == salesPath},
		{Href: placesPath, Text: t.T("merchantweb.places"), Current: here == placesPath}}}
}

func (w *web) places(rw http.ResponseWriter, r *http.Request) error { return w.showPlaces(rw, r, nil) }

// placesSeen is what the page of places is made of.
type placesSeen struct {
	now       time.Time
	campaigns map[campaign.ID]campaign.Campaign
	openings  []place.Opening // that take bids
	mine      []place.Bid     // the shop's, newest first
	of        map[place.OpeningID]place.Opening
	enrolled  []campaign.Enrolment
	goods     map[string]page.Cell
}

func (w *web) seePlaces(r *http.Request, t page.Tongue) (s placesSeen, err error) {
	ctx, shop := r.Context(), shopOf(r)
	s = placesSeen{now: clock.Now(ctx, w.Clock), campaigns: map[campaign.ID]campaign.Campaign{},
		of: map[place.OpeningID]place.Opening{}}
	for _, c := range w.Campaigns.Live().Campaigns {
		if c.Channel != campaign.Juhuasuan {
			continue
		}
		s.campaigns[c.ID] = c
		all, err := w.Places.Openings(ctx, c.ID)
		if err != nil {
			return s, err
		}
		for _, o := range all {
			if s.of[o.ID] = o; o.Takes(s.now) {
				s.openings = append(s.openings, o)
			}
		}
	}
	if s.mine, err = w.bidsShown(r, shop); err != nil {
		return s, err
	}
	if s.enrolled, err = w.Campaigns.ByShop(ctx, shop, "", campaign.PageMax); err != nil {
		return s, err
	}
	for _, b := range s.mine {
		if err := s.fill(ctx, w, b); err != nil {
			return s, err
		}
	}
	s.goods, err = w.skus(ctx, t, s.enrolled)
	return s, err
}

// bidsShown is a page of the shop's bids, or the one that another page leads to.
func (w *web) bidsShown(r *http.Request, shop string) ([]place.Bid, error) {
	if only := page.Place(r.URL.Query(), "only", "plb"); only != "" {
		b, err := w.Places.Bid(r.Context(), shop, place.BidID(only))
		return []place.Bid{b}, err
	}
	return w.Places.ByShop(r.Context(), shop, place.BidID(page.Place(r.URL.Query(), "at", "plb")), salesPerPage)
}

// fill reads what a bid of an older sale is about.
func (s *placesSeen) fill(ctx context.Context, w *web, b place.Bid) error {
	o, known := s.of[b.Opening]
	if !known {
		var err error
		if o, err = w.Places.Opening(ctx, b.Opening); err != nil {
			return err
		}
		s.of[o.ID] = o
	}
	if _, known := s.campaigns[o.Campaign]; !known {
		c, err := w.Campaigns.Campaign(ctx, o.Campaign)
		if err != nil {
			return err
		}
		s.campaigns[c.ID] = c
	}
	if slices.ContainsFunc(s.enrolled, func(e campaign.Enrolment) bool { return e.ID == b.Enrolment }) {
		return nil
	}
	e, err := w.Campaigns.Enrolment(ctx, b.Shop, b.Enrolment)
	s.enrolled = append(s.enrolled, e)
	return err
}

// fit are the shop's enrolments that can bid for an opening.
func (s *placesSeen) fit(o place.Opening) (some []campaign.Enrolment) {
	for _, e := range s.enrolled {
		busy := slices.ContainsFunc(s.mine, func(b place.Bid) bool { return b.Enrolment == e.ID && b.State.Open() })
		if e.Campaign == o.Campaign && e.Slot.Wave == o.Wave && place.TakesPart(e) && !busy {
			some = append(some, e)
		}
	}
	return some
}

func (s *placesSeen) name(t page.Tongue, o place.Opening) page.Cell {
	c := s.campaigns[o.Campaign]
	name := c.Title.Pick(t.Lang)
	if o.Wave <= int64(len(c.Waves)) {
		name += " · " + c.Waves[o.Wave-1].Title.Pick(t.Lang)
	}
	goods := t.T("merchantweb.place_any")
	if n, ok := taxonomy.Find(o.Category); ok {
		goods = text.Entry{Zh: n.Zh, En: n.En}.Pick(t.Lang)
	}
	return page.Cell{Text: name, Sub: goods + " · " + t.T("merchantweb.place_ships", "n", o.ShipHours)}
}

// costs says what a place costs.
func costs(t page.Tongue, o place.Opening) page.Cell {
	return page.Cell{Text: t.Money(money.New(o.Fee, o.Currency)),
		Sub: t.T("merchantweb.place_"+string(o.Terms), "rate", page.Percent(int64(o.Commission)))}
}

func (w *web) showPlaces(rw http.ResponseWriter, r *http.Request, refused error) error {
	f, t := w.begin(rw, r, salesPath, "merchantweb.places")
	f.Here = salesPath
	s, err := w.seePlaces(r, t)
	if err != nil {
		return err
	}
	v := listView{Frame: f, Heading: t.T("merchantweb.places"), Intro: t.T("merchantweb.places_text"),
		Tabs: w.saleTabs(t, placesPath), Table: page.Table{ID: "openings", Caption: t.T("merchantweb.place_openings"),
			Columns: []page.Column{{Name: t.T("merchantweb.place_for"), Wide: true},
				{Name: t.T("merchantweb.place_fee"), Num: true},
				{Name: t.T("merchantweb.place_left"), Num: true}, {Name: t.T("merchantweb.place_pay_by")},
				{Name: t.T("merchantweb.acts")}},
			Empty: page.Empty{Title: t.T("merchantweb.no_openings"), Text: t.T("merchantweb.no_openings_text")}}}
	may := gate.Who(r.Context()).Can(login.SaleWrite)
	for _, o := range s.openings {
		row := page.Row{ID: string(o.ID), Cells: []page.Cell{s.name(t, o), costs(t, o),
			{Text: t.T("merchantweb.place_left_of", "left", o.Left(), "places", o.Places)}, {Text: t.When(o.PayBy)}, {}}}
		switch {
		case may && len(s.fit(o)) > 0:
			row.Cells[4].Acts = []page.Act{{Text: t.T("merchantweb.place_bid"), Href: placesPath + "?opening=" + string(o.ID)}}
		case may && s.campaigns[o.Campaign].Recruit.Holds(s.now):
			row.Cells[4].Acts = []page.Act{{Text: t.T("merchantweb.place_enrol"), Href: salesPath + "/" + string(o.Campaign)}}
		}
		v.Table.Rows = append(v.Table.Rows, row)
	}
	v.Second = &secondTable{Heading: t.T("merchantweb.bids"), Table: s.bids(t, may)}
	if len(s.mine) == salesPerPage {
		v.Second.Table.Pager.Next = placesPath + "?at=" + string(s.mine[len(s.mine)-1].ID)
	}
	if err := w.placeDialogs(r, t, s, &v, refused); err != nil {
		return err
	}
	if refused != nil && len(v.Dialogs) == 0 {
		v.Wrong = t.Fault(refused)
	}
	return w.set.Render(rw, r, statusOf(refused), "desk-list", v)
}

var bidTones = map[place.Stage]string{"applied": "wait", "shortlisted": "go", "paid": "go", place.Live: "done",
	place.Settling: "wait", "settled": "done"}

// bids is the table of the shop's bids.
func (s *placesSeen) bids(t page.Tongue, may bool) page.Table {
	table := page.Table{ID: "bids", Caption: t.T("merchantweb.bids"), Columns: []page.Column{
		{Name: t.T("merchantweb.sale_goods"), Wide: true}, {Name: t.T("merchantweb.place_for")},
		{Name: t.T("merchantweb.place_fee"), Num: true}, {Name: t.T("merchantweb.state")}, {Name: t.T("merchantweb.acts")}},
		Empty: page.Empty{Title: t.T("merchantweb.no_bids")}}
	for _, b := range s.mine {
		o := s.of[b.Opening]
		i := slices.IndexFunc(s.enrolled, func(e campaign.Enrolment) bool { return e.ID == b.Enrolment })
		stage := b.Stage(o, s.now)
		state := page.Cell{Badge: &page.Badge{Tone: cmp.Or(bidTones[stage], "off"),
			Text: t.T("merchantweb.bid_" + string(stage))}, Sub: b.Note}
		if b.State == place.Settled {
			state.Sub = t.T("merchantweb.bid_settled_text", "sold", t.Money(money.New(b.Sold, o.Currency)), "commission",
				t.Money(money.New(b.Commission, o.Currency)), "charged", t.Money(money.New(b.Charged, o.Currency)))
		}
		row := page.Row{ID: string(b.ID), Cells: []page.Cell{s.goods[s.enrolled[i].SKU], s.name(t, o), costs(t, o), state,
			{}}}
		hidden := []page.Pair{{Name: "bid", Value: string(b.ID)}, {Name: "version", Value: page.Itoa(b.Version)}}
		retract := page.Act{Text: t.T("merchantweb.bid_retract"), Name: "do", Value: "retract"}
		pay := page.Act{Text: t.T("merchantweb.bid_pay"), Href: placesPath + "?bid=" + string(b.ID)}
		switch {
		case may && stage == place.Stage(place.Shortlisted):
			row.Cells[4] = page.Cell{Post: placesPath, Hidden: hidden, Acts: []page.Act{pay, retract}}
		case may && stage == place.Stage(place.Applied):
			row.Cells[4] = page.Cell{Post: placesPath, Hidden: hidden, Acts: []page.Act{retract}}
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

// placeDialogs ask with what to bid, or from what to pay.
func (w *web) placeDialogs(r *http.Request, t page.Tongue, s placesSeen, v *listView, refused error) error {
	for _, o := range s.openings {
		if fit := s.fit(o); string(o.ID) == r.FormValue("opening") && len(fit) > 0 {
			v.Dialogs = append(v.Dialogs, s.bidDialog(t, o, fit, refused))
		}
	}
	for _, b := range s.mine {
		if string(b.ID) != r.FormValue("bid") || r.PostFormValue("do") == "retract" ||
			b.Stage(s.of[b.Opening], s.now) != place.Stage(place.Shortlisted) {
			continue
		}
		d, err := w.payDialog(r, t, s.of[b.Opening], b, refused)
		if err != nil {
			return err
		}
		v.Dialogs = append(v.Dialogs, d)
	}
	return nil
}

func (s *placesSeen) bidDialog(t page.Tongue, o place.Opening, fit []campaign.Enrolment, refused error) page.Dialog {
	g := page.Group{}
	for _, e := range fit {
		g.Options = append(g.Options, page.Option{Value: string(e.ID),
			Text: s.goods[e.SKU].Text + " · " + t.Money(money.New(e.Price, e.Currency))})
	}
	faults := t.FaultsOf(refused, "enrolment")
	return page.Dialog{ID: "bid", Open: t.T("merchantweb.place_bid"), Title: t.T("merchantweb.place_bid"),
		Text: s.name(t, o).Text, Show: true, Action: placesPath, Wrong: faults.General,
		Hidden: []page.Pair{{Name: "opening", Value: string(o.ID)}},
		Fields: []page.Field{{ID: "enrolment", Name: "enrolment", Kind: "select", Required: true, Options: []page.Group{g},
			Label: t.T("merchantweb.sale_goods"), Hint: t.T("merchantweb.place_bid_hint"), Error: faults.At("enrolment")}},
		Confirm: page.Act{Text: t.T("merchantweb.place_bid"), Name: "do", Value: "bid", Main: true}}
}

// payDialog says what a place costs and what happens to the fee before it is paid.
func (w *web) payDialog(r *http.Request, t page.Tongue, o place.Opening, b place.Bid, refused error) (d page.Dialog,
	err error) {
	owed, err := w.Settle.Owes(r.Context(), b.Shop, o.Currency)
	if err != nil {
		return d, err
	}
	from := page.Group{Options: []page.Option{{Value: string(settle.Owed),
		Text: t.T("merchantweb.pay_owed", "has", t.Money(owed))}}}
	chosen := r.PostFormValue("from")
	if w.Deposits != nil {
		account, _, err := w.Deposits.Holds(r.Context(), b.Shop, o.Currency)
		if err != nil {
			return d, err
		}
		from.Options = append(from.Options, page.Option{Value: string(settle.Deposit),
			Text: t.T("merchantweb.pay_deposit", "has", t.Money(money.New(max(account.Free(), 0), o.Currency)))})
		if chosen == "" && owed.Minor < o.Fee && account.Free() >= o.Fee { // the one that is enough
			chosen = string(settle.Deposit)
		}
	}
	for i := range from.Options {
		from.Options[i].Selected = from.Options[i].Value == cmp.Or(chosen, string(settle.Owed))
	}
	fee := t.Money(money.New(o.Fee, o.Currency))
	faults := t.FaultsOf(refused, "from")
	return page.Dialog{ID: "pay", Open: t.T("merchantweb.bid_pay"), Title: t.T("merchantweb.bid_pay"), Show: true,
		Text:   t.T("merchantweb.bid_pay_text", "fee", fee, "terms", costs(t, o).Sub),
		Action: placesPath, Wrong: faults.General, Hidden: []page.Pair{{Name: "bid", Value: string(b.ID)}},
		Fields: []page.Field{{ID: "from", Name: "from", Kind: "radios", Required: true, Options: []page.Group{from},
			Label: t.T("merchantweb.pay_from"), Error: faults.At("from")}},
		Confirm: page.Act{Text: t.T("merchantweb.bid_pay_fee", "fee", fee), Name: "do", Value: "pay", Main: true}}, nil
}

// takePlace bids, pays or takes a bid back.
func (w *web) takePlace(rw http.ResponseWriter, r *http.Request) error {
	ctx, shop, bid := r.Context(), shopOf(r), place.BidID(r.PostFormValue("bid"))
	said, err := "", error(nil)
	switch r.PostFormValue("do") {
	case "bid":
		_, err = w.Places.Apply(ctx, shop, place.OpeningID(r.PostFormValue("opening")),
			campaign.EnrolmentID(r.PostFormValue("enrolment")))
		said = "merchantweb.bid_made"
	case "pay":
		_, err = w.Places.Pay(ctx, place.Pay{Shop: shop, ID: bid, From: settle.Source(r.PostFormValue("from"))})
		said = "merchantweb.bid_paid_done"
	default:
		version, bad := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
		if bad != nil {
			return fault.New(fault.Conflict, "place.changed").Because(bad)
		}
		_, err = w.Places.Retract(ctx, shop, bid, version)
		said = "merchantweb.bid_retracted"
	}
	if page.Own(err) && fault.Of(err) != fault.NotFound {
		return w.showPlaces(rw, r, err)
	}
	if err != nil {
		return err
	}
	page.Flash(rw, "good", said)
	return page.See(rw, r, placesPath)
}
