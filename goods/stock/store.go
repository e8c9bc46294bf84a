package stock

import (
	"fmt"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
)

const poolColumns = `id, shop_id, sku_id, place, open, received, returned, written_off, held, sold, shipped`

func scanPool(r db.Row) (p Pool, err error) {
	err = r.Scan(&p.ID, &p.Shop, &p.SKU, &p.Place, &p.Open, &p.Received, &p.Returned, &p.WrittenOff,
		&p.Held, &p.Sold, &p.Shipped)
	return p, err
}

// LoadBook reads the pools of a batch; on PostgreSQL it locks their rows in key order, so that nodes do not deadlock.
func LoadBook(tx *db.Tx, pools []PoolID) (*Book, error) {
	b := &Book{entries: make(map[PoolID]*entry, len(pools))}
	err := tx.EachKey(`SELECT `+poolColumns+` FROM pools WHERE id IN ({keys}) ORDER BY id {lock}`, distinct(pools),
		func(r db.Row) error {
			p, err := scanPool(r)
			b.entries[p.ID] = &entry{pool: p}
			return err
		})
	return b, err
}

// Save writes the changed counts. The row refuses what would oversell it, whatever the book believed.
func (b *Book) Save(tx *db.Tx) error {
	var rows [][]any
	for _, e := range b.changed() {
		rows = append(rows, []any{string(e.pool.ID), e.held, e.sold})
	}
	_, err := tx.Many(`UPDATE pools SET held = held + $2, sold = sold + $3 WHERE id = $1`, rows)
	return err
}

// Reservations reads those of some paid orders, in order of order and line, locked.
func Reservations(tx *db.Tx, orders []string) ([]Reservation, error) {
	var all []Reservation
	err := tx.EachKey(`SELECT order_id, line_no, pool_id, quantity, released, returned, state
		FROM reservations WHERE order_id IN ({keys}) ORDER BY order_id, line_no {lock}`, distinct(orders),
		func(r db.Row) error {
			var v Reservation
			err := r.Scan(&v.Order, &v.Line, &v.Pool, &v.Quantity, &v.Released, &v.Returned, &v.State)
			all = append(all, v)
			return err
		})
	return all, err
}

// Commit turns what unpaid orders held into sold pieces, one reservation a line. The table refuses an order that was
// committed before.
func Commit(tx *db.Tx, held []Reservation) error {
	if err := reserve(tx, held); err != nil {
		return err
	}
	return change(tx, `UPDATE pools SET held = held - $2, sold = sold + $2 WHERE id = $1`, sumOf(held))
}

// Release gives the pieces back that unpaid orders held. Repeating it gives back again: the caller is the order, which
// lapses once.
func Release(tx *db.Tx, held []Reservation) error {
	return change(tx, `UPDATE pools SET held = held - $2 WHERE id = $1`, sumOf(held))
}

func reserve(tx *db.Tx, lines []Reservation) error {
	rows := make([][]any, len(lines))
	for i, r := range lines {
		rows[i] = []any{r.Order, r.Line, string(r.Pool), r.Quantity, int64(0), int64(0), string(Committed)}
	}
	return tx.Insert("reservations",
		[]string{"order_id", "line_no", "pool_id", "quantity", "released", "returned", "state"}, rows)
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
	var again []Reservation
	for _, lines := range byOrder {
		switch o := lines[0].Order; {
		case taken[o]:
			again = append(again, lines...)
		case slices.Contains(found, o):
			book.unsell(wantsOf(lines))
		}
	}
	if err := reserve(tx, again); err != nil {
		return nil, err
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

// Ship marks order lines as shipped: what was sold and not given back leaves the pool. Most orders leave whole, which
// is one statement for many of them.
func Ship(tx *db.Tx, lines []Units) error {
	wanted, orders := wantedOf(lines)
	all, err := Reservations(tx, orders)
	if err != nil {
		return err
	}
	sums, stays := map[PoolID]int64{}, map[string]bool{}
	found := 0
	for _, r := range all {
		_, mine := wanted[lineOf{r.Order, r.Line}]
		switch {
		case mine && r.State != Committed:
			return fault.New(fault.Unprocessable, "stock.units", fault.P("order", r.Order), fault.P("line", r.Line))
		case mine:
			found++
			sums[r.Pool] += r.Quantity - r.Released
		case r.State == Committed:
			stays[r.Order] = true
		}
	}
	if found != len(wanted) {
		return fault.New(fault.Unprocessable, "stock.units")
	}
	if err := markShipped(tx, distinct(orders), wanted, stays); err != nil {
		return err
	}
	return change(tx, `UPDATE pools SET sold = sold - $2, shipped = shipped + $2 WHERE id = $1`, sums)
}

// markShipped moves the wanted lines; of the orders that some stay of, one by one.
func markShipped(tx *db.Tx, orders []string, wanted map[lineOf]int64, stays map[string]bool) error {
	whole := slices.DeleteFunc(orders, func(o string) bool { return stays[o] })
	var rows [][]any
	for l := range wanted {
		if stays[l.order] {
			rows = append(rows, []any{l.order, l.line})
		}
	}
	n, err := tx.ExecKeys(`UPDATE reservations SET state = 'shipped' WHERE order_id IN ({keys}) AND state = 'committed'`,
		whole)
	if err != nil {
		return err
	}
	if n != int64(len(wanted)-len(rows)) {
		return fmt.Errorf("stock: %d of %d lines shipped", n, len(wanted)-len(rows))
	}
	_, err = tx.Many(`UPDATE reservations SET state = 'shipped' WHERE order_id = $1 AND line_no = $2`, rows)
	return err
}

// ReleaseUnits gives pieces of paid, unshipped lines back to their pools.
func ReleaseUnits(tx *db.Tx, lines []Units) error {
	return moveLines(tx, lines, func(r Reservation, n int64) (Reservation, int64, bool) {
		ok := r.State == Committed && r.Released+n <= r.Quantity
		if r.Released += n; r.Released == r.Quantity {
			r.State = Released
		}
		return r, n, ok
	}, `UPDATE pools SET sold = sold - $2 WHERE id = $1`)
}

// lineOf names an order line.
type lineOf struct {
	order string
	line  int64
}

// wantedOf adds up the pieces of each line, and names their orders.
func wantedOf(lines []Units) (map[lineOf]int64, []string) {
	wanted, orders := make(map[lineOf]int64, len(lines)), make([]string, len(lines))
	for i, l := range lines {
		wanted[lineOf{l.Order, l.Line}] += l.Units
		orders[i] = l.Order
	}
	return wanted, orders
}

// step moves one reservation by n units; pieces is by how much its pool changes, ok whether it may move so.
type step func(r Reservation, n int64) (to Reservation, pieces int64, ok bool)

func moveLines(tx *db.Tx, lines []Units, move step, poolSQL string) error {
	wanted, orders := wantedOf(lines)
	all, err := Reservations(tx, orders)
	if err != nil {
		return err
	}
	sums := map[PoolID]int64{}
	var rows [][]any
	for _, r := range all {
		n, mine := wanted[lineOf{r.Order, r.Line}]
		if !mine {
			continue
		}
		to, pieces, ok := move(r, n)
		if !ok {
			return fault.New(fault.Unprocessable, "stock.units", fault.P("order", r.Order), fault.P("line", r.Line))
		}
		sums[r.Pool] += pieces
		rows = append(rows, []any{r.Order, r.Line, string(to.State), to.Released, to.Returned})
	}
	if len(rows) != len(wanted) {
		return fault.New(fault.Unprocessable, "stock.units")
	}
	if _, err := tx.Many(`UPDATE reservations SET state = $3, released = $4, returned = $5
		WHERE order_id = $1 AND line_no = $2`, rows); err != nil {
		return err
	}
	return change(tx, poolSQL, sums)
}

// change applies sums to pools in key order, so that two nodes never wait for each other in a circle.
func change(tx *db.Tx, q string, sums map[PoolID]int64) error {
	rows := make([][]any, 0, len(sums))
	for _, p := range distinctKeys(sums) {
		if sums[PoolID(p)] != 0 {
			rows = append(rows, []any{p, sums[PoolID(p)]})
		}
	}
	changed, err := tx.Many(q, rows)
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
	poolReceives  = `UPDATE pools SET received = received + $2 WHERE id = $1`
	poolReturns   = `UPDATE pools SET returned = returned + $2 WHERE id = $1`
	poolWritesOff = `UPDATE pools SET written_off = written_off + $2 WHERE id = $1`
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
	err := tx.EachKey(`SELECT `+poolColumns+` FROM pools WHERE id IN ({keys})`, distinct(ids), func(r db.Row) error {
		p, err := scanPool(r)
		all[p.ID] = p
		return err
	})
	return all, err
}

const (
	forReading = ``
	forWriting = ` ORDER BY id {lock}`
)

// bySKU reads the main pools of SKUs of one shop.
func bySKU(tx *db.Tx, shop string, skus []string, purpose string) (map[string]Pool, error) {
	all := make(map[string]Pool, len(skus))
	err := tx.EachKey(`SELECT `+poolColumns+` FROM pools WHERE shop_id = $1 AND place = $2 AND sku_id IN ({keys})`+
		purpose, distinct(skus), func(r db.Row) error {
		p, err := scanPool(r)
		all[p.SKU] = p
		return err
	}, shop, MainPlace)
	return all, err
}

func insertPools(tx *db.Tx, fresh []Pool) error {
	rows := make([][]any, len(fresh))
	for i, p := range fresh {
		rows[i] = []any{string(p.ID), p.Shop, p.SKU, p.Place, p.Open, p.Received, p.Returned, p.WrittenOff, p.Held,
			p.Sold, p.Shipped}
	}
	cols := []string{"id", "shop_id", "sku_id", "place", "open", "received", "returned", "written_off", "held", "sold",
		"shipped"}
	return tx.Insert("pools", cols, rows)
}

// SetOpen opens or closes pools for orders. What is reserved stays so.
func SetOpen(tx *db.Tx, pools []PoolID, open bool) error {
	rows := make([][]any, 0, len(pools))
	for _, p := range distinct(pools) {
		rows = append(rows, []any{p, open})
	}
	_, err := tx.Many(`UPDATE pools SET open = $2 WHERE id = $1`, rows)
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
	err = tx.Each(`SELECT `+poolColumns+` FROM pools WHERE shop_id = $1 AND sku_id = $2 AND place = $3 {lock}`,
		func(r db.Row) (err error) {
			p, err = scanPool(r)
			found = true
			return err
		}, shop, sku, place)
	return p, found, err
}
