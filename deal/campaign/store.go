package campaign

import (
	"encoding/json"
	"strconv"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
)

const (
	forReading = ``
	forWriting = ` {lock}`
)

const selectCampaign = `SELECT id, version, state, plan, created_us FROM campaigns `

func scanCampaign(r db.Row) (c Campaign, err error) {
	var plan string
	var created int64
	if err = r.Scan(&c.ID, &c.Version, &c.State, &plan, &created); err != nil {
		return c, err
	}
	c.Created = clock.FromMicros(created)
	return c, json.Unmarshal([]byte(plan), &c.Plan)
}

// campaignIn reads one campaign. Codes: campaign.not_found.
func campaignIn(tx *db.Tx, id ID, purpose string) (Campaign, error) {
	all, err := db.List(tx, scanCampaign, selectCampaign+`WHERE id = $1`+purpose, id)
	if err != nil {
		return Campaign{}, err
	}
	if len(all) == 0 {
		return Campaign{}, fault.New(fault.NotFound, "campaign.not_found")
	}
	return all[0], nil
}

func insertCampaign(tx *db.Tx, c Campaign) error {
	plan, err := json.Marshal(c.Plan)
	if err != nil {
		return err
	}
	return tx.Insert("campaigns", []string{"id", "version", "state", "channel", "plan", "created_us"},
		[][]any{{string(c.ID), c.Version, string(c.State), string(c.Channel), string(plan), clock.Micros(c.Created)}})
}

// updateCampaign writes a campaign as its Version, over the one before.
func updateCampaign(tx *db.Tx, c Campaign) error {
	plan, err := json.Marshal(c.Plan)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE campaigns SET version = $2, state = $3, channel = $4, plan = $5
		WHERE id = $1 AND version = $6`, c.ID, c.Version, c.State, c.Channel, string(plan), c.Version-1)
	if err == nil && n != 1 {
		err = fault.New(fault.Conflict, "campaign.changed")
	}
	if err != nil {
		return err
	}
	return bump(tx)
}

// newest is above every id.
const newest = "~"

func campaigns(tx *db.Tx, before ID, limit int) ([]Campaign, error) {
	if before == "" {
		before = newest
	}
	return db.List(tx, scanCampaign, selectCampaign+`WHERE id < $1 ORDER BY id DESC LIMIT $2`, before, limit)
}

// inForce are the published campaigns, the earliest first.
func inForce(tx *db.Tx) ([]Campaign, error) {
	return db.List(tx, scanCampaign, selectCampaign+`WHERE state = 'published' ORDER BY id`)
}

// bump says that there is news.
func bump(tx *db.Tx) error {
	_, err := tx.Exec(`UPDATE campaign_news SET seq = seq + 1 WHERE one = 1`)
	return err
}

func news(tx *db.Tx) (int64, error) {
	seq, _, err := db.Value[int64](tx, `SELECT seq FROM campaign_news WHERE one = 1`)
	return seq, err
}

// Recorded is what the operator recorded of a shop with SetStanding.
func Recorded(tx *db.Tx, shop string) (st ShopStanding, err error) {
	_, err = tx.One(`SELECT score, deposit, violation, source FROM shop_standings WHERE shop_id = $1`,
		[]any{shop}, &st.Score, &st.Deposit, &st.Violation, &st.Source)
	return st, err
}

func putStanding(tx *db.Tx, shop string, st ShopStanding, at time.Time) error {
	_, err := tx.Exec(`INSERT INTO shop_standings (shop_id, score, deposit, violation, at_us, source)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (shop_id) DO UPDATE SET score = excluded.score, deposit = excluded.deposit,
			violation = excluded.violation, at_us = excluded.at_us, source = excluded.source`, shop, st.Score, st.Deposit,
		st.Violation, clock.Micros(at), st.Source)
	return err
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
