package idempotency

import (
	"hutong/base/db"
)

// The states of a key.
const (
	inflight = "in_flight" // its call runs at the node, or ran there when the node died
	done     = "done"      // its reply is kept
)

type row struct {
	hash, state, node string
	reply             Reply
	at                int64
}

func insert(tx *db.Tx, r Request, v row) (fresh bool, err error) {
	n, err := tx.Exec(`INSERT INTO idempotency_keys
		(principal, key, hash, state, node, status, content_type, body, at_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (principal, key) DO NOTHING`,
		r.Principal, r.Key, v.hash, v.state, v.node, v.reply.Status, v.reply.ContentType, string(v.reply.Body), v.at)
	return n == 1, err
}

func load(tx *db.Tx, r Request) (v row, found bool, err error) {
	var body string
	found, err = tx.One(`SELECT hash, state, node, status, content_type, body, at_us FROM idempotency_keys
		WHERE principal = $1 AND key = $2`, []any{r.Principal, r.Key},
		&v.hash, &v.state, &v.node, &v.reply.Status, &v.reply.ContentType, &body, &v.at)
	v.reply.Body = []byte(body)
	return v, found, err
}

// takeOver makes the claim of a dead node this node's, unless somebody else was faster.
func takeOver(tx *db.Tx, r Request, was row, node string, at int64) (taken bool, err error) {
	n, err := tx.Exec(`UPDATE idempotency_keys SET node = $3, at_us = $4
		WHERE principal = $1 AND key = $2 AND state = 'in_flight' AND node = $5 AND at_us = $6`,
		r.Principal, r.Key, node, at, was.node, was.at)
	return n == 1, err
}

func keep(tx *db.Tx, r Request, node string, reply Reply) (kept bool, err error) {
	n, err := tx.Exec(`UPDATE idempotency_keys SET state = 'done', status = $4, content_type = $5, body = $6
		WHERE principal = $1 AND key = $2 AND state = 'in_flight' AND node = $3`,
		r.Principal, r.Key, node, reply.Status, reply.ContentType, string(reply.Body))
	return n == 1, err
}

// release gives up a claim: the call had no effect, so the key is free again.
func release(tx *db.Tx, r Request, node string) error {
	_, err := tx.Exec(`DELETE FROM idempotency_keys
		WHERE principal = $1 AND key = $2 AND state = 'in_flight' AND node = $3`, r.Principal, r.Key, node)
	return err
}

// abandon keeps a claim whose call may have had its effect, for the next request with the same key to take over.
func abandon(tx *db.Tx, r Request, node string) error {
	_, err := tx.Exec(`UPDATE idempotency_keys SET node = ''
		WHERE principal = $1 AND key = $2 AND state = 'in_flight' AND node = $3`, r.Principal, r.Key, node)
	return err
}

// slice is what one look at the table found.
type slice struct {
	seen int
	last place
	old  [][]any // the rows that are older than asked for, as drop takes them
}

// walk looks at the rows after a place.
func walk(tx *db.Tx, from place, before int64, look int) (s slice, err error) {
	err = tx.Each(`SELECT principal, key, at_us FROM idempotency_keys
		WHERE (principal, key) > ($1, $2) ORDER BY principal, key LIMIT $3`, func(r db.Row) error {
		var at int64
		if err := r.Scan(&s.last.principal, &s.last.key, &at); err != nil {
			return err
		}
		s.seen++
		if at < before {
			s.old = append(s.old, []any{s.last.principal, s.last.key, before})
		}
		return nil
	}, from.principal, from.key, look)
	return s, err
}

func drop(tx *db.Tx, old [][]any) error {
	_, err := tx.Many(`DELETE FROM idempotency_keys WHERE principal = $1 AND key = $2 AND at_us < $3`, old)
	return err
}

// Forget drops what is kept for a principal who is nobody any more: replies name the person whom they were for. Who
// repeats a request after that begins anew.
func Forget(tx *db.Tx, principal string) error {
	_, err := tx.Exec(`DELETE FROM idempotency_keys WHERE principal = $1`, principal)
	return err
}
