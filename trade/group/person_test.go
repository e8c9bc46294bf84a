package group_test

import (
	"testing"

	"hutong/base/db"
	"hutong/party/shopper"
	"hutong/trade/group"
)

// TestAGuestsPlacesFollow: they become the account's, with the lead, unless the account is in the same group.
func TestAGuestsPlacesFollow(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.trio(30)
		guest, account := b.buyer(), b.buyer()
		alone := b.place(guest, o, group.ClaimOpen(o.ID, false))
		b.pay(alone)
		b.tell()
		shared := b.paid(o, group.ClaimOpen(o.ID, false))
		both := []placed{b.place(guest, o, join(b.mine(shared).Group)), b.place(account, o, join(b.mine(shared).Group))}
		for _, p := range both {
			b.pay(p)
		}
		b.tell()
		b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
			return group.Person{}.Inherit(tx, b.Clock.Now(), shopper.ID(guest.id), shopper.ID(account.id))
		}))
		mine, err := b.Groups.ByShopper(ctx, account.id, "", 9)
		b.Must(err)
		if len(mine) != 2 || mine[1].Order != alone.Order || mine[1].Group.Leader != account.id || mine[0].Order != both[1].Order {
			t.Fatalf("the account has %+v", mine)
		}
		left, err := b.Groups.ByShopper(ctx, guest.id, "", 9)
		if err != nil || len(left) != 1 || left[0].Order != both[0].Order {
			t.Fatalf("the guest has %+v %v", left, err)
		}
		b.Must(b.DB.Read(ctx, func(tx *db.Tx) error {
			told, err := group.Person{}.Export(tx, shopper.ID(account.id))
			if err == nil && told == nil {
				t.Error("nothing is exported")
			}
			return err
		}))
	})
}
