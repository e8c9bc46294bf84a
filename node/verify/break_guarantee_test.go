package verify

// protected is a line under the price guarantee, of an order of the market, with some numbers to be filled in.
const protected = `INSERT INTO guarantees (order_id, line_no, seq, shop_id, product_id, sku_id, offer_id, public_unit,
	own_unit, claims, given, steps, until_us, due_us)
	SELECT order_id, line_no, seq, shop_id, product_id, sku_id, offer_id, 1, 1, `

const claimed = `INSERT INTO guarantee_claims (order_id, line_no, step, shop_id, offer_id, price_version, rules, promotions,
	from_unit, now_unit, each_unit, pieces, amount, reason, by_shopper, at_us) `

const lineOne = ` FROM order_lines WHERE order_id = $1 AND line_no = 1`

// unguaranteed are damages to the price guarantee; the market of the tests has no whole one.
var unguaranteed = []damage{
	{check: "guarantee.given", key: of(paid), do: []string{protected + `1, 1, 1, 9, 0` + lineOne}},
	{check: "guarantee.given", key: of(paid), do: []string{protected + `0, 0, 1, 9, 0` + lineOne}},
	{check: "guarantee.evidence", key: of(paid), do: []string{protected + `0, 0, 1, 9, 0` + lineOne,
		claimed + `SELECT order_id, 1, 1, shop_id, offer_id, 99, 0, '[]', 2, 1, 0, 1, 0, 'guarantee.used_up', FALSE,
			9000000000000000` + lineOne}},
	{check: "order.topped", key: of(paid), do: []string{`UPDATE order_lines SET lowered = 1, topped = 1
		WHERE order_id = $1 AND line_no = 1`},
		also: "ledger.explained order.lowered order.money"},
	{check: "order.topped", key: of(paid), do: []string{`INSERT INTO order_lowerings (order_id, line_no, amount, why, ref,
		at_us, funding, pieces_before) SELECT order_id, 1, 1, 'guarantee.back', 'guarantee.1.1', 1, '[["platform",2]]',
		refunded_quantity` + lineOne}, also: "ledger.funders order.lowered"},
	{check: "guarantee.evidence", key: of(paid), do: []string{protected + `0, 0, 1, 9, 0` + lineOne,
		claimed + `SELECT order_id, 1, 1, shop_id, offer_id, price_version, 7, '[]', 2, 1, 0, 1, 0, 'guarantee.used_up',
			FALSE, 9000000000000000` + lineOne}},
}
