package voucher

import (
	"fmt"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
)

var voucherColumns = []string{"id", "template_id", "version", "shopper_id", "nth", "from_us", "until_us", "claimed_us",
	"amount", "origin", "given_by", "void_us"}

const selectVouchers = `SELECT id, template_id, version, shopper_id, nth, from_us, until_us, claimed_us, amount, origin,
	given_by, void_us FROM vouchers`

func scanVoucher(r db.Row) (v Voucher, err error) {
	var from, until, claimed, void int64
	err = r.Scan(&v.ID, &v.Template, &v.Version, &v.Shopper, &v.Nth, &from, &until, &claimed, &v.Amount, &v.Origin,
		&v.GivenBy, &void)
	v.From, v.Until, v.Claimed = clock.FromMicros(from), clock.FromMicros(until), clock.FromMicros(claimed)
	v.Voided = instant(void)
	return v, err
}

// instant is a stored time that may be none.
func instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return clock.FromMicros(us)
}

func insertVouchers(tx *db.Tx, fresh []Voucher) error {
	rows := make([][]any, len(fresh))
	for i, v := range fresh {
		rows[i] = []any{v.ID, v.Template, v.Version, v.Shopper, v.Nth, clock.Micros(v.From), clock.Micros(v.Until),
			clock.Micros(v.Claimed), v.Amount, v.Origin, v.GivenBy, int64(0)}
	}
	return tx.Insert("vouchers", voucherColumns, rows)
}

// heldBy reads what shoppers have of a template, in order of nth.
func heldBy(tx *db.Tx, template TemplateID, shoppers []string, into map[holder][]Voucher) error {
	return tx.EachKey(selectVouchers+` WHERE template_id = $1 AND shopper_id IN ({keys}) ORDER BY shopper_id, nth`,
		distinct(shoppers), func(r db.Row) error {
			v, err := scanVoucher(r)
			key := holder{v.Shopper, template}
			into[key] = append(into[key], v)
			return err
		}, template)
}

// The orders in which a shopper's vouchers are read: where there are more than are read, the first count.
const (
	lastFirst = `until_us DESC, id DESC`
	soonFirst = `until_us, id`
)

// ofShopper reads a shopper's vouchers that end after an instant.
func ofShopper(tx *db.Tx, q Held, after time.Time, order string) ([]Voucher, error) {
	if q.After == "" {
		return db.List(tx, scanVoucher, selectVouchers+` WHERE shopper_id = $1 AND until_us > $2
			ORDER BY `+order+` LIMIT $3`, q.Shopper, clock.Micros(after), q.Limit)
	}
	until, there, err := db.Value[int64](tx, `SELECT until_us FROM vouchers WHERE id = $1 AND shopper_id = $2`, q.After,
		q.Shopper)
	if err != nil || !there {
		return nil, err
	}
	return db.List(tx, scanVoucher, selectVouchers+` WHERE shopper_id = $1 AND until_us > $2
		AND (until_us < $4 OR until_us = $4 AND id < $5) ORDER BY `+lastFirst+` LIMIT $3`, q.Shopper, clock.Micros(after),
		q.Limit, until, q.After)
}

// byIDs reads vouchers, locked in order.
func byIDs(tx *db.Tx, ids []string) (map[ID]Voucher, error) {
	all := make(map[ID]Voucher, len(ids))
	err := tx.EachKey(selectVouchers+` WHERE id IN ({keys}) ORDER BY id {lock}`, distinct(ids), func(r db.Row) error {
		v, err := scanVoucher(r)
		all[v.ID] = v
		return err
	})
	return all, err
}

// markBack is a voucher that came back with a new end, or void.
func markBack(tx *db.Tx, back []Voucher) error {
	rows := make([][]any, len(back))
	for i, v := range back {
		void := int64(0)
		if !v.Voided.IsZero() {
			void = clock.Micros(v.Voided)
		}
		rows[i] = []any{v.ID, clock.Micros(v.Until), void}
	}
	_, err := tx.Many(`UPDATE vouchers SET until_us = $2, void_us = $3 WHERE id = $1`, rows)
	return err
}

func markVoid(tx *db.Tx, voucher ID, at time.Time) error {
	_, err := tx.Exec(`UPDATE vouchers SET void_us = $2 WHERE id = $1`, voucher, clock.Micros(at))
	return err
}

const everyVoucher = 1 << 20

// handOver makes one shopper's vouchers another one's, counting on from what they have.
func handOver(tx *db.Tx, from, into string) error {
	theirs, err := ofShopper(tx, Held{Shopper: from, Limit: everyVoucher}, time.Unix(0, 0), lastFirst)
	if err != nil || len(theirs) == 0 {
		return err
	}
	mine, err := ofShopper(tx, Held{Shopper: into, Limit: everyVoucher}, time.Unix(0, 0), lastFirst)
	if err != nil {
		return err
	}
	last := map[TemplateID]int64{}
	for _, v := range mine {
		last[v.Template] = max(last[v.Template], v.Nth)
	}
	slices.SortFunc(theirs, func(x, y Voucher) int { return int(x.Nth - y.Nth) })
	rows := make([][]any, len(theirs))
	for i, v := range theirs {
		last[v.Template]++
		rows[i] = []any{v.ID, into, last[v.Template]}
	}
	_, err = tx.Many(`UPDATE vouchers SET shopper_id = $2, nth = $3 WHERE id = $1`, rows)
	return err
}

// insertCodes keeps drawn codes by their hashes.
func insertCodes(tx *db.Tx, template TemplateID, hashes []string, at time.Time) error {
	rows := make([][]any, len(hashes))
	for i, h := range hashes {
		rows[i] = []any{h, template, "", clock.Micros(at)}
	}
	slices.SortFunc(rows, func(x, y []any) int { return compare(x[0].(string), y[0].(string)) })
	return tx.Insert("voucher_codes", []string{"hash", "template_id", "voucher_id", "made_us"}, rows)
}

// readCode finds a code and locks it.
func readCode(tx *db.Tx, hash string) (template TemplateID, used ID, found bool, err error) {
	found, err = tx.One(`SELECT template_id, voucher_id FROM voucher_codes WHERE hash = $1 {lock}`, []any{hash},
		&template, &used)
	return template, used, found, err
}

func useCode(tx *db.Tx, hash string, voucher ID) error {
	n, err := tx.Exec(`UPDATE voucher_codes SET voucher_id = $2 WHERE hash = $1 AND voucher_id = $3`, hash, voucher, "")
	if err == nil && n != 1 {
		err = fmt.Errorf("voucher: a code was used while it was locked")
	}
	return err
}

// spendTry counts one try of an hour, unless there were that many already.
func spendTry(tx *db.Tx, who string, hour time.Time, most int64) (allowed bool, err error) {
	if _, err := tx.Exec(`INSERT INTO voucher_tries (who, hour_us, tries) VALUES ($1, $2, $3)
		ON CONFLICT (who, hour_us) DO NOTHING`, who, clock.Micros(hour), int64(0)); err != nil {
		return false, err
	}
	n, err := tx.Exec(`UPDATE voucher_tries SET tries = tries + $3 WHERE who = $1 AND hour_us = $2 AND tries < $4`,
		who, clock.Micros(hour), int64(1), most)
	return n == 1, err
}

// giveTry takes a try back: the code was right.
func giveTry(tx *db.Tx, who string, hour time.Time) error {
	_, err := tx.Exec(`UPDATE voucher_tries SET tries = tries - $3 WHERE who = $1 AND hour_us = $2 AND tries > $4`,
		who, clock.Micros(hour), int64(1), int64(0))
	return err
}

func forgetTries(tx *db.Tx, before time.Time) (int64, error) {
	return tx.Exec(`DELETE FROM voucher_tries WHERE hour_us < $1`, clock.Micros(before))
}

// Given is how much one shopper was given by one hand, for the eye of an auditor (FAULTS P15).
type Given struct {
	By       string
	Template TemplateID
	Title    text.Entry // the template's
	Shopper  string
	Vouchers int64
	Amount   int64 // of red packets, in minor units
	Last     time.Time
}

// givenSince lists who was given most.
func givenSince(tx *db.Tx, since time.Time, limit int) ([]Given, error) {
	return db.List(tx, func(r db.Row) (g Given, err error) {
		var last int64
		err = r.Scan(&g.By, &g.Template, &g.Shopper, &g.Vouchers, &g.Amount, &last)
		g.Last = clock.FromMicros(last)
		return g, err
	}, `SELECT given_by, template_id, shopper_id, COUNT(*), CAST(SUM(amount) AS BIGINT), MAX(claimed_us) FROM vouchers
		WHERE origin = $1 AND claimed_us >= $2 GROUP BY given_by, template_id, shopper_id
		ORDER BY 4 DESC, 5 DESC, given_by, shopper_id, template_id LIMIT $3`, FromGrant, clock.Micros(since), limit)
}

func distinct[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, v := range in {
		out[i] = string(v)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func compare(x, y string) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// missing is what a template or voucher that is not there, or another's, is answered with.
func missing(found bool, err error) error {
	if err == nil && !found {
		return fault.As(notFound())
	}
	return err
}

// voidAll voids a shopper's vouchers that can still be used.
func voidAll(tx *db.Tx, shopper string, at time.Time) error {
	_, err := tx.Exec(`UPDATE vouchers SET void_us = $2 WHERE shopper_id = $1 AND until_us > $2 AND void_us = $3`,
		shopper, clock.Micros(at), int64(0))
	return err
}
