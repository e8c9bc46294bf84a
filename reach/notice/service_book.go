package notice

import (
	"context"

	"hutong/base/db"
)

// Logins is the Book of a node whose people log in by party/login: the address that a shopper proved, and for a shop
// that of its owner or, failing that, of a manager. Of several the one that was proved first counts. It reads the
// tables of party/login, set-based, and keeps nothing.
type Logins struct{ DB *db.DB }

// Emails are the addresses of people; one without is left out.
func (l Logins) Emails(ctx context.Context, all []To) (found map[To]string, err error) {
	var shoppers, shops []To
	for _, t := range all {
		if t.Kind == Shop {
			shops = append(shops, t)
		} else {
			shoppers = append(shoppers, t)
		}
	}
	err = l.DB.Read(ctx, func(tx *db.Tx) error {
		found = map[To]string{}
		if err := contacts(tx, found, Shopper, distinct(shoppers)); err != nil {
			return err
		}
		return contacts(tx, found, Shop, distinct(shops))
	})
	return found, err
}
