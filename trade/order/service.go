package order

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/job"
	"hutong/base/lane"
	"hutong/base/money"
	"hutong/deal/promo"
	"hutong/deal/quota"
	"hutong/funds/settle"
	"hutong/goods/stock"
)

// batchMax bounds how many orders one transaction of a job moves.
const batchMax = 256

// maxID sorts after every id: the start of a list that runs from the newest.
const maxID = ID("~")

// The topics that this room tells.
const (
	TopicPlaced    = "order.placed"
	TopicPaid      = "order.paid"
	TopicCancelled = "order.cancelled"
	TopicShipped   = "order.shipped"
	TopicDelivered = "order.delivered"
	TopicCompleted = "order.completed"
	TopicRefunded  = "order.refunded"
	TopicLowered   = "order.lowered"    // part of the price went back, and the pieces stay
	TopicTakenBack = "order.taken_back" // a wallet took money of it back by itself: nothing is sent
	TopicGoesOn    = "order.goes_on"    // what is left of it is paid: that money is there again, or given back
	TopicReleased  = "order.released"   // what a suborder waited for has come: it is its merchant's now
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Deps are what orders stand on.
type Deps struct {
	DB      *db.DB
	Clock   clock.Clock
	IDs     IDs
	Stock   *stock.Service
	Settle  *settle.Service
	Refunds Refunds      // for the earnest of presales
	Claims  Claims       // nil: vouchers come back as they were
	Kinds   *promo.Kinds // of promotions: what orders' rests are priced by
	Hub     *event.Hub   // woken when an order changes; its page listens
}

// Service holds the verbs of orders.
type Service struct {
	Deps
	balances Balances     // nil: a balance is what was ordered
	graced   atomic.Int64 // how many full disks balances were given time for
	receipts *lane.Relay[receipt, struct{}]
	asked    *lane.Relay[ID, Order] // what shoppers look at
}

// New makes the Service.
func New(d Deps) *Service {
	s := &Service{Deps: d}
	s.receipts = lane.NewRelay(lane.Options{BatchMax: batchMax}, s.receiveAll)
	s.asked = lane.NewRelay(lane.Options{BatchMax: askedMax, Workers: askedWorkers}, s.readAll)
	return s
}

// PlugBalances puts in who prices balances, before the first is paid.
func (s *Service) PlugBalances(b Balances) { s.balances = b }

// Moved is the body of this room's events: the orders that a transaction moved. One event names all of them, so that a
// batch of orders costs one row of the outbox.
type Moved struct {
	Orders []MovedOrder `json:"orders"`
	Sums
}

// Sums is what an event of TopicPlaced says that its orders add up to, so that who counts reads no order.
type Sums struct {
	Sums []Sum `json:"sums,omitempty"`
}

// Sum is what an event's orders come to for one shop in one hour; shop "" is all of them together.
type Sum struct {
	Shop   string `json:"shop,omitempty"`
	Hour   int64  `json:"hour"` // microseconds, where a whole hour of UTC begins
	Orders int64  `json:"orders"`
	Amount int64  `json:"amount"` // minor units, carriage included
}

// sums adds up placed orders, whose suborders are at hand, in order of shops and hours.
func sums(orders []*Order) []Sum {
	type place struct {
		shop string
		hour int64
	}
	all := map[place]Sum{}
	add := func(shop string, o *Order, amount int64) {
		at := place{shop, clock.Micros(o.PlacedAt.UTC().Truncate(time.Hour))}
		sum := all[at]
		all[at] = Sum{shop, at.hour, sum.Orders + 1, sum.Amount + amount}
	}
	for _, o := range orders {
		add("", o, o.Total)
		for i := range o.Subs {
			if s := &o.Subs[i]; s.Waits == "" {
				add(s.Shop, o, s.Goods+s.Freight)
			}
		}
	}
	return slices.SortedFunc(maps.Values(all), func(a, b Sum) int {
		return cmp.Or(cmp.Compare(a.Shop, b.Shop), cmp.Compare(a.Hour, b.Hour))
	})
}

// MovedOrder names one order and whose it is.
type MovedOrder struct {
	Order   ID      `json:"order"`
	Shopper string  `json:"shopper"`
	Seqs    []int64 `json:"seqs,omitempty"` // of TopicReleased: which suborders
}

// movedOf reads which orders of a shopper an event names.
func movedOf(e event.Event, shopper string) ([]ID, error) {
	var m Moved
	if err := e.Read(&m); err != nil {
		return nil, err
	}
	var ids []ID
	for _, o := range m.Orders {
		if o.Shopper == shopper {
			ids = append(ids, o.Order)
		}
	}
	return ids, nil
}

// listedMax is how many orders are put on lists at once, so that placing never waits for more.
const listedMax = 1000

// Listen keeps the shoppers' lists from what this room tells, shopper by shopper: one after another touches the same
// pages, which are written once for all of them.
func (s *Service) Listen(bus *event.Bus) {
	bus.OnBatch(TopicPlaced, "order.lists", func(ctx context.Context, events []event.Event) error {
		var placed []MovedOrder
		for _, e := range events {
			var m Moved
			if err := e.Read(&m); err != nil {
				return err
			}
			placed = append(placed, m.Orders...)
		}
		slices.SortFunc(placed, func(x, y MovedOrder) int { return strings.Compare(x.Shopper, y.Shopper) })
		for some := range slices.Chunk(placed, listedMax) {
			if err := s.DB.Write(ctx, func(tx *db.Tx) error { return listOrders(tx, some) }); err != nil {
				return err
			}
		}
		return nil
	})
}

// emit tells of moved orders, in the transaction that moves them, and wakes the pages that wait for one of them.
func (s *Service) emit(tx *db.Tx, topic event.Topic, at time.Time, orders []Order) error {
	if len(orders) == 0 {
		return nil
	}
	body := Moved{Orders: make([]MovedOrder, len(orders))}
	for i, o := range orders {
		body.Orders[i] = MovedOrder{Order: o.ID, Shopper: o.Shopper}
	}
	return s.tell(tx, topic, at, body)
}

func (s *Service) emitPlaced(tx *db.Tx, orders []*Order) error {
	body := Moved{Orders: make([]MovedOrder, len(orders)), Sums: Sums{sums(orders)}}
	for i, o := range orders {
		body.Orders[i] = MovedOrder{Order: o.ID, Shopper: o.Shopper}
	}
	return s.tell(tx, TopicPlaced, orders[0].PlacedAt, body)
}

func (s *Service) tell(tx *db.Tx, topic event.Topic, at time.Time, body Moved) error {
	tx.After(func() {
		for _, o := range body.Orders {
			s.Hub.Publish(string(o.Order))
		}
	})
	return event.Emit(tx, s.IDs, event.Event{Topic: topic, Subject: string(body.Orders[0].Order), At: at,
		Body: event.Body(body)})
}

// Order reads one order of the shopper's, with its parts and steps. Codes: order.not_found.
func (s *Service) Order(ctx context.Context, shopper string, id ID) (Order, error) {
	o, err := s.asked.Do(ctx, id)
	if err == nil && (o.Shopper != shopper || shopper == "") {
		return Order{}, fault.New(fault.NotFound, "order.not_found")
	}
	return o, err
}

// Sold reads one order as a seller sees it: only the shop's own suborders with their steps, and of those none that
// still waits. Codes: order.not_found.
func (s *Service) Sold(ctx context.Context, shop string, id ID) (Order, error) {
	o, err := s.read(ctx, id, func(Order) bool { return shop != "" })
	if err != nil {
		return Order{}, err
	}
	return o.seenBy(shop)
}

// SoldSums is Sold for who needs no steps, and of lines only what they come to. Codes: order.not_found.
func (s *Service) SoldSums(ctx context.Context, shop string, id ID) (Order, error) {
	return s.sold(ctx, shop, func(tx *db.Tx) ([]Order, error) { return loadSums(tx, []ID{id}, "") })
}

// SoldParts is Sold without steps and lines, for who asks whose an order is. Codes: order.not_found.
func (s *Service) SoldParts(ctx context.Context, shop string, id ID) (Order, error) {
	return s.sold(ctx, shop, func(tx *db.Tx) ([]Order, error) { return WithParts(tx, []ID{id}) })
}

// sold reads one order, or none, as a seller sees it.
func (s *Service) sold(ctx context.Context, shop string, read func(*db.Tx) ([]Order, error)) (o Order, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := read(tx)
		if err == nil && (len(all) == 0 || shop == "") {
			err = fault.New(fault.NotFound, "order.not_found")
		}
		if err == nil {
			o, err = all[0].seenBy(shop)
		}
		return err
	})
	return o, err
}

func (o Order) seenBy(shop string) (Order, error) {
	var mine []Sub
	for _, sub := range o.Subs {
		if sub.Shop == shop && sub.Waits == "" {
			mine = append(mine, sub)
		}
	}
	if len(mine) == 0 {
		return Order{}, fault.New(fault.NotFound, "order.not_found")
	}
	o.Subs = mine
	o.Steps = slices.DeleteFunc(slices.Clone(o.Steps), func(step Step) bool {
		return step.Seq > 0 && !slices.ContainsFunc(mine, func(sub Sub) bool { return sub.Seq == step.Seq })
	})
	return o, nil
}

// Any reads one order for the operator. Codes: order.not_found.
func (s *Service) Any(ctx context.Context, id ID) (Order, error) {
	return s.read(ctx, id, func(Order) bool { return true })
}

func (s *Service) read(ctx context.Context, id ID, may func(Order) bool) (o Order, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := load(tx, []ID{id}, false)
		if err != nil {
			return err
		}
		if len(all) == 0 || !may(all[0]) {
			return fault.New(fault.NotFound, "order.not_found")
		}
		o = all[0]
		steps, err := loadSteps(tx, []ID{id})
		o.Steps = steps[id]
		return err
	})
	return o, err
}

// ByShopper lists a shopper's orders, newest first, from the one before; "" starts. Steps are not read.
func (s *Service) ByShopper(ctx context.Context, shopper string, before ID, limit int) ([]Order, error) {
	return s.list(ctx, func(tx *db.Tx) ([]ID, error) { return shopperIDs(tx, shopper, from(before), limit) })
}

// Recent lists the market's orders for the operator, newest first.
func (s *Service) Recent(ctx context.Context, before ID, limit int) ([]Order, error) {
	return s.list(ctx, func(tx *db.Tx) ([]ID, error) { return recentIDs(tx, from(before), limit) })
}

// ByShop lists the orders that have a suborder of the shop, newest first, each with only the shop's suborders.
func (s *Service) ByShop(ctx context.Context, shop string, f Filter, before ID, limit int) ([]Order, error) {
	all, err := s.list(ctx, func(tx *db.Tx) ([]ID, error) {
		found, err := shopKeys(tx, shop, f, from(before), limit)
		ids := make([]ID, len(found))
		for i, k := range found {
			ids[i] = k.Order
		}
		return ids, err
	})
	for i := range all {
		if all[i], err = all[i].seenBy(shop); err != nil {
			return nil, err
		}
	}
	return all, err
}

// ByShopOldest is ByShop from the oldest on, after the one named; "" starts. What has waited longest comes first.
func (s *Service) ByShopOldest(ctx context.Context, shop string, f Filter, after ID, limit int) ([]Order, error) {
	all, err := s.list(ctx, func(tx *db.Tx) ([]ID, error) {
		found, err := shopKeysRising(tx, shop, f, after, limit)
		ids := make([]ID, len(found))
		for i, k := range found {
			ids[i] = k.Order
		}
		return ids, err
	})
	slices.Reverse(all)
	for i := range all {
		if all[i], err = all[i].seenBy(shop); err != nil {
			return nil, err
		}
	}
	return all, err
}

// CountByShop tells how many of a shop's suborders the filter picks, counting up to most.
func (s *Service) CountByShop(ctx context.Context, shop string, f Filter, most int) (n int, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		found, err := shopKeys(tx, shop, f, maxID, most)
		n = len(found)
		return err
	})
	return n, err
}

// CountLate tells how many of a shop's suborders should have been shipped before an instant, counting up to most.
func (s *Service) CountLate(ctx context.Context, shop string, at time.Time, most int) (n int, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		found, err := late(tx, shop, at, most)
		n = len(found)
		return err
	})
	return n, err
}

// UnderWay is what shoppers paid a shop for goods that they have not received yet, less what was given back, by
// currency: money that the market holds. It reads all the shop's suborders that are not over.
func (s *Service) UnderWay(ctx context.Context, shop string) (all map[money.Currency]int64, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = underWay(tx, shop)
		return err
	})
	return all, err
}

func from(before ID) ID {
	if before == "" {
		return maxID
	}
	return before
}

func (s *Service) list(ctx context.Context, find func(*db.Tx) ([]ID, error)) (all []Order, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		ids, err := find(tx)
		if err != nil {
			return err
		}
		rising, err := load(tx, ids, false)
		all = make([]Order, len(rising))
		for i, o := range rising { // ids rise with time; the list runs from the newest
			all[len(rising)-1-i] = o
		}
		return err
	})
	return all, err
}

// Cancel ends an order that is not paid yet and gives back its stock, vouchers and shares of budgets. A payment that is
// under way meanwhile is refunded when it arrives, or the payment wins: the order's state decides, once (FAULTS R7).
// The earnest of a presale is forfeited, up to the law's fifth of what the goods cost.
// Codes: order.not_found, order.state. Cancelling a cancelled order is a conflict, so it is told apart from the first.
func (s *Service) Cancel(ctx context.Context, shopper string, id ID) error {
	at := clock.Now(ctx, s.Clock)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		heads, err := Headers(tx, []ID{id})
		if err != nil {
			return err
		}
		o, ok := heads[id]
		if !ok || o.Shopper != shopper || shopper == "" {
			return fault.New(fault.NotFound, "order.not_found")
		}
		if o.State != AwaitingPayment {
			return fault.New(fault.Conflict, "order.state", fault.P("state", string(o.State)))
		}
		return s.lapse(tx, []Order{o}, Cause{Actor: "shopper", Why: "shopper", At: at})
	})
}

// Expire cancels orders whose time to pay has passed and gives their stock back, up to a batch at once. It is a job;
// two nodes at once are harmless. An order that cannot end now keeps no other one waiting: it is the error. While the
// disk is full no earnest is forfeited: nobody could pay their balance then.
func (s *Service) Expire(ctx context.Context) (done int, err error) {
	at := clock.Now(ctx, s.Clock)
	full, err := s.grace(ctx, at)
	if err != nil {
		return 0, err
	}
	next := func(limit int) (ids []ID, err error) {
		err = s.DB.Read(ctx, func(tx *db.Tx) (err error) { ids, err = expiredIDs(tx, at, !full, limit); return err })
		return ids, err
	}
	return job.Walk(ctx, batchMax, job.Self, next, func(ids []ID) (int, error) {
		return job.Halves(ctx, ids, func(some []ID) (int, error) { return s.expire(ctx, some, at) })
	})
}

// lapse ends orders that are not paid. One whose earnest is paid forfeits it, unless its wallet took it back.
func (s *Service) lapse(tx *db.Tx, orders []Order, c Cause) error {
	orders, err := s.dissolve(tx, orders, c)
	if err != nil {
		return err
	}
	plain, owing, ps, err := s.part(tx, orders)
	if err != nil {
		return err
	}
	kept, taken := owing[:0:0], owing[:0:0]
	for _, o := range owing {
		if o.TakenAt.IsZero() {
			kept = append(kept, o)
		} else {
			taken = append(taken, o)
		}
	}
	if err := s.forfeit(tx, kept, ps, c); err != nil {
		return err
	}
	if err := s.endTaken(tx, taken, ps, c); err != nil {
		return err
	}
	return s.endPresales(tx, plain, ps, Lapsed, c)
}

// cancel ends orders that are not paid and gives back what was held for them.
func (s *Service) cancel(tx *db.Tx, orders []Order, c Cause) error {
	steps, err := s.advance(tx, orders, Cancelled, c)
	if err != nil {
		return err
	}
	ids := idsOf(orders)
	held, err := piecesOf(tx, ids)
	if err != nil {
		return err
	}
	if err := stock.Release(tx, held); err != nil {
		return err
	}
	if err := quota.Release(tx, keys(ids)); err != nil {
		return err
	}
	if err := insertSteps(tx, steps); err != nil {
		return err
	}
	return s.emit(tx, TopicCancelled, c.At, orders)
}

// advance moves orders, whose headers were read under lock in this transaction, to next.
func (s *Service) advance(tx *db.Tx, orders []Order, next State, c Cause) ([]Step, error) {
	steps, was := make([]Step, len(orders)), make([]State, len(orders))
	for i := range orders {
		var err error
		was[i] = orders[i].State
		if steps[i], err = orders[i].move(next, c); err != nil {
			return nil, err
		}
	}
	won, err := saveState(tx, orders, was)
	if err != nil {
		return nil, err
	}
	for i, ok := range won {
		if !ok { // the row was locked: somebody changed it without the lock, which must not be possible
			return nil, fault.New(fault.Conflict, "order.state", fault.P("state", string(was[i])))
		}
	}
	return steps, nil
}
