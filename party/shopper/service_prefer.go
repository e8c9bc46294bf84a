package shopper

import (
	"context"

	"hutong/base/clock"
	"hutong/base/db"
)

// PreferAddress makes an address the first that is offered: a fresh copy takes its place, because addresses are never
// changed. Orders that name the old one go on. One that is the first already is returned as it stands.
//
// Codes: shopper.address_not_found, also for another shopper's; shopper.not_found.
func (s *Service) PreferAddress(ctx context.Context, who ID, name AddressID) (kept Address, err error) {
	fresh, now := AddressID(s.ids.New("adr")), clock.Now(ctx, s.clock)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if err := Lock(tx, who); err != nil {
			return err
		}
		if kept, err = UsableIn(tx, who, name); err != nil {
			return err
		}
		all, err := usable(tx, who)
		if err != nil || all[0].ID == name {
			return err
		}
		if _, err := forget(tx, who, name); err != nil {
			return err
		}
		kept.ID, kept.Created = fresh, now
		return insert(tx, kept)
	})
	return kept, err
}
