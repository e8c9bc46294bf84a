package cart

import (
	"context"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/idempotency"
	"hutong/goods/offer"
	"hutong/party/shopper"
)

// Service holds the verbs of carts.
type Service struct {
	db    *db.DB
	clock clock.Clock
}

// New makes the Service.
func New(d *db.DB, c clock.Clock) *Service { return &Service{d, c} }

// Put sets the quantity of an offer in the shopper's cart; 0 takes it out. It is safe to repeat, and records the line,
// as asked for, for idempotency.Within.
//
// Codes: cart.quantity, cart.offer_not_found, cart.lines_many, cart.currency, shopper.not_found.
func (s *Service) Put(ctx context.Context, who string, o offer.ID, quantity int64) error {
	if quantity < 0 || quantity > QuantityMax {
		return fault.New(fault.Invalid, "cart.quantity", fault.P("max", QuantityMax)).At("quantity")
	}
	if !id.Valid(string(o), "off") { // an id that nobody made: PostgreSQL would call some of them malformed
		return fault.New(fault.NotFound, "cart.offer_not_found").At("offer")
	}
	line := Line{Offer: o, Quantity: quantity}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := s.put(ctx, tx, who, line); err != nil {
			return err
		}
		return idempotency.Record(ctx, tx, line)
	})
}

func (s *Service) put(ctx context.Context, tx *db.Tx, who string, l Line) error {
	if l.Quantity == 0 {
		return Clear(tx, []Taken{{who, l.Offer}})
	}
	had, err := setQuantity(tx, who, l.Offer, l.Quantity)
	if err != nil || had {
		return err
	}
	return s.add(ctx, tx, who, l)
}

// add puts a fresh line in under the shopper's lock: of two requests at once the second sees the first's line, so that
// they neither pass the limit together nor mix currencies.
func (s *Service) add(ctx context.Context, tx *db.Tx, who string, l Line) error {
	if err := shopper.Lock(tx, shopper.ID(who)); err != nil {
		return err
	}
	had, err := setQuantity(tx, who, l.Offer, l.Quantity)
	if err != nil || had {
		return err
	}
	lines, err := LinesIn(tx, who)
	if err != nil {
		return err
	}
	known, err := offer.Load(tx, offers(append(lines, l)))
	if err != nil {
		return err
	}
	if err := admit(known[l.Offer], lines, known); err != nil {
		return err
	}
	return insert(tx, clock.Now(ctx, s.clock), who, []Line{l})
}

// Lines are the shopper's lines in the order they came in.
func (s *Service) Lines(ctx context.Context, who string) (lines []Line, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		lines, err = LinesIn(tx, who)
		return err
	})
	return lines, err
}

// Merge moves a guest's lines into the cart of the shopper that the guest turned out to be. Of an offer in both, the
// larger quantity stays, so that repeating changes nothing. Lines that may not come in (no longer for sale, other
// currency, no room) stay behind and are told as left.
//
// Codes: shopper.not_found.
func (s *Service) Merge(ctx context.Context, guest, who string) (left int, err error) {
	if guest == who {
		return 0, nil
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		left = 0
		if err := lockBoth(tx, guest, who); err != nil {
			return err
		}
		theirs, err := LinesIn(tx, guest)
		if err != nil {
			return err
		}
		mine, err := LinesIn(tx, who)
		if err != nil {
			return err
		}
		known, err := offer.Load(tx, append(offers(theirs), offers(mine)...))
		if err != nil {
			return err
		}
		m := merge(mine, theirs, known)
		left = len(theirs) - len(m.moved)
		for _, l := range m.raised {
			if _, err := setQuantity(tx, who, l.Offer, l.Quantity); err != nil {
				return err
			}
		}
		if err := insert(tx, clock.Now(ctx, s.clock), who, m.fresh); err != nil {
			return err
		}
		return Clear(tx, taken(guest, m.moved))
	})
	return left, err
}

// lockBoth locks in one order whoever calls, so that two merges cannot wait for each other.
func lockBoth(tx *db.Tx, a, b string) error {
	if err := shopper.Lock(tx, shopper.ID(min(a, b))); err != nil {
		return err
	}
	return shopper.Lock(tx, shopper.ID(max(a, b)))
}

func offers(lines []Line) []offer.ID {
	out := make([]offer.ID, len(lines))
	for i, l := range lines {
		out[i] = l.Offer
	}
	return out
}

func taken(who string, moved []offer.ID) []Taken {
	out := make([]Taken, len(moved))
	for i, o := range moved {
		out[i] = Taken{who, o}
	}
	return out
}
