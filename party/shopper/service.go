package shopper

import (
	"context"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/idempotency"
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Service holds the verbs of shoppers.
type Service struct {
	db    *db.DB
	clock clock.Clock
	ids   IDs
}

// New makes the Service.
func New(d *db.DB, c clock.Clock, ids IDs) *Service { return &Service{d, c, ids} }

// Create makes a shopper nobody logs in as: a replay's customer. Login and guests make theirs in party/login.
func (s *Service) Create(ctx context.Context) (ID, error) {
	id := ID(s.ids.New("shr"))
	at := clock.Now(ctx, s.clock)
	return id, s.db.Write(ctx, func(tx *db.Tx) error { return Create(tx, at, id) })
}

// AddAddress keeps an address. One that the shopper has already is returned as it stands, so that it is safe to repeat.
// It records the Address for idempotency.Within.
//
// Codes: those of Address.Checked, shopper.not_found, shopper.addresses_many.
func (s *Service) AddAddress(ctx context.Context, who ID, given Address) (Address, error) {
	a, err := given.Checked()
	if err != nil {
		return Address{}, err
	}
	a.ID, a.Shopper, a.Created = AddressID(s.ids.New("adr")), who, clock.Now(ctx, s.clock)
	a.Forgotten, a.Erased = false, false
	var kept Address
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		kept = a
		if err := Lock(tx, who); err != nil {
			return err
		}
		have, err := usable(tx, who)
		if err != nil {
			return err
		}
		for _, h := range have {
			if h.same(a) {
				kept = h
				return idempotency.Record(ctx, tx, kept)
			}
		}
		if len(have) >= AddressesMax {
			return fault.New(fault.Unprocessable, "shopper.addresses_many", fault.P("max", AddressesMax))
		}
		if err := insert(tx, a); err != nil {
			return err
		}
		return idempotency.Record(ctx, tx, kept)
	})
	if err != nil {
		return Address{}, err
	}
	return kept, nil
}

// same tells whether a parcel to either goes to the same person and door.
func (a Address) same(b Address) bool {
	a.ID, a.Created = b.ID, b.Created
	return a == b
}

// ReplaceAddress is an edit: the new address is kept and the old one forgotten. Orders under way go to where they were
// placed to. It records the Address for idempotency.Within. Codes: those of AddAddress, shopper.address_not_found.
func (s *Service) ReplaceAddress(ctx context.Context, who ID, old AddressID, given Address) (Address, error) {
	a, err := given.Checked()
	if err != nil {
		return Address{}, err
	}
	a.ID, a.Shopper, a.Created = AddressID(s.ids.New("adr")), who, clock.Now(ctx, s.clock)
	a.Forgotten, a.Erased = false, false
	var kept Address
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		kept = a
		was, err := UsableIn(tx, who, old)
		if err != nil {
			return err
		}
		if err := Lock(tx, who); err != nil { // who is erased, or goes into another, leaves nothing behind
			return err
		}
		if was.same(a) {
			kept = was
			return idempotency.Record(ctx, tx, kept)
		}
		forgotten, err := forget(tx, who, old)
		if err != nil {
			return err
		}
		if !forgotten { // another request was first
			return fault.New(fault.NotFound, "shopper.address_not_found").At("address")
		}
		if err := insert(tx, a); err != nil {
			return err
		}
		return idempotency.Record(ctx, tx, kept)
	})
	if err != nil {
		return Address{}, err
	}
	return kept, nil
}

// Addresses are the addresses offered for a new order, newest first.
func (s *Service) Addresses(ctx context.Context, who ID) (all []Address, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err = usable(tx, who)
		return err
	})
	return all, err
}

// Address is one of the shopper's addresses, also a forgotten one. Codes: shopper.address_not_found, also for another
// shopper's.
func (s *Service) Address(ctx context.Context, who ID, id AddressID) (a Address, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		a, err = AddressIn(tx, who, id)
		return err
	})
	return a, err
}

// ForgetAddress takes an address out of the list. Orders that name it go on. It is safe to repeat, and records the id
// for idempotency.Within.
// Codes: shopper.address_not_found, also for another shopper's.
func (s *Service) ForgetAddress(ctx context.Context, who ID, id AddressID) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := AddressIn(tx, who, id); err != nil {
			return err
		}
		if _, err := forget(tx, who, id); err != nil {
			return err
		}
		return idempotency.Record(ctx, tx, id)
	})
}

// Erase wipes all that is personal from the shopper's addresses and tells how many it wiped; orders and ledger go on
// with ids. It cannot be undone; it is safe to repeat. The caller makes sure that no parcel is still on its way.
func (s *Service) Erase(ctx context.Context, who ID) (wiped int, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		n, err := erase(tx, who)
		wiped = int(n)
		return err
	})
	return wiped, err
}
