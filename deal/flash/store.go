package flash

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/deal/campaign"
)

// appoint keeps an appointment and tells whether it is a new one.
func appoint(tx *db.Tx, item campaign.EnrolmentID, shopper string, at time.Time) (fresh bool, err error) {
	has, _, err := db.Value[int64](tx, `SELECT COUNT(*) FROM appointments WHERE shopper_id = $1 AND item_id = $2`,
		shopper, item)
	if err != nil || has > 0 {
		return false, err
	}
	n, err := tx.Exec(`INSERT INTO appointments (item_id, entered_as, shopper_id, won, at_us)
		VALUES ($1, $2, $2, FALSE, $3) ON CONFLICT (item_id, entered_as) DO NOTHING`, item, shopper, clock.Micros(at))
	return n == 1, err
}

// appointment is one shopper's appointment for an item.
type appointment struct {
	item      campaign.EnrolmentID
	enteredAs string
	won       bool
	at        time.Time
}

func scanAppointment(r db.Row) (a appointment, err error) {
	var at int64
	err = r.Scan(&a.item, &a.enteredAs, &a.won, &at)
	a.at = clock.FromMicros(at)
	return a, err
}

func appointmentsOf(tx *db.Tx, shopper string) ([]appointment, error) {
	return db.List(tx, scanAppointment, `SELECT item_id, entered_as, won, at_us FROM appointments
		WHERE shopper_id = $1 ORDER BY item_id, entered_as`, shopper)
}

// drop removes appointments of a shopper whose lots were not drawn.
func drop(tx *db.Tx, shopper string, items []string) error {
	_, err := tx.ExecKeys(`DELETE FROM appointments WHERE shopper_id = $1 AND NOT won AND item_id IN ({keys})`, items,
		shopper)
	return err
}

// inherit gives a guest's appointments to an account; the names under which lots are drawn stay.
func inherit(tx *db.Tx, from, into string) error {
	_, err := tx.Exec(`UPDATE appointments SET shopper_id = $2 WHERE shopper_id = $1`, from, into)
	return err
}

func forget(tx *db.Tx, shopper string) error {
	_, err := tx.Exec(`DELETE FROM appointments WHERE shopper_id = $1`, shopper)
	return err
}

func entrants(tx *db.Tx, item campaign.EnrolmentID) ([]string, error) {
	return db.List(tx, func(r db.Row) (name string, err error) {
		err = r.Scan(&name)
		return name, err
	}, `SELECT entered_as FROM appointments WHERE item_id = $1 ORDER BY entered_as`, item)
}

func markWinners(tx *db.Tx, item campaign.EnrolmentID, names []string) error {
	_, err := tx.ExecKeys(`UPDATE appointments SET won = TRUE WHERE item_id = $1 AND entered_as IN ({keys})`, names, item)
	return err
}

// announce keeps the commitments of lotteries that have none yet.
func announce(tx *db.Tx, all []Lottery) (fresh int, err error) {
	rows := make([][]any, len(all))
	for i, l := range all {
		rows[i] = []any{l.Item, l.Commitment, l.Lots, clock.Micros(l.Closes)}
	}
	changed, err := tx.Many(`INSERT INTO lotteries (item_id, commitment, lots, closes_us, drawn_us, seed, entrants,
		last_rank) VALUES ($1, $2, $3, $4, 0, '', 0, '') ON CONFLICT (item_id) DO NOTHING`, rows)
	for _, n := range changed {
		fresh += int(n)
	}
	return fresh, err
}

const selectLottery = `SELECT item_id, commitment, lots, closes_us, drawn_us, seed, entrants, last_rank FROM lotteries `

func scanLottery(r db.Row) (l Lottery, err error) {
	var closes, drawn int64
	err = r.Scan(&l.Item, &l.Commitment, &l.Lots, &closes, &drawn, &l.Seed, &l.Entrants, &l.LastRank)
	l.Closes, l.Drawn = clock.FromMicros(closes), clock.FromMicros(drawn)
	return l, err
}

func lotteryOf(tx *db.Tx, item campaign.EnrolmentID) (l Lottery, found bool, err error) {
	return oneLottery(tx, item, "")
}

// heldLottery is lotteryOf, held to the commit: who enters and who draws wait for each other.
func heldLottery(tx *db.Tx, item campaign.EnrolmentID) (l Lottery, found bool, err error) {
	return oneLottery(tx, item, ` {lock}`)
}

func oneLottery(tx *db.Tx, item campaign.EnrolmentID, purpose string) (l Lottery, found bool, err error) {
	all, err := db.List(tx, scanLottery, selectLottery+`WHERE item_id = $1`+purpose, item)
	if err != nil || len(all) == 0 {
		return l, false, err
	}
	return all[0], true, nil
}

// due are lotteries that closed and are not drawn.
func due(tx *db.Tx, at time.Time, limit int) ([]Lottery, error) {
	return db.List(tx, scanLottery, selectLottery+`WHERE drawn_us = 0 AND closes_us <= $1 ORDER BY item_id LIMIT $2`,
		clock.Micros(at), limit)
}

// drawn keeps the draw, once, and has its entrants told: of two nodes one is told false.
func drawn(tx *db.Tx, l Lottery) (first bool, err error) {
	n, err := tx.Exec(`UPDATE lotteries SET drawn_us = $2, seed = $3, entrants = $4, last_rank = $5, telling = $6
		WHERE item_id = $1 AND drawn_us = 0`, l.Item, clock.Micros(l.Drawn), l.Seed, l.Entrants, l.LastRank, winners)
	return n == 1, err
}

// untold are lotteries whose entrants are not all told of the draw.
func untold(tx *db.Tx, limit int) ([]telling, error) {
	return db.List(tx, func(r db.Row) (t telling, err error) {
		err = r.Scan(&t.item, &t.who, &t.told)
		return t, err
	}, `SELECT item_id, telling, told FROM lotteries WHERE telling <> '' ORDER BY item_id LIMIT $1`, limit)
}

// lastOf is the last name of the next batch of those whose turn it is; "" where nobody is left.
func lastOf(tx *db.Tx, t telling, batch int) (last string, err error) {
	err = tx.Each(`SELECT entered_as FROM appointments WHERE item_id = $1 AND won = $2 AND entered_as > $3
		ORDER BY entered_as LIMIT $4`, func(r db.Row) error { return r.Scan(&last) }, t.item, t.who == winners, t.told, batch)
	return last, err
}

// moveOn marks who was told, once: of two nodes one is told false.
func moveOn(tx *db.Tx, was, now telling) (first bool, err error) {
	n, err := tx.Exec(`UPDATE lotteries SET telling = $4, told = $5 WHERE item_id = $1 AND telling = $2 AND told = $3`,
		was.item, was.who, was.told, now.who, now.told)
	return n == 1, err
}

// shoppersOf are the shoppers of a part, each with the lot that counts: one that won, or else the first.
func shoppersOf(tx *db.Tx, p Part) ([]string, error) {
	return db.List(tx, func(r db.Row) (who string, err error) {
		err = r.Scan(&who)
		return who, err
	}, `SELECT a.shopper_id FROM appointments a WHERE a.item_id = $1 AND a.won = $2 AND a.entered_as > $3
		AND a.entered_as <= $4 AND NOT EXISTS (SELECT 1 FROM appointments o WHERE o.shopper_id = a.shopper_id
			AND o.item_id = a.item_id AND (o.won AND NOT a.won OR o.won = a.won AND o.entered_as < a.entered_as))
		ORDER BY a.entered_as`, p.Item, p.Won, p.From, p.To)
}
