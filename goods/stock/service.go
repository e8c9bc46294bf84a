package stock

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
)

// QuantityMax bounds one stock figure: far above any warehouse, far below where sums could overflow.
const QuantityMax = 1_000_000_000

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Service holds the verbs of stock.
type Service struct {
	db    *db.DB
	clock clock.Clock
	ids   IDs
}

// New makes the Service.
func New(d *db.DB, c clock.Clock, ids IDs) *Service { return &Service{d, c, ids} }

// Receive books arrived goods in the caller's transaction, making the pools that are missing. It tells the pool of each
// receipt, in their order. Repeating it receives again: the caller is keyed.
func (s *Service) Receive(tx *db.Tx, at time.Time, receipts []Receipt) ([]PoolID, error) {
	pools := make([]PoolID, len(receipts))
	byShop := map[string][]int{}
	for i, r := range receipts {
		if r.Quantity < 0 || r.Quantity > QuantityMax {
			return nil, fault.New(fault.Invalid, "stock.quantity", fault.P("max", int64(QuantityMax)))
		}
		byShop[r.Shop] = append(byShop[r.Shop], i)
	}
	for shop, mine := range byShop {
		if err := s.receive(tx, shop, receipts, mine, pools); err != nil {
			return nil, err
		}
	}
	moves := make([]move, len(receipts))
	for i, r := range receipts {
		moves[i] = move{pools[i], "receive", r.Quantity, r.Ref}
	}
	return pools, insertMoves(tx, s.ids, at, moves)
}

func (s *Service) receive(tx *db.Tx, shop string, receipts []Receipt, mine []int, pools []PoolID) error {
	skus := make([]string, len(mine))
	for i, r := range mine {
		skus[i] = receipts[r].SKU
	}
	known, err := bySKU(tx, shop, skus, forWriting)
	if err != nil {
		return err
	}
	var fresh []Pool
	sums := map[PoolID]int64{}
	for _, i := range mine {
		r := receipts[i]
		p, ok := known[r.SKU]
		if !ok {
			p = Pool{ID: PoolID(s.ids.New("pol")), Shop: shop, SKU: r.SKU, Place: MainPlace, Open: true}
			known[r.SKU] = p
			fresh = append(fresh, p)
		}
		pools[i] = p.ID
		sums[p.ID] += r.Quantity
	}
	if err := insertPools(tx, fresh); err != nil {
		return err
	}
	return change(tx, poolReceives, sums)
}

// Return books shipped pieces that came back: into the pool to be sold again when restock is set, otherwise received
// and written off at once.
func (s *Service) Return(tx *db.Tx, at time.Time, shipped []Reservation, restock bool) error {
	sums := sumOf(shipped)
	if err := change(tx, poolReturns, sums); err != nil {
		return err
	}
	moves := make([]move, 0, 2*len(shipped))
	for _, r := range shipped {
		moves = append(moves, move{r.Pool, "return", r.Quantity, r.Order})
		if !restock {
			moves = append(moves, move{r.Pool, "write_off", r.Quantity, r.Order})
		}
	}
	if !restock {
		if err := change(tx, poolWritesOff, sums); err != nil {
			return err
		}
	}
	return insertMoves(tx, s.ids, at, moves)
}

// SetStock says how many pieces of a SKU lie in the shop's main pool; the difference is booked as received or written
// off. It cannot fall below what orders were promised: those pieces exist or the merchant cancels the orders (R18).
// Codes: stock.quantity, stock.no_pool, stock.below_promised. It is safe to repeat.
func (s *Service) SetStock(ctx context.Context, shop, sku string, onHand int64) error {
	if onHand < 0 || onHand > QuantityMax {
		return fault.New(fault.Invalid, "stock.quantity", fault.P("max", int64(QuantityMax))).At("stock")
	}
	at := clock.Now(ctx, s.clock)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		known, err := bySKU(tx, shop, []string{sku}, forWriting)
		if err != nil {
			return err
		}
		p, ok := known[sku]
		if !ok {
			return fault.New(fault.NotFound, "stock.no_pool")
		}
		if promised := p.Held + p.Sold; onHand < promised {
			return fault.New(fault.Unprocessable, "stock.below_promised", fault.P("promised", promised)).At("stock")
		}
		return s.adjust(tx, at, p, onHand-p.OnHand())
	})
}

func (s *Service) adjust(tx *db.Tx, at time.Time, p Pool, by int64) error {
	kind, q := "receive", poolReceives
	if by < 0 {
		kind, q, by = "write_off", poolWritesOff, -by
	}
	if err := change(tx, q, map[PoolID]int64{p.ID: by}); err != nil {
		return err
	}
	return insertMoves(tx, s.ids, at, []move{{p.ID, kind, by, "count"}})
}

// Free tells how many pieces of each pool can be sold now; a closed pool has none.
func Free(tx *db.Tx, pools []PoolID) (map[PoolID]int64, error) {
	all, err := Pools(tx, pools)
	if err != nil {
		return nil, err
	}
	free := make(map[PoolID]int64, len(all))
	for id, p := range all {
		if p.Open {
			free[id] = p.Free()
		}
	}
	return free, nil
}

// PoolsBySKU reads a shop's main pools of some SKUs, for its stock page.
func (s *Service) PoolsBySKU(ctx context.Context, shop string, skus []string) (map[string]Pool, error) {
	var all map[string]Pool
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = bySKU(tx, shop, skus, forReading)
		return err
	})
	return all, err
}

// FreeOf is Free on a snapshot of its own, for pages.
func (s *Service) FreeOf(ctx context.Context, pools []PoolID) (free map[PoolID]int64, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { free, err = Free(tx, pools); return err })
	return free, err
}
