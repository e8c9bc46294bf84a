package place_test

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"hutong/deal/campaign"
	"hutong/deal/place"
	"hutong/goods/stock"
)

// model is the plainest market of places: lists, and what each word does to them. Days are counted as in juhuasuan():
// enrolled in before the lock on day 6, sold from day 10 to day 12.
type model struct {
	begin, now time.Time
	off        bool // the sale was called off
	busy       bool // orders are under way
	openings   map[place.OpeningID]opening
	bids       map[place.BidID]bid
	items      map[campaign.EnrolmentID]item
	shops      map[string]shop
	fees       int64
}

type opening struct {
	places, fee, ppm int64
	fixed, tea, off  bool // tea: only shops that begin with shp_a
	payBy            time.Time
}

type bid struct {
	on      place.OpeningID
	item    campaign.EnrolmentID
	state   string
	deposit bool    // paid from it
	charges []int64 // that were taken for it, and given back
}

type item struct {
	shop, state string
	held        bool // its pieces lie in a pool of its own
	pool        stock.PoolID
	bases       []int64 // of the lines that it sold
}

type shop struct{ owed, deposit, stock int64 }

func (m *model) day(n int) time.Time { return m.begin.AddDate(0, 0, n) }

func (m *model) clone() *model {
	c := *m
	c.openings, c.bids, c.items, c.shops = maps.Clone(m.openings), maps.Clone(m.bids), maps.Clone(m.items), maps.Clone(m.shops)
	return &c
}

func open(state string) bool { return state == "applied" || state == "accepted" || state == "locked" }

// bidsOn are the bids of an item, or of an opening, on which somebody still acts.
func (m *model) acting(which func(bid) bool) (all []place.BidID) {
	for id, b := range m.bids {
		if which(b) && slices.Contains([]string{"applied", "shortlisted", "paid"}, b.state) {
			all = append(all, id)
		}
	}
	return all
}

func (m *model) late(o opening) string {
	switch {
	case o.off:
		return "place.called_off"
	case !m.now.Before(o.payBy):
		return "place.over"
	}
	return ""
}

// taken are the places of an opening that somebody has, or had and threw away.
func (m *model) taken(id place.OpeningID) (n int64) {
	for _, b := range m.bids {
		if b.on == id && slices.Contains([]string{"paid", "settled", "forfeited"}, b.state) {
			n++
		}
	}
	return n
}

func (m *model) apply(who string, on place.OpeningID, with campaign.EnrolmentID) string {
	o, e := m.openings[on], m.items[with]
	switch {
	case e.shop != who:
		return "enrolment.not_found"
	case m.late(o) != "":
		return m.late(o)
	case e.state != "applied" && e.state != "accepted":
		return "place.enrolment"
	case o.tea && !strings.HasPrefix(e.shop, "shp_a"):
		return "place.other_category"
	}
	for _, b := range m.bids {
		if b.item == with && slices.Contains([]string{"applied", "shortlisted", "paid", "settled"}, b.state) {
			return "place.bid_open"
		}
	}
	return ""
}

func (m *model) decide(id place.BidID, shortlist bool) string {
	b := m.bids[id]
	switch {
	case b.state != "applied" && (shortlist || b.state != "shortlisted"):
		return "place.state"
	case !shortlist:
		b.state = "refused"
	case m.late(m.openings[b.on]) != "":
		return m.late(m.openings[b.on])
	case m.items[b.item].state != "accepted":
		return "place.unreviewed"
	default:
		b.state = "shortlisted"
	}
	m.bids[id] = b
	return ""
}

func (m *model) retract(id place.BidID) string {
	b := m.bids[id]
	switch b.state {
	case "paid":
		return "place.paid"
	case "applied", "shortlisted":
		b.state = "withdrawn"
		m.bids[id] = b
		return ""
	}
	return "place.state"
}

func (m *model) pay(id place.BidID, deposit bool) string {
	b := m.bids[id]
	o, e := m.openings[b.on], m.items[b.item]
	s := m.shops[e.shop]
	from, short := &s.owed, "settle.short"
	if deposit {
		from, short = &s.deposit, "deposit.short"
	}
	switch {
	case b.state == "paid":
		return ""
	case b.state != "shortlisted":
		return "place.state"
	case m.late(o) != "":
		return m.late(o)
	case e.state != "accepted":
		return "place.unreviewed"
	case m.taken(b.on) == o.places:
		return "place.sold_out"
	case *from < o.fee:
		return short
	}
	*from -= o.fee
	b.state, b.deposit, b.charges = "paid", deposit, []int64{o.fee}
	m.fees, m.bids[id], m.shops[e.shop] = m.fees+o.fee, b, s
	return ""
}

// ends closes an item, and with it its bid: by the market's word all goes back.
func (m *model) ends(id campaign.EnrolmentID, state string, byMarket bool) {
	e := m.items[id]
	was := e.state
	e.state = state
	m.items[id] = e
	if was == "locked" && state == "ended" {
		return // its place is settled
	}
	for _, with := range m.acting(func(b bid) bool { return b.item == id }) {
		b := m.bids[with]
		switch {
		case byMarket:
			m.gives(with)
			continue
		case b.state == "paid":
			b.state = "forfeited"
		default:
			b.state = "withdrawn"
		}
		m.bids[with] = b
	}
}

// gives ends a bid by the market's word.
func (m *model) gives(id place.BidID) {
	b := m.bids[id]
	if b.state == "paid" {
		fee, who := m.openings[b.on].fee, m.items[b.item].shop
		s := m.shops[who]
		if b.deposit {
			s.deposit += fee
		} else {
			s.owed += fee
		}
		b.charges = append(slices.Clone(b.charges), -fee)
		m.fees, m.shops[who] = m.fees-fee, s
	}
	b.state = "called_off"
	m.bids[id] = b
}

func (m *model) leave(id campaign.EnrolmentID) string {
	e := m.items[id]
	switch {
	case !open(e.state):
		return "enrolment.too_late"
	case e.state == "locked" && !m.now.Before(m.day(10)):
		return "enrolment.running"
	}
	m.ends(id, "withdrawn", false)
	return ""
}

func (m *model) remove(id campaign.EnrolmentID) string {
	if !open(m.items[id].state) {
		return "enrolment.too_late"
	}
	m.ends(id, "withdrawn", true)
	return ""
}

func (m *model) callOff(id place.OpeningID) string {
	o := m.openings[id]
	if o.off {
		return "place.called_off"
	}
	o.off = true
	m.openings[id] = o
	for _, with := range m.acting(func(b bid) bool { return b.on == id }) {
		if b := m.bids[with]; b.state != "paid" {
			m.gives(with)
		} else if open(m.items[b.item].state) {
			m.remove(b.item)
		}
	}
	return ""
}

func (m *model) cancel() string {
	m.off = true
	for id, e := range m.items {
		if open(e.state) {
			m.remove(id)
		}
	}
	return ""
}

func (m *model) review(id campaign.EnrolmentID, accept bool) string {
	e := m.items[id]
	switch {
	case e.state != "applied":
		return "enrolment.decided"
	case !accept:
		m.ends(id, "refused", true)
		return ""
	case !m.now.Before(m.day(12)):
		return "enrolment.too_late"
	case m.shops[e.shop].stock < pledged:
		return "enrolment.stock"
	}
	e.state = "accepted"
	m.items[id] = e
	return ""
}

// change is a lower price: what was accepted before the lock is reviewed anew.
func (m *model) change(id campaign.EnrolmentID) string {
	e := m.items[id]
	switch {
	case !open(e.state) || !m.now.Before(m.day(12)):
		return "enrolment.too_late"
	case e.state == "locked":
		return ""
	case m.shops[e.shop].stock < pledged:
		return "enrolment.stock"
	}
	if m.now.Before(m.day(6)) {
		e.state = "applied"
	}
	m.items[id] = e
	return ""
}

// pledged are the pieces of every item.
const pledged = 10

// passes is what time does: the lock, the end, what lies in pools goes back, and places are settled.
func (m *model) passes() {
	for id, e := range m.items {
		s := m.shops[e.shop]
		switch {
		case e.state != "accepted" || m.now.Before(m.day(6)):
		case !m.now.Before(m.day(12)):
			m.ends(id, "ended", false)
		case len(m.acting(func(b bid) bool { return b.item == id && b.state == "paid" })) == 0:
			m.ends(id, "ended", true)
		case s.stock >= pledged:
			s.stock -= pledged
			e.state, e.held = "locked", true
			m.items[id], m.shops[e.shop] = e, s
		}
	}
	for id, e := range m.items {
		if open(e.state) && !m.now.Before(m.day(12)) {
			m.ends(id, "ended", e.state == "applied")
		}
		if e = m.items[id]; e.held && !open(e.state) {
			s := m.shops[e.shop]
			s.stock += pledged
			e.held = false
			m.items[id], m.shops[e.shop] = e, s
		}
	}
	for id, b := range m.bids {
		if b.state == "paid" && !m.now.Before(m.day(12)) && !open(m.items[b.item].state) && !m.busy {
			m.settles(id, b)
		}
	}
}

func (m *model) settles(id place.BidID, b bid) {
	o, e := m.openings[b.on], m.items[b.item]
	due := int64(0)
	for _, base := range e.bases {
		due += (base*o.ppm + 500_000) / 1_000_000
	}
	if !o.fixed {
		due = max(0, due-o.fee)
	}
	if b.state = "settled"; due > 0 {
		s := m.shops[e.shop]
		s.owed -= due
		b.charges = append(slices.Clone(b.charges), due)
		m.fees, m.shops[e.shop] = m.fees+due, s
	}
	m.bids[id] = b
}

// sorted are the keys of a map, so that a run can be drawn again.
func sorted[K cmp.Ordered, V any](all map[K]V) []K { return slices.Sorted(maps.Keys(all)) }
