package api

import (
	"net/http"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/campaign"
	"hutong/deal/place"
	"hutong/funds/settle"
)

// openingForm is a number of places of a Juhuasuan sale that are sold.
type openingForm struct {
	Opening    string      `json:"opening"`
	Version    int64       `json:"version"`
	Campaign   string      `json:"campaign"`
	Wave       int64       `json:"wave" doc:"counted from 1"`
	Category   string      `json:"category,omitempty" doc:"with everything below it; none: any goods"`
	Places     int64       `json:"places"`
	Left       int64       `json:"left" doc:"that nobody has"`
	Fee        money.Money `json:"fee"`
	Terms      string      `json:"terms" doc:"guarantee (the commission counts against the fee) or fixed"`
	Commission int64       `json:"commission_ppm"`
	PayBy      string      `json:"pay_by" doc:"bids are taken and paid until then, and not at that instant"`
	ShipHours  int64       `json:"ship_hours"`
	State      string      `json:"state" doc:"open or called_off"`
	Takes      bool        `json:"takes_bids"`
	At         string      `json:"at"`
}

// bidForm is a shop's bid for a place, with what it comes to.
type bidForm struct {
	Bid        string      `json:"bid"`
	Version    int64       `json:"version"`
	Opening    string      `json:"opening"`
	Campaign   string      `json:"campaign"`
	Wave       int64       `json:"wave"`
	Enrolment  string      `json:"enrolment"`
	Shop       string      `json:"shop"`
	State      string      `json:"state" doc:"what was decided: shortlisted, paid, forfeited and so on"`
	Stage      string      `json:"stage" doc:"lapsed, live or settling, where time says so; otherwise the state"`
	Note       string      `json:"note,omitempty"`
	Fee        money.Money `json:"fee"`
	PayBy      string      `json:"pay_by"`
	Sold       money.Money `json:"sold" doc:"from the place, net of refunds; 0 until it is settled, as what follows"`
	Commission money.Money `json:"commission" doc:"of what was sold"`
	Charged    money.Money `json:"charged" doc:"of the commission, beside the fee"`
	At         string      `json:"at"`
	PaidAt     string      `json:"paid_at,omitempty"`
	EndedAt    string      `json:"ended_at,omitempty"`
}

type placesBody struct {
	Wave       int64       `json:"wave"`
	Category   string      `json:"category,omitempty" doc:"without it, any goods"`
	Places     int64       `json:"places"`
	Fee        money.Money `json:"fee"`
	Terms      string      `json:"terms" enum:"guarantee,fixed"`
	Commission int64       `json:"commission_ppm"`
	PayBy      string      `json:"pay_by"`
	ShipHours  int64       `json:"ship_hours"`
}

type callOffBody struct {
	Version int64  `json:"version"`
	Why     string `json:"why,omitempty" doc:"the shops read it"`
}

type decideBidBody struct {
	Version   int64  `json:"version"`
	Shortlist bool   `json:"shortlist" doc:"otherwise it is refused"`
	Note      string `json:"note,omitempty" doc:"the shop reads it"`
}

type applyBody struct {
	Enrolment string `json:"enrolment" doc:"one of the shop's, in the opening's wave"`
}

type retractBody struct {
	Version int64 `json:"version"`
}

type payPlaceBody struct {
	From string `json:"from" enum:"owed,deposit"`
}

func openingOf(o place.Opening, now time.Time) openingForm {
	return openingForm{Opening: string(o.ID), Version: o.Version, Campaign: string(o.Campaign), Wave: o.Wave,
		Category: o.Category, Places: o.Places, Left: o.Left(), Fee: money.New(o.Fee, o.Currency), Terms: string(o.Terms),
		Commission: int64(o.Commission), PayBy: at(o.PayBy), ShipHours: o.ShipHours, State: string(o.State),
		Takes: o.Takes(now), At: at(o.Created)}
}

func bidOf(b place.Bid, o place.Opening, now time.Time) bidForm {
	cash := func(minor int64) money.Money { return money.New(minor, o.Currency) }
	return bidForm{Bid: string(b.ID), Version: b.Version, Opening: string(b.Opening), Campaign: string(o.Campaign),
		Wave: o.Wave, Enrolment: string(b.Enrolment), Shop: b.Shop, State: string(b.State), Stage: string(b.Stage(o, now)),
		Note: b.Note, Fee: cash(o.Fee), PayBy: at(o.PayBy), Sold: cash(b.Sold), Commission: cash(b.Commission),
		Charged: cash(b.Charged), At: at(b.AppliedAt), PaidAt: at(b.PaidAt), EndedAt: at(b.EndedAt)}
}

func (a *api) placesNow(c *call) time.Time { return clock.Now(c.ctx, a.Places.Clock) }

// bid is how a bid stands, as a verb or a read gave it.
func (a *api) bid(c *call, b place.Bid, err error) (bidForm, error) {
	if err != nil {
		return bidForm{}, err
	}
	all, err := a.bidForms(c, []place.Bid{b})
	if err != nil {
		return bidForm{}, err
	}
	return all[0], nil
}

func (a *api) bidForms(c *call, all []place.Bid) ([]bidForm, error) {
	forms, of := make([]bidForm, len(all)), map[place.OpeningID]place.Opening{}
	for i, b := range all {
		o, known := of[b.Opening]
		if !known {
			var err error
			if o, err = a.Places.Opening(c.ctx, b.Opening); err != nil {
				return nil, err
			}
			of[o.ID] = o
		}
		forms[i] = bidOf(b, o, a.placesNow(c))
	}
	return forms, nil
}

// listPlaces are the openings of the campaign in the path: at the desk all, for merchants those that take bids now, and
// of published campaigns alone. Codes: campaign.not_found.
func (a *api) listPlaces(c *call, desk bool) (page[openingForm], error) {
	limit, err := c.limit()
	if err != nil {
		return page[openingForm]{}, err
	}
	sale, err := a.Campaigns.Campaign(c.ctx, campaign.ID(c.path("campaign")))
	if err == nil && !desk && sale.State != campaign.Published {
		err = fault.New(fault.NotFound, "campaign.not_found")
	}
	if err != nil {
		return page[openingForm]{}, err
	}
	list := a.Places.TakingAfter
	if desk {
		list = a.Places.OpeningsAfter
	}
	all, err := list(c.ctx, sale.ID, place.OpeningID(c.text("cursor")), limit+1)
	forms := make([]openingForm, len(all))
	for i, o := range all {
		forms[i] = openingOf(o, a.placesNow(c))
	}
	return paged(forms, limit, func(f openingForm) string { return f.Opening }), err
}

// listBids pages bids that list reads after a cursor.
func (a *api) listBids(c *call, list func(after place.BidID, limit int) ([]place.Bid, error)) (page[bidForm], error) {
	limit, err := c.limit()
	if err != nil {
		return page[bidForm]{}, err
	}
	all, err := list(place.BidID(c.text("cursor")), limit+1)
	if err != nil {
		return page[bidForm]{}, err
	}
	forms, err := a.bidForms(c, all)
	return paged(forms, limit, func(f bidForm) string { return f.Bid }), err
}

// publishPlaces offers places. Codes: api.time, api.currency, those of place.Publish.
func (a *api) publishPlaces(c *call, in placesBody) (openingForm, error) {
	by, err := time.Parse(time.RFC3339, in.PayBy)
	if err != nil {
		return openingForm{}, fault.New(fault.Invalid, "api.time").At("pay_by").Because(err)
	}
	if err := a.priced(in.Fee, "fee"); err != nil {
		return openingForm{}, err
	}
	o, err := a.Places.Publish(c.ctx, c.who.Login, place.Offer{Campaign: campaign.ID(c.path("campaign")), Wave: in.Wave,
		Category: in.Category, Places: in.Places, Currency: in.Fee.Currency, Fee: in.Fee.Minor, Terms: place.Terms(in.Terms),
		Commission: money.PPM(in.Commission), PayBy: by, ShipHours: in.ShipHours})
	return openingOf(o, o.Created), err
}

// shopPlaces are how a shop bids for places of a sale and pays for them.
func (a *api) shopPlaces() []op {
	return []op{
		get("merchant.place.list", "/merchant/campaigns/{campaign}/places", "The places of a Juhuasuan sale that can be bid "+
			"for now, oldest first.", merchants, func(c *call) (page[openingForm], error) { return a.listPlaces(c, false) }).
			takes(limitParam, cursorOf("plo")),
		write(http.MethodPost, "merchant.place.bid", "/merchant/places/{opening}/bids", merchants,
			func(c *call, in applyBody) (bidForm, error) {
				b, err := a.Places.Apply(c.ctx, c.who.Shop, place.OpeningID(c.path("opening")),
					campaign.EnrolmentID(in.Enrolment))
				return a.bid(c, b, err)
			}).says("Bid for a place with what the shop enrolled in its wave. It costs nothing yet.").creates(),
		get("merchant.bid.list", "/merchant/bids", "The shop's bids for places, newest first.", merchants,
			func(c *call) (page[bidForm], error) {
				return a.listBids(c, func(before place.BidID, limit int) ([]place.Bid, error) {
					return a.Places.ByShop(c.ctx, c.who.Shop, before, limit)
				})
			}).takes(limitParam, cursorOf("plb")),
		get("merchant.bid", "/merchant/bids/{bid}", "One bid of the shop.", merchants, func(c *call) (bidForm, error) {
			b, err := a.Places.Bid(c.ctx, c.who.Shop, place.BidID(c.path("bid")))
			return a.bid(c, b, err)
		}),
		write(http.MethodPost, "merchant.bid.retract", "/merchant/bids/{bid}/retract", merchants,
			func(c *call, in retractBody) (bidForm, error) {
				b, err := a.Places.Retract(c.ctx, c.who.Shop, place.BidID(c.path("bid")), in.Version)
				return a.bid(c, b, err)
			}).says("Take a bid back before it is paid. A place that is paid for is given up by leaving the sale, and its fee " +
			"with it."),
		write(http.MethodPost, "merchant.bid.pay", "/merchant/bids/{bid}/pay", merchants,
			func(c *call, in payPlaceBody) (bidForm, error) {
				b, err := a.Places.Pay(c.ctx, place.Pay{Shop: c.who.Shop, ID: place.BidID(c.path("bid")),
					From: settle.Source(in.From)})
				return a.bid(c, b, err)
			}).says("Pay the fee of a shortlisted bid, from what the market owes the shop or from its deposit, and have " +
			"the place. Whoever comes too late is refused (`place.sold_out`) and pays nothing; a bid that is paid is answered " +
			"as it is."),
	}
}

// marketPlaces are how the operator sells places of a sale.
func (a *api) marketPlaces() []op {
	const all, one = "/operator/campaigns/{campaign}/places", "/operator/places/{opening}"
	return []op{
		get("operator.place.list", all, "The places of a Juhuasuan sale that were offered, oldest first.", operators,
			func(c *call) (page[openingForm], error) { return a.listPlaces(c, true) }).takes(limitParam, cursorOf("plo")),
		records(write(http.MethodPost, "operator.place.publish", all, operators, a.publishPlaces).
			says("Offer places of a published Juhuasuan sale. What is offered does not change; it can be called off.").
			creates().calls("commission", "commission_ppm"),
			func(o place.Opening) openingForm { return openingOf(o, o.Created) }),
		get("operator.place", one, "One offer of places.", operators, func(c *call) (openingForm, error) {
			o, err := a.Places.Opening(c.ctx, place.OpeningID(c.path("opening")))
			return openingOf(o, a.placesNow(c)), err
		}),
		write(http.MethodPost, "operator.place.call_off", one+"/call-off", operators,
			func(c *call, in callOffBody) (openingForm, error) {
				o, err := a.Places.CallOff(c.ctx, c.who.Login, place.OpeningID(c.path("opening")), in.Version, in.Why)
				return openingOf(o, a.placesNow(c)), err
			}).says("Call an offer of places off: every fee that was paid goes back, and whoever had a place leaves the sale. "+
			"Orders that were placed stand.").calls("note", "why"),
		get("operator.bid.list", one+"/bids", "The bids for places, oldest first.", operators,
			func(c *call) (page[bidForm], error) {
				o, err := a.Places.Opening(c.ctx, place.OpeningID(c.path("opening")))
				if err != nil {
					return page[bidForm]{}, err
				}
				return a.listBids(c, func(after place.BidID, limit int) ([]place.Bid, error) {
					return a.Places.Bids(c.ctx, o.ID, after, limit)
				})
			}).takes(limitParam, cursorOf("plb")),
		write(http.MethodPost, "operator.bid.decide", "/operator/bids/{bid}/decide", operators,
			func(c *call, in decideBidBody) (bidForm, error) {
				b, err := a.Places.Decide(c.ctx, place.Decide{By: c.who.Login, ID: place.BidID(c.path("bid")),
					Version: in.Version, Shortlist: in.Shortlist, Note: in.Note})
				return a.bid(c, b, err)
			}).says("Shortlist a bid, also more bids than there are places, or refuse it. What is shortlisted was accepted " +
			"by the review of enrolments before."),
	}
}
