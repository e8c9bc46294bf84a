package group_test

import (
	"testing"

	"hutong/base/db"
	"hutong/trade/group"
)

// TestAGroupThatCannotEndKeepsNoOtherWaiting: the terms of the first of two whose time is up cannot be read; the members
// of the second have their money back all the same.
func TestAGroupThatCannotEndKeepsNoOtherWaiting(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		broken, fine := b.trio(5), b.trio(5)
		first := b.paid(broken, group.ClaimOpen(broken.ID, false))
		second := b.paid(fine, group.ClaimOpen(fine.ID, false))
		b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE group_offers SET steps = '{' WHERE id = $1`, string(broken.ID))
			return err
		}))
		b.Clock.Set(b.mine(second).Group.Deadline)
		if n, err := b.Groups.Close(ctx); n != 1 || err == nil {
			t.Errorf("%d ended, %v", n, err)
		}
		_, err := b.Groups.Settle(ctx)
		b.Must(err)
		if m := b.mine(second); m.Group.State != group.Failed || m.State != group.Refunded {
			t.Errorf("%+v", m)
		}
		if b.order(first).State == b.order(second).State {
			t.Error("both ended")
		}
	})
}
