package verify

import (
	"time"

	"hutong/base/db"
	"hutong/base/id"
)

// system are the promises of the ground: what happened is told on, and a key has one effect.
func (a *audit) system() []check {
	return []check{{
		name: "event.dead", rule: "I-E1", counts: "outbox_failures", columns: "event_id consumer topic subject tries reason",
		sql: `SELECT event_id, consumer, topic, subject, tries, reason FROM outbox_failures WHERE dead`,
	}, {
		name: "key.replies", rule: "I-O3", counts: "idempotency_keys", columns: "principal key state status",
		sql: `SELECT principal, key, state, status FROM idempotency_keys
			WHERE hash = '' OR principal = '' OR key = '' OR (state = 'done') <> (status > 0)`,
	}}
}

// lag is I-E1's other half: the oldest event that waits must not be far behind the newest thing that happened. The time
// is in the id, where SQL cannot read it.
func (a *audit) lag(tx *db.Tx) ([]Check, error) {
	done := Check{Name: "event.lag", Rule: "I-E1", Violations: []Violation{}}
	var oldest, topic, subject string
	_, err := tx.One(`SELECT id, topic, subject FROM outbox ORDER BY id LIMIT 1`, nil, &oldest, &topic, &subject)
	if err == nil {
		_, err = tx.One(`SELECT COUNT(*) FROM outbox`, nil, &done.Counted)
	}
	if made := id.Time(oldest); oldest != "" && a.wall.Sub(made) > a.EventLag {
		done.note(Violation{"event": oldest, "topic": topic, "subject": subject,
			"waits": a.wall.Sub(made).Round(time.Millisecond).String()})
	}
	done.OK = done.Total == 0
	return []Check{done}, err
}
