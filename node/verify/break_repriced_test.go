package verify

const repricing = `INSERT INTO order_repricings (order_id, no, ref, fair, before, rest, share, back, lowered, at_us) `

// unpriced are damages to refunds that price the rest again; the market of the tests has no whole one. A test of the
// node breaks one that is.
var unpriced = []damage{
	{check: "order.repriced", key: of(paid), do: []string{repricing + `SELECT order_id, 1, 'cas_x', FALSE, 0, 0, 0, 0, 0, 1` +
		lineOne}},
	{check: "order.repriced", key: of(paid), do: []string{`UPDATE order_lines SET standing = discounts
		WHERE order_id = $1 AND line_no = 1 AND discounts <> ''`, `UPDATE order_lines SET standing = '[]'
		WHERE order_id = $1 AND line_no = 1 AND discounts = ''`}},
	{check: "order.repriced", key: of(paid), do: []string{`UPDATE order_lines
		SET standing = CASE discounts WHEN '' THEN '[]' ELSE discounts END, kept = 1
		WHERE order_id = $1 AND line_no = 1`}, also: "order.money"},
	{check: "order.repriced", key: `SELECT MIN(order_id) FROM cases WHERE state = 'refunded'`,
		do: []string{`INSERT INTO order_modes (order_id, basis) VALUES ($1, '{}')`}},
	{check: "order.repriced", key: `SELECT MIN(order_id) FROM cases WHERE state = 'refunded'`,
		do: []string{`UPDATE cases SET repriced = TRUE, kept = 1 WHERE order_id = $1`}, also: "case.amounts"},
	{check: "order.discounts", key: of(completed), do: []string{`UPDATE order_lines SET standing = '[[]]'
		WHERE order_id = $1 AND line_no = 1`}, also: "order.repriced"},
}
