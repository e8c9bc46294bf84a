package verify

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"hutong/base/db"
)

// lists is I-E2 for the shoppers' lists of orders, which are written from events beside the hot path: rebuilt from the
// orders they would be the same. An order is in its shopper's list, or an event that is not told yet names it; a list
// holds nothing else. The events' bodies are JSON, which no SQL that both engines read can look into.
func lists(tx *db.Tx) ([]Check, error) {
	done := Check{Name: "order.lists", Rule: "I-E2", Violations: []Violation{}}
	var listed int64
	_, err := tx.One(`SELECT (SELECT COUNT(*) FROM orders), (SELECT COUNT(*) FROM shopper_orders)`, nil, &done.Counted,
		&listed)
	if err != nil {
		return nil, fmt.Errorf("verify: %s: %w", done.Name, err)
	}
	err = tx.Each(`SELECT l.order_id, l.shopper_id, COALESCE(o.shopper_id, '') FROM shopper_orders l
		LEFT JOIN orders o ON o.id = l.order_id WHERE o.id IS NULL OR o.shopper_id <> l.shopper_id`,
		func(r db.Row) error {
			var order, listedBy, shopper string
			err := r.Scan(&order, &listedBy, &shopper)
			done.note(Violation{"order_id": order, "listed_by": listedBy, "shopper": shopper})
			return err
		})
	// A list names an order once: when every row of the lists is right and there are as many as orders, none is missing.
	if err == nil && (done.Total > 0 || listed != done.Counted) {
		err = unlisted(tx, &done)
	}
	if err != nil {
		return nil, fmt.Errorf("verify: %s: %w", done.Name, err)
	}
	done.OK = done.Total == 0
	return []Check{done}, nil
}

// unlisted notes the orders that are in no list and that no waiting event will put there.
func unlisted(tx *db.Tx, c *Check) error {
	missing := map[string]string{} // order to shopper
	err := tx.Each(`SELECT o.id, o.shopper_id FROM orders o
		LEFT JOIN shopper_orders l ON l.shopper_id = o.shopper_id AND l.order_id = o.id WHERE l.order_id IS NULL`,
		func(r db.Row) error {
			var order, shopper string
			err := r.Scan(&order, &shopper)
			missing[order] = shopper
			return err
		})
	if err != nil {
		return err
	}
	err = tx.Each(`SELECT body FROM outbox WHERE topic = 'order.placed'
		UNION ALL SELECT body FROM outbox_failures WHERE topic = 'order.placed'`, func(r db.Row) error {
		var body string
		if err := r.Scan(&body); err != nil {
			return err
		}
		var told struct {
			Orders []struct{ Order, Shopper string }
		}
		if json.Unmarshal([]byte(body), &told) != nil {
			return nil // an event that nobody can read lists nothing: its orders stay missing
		}
		for _, o := range told.Orders {
			if missing[o.Order] == o.Shopper {
				delete(missing, o.Order)
			}
		}
		return nil
	})
	for _, order := range slices.Sorted(maps.Keys(missing)) {
		c.note(Violation{"order_id": order, "shopper": missing[order], "listed_by": ""})
	}
	return err
}
