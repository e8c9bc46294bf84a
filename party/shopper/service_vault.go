package shopper

import (
	"context"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/party/audit"
)

// Vault answers to what a shopper may ask about themselves: what the market holds, and to forget it.
type Vault struct {
	db    *db.DB
	clock clock.Clock
	ids   IDs
	parts []Part
}

// NewVault makes the Vault. The rooms' parts come beside this room's own.
func NewVault(d *db.DB, c clock.Clock, ids IDs, parts ...Part) *Vault {
	return &Vault{d, c, ids, append(parts, own{})}
}

// Export is everything that the market holds about a shopper, as JSON, read at one instant.
// Codes: shopper.not_found.
func (v *Vault) Export(ctx context.Context, who ID) (out []byte, err error) {
	e := Export{Format: exportFormat, Shopper: who, At: clock.Now(ctx, v.clock), Parts: map[string]any{}}
	err = v.db.Read(ctx, func(tx *db.Tx) error {
		if err := there(tx, who); err != nil {
			return err
		}
		for _, p := range v.parts {
			held, err := p.Export(tx, who)
			if err != nil {
				return err
			}
			if held != nil {
				e.Parts[p.Name()] = held
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return e.encode()
}

// MayErase tells why a shopper cannot be erased now, for the page that asks whether they are sure; nil if they can.
// Codes: shopper.not_found, and those of the parts' Hold.
func (v *Vault) MayErase(ctx context.Context, who ID) error {
	return v.db.Read(ctx, func(tx *db.Tx) error {
		if err := there(tx, who); err != nil {
			return err
		}
		return v.hold(tx, who)
	})
}

func (v *Vault) hold(tx *db.Tx, who ID) error {
	for _, p := range v.parts {
		if err := p.Hold(tx, who); err != nil {
			return err
		}
	}
	return nil
}

// Erase forgets a person, in all rooms or in none. It is refused while an order is under way: its parcel needs the
// address, its refund the buyer. It cannot be undone; a second time the shopper is not found. The caller's own session
// is over: a page takes its cookie away.
//
// Codes: shopper.not_found, and those of the parts' Hold.
func (v *Vault) Erase(ctx context.Context, who ID) error {
	now := clock.Now(ctx, v.clock)
	return v.db.Write(ctx, func(tx *db.Tx) error {
		if err := Lock(tx, who); err != nil {
			return err
		}
		if err := v.hold(tx, who); err != nil {
			return err
		}
		for _, p := range v.parts {
			if err := p.Erase(tx, now, who); err != nil {
				return err
			}
		}
		if err := event.Emit(tx, v.ids, event.Event{Topic: ShopperErased, Subject: string(who), Shopper: string(who),
			At: now}); err != nil {
			return err
		}
		return audit.Note(ctx, tx, v.ids, audit.Entry{At: now, What: ShopperErased, On: string(who)})
	})
}
