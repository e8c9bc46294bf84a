package place

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/deal/campaign"
)

const (
	forReading = ``
	forWriting = ` {lock}`

	newest = "~" // above every id
)

const selectOpening = `SELECT id, version, campaign_id, wave, category, places, taken, currency, fee, terms,
	commission_ppm, pay_by_us, ship_hours, state, created_by, created_us FROM place_openings `

func scanOpening(r db.Row) (o Opening, err error) {
	var payBy, created int64
	err = r.Scan(&o.ID, &o.Version, &o.Campaign, &o.Wave, &o.Category, &o.Places, &o.Taken, &o.Currency, &o.Fee, &o.Terms,
		&o.Commission, &payBy, &o.ShipHours, &o.State, &o.By, &created)
	o.PayBy, o.Created = clock.FromMicros(payBy), clock.FromMicros(created)
	return o, err
}

// openingIn reads one opening. Codes: place.not_found.
func openingIn(tx *db.Tx, id OpeningID, purpose string) (Opening, error) {
	all, err := db.List(tx, scanOpening, selectOpening+`WHERE id = $1`+purpose, id)
	if err == nil && len(all) == 0 {
		err = fault.New(fault.NotFound, "place.not_found")
	}
	if err != nil {
		return Opening{}, err
	}
	return all[0], nil
}

func openings(tx *db.Tx, c campaign.ID) ([]Opening, error) {
	return db.List(tx, scanOpening, selectOpening+`WHERE campaign_id = $1 ORDER BY wave, id LIMIT $2`, c, OpeningsMax)
}

func openingsAfter(tx *db.Tx, c campaign.ID, after OpeningID, limit int) ([]Opening, error) {
	return db.List(tx, scanOpening, selectOpening+`WHERE campaign_id = $1 AND id > $2 ORDER BY id LIMIT $3`, c, after,
		limit)
}

func takingAfter(tx *db.Tx, c campaign.ID, after OpeningID, at time.Time, limit int) ([]Opening, error) {
	return db.List(tx, scanOpening, selectOpening+`WHERE campaign_id = $1 AND id > $2 AND state = 'open' AND pay_by_us > $3
		ORDER BY id LIMIT $4`, c, after, clock.Micros(at), limit)
}

func insertOpening(tx *db.Tx, o Opening) error {
	return tx.Insert("place_openings", []string{"id", "version", "campaign_id", "wave", "category", "places", "taken",
		"currency", "fee", "terms", "commission_ppm", "pay_by_us", "ship_hours", "state", "created_by", "created_us"},
		[][]any{{string(o.ID), o.Version, string(o.Campaign), o.Wave, o.Category, o.Places, o.Taken, string(o.Currency),
			o.Fee, string(o.Terms), int64(o.Commission), clock.Micros(o.PayBy), o.ShipHours, string(o.State), string(o.By),
			clock.Micros(o.Created)}})
}

func setCalledOff(tx *db.Tx, o Opening) error {
	_, err := tx.Exec(`UPDATE place_openings SET state = 'called_off', version = $2 WHERE id = $1`, o.ID, o.Version+1)
	return err
}

// takePlace takes one place, unless all are taken: the row refuses to be passed.
func takePlace(tx *db.Tx, id OpeningID) (bool, error) {
	n, err := tx.Exec(`UPDATE place_openings SET taken = taken + 1
		WHERE id = $1 AND taken < places AND state = 'open'`, id)
	return n == 1, err
}

func freePlace(tx *db.Tx, id OpeningID) error {
	_, err := tx.Exec(`UPDATE place_openings SET taken = taken - 1 WHERE id = $1`, id)
	return err
}

const selectBid = `SELECT id, version, opening_id, enrolment_id, shop_id, state, note, from_us, until_us, applied_us,
	paid_us, ended_us, sold, commission, charged, settled_seq FROM place_bids `

func scanBid(r db.Row) (b Bid, err error) {
	var from, until, applied, paid, ended int64
	err = r.Scan(&b.ID, &b.Version, &b.Opening, &b.Enrolment, &b.Shop, &b.State, &b.Note, &from, &until, &applied, &paid,
		&ended, &b.Sold, &b.Commission, &b.Charged, &b.SettledSeq)
	b.Selling = campaign.Window{From: clock.FromMicros(from), Until: clock.FromMicros(until)}
	b.AppliedAt, b.PaidAt, b.EndedAt = clock.FromMicros(applied), clock.FromMicros(paid), clock.FromMicros(ended)
	return b, err
}

// bidIn reads one bid. Codes: place.no_bid.
func bidIn(tx *db.Tx, id BidID, purpose string) (Bid, error) {
	all, err := db.List(tx, scanBid, selectBid+`WHERE id = $1`+purpose, id)
	if err == nil && len(all) == 0 {
		err = noBid()
	}
	if err != nil {
		return Bid{}, err
	}
	return all[0], nil
}

// openBid is the bid of an enrolment on which somebody still acts, locked.
func openBid(tx *db.Tx, e campaign.EnrolmentID) (Bid, bool, error) {
	all, err := db.List(tx, scanBid, selectBid+`WHERE enrolment_id = $1 AND state IN ('applied', 'shortlisted', 'paid')
		{lock}`, e)
	if err != nil || len(all) == 0 {
		return Bid{}, false, err
	}
	return all[0], true, nil
}

// hoursOf are the hours that the places of some enrolments promise.
func hoursOf(tx *db.Tx, ids []campaign.EnrolmentID) (map[campaign.EnrolmentID]int64, error) {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = string(id)
	}
	all := make(map[campaign.EnrolmentID]int64, len(ids))
	err := tx.EachKey(`SELECT b.enrolment_id, o.ship_hours FROM place_bids b JOIN place_openings o ON o.id = b.opening_id
		WHERE b.enrolment_id IN ({keys}) AND b.state = 'paid'`, keys, func(r db.Row) error {
		var id campaign.EnrolmentID
		var hours int64
		err := r.Scan(&id, &hours)
		all[id] = hours
		return err
	})
	return all, err
}

// openBids are those of an opening on which somebody still acts.
func openBids(tx *db.Tx, o OpeningID) ([]Bid, error) {
	return db.List(tx, scanBid, selectBid+`WHERE opening_id = $1 AND state IN ('applied', 'shortlisted', 'paid')
		ORDER BY id`, o)
}

func bidsOf(tx *db.Tx, o OpeningID, after BidID, limit int) ([]Bid, error) {
	return db.List(tx, scanBid, selectBid+`WHERE opening_id = $1 AND id > $2 ORDER BY id LIMIT $3`, o, after, limit)
}

func byShop(tx *db.Tx, shop string, before BidID, limit int) ([]Bid, error) {
	if before == "" {
		before = newest
	}
	return db.List(tx, scanBid, selectBid+`WHERE shop_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, shop, before, limit)
}

// toSettle are bids whose selling is over, and which were not looked at lately.
func toSettle(tx *db.Tx, at time.Time, limit int) ([]BidID, error) {
	return db.List(tx, func(r db.Row) (id BidID, err error) { err = r.Scan(&id); return id, err },
		`SELECT id FROM place_bids WHERE state = 'paid' AND look_us <= $1 ORDER BY look_us, id LIMIT $2`, clock.Micros(at),
		limit)
}

func lookLater(tx *db.Tx, id BidID, at time.Time) error {
	_, err := tx.Exec(`UPDATE place_bids SET look_us = $2 WHERE id = $1`, id, clock.Micros(at))
	return err
}

func insertBid(tx *db.Tx, b Bid) error {
	return tx.Insert("place_bids", []string{"id", "version", "opening_id", "enrolment_id", "shop_id", "state", "note",
		"from_us", "until_us", "applied_us", "paid_us", "ended_us", "look_us", "sold", "commission", "charged",
		"settled_seq"},
		[][]any{{string(b.ID), b.Version, string(b.Opening), string(b.Enrolment), b.Shop, string(b.State), b.Note,
			clock.Micros(b.Selling.From), clock.Micros(b.Selling.Until), clock.Micros(b.AppliedAt), clock.Micros(b.PaidAt),
			clock.Micros(b.EndedAt), clock.Micros(b.Selling.Until), b.Sold, b.Commission, b.Charged, b.SettledSeq}})
}

// save writes a bid over the version that was read, as the next one.
func save(tx *db.Tx, b *Bid) error {
	n, err := tx.Exec(`UPDATE place_bids SET version = $3, state = $4, note = $5, paid_us = $6, ended_us = $7, sold = $8,
		commission = $9, charged = $10, settled_seq = $11 WHERE id = $1 AND version = $2`, b.ID, b.Version, b.Version+1,
		b.State, b.Note, clock.Micros(b.PaidAt), clock.Micros(b.EndedAt), b.Sold, b.Commission, b.Charged, b.SettledSeq)
	if err == nil && n != 1 {
		err = fault.New(fault.Conflict, "place.changed")
	}
	if err != nil {
		return err
	}
	b.Version++
	return nil
}
