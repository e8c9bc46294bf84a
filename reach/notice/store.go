package notice

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

const columns = `id, event_id, recipient_kind, recipient_id, topic, subject, seq, facts, lang, channel, state, reason,
	tries, next_us, at_us, sent_us, read_us`

func scan(r db.Row) (n Notice, err error) {
	var facts, subject string
	var seq, next, at, sent, read int64
	err = r.Scan(&n.ID, &n.Event, &n.To.Kind, &n.To.ID, &n.Topic, &subject, &seq, &facts, &n.Lang, &n.Channel, &n.State,
		&n.Reason, &n.Tries, &next, &at, &sent, &read)
	if err != nil {
		return n, err
	}
	n.NextTry, n.At = clock.FromMicros(next), clock.FromMicros(at)
	n.SentAt, n.ReadAt = clock.FromMicros(sent), clock.FromMicros(read)
	return n, json.Unmarshal([]byte(facts), &n.Facts)
}

// insert writes notices that were not made yet and tells which those are.
func insert(tx *db.Tx, all []Notice) (fresh []bool, err error) {
	rows := make([][]any, len(all))
	for i, n := range all {
		facts, err := json.Marshal(n.Facts)
		if err != nil {
			return nil, err
		}
		rows[i] = []any{n.ID, n.Event, n.To.Kind, n.To.ID, n.Topic, n.Facts.Order, n.Facts.Seq, string(facts), n.Lang,
			n.Channel, n.State, n.Reason, int64(0), clock.Micros(n.NextTry), clock.Micros(n.At), clock.Micros(n.SentAt),
			int64(0)}
	}
	counts, err := tx.Many(`INSERT INTO notices (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
		$13, $14, $15, $16, $17) ON CONFLICT (event_id, subject, seq, topic, recipient_id, channel) DO NOTHING`, rows)
	fresh = make([]bool, len(counts))
	for i, n := range counts {
		fresh[i] = n > 0
	}
	return fresh, err
}

// inbox reads a recipient's inbox before a notice, newest first.
func inbox(tx *db.Tx, to To, before ID, limit int) ([]Notice, error) {
	return db.List(tx, scan, `SELECT `+columns+` FROM notices WHERE recipient_id = $1 AND recipient_kind = $2
		AND channel = 'page' AND id < $3 ORDER BY id DESC LIMIT $4`, to.ID, to.Kind, before, limit)
}

// unread counts up to a bound, so that a full inbox costs no more than a page of it.
func unread(tx *db.Tx, to To, most int) (int64, error) {
	n, _, err := db.Value[int64](tx, `SELECT COUNT(*) FROM (SELECT 1 AS one FROM notices WHERE recipient_id = $1
		AND recipient_kind = $2 AND channel = 'page' AND read_us = 0 LIMIT $3) u`, to.ID, to.Kind, most)
	return n, err
}

// markRead marks a recipient's own notices up to one.
func markRead(tx *db.Tx, to To, upTo ID, at time.Time) error {
	_, err := tx.Exec(`UPDATE notices SET read_us = $4 WHERE recipient_id = $1 AND recipient_kind = $2
		AND channel = 'page' AND read_us = 0 AND id <= $3`, to.ID, to.Kind, upTo, clock.Micros(at))
	return err
}

func markOne(tx *db.Tx, to To, id ID, at time.Time) (known bool, err error) {
	n, err := tx.Exec(`UPDATE notices SET read_us = CASE WHEN read_us = 0 THEN $4 ELSE read_us END
		WHERE id = $3 AND recipient_id = $1 AND recipient_kind = $2 AND channel = 'page'`,
		to.ID, to.Kind, id, clock.Micros(at))
	return n == 1, err
}

// switches are what recipients switched off or on, by recipient and topic.
type switches map[To]map[Topic]bool

func (s switches) off(to To, t Topic) bool { on, said := s[to][t]; return said && !on }

func loadSwitches(tx *db.Tx, ids []string) (switches, error) {
	all := switches{}
	return all, tx.EachKey(`SELECT recipient_kind, recipient_id, topic, mail FROM notice_preferences
		WHERE recipient_id IN ({keys})`, ids, func(r db.Row) error {
		var to To
		var topic Topic
		var on bool
		err := r.Scan(&to.Kind, &to.ID, &topic, &on)
		if all[to] == nil {
			all[to] = map[Topic]bool{}
		}
		all[to][topic] = on
		return err
	})
}

func saveSwitch(tx *db.Tx, to To, t Topic, on bool) error {
	_, err := tx.Exec(`INSERT INTO notice_preferences (recipient_kind, recipient_id, topic, mail) VALUES ($1, $2, $3, $4)
		ON CONFLICT (recipient_id, recipient_kind, topic) DO UPDATE SET mail = EXCLUDED.mail`, to.Kind, to.ID, t, on)
	return err
}

// due reads mails whose time has come.
func due(tx *db.Tx, now time.Time, limit int) ([]Notice, error) {
	return db.List(tx, scan, `SELECT `+columns+` FROM notices WHERE state = 'queued' AND next_us <= $1
		ORDER BY next_us, id LIMIT $2`, clock.Micros(now), limit)
}

// claim takes mails for one try and tells which it got: of two nodes one sends. An unfinished try ends at until.
func claim(tx *db.Tx, all []Notice, until time.Time) (won []bool, err error) {
	rows := make([][]any, len(all))
	for i, n := range all {
		rows[i] = []any{n.ID, clock.Micros(n.NextTry), clock.Micros(until)}
	}
	counts, err := tx.Many(`UPDATE notices SET next_us = $3, tries = tries + 1 WHERE id = $1 AND state = 'queued'
		AND next_us = $2`, rows)
	won = make([]bool, len(counts))
	for i, n := range counts {
		won[i] = n == 1
	}
	return won, err
}

// saveOutcomes writes how tries ended.
func saveOutcomes(tx *db.Tx, all []Notice) error {
	rows := make([][]any, len(all))
	for i, n := range all {
		rows[i] = []any{n.ID, n.State, n.Reason, clock.Micros(n.NextTry), clock.Micros(n.SentAt)}
	}
	_, err := tx.Many(`UPDATE notices SET state = $2, reason = $3, next_us = $4, sent_us = $5
		WHERE id = $1 AND state = 'queued'`, rows)
	return err
}

// What the log can be narrowed to; nothing of the input is in the texts.
var logStates = map[State]string{"": ``, Queued: ` AND state = 'queued'`, Sent: ` AND state = 'sent'`,
	Failed: ` AND state = 'failed'`, Skipped: ` AND state = 'skipped'`}

func logPage(tx *db.Tx, q LogQuery, before ID) ([]Notice, error) {
	return db.List(tx, scan, `SELECT `+columns+` FROM notices WHERE id < $1`+logStates[q.State]+`
		AND ($2 = '' OR recipient_id = $2) AND ($3 = '' OR channel = $3) ORDER BY id DESC LIMIT $4`,
		before, q.To, string(q.Channel), q.Limit)
}

// sweep deletes the oldest notices that are older than cut, up to limit. It looks at the edge of the table only.
func sweep(tx *db.Tx, cut time.Time, limit int) (int, error) {
	var gone [][]any
	err := tx.Each(`SELECT id, at_us FROM notices ORDER BY id LIMIT $1`, func(r db.Row) error {
		var id string
		var at int64
		err := r.Scan(&id, &at)
		if at < clock.Micros(cut) {
			gone = append(gone, []any{id})
		}
		return err
	}, limit)
	if err != nil {
		return 0, err
	}
	_, err = tx.Many(`DELETE FROM notices WHERE id = $1`, gone)
	return len(gone), err
}

// distinct are the ids of recipients, sorted, each once.
func distinct(all []To) []string {
	ids := make([]string, 0, len(all))
	for _, t := range all {
		ids = append(ids, t.ID)
	}
	slices.SortFunc(ids, strings.Compare)
	return slices.Compact(ids)
}
