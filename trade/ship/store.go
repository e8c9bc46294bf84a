package ship

import (
	"cmp"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/trade/order"
)

const columns = `order_id, seq, id, shop_id, shopper_id, carrier, tracking_no, point, pickup_code, state, booked_us,
	delivered_us, changed_us`

func scan(r db.Row) (v Shipment, err error) {
	var booked, delivered, changed int64
	err = r.Scan(&v.Order, &v.Seq, &v.ID, &v.Shop, &v.Shopper, &v.Carrier, &v.TrackingNo, &v.Point, &v.PickupCode,
		&v.State, &booked, &delivered, &changed)
	v.BookedAt, v.DeliveredAt = clock.FromMicros(booked), clock.FromMicros(delivered)
	v.ChangedAt = clock.FromMicros(changed)
	return v, err
}

func insertShipments(tx *db.Tx, all []Shipment, polls []time.Time) error {
	rows := make([][]any, len(all))
	for i, v := range all {
		rows[i] = []any{v.Order, v.Seq, v.ID, v.Shop, v.Shopper, v.Carrier, v.TrackingNo, v.Point, v.PickupCode, v.State,
			clock.Micros(v.BookedAt), clock.Micros(v.DeliveredAt), clock.Micros(v.ChangedAt), clock.Micros(polls[i])}
	}
	cols := []string{"order_id", "seq", "id", "shop_id", "shopper_id", "carrier", "tracking_no", "point", "pickup_code",
		"state", "booked_us", "delivered_us", "changed_us", "next_poll_us"}
	return tx.Insert("shipments", cols, rows)
}

// ofSub reads the shop's shipment of one suborder.
func ofSub(tx *db.Tx, shop string, o order.ID, seq int64) (v Shipment, found bool, err error) {
	return first(tx, `SELECT `+columns+` FROM shipments WHERE order_id = $1 AND seq = $2 AND shop_id = $3`, o, seq, shop)
}

// byCode reads, locked, the shop's shipment that waits for the code.
func byCode(tx *db.Tx, shop, code string) (v Shipment, found bool, err error) {
	return first(tx, `SELECT `+columns+` FROM shipments
		WHERE shop_id = $1 AND pickup_code = $2 AND pickup_code <> '' {lock}`, shop, code)
}

func first(tx *db.Tx, q string, args ...any) (v Shipment, found bool, err error) {
	all, err := db.List(tx, scan, q, args...)
	if err != nil || len(all) == 0 {
		return Shipment{}, false, err
	}
	return all[0], true, nil
}

// Whose shipments are read: the column that must hold the reader's id.
const (
	ofShopper = ` AND shopper_id = $2`
	ofShop    = ` AND shop_id = $2`
	ofAnybody = ``
)

func ofOrder(tx *db.Tx, whose string, args ...any) ([]Shipment, error) {
	all, err := db.List(tx, scan, `SELECT `+columns+` FROM shipments WHERE order_id = $1`+whose+` ORDER BY seq`, args...)
	if err != nil {
		return nil, err
	}
	return all, loadEvents(tx, all)
}

// number names a parcel as its carrier does.
type number struct{ carrier, no string }

func (v Shipment) number() number { return number{v.Carrier, v.TrackingNo} }

// lockNumbers reads the shipments with these numbers, locked, in the order of carriers and numbers.
func lockNumbers(tx *db.Tx, numbers []number) ([]Shipment, error) {
	var all []Shipment
	carriers, byCarrier := grouped(numbers)
	for _, c := range carriers {
		err := tx.EachKey(`SELECT `+columns+` FROM shipments WHERE carrier = $1 AND tracking_no IN ({keys})
			ORDER BY tracking_no {lock}`, byCarrier[c], func(r db.Row) error {
			v, err := scan(r)
			all = append(all, v)
			return err
		}, c)
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func grouped(numbers []number) (carriers []string, byCarrier map[string][]string) {
	byCarrier = map[string][]string{}
	for _, n := range numbers {
		byCarrier[n.carrier] = append(byCarrier[n.carrier], n.no)
	}
	for c := range byCarrier {
		carriers = append(carriers, c)
		byCarrier[c] = distinct(byCarrier[c])
	}
	slices.Sort(carriers)
	return carriers, byCarrier
}

// loadEvents reads all events of the shipments into them, oldest first.
func loadEvents(tx *db.Tx, all []Shipment) error {
	numbers := make([]number, len(all))
	for i, v := range all {
		numbers[i] = v.number()
	}
	events := map[number][]Event{}
	carriers, byCarrier := grouped(numbers)
	for _, c := range carriers {
		err := tx.EachKey(`SELECT tracking_no, at_us, code, place_zh, place_en FROM tracking_events
			WHERE carrier = $1 AND tracking_no IN ({keys})`, byCarrier[c], func(r db.Row) error {
			var e Event
			var at int64
			n := number{carrier: c}
			err := r.Scan(&n.no, &at, &e.Code, &e.PlaceZh, &e.PlaceEn)
			e.At = clock.FromMicros(at)
			events[n] = append(events[n], e)
			return err
		}, c)
		if err != nil {
			return err
		}
	}
	for i := range all {
		all[i].Events = events[all[i].number()]
		sortEvents(all[i].Events)
	}
	return nil
}

// told is one event of one parcel.
type told struct {
	number
	Event
}

// addEvents keeps events, each once.
func addEvents(tx *db.Tx, all []told) error {
	slices.SortFunc(all, func(a, b told) int { // the order of the key, so that two nodes never wait for each other
		return cmp.Or(cmp.Compare(a.carrier, b.carrier), cmp.Compare(a.no, b.no), a.At.Compare(b.At),
			cmp.Compare(a.Code, b.Code), cmp.Compare(a.PlaceZh, b.PlaceZh))
	})
	rows := make([][]any, len(all))
	for i, e := range all {
		rows[i] = []any{e.carrier, e.no, clock.Micros(e.At), e.Code, e.PlaceZh, e.PlaceEn}
	}
	_, err := tx.Many(`INSERT INTO tracking_events (carrier, tracking_no, at_us, code, place_zh, place_en)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (carrier, tracking_no, at_us, code, place_zh) DO NOTHING`, rows)
	return err
}

// saveStandings writes where parcels stand and when to ask again.
func saveStandings(tx *db.Tx, all []Shipment, next []time.Time) error {
	rows := make([][]any, len(all))
	for i, v := range all {
		rows[i] = []any{v.Order, v.Seq, v.State, clock.Micros(v.DeliveredAt), clock.Micros(v.ChangedAt),
			clock.Micros(next[i])}
	}
	_, err := tx.Many(`UPDATE shipments SET state = $3, delivered_us = $4, changed_us = $5, next_poll_us = $6
		WHERE order_id = $1 AND seq = $2`, rows)
	return err
}

// claimPolls takes the parcels whose carriers are to be asked and moves their next time on, so that no other node asks
// too.
func claimPolls(tx *db.Tx, now, next time.Time, limit int) ([]Shipment, error) {
	type claim struct {
		Shipment
		due int64
	}
	found, err := db.List(tx, func(r db.Row) (c claim, err error) {
		err = r.Scan(&c.Order, &c.Seq, &c.Carrier, &c.TrackingNo, &c.due)
		return c, err
	}, `SELECT order_id, seq, carrier, tracking_no, next_poll_us FROM shipments
		WHERE next_poll_us > 0 AND next_poll_us <= $1 ORDER BY next_poll_us LIMIT $2`, clock.Micros(now), limit)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	rows := make([][]any, len(found))
	for i, c := range found {
		rows[i] = []any{c.Order, c.Seq, c.due, clock.Micros(next)}
	}
	taken, err := tx.Many(`UPDATE shipments SET next_poll_us = $4
		WHERE order_id = $1 AND seq = $2 AND next_poll_us = $3`, rows)
	if err != nil {
		return nil, err
	}
	var mine []number
	for i, c := range found {
		if taken[i] == 1 {
			mine = append(mine, c.number())
		}
	}
	return lockNumbers(tx, mine)
}

// lockGuesses reads, locked, how many wrong codes a shop entered since when.
func lockGuesses(tx *db.Tx, shop string, now time.Time) (since time.Time, wrong int64, err error) {
	if _, err := tx.Exec(`INSERT INTO pickup_guesses (shop_id, since_us, wrong) VALUES ($1, $2, 0)
		ON CONFLICT (shop_id) DO NOTHING`, shop, clock.Micros(now)); err != nil {
		return since, 0, err
	}
	var us int64
	_, err = tx.One(`SELECT since_us, wrong FROM pickup_guesses WHERE shop_id = $1 {lock}`, []any{shop}, &us, &wrong)
	return clock.FromMicros(us), wrong, err
}

func saveGuesses(tx *db.Tx, shop string, since time.Time, wrong int64) error {
	_, err := tx.Exec(`UPDATE pickup_guesses SET since_us = $2, wrong = $3 WHERE shop_id = $1`, shop,
		clock.Micros(since), wrong)
	return err
}

func distinct(keys []string) []string {
	all := slices.Clone(keys)
	slices.Sort(all)
	return slices.Compact(all)
}
