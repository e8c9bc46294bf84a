package ship

import (
	"context"
	"log/slog"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/trade/order"
)

// PickUp hands a parcel out at a pickup point to whoever shows its code, and confirms its receipt for the shopper.
//
// A crash between the two leaves a parcel that was handed out whose receipt time confirms by itself. Showing the same
// code again is refused with ship.picked_up, because the parcel is gone.
//
// Codes: ship.code_unknown; ship.guesses after too many of those, with the time to wait; ship.picked_up;
// ship.nothing_left when the goods were refunded whole; order.taken_back while their money is with the shopper's bank.
func (s *Service) PickUp(ctx context.Context, shop, code string) (Shipment, error) {
	now := clock.Now(ctx, s.Clock)
	code = tidyCode(code)
	v, err := s.waiting(ctx, shop, code, now)
	if err != nil {
		return Shipment{}, err
	}
	o, err := s.Orders.Sold(ctx, shop, v.Order)
	if err != nil {
		return Shipment{}, err
	}
	switch {
	case !o.TakenAt.IsZero():
		return Shipment{}, fault.New(fault.Conflict, "order.taken_back").At("code")
	case !hasGoods(o, v.Seq):
		return Shipment{}, fault.New(fault.Conflict, "ship.nothing_left").At("code")
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		v, err = s.handOut(tx, shop, code, now)
		return err
	})
	if err != nil {
		return Shipment{}, err
	}
	v.PickupCode = ""
	err = s.Orders.Receive(ctx, v.Shopper, v.Order, v.Seq)
	if err != nil && !fault.Is(err, "order.state") { // that one: time, or the shopper, had confirmed it
		s.Log.LogAttrs(ctx, slog.LevelWarn, "receipt not confirmed at pickup; time will", slog.String("shipment", v.ID),
			slog.Any("err", err))
	}
	return v, nil
}

func hasGoods(o order.Order, seq int64) bool {
	for _, sub := range o.Subs {
		for _, l := range sub.Lines {
			if sub.Seq == seq && l.Left() > 0 {
				return true
			}
		}
	}
	return false
}

// waiting finds the parcel of a code. Wrong codes are counted, in a transaction that stays although the call fails.
func (s *Service) waiting(ctx context.Context, shop, code string, now time.Time) (v Shipment, err error) {
	var refusal error
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		refusal = nil
		since, wrong, err := lockGuesses(tx, shop, now)
		if err != nil {
			return err
		}
		over := since.Add(s.set.GuessWindow)
		switch {
		case !now.Before(over):
			since, wrong = now, 0
		case wrong >= s.set.GuessesMax:
			refusal = fault.New(fault.Limited, "ship.guesses").After(over.Sub(now)).At("code")
			return nil
		}
		var found bool
		if codeForm.MatchString(code) {
			if v, found, err = byCode(tx, shop, code); err != nil || found {
				return err
			}
		}
		refusal = fault.New(fault.NotFound, "ship.code_unknown").At("code")
		return saveGuesses(tx, shop, since, wrong+1)
	})
	if err == nil {
		err = refusal
	}
	return v, err
}

// handOut notes that the shopper has the parcel: the point's own report, and the order's.
func (s *Service) handOut(tx *db.Tx, shop, code string, now time.Time) (Shipment, error) {
	v, found, err := byCode(tx, shop, code)
	if err != nil {
		return v, err
	}
	if !found || v.State == Delivered {
		return v, fault.New(fault.Conflict, "ship.picked_up").At("code")
	}
	p, _, err := pointOf(tx, shop, v.Point)
	if err != nil {
		return v, err
	}
	e := Event{Code: Signed, At: now, PlaceZh: p.Zh, PlaceEn: p.En}.tidy()
	if err := addEvents(tx, []told{{v.number(), e}}); err != nil {
		return v, err
	}
	all := []Shipment{v}
	if err := loadEvents(tx, all); err != nil {
		return v, err
	}
	err = s.settle(tx, all, map[number]bool{v.number(): true}, now)
	return all[0], err
}
