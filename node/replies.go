package node

import (
	"time"

	"hutong/base/db"
	"hutong/base/idempotency"
	"hutong/party/shopper"
)

// replies are what is kept for a shopper's repeated requests (base/idempotency), with the addresses in them: forgotten
// with the person, and with a guest who became an account. They are copies, so an export has them already.
type replies struct{}

// Inherit forgets a guest's: nobody asks in that name again.
func (replies) Inherit(tx *db.Tx, _ time.Time, from, _ shopper.ID) error {
	return idempotency.Forget(tx, string(from))
}

// Name is the part's member of an export.
func (replies) Name() string { return "replies" }

// Export is nothing of its own.
func (replies) Export(*db.Tx, shopper.ID) (any, error) { return nil, nil }

// Hold has nothing to wait for.
func (replies) Hold(*db.Tx, shopper.ID) error { return nil }

// Erase forgets a person's.
func (replies) Erase(tx *db.Tx, _ time.Time, who shopper.ID) error {
	return idempotency.Forget(tx, string(who))
}
