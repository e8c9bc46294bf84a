package campaign

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/deal/reference"
)

const enrolmentColumns = `id, version, campaign_id, wave, session_us, shop_id, product_id, sku_id, offer_id, currency,
	price, quantity, per_shopper, presale, spot, earnest, worth, appointments, lottery, strike, state, reasons, cap,
	lowest, lowest_source, note, decided_by, pool_id, penalty, lock_us, from_us, until_us, applied_us, decided_us,
	ship_by_us, ship_days, fell_from`

const selectEnrolment = `SELECT ` + enrolmentColumns + ` FROM enrolments `

func scanEnrolment(r db.Row) (e Enrolment, err error) {
	var session, lock, from, until, applied, decided, shipBy int64
	var reasons string
	err = r.Scan(&e.ID, &e.Version, &e.Campaign, &e.Slot.Wave, &session, &e.Shop, &e.Product, &e.SKU, &e.Offer,
		&e.Currency, &e.Price, &e.Quantity, &e.PerShopper, &e.Presale, &e.Spot, &e.Earnest, &e.Worth, &e.Appointments,
		&e.Lottery, &e.Strike, &e.State, &reasons, &e.Cap, &e.Lowest, &e.Source, &e.Note, &e.DecidedBy, &e.Pool,
		&e.Penalty, &lock, &from, &until, &applied, &decided, &shipBy, &e.ShipDays, &e.FellFrom)
	if err != nil {
		return e, err
	}
	e.Slot.Session, e.LockAt = clock.FromMicros(session), clock.FromMicros(lock)
	e.Selling = Window{clock.FromMicros(from), clock.FromMicros(until)}
	e.ShipBy = clock.FromMicros(shipBy)
	e.Applied, e.Decided = clock.FromMicros(applied), clock.FromMicros(decided)
	return e, json.Unmarshal([]byte(reasons), &e.Reasons)
}

// enrolmentIn reads one enrolment. Codes: enrolment.not_found.
func enrolmentIn(tx *db.Tx, id EnrolmentID, purpose string) (Enrolment, error) {
	all, err := db.List(tx, scanEnrolment, selectEnrolment+`WHERE id = $1`+purpose, id)
	if err != nil {
		return Enrolment{}, err
	}
	if len(all) == 0 {
		return Enrolment{}, notFound()
	}
	return all[0], nil
}

func insertEnrolment(tx *db.Tx, e Enrolment) error {
	reasons, err := json.Marshal(e.Reasons)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO enrolments (`+enrolmentColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
		$12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34,
		$35, $36, $37)`,
		e.ID, e.Version, e.Campaign, e.Slot.Wave, clock.Micros(e.Slot.Session), e.Shop, e.Product, e.SKU, e.Offer,
		e.Currency, e.Price, e.Quantity, e.PerShopper, e.Presale, e.Spot, e.Earnest, e.Worth, e.Appointments, e.Lottery,
		e.Strike, e.State, string(reasons), e.Cap, e.Lowest, e.Source, e.Note, e.DecidedBy, e.Pool, e.Penalty,
		clock.Micros(e.LockAt), clock.Micros(e.Selling.From), clock.Micros(e.Selling.Until), clock.Micros(e.Applied),
		clock.Micros(e.Decided), clock.Micros(e.ShipBy), e.ShipDays, e.FellFrom)
	return err
}

// updateEnrolment writes what may change of an enrolment as the version after its own, if nobody else did.
func updateEnrolment(tx *db.Tx, e Enrolment) (written bool, err error) {
	reasons, err := json.Marshal(e.Reasons)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(`UPDATE enrolments SET version = $3, price = $4, quantity = $5, state = $6, reasons = $7, cap = $8,
		lowest = $9, lowest_source = $10, note = $11, decided_by = $12, pool_id = $13, penalty = $14, lock_us = $15,
		decided_us = $16, fell_from = $17 WHERE id = $1 AND version = $2`, e.ID, e.Version, e.Version+1, e.Price,
		e.Quantity, e.State, string(reasons), e.Cap, e.Lowest, e.Source, e.Note, e.DecidedBy, e.Pool, e.Penalty,
		clock.Micros(e.LockAt), clock.Micros(e.Decided), e.FellFrom)
	return n == 1, err
}

// others tells whether another open enrolment of the SKU sells at the same time, and how many others of the shop in the
// campaign begin on a day.
func others(tx *db.Tx, e Enrolment, day Window) (taken bool, thatDay int64, err error) {
	n, _, err := db.Value[int64](tx, `SELECT COUNT(*) FROM enrolments WHERE sku_id = $1 AND shop_id = $2 AND id <> $3
		AND state IN ('applied', 'accepted', 'locked') AND from_us < $5 AND until_us > $4`, e.SKU, e.Shop, e.ID,
		clock.Micros(e.Selling.From), clock.Micros(e.Selling.Until))
	if err != nil {
		return false, 0, err
	}
	thatDay, _, err = db.Value[int64](tx, `SELECT COUNT(*) FROM enrolments WHERE shop_id = $1 AND campaign_id = $2
		AND id <> $3 AND state IN ('applied', 'accepted', 'locked') AND from_us >= $4 AND from_us < $5`, e.Shop, e.Campaign,
		e.ID, clock.Micros(day.From), clock.Micros(day.Until))
	return n > 0, thatDay, err
}

// openSales are the campaigns of a product's other open enrolments that are not over, but for those of its other SKUs
// in the same wave or session.
func openSales(tx *db.Tx, e Enrolment, at time.Time) ([]ID, error) {
	return db.List(tx, func(r db.Row) (id ID, err error) { err = r.Scan(&id); return id, err },
		`SELECT DISTINCT campaign_id FROM enrolments WHERE shop_id = $1 AND product_id = $2 AND id <> $3
		AND state IN ('applied', 'accepted', 'locked') AND until_us > $4
		AND NOT (campaign_id = $5 AND wave = $6 AND session_us = $7)`, e.Shop, e.Product, e.ID, clock.Micros(at),
		e.Campaign, e.Slot.Wave, clock.Micros(e.Slot.Session))
}

func byShop(tx *db.Tx, shop string, before EnrolmentID, limit int) ([]Enrolment, error) {
	if before == "" {
		before = newest
	}
	return db.List(tx, scanEnrolment, selectEnrolment+`WHERE shop_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, shop,
		before, limit)
}

func byCampaign(tx *db.Tx, c ID, before EnrolmentID, limit int) ([]Enrolment, error) {
	if before == "" {
		before = newest
	}
	return db.List(tx, scanEnrolment, selectEnrolment+`WHERE campaign_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, c,
		before, limit)
}

func queue(tx *db.Tx, after EnrolmentID, limit int) ([]Enrolment, error) {
	return db.List(tx, scanEnrolment, selectEnrolment+`WHERE state = 'applied' AND id > $1 ORDER BY id LIMIT $2`, after,
		limit)
}

// openOf are the open enrolments of a campaign, locked in the order of their ids.
func openOf(tx *db.Tx, c ID) ([]Enrolment, error) {
	return db.List(tx, scanEnrolment, selectEnrolment+`WHERE campaign_id = $1
		AND state IN ('applied', 'accepted', 'locked') ORDER BY id {lock}`, c)
}

// pledged are the locked enrolments that sell at some instant of a span.
func pledged(tx *db.Tx, w Window) ([]Enrolment, error) {
	return db.List(tx, scanEnrolment, selectEnrolment+`WHERE state = 'locked' AND until_us > $1 AND from_us < $2
		ORDER BY until_us, id LIMIT $3`, clock.Micros(w.From), clock.Micros(w.Until), LiveMax)
}

func scanID(r db.Row) (id EnrolmentID, err error) {
	err = r.Scan(&id)
	return id, err
}

func toLock(tx *db.Tx, at time.Time, limit int) ([]EnrolmentID, error) {
	return db.List(tx, scanID, `SELECT id FROM enrolments WHERE state = 'accepted' AND lock_us <= $1
		ORDER BY lock_us, id LIMIT $2`, clock.Micros(at), limit)
}

func toEnd(tx *db.Tx, at time.Time, limit int) ([]EnrolmentID, error) {
	return db.List(tx, scanID, `SELECT id FROM enrolments WHERE state IN ('applied', 'accepted', 'locked')
		AND until_us <= $1 ORDER BY until_us, id LIMIT $2`, clock.Micros(at), limit)
}

// toReturn are enrolments that are over, of sales that ended since, in whose pools something lies free.
func toReturn(tx *db.Tx, since time.Time, limit int) ([]EnrolmentID, error) {
	return db.List(tx, scanID, `SELECT e.id FROM enrolments e JOIN pools p ON p.id = e.pool_id
		JOIN pool_counts c ON c.no = p.no
		WHERE e.state IN ('ended', 'withdrawn') AND e.until_us > $1
		AND c.received + c.returned - c.written_off - c.held - c.sold - c.shipped > 0
		ORDER BY e.id LIMIT $2`, clock.Micros(since), limit)
}

// lowestOffered is the lowest price of sales that held at an instant of a span; one that was taken out held until then.
func lowestOffered(tx *db.Tx, shop, sku string, w Window) (p reference.Price, found bool, err error) {
	var from int64
	found, err = tx.One(`SELECT price, id, from_us FROM enrolments WHERE sku_id = $1 AND shop_id = $2 AND spot
		AND (state IN ('locked', 'ended') AND pool_id <> ''
			OR state = 'withdrawn' AND pool_id <> '' AND decided_us > from_us AND decided_us > $3)
		AND from_us < $4 AND until_us > $3 ORDER BY price, id LIMIT 1`, []any{sku, shop,
		clock.Micros(w.From), clock.Micros(w.Until)}, &p.Amount, &p.Source, &from)
	p.At = clock.FromMicros(from)
	return p, found, err
}

// TogetherOf names what items share with others, if they do, by promotion: for what goes back of an order.
func TogetherOf(tx *db.Tx, promotions []string) (map[string]string, error) {
	items, all := make([]string, len(promotions)), map[string]string{}
	for i, p := range promotions {
		items[i], _, _ = strings.Cut(p, "/")
	}
	slices.Sort(items)
	err := tx.EachKey(`SELECT id, campaign_id, wave, shop_id FROM enrolments WHERE id IN ({keys})`, slices.Compact(items),
		func(r db.Row) error {
			var item, shop string
			var c ID
			var wave int64
			err := r.Scan(&item, &c, &wave, &shop)
			all[item] = togetherOf(c, wave, shop)
			return err
		})
	return all, err
}

// ItemsOf names the items of a shop's sales by the pools that are theirs; a pool that is no sale's is absent.
func ItemsOf(tx *db.Tx, shop string, pools []string) (map[string]string, error) {
	all := map[string]string{}
	err := tx.EachKey(`SELECT pool_id, id FROM enrolments WHERE shop_id = $1 AND pool_id IN ({keys})`, pools,
		func(r db.Row) error {
			var pool, item string
			err := r.Scan(&pool, &item)
			all[pool] = item
			return err
		}, shop)
	return all, err
}

// ProtectedUntil is until when the sales guarantee their prices that items were bought in, by promotion: the end of the
// lock, until which prices may only fall. Items of a timetable have no such time of their own.
func ProtectedUntil(tx *db.Tx, promotions []string) (map[string]time.Time, error) {
	items := make([]string, len(promotions))
	for i, p := range promotions {
		items[i], _, _ = strings.Cut(p, "/")
	}
	slices.Sort(items)
	ends := map[string]time.Time{}
	err := tx.EachKey(`SELECT e.id, c.plan FROM enrolments e JOIN campaigns c ON c.id = e.campaign_id
		WHERE e.id IN ({keys})`, slices.Compact(items), func(r db.Row) error {
		var item, stored string
		var plan Plan
		if err := r.Scan(&item, &stored); err != nil {
			return err
		}
		err := json.Unmarshal([]byte(stored), &plan)
		if !plan.Channel.Timed() {
			ends[item] = plan.Lock.Until
		}
		return err
	})
	all := map[string]time.Time{}
	for _, p := range promotions {
		item, _, _ := strings.Cut(p, "/")
		if end, there := ends[item]; there {
			all[p] = end
		}
	}
	return all, err
}
