package merchant

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/party/audit"
	"hutong/party/shopper"
)

// Returns is where a shop wants goods back, and since when it said so. Its address has no id and is nobody's but the
// shop's; like any address it shows a log nothing personal.
type Returns struct {
	shopper.Address
	Since time.Time
}

// Set tells whether the shop has said where.
func (r Returns) Set() bool { return r.Street != "" }

// ShopReturns is told when a shop says anew where it wants goods back; the subject is the shop.
const ShopReturns = "shop.returns"

// SetReturns says where a shop wants goods back. Shoppers whose goods it agreed to take back are told. The record keeps
// that it changed and the area, not the person. It is safe to repeat.
// Codes: merchant.not_found, those of shopper.Address.Checked.
func (s *Service) SetReturns(ctx context.Context, shop ID, given shopper.Address) (Returns, error) {
	a, err := given.Checked()
	if err != nil {
		return Returns{}, err
	}
	at := clock.Now(ctx, s.clock)
	to := Returns{Address: shopper.Address{Country: a.Country, Division: a.Division, Region: a.Region,
		Recipient: a.Recipient, Phone: a.Phone, Street: a.Street, Postcode: a.Postcode}, Since: at}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := Load(tx, shop); err != nil {
			return err
		}
		all, err := ReturnsOf(tx, []string{string(shop)})
		was := all[string(shop)]
		if err != nil || was.Address == to.Address {
			to.Since = was.Since
			return err
		}
		if err := saveReturns(tx, shop, to); err != nil {
			return err
		}
		before, after := audit.Changed(audit.Facts{"division": was.area()}, audit.Facts{"division": to.area()})
		err = audit.Note(ctx, tx, s.ids, audit.Entry{At: at, Shop: string(shop), What: "shop.returns", On: string(shop),
			Before: before, After: after})
		if err != nil {
			return err
		}
		if was.Set() {
			to.Since = was.Since
		}
		return event.Emit(tx, s.ids, event.Event{Topic: ShopReturns, Subject: string(shop), Shop: string(shop), At: at})
	})
	if err != nil {
		return Returns{}, err
	}
	return to, nil
}

// area is what the record keeps of an address.
func (r Returns) area() string {
	if r.Division != "" {
		return r.Division
	}
	return r.Country
}

// Returns is where a shop wants goods back; Set tells whether it has said so.
func (s *Service) Returns(ctx context.Context, shop ID) (r Returns, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err := ReturnsOf(tx, []string{string(shop)})
		r = all[string(shop)]
		return err
	})
	return r, err
}
