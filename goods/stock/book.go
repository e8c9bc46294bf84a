package stock

import (
	"slices"

	"hutong/base/fault"
)

// Book is the working set of a batch: the pools that its commands touch, loaded (and on PostgreSQL locked) once,
// decided on in memory, saved once. It lives inside one transaction.
type Book struct {
	entries map[PoolID]*entry
}

type entry struct {
	pool       Pool
	no         int64 // of its row of counts
	held, sold int64 // by how much they change
}

// Free is what pool can still give within this batch, and whether the pool is there and open.
func (b *Book) Free(pool PoolID) (free int64, open bool) {
	e := b.entries[pool]
	if e == nil {
		return 0, false
	}
	return e.pool.Free() - e.held - e.sold, e.pool.Open
}

// Hold takes pieces for an order that is to be paid, all or nothing: wants is checked as a whole (two lines of one pool
// add up) before anything is taken. Codes: stock.closed, stock.sold_out (with the pool and how many are free).
func (b *Book) Hold(wants []Want) error {
	if err := b.check(wants, false); err != nil {
		return err
	}
	for _, w := range wants {
		b.entries[w.Pool].held += w.Quantity
	}
	return nil
}

// Can tells whether Hold would take wants now, and takes nothing: for callers that need more than stock. Codes: Hold's.
func (b *Book) Can(wants []Want) error { return b.check(wants, false) }

// Sell takes pieces for an order that has been paid already (a payment that came after its reservation had lapsed). A
// closed pool still honours what was ordered while it was open.
func (b *Book) Sell(wants []Want) error {
	if err := b.check(wants, true); err != nil {
		return err
	}
	for _, w := range wants {
		b.entries[w.Pool].sold += w.Quantity
	}
	return nil
}

// unsell takes a Sell back.
func (b *Book) unsell(wants []Want) {
	for _, w := range wants {
		b.entries[w.Pool].sold -= w.Quantity
	}
}

// Want is a number of pieces that a command asks of a pool.
type Want struct {
	Pool     PoolID
	Quantity int64
}

func (b *Book) check(wants []Want, evenClosed bool) error {
	for i, w := range wants {
		need := w.Quantity
		for _, earlier := range wants[:i] {
			if earlier.Pool == w.Pool {
				need += earlier.Quantity
			}
		}
		switch free, open := b.Free(w.Pool); {
		case !open && !evenClosed:
			return fault.New(fault.SoldOut, "stock.closed", fault.P("pool", string(w.Pool)))
		case free < need:
			return fault.New(fault.SoldOut, "stock.sold_out", fault.P("pool", string(w.Pool)), fault.P("free", free))
		}
	}
	return nil
}

// changed are the touched pools in key order.
func (b *Book) changed() []*entry {
	var all []*entry
	for _, e := range b.entries {
		if e.held != 0 || e.sold != 0 {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(x, y *entry) int {
		switch {
		case x.pool.ID < y.pool.ID:
			return -1
		case x.pool.ID > y.pool.ID:
			return 1
		}
		return 0
	})
	return all
}
