package place_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/base/db"
	"hutong/deal/campaign"
	"hutong/deal/place"
	"hutong/funds/ledger"
	"hutong/funds/settle"
	"hutong/goods/offer"
	"hutong/goods/stock"
)

// word is what somebody says: to the market, and to the model, which tells the code that it is refused with.
type word struct {
	name  string
	do    func() error
	model func(*model) string
	alone bool // it is no race of places
}

// world is a sale with several shops, beside its model.
type world struct {
	*till
	*model
	r      *rapid.T
	offers map[string]offer.ID
	sales  map[stock.PoolID][]place.Line
	base   int64 // the market's fees before
	said   []string
}

// TestRandomPlacesKeepTheirPromises plays random openings, bids, choices, payments, leaves, call-offs and settlements
// of several shops, some of them in the same moment, against a model: no opening has more places paid than it has,
// every fee is owed, paid, kept or returned once, and the books balance.
func TestRandomPlacesKeepTheirPromises(t *testing.T) {
	eachTill(t, func(t *testing.T, m *till) {
		runs, most, broken := 0, 60, false
		if m.db.Engine() == db.Postgres {
			most = 12 // each word waits for a commit of its own there
		}
		rapid.Check(t, func(r *rapid.T) {
			if runs++; runs > most && !broken {
				return
			}
			defer func() { broken = broken || r.Failed() }()
			w := newWorld(t, r, m.db, runs)
			r.Repeat(map[string]func(*rapid.T){"says": w.says, "says at once": w.race, "waits": w.waits,
				"sells": w.sells, "": func(*rapid.T) { w.holds() }})
			w.busy = false
			w.until(w.day(13))
			w.until(w.day(14))
			w.holds()
			for id, b := range w.bids {
				if len(w.acting(func(one bid) bool { return one.item == b.item })) > 0 {
					r.Fatalf("%s is still %s", id, b.state)
				}
			}
		})
	})
}

func newWorld(t *testing.T, r *rapid.T, d *db.DB, run int) *world {
	w := &world{till: newTill(t, d), r: r, offers: map[string]offer.ID{}, sales: map[stock.PoolID][]place.Line{},
		model: &model{begin: start, now: start, openings: map[place.OpeningID]opening{}, bids: map[place.BidID]bid{},
			items: map[campaign.EnrolmentID]item{}, shops: map[string]shop{}}}
	w.sold.of = func(p stock.PoolID) ([]place.Line, bool) { return w.sales[p], w.busy }
	w.base = w.balance(ledger.Fees)
	for i := range 4 {
		who := fmt.Sprintf("shp_%c%d", 'a'+i, run)
		w.offers[who] = w.lists(who)
		w.shops[who] = shop{stock: 100}
	}
	for range 3 {
		w.say(w.opens())
	}
	for _, who := range sorted(w.shops) { // most come as far as to bid
		w.say(w.pays(who))
		w.say(w.enrols(who))
	}
	for _, id := range sorted(w.items) {
		w.say(w.reviews(id, true))
		w.say(w.bidsFor(w.items[id].shop, id))
	}
	for _, id := range sorted(w.bids) {
		w.say(w.decides(id, true))
	}
	return w
}

// anyOf draws one of all.
func anyOf[T any](w *world, all []T) T { return rapid.SampledFrom(all).Draw(w.r, "which") }

func (w *world) number(from, to int64) int64 { return rapid.Int64Range(from, to).Draw(w.r, "n") }

// drawn is a random word.
func (w *world) drawn() word {
	who := anyOf(w, sorted(w.shops))
	item := anyOf(w, sorted(w.items))
	mine := w.items[item].shop
	if w.number(1, 12) == 1 {
		mine = who
	}
	all := []func() word{
		func() word { return w.pays(who) },
		func() word { return w.bidsFor(mine, item) },
		func() word { return w.bidsFor(mine, item) },
		func() word { return w.reviews(item, w.number(1, 5) > 1) },
	}
	if w.number(1, 4) == 1 {
		all = append(all, w.opens, func() word { return w.changes(item) }, func() word { return w.leaves(item) }, func() word { return w.loses(who) }, func() word { return w.removes(item) },
			func() word { return w.callsOff(anyOf(w, sorted(w.openings))) })
	}
	if w.number(1, 30) == 1 {
		all = append(all, w.cancels)
	}
	takesPart := func(id campaign.EnrolmentID) bool { return w.items[id].shop == who && open(w.items[id].state) }
	if !slices.ContainsFunc(sorted(w.items), takesPart) {
		all = append(all, func() word { return w.enrols(who) })
	}
	for range 3 {
		if len(w.bids) > 0 {
			id := anyOf(w, sorted(w.bids))
			all = append(all, func() word { return w.decides(id, w.number(1, 6) > 1) }, func() word { return w.buys(id) },
				func() word { return w.buys(id) }, func() word { return w.buys(id) })
			if w.number(1, 4) == 1 {
				all = append(all, func() word { return w.retracts(id) })
			}
		}
	}
	return anyOf(w, all)()
}

func (w *world) says(*rapid.T) { w.say(w.drawn()) }

// say says one thing: the market answers as the model does.
func (w *world) say(one word) {
	err := one.do()
	w.said = append(w.said, fmt.Sprint(one.name, " ", codeOf(err)))
	if want := one.model(w.model); codeOf(err) != want {
		w.r.Fatalf("%s: %v, want %q, after %v", one.name, err, want, w.said)
	}
}

// race says some things in the same moment: there is an order in which the model answers all of them so.
func (w *world) race(*rapid.T) {
	var all []word
	for range 2 + w.number(0, 1) {
		if one := w.drawn(); !one.alone {
			all = append(all, one)
		}
	}
	codes := make([]string, len(all))
	var wg sync.WaitGroup
	for i, one := range all {
		wg.Go(func() { codes[i] = codeOf(one.do()) })
	}
	wg.Wait()
	for i, one := range all {
		w.said = append(w.said, fmt.Sprint("at once ", one.name, " ", codes[i]))
	}
	w.model = w.explained(all, codes)
}

// explained is the model after those words, in an order in which they get those answers. Who came too late for what it
// read is told so, or that nothing is left, and changed nothing.
func (w *world) explained(all []word, codes []string) *model {
	var try func(m *model, left []int) *model
	try = func(m *model, left []int) *model {
		if len(left) == 0 {
			return m
		}
		for i, one := range left {
			next := m.clone()
			want := all[one].model(next)
			late := strings.HasSuffix(codes[one], ".changed") || codes[one] == "place.sold_out" && want != ""
			if late {
				next = m
			} else if want != codes[one] {
				continue
			}
			if done := try(next, slices.Concat(left[:i], left[i+1:])); done != nil {
				return done
			}
		}
		return nil
	}
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	m := try(w.model, order)
	if m == nil {
		w.r.Fatalf("no order explains the last answers of %v", w.said)
	}
	return m
}

func (w *world) waits(*rapid.T) { w.until(w.now.Add(time.Duration(w.number(12, 72)) * time.Hour)) }

func (w *world) until(at time.Time) {
	w.clock.Set(at)
	w.now, w.busy = at, w.busy && at.Before(w.day(13)) || at.Before(w.day(13)) && w.number(0, 1) == 1
	w.run(w.campaigns.Lock)
	w.run(w.campaigns.Return)
	w.run(w.Settle)
	w.passes()
	for id, e := range w.items {
		now, err := w.campaigns.Enrolment(w.t.Context(), "", id)
		w.ok(err)
		e.pool = now.Pool
		w.items[id] = e
	}
	w.said = append(w.said, at.Format(time.DateTime))
}

// sells sells of an item whose sale runs.
func (w *world) sells(*rapid.T) {
	var live []campaign.EnrolmentID
	for _, id := range sorted(w.items) {
		if w.items[id].state == "locked" && !w.now.Before(w.day(10)) {
			live = append(live, id)
		}
	}
	if len(live) == 0 {
		w.r.Skip("nothing sells")
	}
	id := anyOf(w, live)
	e := w.items[id]
	w.bank++
	order, total, sale := fmt.Sprintf("ord_%s_%d", e.shop, w.bank), int64(0), settle.Sale{Sub: 1, Shop: e.shop, Currency: "CNY"}
	for line := range int(w.number(1, 3)) {
		value := w.number(1, 5_000)
		total += value
		sale.Lines = append(sale.Lines, settle.SaleLine{Line: line + 1, Value: value})
		w.sales[e.pool] = append(w.sales[e.pool], place.Line{Order: order, Line: line + 1})
		e.bases = append(slices.Clone(e.bases), value)
	}
	sale.Order = order
	w.ok(w.db.Write(w.t.Context(), func(tx *db.Tx) error {
		err := ledger.Post(tx, w.now, []ledger.Transfer{{Debit: ledger.Wallet("w"), Credit: ledger.Escrow, Amount: total,
			Currency: "CNY", Kind: ledger.Capture, Order: order}})
		if err != nil {
			return err
		}
		return w.till.settle.Accrue(tx, w.now, []settle.Sale{sale})
	}))
	s := w.shops[e.shop]
	s.owed += total
	w.items[id], w.shops[e.shop] = e, s
}

// holds compares what there is with the model, and what no model needs to tell.
func (w *world) holds() {
	ctx := w.t.Context()
	all, err := w.Openings(ctx, w.sale.ID)
	w.ok(err)
	for _, o := range all {
		if o.Taken != w.model.taken(o.ID) || o.Taken > o.Places || (o.State == place.CalledOff) != w.openings[o.ID].off {
			w.r.Fatalf("%+v, want %d taken, after %v", o, w.model.taken(o.ID), w.said)
		}
	}
	for _, who := range sorted(w.shops) {
		w.shopHolds(who)
	}
	if fees := w.balance(ledger.Fees) - w.base; fees != w.fees {
		w.r.Fatalf("the market has %d, want %d, after %v", fees, w.fees, w.said)
	}
	w.ok(w.db.Read(ctx, func(tx *db.Tx) error {
		books, err := ledger.Standings(tx)
		sum := int64(0)
		for _, a := range books {
			sum += a.Net()
		}
		if sum != 0 {
			w.r.Fatalf("the books do not balance: %d", sum)
		}
		return err
	}))
}

func (w *world) shopHolds(who string) {
	ctx, s := w.t.Context(), w.shops[who]
	if owed, left := w.balance(ledger.Merchant(who)), w.balance(ledger.Deposit(who)); owed != s.owed || left != s.deposit {
		w.r.Fatalf("%s has %d and %d, want %+v, after %v", who, owed, left, s, w.said)
	}
	mine, err := w.ByShop(ctx, who, "", place.PageMax)
	w.ok(err)
	charges, err := w.till.settle.Charges(ctx, who)
	w.ok(err)
	of := map[string][]int64{}
	for _, c := range charges {
		bid, _, _ := strings.Cut(c.ID, ".")
		of[bid] = append(of[bid], c.Amount)
	}
	for _, b := range mine {
		want := w.bids[b.ID]
		if string(b.State) != want.state || b.Enrolment != want.item {
			w.r.Fatalf("%s is %s, want %s, after %v", b.ID, b.State, want.state, w.said)
		}
		e, err := w.campaigns.Enrolment(ctx, who, b.Enrolment)
		if w.ok(err); string(e.State) != w.items[b.Enrolment].state {
			w.r.Fatalf("%s is %s, want %s, after %v", e.ID, e.State, w.items[b.Enrolment].state, w.said)
		}
		got, should := slices.Sorted(slices.Values(of[string(b.ID)])), slices.Sorted(slices.Values(want.charges))
		if !slices.Equal(got, should) {
			w.r.Fatalf("of %s, %s, %v were charged, want %v, after %v", b.ID, b.State, got, should, w.said)
		}
		delete(of, string(b.ID))
	}
	if len(of) > 0 {
		w.r.Fatalf("%s was charged for no bid of it: %v", who, of)
	}
}
