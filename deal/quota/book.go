package quota

import (
	"fmt"

	"hutong/base/fault"
)

// Book is the working set of a batch: the quotas that its commands touch, loaded (and on PostgreSQL locked) once,
// decided on in memory, saved once. It lives inside one transaction.
type Book struct {
	keys    []string         // sorted, each once
	place   map[string]int32 // where a key stands in keys and entries
	entries []entry
	uses    []orderUses
	orders  map[string]int32 // where an order stands in uses
}

type entry struct {
	cap, used int64
	taken     int64 // by how much this batch changes used
	stored    bool  // whether the row is there
	open      bool  // whether orders may take from it
	raised    bool  // whether the row's cap rises to cap
}

type orderUses struct {
	order  string
	uses   []Use
	stored bool // whether the order has a row already
	grown  bool // whether this batch added to it
}

// Free is what is left of a quota within this batch, and whether there is such a quota.
func (b *Book) Free(quota string) (free int64, found bool) {
	i, asked := b.place[quota]
	if !asked {
		return 0, false
	}
	e := &b.entries[i]
	if e.stored && !e.open {
		return 0, true
	}
	return e.cap - e.used - e.taken, e.stored || e.taken > 0
}

// Take takes what an order needs, all or nothing; needs of one quota add up. Every quota must be one that the book was
// loaded with. Codes: those of the needs, quota.missing, quota.closed.
func (b *Book) Take(order string, needs []Need) error { return b.takeAll(order, needs, false) }

func (b *Book) takeAll(order string, needs []Need, evenClosed bool) error {
	for i := range needs {
		if err := b.take(&needs[i], evenClosed); err != nil {
			for _, n := range needs[:i] {
				b.entries[b.place[n.Quota]].taken -= n.takes()
			}
			return err
		}
	}
	b.note(order, needs)
	return nil
}

func (b *Book) take(n *Need, evenClosed bool) error {
	i, asked := b.place[n.Quota]
	if !asked || n.Amount < 0 || n.Cap < 0 || n.Cap > CapMax {
		return fmt.Errorf("quota: %d of %q under %d was asked of a book that has %d quotas",
			n.Amount, n.Quota, n.Cap, len(b.keys))
	}
	e := &b.entries[i]
	if !e.stored && e.taken == 0 {
		if n.Look {
			return nil // nobody used any of it yet
		}
		if n.Cap == 0 && n.Amount > 0 {
			return fault.New(fault.NotFound, "quota.missing")
		}
		e.cap = n.Cap
	}
	if e.stored && !e.open && !evenClosed && n.Amount > 0 {
		return fault.New(fault.SoldOut, "quota.closed")
	}
	limit := e.cap
	if n.Cap > 0 && personal(n.Quota) {
		limit = n.Cap
	}
	if free := limit - e.used - e.taken; n.Amount > free {
		return n.refusal(max(free, 0), limit)
	}
	if e.taken += n.takes(); e.used+e.taken > e.cap {
		e.cap, e.raised = limit, e.stored
	}
	return nil
}

// takes is by how much the need changes what is used.
func (n *Need) takes() int64 {
	if n.Look {
		return 0
	}
	return n.Amount
}

func (n *Need) refusal(free, limit int64) error {
	kind, code := n.Kind, n.Code
	if kind == fault.Internal {
		kind = fault.SoldOut
	}
	if code == "" {
		code = "quota.exhausted"
	}
	return fault.New(kind, code, fault.P("free", free), fault.P("cap", limit))
}

// note keeps what an order took, for its row.
func (b *Book) note(order string, needs []Need) {
	i, there := b.orders[order]
	for _, n := range needs {
		if n.takes() == 0 {
			continue
		}
		if !there {
			i, there = int32(len(b.uses)), true
			b.orders[order] = i
			b.uses = append(b.uses, orderUses{order: order, uses: make([]Use, 0, len(needs))})
		}
		b.uses[i].uses, b.uses[i].grown = add(b.uses[i].uses, n.Quota, n.Amount), true
	}
}
