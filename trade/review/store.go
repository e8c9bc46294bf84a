package review

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/goods/picture"
	"hutong/trade/order"
)

const columns = `id, product_id, sku_id, choice, shop_id, shopper_id, order_id, line_no, source, external_id, author,
	anonymous, stars, body, pictures, pictured, returned, follow_body, follow_pictures, answer, state, reports, step,
	written_us, followed_us, answered_us`

func scan(r db.Row) (v Review, err error) {
	var pictures, later string
	var pictured bool
	var written, followed, answered int64
	err = r.Scan(&v.ID, &v.Product, &v.SKU, &v.Choice, &v.Shop, &v.Shopper, &v.Order, &v.Line, &v.Source, &v.ExternalID,
		&v.Author, &v.Anonymous, &v.Stars, &v.Said.Text, &pictures, &pictured, &v.Returned, &v.FollowUp.Text, &later,
		&v.Answer, &v.State, &v.Reports, &v.step, &written, &followed, &answered)
	if err != nil {
		return v, err
	}
	v.WrittenAt, v.FollowedAt = clock.FromMicros(written), clock.FromMicros(followed)
	v.AnsweredAt = clock.FromMicros(answered)
	if v.Said.Pictures, err = pictureIDs(pictures); err != nil {
		return v, err
	}
	v.FollowUp.Pictures, err = pictureIDs(later)
	return v, err
}

func pictureIDs(stored string) (ids []picture.ID, err error) {
	if stored == "" {
		return nil, nil
	}
	return ids, json.Unmarshal([]byte(stored), &ids)
}

func pictureText(ids []picture.ID) (string, error) {
	if len(ids) == 0 {
		return "", nil
	}
	b, err := json.Marshal(ids)
	return string(b), err
}

func row(r Review) ([]any, error) {
	pictures, err := pictureText(r.Said.Pictures)
	return []any{r.ID, r.Product, r.SKU, r.Choice, r.Shop, r.Shopper, r.Order, r.Line, r.Source, r.ExternalID, r.Author,
		r.Anonymous, r.Stars, r.Said.Text, pictures, pictures != "", r.Returned, "", "", "", r.State, int64(0), int64(0),
		clock.Micros(r.WrittenAt), int64(0), int64(0)}, err
}

func insert(tx *db.Tx, r Review) error {
	values, err := row(r)
	if err != nil {
		return err
	}
	return tx.Insert("reviews", split(columns), [][]any{values})
}

// insertImported writes reviews that are not there yet and tells which were not. They are in order of their names, so
// that two imports at once take the rows in the same order.
func insertImported(tx *db.Tx, all []Review) (fresh []bool, err error) {
	rows := make([][]any, len(all))
	for i, r := range all {
		if rows[i], err = row(r); err != nil {
			return nil, err
		}
	}
	counts, err := tx.Many(`INSERT INTO reviews (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
		$13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26) ON CONFLICT DO NOTHING`, rows)
	fresh = make([]bool, len(counts))
	for i, n := range counts {
		fresh[i] = n > 0
	}
	return fresh, err
}

func split(columns string) []string {
	all := strings.Split(columns, ",")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}

func notFound() error { return fault.New(fault.NotFound, "review.not_found") }

// one reads a review under lock; where says whose it must be, with parameters after the id.
func one(tx *db.Tx, id ID, where string, args ...any) (Review, error) {
	all, err := db.List(tx, scan, `SELECT `+columns+` FROM reviews WHERE id = $1`+where+` {lock}`,
		append([]any{id}, args...)...)
	if err == nil && len(all) == 0 {
		err = notFound()
	}
	if err != nil {
		return Review{}, err
	}
	return all[0], nil
}

// byID reads a review for showing.
func byID(tx *db.Tx, id ID) (Review, error) {
	all, err := db.List(tx, scan, `SELECT `+columns+` FROM reviews WHERE id = $1`, id)
	if err == nil && len(all) == 0 {
		err = notFound()
	}
	if err != nil {
		return Review{}, err
	}
	return all[0], nil
}

const (
	ofAnybody = ``
	ofShopper = ` AND shopper_id = $2 AND source = ''`
	ofShop    = ` AND shop_id = $2`
)

// ofOrder reads the reviews of an order's lines.
func ofOrder(tx *db.Tx, shopper string, o order.ID) ([]Review, error) {
	return db.List(tx, scan, `SELECT `+columns+` FROM reviews WHERE order_id = $1 AND source = '' AND shopper_id = $2
		ORDER BY line_no`, o, shopper)
}

// filters are the texts that a Query can add; nothing of the input is in them.
func (q Query) filters() string {
	s := ""
	if q.Stars >= 1 && q.Stars <= 5 {
		s += [...]string{` AND stars = 1`, ` AND stars = 2`, ` AND stars = 3`, ` AND stars = 4`, ` AND stars = 5`}[q.Stars-1]
	}
	if q.Pictured {
		s += ` AND pictured`
	}
	if q.Verified {
		s += ` AND source = ''`
	}
	if q.Unanswered {
		s += ` AND answer = ''`
	}
	return s
}

// What a list is of; $1 is the id of whose it is.
const (
	listProduct  = `product_id = $1 AND state = 'shown'`
	listShop     = `shop_id = $1`
	listShopper  = `shopper_id = $1 AND source = ''`
	listReported = `$1 = '' AND reports > 0`
	listAll      = `$1 = ''`
)

func list(tx *db.Tx, whose, id string, q Query, from cursor) ([]Review, error) {
	return db.List(tx, scan, `SELECT `+columns+` FROM reviews WHERE `+whose+q.filters()+`
		AND written_us <= $2 AND (written_us < $2 OR id < $3) ORDER BY written_us DESC, id DESC LIMIT $4`,
		id, from.us, from.id, q.Limit+1)
}

// saveFollowUp writes a follow-up once.
func saveFollowUp(tx *db.Tx, r Review) (bool, error) {
	pictures, err := pictureText(r.FollowUp.Pictures)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(`UPDATE reviews SET follow_body = $2, follow_pictures = $3, followed_us = $4, pictured = $5
		WHERE id = $1 AND followed_us = 0`, r.ID, r.FollowUp.Text, pictures, clock.Micros(r.FollowedAt),
		len(r.Said.Pictures)+len(r.FollowUp.Pictures) > 0)
	return n == 1, err
}

func saveAnswer(tx *db.Tx, r Review) error {
	_, err := tx.Exec(`UPDATE reviews SET answer = $2, answered_us = $3 WHERE id = $1`, r.ID, r.Answer,
		clock.Micros(r.AnsweredAt))
	return err
}

// insertReport writes a report and tells whether it is the shopper's first on that review.
func insertReport(tx *db.Tx, cmd Report, at time.Time) (bool, error) {
	n, err := tx.Exec(`INSERT INTO review_reports (review_id, shopper_id, reason, note, at_us, undecided)
		VALUES ($1, $2, $3, $4, $5, TRUE) ON CONFLICT (review_id, shopper_id) DO NOTHING`,
		cmd.Review, cmd.Shopper, cmd.Reason, cmd.Note, clock.Micros(at))
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.Exec(`UPDATE reviews SET reports = reports + 1 WHERE id = $1`, cmd.Review)
	return true, err
}

// reportsSince counts a shopper's reports after a time.
func reportsSince(tx *db.Tx, shopper string, after time.Time) (int64, error) {
	n, _, err := db.Value[int64](tx, `SELECT COUNT(*) FROM review_reports WHERE shopper_id = $1 AND at_us > $2`,
		shopper, clock.Micros(after))
	return n, err
}

func complaints(tx *db.Tx, id ID) ([]Complaint, error) {
	return db.List(tx, func(r db.Row) (c Complaint, err error) {
		var at int64
		err = r.Scan(&c.Shopper, &c.Reason, &c.Note, &at, &c.Open)
		c.At = clock.FromMicros(at)
		return c, err
	}, `SELECT shopper_id, reason, note, at_us, undecided FROM review_reports WHERE review_id = $1
		ORDER BY at_us DESC, shopper_id LIMIT 100`, id)
}

func steps(tx *db.Tx, id ID) ([]Step, error) {
	return db.List(tx, func(r db.Row) (s Step, err error) {
		var at int64
		err = r.Scan(&s.From, &s.To, &s.Reason, &s.Note, &s.Actor, &at)
		s.At = clock.FromMicros(at)
		return s, err
	}, `SELECT from_state, to_state, reason, note, actor, at_us FROM review_steps WHERE review_id = $1 ORDER BY step`, id)
}

// saveDecision writes what the operator decided: the state, the step, and that the reports are dealt with.
func saveDecision(tx *db.Tx, r Review, s Step) error {
	_, err := tx.Exec(`UPDATE reviews SET state = $2, step = $3, reports = 0 WHERE id = $1`, r.ID, s.To, r.step)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE review_reports SET undecided = FALSE WHERE review_id = $1`, r.ID); err != nil {
		return err
	}
	return tx.Insert("review_steps", []string{"review_id", "step", "from_state", "to_state", "reason", "note", "actor",
		"at_us"}, [][]any{{r.ID, r.step, s.From, s.To, s.Reason, s.Note, s.Actor, clock.Micros(s.At)}})
}

// names are products, sorted, each once.
func names[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
