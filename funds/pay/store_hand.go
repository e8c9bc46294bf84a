package pay

import (
	"errors"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
)

// readRefunds reads refunds by id, without holding them.
func readRefunds(tx *db.Tx, ids []string) (map[RefundID]Refund, error) {
	found := make(map[RefundID]Refund, len(ids))
	err := tx.EachKey(selectRefund+`WHERE id IN ({keys})`, sortedUnique(ids), func(r db.Row) error {
		v, err := scanRefund(r)
		found[v.ID] = v
		return err
	})
	return found, err
}

// handedOf tells how refunds were sent by hand; what was not is not in it.
func handedOf(tx *db.Tx, ids []string) (map[RefundID]Handed, error) {
	found := map[RefundID]Handed{}
	err := tx.EachKey(`SELECT refund_id, ref, why, by_login, confirmed_by, request_id, at_us FROM refunds_by_hand
		WHERE refund_id IN ({keys})`, sortedUnique(ids), func(r db.Row) error {
		var id RefundID
		var h Handed
		var at int64
		err := r.Scan(&id, &h.Ref, &h.Why, &h.By, &h.ConfirmedBy, &h.Request, &at)
		h.At = clock.FromMicros(at)
		found[id] = h
		return err
	})
	return found, err
}

// refFree refuses a bank's reference that is another refund's: pay.ref_known.
func refFree(tx *db.Tx, ref string) error {
	var id RefundID
	taken, err := tx.One(`SELECT refund_id FROM refunds_by_hand WHERE ref = $1`, []any{ref}, &id)
	if err == nil && taken {
		err = refKnown()
	}
	return err
}

func refKnown() *fault.Error { return fault.New(fault.Conflict, "pay.ref_known").At("ref") }

// insertHanded keeps how a refund was sent by hand, and marks it as that. Code: pay.ref_known, of two at once.
func insertHanded(tx *db.Tx, id RefundID, h Handed, seq int64) error {
	_, err := tx.Exec(`INSERT INTO refunds_by_hand (refund_id, ref, why, by_login, confirmed_by, request_id, at_us,
		ledger_seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, id, h.Ref, h.Why, h.By, h.ConfirmedBy, h.Request,
		clock.Micros(h.At), seq)
	if errors.Is(err, db.ErrUnique) {
		return refKnown().Because(err)
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE refunds SET state = 'by_hand', next_try_us = 0, done_us = $2 WHERE id = $1`, id,
		clock.Micros(h.At))
	return err
}
