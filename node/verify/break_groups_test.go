package verify

// ungrouped are damages to groups; the market of the tests has none that are whole.
var ungrouped = []damage{
	{check: "group.places", key: `SELECT 'grp_x'`, do: []string{`INSERT INTO group_buys (id, group_offer_id, shop_id, code,
		private, leader_id, size, places, paid, kept, price, state, why, opened_us, deadline_us, closed_us)
		VALUES ($1, 'gof_x', 'shp_x', 'X', FALSE, 'shr_x', 2, 2, 2, 2, 0, 'formed', '', 1, 2, 2)`}},
	{check: "group.members", key: of(paid), do: []string{`INSERT INTO group_members (order_id, line_no, seq, group_id,
		group_offer_id, shopper_id, no, quantity, state, why, after_formed, paid_us, left_us)
		VALUES ($1, 1, 1, 'grp_x', 'gof_x', 'shr_x', 1, 1, 'refunded', '', FALSE, 1, 1)`}},
	{check: "group.waits", key: of(paid), do: []string{
		`UPDATE suborders SET waits = 'group' WHERE order_id = $1`, `UPDATE orders SET paid_us = 1 WHERE id = $1`}},
}
