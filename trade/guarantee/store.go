package guarantee

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/deal/guarantee"
	"hutong/funds/settle"
	"hutong/trade/order"
)

const lineColumns = `order_id, line_no, seq, shop_id, product_id, sku_id, offer_id, public_unit, own_unit, claims,
	given, steps, until_us, due_us`

func scanLine(r db.Row) (g Line, err error) {
	var until, due int64
	err = r.Scan(&g.Order, &g.No, &g.Seq, &g.Shop, &g.Product, &g.SKU, &g.Offer, &g.Price.Public, &g.Price.Own, &g.Claims,
		&g.Given, &g.steps, &until, &due)
	g.Until, g.due = clock.FromMicros(until), clock.FromMicros(due)
	return g, err
}

// insertLines protects lines.
func insertLines(tx *db.Tx, all []Line) error {
	rows := make([][]any, len(all))
	for i, g := range all {
		rows[i] = []any{string(g.Order), g.No, g.Seq, g.Shop, g.Product, g.SKU, g.Offer, g.Price.Public, g.Price.Own,
			g.Claims, g.Given, g.steps, clock.Micros(g.Until), clock.Micros(g.due)}
	}
	return tx.Insert("guarantees", []string{"order_id", "line_no", "seq", "shop_id", "product_id", "sku_id", "offer_id",
		"public_unit", "own_unit", "claims", "given", "steps", "until_us", "due_us"}, rows)
}

// received tells when the suborders of orders came to their shoppers, of those that did.
func received(tx *db.Tx, orders []order.ID) (map[order.SubKey]time.Time, error) {
	all := map[order.SubKey]time.Time{}
	return all, tx.EachKey(`SELECT order_id, seq, MIN(at_us) FROM order_steps WHERE order_id IN ({keys}) AND seq > 0
		AND to_state IN ('delivered', 'completed') GROUP BY order_id, seq`, texts(orders), func(r db.Row) error {
		var k order.SubKey
		var us int64
		err := r.Scan(&k.Order, &k.Seq, &us)
		all[k] = clock.FromMicros(us)
		return err
	})
}

func texts(orders []order.ID) []string {
	all := make([]string, len(orders))
	for i, o := range orders {
		all[i] = string(o)
	}
	return all
}

// ofOrders are the protected lines of orders, those that are over too.
func ofOrders(tx *db.Tx, orders []order.ID) (all []Line, err error) {
	err = tx.EachKey(`SELECT `+lineColumns+` FROM guarantees WHERE order_id IN ({keys}) ORDER BY order_id, line_no`,
		texts(orders), func(r db.Row) error {
			g, err := scanLine(r)
			all = append(all, g)
			return err
		})
	return all, err
}

func byLine(tx *db.Tx, o order.ID, no int64) (g Line, found bool, err error) {
	all, err := db.List(tx, scanLine, `SELECT `+lineColumns+` FROM guarantees WHERE order_id = $1 AND line_no = $2`, o, no)
	if err != nil || len(all) == 0 {
		return g, false, err
	}
	return all[0], true, nil
}

// due are the lines to look at, those that wait longest first.
func due(tx *db.Tx, at time.Time, limit int) ([]Line, error) {
	return db.List(tx, scanLine, `SELECT `+lineColumns+` FROM guarantees WHERE due_us > 0 AND due_us <= $1
		ORDER BY due_us, order_id, line_no LIMIT $2`, clock.Micros(at), limit)
}

// next sets when lines are looked at again, except those that somebody wants looked at since they were read.
func next(tx *db.Tx, all []Line, was []time.Time) error {
	rows := make([][]any, len(all))
	for i, g := range all {
		rows[i] = []any{string(g.Order), g.No, clock.Micros(g.due), clock.Micros(was[i])}
	}
	_, err := tx.Many(`UPDATE guarantees SET due_us = $3 WHERE order_id = $1 AND line_no = $2 AND due_us = $4`, rows)
	return err
}

// soon has the protected lines of products looked at now.
func soon(tx *db.Tx, products []string, at time.Time) error {
	const q = `UPDATE guarantees SET due_us = $1 WHERE product_id IN ({keys}) AND due_us > 0`
	_, err := tx.ExecKeys(q, products, clock.Micros(at))
	return err
}

// saveLine writes what a claim changed.
func saveLine(tx *db.Tx, g Line) error {
	_, err := tx.Exec(`UPDATE guarantees SET public_unit = $3, own_unit = $4, claims = $5, given = $6, steps = $7
		WHERE order_id = $1 AND line_no = $2`, string(g.Order), g.No, g.Price.Public, g.Price.Own, g.Claims, g.Given, g.steps)
	return err
}

func insertClaim(tx *db.Tx, c Claim) error {
	cited, err := c.cited()
	if err != nil {
		return err
	}
	funding, err := settle.EncodeShares(c.Others)
	if err != nil {
		return err
	}
	return tx.Insert("guarantee_claims", []string{"order_id", "line_no", "step", "shop_id", "offer_id", "price_version",
		"rules", "promotions", "from_unit", "now_unit", "each_unit", "pieces", "amount", "reason", "by_shopper", "at_us",
		"funding"},
		[][]any{{string(c.Order), c.Line, c.Step, c.Shop, c.Offer, c.PriceVersion, c.Basis.Rules, cited, c.From, c.Now,
			c.Each, c.Pieces, c.Amount, c.Reason, c.Asked, clock.Micros(c.At), funding}})
}

// gift is what others gave back of one claim, and of how many pieces.
type gift struct {
	shares []guarantee.Share
	pieces int64
}

// funded are the claims of a line of which others paid something, oldest first.
func funded(tx *db.Tx, o order.ID, line int64) ([]gift, error) {
	return db.List(tx, func(r db.Row) (g gift, err error) {
		var stored string
		if err := r.Scan(&g.pieces, &stored); err != nil {
			return g, err
		}
		g.shares, err = settle.DecodeShares(stored)
		return g, err
	}, `SELECT pieces, funding FROM guarantee_claims WHERE order_id = $1 AND line_no = $2 AND funding <> ''
		ORDER BY step`, o, line)
}

const claimColumns = `order_id, line_no, step, shop_id, offer_id, price_version, rules, from_unit, now_unit,
	each_unit, pieces, amount, reason, by_shopper, at_us, funding`

func scanClaim(r db.Row) (c Claim, err error) {
	var at int64
	var funding string
	if err := r.Scan(&c.Order, &c.Line, &c.Step, &c.Shop, &c.Offer, &c.PriceVersion, &c.Basis.Rules, &c.From, &c.Now,
		&c.Each, &c.Pieces, &c.Amount, &c.Reason, &c.Asked, &at, &funding); err != nil {
		return c, err
	}
	c.At = clock.FromMicros(at)
	c.Others, err = settle.DecodeShares(funding)
	return c, err
}

// claimsOf are an order's claims, oldest first of each line.
func claimsOf(tx *db.Tx, o order.ID) ([]Claim, error) {
	return db.List(tx, scanClaim, `SELECT `+claimColumns+` FROM guarantee_claims WHERE order_id = $1
		ORDER BY line_no, step`, o)
}

// said tells whether a line's newest claim says the same already: nothing for this price, for this reason.
func said(tx *db.Tx, c Claim) (bool, error) {
	_, found, err := db.Value[int64](tx, `SELECT step FROM guarantee_claims WHERE order_id = $1 AND line_no = $2
		AND step = $3 AND from_unit = $4 AND now_unit = $5 AND reason = $6`,
		string(c.Order), c.Line, c.Step-1, c.From, c.Now, c.Reason)
	return found, err
}

type lineKey struct {
	order order.ID
	no    int64
}

// linesOf are the quantities of orders' lines; nothing else of them is read.
func linesOf(tx *db.Tx, orders []order.ID) (map[lineKey]order.Line, error) {
	all := map[lineKey]order.Line{}
	return all, tx.EachKey(`SELECT order_id, line_no, quantity FROM order_lines WHERE order_id IN ({keys})`, texts(orders),
		func(r db.Row) error {
			var l order.Line
			err := r.Scan(&l.Order, &l.No, &l.Quantity)
			all[lineKey{l.Order, l.No}] = l
			return err
		})
}
