package review_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/trade/review"
)

// Reports that one shopper sends at once are counted one after the other.
func TestReportsAtOncePassNoBound(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		reviews := make([]review.ID, 6)
		for n := range reviews {
			reviews[n] = b.write(b.got(fmt.Sprint("tea", n)), 1, 1, "").ID
		}
		for range 5 {
			mean, _ := b.Shopper()
			b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
				for i := range review.ReportsMax - 1 {
					if _, err := tx.Exec(`INSERT INTO review_reports (review_id, shopper_id, reason, note, at_us, undecided)
						VALUES ($1, $2, 'spam', '', $3, FALSE)`, fmt.Sprint("rev_", i), mean, b.Clock.Now().UnixMicro()); err != nil {
						return err
					}
				}
				return nil
			}))
			var all sync.WaitGroup
			var taken atomic.Int64
			for _, id := range reviews {
				all.Go(func() {
					err := b.Reviews.Report(ctx, review.Report{Shopper: mean, Review: id, Reason: review.Fake})
					if err == nil {
						taken.Add(1)
					} else if !fault.Is(err, "review.reports_many") {
						t.Error(err)
					}
				})
			}
			if all.Wait(); taken.Load() != 1 {
				t.Errorf("%d reports were taken, where one more may be", taken.Load())
			}
		}
	})
}
