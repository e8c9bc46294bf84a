package stock

import (
	"time"

	"hutong/base/db"
	"hutong/base/fault"
)

// Count says how many pieces of a SKU lie in a shop's main pool.
type Count struct {
	SKU    string
	Pieces int64
	By     bool // Pieces are added to what is there; they may be negative
	Floor  bool // where orders were promised more than that, what they were promised stays (R18); else it is refused
	Ref    string
}

// Counted is what a Count did.
type Counted struct{ Before, After int64 }

// CountsMax is how many counts are taken at once.
const CountsMax = 10_000

// Count books counts of a shop in the caller's transaction, all or none, each difference as received or written off. It
// tells what lay and what lies in each pool, in the counts' order. A count By an amount is not safe to repeat: the
// caller is keyed. Codes: stock.quantity, stock.no_pool, stock.below_promised.
func (s *Service) Count(tx *db.Tx, at time.Time, shop string, counts []Count) ([]Counted, error) {
	skus := make([]string, len(counts))
	for i, c := range counts {
		skus[i] = c.SKU
	}
	if len(counts) > CountsMax {
		return nil, quantity()
	}
	known, err := bySKU(tx, shop, skus, forWriting)
	if err != nil {
		return nil, err
	}
	out := make([]Counted, len(counts))
	more, less := map[PoolID]int64{}, map[PoolID]int64{}
	var moves []move
	for i, c := range counts {
		p, ok := known[c.SKU]
		if !ok {
			return nil, fault.New(fault.NotFound, "stock.no_pool").At(c.SKU)
		}
		to, err := c.onto(p)
		if err != nil {
			return nil, err
		}
		out[i] = Counted{p.OnHand(), to}
		switch by := to - p.OnHand(); {
		case by > 0:
			more[p.ID] += by
			p.Received += by
			moves = append(moves, move{p.ID, "receive", by, c.Ref})
		case by < 0:
			less[p.ID] -= by
			p.WrittenOff -= by
			moves = append(moves, move{p.ID, "write_off", -by, c.Ref})
		}
		known[c.SKU] = p
	}
	if err := change(tx, poolReceives, more); err != nil {
		return nil, err
	}
	if err := change(tx, poolWritesOff, less); err != nil {
		return nil, err
	}
	return out, insertMoves(tx, s.ids, at, moves)
}

func quantity() *fault.Error {
	return fault.New(fault.Invalid, "stock.quantity", fault.P("max", int64(QuantityMax))).At("stock")
}

// onto is what lies in the pool after the count.
func (c Count) onto(p Pool) (int64, error) {
	if c.Pieces > QuantityMax || c.Pieces < -QuantityMax {
		return 0, quantity()
	}
	to := c.Pieces
	if c.By {
		to += p.OnHand()
	}
	promised := p.Held + p.Sold
	if to < promised && c.Floor {
		to = max(promised, 0)
	}
	switch {
	case to < 0 && promised == 0 || to > QuantityMax:
		return 0, quantity()
	case to < promised:
		return 0, fault.New(fault.Unprocessable, "stock.below_promised", fault.P("promised", promised)).At("stock")
	}
	return to, nil
}
