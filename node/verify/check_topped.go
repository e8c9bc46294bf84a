package verify

import (
	"encoding/json"
	"fmt"
	"strings"

	"hutong/base/db"
)

// topping is one time that others than the shop paid when a line's price was lowered.
type topping struct {
	order, ref, stored, claimed, currency    string
	line, amount, quantity, gone, gaveBefore int64
}

// topped reads the times that others paid when a price was lowered: their shares are what the guarantee's record says,
// no more than the lowering, and what is left of them on the pieces that stay is what the line says and the books owe.
func (d *dealWalk) topped(tx *db.Tx) error {
	type key struct {
		order string
		line  int64
	}
	left := map[key]int64{}
	err := tx.Each(`SELECT w.order_id, w.line_no, w.ref, w.amount, w.funding, w.pieces_before, l.quantity,
			l.refunded_quantity, o.currency, COALESCE(c.funding, 'none')
		FROM order_lowerings w JOIN order_lines l ON l.order_id = w.order_id AND l.line_no = w.line_no
		JOIN orders o ON o.id = w.order_id
		LEFT JOIN guarantee_claims c ON c.order_id = w.order_id AND c.line_no = w.line_no
			AND w.ref = 'guarantee.' || c.line_no || '.' || c.step
		WHERE w.funding <> '' OR c.funding <> ''`, func(r db.Row) error {
		var t topping
		err := r.Scan(&t.order, &t.line, &t.ref, &t.amount, &t.stored, &t.gaveBefore, &t.quantity, &t.gone, &t.currency,
			&t.claimed)
		if err == nil {
			d.tops.Counted++
			n, ok := d.share(&t)
			left[key{t.order, t.line}] += n
			if !ok || t.claimed != t.stored {
				d.tops.note(Violation{"order_id": t.order, "line_no": fmt.Sprint(t.line), "ref": t.ref, "funding": t.stored,
					"claimed": t.claimed, "amount": fmt.Sprint(t.amount)})
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	wrong := func(k key, topped, shares int64) {
		d.tops.note(Violation{"order_id": k.order, "line_no": fmt.Sprint(k.line), "topped": fmt.Sprint(topped),
			"shares": fmt.Sprint(shares)})
	}
	err = tx.Each(`SELECT order_id, line_no, topped FROM order_lines WHERE topped > 0`, func(r db.Row) error {
		var k key
		var topped int64
		err := r.Scan(&k.order, &k.line, &topped)
		if err == nil && topped != left[k] {
			wrong(k, topped, left[k])
		}
		delete(left, k)
		return err
	})
	for k, shares := range left {
		if shares != 0 {
			wrong(k, 0, shares)
		}
	}
	return err
}

// share adds to what the books owe each party, and tells what of all of them is left; ok is false where the stored form
// is no good or comes to more than the lowering.
func (d *dealWalk) share(t *topping) (left int64, ok bool) {
	var parts [][2]any
	decoder := json.NewDecoder(strings.NewReader(t.stored))
	decoder.UseNumber()
	pieces, gone := t.quantity-t.gaveBefore, t.gone-t.gaveBefore
	if decoder.Decode(&parts) != nil || pieces < 1 || gone < 0 || gone > pieces {
		return 0, false
	}
	sum := int64(0)
	for _, p := range parts {
		party, _ := p[0].(string)
		n, _ := p[1].(json.Number)
		share, err := n.Int64()
		if err != nil || share < 1 || party == "" || party == "merchant" {
			return left, false
		}
		sum += share
		share -= share/pieces*gone + share%pieces*gone/pieces
		d.owed[t.currency+" funder:"+party] += share
		left += share
	}
	return left, sum <= t.amount
}
