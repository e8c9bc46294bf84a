package verify

// segments are the promise of reach/segment: who is named in a set is somebody, and the set is there.
func (a *audit) segments() []check {
	return []check{{
		name: "segment.people", rule: "I-S1", counts: "segment_people", columns: "segment shopper known_set known_shopper",
		sql: `SELECT p.segment_id AS segment, p.shopper_id AS shopper, COALESCE(g.id, '') AS known_set,
				COALESCE(s.id, '') AS known_shopper
			FROM segment_people p LEFT JOIN segments g ON g.id = p.segment_id LEFT JOIN shoppers s ON s.id = p.shopper_id
			WHERE g.id IS NULL OR s.id IS NULL`,
	}}
}
