package order

import (
	"time"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/goods/stock"
)

// work is the working set of verbs that move suborders: whole orders, loaded under lock once, moved in memory, saved
// set-based.
type work struct {
	orders map[ID]*Order
	before map[ID]State
	subs   map[SubKey]*Sub // that moved or changed
	order  []SubKey        // of subs, as they moved
	steps  []Step
	lines  []Line // whose refunded counts changed
}

// open loads the orders of some suborders.
func (s *Service) open(tx *db.Tx, keys []SubKey) (*work, error) {
	all, err := load(tx, idsIn(keys), true)
	if err != nil {
		return nil, err
	}
	return newWork(all), nil
}

func idsIn(keys []SubKey) []ID {
	ids := make([]ID, len(keys))
	for i, k := range keys {
		ids[i] = k.Order
	}
	return ids
}

// openSums is open with what lines come to, for who moves suborders and no line.
func openSums(tx *db.Tx, keys []SubKey) (*work, error) {
	all, err := loadSums(tx, idsIn(keys), forWriting)
	if err != nil {
		return nil, err
	}
	return newWork(all), nil
}

// Hold locks an order and those that were paid together with it, in order of id: what a refund of one of them frees,
// and whether what a wallet took back of their payment is used up, depends on the others. Whoever gives money of an
// order back holds it so before anything else, so that two of one payment wait for each other.
func Hold(tx *db.Tx, id ID) error {
	ids := []ID{id}
	bill, err := billOf(tx, id)
	if err == nil && bill != "" {
		ids, err = billedWith(tx, []ID{bill})
	}
	if err != nil {
		return err
	}
	_, err = Headers(tx, ids)
	return err
}

// openRefund is open with what lines come to and where their pieces go back to.
func openRefund(tx *db.Tx, key SubKey) (*work, error) {
	if err := Hold(tx, key.Order); err != nil {
		return nil, err
	}
	ids := []ID{key.Order}
	heads, subs, err := parts(tx, ids, forWriting)
	if err != nil {
		return nil, err
	}
	if err := withLines(tx, ids, subs, refundColumns, scanRefund); err != nil {
		return nil, err
	}
	all := joined(ids, heads, subs)
	return newWork(all), withPresales(tx, all)
}

// openBare is open without lines; it gives, by suborder, the lines that have pieces left.
func (s *Service) openBare(tx *db.Tx, keys []SubKey) (*work, map[SubKey][]stock.Reservation, error) {
	ids := idsIn(keys)
	heads, subs, err := parts(tx, ids, forWriting)
	if err != nil {
		return nil, nil, err
	}
	pieces, err := piecesLeft(tx, ids)
	return newWork(joined(ids, heads, subs)), pieces, err
}

func newWork(all []Order) *work {
	w := &work{orders: make(map[ID]*Order, len(all)), before: make(map[ID]State, len(all)), subs: map[SubKey]*Sub{}}
	for i := range all {
		w.orders[all[i].ID], w.before[all[i].ID] = &all[i], all[i].State
	}
	return w
}

func (w *work) sub(k SubKey) (*Order, *Sub, error) {
	o := w.orders[k.Order]
	if o == nil || k.Seq < 1 || k.Seq > int64(len(o.Subs)) {
		return nil, nil, fault.New(fault.NotFound, "order.not_found")
	}
	return o, &o.Subs[k.Seq-1], nil
}

func (w *work) touch(sub *Sub) {
	k := SubKey{sub.Order, sub.Seq}
	if w.subs[k] == nil {
		w.subs[k] = sub
		w.order = append(w.order, k)
	}
}

func (w *work) move(sub *Sub, next SubState, c Cause) error {
	step, err := sub.move(next, c)
	if err != nil {
		return err
	}
	w.steps = append(w.steps, step)
	w.touch(sub)
	return w.closeOrder(w.orders[sub.Order], c)
}

// closeOrder ends a paid order once its last suborder has ended.
func (w *work) closeOrder(o *Order, c Cause) error {
	next, ok := o.close()
	if !ok || o.State != Paid {
		return nil
	}
	if next == Cancelled {
		c.Why = "refunded"
	}
	step, err := o.move(next, c)
	w.steps = append(w.steps, step)
	return err
}

// save writes what moved and tells who waits.
func (s *Service) save(tx *db.Tx, w *work, topic event.Topic, at time.Time) error {
	var closed, told []Order
	var was []State
	subs := make([]Sub, len(w.order))
	seen := map[ID]bool{}
	for i, k := range w.order {
		subs[i] = *w.subs[k]
		if o := w.orders[k.Order]; !seen[k.Order] {
			seen[k.Order] = true
			told = append(told, *o)
			if o.State != w.before[k.Order] {
				closed, was = append(closed, *o), append(was, w.before[k.Order])
			}
		}
	}
	won, err := saveState(tx, closed, was)
	if err != nil {
		return err
	}
	for i, ok := range won {
		if !ok {
			return fault.New(fault.Conflict, "order.state", fault.P("state", string(was[i])))
		}
	}
	if err := saveSubs(tx, subs); err != nil {
		return err
	}
	if err := saveRefunds(tx, w.lines); err != nil {
		return err
	}
	if err := insertSteps(tx, w.steps); err != nil {
		return err
	}
	return s.emit(tx, topic, at, told)
}

func keysOf[T any](all []T, key func(T) SubKey) []SubKey {
	out := make([]SubKey, len(all))
	for i, v := range all {
		out[i] = key(v)
	}
	return out
}
