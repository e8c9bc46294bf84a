package order

import (
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/money"
	"hutong/funds/settle"
)

const orderColumns = `id, shopper_id, state, currency, goods, freight, total, address_id, request_hash, lang, source,
	remark, placed_us, expires_us, paid_us, closed_us, reason, step, rules, earnest, bill, quote`

// takenColumn is of no order when it is placed.
const takenColumn = `, taken_us`

func scanOrder(r db.Row) (o Order, err error) {
	var placed, expires, paid, closed, taken int64
	err = r.Scan(&o.ID, &o.Shopper, &o.State, &o.Currency, &o.Goods, &o.Freight, &o.Total, &o.Address, &o.RequestHash,
		&o.Lang, &o.Source, &o.Remark, &placed, &expires, &paid, &closed, &o.Reason, &o.Step, &o.Rules,
		&o.Earnest, &o.Bill, &o.Quote, &taken)
	o.PlacedAt, o.ExpiresAt = clock.FromMicros(placed), clock.FromMicros(expires)
	o.PaidAt, o.ClosedAt, o.TakenAt = clock.FromMicros(paid), clock.FromMicros(closed), clock.FromMicros(taken)
	return o, err
}

const subColumns = `order_id, seq, shop_id, state, goods, freight, carrier, pickup, shipped_us, confirm_by_us,
	closed_us, freight_refunded, step, waits, ship_hours`

func scanSub(r db.Row) (s Sub, err error) {
	var shipped, confirm, closed int64
	err = r.Scan(&s.Order, &s.Seq, &s.Shop, &s.State, &s.Goods, &s.Freight, &s.Carrier, &s.Pickup, &shipped, &confirm,
		&closed, &s.FreightRefunded, &s.Step, &s.Waits, &s.ShipHours)
	s.ShippedAt, s.ConfirmBy, s.ClosedAt = clock.FromMicros(shipped), clock.FromMicros(confirm), clock.FromMicros(closed)
	s.ShipHours = max(s.ShipHours, 0)
	return s, err
}

const lineColumns = `order_id, line_no, seq, shop_id, offer_id, product_id, sku_id, pool_id, title, choice, picture,
	quantity, unit_price, price_version, discount, paid, fee_ppm, fee_rule_id, refunded_quantity, refunded, discounts,
	funded, funded_back`

// loweredColumns are those that no line has when it is placed.
const loweredColumns = `, lowered, pieces_before, refunded_before, topped, kept, kept_funded, standing`

// stockColumns are how many of a line's pieces went back where.
const stockColumns = `, released, returned`

func scanLine(r db.Row) (l Line, err error) {
	err = r.Scan(&l.Order, &l.No, &l.Seq, &l.Shop, &l.Offer, &l.Product, &l.SKU, &l.Pool, &l.Title, &l.Choice,
		&l.Picture, &l.Quantity, &l.UnitPrice, &l.PriceVersion, &l.Discount, &l.Paid, &l.FeePPM, &l.FeeRule,
		&l.RefundedQuantity, &l.Refunded, &l.Discounts, &l.Funded, &l.FundedBack,
		&l.Lowered, &l.piecesBefore, &l.refundedBefore, &l.Topped, &l.Kept, &l.KeptFunded, &l.Standing, &l.Released,
		&l.Returned)
	return l, err
}

// Headers reads orders without their parts, locked for the writer, by id.
func Headers(tx *db.Tx, ids []ID) (map[ID]Order, error) {
	return headers(tx, ids, forWriting)
}

func headers(tx *db.Tx, ids []ID, purpose string) (map[ID]Order, error) {
	all := make(map[ID]Order, len(ids))
	err := tx.EachKey(`SELECT `+orderColumns+takenColumn+` FROM orders WHERE id IN ({keys})`+purpose, keys(ids),
		func(r db.Row) error {
			o, err := scanOrder(r)
			all[o.ID] = o
			return err
		})
	return all, err
}

// ByQuote reads the heads of the orders that were placed by these quotes, by quote.
func ByQuote(tx *db.Tx, quotes []string) (map[string]Order, error) {
	all := map[string]Order{}
	err := tx.EachKey(`SELECT `+orderColumns+takenColumn+` FROM orders WHERE quote IN ({keys}) AND quote <> ''`, quotes,
		func(r db.Row) error {
			o, err := scanOrder(r)
			all[o.Quote] = o
			return err
		})
	return all, err
}

// forWriting locks heads, in order of id.
const forWriting = ` ORDER BY id {lock}`

// load reads whole orders, in order of id; locked when they are to be changed.
func load(tx *db.Tx, ids []ID, lock bool) ([]Order, error) {
	purpose := ""
	if lock {
		purpose = forWriting
	}
	heads, subs, err := parts(tx, ids, purpose)
	if err != nil {
		return nil, err
	}
	if err := withLines(tx, ids, subs, lineColumns+loweredColumns+stockColumns, scanLine); err != nil {
		return nil, err
	}
	all := joined(ids, heads, subs)
	return all, withPresales(tx, all)
}

// withLines gives suborders their lines. Lines are large and orders have any number of them, so they are read into one
// list, of which each suborder gets its part.
func withLines(tx *db.Tx, ids []ID, subs map[ID][]Sub, columns string, scan func(db.Row) (Line, error)) error {
	lines := make([]Line, 0, 4*len(ids))
	err := tx.EachKey(`SELECT `+columns+` FROM order_lines WHERE order_id IN ({keys})
		ORDER BY order_id, line_no`, keys(ids), func(r db.Row) error {
		l, err := scan(r)
		lines = append(lines, l)
		return err
	})
	for err == nil && len(lines) > 0 {
		n := 1
		for n < len(lines) && lines[n].Order == lines[0].Order && lines[n].Seq == lines[0].Seq {
			n++
		}
		sub := &subs[lines[0].Order][lines[0].Seq-1]
		if sub.Lines == nil {
			sub.Lines = lines[:n:n]
		} else {
			sub.Lines = append(sub.Lines, lines[:n]...)
		}
		lines = lines[n:]
	}
	return err
}

// sumColumns are what a line comes to, without what it is of: half the price of a whole line.
const sumColumns = `order_id, line_no, seq, quantity, discount, paid, fee_ppm, fee_rule_id, refunded_quantity, refunded,
	discounts, funded, funded_back` + loweredColumns

func scanSums(r db.Row) (l Line, err error) {
	err = r.Scan(&l.Order, &l.No, &l.Seq, &l.Quantity, &l.Discount, &l.Paid, &l.FeePPM, &l.FeeRule, &l.RefundedQuantity,
		&l.Refunded, &l.Discounts, &l.Funded, &l.FundedBack, &l.Lowered, &l.piecesBefore, &l.refundedBefore, &l.Topped,
		&l.Kept, &l.KeptFunded, &l.Standing)
	return l, err
}

// refundColumns are sums with what a refund moves of the stock.
const refundColumns = sumColumns + stockColumns + `, pool_id`

func scanRefund(r db.Row) (l Line, err error) {
	err = r.Scan(&l.Order, &l.No, &l.Seq, &l.Quantity, &l.Discount, &l.Paid, &l.FeePPM, &l.FeeRule, &l.RefundedQuantity,
		&l.Refunded, &l.Discounts, &l.Funded, &l.FundedBack, &l.Lowered, &l.piecesBefore, &l.refundedBefore, &l.Topped,
		&l.Kept, &l.KeptFunded, &l.Standing, &l.Released, &l.Returned, &l.Pool)
	return l, err
}

// loadSums reads orders, of whose lines only what they come to. Whoever shows or saves a line loads it whole.
func loadSums(tx *db.Tx, ids []ID, purpose string) ([]Order, error) {
	heads, subs, err := parts(tx, ids, purpose)
	if err != nil {
		return nil, err
	}
	return joined(ids, heads, subs), withLines(tx, ids, subs, sumColumns, scanSums)
}

// WithParts reads orders with their suborders, without lines, in order of id: for who counts them.
func WithParts(tx *db.Tx, ids []ID) ([]Order, error) {
	heads, subs, err := parts(tx, ids, "")
	return joined(ids, heads, subs), err
}

func parts(tx *db.Tx, ids []ID, purpose string) (heads map[ID]Order, subs map[ID][]Sub, err error) {
	if heads, err = headers(tx, ids, purpose); err != nil {
		return nil, nil, err
	}
	subs = make(map[ID][]Sub, len(heads))
	err = tx.EachKey(`SELECT `+subColumns+` FROM suborders WHERE order_id IN ({keys}) ORDER BY order_id, seq`, keys(ids),
		func(r db.Row) error {
			s, err := scanSub(r)
			subs[s.Order] = append(subs[s.Order], s)
			return err
		})
	return heads, subs, err
}

func joined(ids []ID, heads map[ID]Order, subs map[ID][]Sub) []Order {
	all := make([]Order, 0, len(heads))
	for _, id := range keys(ids) {
		if o, ok := heads[ID(id)]; ok {
			o.Subs = subs[o.ID]
			all = append(all, o)
		}
	}
	return all
}

// loadSteps reads the steps that orders have taken, by order.
func loadSteps(tx *db.Tx, ids []ID) (map[ID][]Step, error) {
	all := make(map[ID][]Step, len(ids))
	err := tx.EachKey(`SELECT order_id, seq, step, from_state, to_state, actor, cause, at_us FROM order_steps
		WHERE order_id IN ({keys}) ORDER BY order_id, at_us, seq, step`, keys(ids), func(r db.Row) error {
		var s Step
		var at int64
		err := r.Scan(&s.Order, &s.Seq, &s.No, &s.From, &s.To, &s.Actor, &s.Cause, &at)
		s.At = clock.FromMicros(at)
		all[s.Order] = append(all[s.Order], s)
		return err
	})
	return all, err
}

func insertSteps(tx *db.Tx, steps []Step) error {
	rows := make([][]any, len(steps))
	for i, s := range steps {
		rows[i] = []any{string(s.Order), s.Seq, s.No, s.From, s.To, s.Actor, s.Cause, clock.Micros(s.At)}
	}
	return tx.Insert("order_steps",
		[]string{"order_id", "seq", "step", "from_state", "to_state", "actor", "cause", "at_us"}, rows)
}

// saveState moves orders to new states, each only if it still stands where the caller saw it; won tells which did.
func saveState(tx *db.Tx, orders []Order, from []State) (won []bool, err error) {
	rows := make([][]any, len(orders))
	for i, o := range orders {
		rows[i] = []any{string(o.ID), string(o.State), clock.Micros(o.PaidAt), clock.Micros(o.ClosedAt), o.Reason,
			o.Step, string(from[i])}
	}
	changed, err := tx.Many(`UPDATE orders SET state = $2, paid_us = $3, closed_us = $4, reason = $5, step = $6
		WHERE id = $1 AND state = $7`, rows)
	won = make([]bool, len(changed))
	for i, n := range changed {
		won[i] = n == 1
	}
	return won, err
}

// saveTaken marks orders as taken back at an instant; the zero time says that their money is there again.
func saveTaken(tx *db.Tx, orders []Order, at time.Time) error {
	rows := make([][]any, len(orders))
	for i, o := range orders {
		rows[i] = []any{string(o.ID), clock.Micros(at)}
	}
	_, err := tx.Many(`UPDATE orders SET taken_us = $2 WHERE id = $1`, rows)
	return err
}

func saveSubs(tx *db.Tx, subs []Sub) error {
	rows := make([][]any, len(subs))
	for i, s := range subs {
		rows[i] = []any{string(s.Order), s.Seq, string(s.State), clock.Micros(s.ShippedAt), clock.Micros(s.ConfirmBy),
			clock.Micros(s.ClosedAt), s.FreightRefunded, s.Step, s.Carrier, s.Pickup, s.Waits}
	}
	_, err := tx.Many(`UPDATE suborders SET state = $3, shipped_us = $4, confirm_by_us = $5, closed_us = $6,
		freight_refunded = $7, step = $8, carrier = $9, pickup = $10, waits = $11 WHERE order_id = $1 AND seq = $2`, rows)
	return err
}

func saveRefunds(tx *db.Tx, lines []Line) error {
	rows := make([][]any, len(lines))
	for i, l := range lines {
		rows[i] = []any{string(l.Order), l.No, l.RefundedQuantity, l.Refunded, l.FundedBack, l.Lowered, l.piecesBefore,
			l.refundedBefore, l.Topped, l.Released, l.Returned, l.Kept, l.KeptFunded, l.Standing}
	}
	_, err := tx.Many(`UPDATE order_lines SET refunded_quantity = $3, refunded = $4, funded_back = $5,
		lowered = $6, pieces_before = $7, refunded_before = $8, topped = $9, released = $10, returned = $11,
		kept = $12, kept_funded = $13, standing = $14 WHERE order_id = $1 AND line_no = $2`, rows)
	return err
}

// expiredIDs are the unpaid orders whose time is over; with those whose earnest is paid, or without.
func expiredIDs(tx *db.Tx, now time.Time, owing bool, limit int) ([]ID, error) {
	return db.List(tx, scanID, `SELECT id FROM orders WHERE state = 'awaiting_payment' AND expires_us <= $1
		AND ($2 OR earnest = 0 OR NOT EXISTS (SELECT 1 FROM presales p WHERE p.order_id = orders.id
			AND p.state = 'earnest_paid')) ORDER BY expires_us LIMIT $3`, clock.Micros(now), owing, limit)
}

// SubKey names one suborder.
type SubKey struct {
	Order ID
	Seq   int64
}

func confirmDue(tx *db.Tx, now time.Time, limit int) ([]SubKey, error) {
	return db.List(tx, scanKey, `SELECT order_id, seq FROM suborders WHERE confirm_by_us > 0 AND confirm_by_us <= $1
		ORDER BY confirm_by_us LIMIT $2`, clock.Micros(now), limit)
}

// shopperIDs lists a shopper's orders from the newest: those in the list, and those whose events are not told yet.
func shopperIDs(tx *db.Tx, shopper string, before ID, limit int) ([]ID, error) {
	ids, err := db.List(tx, scanID, `SELECT order_id FROM shopper_orders WHERE shopper_id = $1 AND order_id < $2
		ORDER BY order_id DESC LIMIT $3`, shopper, before, limit)
	if err != nil {
		return nil, err
	}
	err = tx.Each(`SELECT id, body FROM outbox WHERE topic = $1`, func(r db.Row) error {
		e := event.Event{Topic: TopicPlaced}
		if err := r.Scan(&e.ID, &e.Body); err != nil {
			return err
		}
		mine, err := movedOf(e, shopper)
		for _, id := range mine {
			if id < before {
				ids = append(ids, id)
			}
		}
		return err
	}, TopicPlaced)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	slices.Reverse(ids)
	return ids[:min(limit, len(ids))], err
}

// listedIDs are a shopper's last orders of those that are listed; what was placed this moment may be missing.
func listedIDs(tx *db.Tx, shopper string, limit int) ([]ID, error) {
	return db.List(tx, scanID, `SELECT order_id FROM shopper_orders WHERE shopper_id = $1
		ORDER BY order_id DESC LIMIT $2`, shopper, limit)
}

// listOrders adds orders to the lists of the shoppers whose they are now: an event may name a guest who went into an
// account meanwhile. It is safe to repeat.
func listOrders(tx *db.Tx, moved []MovedOrder) error {
	ids := make([]string, len(moved))
	for i, m := range moved {
		ids[i] = string(m.Order)
	}
	slices.Sort(ids)
	_, err := tx.ExecKeys(`INSERT INTO shopper_orders (shopper_id, order_id)
		SELECT o.shopper_id, o.id FROM orders o WHERE o.id IN ({keys})
		ON CONFLICT (shopper_id, order_id) DO NOTHING`, ids)
	return err
}

func recentIDs(tx *db.Tx, before ID, limit int) ([]ID, error) {
	return db.List(tx, scanID, `SELECT id FROM orders WHERE id < $1 ORDER BY id DESC LIMIT $2`, before, limit)
}

// Filter picks suborders for a merchant's list; what still waits is not the merchant's to see.
type Filter string

// The filters of a merchant's order list.
const (
	ToShip   Filter = "to_ship" // paid, not shipped, and nothing holds it
	Held     Filter = "held"    // open, and a wallet took its money back: the market decides first, see Order.Undecided
	ToPay    Filter = "to_pay"  // placed, not paid, and nothing holds it
	OnTheWay Filter = "shipped" // shipped or delivered, not yet received
	Done     Filter = "done"    // nobody acts any more
	Dated    Filter = "dated"   // of those to ship, the ones that were promised by a day
	Any      Filter = "all"
)

var filters = map[Filter]string{
	ToShip:   ` AND s.state = 'open' AND o.state = 'paid' AND o.taken_us = 0`,
	Held:     ` AND s.state = 'open' AND o.state IN ('awaiting_payment', 'paid') AND o.taken_us > 0`,
	ToPay:    ` AND s.state = 'open' AND o.state = 'awaiting_payment' AND o.taken_us = 0`,
	Dated:    ` AND ` + dated(``, ``),
	OnTheWay: ` AND s.state IN ('shipped', 'delivered')`,
	Done:     ` AND s.state IN ('completed', 'cancelled')`,
	Any:      ``,
}

// Known tells whether there is such a filter.
func (f Filter) Known() bool { _, known := filters[f]; return known }

// dated are the suborders that are to be shipped by a day: so long after they were paid, or as a presale says. What is
// asked of the day beside that is said for each.
func dated(hours, presale string) string {
	return `s.state = 'open' AND o.state = 'paid' AND o.taken_us = 0 AND (s.ship_hours > 0` + hours + `
		OR o.earnest > 0 AND EXISTS (SELECT 1 FROM presales p WHERE p.order_id = s.order_id AND p.ship_by_us > 0` +
		presale + `))`
}

// late are those of a shop's suborders that should have been shipped before now.
func late(tx *db.Tx, shop string, now time.Time, limit int) ([]SubKey, error) {
	return db.List(tx, scanKey, `SELECT s.order_id, s.seq FROM suborders s JOIN orders o ON o.id = s.order_id
		WHERE s.shop_id = $1 AND s.waits = '' AND `+dated(` AND o.paid_us + s.ship_hours * 3600000000 <= $2`,
		` AND p.ship_by_us <= $2`)+` LIMIT $3`, shop, clock.Micros(now), limit)
}

func shopKeys(tx *db.Tx, shop string, f Filter, before ID, limit int) ([]SubKey, error) {
	return db.List(tx, scanKey, `SELECT s.order_id, s.seq FROM suborders s JOIN orders o ON o.id = s.order_id
		WHERE s.shop_id = $1 AND s.waits = '' AND s.order_id < $2`+filters[f]+` ORDER BY s.order_id DESC LIMIT $3`,
		shop, before, limit)
}

// shopKeysRising is shopKeys from the oldest on.
func shopKeysRising(tx *db.Tx, shop string, f Filter, after ID, limit int) ([]SubKey, error) {
	return db.List(tx, scanKey, `SELECT s.order_id, s.seq FROM suborders s JOIN orders o ON o.id = s.order_id
		WHERE s.shop_id = $1 AND s.waits = '' AND s.order_id > $2`+filters[f]+` ORDER BY s.order_id LIMIT $3`,
		shop, after, limit)
}

// underWay sums what shoppers paid a shop for what they have not received yet, by currency.
func underWay(tx *db.Tx, shop string) (map[money.Currency]int64, error) {
	all := map[money.Currency]int64{}
	err := tx.Each(`SELECT o.currency, CAST(SUM(l.paid - l.refunded - l.lowered + l.kept) AS BIGINT)
		FROM suborders s JOIN orders o ON o.id = s.order_id
			JOIN order_lines l ON l.order_id = s.order_id AND l.seq = s.seq
		WHERE s.shop_id = $1 AND s.waits = '' AND s.state IN ('open', 'shipped', 'delivered') AND o.state = 'paid'
		GROUP BY o.currency`, func(r db.Row) error {
		var c money.Currency
		var sum int64
		err := r.Scan(&c, &sum)
		all[c] = sum
		return err
	}, shop)
	return all, err
}

func scanID(r db.Row) (id ID, err error)     { err = r.Scan(&id); return id, err }
func scanKey(r db.Row) (k SubKey, err error) { err = r.Scan(&k.Order, &k.Seq); return k, err }

func idsOf(orders []Order) []ID {
	ids := make([]ID, len(orders))
	for i, o := range orders {
		ids[i] = o.ID
	}
	return ids
}

func keys(ids []ID) []string {
	out := make([]string, len(ids))
	for i, v := range ids {
		out[i] = string(v)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func lowered(tx *db.Tx, r Lower) (known bool, err error) {
	_, known, err = db.Value[int64](tx, `SELECT amount FROM order_lowerings
		WHERE order_id = $1 AND line_no = $2 AND ref = $3`, r.Order, r.Line, r.Ref)
	return known, err
}

func insertLowering(tx *db.Tx, r Lower, piecesBefore int64) error {
	funding, err := settle.EncodeShares(r.Funding)
	if err != nil {
		return err
	}
	return tx.Insert("order_lowerings", []string{"order_id", "line_no", "amount", "why", "ref", "at_us", "funding",
		"pieces_before"}, [][]any{{string(r.Order), r.Line, r.Amount, r.Cause.Why, r.Ref, clock.Micros(r.Cause.At), funding,
		piecesBefore}})
}
