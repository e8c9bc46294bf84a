package pay

import (
	"context"

	"hutong/base/db"
)

// Attempts are the attempts to pay an order, newest first. The caller has made sure that the viewer may see
// the order.
func (s *Service) Attempts(ctx context.Context, order string) (all []Attempt, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { all, err = attemptsOf(tx, order); return err })
	return all, err
}

// Refunds are the refunds of an order, oldest first. The caller has made sure that the viewer may see the
// order.
func (s *Service) Refunds(ctx context.Context, order string) (all []Refund, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { all, err = refundsOf(tx, order); return err })
	return all, err
}

// refusedMax bounds a list of refused refunds.
const refusedMax = 200

// Refused are the refunds that wallets would not pay out, oldest first, for the operator: RetryRefund sends one again.
func (s *Service) Refused(ctx context.Context) (all []Refund, err error) {
	return s.RefusedAfter(ctx, "", refusedMax)
}

// RefusedAfter is a page of them: those after one, "" for the first.
func (s *Service) RefusedAfter(ctx context.Context, after RefundID, limit int) (all []Refund, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { all, err = refusedRefunds(tx, after, limit); return err })
	return all, err
}
