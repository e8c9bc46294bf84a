package webhook

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
)

const endpointColumns = `id, shop_id, url, topics, switched_on, reason, failing_us, secret, old_secret, old_until_us,
	created_us`

func scanEndpoint(r db.Row) (e keyed, err error) {
	var topics string
	var failing, until, created int64
	err = r.Scan(&e.ID, &e.Shop, &e.URL, &topics, &e.On, &e.Reason, &failing, &e.secret, &e.oldSecret, &until, &created)
	e.Topics, e.FailingSince = parted(topics), clock.FromMicros(failing)
	e.OldUntil, e.CreatedAt = clock.FromMicros(until), clock.FromMicros(created)
	return e, err
}

func insertEndpoint(tx *db.Tx, e keyed) error {
	_, err := tx.Exec(`INSERT INTO webhook_endpoints (`+endpointColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, e.ID, e.Shop, e.URL, joined(e.Topics), e.On, e.Reason,
		int64(0), string(e.secret), "", int64(0), clock.Micros(e.CreatedAt))
	return err
}

func saveEndpoint(tx *db.Tx, e keyed) error {
	_, err := tx.Exec(`UPDATE webhook_endpoints SET url = $3, topics = $4, switched_on = $5, reason = $6,
		failing_us = $7, secret = $8, old_secret = $9, old_until_us = $10 WHERE id = $1 AND shop_id = $2`, e.ID, e.Shop,
		e.URL, joined(e.Topics), e.On, e.Reason, clock.Micros(e.FailingSince), string(e.secret), string(e.oldSecret),
		clock.Micros(e.OldUntil))
	return err
}

// endpoint reads one endpoint of the shop's under lock.
func endpoint(tx *db.Tx, shop string, id EndpointID) (keyed, error) {
	all, err := db.List(tx, scanEndpoint, `SELECT `+endpointColumns+` FROM webhook_endpoints
		WHERE id = $1 AND shop_id = $2 {lock}`, id, shop)
	if err == nil && (len(all) == 0 || shop == "") {
		err = fault.New(fault.NotFound, "webhook.not_found")
	}
	if err != nil {
		return keyed{}, err
	}
	return all[0], nil
}

func endpointsOf(tx *db.Tx, shop string) ([]keyed, error) {
	return db.List(tx, scanEndpoint, `SELECT `+endpointColumns+` FROM webhook_endpoints WHERE shop_id = $1 ORDER BY id`,
		shop)
}

// anyOn tells whether any shop listens at all, before anybody reads what to tell.
func anyOn(tx *db.Tx) (bool, error) {
	_, found, err := db.Value[string](tx, `SELECT id FROM webhook_endpoints WHERE switched_on LIMIT 1`)
	return found, err
}

// listening are the endpoints of shops that are switched on.
func listening(tx *db.Tx, shops []string) (map[string][]Endpoint, error) {
	all := map[string][]Endpoint{}
	return all, tx.EachKey(`SELECT `+endpointColumns+` FROM webhook_endpoints WHERE switched_on AND shop_id IN ({keys})
		ORDER BY id`, shops, func(r db.Row) error {
		e, err := scanEndpoint(r)
		for _, known := range all[e.Shop] {
			if known.ID == e.ID { // a repeated key of the list
				return err
			}
		}
		all[e.Shop] = append(all[e.Shop], e.Endpoint)
		return err
	})
}

func deleteEndpoint(tx *db.Tx, e Endpoint) error {
	_, err := tx.Exec(`DELETE FROM webhook_deliveries WHERE endpoint_id = $1 AND shop_id = $2`, e.ID, e.Shop)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`DELETE FROM webhook_endpoints WHERE id = $1 AND shop_id = $2`, e.ID, e.Shop)
	return err
}

const deliveryColumns = `id, endpoint_id, shop_id, event_id, topic, subject, body, state, tries, next_us, status,
	reason, excerpt, took_ms, replays, created_us, done_us`

func scanDelivery(r db.Row) (d Delivery, err error) {
	var next, created, done int64
	err = r.Scan(&d.ID, &d.Endpoint, &d.Shop, &d.Event, &d.Topic, &d.Subject, &d.Body, &d.State, &d.Tries, &next,
		&d.Status, &d.Reason, &d.Excerpt, &d.TookMS, &d.Replays, &created, &done)
	d.NextTry, d.CreatedAt, d.DoneAt = clock.FromMicros(next), clock.FromMicros(created), clock.FromMicros(done)
	return d, err
}

// insertDeliveries writes messages that were not made yet.
func insertDeliveries(tx *db.Tx, all []Delivery) error {
	rows := make([][]any, len(all))
	for i, d := range all {
		rows[i] = []any{d.ID, d.Endpoint, d.Shop, d.Event, d.Topic, d.Subject, d.Body, d.State, d.Tries,
			clock.Micros(d.NextTry), int64(0), d.Reason, "", int64(0), int64(0), clock.Micros(d.CreatedAt),
			clock.Micros(d.DoneAt)}
	}
	_, err := tx.Many(`INSERT INTO webhook_deliveries (`+deliveryColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,
		$10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT (event_id, subject, topic, endpoint_id) DO NOTHING`, rows)
	return err
}

// waiting counts an endpoint's queue up to a bound.
func waiting(tx *db.Tx, e EndpointID, most int) (int64, error) {
	n, _, err := db.Value[int64](tx, `SELECT COUNT(*) FROM (SELECT 1 AS one FROM webhook_deliveries
		WHERE endpoint_id = $1 AND state = 'queued' LIMIT $2) q`, e, most)
	return n, err
}

// hungry are endpoints with messages whose time has come, the longest waiting first.
func hungry(tx *db.Tx, now time.Time, limit int) (ids []string, err error) {
	return ids, tx.Each(`SELECT endpoint_id, MIN(next_us) FROM webhook_deliveries WHERE state = 'queued'
		GROUP BY endpoint_id HAVING MIN(next_us) <= $1 ORDER BY MIN(next_us), endpoint_id LIMIT $2`,
		func(r db.Row) error {
			var id string
			var us int64
			err := r.Scan(&id, &us)
			ids = append(ids, id)
			return err
		}, clock.Micros(now), limit)
}

func byIDs(tx *db.Tx, ids []string) (map[EndpointID]keyed, error) {
	all := map[EndpointID]keyed{}
	return all, tx.EachKey(`SELECT `+endpointColumns+` FROM webhook_endpoints WHERE id IN ({keys})`, ids,
		func(r db.Row) error {
			e, err := scanEndpoint(r)
			all[e.ID] = e
			return err
		})
}

// due reads an endpoint's messages whose time has come.
func due(tx *db.Tx, e EndpointID, now time.Time, limit int) ([]Delivery, error) {
	return db.List(tx, scanDelivery, `SELECT `+deliveryColumns+` FROM webhook_deliveries WHERE endpoint_id = $1
		AND state = 'queued' AND next_us <= $2 ORDER BY next_us, id LIMIT $3`, e, clock.Micros(now), limit)
}

// claim takes messages for one try and tells which it got: of two nodes one sends.
func claim(tx *db.Tx, all []Delivery, until time.Time) (won []bool, err error) {
	rows := make([][]any, len(all))
	for i, d := range all {
		rows[i] = []any{d.ID, clock.Micros(d.NextTry), clock.Micros(until)}
	}
	counts, err := tx.Many(`UPDATE webhook_deliveries SET next_us = $3, tries = tries + 1 WHERE id = $1
		AND state = 'queued' AND next_us = $2`, rows)
	won = make([]bool, len(counts))
	for i, n := range counts {
		won[i] = n == 1
	}
	return won, err
}

// saveTry writes how a try ended, unless the message was ended otherwise meanwhile.
func saveTry(tx *db.Tx, d Delivery) error {
	_, err := tx.Exec(`UPDATE webhook_deliveries SET state = $2, next_us = $3, status = $4, reason = $5, excerpt = $6,
		took_ms = $7, done_us = $8 WHERE id = $1 AND state = 'queued'`, d.ID, d.State, clock.Micros(d.NextTry), d.Status,
		d.Reason, d.Excerpt, d.TookMS, clock.Micros(d.DoneAt))
	return err
}

// failQueue ends all messages that wait for an endpoint.
func failQueue(tx *db.Tx, e EndpointID, at time.Time) error {
	_, err := tx.Exec(`UPDATE webhook_deliveries SET state = 'failed', reason = 'off', done_us = $2
		WHERE endpoint_id = $1 AND state = 'queued'`, e, clock.Micros(at))
	return err
}

// What a list of deliveries can be narrowed to; nothing of the input is in the texts.
var states = map[State]string{"": ``, Queued: ` AND state = 'queued'`, Delivered: ` AND state = 'delivered'`,
	Failed: ` AND state = 'failed'`}

func deliveries(tx *db.Tx, shop string, q Query) ([]Delivery, error) {
	return db.List(tx, scanDelivery, `SELECT `+deliveryColumns+` FROM webhook_deliveries WHERE endpoint_id = $1
		AND shop_id = $2 AND id < $3`+states[q.State]+` ORDER BY id DESC LIMIT $4`, q.Endpoint, shop, q.Before, q.Limit)
}

func delivery(tx *db.Tx, shop string, id DeliveryID, purpose string) (Delivery, error) {
	all, err := db.List(tx, scanDelivery, `SELECT `+deliveryColumns+` FROM webhook_deliveries WHERE id = $1
		AND shop_id = $2`+purpose, id, shop)
	if err == nil && (len(all) == 0 || shop == "") {
		err = fault.New(fault.NotFound, "webhook.delivery_not_found")
	}
	if err != nil {
		return Delivery{}, err
	}
	return all[0], nil
}

// requeue has finished messages go out again.
func requeue(tx *db.Tx, ids []DeliveryID, at time.Time) (n int, err error) {
	rows := make([][]any, len(ids))
	for i, id := range ids {
		rows[i] = []any{id, clock.Micros(at)}
	}
	counts, err := tx.Many(`UPDATE webhook_deliveries SET state = 'queued', next_us = $2, tries = 0, done_us = 0,
		replays = replays + 1 WHERE id = $1 AND state <> 'queued'`, rows)
	for _, c := range counts {
		n += int(c)
	}
	return n, err
}

// since are an endpoint's finished messages made at or after a time, oldest first.
func since(tx *db.Tx, e Endpoint, at time.Time, limit int) ([]DeliveryID, error) {
	return db.List(tx, func(r db.Row) (id DeliveryID, err error) { err = r.Scan(&id); return id, err },
		`SELECT id FROM webhook_deliveries WHERE endpoint_id = $1 AND shop_id = $2 AND state <> 'queued'
		AND created_us >= $3 AND topic <> $4 ORDER BY id LIMIT $5`, e.ID, e.Shop, clock.Micros(at), Ping, limit)
}

// sweep deletes the oldest finished messages that are older than cut, looking at the edge of the table only.
func sweep(tx *db.Tx, cut time.Time, limit int) (int, error) {
	var gone [][]any
	err := tx.Each(`SELECT id, created_us, state FROM webhook_deliveries ORDER BY id LIMIT $1`, func(r db.Row) error {
		var id string
		var at int64
		var s State
		err := r.Scan(&id, &at, &s)
		if at < clock.Micros(cut) && s != Queued {
			gone = append(gone, []any{id})
		}
		return err
	}, limit)
	if err != nil {
		return 0, err
	}
	_, err = tx.Many(`DELETE FROM webhook_deliveries WHERE id = $1 AND state <> 'queued'`, gone)
	return len(gone), err
}
