package verify

import (
	"strconv"
	"strings"
	"time"

	"hutong/base/money"
)

// sales are the promises of campaigns and flash sales: what moves between pools neither grows nor shrinks, a sale sells
// what was pledged to it from its own pool and no dearer than its rule allows, a lottery has no more winners than lots,
// and no price was said to be lower than something that nobody paid or asked.
func (a *audit) sales() []check {
	return []check{{
		name: "stock.moved", rule: "I-K1", counts: "stock_moves WHERE ref LIKE 'move:%'", columns: "ref arrived left",
		sql: `SELECT ref, CAST(SUM(CASE WHEN kind = 'receive' THEN quantity ELSE 0 END) AS BIGINT) AS arrived,
				CAST(SUM(CASE WHEN kind = 'write_off' THEN quantity ELSE 0 END) AS BIGINT) AS "left"
			FROM stock_moves WHERE ref LIKE 'move:%' GROUP BY ref
			HAVING SUM(CASE WHEN kind = 'receive' THEN quantity WHEN kind = 'write_off' THEN -quantity ELSE 1 END) <> 0`,
	}, {
		name: "sale.pledged", rule: "I-K2", counts: "enrolments WHERE pool_id <> ''",
		columns: "enrolment state quantity pool taken open place",
		sql: `SELECT e.id AS enrolment, e.state, e.quantity, e.pool_id AS pool,
				c.held + c.sold + c.shipped - c.returned AS taken, c.open, p.place
			FROM enrolments e LEFT JOIN pools p ON p.id = e.pool_id LEFT JOIN pool_counts c ON c.no = p.no
			WHERE e.pool_id <> '' AND (p.id IS NULL OR p.place <> e.id OR p.shop_id <> e.shop_id OR p.sku_id <> e.sku_id
				OR c.held + c.sold + c.shipped - c.returned > e.quantity OR c.open AND e.state <> 'locked')`,
	}, {
		name: "sale.capped", rule: "RULES 1.2", counts: "enrolments WHERE state IN ('accepted', 'locked', 'ended')",
		columns: "enrolment state price cap lowest source",
		sql: `SELECT id AS enrolment, state, price, cap, lowest, lowest_source AS source FROM enrolments
			WHERE state IN ('accepted', 'locked', 'ended') AND cap > 0 AND (price > cap OR cap > lowest OR lowest_source = '')`,
	}, {
		name: "lottery.drawn", rule: "I-C2", counts: "lotteries", columns: "item lots won entrants drawn_us",
		sql: `SELECT l.item_id AS item, l.lots, COALESCE(w.won, 0) AS won, l.entrants, l.drawn_us FROM lotteries l
			LEFT JOIN (SELECT item_id, COUNT(*) AS won FROM appointments WHERE won GROUP BY item_id) w ON w.item_id = l.item_id
			WHERE COALESCE(w.won, 0) > l.lots OR COALESCE(w.won, 0) > l.entrants OR l.drawn_us = 0 AND w.won > 0`,
	}, {
		name: "price.claims", rule: "I-P2", counts: "price_claims", columns: "claim shop sale strike prior basis source",
		sql: `SELECT c.id AS claim, c.shop_id AS shop, c.sale, c.strike, c.prior, c.basis, c.source FROM price_claims c
			LEFT JOIN orders o ON o.id = c.source
			WHERE c.code = '' AND (c.strike > 0 OR c.off_ppm > 0) AND (c.sale >= c.prior OR c.strike > c.prior
				OR c.basis IN ('lowest_deal', 'last_deal') AND (o.id IS NULL OR o.paid_us = 0 OR o.paid_us >= c.from_us))`,
	}, {
		// What pages strike is a price that the offer had, as it was held against history.
		name: "price.labels", rule: "I-P2", counts: "price_labels",
		columns: "offer version sale strike prior code claim claim_code claim_prior",
		sql: `SELECT l.offer_id AS offer, l.version, l.sale, l.strike, l.prior, l.code, l.claim_id AS claim,
				c.code AS claim_code, c.prior AS claim_prior
			FROM price_labels l LEFT JOIN price_claims c ON c.id = l.claim_id
			LEFT JOIN price_history h ON h.offer_id = l.offer_id AND h.version = l.version
			WHERE c.id IS NULL OR c.code <> l.code OR c.prior <> l.prior OR c.sale <> l.sale OR c.strike <> l.strike
				OR h.offer_id IS NULL OR h.unit_price <> l.sale OR h.list_price <> l.strike OR h.from_us <> l.from_us
				OR l.code = '' AND (l.strike > l.prior OR l.sale >= l.prior)`,
	}, {
		// No piece was sold for less in the week before; what a group's ladder took off later is left out.
		name: "price.struck", rule: "I-P2", counts: "price_labels WHERE code = '' AND basis = 'lowest_deal'",
		columns: "offer strike order_id line_no deal",
		sql: `SELECT l.offer_id AS offer, l.strike, x.order_id, x.line_no, (x.paid + x.funded) / x.quantity AS deal
			FROM price_labels l JOIN order_lines x ON x.sku_id = l.sku_id AND x.shop_id = l.shop_id
			JOIN orders o ON o.id = x.order_id
			JOIN suborders s ON s.order_id = x.order_id AND s.seq = x.seq
			WHERE l.code = '' AND l.basis = 'lowest_deal' AND o.paid_us >= l.from_us - $1 AND o.paid_us < l.from_us - $2
				AND s.state <> 'cancelled' AND x.refunded_quantity < x.quantity
				AND (x.paid + x.funded) / x.quantity < l.strike AND (x.paid + x.funded) / x.quantity > ` + wholeOf("o.currency"),
		args: []any{(7 * 24 * time.Hour).Microseconds(), time.Minute.Microseconds()},
	}}
}

// wholeOf is the SQL of how many minor units 1.00 of a currency is.
func wholeOf(column string) string {
	var b strings.Builder
	b.WriteString("CASE ")
	for _, exponent := range []int{0, 3, 4} {
		all, whole := money.Currencies(exponent), int64(1)
		if len(all) == 0 {
			continue
		}
		b.WriteString("WHEN " + column + " IN ('")
		for i, c := range all {
			if whole = c.Whole(); i > 0 {
				b.WriteString("', '")
			}
			b.WriteString(string(c))
		}
		b.WriteString("') THEN " + strconv.FormatInt(whole, 10) + " ")
	}
	return b.String() + "ELSE 100 END"
}
