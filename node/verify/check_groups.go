package verify

// groups are the promises of trade/group: never more paid members than places, success only when there are enough, and
// every member of a group ends in the same way.
func (a *audit) groups() []check {
	return []check{{
		name: "group.places", rule: "I-C5", counts: "group_buys",
		columns: "group_id state size places paid kept waiting in_it",
		sql: `SELECT * FROM (SELECT g.id AS group_id, g.state, g.size, g.places, g.paid, g.kept,
				(SELECT COUNT(*) FROM group_members m WHERE m.group_id = g.id AND m.state = 'waiting') AS waiting,
				(SELECT COUNT(*) FROM group_members m WHERE m.group_id = g.id AND m.state IN ('lowering', 'in')) AS in_it
			FROM group_buys g) m
			WHERE paid > places OR waiting > 0 AND state <> 'forming' OR state = 'forming' AND (paid <> waiting OR in_it > 0)
				OR state = 'formed' AND (paid < size OR kept <> in_it) OR state = 'failed' AND in_it > 0`,
	}, {
		name: "group.members", rule: "I-C5", counts: "group_members",
		columns: "order_id line_no group_id state waits part_state quantity refunded_quantity",
		sql: `SELECT m.order_id, m.line_no, m.group_id, m.state, s.waits, s.state AS part_state, l.quantity,
				l.refunded_quantity FROM group_members m
			LEFT JOIN suborders s ON s.order_id = m.order_id AND s.seq = m.seq
			LEFT JOIN order_lines l ON l.order_id = m.order_id AND l.line_no = m.line_no
			WHERE l.order_id IS NULL OR s.order_id IS NULL OR m.state IN ('waiting', 'lowering') AND s.waits <> 'group'
				OR m.state = 'in' AND s.waits <> '' AND s.state <> 'cancelled'
				OR m.state IN ('refunded', 'left') AND l.refunded_quantity < l.quantity`,
	}, {
		// What waits, waits for something: nobody's paid order is kept from its merchant for ever.
		name: "group.waits", rule: "I-O2", counts: "suborders WHERE waits <> ''", columns: "order_id part paid_us",
		sql: `SELECT s.order_id, s.seq AS part, o.paid_us FROM suborders s JOIN orders o ON o.id = s.order_id
			WHERE s.waits <> '' AND s.state = 'open' AND o.state = 'paid' AND o.paid_us < $1
				AND NOT EXISTS (SELECT 1 FROM group_members m WHERE m.order_id = s.order_id AND m.seq = s.seq
					AND m.state IN ('waiting', 'lowering', 'refunding'))`,
		args: []any{a.ago(a.JobGrace)},
	}}
}
