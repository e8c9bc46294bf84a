package node_test

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/place"
	"hutong/funds/settle"
	"hutong/node"
	"hutong/trade/aftersale"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// sellsPlaces begins a Juhuasuan sale: its places are paid for within two and a half hours, and it sells for a day from
// the third on.
func (m *storm) sellsPlaces() {
	h := func(n time.Duration) time.Time { return start.Add(n * time.Hour) }
	both, paid := text.Entry{Zh: "聚划算", En: "Juhuasuan"}, h(2).Add(30*time.Minute)
	c, err := m.Campaigns.Save(m.ctx, "", 0, campaign.Plan{Title: both, Channel: campaign.Juhuasuan,
		Recruit: campaign.Window{From: h(-1), Until: paid}, Lock: campaign.Window{From: paid, Until: h(50)},
		Waves: []campaign.Wave{{Title: both, Phases: []campaign.Phase{
			{Stage: campaign.Spot, Window: campaign.Window{From: h(3), Until: h(27)}}}}}})
	m.ok(err)
	c, err = m.Campaigns.Publish(m.ctx, c.ID, c.Version)
	m.ok(err)
	m.sale = c.ID
	m.offersPlaces()
	m.offersPlaces()
}

func (m *storm) offersPlaces() {
	_, err := m.Places.Publish(m.ctx, "lgn_o", place.Offer{Campaign: m.sale, Wave: 1, Places: 1 + m.r.Int64N(2), Currency: "CNY",
		Fee: 100 + m.r.Int64N(400), Terms: []place.Terms{place.Guarantee, place.Fixed}[m.r.IntN(2)], Commission: 50_001,
		PayBy: start.Add(150 * time.Minute), ShipHours: 1 + m.r.Int64N(48)})
	m.may("offer places", err)
}

// places is a word about the places of the sale: early many bid, later some leave or are called off.
func (m *storm) places() {
	all, err := m.Places.Openings(m.ctx, m.sale)
	m.ok(err)
	on, _ := anyOf(m, all)
	bids, err := m.Places.Bids(m.ctx, on.ID, "", place.PageMax)
	m.ok(err)
	items, err := m.Campaigns.ByCampaign(m.ctx, m.sale, "", campaign.PageMax)
	m.ok(err)
	b, ok := anyOf(m, bids)
	switch do := m.r.IntN(40); {
	case do < 4:
		m.enrols()
	case do > 5 && do < 11:
		m.reviews(items)
	case do < 18:
		if e, ok := anyOf(m, items); ok {
			_, err = m.Places.Apply(m.ctx, e.Shop, on.ID, e.ID)
			m.may("bid", err)
		}
	case do == 4, do == 5, do == 18:
		m.leaves(items)
	case do == 19 && m.r.IntN(3) == 0:
		_, err = m.Places.CallOff(m.ctx, "lgn_o", on.ID, on.Version, "so")
		m.may("call off places", err)
		m.offersPlaces()
	case !ok:
	case do < 28:
		_, err = m.Places.Decide(m.ctx, place.Decide{By: "lgn_o", ID: b.ID, Version: b.Version, Shortlist: m.r.IntN(6) > 0})
		m.may("decide bid", err)
	case do == 28:
		_, err = m.Places.Retract(m.ctx, b.Shop, b.ID, b.Version)
		m.may("retract", err)
	case do < 36:
		if m.may("pay place", m.paysPlace(m.Market, b, m.source())) && m.r.IntN(6) == 0 {
			e, err := m.Campaigns.Enrolment(m.ctx, b.Shop, b.Enrolment)
			m.ok(err)
			m.leaves([]campaign.Enrolment{e})
		}
	default:
		m.rush(on, bids)
	}
}

func (m *storm) source() settle.Source {
	return []settle.Source{settle.Owed, settle.Deposit}[m.r.IntN(2)]
}

func (m *storm) paysPlace(n *node.Market, b place.Bid, from settle.Source) error {
	_, err := n.Places.Pay(m.ctx, place.Pay{Shop: b.Shop, ID: b.ID, From: from})
	return err
}

// rush has all who are shortlisted pay in the same moment, at all nodes, while the market may call the places off.
func (m *storm) rush(on place.Opening, bids []place.Bid) {
	all := []func() error{}
	for _, n := range m.nodes {
		for _, b := range bids {
			if b.State == place.Shortlisted {
				from := m.source()
				all = append(all, func() error { return m.paysPlace(n, b, from) })
			}
		}
	}
	if len(all) > 0 && m.r.IntN(8) == 0 {
		all = append(all, func() error {
			_, err := m.Places.CallOff(m.ctx, "lgn_o", on.ID, on.Version, "so")
			return err
		})
	}
	errs := make([]error, len(all))
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() { errs[i] = all[i]() })
	}
	wg.Wait()
	for _, err := range errs {
		m.may("rush", err)
	}
}

// enrols has a shop enrol goods that are in no other sale.
func (m *storm) enrols() {
	o := m.offers[4+m.r.IntN(4)]
	_, err := m.Campaigns.Enrol(m.ctx, campaign.Enrol{Shop: o.Shop, Campaign: m.sale, Slot: campaign.Slot{Wave: 1}, Offer: o.ID,
		Terms: campaign.Terms{Price: max(200, o.UnitPrice/2), Quantity: 20, Part: campaign.Part{Spot: true}}})
	m.may("enrol", err)
}

func (m *storm) reviews(items []campaign.Enrolment) {
	items = slices.DeleteFunc(slices.Clone(items), func(e campaign.Enrolment) bool { return e.State != campaign.Applied })
	if e, ok := anyOf(m, items); ok {
		_, err := m.Campaigns.Decide(m.ctx, campaign.Decide{By: "lgn_o", ID: e.ID, Version: e.Version, Accept: m.r.IntN(6) > 0})
		m.may("review", err)
	}
}

// leaves has goods leave the sale by the shop's word or the market's, or ask for another price.
func (m *storm) leaves(items []campaign.Enrolment) {
	items = slices.DeleteFunc(slices.Clone(items), func(e campaign.Enrolment) bool { return !e.State.Open() })
	e, ok := anyOf(m, items)
	if !ok {
		return
	}
	var err error
	switch m.r.IntN(6) {
	case 0, 1:
		_, err = m.Campaigns.Withdraw(m.ctx, e.Shop, e.ID, e.Version)
	case 2, 3:
		_, err = m.Campaigns.Remove(m.ctx, campaign.Remove{By: "lgn_o", ID: e.ID, Version: e.Version, Why: "so"})
	default:
		_, err = m.Campaigns.Change(m.ctx, campaign.Change{Shop: e.Shop, ID: e.ID, Version: e.Version, Price: e.Price - 1,
			Quantity: e.Quantity})
	}
	m.may("leave the sale", err)
}

// buysThere has shoppers order what has a place, while it sells.
func (m *storm) buysThere() {
	for _, o := range m.offers[4:] {
		if item := m.Campaigns.Live().Of(string(o.SKU), m.clock.Now()); item != nil {
			m.buy("from a place", m.someone(), checkout.Basket{Lines: []checkout.BasketLine{{Offer: string(o.ID), Quantity: 2}}})
			m.pays()
		}
	}
}

// settled counts what came of places.
func (m *storm) settled() {
	all, err := m.Places.Openings(m.ctx, m.sale)
	m.ok(err)
	for _, o := range all {
		bids, err := m.Places.Bids(m.ctx, o.ID, "", place.PageMax)
		m.ok(err)
		for _, b := range bids {
			m.did["a place "+string(b.State)]++
			if b.Sold > 0 {
				m.did["a place that sold"]++
			}
			if b.State == place.Returned && !b.PaidAt.IsZero() {
				m.did["a fee that went back"]++
			}
		}
	}
}

// sendsAll has shops send what they sold, or give it back, so that all of it ends.
func (m *storm) sendsAll() {
	for _, id := range m.orders {
		o, err := m.Orders.Any(m.ctx, id)
		m.ok(err)
		for _, sub := range o.Subs {
			if o.PaidAt.IsZero() || sub.State != order.SubOpen {
				continue
			}
			_, err := m.Ship.Dispatch(m.ctx, ship.Dispatch{Shop: sub.Shop, Order: o.ID, Seq: sub.Seq})
			if m.may("ship", err) || m.may("end taken", m.Aftersale.EndTaken(m.ctx, o.ID)) {
				continue
			}
			_, err = m.Aftersale.Refund(m.ctx, aftersale.Refund{By: aftersale.Party{Shop: sub.Shop}, Order: o.ID, Seq: sub.Seq,
				Reason: aftersale.OutOfStock, Key: fmt.Sprint("last", o.ID, sub.Seq)})
			m.may("refund", err)
		}
	}
}
