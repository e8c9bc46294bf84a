package campaign_test

import (
	"context"
	"crypto/rand"
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
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/quota"
	"hutong/deal/reference"
	"hutong/funds/ledger"
	"hutong/funds/settle"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/party/audit"
)

var start = time.Date(2026, 11, 1, 0, 0, 0, 0, campaign.Shanghai).UTC()

func day(n int) time.Time { return start.AddDate(0, 0, n) }

// deals are what SKUs were sold for.
type deals map[string][]reference.Deal

func (d deals) Lowest(_ *db.Tx, sku string, from, until time.Time) (low reference.Deal, found bool, _ error) {
	for _, x := range d[sku] {
		if !x.At.Before(from) && x.At.Before(until) && (!found || x.Amount < low.Amount) {
			low, found = x, true
		}
	}
	return low, found, nil
}

// grouped and forNew are orders that were bought in groups, and by new shoppers with what only they have.
const (
	grouped = "ord_group"
	forNew  = "ord_new"
)

func (d deals) LowestAlone(tx *db.Tx, sku string, from, until time.Time, newToo bool) (reference.Deal, bool, error) {
	alone := slices.DeleteFunc(slices.Clone(d[sku]), func(x reference.Deal) bool {
		return x.Order == grouped || x.Order == forNew && !newToo
	})
	return deals{sku: alone}.Lowest(tx, sku, from, until)
}

func (d deals) Last(_ *db.Tx, sku string, before time.Time) (last reference.Deal, found bool, _ error) {
	for _, x := range d[sku] {
		if x.At.Before(before) && (!found || x.At.After(last.At)) {
			last, found = x, true
		}
	}
	return last, found, nil
}

type fair struct {
	*campaign.Service
	t      *testing.T
	db     *db.DB
	clock  *clock.Manual
	stock  *stock.Service
	offers *offer.Service
	bus    *event.Bus
	deals  deals
}

func onBoth(t *testing.T, test func(t *testing.T, f *fair)) {
	schemas := []db.Schema{event.Schema, audit.Schema, ledger.Schema, settle.Schema, stock.Schema, offer.Schema,
		reference.Schema, campaign.Schema, quota.Schema}
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		c := clock.NewManual(start)
		ids := id.NewMaker(c, rand.Reader)
		f := &fair{t: t, db: d, clock: c, stock: stock.New(d, c, ids), offers: offer.New(d, c, ids), deals: deals{}}
		ref := reference.New(reference.Deps{DB: d, Clock: c, IDs: ids, Deals: f.deals})
		f.Service = campaign.New(campaign.Deps{DB: d, Clock: c, IDs: ids, Stock: f.stock, Reference: ref,
			Category: func(*db.Tx, string) (string, error) { return "aa-1", nil }})
		ref.Plug(reference.Offers{}, f.Service)
		f.bus = event.NewBus(d, c, nil)
		f.Listen(f.bus)
		test(t, f)
	})
}

func (f *fair) ok(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// list puts a SKU up for sale with pieces in stock.
func (f *fair) list(shop, sku string, price, pieces int64) offer.Offer {
	f.t.Helper()
	var all []offer.Offer
	f.ok(f.db.Write(context.Background(), func(tx *db.Tx) error {
		pools, err := f.stock.Receive(tx, f.clock.Now(), []stock.Receipt{{Shop: shop, SKU: sku, Quantity: pieces, Ref: "test"}})
		if err != nil {
			return err
		}
		all, _, err = f.offers.List(tx, f.clock.Now(), []offer.Listing{{Shop: shop, Product: "prd_" + sku, SKU: sku, Pool: pools[0],
			Currency: "CNY", UnitPrice: price}})
		return err
	}))
	return all[0]
}

var both = func(s string) text.Entry { return text.Entry{Zh: s, En: s} }

// sale is a plan of one wave: enrolment days 0-5, lock on day 6, spot on days 10-12, guarantee until day 20.
func sale(rule campaign.Rule) campaign.Plan {
	return campaign.Plan{Title: both("双11"), Channel: campaign.Sale, Switches: campaign.Switches{CrossShop: true},
		Recruit: campaign.Window{From: day(0), Until: day(5)}, Lock: campaign.Window{From: day(6), Until: day(20)},
		Waves: []campaign.Wave{{Title: both("1"), Phases: []campaign.Phase{
			{Stage: campaign.Warmup, Window: campaign.Window{From: day(8), Until: day(10)}},
			{Stage: campaign.Spot, Window: campaign.Window{From: day(10), Until: day(12)}}}}}, Rule: rule}
}

func (f *fair) publish(p campaign.Plan) campaign.Campaign {
	f.t.Helper()
	c, err := f.Save(f.t.Context(), "", 0, p)
	f.ok(err)
	c, err = f.Publish(f.t.Context(), c.ID, c.Version)
	f.ok(err)
	return c
}

func enrol(c campaign.Campaign, o offer.Offer, price, pieces int64) campaign.Enrol {
	return campaign.Enrol{Shop: o.Shop, Campaign: c.ID, Slot: campaign.Slot{Wave: 1}, Offer: o.ID,
		Terms: campaign.Terms{Price: price, Quantity: pieces, PerShopper: 1, Part: campaign.Part{Spot: true}}}
}

func (f *fair) accepted(cmd campaign.Enrol) campaign.Enrolment {
	f.t.Helper()
	e, err := f.Enrol(f.t.Context(), cmd)
	f.ok(err)
	if e.State != campaign.Applied {
		f.t.Fatal(e.Reasons)
	}
	e, err = f.Decide(f.t.Context(), campaign.Decide{By: "lgn_op", ID: e.ID, Version: e.Version, Accept: true})
	f.ok(err)
	return e
}

func (f *fair) run(jobs ...func(context.Context) (int, error)) {
	f.t.Helper()
	for _, j := range jobs {
		for n := 0; ; n++ {
			done, err := j(f.t.Context())
			f.ok(err)
			if done == 0 {
				break
			}
			if n > 20 {
				f.t.Fatal("a job finds no end")
			}
		}
	}
}

func (f *fair) get(e campaign.EnrolmentID) campaign.Enrolment {
	f.t.Helper()
	now, err := f.Enrolment(f.t.Context(), "", e)
	f.ok(err)
	return now
}

func (f *fair) pool(p stock.PoolID) stock.Pool {
	f.t.Helper()
	var all map[stock.PoolID]stock.Pool
	f.ok(f.db.Read(f.t.Context(), func(tx *db.Tx) (err error) { all, err = stock.Pools(tx, []stock.PoolID{p}); return err }))
	return all[p]
}

// hold reserves pieces for an order, as checkout does.
func (f *fair) hold(order string, p stock.PoolID, n int64) error {
	return f.db.Write(f.t.Context(), func(tx *db.Tx) error {
		b, err := stock.LoadBook(tx, []stock.PoolID{p})
		if err != nil {
			return err
		}
		if err := b.Hold([]stock.Want{{Pool: p, Quantity: n}}); err != nil {
			return err
		}
		return b.Save(tx)
	})
}

func (f *fair) topics() (n map[string]int) {
	f.t.Helper()
	n = map[string]int{}
	f.ok(f.db.Read(f.t.Context(), func(tx *db.Tx) error {
		return tx.Each(`SELECT topic FROM outbox`, func(r db.Row) error {
			var topic string
			err := r.Scan(&topic)
			n[topic]++
			return err
		})
	}))
	return n
}

// TestT1_2a_TheCapComesFromDeals: 30 days, factor 0.9, lowest deal 92.00; 82.80 is reviewed, 82.81 is refused and
// cites the order. A deal of a group caps nothing (RULES 3.1), nor one that only
// new shoppers had, unless the rule counts it.
func TestT1_2a_TheCapComesFromDeals(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		o := f.list("shp_a", "sku_a", 12_900, 100)
		f.deals["sku_a"] = []reference.Deal{{Amount: 9900, Order: "ord_1", At: day(-3)}, {Amount: 10_000, Order: "ord_2", At: day(-2)},
			{Amount: 9200, Order: "ord_4", At: day(-1)}, {Amount: 100, Order: "ord_0", At: day(-31)},
			{Amount: 7000, Order: grouped, At: day(-1)}, {Amount: 8000, Order: forNew, At: day(-1)}}
		newToo := f.publish(sale(campaign.Rule{Days: 30, FactorPPM: 900_000, NewToo: true}))
		if e, err := f.Enrol(t.Context(), enrol(newToo, o, 8280, 10)); err != nil || e.Cap != 7200 || e.Source != forNew {
			t.Error("a rule that counts what new shoppers paid:", e.Cap, e.Source, err)
		}
		c := f.publish(sale(campaign.Rule{Days: 30, FactorPPM: 900_000}))
		e, err := f.Enrol(t.Context(), enrol(c, o, 8281, 10))
		f.ok(err)
		if e.State != campaign.Refused || len(e.Reasons) != 1 || e.Reasons[0].Code != "enrolment.price_above_cap" ||
			e.Reasons[0].Params["cap"] != "8280" || e.Source != "ord_4" {
			t.Fatal(e.State, e.Reasons)
		}
		if e, err = f.Enrol(t.Context(), enrol(c, o, 8280, 10)); err != nil || e.State != campaign.Applied || e.Cap != 8280 {
			t.Fatal(e, err)
		}
		if back := f.get(e.ID); back.Cap != 8280 || back.Lowest != 9200 || back.Selling != e.Selling || back.Terms != e.Terms {
			t.Fatalf("%+v", back)
		}
		if _, err := f.Enrol(t.Context(), enrol(c, o, 8280, 10)); err != nil {
			t.Fatal(err)
		} else if all, err := f.ByShop(t.Context(), "shp_a", "", 10); err != nil || all[0].Reasons[0].Code != "enrolment.taken" {
			t.Fatal("the same SKU twice in one slot", all, err)
		}
		fresh := f.list("shp_a", "sku_new", 12_900, 100)
		f.clock.Advance(time.Minute)
		if e, err = f.Enrol(t.Context(), enrol(c, fresh, 11_700, 10)); err != nil || e.State != campaign.Refused || e.Source == "" {
			t.Fatal("a listing without a past is a way around the cap", e, err)
		}
	})
}

// TestR23_TwoReviewersOneDecision: of many decisions on the version that all of them saw, one counts.
func TestR23_TwoReviewersOneDecision(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		c := f.publish(sale(campaign.Rule{}))
		e, err := f.Enrol(t.Context(), enrol(c, f.list("shp_a", "sku_a", 100, 10), 90, 5))
		f.ok(err)
		var wg sync.WaitGroup
		var mu sync.Mutex
		decided := 0
		for i := range 8 {
			wg.Go(func() {
				_, err := f.Decide(t.Context(), campaign.Decide{By: "lgn_op", ID: e.ID, Version: e.Version, Accept: i%2 == 0})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					decided++
				} else if !fault.Is(err, "enrolment.changed") || fault.Of(err) != fault.Conflict {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		now := f.get(e.ID)
		if decided != 1 || now.Version != e.Version+1 || now.State != campaign.Accepted && now.State != campaign.Refused {
			t.Fatal(decided, now)
		}
		if _, err := f.Decide(t.Context(), campaign.Decide{ID: e.ID, Version: now.Version, Accept: true}); !fault.Is(err, "enrolment.decided") {
			t.Fatal(err)
		}
		if topics := f.topics(); topics["enrolment.accepted"]+topics["enrolment.refused"] != 1 {
			t.Fatal(topics)
		}
	})
}

// TestR18_APledgeIsMovedAndTheRestComesBack: the lock moves what was pledged, orders take from it, the end moves the
// rest back, and what a late cancel gives back follows.
func TestR18_APledgeIsMovedAndTheRestComesBack(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		c := f.publish(sale(campaign.Rule{}))
		o := f.list("shp_a", "sku_a", 100, 20)
		e := f.accepted(enrol(c, o, 90, 12))
		f.run(f.Lock)
		if f.get(e.ID).State != campaign.Accepted {
			t.Fatal("locked before its time")
		}
		f.clock.Set(day(6))
		f.run(f.Lock, f.Lock)
		e = f.get(e.ID)
		if e.State != campaign.Pledged || f.pool(o.Pool).Free() != 8 || f.pool(e.Pool).Free() != 12 || !f.pool(e.Pool).Open {
			t.Fatal(e.State, f.pool(o.Pool), f.pool(e.Pool))
		}
		f.ok(f.offers.Reprice(t.Context(), "shp_a", o.ID, money.New(110, "CNY"), money.New(0, "CNY")))
		f.ok(f.hold("ord_1", e.Pool, 4))
		f.ok(f.hold("ord_2", e.Pool, 3))
		f.ok(f.db.Write(t.Context(), func(tx *db.Tx) error {
			return stock.Commit(tx, []stock.Reservation{{Order: "ord_1", Pool: e.Pool, Quantity: 4}})
		}))
		f.clock.Set(day(12))
		f.run(f.Return)
		e = f.get(e.ID)
		if p := f.pool(e.Pool); e.State != campaign.Ended || p.Open || p.Free() != 0 || p.Held != 3 || p.Sold != 4 || f.pool(o.Pool).Free() != 13 {
			t.Fatal(e.State, p, f.pool(o.Pool))
		}
		f.ok(f.db.Write(t.Context(), func(tx *db.Tx) error {
			return stock.Release(tx, []stock.Reservation{{Order: "ord_2", Pool: e.Pool, Quantity: 3}})
		}))
		f.run(f.Return, f.Return)
		if p := f.pool(e.Pool); p.Free() != 0 || f.pool(o.Pool).Free() != 16 {
			t.Fatal("pieces are stranded", p, f.pool(o.Pool))
		}
	})
}

// TestR18_AShortPledgeIsReported: when less is free at the lock than was pledged, nothing is cancelled; the shop is
// told once, and the pledge is kept as soon as stock is there.
func TestR18_AShortPledgeIsReported(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		c := f.publish(sale(campaign.Rule{}))
		o := f.list("shp_a", "sku_a", 100, 20)
		e := f.accepted(enrol(c, o, 90, 12))
		f.ok(f.hold("ord_1", o.Pool, 15))
		f.clock.Set(day(6))
		f.run(f.Lock)
		f.clock.Advance(2 * time.Minute)
		f.run(f.Lock)
		e = f.get(e.ID)
		if e.State != campaign.Accepted || len(e.Reasons) != 1 || e.Reasons[0].Params["free"] != "5" || f.pool(o.Pool).Held != 15 {
			t.Fatalf("%+v", e)
		}
		if n := f.topics()["enrolment.short"]; n != 1 {
			t.Fatal(n, "reports")
		}
		f.ok(f.stock.SetStock(t.Context(), "shp_a", "sku_a", 40))
		f.clock.Advance(2 * time.Minute)
		f.run(f.Lock)
		if e = f.get(e.ID); e.State != campaign.Pledged || len(e.Reasons) != 0 || f.pool(e.Pool).Free() != 12 {
			t.Fatalf("%+v", e)
		}
	})
}

func TestAfterTheLockPricesFallAndPledgesGrow(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		c := f.publish(sale(campaign.Rule{PenaltyPPM: 100_000}))
		o := f.list("shp_a", "sku_a", 100, 20)
		e := f.accepted(enrol(c, o, 90, 5))
		change := func(price, pieces int64) error {
			got, err := f.Change(t.Context(), campaign.Change{Shop: "shp_a", ID: e.ID, Version: e.Version, Price: price, Quantity: pieces})
			if err == nil {
				e = got
			}
			return err
		}
		f.ok(change(95, 4)) // before the lock anything goes, and is looked at again
		if e.State != campaign.Applied || e.Version != f.get(e.ID).Version {
			t.Fatal(e)
		}
		e, _ = f.Decide(t.Context(), campaign.Decide{By: "lgn_op", ID: e.ID, Version: e.Version, Accept: true})
		f.clock.Set(day(6))
		f.run(f.Lock)
		e = f.get(e.ID)
		if err := change(96, 4); !fault.Is(err, "enrolment.price_up") {
			t.Fatal(err)
		}
		if err := change(95, 3); !fault.Is(err, "enrolment.stock_down") {
			t.Fatal(err)
		}
		if err := change(95, 21); !fault.Is(err, "stock.sold_out") {
			t.Fatal(err)
		}
		f.ok(change(80, 10))
		if got := f.Live().Item(e.ID, day(6)); got == nil || got.Price != 80 || got.Version != e.Version || f.pool(e.Pool).Free() != 10 {
			t.Fatal(got, f.pool(e.Pool))
		}
		for _, x := range []struct{ shop, code string }{{"shp_b", "enrolment.not_found"}} {
			_, err := f.Change(t.Context(), campaign.Change{Shop: x.shop, ID: e.ID, Version: e.Version, Price: 1, Quantity: 10})
			if !fault.Is(err, x.code) {
				t.Fatal(err)
			}
			if _, err := f.Withdraw(t.Context(), x.shop, e.ID, e.Version); !fault.Is(err, x.code) {
				t.Fatal(err)
			}
			if _, err := f.Enrolment(t.Context(), x.shop, e.ID); !fault.Is(err, x.code) {
				t.Fatal(err)
			}
		}
		e, err := f.Withdraw(t.Context(), "shp_a", e.ID, e.Version)
		if err != nil || e.Penalty != 95 || e.State != campaign.Withdrawn || f.Live().Item(e.ID, day(6)) != nil {
			t.Fatal(e, err)
		}
		f.ok(f.DB.Read(t.Context(), func(tx *db.Tx) error {
			owed, err := ledger.Balance(tx, ledger.Merchant("shp_a"), e.Currency)
			if owed != -95 {
				t.Errorf("the books say that the shop owes %d", -owed)
			}
			return err
		}))
		f.run(f.Return)
		if f.pool(e.Pool).Free() != 0 || f.pool(e.Pool).Open || f.pool(o.Pool).Free() != 20 {
			t.Fatal(f.pool(e.Pool), f.pool(o.Pool))
		}
	})
}
