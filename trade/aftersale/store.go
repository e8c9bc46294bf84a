package aftersale

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/party/merchant"
	"hutong/trade/order"
)

const columns = `id, order_id, seq, shop_id, shopper_id, state, reason, currency, amount, freight, restock, request_key,
	request_hash, opened_us, closed_us, step, kept, repriced`

func scan(r db.Row) (c Case, err error) {
	var opened, closed int64
	err = r.Scan(&c.ID, &c.Order, &c.Seq, &c.Shop, &c.Shopper, &c.State, &c.Reason, &c.Currency, &c.Amount, &c.Freight,
		&c.Restock, &c.key, &c.hash, &opened, &closed, &c.step, &c.Kept, &c.Repriced)
	c.OpenedAt, c.ClosedAt = clock.FromMicros(opened), clock.FromMicros(closed)
	return c, err
}

func notFound() error { return fault.New(fault.NotFound, "aftersale.not_found") }

// mine is the condition that a row is the party's, with the party's id as the parameter $1.
func (p Party) mine() (condition string, args []any, err error) {
	switch {
	case p.Operator:
		return `$1 = ''`, []any{""}, nil
	case p.Shop != "":
		return `shop_id = $1 AND NOT EXISTS (SELECT 1 FROM suborders w WHERE w.order_id = cases.order_id
			AND w.seq = cases.seq AND w.waits <> '')`, []any{p.Shop}, nil // what waits is not the shop's yet
	case p.Shopper != "":
		return `shopper_id = $1`, []any{p.Shopper}, nil
	}
	return "", nil, notFound()
}

// What a case is read for.
const (
	forReading = ``
	forWriting = ` {lock}`
)

// one reads a party's case.
func one(tx *db.Tx, p Party, id ID, purpose string) (Case, error) {
	mine, args, err := p.mine()
	if err != nil {
		return Case{}, err
	}
	all, err := list(tx, `WHERE `+mine+` AND id = $2`+purpose, append(args, id)...)
	if err == nil && len(all) == 0 {
		err = notFound()
	}
	if err != nil {
		return Case{}, err
	}
	return all[0], nil
}

// list reads cases with their lines and steps.
func list(tx *db.Tx, where string, args ...any) ([]Case, error) {
	all, err := db.List(tx, scan, `SELECT `+columns+` FROM cases `+where, args...)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	ids, at := make([]string, len(all)), make(map[ID]*Case, len(all))
	for i := range all {
		ids[i], at[all[i].ID] = string(all[i].ID), &all[i]
	}
	err = tx.EachKey(`SELECT case_id, line_no, units, amount FROM case_lines WHERE case_id IN ({keys})
		ORDER BY case_id, line_no`, ids, func(r db.Row) error {
		var id ID
		var l Line
		err := r.Scan(&id, &l.Line, &l.Units, &l.Amount)
		if err == nil {
			at[id].Lines = append(at[id].Lines, l)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	agreed := make([]*Case, 0, len(all))
	for i := range all {
		if all[i].State == Agreed {
			agreed = append(agreed, &all[i])
		}
	}
	if err := sendTo(tx, agreed); err != nil {
		return nil, err
	}
	return all, tx.EachKey(`SELECT case_id, from_state, to_state, actor, note, at_us FROM case_steps
		WHERE case_id IN ({keys}) ORDER BY case_id, step`, ids, func(r db.Row) error {
		var id ID
		var s Step
		var us int64
		err := r.Scan(&id, &s.From, &s.To, &s.Actor, &s.Note, &us)
		s.At = clock.FromMicros(us)
		if err == nil {
			at[id].Steps = append(at[id].Steps, s)
		}
		return err
	})
}

// sendTo says where the goods of agreed cases go.
func sendTo(tx *db.Tx, agreed []*Case) error {
	if len(agreed) == 0 {
		return nil
	}
	shops := make([]string, len(agreed))
	for i, c := range agreed {
		shops[i] = c.Shop
	}
	to, err := merchant.ReturnsOf(tx, shops)
	for _, c := range agreed {
		c.SendTo = to[c.Shop]
	}
	return err
}

// ofOrder reads the party's cases of an order, oldest first.
func ofOrder(tx *db.Tx, p Party, o order.ID) ([]Case, error) {
	mine, args, err := p.mine()
	if err != nil {
		return nil, err
	}
	return list(tx, `WHERE `+mine+` AND order_id = $2 ORDER BY id`, append(args, o)...)
}

// Filter picks cases for a list.
type Filter string

// The filters of a list of cases.
const (
	ToAnswer Filter = "opened" // the merchant has to answer
	ToClose  Filter = "open"   // somebody has to act
	All      Filter = "all"
)

var filters = map[Filter]string{
	ToAnswer: ` AND state = 'opened'`,
	ToClose:  ` AND state IN ('opened', 'agreed')`,
	All:      ``,
}

// page reads the party's cases before one, newest first.
func page(tx *db.Tx, p Party, f Filter, before ID, limit int) ([]Case, error) {
	mine, args, err := p.mine()
	if err != nil {
		return nil, err
	}
	return list(tx, `WHERE `+mine+` AND id < $2`+filters[f]+` ORDER BY id DESC LIMIT $3`, append(args, before, limit)...)
}

// OpenAt tells whether a case of a shop is open. It stays so until the commit: what ends it comes after that.
func OpenAt(tx *db.Tx, shop string, id ID) (bool, error) {
	_, open, err := db.Value[string](tx, `SELECT id FROM cases WHERE id = $1 AND shop_id = $2 AND closed_us = 0
		{lock}`, id, shop)
	return open, err
}

// AnyOpen tells whether a shop has an open case about one of the orders.
func AnyOpen(tx *db.Tx, shop string, orders []string) (open bool, err error) {
	err = tx.EachKey(`SELECT order_id FROM cases WHERE shop_id = $1 AND closed_us = 0 AND order_id IN ({keys})`, orders,
		func(db.Row) error { open = true; return nil }, shop)
	return open, err
}

// unanswered are the cases that were opened by then and wait for their shop's word, after one, the oldest first.
func unanswered(tx *db.Tx, by time.Time, after ID, limit int) ([]ID, error) {
	return db.List(tx, func(r db.Row) (id ID, err error) { return id, r.Scan(&id) }, `SELECT id FROM cases
		WHERE state = 'opened' AND opened_us <= $1 AND id > $2 ORDER BY id LIMIT $3`, clock.Micros(by), after, limit)
}

// notBack are the cases whose shops agreed by then that goods go back, and had said where, and have not got them, the
// oldest first.
func notBack(tx *db.Tx, by time.Time, limit int) ([]ID, error) {
	return db.List(tx, func(r db.Row) (id ID, err error) { return id, r.Scan(&id) }, `SELECT c.id FROM cases c
		JOIN case_steps s ON s.case_id = c.id AND s.to_state = 'agreed'
		JOIN shop_returns r ON r.shop_id = c.shop_id AND r.since_us <= $1
		WHERE c.state = 'agreed' AND s.at_us <= $1 ORDER BY c.id LIMIT $2`, clock.Micros(by), limit)
}

// goNowhere are the cases that were agreed by then and whose shops have not said where the goods go, the oldest first.
func goNowhere(tx *db.Tx, by time.Time, limit int) ([]ID, error) {
	return db.List(tx, func(r db.Row) (id ID, err error) { return id, r.Scan(&id) }, `SELECT c.id FROM cases c
		JOIN case_steps s ON s.case_id = c.id AND s.to_state = 'agreed'
		WHERE c.state = 'agreed' AND s.at_us <= $1 AND NOT EXISTS
			(SELECT 1 FROM shop_returns r WHERE r.shop_id = c.shop_id)
		ORDER BY c.id LIMIT $2`, clock.Micros(by), limit)
}

// agreedAt are the cases of a shop whose goods go back, after one.
func agreedAt(tx *db.Tx, shop string, after ID, limit int) ([]Case, error) {
	return list(tx, `WHERE shop_id = $1 AND state = 'agreed' AND id > $2 ORDER BY id LIMIT $3`, shop, after, limit)
}

// byKey reads the case that a request made.
func byKey(tx *db.Tx, o order.ID, key string) (c Case, found bool, err error) {
	all, err := list(tx, `WHERE order_id = $1 AND request_key = $2`, o, key)
	if err != nil || len(all) == 0 {
		return Case{}, false, err
	}
	return all[0], true, nil
}

// claimed are the pieces of a suborder's lines that its open cases ask back.
func claimed(tx *db.Tx, o order.ID, seq int64) (map[int64]int64, error) {
	all := map[int64]int64{}
	return all, tx.Each(`SELECT l.line_no, CAST(SUM(l.units) AS BIGINT) FROM cases c
		JOIN case_lines l ON l.case_id = c.id
		WHERE c.order_id = $1 AND c.seq = $2 AND c.state IN ('opened', 'agreed') GROUP BY l.line_no`,
		func(r db.Row) error {
			var line, units int64
			err := r.Scan(&line, &units)
			all[line] = units
			return err
		}, o, seq)
}

// insert writes a new case with its lines and steps.
func insert(tx *db.Tx, c Case) error {
	cols := []string{"id", "order_id", "seq", "shop_id", "shopper_id", "state", "reason", "currency", "amount", "freight",
		"restock", "request_key", "request_hash", "opened_us", "closed_us", "step", "kept", "repriced"}
	err := tx.Insert("cases", cols, [][]any{{c.ID, c.Order, c.Seq, c.Shop, c.Shopper, c.State, c.Reason, c.Currency,
		c.Amount, c.Freight, c.Restock, c.key, c.hash, clock.Micros(c.OpenedAt), clock.Micros(c.ClosedAt), c.step, c.Kept,
		c.Repriced}})
	if err != nil {
		return err
	}
	rows := make([][]any, len(c.Lines))
	for i, l := range c.Lines {
		rows[i] = []any{c.ID, l.Line, l.Units, l.Amount}
	}
	if err := tx.Insert("case_lines", []string{"case_id", "line_no", "units", "amount"}, rows); err != nil {
		return err
	}
	return insertSteps(tx, c, 0)
}

// save writes a moved case, whose row is locked, and the steps after the first so many.
func save(tx *db.Tx, c Case, known int) error {
	_, err := tx.Exec(`UPDATE cases SET state = $2, amount = $3, freight = $4, restock = $5, closed_us = $6, step = $7,
		kept = $8, repriced = $9 WHERE id = $1`, c.ID, c.State, c.Amount, c.Freight, c.Restock, clock.Micros(c.ClosedAt),
		c.step, c.Kept, c.Repriced)
	if err != nil {
		return err
	}
	rows := make([][]any, len(c.Lines))
	for i, l := range c.Lines {
		rows[i] = []any{c.ID, l.Line, l.Amount}
	}
	if _, err := tx.Many(`UPDATE case_lines SET amount = $3 WHERE case_id = $1 AND line_no = $2`, rows); err != nil {
		return err
	}
	return insertSteps(tx, c, known)
}

func insertSteps(tx *db.Tx, c Case, known int) error {
	var rows [][]any
	for i, s := range c.Steps[known:] {
		rows = append(rows, []any{c.ID, known + i + 1, s.From, s.To, s.Actor, s.Note, clock.Micros(s.At)})
	}
	return tx.Insert("case_steps", []string{"case_id", "step", "from_state", "to_state", "actor", "note", "at_us"}, rows)
}
