package tally

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

// first notes an event as counted and tells whether it had not been.
func first(tx *db.Tx, event string, at time.Time) (bool, error) {
	n, err := tx.Exec(`INSERT INTO tally_events (event_id, at_us) VALUES ($1, $2) ON CONFLICT (event_id) DO NOTHING`,
		event, clock.Micros(at))
	return n == 1, err
}

// save adds a sheet to what was counted, in key order, so that two nodes never wait for each other in a circle.
func (s sheet) save(tx *db.Tx) error {
	places := slices.SortedFunc(maps.Keys(s), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.shop, b.shop), a.hour.Compare(b.hour))
	})
	rows := make([][]any, len(places))
	for i, p := range places {
		h := s[p]
		rows[i] = []any{p.shop, clock.Micros(p.hour), h.Placed, h.PlacedAmount, h.Paid, h.PaidAmount, h.Lapsed, h.Views}
	}
	_, err := tx.Many(`INSERT INTO tally_hours
		(shop_id, hour_us, placed, placed_amount, paid, paid_amount, lapsed, views)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (shop_id, hour_us) DO UPDATE SET
		placed = tally_hours.placed + EXCLUDED.placed,
		placed_amount = tally_hours.placed_amount + EXCLUDED.placed_amount,
		paid = tally_hours.paid + EXCLUDED.paid, paid_amount = tally_hours.paid_amount + EXCLUDED.paid_amount,
		lapsed = tally_hours.lapsed + EXCLUDED.lapsed, views = tally_hours.views + EXCLUDED.views`, rows)
	return err
}

// hours reads what was counted for a shop.
func hours(tx *db.Tx, shop string, from, until time.Time) (map[time.Time]Hour, error) {
	all := map[time.Time]Hour{}
	err := tx.Each(`SELECT hour_us, placed, placed_amount, paid, paid_amount, lapsed, views FROM tally_hours
		WHERE shop_id = $1 AND hour_us >= $2 AND hour_us < $3`, func(r db.Row) error {
		var h Hour
		var at int64
		err := r.Scan(&at, &h.Placed, &h.PlacedAmount, &h.Paid, &h.PaidAmount, &h.Lapsed, &h.Views)
		all[clock.FromMicros(at)] = h
		return err
	}, shop, clock.Micros(from), clock.Micros(until))
	return all, err
}

// best reads the shops that took the most money, richest first.
func best(tx *db.Tx, from, until time.Time, limit int) ([]Ranked, error) {
	return db.List(tx, func(r db.Row) (v Ranked, err error) {
		err = r.Scan(&v.Shop, &v.Paid, &v.PaidAmount)
		return v, err
	}, `SELECT shop_id, CAST(SUM(paid) AS BIGINT), CAST(SUM(paid_amount) AS BIGINT) FROM tally_hours
		WHERE shop_id <> '' AND hour_us >= $1 AND hour_us < $2 GROUP BY shop_id
		HAVING SUM(paid) > 0 ORDER BY 3 DESC, 1 LIMIT $3`, clock.Micros(from), clock.Micros(until), limit)
}

// forget drops notes of events that are too old to be told again; the note rises with time, like the event's id.
func forget(tx *db.Tx, before time.Time, limit int) (int64, error) {
	return tx.Exec(`DELETE FROM tally_events WHERE event_id IN
		(SELECT event_id FROM tally_events WHERE at_us < $1 ORDER BY event_id LIMIT $2)`, clock.Micros(before), limit)
}
