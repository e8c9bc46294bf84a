package order

import (
	"hutong/base/db"
	"hutong/funds/settle"
)

// Waiting reads the orders among ids that have a suborder which waits, whole, in order of id.
func Waiting(tx *db.Tx, ids []ID) ([]Order, error) {
	var found []ID
	err := tx.EachKey(`SELECT DISTINCT order_id FROM suborders WHERE order_id IN ({keys}) AND waits <> ''`, keys(ids),
		func(r db.Row) error {
			id, err := scanID(r)
			found = append(found, id)
			return err
		})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return load(tx, found, false)
}

// Locked reads whole orders, locked for the writer, in order of id.
func Locked(tx *db.Tx, ids []ID) ([]Order, error) { return load(tx, ids, true) }

// PaidBefore tells whether an order was paid before that instant of which a consumer of TopicPaid has not taken the
// news yet: nobody has been told, or it failed and is told again. Whoever decides by what was paid in time waits for
// it. What was given up on (a dead letter) is waited for no longer: somebody is shown it.
func PaidBefore(tx *db.Tx, consumer string, us int64) (untold bool, err error) {
	_, untold, err = db.Value[string](tx, `SELECT id FROM outbox WHERE topic = $1 AND at_us < $2 LIMIT 1`, TopicPaid, us)
	if err != nil || untold {
		return untold, err
	}
	_, untold, err = db.Value[string](tx, `SELECT event_id FROM outbox_failures
		WHERE NOT dead AND topic = $1 AND consumer = $2 AND at_us < $3 LIMIT 1`, TopicPaid, consumer, us)
	return untold, err
}

// fundedLowerings are the times that others than the shop paid when a price of an order was lowered.
func fundedLowerings(tx *db.Tx, id ID) ([]lowering, error) {
	return db.List(tx, func(r db.Row) (g lowering, err error) {
		var stored string
		if err := r.Scan(&g.line, &stored, &g.piecesBefore); err != nil {
			return g, err
		}
		g.funding, err = settle.DecodeShares(stored)
		return g, err
	}, `SELECT line_no, funding, pieces_before FROM order_lowerings WHERE order_id = $1 AND funding <> ''
		ORDER BY line_no, at_us, ref`, id)
}

// LoweredEach is what was given back of the price of each piece of a line that stays, for other reasons than one, a
// part of a minor unit counting as a whole one: each time belongs to the pieces that were there then.
func LoweredEach(tx *db.Tx, l Line, but string) (each int64, err error) {
	err = tx.Each(`SELECT amount, pieces_before FROM order_lowerings WHERE order_id = $1 AND line_no = $2 AND why <> $3`,
		func(r db.Row) error {
			var amount, gone int64
			if err := r.Scan(&amount, &gone); err != nil {
				return err
			}
			pieces := l.Quantity - gone
			each += amount/pieces + min(1, amount%pieces)
			return nil
		}, l.Order, l.No, but)
	return each, err
}
