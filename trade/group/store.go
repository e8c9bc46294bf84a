package group

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

var groupColumns = []string{"id", "group_offer_id", "shop_id", "code", "private", "leader_id", "size", "places", "paid",
	"kept", "price", "state", "why", "opened_us", "deadline_us", "closed_us"}

const selectGroup = `SELECT id, group_offer_id, shop_id, code, private, leader_id, size, places, paid, kept, price,
	state, why, opened_us, deadline_us, closed_us FROM group_buys `

func scanGroup(r db.Row) (g Group, err error) {
	var opened, deadline, closed int64
	err = r.Scan(&g.ID, &g.Offer, &g.Shop, &g.Code, &g.Private, &g.Leader, &g.Size, &g.Places, &g.Paid, &g.Kept, &g.Price,
		&g.State, &g.Why, &opened, &deadline, &closed)
	g.OpenedAt, g.Deadline = clock.FromMicros(opened), clock.FromMicros(deadline)
	g.ClosedAt = clock.FromMicros(closed)
	return g, err
}

func insertGroup(tx *db.Tx, g Group) error {
	return tx.Insert("group_buys", groupColumns, [][]any{{string(g.ID), string(g.Offer), g.Shop, g.Code, g.Private,
		g.Leader, g.Size, g.Places, g.Paid, g.Kept, g.Price, string(g.State), g.Why, clock.Micros(g.OpenedAt),
		clock.Micros(g.Deadline), clock.Micros(g.ClosedAt)}})
}

func groupWhere(tx *db.Tx, where string, args ...any) (g Group, found bool, err error) {
	all, err := db.List(tx, scanGroup, selectGroup+where, args...)
	if err != nil || len(all) == 0 {
		return g, false, err
	}
	return all[0], true, nil
}

func groupByID(tx *db.Tx, id ID) (Group, bool, error) { return groupWhere(tx, `WHERE id = $1`, id) }

// lockGroup reads a group that is about to be changed.
func lockGroup(tx *db.Tx, id ID) (Group, bool, error) {
	return groupWhere(tx, `WHERE id = $1 {lock}`, id)
}

func groupByCode(tx *db.Tx, code string) (Group, bool, error) {
	return groupWhere(tx, `WHERE code = $1`, code)
}

func codeTaken(tx *db.Tx, code string) (taken bool, err error) {
	_, taken, err = db.Value[string](tx, `SELECT id FROM group_buys WHERE code = $1`, code)
	return taken, err
}

// forming are an offer's groups that anybody may join, those with the nearest deadline first.
func forming(tx *db.Tx, o OfferID, at time.Time, limit int) ([]Group, error) {
	return db.List(tx, scanGroup, selectGroup+`WHERE group_offer_id = $1 AND state = 'forming' AND deadline_us > $2
		AND paid < places AND NOT private ORDER BY deadline_us, id LIMIT $3`, o, clock.Micros(at), limit)
}

// due are the groups whose deadline has passed.
func due(tx *db.Tx, at time.Time, limit int) ([]ID, error) {
	return db.List(tx, func(r db.Row) (id ID, err error) { return id, r.Scan(&id) },
		`SELECT id FROM group_buys WHERE state = 'forming' AND deadline_us <= $1 ORDER BY deadline_us, id LIMIT $2`,
		clock.Micros(at), limit)
}

// underWay are the groups that form, from the one after; for looking whether they still can.
func underWay(tx *db.Tx, after ID, limit int) ([]Group, error) {
	return db.List(tx, scanGroup, selectGroup+`WHERE state = 'forming' AND id > $1 ORDER BY id LIMIT $2`, after, limit)
}

// takePlace is the one statement that decides who gets a place: while the group forms, before its deadline, and if
// there is one.
func takePlace(tx *db.Tx, id ID, at time.Time) (won bool, err error) {
	n, err := tx.Exec(`UPDATE group_buys SET paid = paid + 1, kept = kept + 1
		WHERE id = $1 AND state = 'forming' AND paid < places AND deadline_us > $2`, id, clock.Micros(at))
	return n == 1, err
}

// end is the one statement that decides what a forming group becomes.
func end(tx *db.Tx, g Group) (won bool, err error) {
	n, err := tx.Exec(`UPDATE group_buys SET state = $2, why = $3, price = $4, closed_us = $5
		WHERE id = $1 AND state = 'forming' AND paid = $6`, g.ID, g.State, g.Why, g.Price, clock.Micros(g.ClosedAt), g.Paid)
	return n == 1, err
}

// saveCounts writes what members that left change; the group's row is locked.
func saveCounts(tx *db.Tx, g Group) error {
	_, err := tx.Exec(`UPDATE group_buys SET paid = $2, kept = $3, leader_id = $4, state = $5, why = $6 WHERE id = $1`,
		g.ID, g.Paid, g.Kept, g.Leader, g.State, g.Why)
	return err
}

// watched are groups of a state, or of any, newest first.
func watched(tx *db.Tx, state State, before ID, limit int) ([]Group, error) {
	if state == "" {
		return db.List(tx, scanGroup, selectGroup+`WHERE id < $1 ORDER BY id DESC LIMIT $2`, before, limit)
	}
	return db.List(tx, scanGroup, selectGroup+`WHERE state = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, state, before,
		limit)
}

// payBacks counts, by group, the payments that go back or went back, and those of them that are on their way.
func payBacks(tx *db.Tx, groups []string) (map[ID][2]int64, error) {
	all := map[ID][2]int64{}
	err := tx.EachKey(`SELECT group_id, COUNT(*), CAST(SUM(CASE WHEN state = 'refunding' THEN 1 ELSE 0 END) AS BIGINT)
		FROM group_members WHERE state IN ('refunding', 'refunded') AND group_id IN ({keys}) GROUP BY group_id`, groups,
		func(r db.Row) error {
			var id ID
			var n [2]int64
			err := r.Scan(&id, &n[0], &n[1])
			all[id] = n
			return err
		})
	return all, err
}
