package group

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/trade/order"
)

var memberColumns = []string{"order_id", "line_no", "seq", "group_id", "group_offer_id", "shopper_id", "no", "quantity",
	"state", "why", "after_formed", "paid_us", "left_us"}

const selectMember = `SELECT order_id, line_no, seq, group_id, group_offer_id, shopper_id, no, quantity, state, why,
	after_formed, paid_us, left_us FROM group_members `

func scanMember(r db.Row) (m Member, err error) {
	var paid, left int64
	err = r.Scan(&m.Order, &m.Line, &m.Seq, &m.Group, &m.Offer, &m.Shopper, &m.No, &m.Quantity, &m.State, &m.Why, &m.After,
		&paid, &left)
	m.PaidAt, m.LeftAt = clock.FromMicros(paid), clock.FromMicros(left)
	return m, err
}

func insertMember(tx *db.Tx, m Member) error {
	return tx.Insert("group_members", memberColumns, [][]any{{string(m.Order), m.Line, m.Seq, string(m.Group),
		string(m.Offer), m.Shopper, m.No, m.Quantity, string(m.State), m.Why, m.After, clock.Micros(m.PaidAt),
		clock.Micros(m.LeftAt)}})
}

func saveMembers(tx *db.Tx, all []Member) error {
	rows := make([][]any, len(all))
	for i, m := range all {
		rows[i] = []any{string(m.Order), m.Line, string(m.State), m.Why, m.After, clock.Micros(m.LeftAt)}
	}
	_, err := tx.Many(`UPDATE group_members SET state = $3, why = $4, after_formed = $5, left_us = $6
		WHERE order_id = $1 AND line_no = $2`, rows)
	return err
}

// membersOf are a group's members in the order of their payments; those who never had a place come first.
func membersOf(tx *db.Tx, g ID) ([]Member, error) {
	return db.List(tx, scanMember, selectMember+`WHERE group_id = $1 ORDER BY no, order_id`, g)
}

func memberBy(tx *db.Tx, o order.ID, line int64) (m Member, found bool, err error) {
	all, err := db.List(tx, scanMember, selectMember+`WHERE order_id = $1 AND line_no = $2`, o, line)
	if err != nil || len(all) == 0 {
		return m, false, err
	}
	return all[0], true, nil
}

// ofOrders are the members among orders.
func ofOrders(tx *db.Tx, orders []order.ID) (all []Member, err error) {
	ids := make([]string, len(orders))
	for i, o := range orders {
		ids[i] = string(o)
	}
	err = tx.EachKey(selectMember+`WHERE order_id IN ({keys}) ORDER BY order_id, line_no`, ids, func(r db.Row) error {
		m, err := scanMember(r)
		all = append(all, m)
		return err
	})
	return all, err
}

// counts tells whether a shopper is in a group already.
func counts(tx *db.Tx, g ID, shopper string) (in bool, err error) {
	_, in, err = db.Value[string](tx, `SELECT order_id FROM group_members WHERE group_id = $1 AND shopper_id = $2
		AND state IN ('waiting', 'lowering', 'in')`, g, shopper)
	return in, err
}

// lastNo is the number of a group's last member.
func lastNo(tx *db.Tx, g ID) (n int64, err error) {
	n, _, err = db.Value[int64](tx, `SELECT CAST(COALESCE(MAX(no), 0) AS BIGINT) FROM group_members
		WHERE group_id = $1`, g)
	return n, err
}

// toSettle are members that wait for this room, from the order after.
func toSettle(tx *db.Tx, after order.ID, limit int) ([]Member, error) {
	return db.List(tx, scanMember, selectMember+`WHERE state IN ('lowering', 'refunding') AND order_id > $1
		ORDER BY order_id LIMIT $2`, after, limit)
}

// ofShopper are a shopper's memberships, newest first, before one.
func ofShopper(tx *db.Tx, shopper string, before order.ID, limit int) ([]Member, error) {
	return db.List(tx, scanMember, selectMember+`WHERE shopper_id = $1 AND order_id < $2 ORDER BY order_id DESC, line_no
		LIMIT $3`, shopper, before, limit)
}

// returns counts how often a shopper gave goods back after a group had formed, since an instant.
func returns(tx *db.Tx, shopper string, since time.Time) (n int64, err error) {
	n, _, err = db.Value[int64](tx, `SELECT COUNT(*) FROM group_members
		WHERE shopper_id = $1 AND after_formed AND left_us >= $2`, shopper, clock.Micros(since))
	return n, err
}
