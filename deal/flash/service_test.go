package flash_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/flash"
	"hutong/deal/promo"
	"hutong/deal/quota"
	"hutong/deal/reference"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/party/audit"
)

// start is midnight; the session of the tests is from 10 to 11.
var start = time.Date(2026, 11, 11, 0, 0, 0, 0, campaign.Shanghai).UTC()

func hour(h int) time.Time { return start.Add(time.Duration(h) * time.Hour) }

type hall struct {
	*flash.Service
	t         *testing.T
	db        *db.DB
	clock     *clock.Manual
	stock     *stock.Service
	offers    *offer.Service
	campaigns *campaign.Service
	seckill   campaign.Campaign
}

func onBoth(t *testing.T, test func(t *testing.T, h *hall)) {
	schemas := []db.Schema{event.Schema, audit.Schema, stock.Schema, offer.Schema, reference.Schema, campaign.Schema,
		quota.Schema, flash.Schema}
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		c := clock.NewManual(start)
		ids := id.NewMaker(c, rand.Reader)
		h := &hall{t: t, db: d, clock: c, stock: stock.New(d, c, ids), offers: offer.New(d, c, ids)}
		h.campaigns = campaign.New(campaign.Deps{DB: d, Clock: c, IDs: ids, Stock: h.stock,
			Reference: reference.New(reference.Deps{DB: d, Clock: c, IDs: ids}),
			Category:  func(*db.Tx, string) (string, error) { return "", nil }})
		var err error
		h.Service, err = flash.New(flash.Deps{DB: d, Clock: c, IDs: ids, Campaigns: h.campaigns, Key: make([]byte, flash.KeyLen)})
		h.ok(err)
		h.open()
		test(t, h)
	})
}

func (h *hall) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// open publishes a seckill channel of hourly sessions, each shown two hours ahead.
func (h *hall) open() {
	h.t.Helper()
	days := campaign.Window{From: start, Until: start.AddDate(0, 0, 1)}
	c, err := h.campaigns.Save(h.t.Context(), "", 0, campaign.Plan{Title: text.Entry{Zh: "秒杀", En: "Seckill"},
		Channel: campaign.Seckill, Recruit: days, Timetable: campaign.EveryHour(days)})
	h.ok(err)
	h.seckill, err = h.campaigns.Publish(h.t.Context(), c.ID, c.Version)
	h.ok(err)
}

// sell has a SKU in the session at ten, locked when it is shown.
func (h *hall) sell(sku string, terms campaign.Terms) campaign.Enrolment {
	h.t.Helper()
	var o offer.Offer
	h.ok(h.db.Write(context.Background(), func(tx *db.Tx) error {
		pools, err := h.stock.Receive(tx, start, []stock.Receipt{{Shop: "shp", SKU: sku, Quantity: 1000, Ref: "test"}})
		if err != nil {
			return err
		}
		all, _, err := h.offers.List(tx, start, []offer.Listing{{Shop: "shp", Product: "prd_" + sku, SKU: sku, Pool: pools[0],
			Currency: "CNY", UnitPrice: 10_000}})
		if err == nil {
			o = all[0]
		}
		return err
	}))
	terms.Spot = true
	e, err := h.campaigns.Enrol(h.t.Context(), campaign.Enrol{Shop: "shp", Campaign: h.seckill.ID,
		Slot: campaign.Slot{Session: hour(10)}, Offer: o.ID, Terms: terms})
	h.ok(err)
	e, err = h.campaigns.Decide(h.t.Context(), campaign.Decide{By: "lgn_op", ID: e.ID, Version: e.Version, Accept: true})
	h.ok(err)
	return e
}

func (h *hall) at(t time.Time) {
	h.t.Helper()
	h.clock.Set(t)
	for _, job := range []func(context.Context) (int, error){h.campaigns.Lock, h.campaigns.Refresh, h.Announce, h.Draw} {
		_, err := job(h.t.Context())
		h.ok(err)
	}
}

func (h *hall) mayBuy(shopper string, e campaign.EnrolmentID) (err error) {
	h.t.Helper()
	h.ok(h.db.Read(h.t.Context(), func(tx *db.Tx) error {
		refused, fails := flash.MayBuy(tx, shopper, []*campaign.Item{h.campaigns.Live().Item(e, h.clock.Now())})
		err = refused[e]
		return fails
	}))
	return err
}

// priced counts what so many shoppers would pay for the item of TestAppointmentsAreCapped at ten.
func (h *hall) priced(shoppers int) map[int64]int {
	h.t.Helper()
	rules, err := promo.Compile(promo.Parallel, h.campaigns.Live().Promotions())
	h.ok(err)
	counts := map[int64]int{}
	for n := range shoppers {
		h.ok(h.db.Read(h.t.Context(), func(tx *db.Tx) error {
			claimed, err := h.Claims(tx, fmt.Sprintf("shr_%02d", n), hour(10))
			if err != nil {
				return err
			}
			a, err := rules.Price(promo.Basket{Currency: "CNY", At: hour(10), Claimed: claimed,
				Lines: []promo.Line{{ID: "1", Shop: "shp", SKU: "sku", UnitPrice: 10_000, Quantity: 1}}})
			if err == nil {
				counts[a.Lines[0].Paid]++
			}
			return err
		}))
	}
	return counts
}

// TestAppointmentsAreCapped: 60 shoppers for 20 appointments, each trying twice: 20 have one, 40 are told so.
func TestAppointmentsAreCapped(t *testing.T) {
	onBoth(t, func(t *testing.T, h *hall) {
		e := h.sell("sku", campaign.Terms{Price: 1000, Quantity: 10, PerShopper: 1, Appointments: 20})
		open := h.sell("sku_open", campaign.Terms{Price: 900, Quantity: 10})
		h.at(hour(7))
		if err := h.Appoint(t.Context(), "shr_early", e.ID); !fault.Is(err, "flash.item") && !fault.Is(err, "flash.appointments_not_open") {
			t.Fatal(err)
		}
		h.at(hour(8))
		var wg sync.WaitGroup
		var mu sync.Mutex
		kept, full := 0, 0
		for n := range 60 {
			wg.Go(func() {
				who := fmt.Sprintf("shr_%02d", n)
				first, second := h.Appoint(t.Context(), who, e.ID), h.Appoint(t.Context(), who, e.ID)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case first == nil && second == nil:
					kept++
				case fault.Is(first, "flash.appointments_full") && fault.Is(second, "flash.appointments_full"):
					full++
				default:
					t.Error(first, second)
				}
			})
		}
		wg.Wait()
		if kept != 20 || full != 40 {
			t.Fatal(kept, full)
		}
		if err := h.Appoint(t.Context(), "shr_00", open.ID); !fault.Is(err, "flash.no_appointment") {
			t.Fatal(err)
		}
		h.at(hour(10))
		if err := h.Appoint(t.Context(), "shr_late", e.ID); !fault.Is(err, "flash.appointments_closed") {
			t.Fatal(err)
		}
		may := 0
		for n := range 60 {
			if err := h.mayBuy(fmt.Sprintf("shr_%02d", n), e.ID); err == nil {
				may++
			} else if !fault.Is(err, "flash.appointment_needed") {
				t.Fatal(err)
			}
		}
		if priced := h.priced(60); priced[1000] != 20 || priced[10_000] != 40 {
			t.Error("who pays what:", priced)
		}
		if may != 20 || h.mayBuy("shr_late", open.ID) != nil {
			t.Fatal(may)
		}
	})
}

// TestALotteryIsDrawnAsItWasPromised: the commitment is out before the first lot, the seed after the draw, and the draw
// comes out the same to anybody who computes it.
func TestALotteryIsDrawnAsItWasPromised(t *testing.T) {
	onBoth(t, func(t *testing.T, h *hall) {
		e := h.sell("sku", campaign.Terms{Price: 1000, Quantity: 7, PerShopper: 2, Appointments: 100, Lottery: true})
		h.at(hour(8))
		before, err := h.Lottery(t.Context(), e.ID)
		if err != nil || before.Seed != "" || len(before.Commitment) != 64 || before.Lots != 3 {
			t.Fatal(before, err)
		}
		var names []string
		for n := range 25 {
			names = append(names, fmt.Sprintf("shr_%02d", n))
			h.ok(h.Appoint(t.Context(), names[n], e.ID))
		}
		h.ok(h.db.Write(t.Context(), func(tx *db.Tx) error { // a guest who logs in keeps the lot, once
			if err := (flash.Person{}).Inherit(tx, start, "shr_03", "shr_account"); err != nil {
				return err
			}
			return (flash.Person{}).Inherit(tx, start, "shr_04", "shr_05")
		}))
		names = slices.DeleteFunc(names, func(n string) bool { return n == "shr_04" })
		h.ok(h.Appoint(t.Context(), "shr_account", e.ID))
		h.at(hour(10).Add(-10*time.Minute - 1))
		if err := h.mayBuy("shr_00", e.ID); !fault.Is(err, "flash.not_drawn") {
			t.Fatal(err)
		}
		h.at(hour(10).Add(-10 * time.Minute))
		h.at(hour(10)) // a second run draws nothing anew
		after, err := h.Lottery(t.Context(), e.ID)
		h.ok(err)
		seed, err := hex.DecodeString(after.Seed)
		if err != nil || flash.Commitment(seed) != before.Commitment || after.Entrants != 24 || after.Drawn.IsZero() {
			t.Fatal(after, err)
		}
		want := flash.Winners(seed, names, 3)
		if after.LastRank != hex.EncodeToString(flash.Rank(seed, want[2])) {
			t.Fatal(after.LastRank)
		}
		for _, n := range names {
			who := n
			if n == "shr_03" {
				who = "shr_account"
			}
			err := h.mayBuy(who, e.ID)
			if won := slices.Contains(want, n); won != (err == nil) || !won && !fault.Is(err, "flash.lost") {
				t.Errorf("%s: %v, winners %v", who, err, want)
			}
		}
		if err := h.mayBuy("shr_other", e.ID); !fault.Is(err, "flash.appointment_needed") {
			t.Fatal(err)
		}
	})
}

// TestR22_AWithdrawnPriceIsToldToWhoWaits: the operator takes an item out while shoppers wait with its terms.
func TestR22_AWithdrawnPriceIsToldToWhoWaits(t *testing.T) {
	onBoth(t, func(t *testing.T, h *hall) {
		e := h.sell("sku", campaign.Terms{Price: 1000, Quantity: 10, PerShopper: 1})
		h.at(hour(8))
		h.at(hour(10))
		ticket := flash.TicketOf(h.campaigns.Live().Of("sku", hour(10)))
		_, err := h.campaigns.Remove(t.Context(), campaign.Remove{By: "lgn_op", ID: e.ID, Version: e.Version + 1, Why: "typo"})
		h.ok(err)
		fresh, err := ticket.Redeem(h.campaigns.Live().Of("sku", hour(10)), 10_000, hour(10))
		if !fault.Is(err, "flash.withdrawn") || fresh.Price != 10_000 {
			t.Fatal(fresh, err)
		}
		if _, err := fresh.Redeem(h.campaigns.Live().Of("sku", hour(10)), 10_000, hour(10)); err != nil {
			t.Fatal(err)
		}
	})
}

func TestTheHallTellsTheTruth(t *testing.T) {
	onBoth(t, func(t *testing.T, h *hall) {
		e := h.sell("sku", campaign.Terms{Price: 1000, Quantity: 10, PerShopper: 1})
		h.sell("sku_cheap", campaign.Terms{Price: 900, Quantity: 50})
		look := func() flash.Shelf {
			t.Helper()
			hall, err := h.Hall(t.Context())
			if err != nil || len(hall) != 1 || len(hall[0].Items) != 2 || hall[0].Items[0].SKU != "sku_cheap" {
				t.Fatal(hall, err)
			}
			return hall[0].Items[1]
		}
		h.at(hour(8))
		if got := look(); got.State != flash.Warming {
			t.Fatal(got.View)
		}
		h.at(hour(10))
		if got := look(); got.State != flash.OnSale || !got.Low || got.Left != 10 {
			t.Fatal(got.View)
		}
		pool := h.campaigns.Live().Of("sku", hour(10)).Pool
		h.ok(h.db.Write(t.Context(), func(tx *db.Tx) error {
			b, err := stock.LoadBook(tx, []stock.PoolID{pool})
			if err != nil {
				return err
			}
			if err := b.Hold([]stock.Want{{Pool: pool, Quantity: 10}}); err != nil {
				return err
			}
			return b.Save(tx)
		}))
		h.at(hour(10).Add(time.Second))
		if got := look(); got.State != flash.Paying || got.Unpaid != 10 {
			t.Fatal(got.View)
		}
		h.ok(h.db.Write(t.Context(), func(tx *db.Tx) error {
			return stock.Commit(tx, []stock.Reservation{{Order: "ord", Pool: pool, Quantity: 10}})
		}))
		h.at(hour(10).Add(2 * time.Second))
		if got := look(); got.State != flash.SoldOut {
			t.Fatal(got.View)
		}
		one, found, err := h.Item(t.Context(), e.ID)
		if err != nil || !found || one.State != flash.SoldOut {
			t.Fatal(one, found, err)
		}
		h.at(hour(11))
		if hall, err := h.Hall(t.Context()); err != nil || len(hall) != 0 {
			t.Fatal(hall, err)
		}
	})
}

// TestALotteryThatCannotBeDrawnKeepsNoOtherWaiting: one was promised under another seed.
func TestALotteryThatCannotBeDrawnKeepsNoOtherWaiting(t *testing.T) {
	onBoth(t, func(t *testing.T, h *hall) {
		terms := campaign.Terms{Price: 1000, Quantity: 7, PerShopper: 2, Appointments: 100, Lottery: true}
		broken, fine := h.sell("sku", terms), h.sell("other", terms)
		h.at(hour(8))
		h.ok(h.db.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE lotteries SET commitment = 'another' WHERE item_id = $1`, broken.ID)
			return err
		}))
		h.clock.Set(hour(10).Add(-10 * time.Minute))
		if n, err := h.Draw(t.Context()); n != 1 || err == nil {
			t.Errorf("%d drawn, %v", n, err)
		}
		if l, err := h.Lottery(t.Context(), fine.ID); err != nil || l.Drawn.IsZero() {
			t.Error(l, err)
		}
	})
}
