package idempotency

import (
	"context"
	"errors"

	"hutong/base/db"
)

// errTaken rolls back a verb whose key has had its effect already.
var errTaken = errors.New("idempotency: the key is taken")

// slip travels with a call's context down to the transaction in which the verb has its effect.
type slip struct {
	request Request
	render  func(result any) (Reply, error)
	at      int64
	node    string
	reply   *Reply // set when recorded
}

type slipKey struct{}

// Record keeps the reply to a verb's call in the verb's transaction, if its caller asked for that (Within) and does
// nothing otherwise. A verb calls it once, with what it will return, after everything that it writes. Its error must
// be returned: it rolls back what a repeated call did.
func Record(ctx context.Context, tx *db.Tx, result any) error {
	s, ok := ctx.Value(slipKey{}).(*slip)
	if !ok {
		return nil
	}
	reply, err := s.render(result)
	if err != nil {
		return err
	}
	if err := reply.check(); err != nil {
		return err
	}
	fresh, err := insert(tx, s.request, row{
		hash: s.request.Hash, state: done, node: s.node, reply: reply, at: s.at,
	})
	if err != nil {
		return err
	}
	if !fresh {
		return errTaken
	}
	s.reply = &reply
	return nil
}

// Free refuses a call whose key has had its effect already. A verb of more than one transaction calls it in the first,
// before anything is written, and Record in its last; without Within it does nothing. Its error must be returned.
func Free(ctx context.Context, tx *db.Tx) error {
	s, ok := ctx.Value(slipKey{}).(*slip)
	if !ok {
		return nil
	}
	_, found, err := load(tx, s.request)
	if err == nil && found {
		err = errTaken
	}
	return err
}
