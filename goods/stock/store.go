package stock

import (
	"fmt"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

// poolsSQL reads pools with their counts.
const poolsSQL = `SELECT p.id, p.no, p.shop_id, p.sku_id, p.place, c.open, c.received, c.returned, c.written_off,
	c.held, c.sold, c.shipped FROM pools p JOIN pool_counts c ON c.no = p.no`

func scanPool(r db.Row) (p Pool, err error) {
	var no int64
	err = r.Scan(p.row(&no)...)
	return p, err
}

// row is where the values of poolsSQL go; no is that of the row of counts.
func (p *Pool) row(no *int64) []any {
	return []any{(*string)(&p.ID), no, &p.Shop, &p.SKU, &p.Place, &p.Open, &p.Received, &p.Returned, &p.WrittenOff,
		&p.Held, &p.Sold, &p.Shipped}
}

// countColumns are the columns of pool_counts.
var countColumns = []string{"no", "open", "received", "returned", "written_off", "held", "sold", "shipped"}

// counts are the row of that number in pool_counts, with these counts of what is held and sold.
func (p *Pool) counts(no, held, sold *int64) []any {
	return []any{no, p.Open, &p.Received, &p.Returned, &p.WrittenOff, held, sold, &p.Shipped}
}

// LoadBook reads the pools of a batch; on PostgreSQL it locks their rows in key order, so that nodes do not deadlock.
func LoadBook(tx *db.Tx, pools []PoolID) (*Book, error) {
	ids := distinct(pools)
	b := &Book{entries: make(map[PoolID]*entry, len(ids))}
	all := make([]entry, 0, len(ids))
	var p Pool
	var no int64
	row := p.row(&no) // the same for all
	err := tx.EachKey(poolsSQL+` WHERE p.id IN ({keys}) {lock by p.id of c}`, ids,
		func(r db.Row) error {
			err := r.Scan(row...)
			all = append(all, entry{pool: p, no: no})
			b.entries[p.ID] = &all[len(all)-1]
			return err
		})
	return b, err
}

// Save writes the changed counts. The row refuses what would oversell it, whatever the book believed.
func (b *Book) Save(tx *db.Tx) error {
	changed := b.changed()
	rows := make([][]any, len(changed))
	for i, e := range changed {
		p := &e.pool
		rows[i] = p.counts(&e.no, &e.held, &e.sold)
	}
	return tx.Add("pool_counts", countColumns, []string{"held", "sold"}, rows)
}

// Commit turns what unpaid orders held into sold pieces. Repeating it sells again, as far as something is held: the
// caller is the order, which is paid once. That holds for all changes below.
func Commit(tx *db.Tx, held []Reservation) error {
	return change(tx, `held = held - $2, sold = sold + $2`, sumOf(held))
}

// Uncommit takes back what was committed or retaken in this transaction, before anything else saw it: the pieces are
// held again, for the order to release.
func Uncommit(tx *db.Tx, committed []Reservation) error {
	return change(tx, `sold = sold - $2, held = held + $2`, sumOf(committed))
}

// Release gives the pieces back that unpaid orders held.
func Release(tx *db.Tx, held []Reservation) error {
	return change(tx, `held = held - $2`, sumOf(held))
}

func sumOf(lines []Reservation) map[PoolID]int64 {
	sums := map[PoolID]int64{}
	for _, r := range lines {
		sums[r.Pool] += r.Quantity
	}
	return sums
}

// Retake tries to take the pieces of lapsed orders again, order by order, all or nothing for each: a payment that came
// late is honoured while stock is free, and refunded otherwise (FAULTS R8). Orders that find theirs are put to allowed,
// which takes what else they need and says whose that was; the others' pieces stay free. It tells which orders have
// their pieces.
func Retake(tx *db.Tx, lapsed []Reservation, allowed func(orders []string) (map[string]bool, error)) (map[string]bool,
	error) {
	var pools []PoolID
	for _, r := range lapsed {
		pools = append(pools, r.Pool)
	}
	book, err := LoadBook(tx, pools)
	if err != nil {
		return nil, err
	}
	byOrder, found := ordersOf(lapsed), []string(nil)
	for _, lines := range byOrder {
		if book.Sell(wantsOf(lines)) == nil {
			found = append(found, lines[0].Order)
		}
	}
	taken, err := allowed(found)
	if err != nil {
		return nil, err
	}
	for _, lines := range byOrder {
		if o := lines[0].Order; !taken[o] && slices.Contains(found, o) {
			book.unsell(wantsOf(lines))
		}
	}
	return taken, book.Save(tx)
}

// ordersOf cuts lines, which stand in order of their orders, into those of each.
func ordersOf(lines []Reservation) (all [][]Reservation) {
	for len(lines) > 0 {
		n := 1
		for n < len(lines) && lines[n].Order == lines[0].Order {
			n++
		}
		all, lines = append(all, lines[:n]), lines[n:]
	}
	return all
}

func wantsOf(lines []Reservation) []Want {
	wants := make([]Want, len(lines))
	for i, r := range lines {
		wants[i] = Want{r.Pool, r.Quantity}
	}
	return wants
}

// Ship has sold pieces leave their pools.
func Ship(tx *db.Tx, sold []Reservation) error {
	return change(tx, `sold = sold - $2, shipped = shipped + $2`, sumOf(sold))
}

// Unsell gives sold pieces that have not left back to their pools.
func Unsell(tx *db.Tx, sold []Reservation) error {
	return change(tx, `sold = sold - $2`, sumOf(sold))
}

// updated changes what is counted of the pool of an id, the first argument.
func updated(set string) string {
	return `UPDATE pool_counts SET ` + set + ` WHERE no = (SELECT no FROM pools WHERE id = $1)`
}

// change applies sums to pools in key order, so that two nodes never wait for each other in a circle.
func change(tx *db.Tx, set string, sums map[PoolID]int64) error {
	rows := make([][]any, 0, len(sums))
	for _, p := range distinctKeys(sums) {
		if sums[PoolID(p)] != 0 {
			rows = append(rows, []any{p, sums[PoolID(p)]})
		}
	}
	changed, err := tx.Many(updated(set), rows)
	if err != nil {
		return err
	}
	for i, n := range changed {
		if n != 1 {
			return fmt.Errorf("stock: pool %v is gone", rows[i][0])
		}
	}
	return nil
}

// The changes of a pool's counts, each by the sum of a batch.
const (
	poolReceives  = `received = received + $2`
	poolReturns   = `returned = returned + $2`
	poolWritesOff = `written_off = written_off + $2`
)

// move is one row of stock_moves.
type move struct {
	pool     PoolID
	kind     string
	quantity int64
	ref      string
}

func insertMoves(tx *db.Tx, ids IDs, at time.Time, moves []move) error {
	var rows [][]any
	for _, m := range moves {
		if m.quantity > 0 {
			rows = append(rows, []any{ids.New("mov"), string(m.pool), m.kind, m.quantity, m.ref, clock.Micros(at)})
		}
	}
	return tx.Insert("stock_moves", []string{"id", "pool_id", "kind", "quantity", "ref", "at_us"}, rows)
}

// Pools reads pools by id.
func Pools(tx *db.Tx, ids []PoolID) (map[PoolID]Pool, error) {
	all := make(map[PoolID]Pool, len(ids))
	err := tx.EachKey(poolsSQL+` WHERE p.id IN ({keys})`, distinct(ids), func(r db.Row) error {
		p, err := scanPool(r)
		all[p.ID] = p
		return err
	})
	return all, err
}

const (
	forReading = ``
	forWriting = ` ORDER BY p.id {lock of c}`
)

// bySKU reads the main pools of SKUs of one shop.
func bySKU(tx *db.Tx, shop string, skus []string, purpose string) (map[string]Pool, error) {
	all := make(map[string]Pool, len(skus))
	const q = poolsSQL + ` WHERE p.shop_id = $1 AND p.place = $2 AND p.sku_id IN ({keys})`
	err := tx.EachKey(q+purpose, distinct(skus), func(r db.Row) error {
		p, err := scanPool(r)
		all[p.SKU] = p
		return err
	}, shop, MainPlace)
	return all, err
}

// insertPools makes pools, numbered after those that are there.
func insertPools(tx *db.Tx, fresh []Pool) error {
	if len(fresh) == 0 {
		return nil
	}
	if err := tx.Turn("stock: a pool's number"); err != nil {
		return err
	}
	last, _, err := db.Value[int64](tx, `SELECT COALESCE(MAX(no), 0) FROM pools`)
	if err != nil {
		return err
	}
	rows, counts := make([][]any, len(fresh)), make([][]any, len(fresh))
	for i := range fresh {
		p := &fresh[i]
		no := last + int64(i) + 1
		rows[i] = []any{(*string)(&p.ID), no, &p.Shop, &p.SKU, &p.Place}
		counts[i] = p.counts(&no, &p.Held, &p.Sold)
	}
	if err := tx.Insert("pools", []string{"id", "no", "shop_id", "sku_id", "place"}, rows); err != nil {
		return err
	}
	return tx.Insert("pool_counts", countColumns, counts)
}

// SetOpen opens or closes pools for orders. What is reserved stays so.
func SetOpen(tx *db.Tx, pools []PoolID, open bool) error {
	rows := make([][]any, 0, len(pools))
	for _, p := range distinct(pools) {
		rows = append(rows, []any{p, open})
	}
	_, err := tx.Many(updated(`open = $2`), rows)
	return err
}

func distinct[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, v := range in {
		out[i] = string(v)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func distinctKeys(m map[PoolID]int64) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, string(k))
	}
	slices.Sort(out)
	return out
}

// atPlace reads the pool of a SKU at one place of a shop, locked.
func atPlace(tx *db.Tx, shop, sku, place string) (p Pool, found bool, err error) {
	err = tx.Each(poolsSQL+` WHERE p.shop_id = $1 AND p.sku_id = $2 AND p.place = $3 {lock of c}`,
		func(r db.Row) (err error) {
			p, err = scanPool(r)
			found = true
			return err
		}, shop, sku, place)
	return p, found, err
}
