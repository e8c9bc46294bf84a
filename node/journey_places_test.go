package node_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"hutong/deal/campaign"
	"hutong/deal/place"
	"hutong/goods/offer"
	"hutong/node/demo"
	"hutong/surface/page/browsertest"
	"hutong/trade/order"
)

// TestJourneyPlaces is a place of a Juhuasuan sale in a browser: a shop bids for it with what it enrolled, the operator
// shortlists the bid at a desk of their own, the shop pays the fee from its deposit, and on the day a shopper buys the
// piece at the sale's price.
func TestJourneyPlaces(t *testing.T) {
	if testing.Short() {
		t.Skip("the journeys take long")
	}
	browsertest.Open(t, http.NotFoundHandler(), browsertest.Look{}) // skips where there is no browser, before all else
	l := openLane(t)
	on := l.placesToCome()
	var items []campaign.Enrolment
	for _, look := range saleLooks {
		b := &bidder{planner{operator{Tab: browsertest.At(t, l.base, look), t: t}, l}}
		o := &bidder{planner{operator{Tab: browsertest.At(t, l.base, look), t: t}, l}}
		item := l.wantsPlace(on)
		b.enterAt("/desk", demo.Merchant)
		b.bids(on, item)
		o.enterAt("/operator", demo.Operator)
		o.shortlists(on)
		b.pays(item)
		items = append(items, item)
	}
	if o, err := l.Places.Opening(t.Context(), on.ID); err != nil || o.Taken != int64(len(items)) {
		t.Fatalf("%+v %v", o, err)
	}
	l.clock.Set(items[0].Selling.From.Add(-time.Hour))
	l.work()
	l.clock.Set(items[0].Selling.From.Add(9 * time.Hour))
	l.work()
	for i, look := range saleLooks {
		b := &bargainer{&visitor{Tab: browsertest.At(t, l.base, look), t: t, lane: l}, ""}
		b.buysPiece(items[i])
	}
}

// placesToCome is the opening of the demo's Juhuasuan sale to come that takes bids for anything.
func (l *lane) placesToCome() place.Opening {
	l.t.Helper()
	for _, c := range l.Campaigns.Live().Campaigns {
		all, err := l.Places.Openings(l.t.Context(), c.ID)
		l.ok(err)
		for _, o := range all {
			if o.Category == "" && o.Takes(l.clock.Now()) {
				return o
			}
		}
	}
	l.t.Fatal("no places can be bid for")
	return place.Opening{}
}

// wantsPlace has the demo's merchant enrol something more, which the operator accepts.
func (l *lane) wantsPlace(on place.Opening) campaign.Enrolment {
	l.t.Helper()
	shop := string(l.Shops[0].ID)
	mine, err := l.Campaigns.ByShop(l.t.Context(), shop, "", campaign.PageMax)
	l.ok(err)
	free := func(o offer.Offer) bool {
		for _, e := range mine {
			if e.Product == o.Product {
				return false
			}
		}
		return o.Shop == shop
	}
	for _, o := range l.Offers {
		if !free(o) {
			continue
		}
		e, err := l.Campaigns.Enrol(l.t.Context(), campaign.Enrol{Shop: shop, Campaign: on.Campaign,
			Slot: campaign.Slot{Wave: on.Wave}, Offer: o.ID, Terms: campaign.Terms{Price: o.UnitPrice*6/10 + 1, Quantity: 8,
				PerShopper: 2, Part: campaign.Part{Spot: true}}})
		if l.ok(err); e.State == campaign.Applied {
			e, err = l.Campaigns.Decide(l.t.Context(), campaign.Decide{By: "lgn_op", ID: e.ID, Version: e.Version, Accept: true})
			l.ok(err)
			return e
		}
	}
	l.t.Fatal("the shop has nothing to enrol")
	return campaign.Enrolment{}
}

// bidder is somebody at a desk who has to do with places.
type bidder struct{ planner }

func (b *bidder) enterAt(desk, name string) {
	b.t.Helper()
	b.Go("/login?way=password&next=" + desk)
	b.Fill("input[name=name]", name)
	b.Fill("input[name=password]", demo.Password)
	b.Follow("form[action='/login'] button[type=submit]")
	if b.Path() != desk {
		b.t.Fatalf("the login leads to %s", b.Path())
	}
}

// bids chooses a place and what to bid with.
func (b *bidder) bids(on place.Opening, e campaign.Enrolment) {
	b.t.Helper()
	b.open("places", "/desk/places")
	b.Follow("#openings-table a[href*='" + string(on.ID) + "']")
	b.Wait("#enrolment")
	b.judge("places-bid")
	b.Choose("#enrolment", string(e.ID))
	b.Follow("#bid button[value=bid]")
	b.says(".notice-good")
	b.says("#bids-table button[value=retract]")
}

// shortlists lets the bid that waits for it be paid.
func (b *bidder) shortlists(on place.Opening) {
	b.t.Helper()
	b.open("sale-of-places", "/operator/sales/"+string(on.Campaign))
	b.Follow("#places-table a[href$='" + string(on.ID) + "']")
	b.judge("bids")
	newest := "#bids-table tbody tr:last-child button[value=shortlist]"
	b.Follow(newest)
	if b.says(".notice-good"); b.Has(newest) {
		b.t.Errorf("%s: what was shortlisted still waits", b.Look())
	}
	b.judge("bids-shortlisted")
}

// pays pays the fee from the deposit.
func (b *bidder) pays(e campaign.Enrolment) {
	b.t.Helper()
	b.Go("/desk/places")
	b.Follow("#bids-table a[href*='bid=']")
	b.Wait("#pay input[value=deposit]")
	b.judge("places-pay")
	if !browsertest.Read[bool](b.Tab, `document.querySelector("#pay input[value=deposit]").checked`) {
		b.t.Errorf("%s: what is not enough is chosen to pay from", b.Look())
	}
	b.Follow("#pay button[value=pay]")
	b.says(".notice-good")
	b.judge("places-paid")
	b.open("deposit", "/desk/deposit")
	b.Follow("#moves-table tbody tr:first-child a") // the fee, which leads to its place
	b.judge("place-alone")
	if n := browsertest.Read[int](b.Tab, `document.querySelectorAll("#bids-table tbody tr").length`); n != 1 {
		b.t.Errorf("%s: the fee of a place leads to %d", b.Look(), n)
	}
	all, err := b.lane.Places.ByShop(b.t.Context(), e.Shop, "", 1)
	b.lane.ok(err)
	if len(all) != 1 || all[0].Enrolment != e.ID || all[0].State != place.Paid {
		b.t.Errorf("%s: %+v", b.Look(), all)
	}
}

// buysPiece buys what has a place, from its page on, which names the sale, to the paid order.
func (b *bargainer) buysPiece(e campaign.Enrolment) {
	b.t.Helper()
	b.Go("/sale")
	b.judge("hall-of-places")
	b.Go("/p/" + e.Product + "?sku=" + e.SKU)
	b.says(".price-big .price-why", "聚划算", "Juhuasuan")
	b.judge("place-product")
	b.Follow(".buy .button-main")
	b.address()
	b.place()
	b.pay()
	b.judge("place-paid")
	o, err := b.lane.Orders.Any(b.t.Context(), b.order)
	b.lane.ok(err)
	line := o.Lines()[0]
	item := b.lane.Campaigns.Live().Item(e.ID, b.lane.clock.Now())
	if o.State != order.Paid || line.Paid != e.Price || !strings.HasPrefix(line.Pool, "pol") || line.Pool != string(item.Pool) {
		b.t.Errorf("%s: %s, %d paid of %d, from %s", b.Look(), o.State, line.Paid, e.Price, line.Pool)
	}
}
