package place_test

import (
	"errors"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/deal/campaign"
	"hutong/deal/place"
	"hutong/funds/settle"
	"hutong/goods/offer"
	"hutong/goods/stock"
)

// codeOf is what a refusal says; a broken market says so whole.
func codeOf(err error) string {
	var f *fault.Error
	switch {
	case err == nil:
		return ""
	case !errors.As(err, &f):
		return err.Error()
	}
	return f.Code
}

// lists has a shop offer 100 pieces of its goods.
func (w *world) lists(who string) offer.ID {
	var all []offer.Offer
	w.ok(w.db.Write(w.t.Context(), func(tx *db.Tx) error {
		pools, err := w.stock.Receive(tx, w.now, []stock.Receipt{{Shop: who, SKU: "sku_" + who, Quantity: 100, Ref: "t"}})
		if err != nil {
			return err
		}
		all, _, err = w.till.offers.List(tx, w.now, []offer.Listing{{Shop: who, Product: "prd_" + who, SKU: "sku_" + who,
			Pool: pools[0], Currency: "CNY", UnitPrice: 10_000}})
		return err
	}))
	return all[0].ID
}

// opens offers places.
func (w *world) opens() word {
	o := place.Offer{Campaign: w.sale.ID, Wave: 1, Places: w.number(1, 2), Currency: "CNY", Fee: w.number(1, 300),
		Terms: place.Fixed, Commission: 70_001, PayBy: w.day(int(w.number(3, 6))), ShipHours: 24}
	if w.number(0, 1) == 1 {
		o.Terms = place.Guarantee
	}
	if w.number(0, 3) == 1 {
		o.Category = "aa-1"
	}
	var made place.Opening
	return word{name: "opens", do: func() (err error) { made, err = w.Publish(w.t.Context(), "lgn_op", o); return err },
		model: func(m *model) string {
			switch {
			case m.off:
				return "place.channel"
			case !m.now.Before(o.PayBy):
				return "place.pay_by"
			}
			m.openings[made.ID] = opening{places: o.Places, fee: o.Fee, ppm: 70_001, fixed: o.Terms == place.Fixed,
				tea: o.Category != "", payBy: o.PayBy}
			return ""
		}}
}

// pays has money come to a shop: some is owed to it, some is its deposit.
func (w *world) pays(who string) word {
	w.bank++
	owed, deposit := w.number(1, 400), w.number(1, 400)
	return word{name: "has money", alone: true, do: func() error { w.owe(who, owed); w.till.leave(who, deposit); return nil }, model: func(m *model) string {
		s := m.shops[who]
		s.owed, s.deposit = s.owed+owed, s.deposit+deposit
		m.shops[who] = s
		return ""
	}}
}

func (w *world) enrols(who string) word {
	var made campaign.Enrolment
	return word{name: "enrols", alone: true, do: func() (err error) {
		made, err = w.campaigns.Enrol(w.t.Context(), campaign.Enrol{Shop: who, Campaign: w.sale.ID, Slot: campaign.Slot{Wave: 1},
			Offer: w.offers[who], Terms: campaign.Terms{Price: 8_000, Quantity: pledged, Part: campaign.Part{Spot: true}}})
		return err
	}, model: func(m *model) string {
		if m.off || !m.now.Before(m.day(6)) {
			return "enrolment.not_recruiting"
		}
		e := item{shop: who, state: "applied"}
		if m.shops[who].stock < pledged {
			e.state = "refused"
		}
		m.items[made.ID] = e
		return ""
	}}
}

func (w *world) enrolment(id campaign.EnrolmentID) campaign.Enrolment {
	e, err := w.campaigns.Enrolment(w.t.Context(), "", id)
	w.ok(err)
	return e
}

func (w *world) reviews(id campaign.EnrolmentID, accept bool) word {
	cmd := campaign.Decide{By: "lgn_op", ID: id, Version: w.enrolment(id).Version, Accept: accept}
	return word{name: "reviews", do: func() error { _, err := w.campaigns.Decide(w.t.Context(), cmd); return err },
		model: func(m *model) string { return m.review(id, accept) }}
}

func (w *world) changes(id campaign.EnrolmentID) word {
	e := w.enrolment(id)
	cmd := campaign.Change{Shop: e.Shop, ID: id, Version: e.Version, Price: e.Price - 1, Quantity: e.Quantity}
	return word{name: "changes", do: func() error { _, err := w.campaigns.Change(w.t.Context(), cmd); return err },
		model: func(m *model) string { return m.change(id) }}
}

func (w *world) leaves(id campaign.EnrolmentID) word {
	e := w.enrolment(id)
	return word{name: "leaves", do: func() error { _, err := w.campaigns.Withdraw(w.t.Context(), e.Shop, id, e.Version); return err },
		model: func(m *model) string { return m.leave(id) }}
}

func (w *world) removes(id campaign.EnrolmentID) word {
	cmd := campaign.Remove{By: "lgn_op", ID: id, Version: w.enrolment(id).Version, Why: "so"}
	return word{name: "removes", do: func() error { _, err := w.campaigns.Remove(w.t.Context(), cmd); return err },
		model: func(m *model) string { return m.remove(id) }}
}

// bidsFor bids for a place with an item; mostly it is that shop's.
func (w *world) bidsFor(who string, with campaign.EnrolmentID) word {
	on := anyOf(w, sorted(w.openings))
	var made place.Bid
	return word{name: "bids", do: func() (err error) { made, err = w.Apply(w.t.Context(), who, on, with); return err },
		model: func(m *model) string {
			code := m.apply(who, on, with)
			if code == "" {
				m.bids[made.ID] = bid{on: on, item: with, state: "applied"}
			}
			return code
		}}
}

func (w *world) decides(id place.BidID, shortlist bool) word {
	cmd := place.Decide{By: "lgn_op", ID: id, Version: w.bid(id).Version, Shortlist: shortlist}
	return word{name: "decides", do: func() error { _, err := w.Decide(w.t.Context(), cmd); return err },
		model: func(m *model) string { return m.decide(id, shortlist) }}
}

func (w *world) retracts(id place.BidID) word {
	b := w.bid(id)
	return word{name: "retracts", do: func() error { _, err := w.Retract(w.t.Context(), b.Shop, id, b.Version); return err },
		model: func(m *model) string { return m.retract(id) }}
}

// buys pays for a place, always from the same source: of two that pay at once one cannot tell who was first.
func (w *world) buys(id place.BidID) word {
	cmd := place.Pay{Shop: w.bid(id).Shop, ID: id, From: settle.Owed}
	if id[len(id)-1]%2 == 0 {
		cmd.From = settle.Deposit
	}
	return word{name: "buys", do: func() error { _, err := w.Pay(w.t.Context(), cmd); return err },
		model: func(m *model) string { return m.pay(id, cmd.From == settle.Deposit) }}
}

func (w *world) callsOff(id place.OpeningID) word {
	o, err := w.Opening(w.t.Context(), id)
	w.ok(err)
	return word{name: "calls off", do: func() error { _, err := w.CallOff(w.t.Context(), "lgn_op", id, o.Version, "so"); return err },
		model: func(m *model) string { return m.callOff(id) }}
}

func (w *world) cancels() word {
	c, err := w.campaigns.Campaign(w.t.Context(), w.sale.ID)
	w.ok(err)
	return word{name: "cancels", do: func() error { _, err := w.campaigns.Cancel(w.t.Context(), c.ID, c.Version); return err },
		model: func(m *model) string { return m.cancel() }}
}

// loses has a shop lose its pieces, or find them again.
func (w *world) loses(who string) word {
	left := w.number(0, 1) * 100
	return word{name: "has pieces", do: func() error { return w.stock.SetStock(w.t.Context(), who, "sku_"+who, left) },
		model: func(m *model) string {
			s := m.shops[who]
			s.stock = left
			m.shops[who] = s
			return ""
		}}
}
