package referral_test

import (
	"fmt"
	"testing"

	"hutong/base/clock"
	"hutong/base/db"
)

// TestReferralsThatCannotBeJudgedKeepNoOtherWaiting: more of them than are read at once are due first, each of which
// would give back more of a quota than was taken. Who comes after them has their reward in the same run.
func TestReferralsThatCannotBeJudgedKeepNoOtherWaiting(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := b.open(10)
		lead, friend := b.person(), b.person()
		b.invited(lead, friend)
		b.buys(friend)
		at := clock.Micros(b.Clock.Now())
		var rows, uses [][]any
		for i := range 210 {
			n := fmt.Sprintf("%03d", i)
			rows = append(rows, []any{"ref_" + n, p.ID, "shr_a", "shr_" + n, "pending", "ord_" + n, int64(1), "", at, at,
				int64(0), int64(0)})
			uses = append(uses, []any{"ref_" + n, `[["bud:none",1]]`, false})
		}
		b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
			if err := tx.Insert("quota_uses", []string{"order_id", "uses", "released"}, uses); err != nil {
				return err
			}
			return tx.Insert("referrals", []string{"id", "programme_id", "inviter_id", "invitee_id", "state", "order_id",
				"amount", "why", "bound_us", "due_us", "closed_us", "tries"}, rows)
		}))
		b.Clock.Advance(8 * day)
		if n, err := b.R.Judge(ctx); n != 1 || err == nil {
			t.Errorf("%d judged, %v", n, err)
		}
		b.see(lead, "rewarded")
	})
}
