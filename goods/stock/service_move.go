package stock

import (
	"time"

	"hutong/base/db"
	"hutong/base/fault"
)

// Movement carries pieces of one SKU from one pool of its shop to another. Nothing arrives and nothing is lost: what
// one pool writes off the other receives, in two rows of stock_moves with the same ref.
type Movement struct {
	From, To PoolID
	Quantity int64
	AtMost   bool   // carry what is free, up to Quantity; else all of it or nothing
	Ref      string // names the movement; its rows say MovedRef + Ref
}

// MovedRef begins the ref of the two rows of a movement, and of no other row.
const MovedRef = "move:"

// Move carries pieces between a shop's pools in the caller's transaction, all movements or none, and tells how many
// each carried. Only what is free moves: what is promised to orders stays where it was promised (R18). Closed pools
// give and take, too. Repeating it carries again, but for AtMost when nothing is left: the caller is keyed.
// Codes: stock.quantity, stock.no_pool (also another shop's), stock.units (pools of two SKUs), stock.sold_out.
func (s *Service) Move(tx *db.Tx, at time.Time, shop string, moves []Movement) ([]int64, error) {
	pools := make([]PoolID, 0, 2*len(moves))
	for _, m := range moves {
		if m.Quantity < 0 || m.Quantity > QuantityMax {
			return nil, quantity()
		}
		pools = append(pools, m.From, m.To)
	}
	book, err := LoadBook(tx, pools)
	if err != nil {
		return nil, err
	}
	carried := make([]int64, len(moves))
	less, more := map[PoolID]int64{}, map[PoolID]int64{}
	var rows []move
	for i, m := range moves {
		if carried[i], err = book.carry(shop, m); err != nil {
			return nil, err
		}
		less[m.From] += carried[i]
		more[m.To] += carried[i]
		rows = append(rows, move{m.From, "write_off", carried[i], MovedRef + m.Ref},
			move{m.To, "receive", carried[i], MovedRef + m.Ref})
	}
	// What a pool is given comes first: a pool that passes pieces on is never short in between.
	if err := change(tx, poolReceives, more); err != nil {
		return nil, err
	}
	if err := change(tx, poolWritesOff, less); err != nil {
		return nil, err
	}
	return carried, insertMoves(tx, s.ids, at, rows)
}

// carry moves pieces within the book and tells how many.
func (b *Book) carry(shop string, m Movement) (int64, error) {
	from, to := b.entries[m.From], b.entries[m.To]
	if from == nil || to == nil || from.pool.Shop != shop || to.pool.Shop != shop {
		return 0, fault.New(fault.NotFound, "stock.no_pool")
	}
	if from == to || from.pool.SKU != to.pool.SKU {
		return 0, fault.New(fault.Unprocessable, "stock.units")
	}
	n, free := m.Quantity, from.pool.Free()
	switch {
	case m.AtMost:
		n = min(n, free)
	case free < n:
		return 0, fault.New(fault.SoldOut, "stock.sold_out", fault.P("pool", string(m.From)), fault.P("free", free))
	}
	from.pool.WrittenOff += n
	to.pool.Received += n
	return n, nil
}

// PoolAt is the pool of a SKU at a place of its own, made empty and closed when it is missing. It is safe to repeat.
func (s *Service) PoolAt(tx *db.Tx, shop, sku, place string) (Pool, error) {
	p, found, err := atPlace(tx, shop, sku, place)
	if err != nil || found {
		return p, err
	}
	p = Pool{ID: PoolID(s.ids.New("pol")), Shop: shop, SKU: sku, Place: place}
	return p, insertPools(tx, []Pool{p})
}
