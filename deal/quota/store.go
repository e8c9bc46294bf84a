package quota

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"hutong/base/db"
	"hutong/base/fault"
)

// ErrRaced says that another node made a quota in the same moment, which this book knows nothing of. Nothing is wrong:
// the transaction is to be run again (a lane does so by itself).
var ErrRaced = errors.New("quota: another node made a quota in the same moment")

// LoadBook reads the quotas of a batch; on PostgreSQL it locks their rows in key order, so that nodes do not deadlock.
// Quotas that are not there yet can be asked for too.
func LoadBook(tx *db.Tx, quotas []string) (*Book, error) {
	keys := distinct(quotas)
	b := &Book{keys: keys, place: make(map[string]int32, len(keys)), entries: make([]entry, len(keys)),
		orders: map[string]int32{}}
	for i, k := range keys {
		if err := checkName(k); err != nil {
			return nil, err
		}
		b.place[k] = int32(i)
	}
	var name string
	e := entry{stored: true}
	row := []any{&name, &e.cap, &e.used, &e.open} // the same for all
	err := tx.EachKey(`SELECT quota, cap, used, open FROM quotas WHERE quota IN ({keys}) {lock by quota}`, keys,
		func(r db.Row) error {
			err := r.Scan(row...)
			b.entries[b.place[name]] = e
			return err
		})
	return b, err
}

// LoadBookFor is LoadBook for orders that may have uses already: what they take now goes on top. An order whose uses
// were released must not take more (Retake takes them again).
func LoadBookFor(tx *db.Tx, orders, quotas []string) (*Book, error) {
	rows, err := usesOf(tx, orders, forWriting)
	if err != nil {
		return nil, err
	}
	b, err := LoadBook(tx, quotas)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if r.released {
			return nil, fmt.Errorf("quota: the uses of %s are released", r.order)
		}
		b.orders[r.order] = int32(len(b.uses))
		b.uses = append(b.uses, orderUses{order: r.order, uses: r.uses, stored: true})
	}
	return b, nil
}

// Save writes the changed counts and one row an order. The rows refuse what would pass a cap, whatever the book
// believed. Where Take was never asked for anything it writes nothing. It may fail with ErrRaced.
func (b *Book) Save(tx *db.Tx) error {
	if err := b.saveCounts(tx); err != nil {
		return err
	}
	return b.saveUses(tx)
}

func (b *Book) saveCounts(tx *db.Tx) error {
	values := make([]any, 0, 4*len(b.keys)) // each row of both lists is a part of it
	changed, fresh, raised, less := make([][]any, 0, len(b.keys)), [][]any(nil), [][]any(nil), [][]any(nil)
	for i := range b.keys {
		k, e, from := &b.keys[i], &b.entries[i], len(values)
		switch {
		case e.taken == 0:
		case e.taken < 0:
			less = append(less, []any{k, -e.taken})
		case e.raised:
			raised = append(raised, []any{k, e.taken, e.cap})
		default:
			values = append(values, k, &e.cap, &e.taken, true)
			if row := values[from:]; e.stored {
				changed = append(changed, row)
			} else {
				fresh = append(fresh, row)
			}
		}
	}
	if err := tx.Add("quotas", countColumns, []string{"used"}, changed); err != nil {
		return err
	}
	if err := apply(tx, takeLess, less); err != nil {
		return err
	}
	if err := apply(tx, raiseAndTake, raised); err != nil {
		return err
	}
	err := tx.Insert("quotas", countColumns, fresh)
	if errors.Is(err, db.ErrUnique) {
		return fmt.Errorf("%w: %w", ErrRaced, err)
	}
	return err
}

var countColumns = []string{"quota", "cap", "used", "open"}

// The changes of counts, by the sum of a batch.
const (
	takeLess = `UPDATE quotas SET used = used - $2 WHERE quota = $1`

	raiseAndTake = `UPDATE quotas SET used = used + $2, cap = $3 WHERE quota = $1`
)

func apply(tx *db.Tx, q string, rows [][]any) error {
	changed, err := tx.Many(q, rows)
	if err != nil {
		return err
	}
	for i, n := range changed {
		if n != 1 {
			return fmt.Errorf("quota: %s is gone", nameOf(rows[i]))
		}
	}
	return nil
}

func nameOf(row []any) string {
	if s, is := row[0].(*string); is {
		return *s
	}
	return fmt.Sprint(row[0])
}

func (b *Book) saveUses(tx *db.Tx) error {
	values := make([]any, 0, 3*len(b.uses))
	fresh, grown := make([][]any, 0, len(b.uses)), [][]any(nil)
	var buf []byte
	for i := range b.uses {
		u := &b.uses[i]
		if !u.grown {
			continue
		}
		buf = appendUses(buf[:0], u.uses)
		if u.stored {
			grown = append(grown, []any{u.order, string(buf)})
			continue
		}
		from := len(values)
		values = append(values, &u.order, string(buf), false)
		fresh = append(fresh, values[from:])
	}
	slices.SortFunc(fresh, func(x, y []any) int { return strings.Compare(*x[0].(*string), *y[0].(*string)) })
	if err := tx.Insert("quota_uses", []string{"order_id", "uses", "released"}, fresh); err != nil {
		return err
	}
	_, err := tx.Many(`UPDATE quota_uses SET uses = $2 WHERE order_id = $1`, grown)
	return err
}

// usesRow is one row of quota_uses.
type usesRow struct {
	order    string
	uses     []Use
	released bool
}

const (
	forReading = ``
	forWriting = ` ORDER BY order_id {lock}`
)

// usesOf reads the rows of orders, for writing in their order and locked.
func usesOf(tx *db.Tx, orders []string, purpose string) ([]usesRow, error) {
	var all []usesRow
	err := tx.EachKey(`SELECT order_id, uses, released FROM quota_uses WHERE order_id IN ({keys})`+purpose,
		distinct(orders), func(r db.Row) (err error) {
			var u usesRow
			var stored string
			if err := r.Scan(&u.order, &stored, &u.released); err != nil {
				return err
			}
			u.uses, err = parseUses(stored)
			all = append(all, u)
			return err
		})
	return all, err
}

// Release gives back everything that orders use: they ended unpaid, or were taken back whole. It is safe to repeat, and
// orders without uses change nothing.
func Release(tx *db.Tx, orders []string) error {
	rows, err := usesOf(tx, orders, forWriting)
	if err != nil {
		return err
	}
	sums := map[string]int64{}
	var done [][]any
	for _, r := range rows {
		if r.released {
			continue
		}
		for _, u := range r.uses {
			sums[u.Quota] += u.Amount
		}
		done = append(done, []any{r.order, true})
	}
	if _, err := tx.Many(markReleased, done); err != nil {
		return err
	}
	return apply(tx, takeLess, inOrder(sums))
}

const markReleased = `UPDATE quota_uses SET released = $2 WHERE order_id = $1`

// Retake takes again what lapsed orders had released, order by order, all or nothing for each: a payment that came late
// is honoured while there is room, also by a quota that was closed meanwhile. It tells which orders have
// what they need: those that need nothing, or whose uses were never released, have it.
func Retake(tx *db.Tx, orders []string) (map[string]bool, error) {
	rows, err := usesOf(tx, orders, forWriting)
	if err != nil {
		return nil, err
	}
	have := make(map[string]bool, len(orders))
	for _, o := range orders {
		have[o] = true
	}
	var quotas []string
	for _, r := range rows {
		for _, u := range r.uses {
			quotas = append(quotas, u.Quota)
		}
	}
	b, err := LoadBook(tx, quotas)
	if err != nil {
		return nil, err
	}
	var again [][]any
	for _, r := range rows {
		if !r.released {
			continue
		}
		needs := make([]Need, len(r.uses))
		for i, u := range r.uses {
			needs[i] = Need{Quota: u.Quota, Amount: u.Amount}
		}
		if have[r.order] = b.takeAll(r.order, needs, true) == nil; have[r.order] {
			again = append(again, []any{r.order, false})
		}
	}
	if _, err := tx.Many(markReleased, again); err != nil {
		return nil, err
	}
	return have, b.saveCounts(tx)
}

// GiveBack gives back parts of what orders use: a refunded piece's share of a budget, a voucher whose order was
// refunded before it was shipped. What is released is back already and changes nothing. Repeating it gives back again:
// the caller is keyed. Codes: quota.give_back.
func GiveBack(tx *db.Tx, parts []Back) error {
	orders := make([]string, len(parts))
	for i, p := range parts {
		orders[i] = p.Order
	}
	rows, err := usesOf(tx, orders, forWriting)
	if err != nil {
		return err
	}
	byOrder := make(map[string]*usesRow, len(rows))
	for i := range rows {
		byOrder[rows[i].order] = &rows[i]
	}
	sums := map[string]int64{}
	for _, p := range parts {
		r := byOrder[p.Order]
		if r != nil && r.released || p.Amount == 0 {
			continue
		}
		if r == nil || p.Amount < 0 || !r.less(p.Quota, p.Amount) {
			return fault.New(fault.Unprocessable, "quota.give_back", fault.P("order", p.Order))
		}
		sums[p.Quota] += p.Amount
	}
	var changed [][]any
	for _, r := range rows {
		if !r.released {
			changed = append(changed, []any{r.order, string(appendUses(nil, r.uses))})
		}
	}
	if _, err := tx.Many(`UPDATE quota_uses SET uses = $2 WHERE order_id = $1`, changed); err != nil {
		return err
	}
	return apply(tx, takeLess, inOrder(sums))
}

func (r *usesRow) less(quota string, amount int64) bool {
	for i := range r.uses {
		if u := &r.uses[i]; u.Quota == quota && u.Amount >= amount {
			u.Amount -= amount
			return true
		}
	}
	return false
}

// Counts reads quotas as they stand; those that are not there are left out.
func Counts(tx *db.Tx, quotas []string) (map[string]Count, error) {
	all := make(map[string]Count, len(quotas))
	err := tx.EachKey(`SELECT quota, cap, used, open FROM quotas WHERE quota IN ({keys})`, distinct(quotas),
		func(r db.Row) error {
			var name string
			var c Count
			err := r.Scan(&name, &c.Cap, &c.Used, &c.Open)
			all[name] = c
			return err
		})
	return all, err
}

// Free reads what is left of quotas; those that are not there are left out.
func Free(tx *db.Tx, quotas []string) (map[string]int64, error) {
	counts, err := Counts(tx, quotas)
	free := make(map[string]int64, len(counts))
	for name, c := range counts {
		free[name] = c.Free()
	}
	return free, err
}

// UsesOf reads what orders use now; a released order uses nothing.
func UsesOf(tx *db.Tx, orders []string) (map[string][]Use, error) {
	rows, err := usesOf(tx, orders, forReading)
	all := make(map[string][]Use, len(rows))
	for _, r := range rows {
		if !r.released && len(r.uses) > 0 {
			all[r.order] = r.uses
		}
	}
	return all, err
}

// SetCap gives a quota its cap, making the quota when it is not there. It cannot fall below what is used. It is safe to
// repeat. Codes: quota.cap, quota.below_used.
func SetCap(tx *db.Tx, quota string, limit int64) error {
	if err := checkName(quota); err != nil {
		return err
	}
	if limit < 0 || limit > CapMax {
		return fault.New(fault.Invalid, "quota.cap", fault.P("max", int64(CapMax))).At("cap")
	}
	n, err := tx.Exec(`INSERT INTO quotas (quota, cap, used, open) VALUES ($1, $2, $3, $4)
		ON CONFLICT (quota) DO UPDATE SET cap = excluded.cap WHERE quotas.used <= excluded.cap`,
		quota, limit, int64(0), true)
	if err != nil || n == 1 {
		return err
	}
	counts, err := Counts(tx, []string{quota})
	if err != nil {
		return err
	}
	return fault.New(fault.Unprocessable, "quota.below_used", fault.P("used", counts[quota].Used)).At("cap")
}

// SetOpen lets orders take from quotas, or stops it at once: the kill switch of a promotion. What is used stays used,
// can go back, and is taken again by a payment that came late. Quotas that are not there change nothing.
func SetOpen(tx *db.Tx, quotas []string, open bool) error {
	_, err := tx.ExecKeys(`UPDATE quotas SET open = $1 WHERE quota IN ({keys})`, distinct(quotas), open)
	return err
}

func inOrder(sums map[string]int64) [][]any {
	rows := make([][]any, 0, len(sums))
	for name, n := range sums {
		if n != 0 {
			rows = append(rows, []any{name, n})
		}
	}
	slices.SortFunc(rows, func(x, y []any) int { return strings.Compare(x[0].(string), y[0].(string)) })
	return rows
}

func distinct(in []string) []string {
	out := slices.Clone(in)
	slices.Sort(out)
	return slices.Compact(out)
}
