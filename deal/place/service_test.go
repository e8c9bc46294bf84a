package place_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/place"
	"hutong/deal/reference"
	"hutong/funds/deposit"
	"hutong/funds/ledger"
	"hutong/funds/settle"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/party/approval"
	"hutong/party/audit"
)

var start = time.Date(2026, 11, 1, 0, 0, 0, 0, campaign.Shanghai).UTC()

func day(n int) time.Time { return start.AddDate(0, 0, n) }

// juhuasuan is a plan of one wave: enrolment days 0-6, lock on day 6, sold on days 10-12.
func juhuasuan() campaign.Plan {
	both := text.Entry{Zh: "聚划算", En: "Juhuasuan"}
	return campaign.Plan{Title: both, Channel: campaign.Juhuasuan, Recruit: campaign.Window{From: day(0), Until: day(6)},
		Lock: campaign.Window{From: day(6), Until: day(20)}, Waves: []campaign.Wave{{Title: both,
			Phases: []campaign.Phase{{Stage: campaign.Spot, Window: campaign.Window{From: day(10), Until: day(12)}}}}}}
}

// noDeals are the deals of a market that never sold anything.
type noDeals struct{}

func (noDeals) Lowest(*db.Tx, string, time.Time, time.Time) (d reference.Deal, _ bool, _ error) {
	return d, false, nil
}

func (noDeals) LowestAlone(*db.Tx, string, time.Time, time.Time, bool) (d reference.Deal, _ bool, _ error) {
	return d, false, nil
}

func (noDeals) Last(*db.Tx, string, time.Time) (d reference.Deal, _ bool, _ error) {
	return d, false, nil
}

// sold answers for trade.
type sold struct {
	lines []place.Line
	open  bool
	of    func(stock.PoolID) ([]place.Line, bool) // instead of both
}

func (s *sold) Sold(_ *db.Tx, w place.Wanted) ([]place.Line, bool, error) {
	if s.of != nil {
		lines, open := s.of(w.Pool)
		return lines, open, nil
	}
	return s.lines, s.open, nil
}

// till is a market with a published sale in which shops bid for places.
type till struct {
	*place.Service
	t         *testing.T
	db        *db.DB
	clock     *clock.Manual
	stock     *stock.Service
	offers    *offer.Service
	campaigns *campaign.Service
	settle    *settle.Service
	deposits  *deposit.Service
	sold      *sold
	sale      campaign.Campaign
	bank      int
}

func eachTill(t *testing.T, test func(t *testing.T, m *till)) {
	schemas := []db.Schema{event.Schema, audit.Schema, approval.Schema, ledger.Schema, settle.Schema, deposit.Schema,
		stock.Schema, offer.Schema, reference.Schema, campaign.Schema, place.Schema}
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) { test(t, newTill(t, d)) })
}

// numbered makes ids that sort as they were made, so that what was drawn by them is drawn again.
type numbered struct{}

var made atomic.Int64

func (numbered) New(prefix string) string { return fmt.Sprintf("%s_%09d", prefix, made.Add(1)) }

func newTill(t *testing.T, d *db.DB) *till {
	c := clock.NewManual(start)
	ids := numbered{}
	m := &till{t: t, db: d, clock: c, stock: stock.New(d, c, ids), offers: offer.New(d, c, ids), sold: &sold{},
		deposits: deposit.New(d, c, ids)}
	var err error
	m.settle, err = settle.New(t.Context(), d, c, ids, settle.Defaults())
	m.ok(err)
	ref := reference.New(reference.Deps{DB: d, Clock: c, IDs: ids, Deals: noDeals{}})
	category := func(_ *db.Tx, product string) (string, error) {
		return map[bool]string{true: "aa-1-1", false: "aa-2"}[strings.HasPrefix(product, "prd_shp_a")], nil
	}
	m.campaigns = campaign.New(campaign.Deps{DB: d, Clock: c, IDs: ids, Stock: m.stock, Reference: ref, Category: category})
	ref.Plug(reference.Offers{}, m.campaigns)
	m.Service = place.New(place.Deps{DB: d, Clock: c, IDs: ids, Campaigns: m.campaigns, Category: category, Sales: m.sold})
	m.sale = m.published()
	return m
}

func (m *till) published() campaign.Campaign {
	m.t.Helper()
	c, err := m.campaigns.Save(m.t.Context(), "", 0, juhuasuan())
	m.ok(err)
	c, err = m.campaigns.Publish(m.t.Context(), c.ID, c.Version)
	m.ok(err)
	return c
}

func (m *till) ok(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *till) refused(err error, code string) {
	m.t.Helper()
	if !fault.Is(err, code) {
		m.t.Fatalf("want %s, got %v", code, err)
	}
}

// opening is T3.2's: some places, fee 2,500.00 as a guarantee of 5 %.
func (m *till) opening(places int64, change ...func(*place.Offer)) place.Opening {
	m.t.Helper()
	o := place.Offer{Campaign: m.sale.ID, Wave: 1, Places: places, Currency: "CNY", Fee: 250_000, Terms: place.Guarantee,
		Commission: 50_000, PayBy: day(5), ShipHours: 24}
	for _, f := range change {
		f(&o)
	}
	made, err := m.Publish(m.t.Context(), "lgn_op", o)
	m.ok(err)
	return made
}

// enrolled is an accepted enrolment of a shop.
func (m *till) enrolled(shop string) campaign.Enrolment {
	m.t.Helper()
	var all []offer.Offer
	m.ok(m.db.Write(m.t.Context(), func(tx *db.Tx) error {
		pools, err := m.stock.Receive(tx, m.clock.Now(), []stock.Receipt{{Shop: shop, SKU: "sku_" + shop, Quantity: 100, Ref: "t"}})
		if err != nil {
			return err
		}
		all, _, err = m.offers.List(tx, m.clock.Now(), []offer.Listing{{Shop: shop, Product: "prd_" + shop, SKU: "sku_" + shop,
			Pool: pools[0], Currency: "CNY", UnitPrice: 10_000}})
		return err
	}))
	e, err := m.campaigns.Enrol(m.t.Context(), campaign.Enrol{Shop: shop, Campaign: m.sale.ID, Slot: campaign.Slot{Wave: 1},
		Offer: all[0].ID, Terms: campaign.Terms{Price: 8_000, Quantity: 10, Part: campaign.Part{Spot: true}}})
	m.ok(err)
	e, err = m.campaigns.Decide(m.t.Context(), campaign.Decide{By: "lgn_op", ID: e.ID, Version: e.Version, Accept: true})
	m.ok(err)
	return e
}

// shortlisted is a shop's bid that may be paid.
func (m *till) shortlisted(o place.Opening, shop string) place.Bid {
	m.t.Helper()
	b, err := m.Apply(m.t.Context(), shop, o.ID, m.enrolled(shop).ID)
	m.ok(err)
	b, err = m.Decide(m.t.Context(), place.Decide{By: "lgn_op", ID: b.ID, Version: b.Version, Shortlist: true})
	m.ok(err)
	return b
}

// owe has the market owe a shop money.
func (m *till) owe(shop string, amount int64) {
	m.t.Helper()
	m.bank++
	order := fmt.Sprint("ord_", shop, m.bank)
	m.ok(m.db.Write(m.t.Context(), func(tx *db.Tx) error {
		return ledger.Post(tx, m.clock.Now(), []ledger.Transfer{
			{Debit: ledger.Wallet("w"), Credit: ledger.Escrow, Amount: amount, Currency: "CNY", Kind: ledger.Capture, Order: order},
			{Debit: ledger.Escrow, Credit: ledger.Merchant(shop), Amount: amount, Currency: "CNY", Kind: ledger.Goods, Order: order,
				Shop: shop}})
	}))
}

// leave has a shop leave a deposit.
func (m *till) leave(shop string, amount int64) {
	m.t.Helper()
	m.bank++
	m.ok(m.deposits.PayIn(m.t.Context(), deposit.Move{Shop: shop, Currency: "CNY", Amount: amount,
		Ref: fmt.Sprint("bank-", m.bank), By: "lgn_op"}))
}

func (m *till) pay(b place.Bid) (place.Bid, error) {
	return m.Pay(m.t.Context(), place.Pay{Shop: b.Shop, ID: b.ID, From: settle.Owed})
}

func (m *till) balance(a ledger.Account) (n int64) {
	m.t.Helper()
	m.ok(m.db.Read(m.t.Context(), func(tx *db.Tx) (err error) { n, err = ledger.Balance(tx, a, "CNY"); return err }))
	return n
}

func (m *till) bid(id place.BidID) place.Bid {
	m.t.Helper()
	b, err := m.Bid(m.t.Context(), "", id)
	m.ok(err)
	return b
}

func (m *till) taken(o place.Opening, want int64) {
	m.t.Helper()
	now, err := m.Opening(m.t.Context(), o.ID)
	if m.ok(err); now.Taken != want {
		m.t.Errorf("%d places are taken, want %d", now.Taken, want)
	}
}

func (m *till) run(job func(context.Context) (int, error)) {
	m.t.Helper()
	for n := 0; ; n++ {
		done, err := job(m.t.Context())
		m.ok(err)
		if done == 0 || n > 20 {
			return
		}
	}
}

// TestT3_2_OnePlaceManyPayOneHasIt: shops pay at once for one place, from what they are owed and from their
// deposits. One has it; from the others nothing is taken, and the books hold one fee.
func TestT3_2_OnePlaceManyPayOneHasIt(t *testing.T) {
	const shops = 16
	eachTill(t, func(t *testing.T, m *till) {
		o := m.opening(1)
		bids := make([]place.Bid, shops)
		for i := range bids {
			shop := fmt.Sprintf("shp_%02d", i)
			m.owe(shop, 300_000)
			m.leave(shop, 300_000)
			bids[i] = m.shortlisted(o, shop)
		}
		won := make([]bool, shops)
		var wg sync.WaitGroup
		for i, b := range bids {
			wg.Go(func() {
				from := []settle.Source{settle.Owed, settle.Deposit}[i%2]
				_, err := m.Pay(t.Context(), place.Pay{Shop: b.Shop, ID: b.ID, From: from})
				if won[i] = err == nil; !won[i] && !fault.Is(err, "place.sold_out") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		winners := 0
		for i, b := range bids {
			rest := m.balance(ledger.Merchant(b.Shop)) + m.balance(ledger.Deposit(b.Shop))
			now := m.bid(b.ID)
			if won[i] {
				winners++
				if rest != 350_000 || now.State != place.Paid {
					t.Errorf("the winner has %d, %s", rest, now.State)
				}
			} else if rest != 600_000 || now.State != place.Shortlisted {
				t.Errorf("a loser has %d, %s", rest, now.State)
			}
		}
		if m.taken(o, 1); winners != 1 || m.balance(ledger.Fees) != 250_000 {
			t.Errorf("%d winners, the market has %d", winners, m.balance(ledger.Fees))
		}
		m.clock.Set(day(6))
		m.run(m.campaigns.Lock)
		for i, b := range bids {
			e, err := m.campaigns.Enrolment(t.Context(), "", b.Enrolment)
			if m.ok(err); won[i] != (e.State == campaign.Pledged) {
				t.Errorf("won %v, and is %s", won[i], e.State)
			} else if !won[i] && (e.State != campaign.Ended || e.Reasons[0].Code != "enrolment.no_place") {
				t.Errorf("%s %v", e.State, e.Reasons)
			}
		}
	})
}

// TestAPlaceIsPaidOnceAndInTime: the way of a bid, with what is refused on it.
func TestAPlaceIsPaidOnceAndInTime(t *testing.T) {
	eachTill(t, func(t *testing.T, m *till) {
		o := m.opening(2, func(o *place.Offer) { o.Category = "aa-1" })
		e := m.enrolled("shp_a")
		_, err := m.Apply(t.Context(), "shp_b", o.ID, e.ID)
		m.refused(err, "enrolment.not_found")
		_, err = m.Apply(t.Context(), "shp_b", o.ID, m.enrolled("shp_b").ID)
		m.refused(err, "place.other_category")
		_, err = m.Apply(t.Context(), "shp_a", "plo_x", e.ID)
		m.refused(err, "place.not_found")
		b, err := m.Apply(t.Context(), "shp_a", o.ID, e.ID)
		m.ok(err)
		_, err = m.Apply(t.Context(), "shp_a", m.opening(1).ID, e.ID)
		m.refused(err, "place.bid_open")
		_, err = m.pay(b)
		m.refused(err, "place.state")
		_, err = m.Decide(t.Context(), place.Decide{By: "lgn_op", ID: b.ID, Version: b.Version + 1, Shortlist: true})
		m.refused(err, "place.changed")
		b, err = m.Decide(t.Context(), place.Decide{By: "lgn_op", ID: b.ID, Version: b.Version, Shortlist: true})
		m.ok(err)
		_, err = m.pay(b)
		m.refused(err, "settle.short")
		m.owe("shp_a", 249_999)
		_, err = m.pay(b)
		m.refused(err, "settle.short")
		m.leave("shp_a", 250_000)
		_, err = m.deposits.Freeze(t.Context(), deposit.Freeze{By: "lgn_op", Shop: "shp_a", Currency: "CNY", Amount: 1, Why: "open"})
		m.ok(err)
		from := place.Pay{Shop: "shp_a", ID: b.ID, From: settle.Deposit}
		_, err = m.Pay(t.Context(), from)
		m.refused(err, "deposit.short")
		m.taken(o, 0)
		m.leave("shp_a", 1)
		_, err = m.Pay(t.Context(), place.Pay{Shop: "shp_b", ID: b.ID, From: settle.Deposit})
		m.refused(err, "place.no_bid")
		_, err = m.Pay(t.Context(), place.Pay{Shop: "shp_a", ID: b.ID})
		m.refused(err, "place.source")
		m.clock.Set(day(5).Add(-time.Microsecond))
		for range 2 {
			b, err = m.Pay(t.Context(), from)
			if m.ok(err); b.State != place.Paid {
				t.Fatal(b)
			}
		}
		m.taken(o, 1)
		if m.balance(ledger.Fees) != 250_000 || m.balance(ledger.Deposit("shp_a")) != 1 || m.balance(ledger.Merchant("shp_a")) != 249_999 {
			t.Error("a place is paid for once, from what was chosen")
		}
		_, err = m.Retract(t.Context(), "shp_a", b.ID, b.Version)
		m.refused(err, "place.paid")
		late := m.opening(1, func(o *place.Offer) { o.PayBy = day(6) })
		waits := m.shortlisted(late, "shp_c")
		m.owe("shp_c", 250_000)
		m.clock.Set(day(6))
		_, err = m.pay(waits)
		m.refused(err, "place.over")
		if m.bid(waits.ID).Stage(late, m.clock.Now()) != place.Lapsed {
			t.Error("what was not paid in time lapses")
		}
	})
}

// TestT3_2_WhatTheMarketCallsOffGoesBack: the sale, the item, the places, the acceptance. Every fee goes back once,
// to where it came from; whoever leaves by itself loses it.
func TestT3_2_WhatTheMarketCallsOffGoesBack(t *testing.T) {
	for name, off := range map[string]func(m *till, o place.Opening, b place.Bid) error{
		"the sale": func(m *till, _ place.Opening, _ place.Bid) error {
			_, err := m.campaigns.Cancel(m.t.Context(), m.sale.ID, m.sale.Version)
			return err
		},
		"the item": func(m *till, _ place.Opening, b place.Bid) error {
			e, err := m.campaigns.Enrolment(m.t.Context(), "", b.Enrolment)
			m.ok(err)
			_, err = m.campaigns.Remove(m.t.Context(), campaign.Remove{By: "lgn_op", ID: e.ID, Version: e.Version, Why: "wrong"})
			return err
		},
		"the places": func(m *till, o place.Opening, _ place.Bid) error {
			now, err := m.Opening(m.t.Context(), o.ID)
			m.ok(err)
			now, err = m.CallOff(m.t.Context(), "lgn_op", o.ID, now.Version, "no room")
			m.ok(err)
			_, again := m.CallOff(m.t.Context(), "lgn_op", o.ID, now.Version, "no room")
			m.refused(again, "place.called_off")
			return nil
		},
	} {
		for _, locked := range []bool{false, true} {
			eachTill(t, func(t *testing.T, m *till) {
				o := m.opening(1)
				m.owe("shp_a", 250_000)
				b, err := m.pay(m.shortlisted(o, "shp_a"))
				m.ok(err)
				if locked {
					m.clock.Set(day(11))
					m.run(m.campaigns.Lock)
				}
				m.ok(off(m, o, b))
				if now := m.bid(b.ID); now.State != place.Returned {
					t.Errorf("%s, locked %v: %s", name, locked, now.State)
				}
				m.taken(o, 0)
				if m.balance(ledger.Merchant("shp_a")) != 250_000 || m.balance(ledger.Fees) != 0 {
					t.Errorf("%s, locked %v: the shop has %d", name, locked, m.balance(ledger.Merchant("shp_a")))
				}
				e, err := m.campaigns.Enrolment(t.Context(), "", b.Enrolment)
				if m.ok(err); e.State != campaign.Withdrawn {
					t.Errorf("%s, locked %v: the item is %s", name, locked, e.State)
				}
				m.clock.Set(day(13))
				m.run(m.Settle)
				if m.bid(b.ID).State != place.Returned || m.balance(ledger.Fees) != 0 {
					t.Errorf("%s: it is settled after all", name)
				}
			})
		}
	}
}

// TestWhoLeavesForfeitsItsFee: and its place is not sold again. Before it paid, leaving costs nothing.
func TestWhoLeavesForfeitsItsFee(t *testing.T) {
	eachTill(t, func(t *testing.T, m *till) {
		o := m.opening(1)
		m.owe("shp_a", 250_000)
		m.owe("shp_b", 250_000)
		other, free := m.shortlisted(o, "shp_b"), m.shortlisted(o, "shp_c")
		b, err := m.pay(m.shortlisted(o, "shp_a"))
		m.ok(err)
		leave := func(b place.Bid) {
			e, err := m.campaigns.Enrolment(t.Context(), "", b.Enrolment)
			m.ok(err)
			_, err = m.campaigns.Withdraw(t.Context(), b.Shop, e.ID, e.Version)
			m.ok(err)
		}
		leave(b)
		leave(free)
		if m.bid(b.ID).State != place.Forfeited || m.bid(free.ID).State != place.Withdrawn {
			t.Error(m.bid(b.ID).State, m.bid(free.ID).State)
		}
		m.taken(o, 1)
		if m.balance(ledger.Fees) != 250_000 || m.balance(ledger.Merchant("shp_a")) != 0 {
			t.Error("the fee is kept")
		}
		_, err = m.pay(other)
		m.refused(err, "place.sold_out")
		if m.balance(ledger.Merchant("shp_b")) != 250_000 {
			t.Error("something was taken from who got nothing")
		}
	})
}

// TestAPlaceIsSettledOnceItsOrdersAre: its commission is charged once, when nothing of its orders may change any more.
func TestAPlaceIsSettledOnceItsOrdersAre(t *testing.T) {
	for terms, want := range map[place.Terms]int64{place.Guarantee: 50_000, place.Fixed: 300_000} {
		eachTill(t, func(t *testing.T, m *till) {
			o := m.opening(1, func(o *place.Offer) { o.Terms = terms })
			m.owe("shp_a", 250_000)
			b, err := m.pay(m.shortlisted(o, "shp_a"))
			m.ok(err)
			m.clock.Set(day(6))
			m.run(m.campaigns.Lock)
			m.clock.Set(day(12).Add(-time.Microsecond))
			m.run(m.Settle)
			if m.bid(b.ID).State != place.Paid {
				t.Error("it still sells")
			}
			m.ok(m.db.Write(t.Context(), func(tx *db.Tx) error {
				err := ledger.Post(tx, m.clock.Now(), []ledger.Transfer{{Debit: ledger.Wallet("w"), Credit: ledger.Escrow,
					Amount: 6_000_000, Currency: "CNY", Kind: ledger.Capture, Order: "ord_1"}})
				if err != nil {
					return err
				}
				return m.settle.Accrue(tx, m.clock.Now(), []settle.Sale{{Order: "ord_1", Sub: 1, Shop: "shp_a", Currency: "CNY",
					Lines: []settle.SaleLine{{Line: 1, Value: 5_000_000}, {Line: 2, Value: 1_000_000}}}})
			}))
			m.sold.lines, m.sold.open = []place.Line{{Order: "ord_1", Line: 1}, {Order: "ord_1", Line: 2}}, true
			m.clock.Set(day(12))
			m.run(m.campaigns.Return)
			m.run(m.Settle)
			if m.bid(b.ID).State != place.Paid {
				t.Error("an order is under way")
			}
			m.sold.open = false
			m.clock.Advance(time.Hour)
			was := m.balance(ledger.Fees)
			for range 2 {
				m.run(m.Settle)
			}
			now := m.bid(b.ID)
			if now.State != place.Settled || now.Sold != 6_000_000 || now.Commission != 300_000 || now.Charged != want {
				t.Errorf("%s: %+v", terms, now)
			}
			if got := m.balance(ledger.Fees) - was; got != want {
				t.Errorf("%s: the market took %d, want %d", terms, got, want)
			}
		})
	}
}
