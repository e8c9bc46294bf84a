package order

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

const presaleColumns = `order_id, item, state, earnest, worth, value, forfeit, opens_us, due_us, earnest_us, fixed_us,
	ended_us, told, ship_by_us, ship_days`

func scanPresale(r db.Row) (p Presale, err error) {
	var opens, due, paid, fixed, ended, shipBy int64
	err = r.Scan(&p.Order, &p.Item, &p.State, &p.Earnest, &p.Worth, &p.Value, &p.Forfeit, &opens, &due, &paid, &fixed,
		&ended, &p.Told, &shipBy, &p.ShipDays)
	p.Opens, p.Due, p.EarnestPaidAt = clock.FromMicros(opens), clock.FromMicros(due), clock.FromMicros(paid)
	p.FixedAt, p.EndedAt, p.ShipBy = clock.FromMicros(fixed), clock.FromMicros(ended), clock.FromMicros(shipBy)
	return p, err
}

// presalesOf are the presales of those of the orders that have one, by order. For orders without any nothing is read.
// They need no lock of their own: whoever changes one holds its order.
func presalesOf(tx *db.Tx, orders []Order) (map[ID]*Presale, error) {
	var ids []ID
	for _, o := range orders {
		if o.Earnest > 0 {
			ids = append(ids, o.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	all := make(map[ID]*Presale, len(ids))
	err := tx.EachKey(`SELECT `+presaleColumns+` FROM presales WHERE order_id IN ({keys})`, keys(ids),
		func(r db.Row) error {
			p, err := scanPresale(r)
			all[p.Order] = &p
			return err
		})
	return all, err
}

// withPresales puts the presales into orders that have one.
func withPresales(tx *db.Tx, orders []Order) error {
	all, err := presalesOf(tx, orders)
	for i := range orders {
		orders[i].Presale = all[orders[i].ID]
	}
	return err
}

func insertPresales(tx *db.Tx, orders []*Order) error {
	var rows [][]any
	for _, o := range orders {
		if p := o.Presale; p != nil {
			rows = append(rows, []any{string(o.ID), p.Item, string(p.State), p.Earnest, p.Worth, p.Value, p.Forfeit,
				clock.Micros(p.Opens), clock.Micros(p.Due), clock.Micros(p.EarnestPaidAt), clock.Micros(p.FixedAt),
				clock.Micros(p.EndedAt), p.Told, clock.Micros(p.ShipBy), p.ShipDays})
		}
	}
	return tx.Insert("presales", split(presaleColumns), rows)
}

func savePresales(tx *db.Tx, all []*Presale) error {
	rows := make([][]any, len(all))
	for i, p := range all {
		rows[i] = []any{string(p.Order), string(p.State), clock.Micros(p.EarnestPaidAt), clock.Micros(p.FixedAt),
			clock.Micros(p.EndedAt), p.Told, clock.Micros(p.ShipBy)}
	}
	_, err := tx.Many(`UPDATE presales SET state = $2, earnest_us = $3, fixed_us = $4, ended_us = $5, told = $6,
		ship_by_us = $7
		WHERE order_id = $1`, rows)
	return err
}

// saveFixed keeps what unpaid orders of one line come to, with which others they are paid and until when they wait.
func saveFixed(tx *db.Tx, orders []Order) error {
	lines, subs, heads := make([][]any, len(orders)), make([][]any, len(orders)), make([][]any, len(orders))
	for i, o := range orders {
		l := o.Subs[0].Lines[0]
		lines[i] = []any{string(o.ID), l.No, l.Discount, l.Paid, l.Discounts, l.Funded}
		subs[i] = []any{string(o.ID), l.Seq, o.Goods}
		heads[i] = []any{string(o.ID), o.Goods, o.Total, o.Rules, string(o.Bill), clock.Micros(o.ExpiresAt)}
	}
	if _, err := tx.Many(`UPDATE order_lines SET discount = $3, paid = $4, discounts = $5, funded = $6
		WHERE order_id = $1 AND line_no = $2`, lines); err != nil {
		return err
	}
	if _, err := tx.Many(`UPDATE suborders SET goods = $3 WHERE order_id = $1 AND seq = $2`, subs); err != nil {
		return err
	}
	_, err := tx.Many(`UPDATE orders SET goods = $2, total = $3, rules = $4, bill = $5, expires_us = $6
		WHERE id = $1 AND state = 'awaiting_payment'`, heads)
	return err
}

// billOf is the bill that an order is of, "" for none. It is settled for good once the order is paid.
func billOf(tx *db.Tx, id ID) (ID, error) {
	bill, _, err := db.Value[string](tx, `SELECT bill FROM orders WHERE id = $1`, id)
	return ID(bill), err
}

// billedWith are the orders of bills.
func billedWith(tx *db.Tx, bills []ID) (ids []ID, err error) {
	err = tx.EachKey(`SELECT id FROM orders WHERE bill IN ({keys}) AND bill <> ''`, keys(bills), func(r db.Row) error {
		id, err := scanID(r)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// openBalances are a shopper's presales whose balance can be paid and is not fixed, oldest first.
func openBalances(tx *db.Tx, shopper string, now time.Time, limit int) ([]ID, error) {
	return db.List(tx, scanID, `SELECT s.order_id FROM shopper_orders s JOIN presales p ON p.order_id = s.order_id
		WHERE s.shopper_id = $1 AND p.state = 'earnest_paid' AND p.fixed_us = 0 AND p.opens_us <= $2 AND p.due_us > $2
		ORDER BY s.order_id LIMIT $3`, shopper, clock.Micros(now), limit)
}

// saveDeadline sets until when an unpaid order waits.
func saveDeadline(tx *db.Tx, o ID, until time.Time) error {
	_, err := tx.Exec(`UPDATE orders SET expires_us = $2 WHERE id = $1 AND state = 'awaiting_payment'`, o,
		clock.Micros(until))
	return err
}

// prolong lets the balances that opened before now be paid until then, at least. They are forfeited a little later, as
// somebody may have set about to pay.
func prolong(tx *db.Tx, now, until time.Time) error {
	const open = `(SELECT order_id FROM presales WHERE state = 'earnest_paid' AND opens_us < $1 AND due_us < $2)`
	if _, err := tx.Exec(`UPDATE orders SET expires_us = $3 WHERE state = 'awaiting_payment' AND id IN `+open,
		clock.Micros(now), clock.Micros(until), clock.Micros(until.Add(newsLast))); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE presales SET due_us = $2 WHERE order_id IN `+open, clock.Micros(now), clock.Micros(until))
	return err
}

// toTell are the presales whose balance can be paid since before now, and those whose balance ends before then, that
// were not told so.
func toTell(tx *db.Tx, now, ends time.Time, limit int) ([]ID, error) {
	return db.List(tx, scanID, `SELECT order_id FROM presales WHERE state = 'earnest_paid' AND told < 2
			AND opens_us <= $1 AND (told = 0 OR due_us <= $2) ORDER BY order_id LIMIT $3`,
		clock.Micros(now), clock.Micros(ends), limit)
}
