package group

import (
	"context"
	"strconv"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/deal/promo"
	"hutong/goods/offer"
	"hutong/party/audit"
)

// SetUp is a merchant's wish to sell goods to groups.
type SetUp struct {
	Shop        string
	Goods       string // one of the shop's offers
	Steps       []Step // the first is the size and price; further ones make a ladder
	Places      int64  // members at most of a ladder; 0: as many as the market lets
	Window      time.Duration
	PerShopper  int64
	Stacks      bool
	From, Until time.Time
}

// SetUp opens goods to groups. Codes: offer.not_found (also for another shop's), offer.withdrawn, group.taken, and
// those of the terms: group.steps, group.size, group.ladder, group.price, group.below_floor, group.window, group.limit,
// group.places, group.times. It is not safe to repeat blindly: the second is refused with group.taken.
func (s *Service) SetUp(ctx context.Context, cmd SetUp) (o Offer, err error) {
	at := clock.Now(ctx, s.Clock)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		found, err := offer.Hold(tx, []offer.ID{offer.ID(cmd.Goods)}) // what is promised of its price stands above its floor
		if err != nil {
			return err
		}
		goods, ok := found[offer.ID(cmd.Goods)]
		switch {
		case !ok || goods.Shop != cmd.Shop || cmd.Shop == "":
			return fault.New(fault.NotFound, "offer.not_found").At("offer")
		case goods.State != offer.Listed:
			return fault.New(fault.Conflict, "offer.withdrawn").At("offer")
		}
		o = Offer{ID: OfferID(s.IDs.New("gof")), Shop: cmd.Shop, Goods: cmd.Goods, Product: goods.Product, SKU: goods.SKU,
			Currency: goods.Currency, Steps: cmd.Steps, Places: cmd.Places, Window: cmd.Window, PerShopper: cmd.PerShopper,
			Stacks: cmd.Stacks, From: cmd.From, Until: cmd.Until, State: Open, CreatedAt: at}
		o.whole(s.set)
		if err := o.check(goods.UnitPrice); err != nil {
			return err
		}
		if o.Lowest() < goods.FloorPrice {
			return fault.New(fault.Unprocessable, "group.below_floor").At("price")
		}
		if !o.Until.IsZero() && !at.Before(o.Until) {
			return fault.New(fault.Invalid, "group.times").At("until")
		}
		if err := free(tx, cmd.Goods); err != nil {
			return err
		}
		err = insertOffer(tx, o)
		if err == nil {
			err = s.priced(ctx, tx, o, at)
		}
		if err != nil {
			return err
		}
		return s.changed(tx, o, at)
	})
	return o, err
}

// Turn stops an offer (groups that are forming may still be joined), opens it again, or withdraws it for good: what is
// forming then fails and is paid back. It is safe to repeat. Codes: group.offer_not_found (also for another shop's),
// group.offer_state, group.taken.
func (s *Service) Turn(ctx context.Context, shop string, id OfferID, to OfferState) (o Offer, err error) {
	at := clock.Now(ctx, s.Clock)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if o, err = offerOf(tx, shop, id); err != nil || o.State == to {
			return err
		}
		if !o.State.can(to) {
			return fault.New(fault.Conflict, "group.offer_state", fault.P("state", string(o.State)))
		}
		if to == Open {
			if err := free(tx, o.Goods); err != nil {
				return err
			}
		}
		if _, err := turnOffer(tx, id, o.State, to); err != nil {
			return err
		}
		o.State = to
		return s.changed(tx, o, at)
	})
	return o, err
}

// free refuses a second set of terms for the same goods, also of two at once.
func free(tx *db.Tx, goods string) error {
	if err := tx.Turn("group.terms " + goods); err != nil {
		return err
	}
	taken, err := opened(tx, goods)
	if err == nil && taken {
		err = fault.New(fault.Conflict, "group.taken").At("offer")
	}
	return err
}

// priced records who offers goods to groups, and down to which price.
func (s *Service) priced(ctx context.Context, tx *db.Tx, o Offer, at time.Time) error {
	return audit.Note(ctx, tx, s.IDs, audit.Entry{At: at, Shop: o.Shop, What: "group_offer.priced", On: string(o.ID),
		After: audit.Facts{"price": strconv.FormatInt(o.Lowest(), 10)}})
}

func (s *Service) changed(tx *db.Tx, o Offer, at time.Time) error {
	return event.Emit(tx, s.IDs, event.Event{Topic: Changed, Subject: string(o.ID), Shop: o.Shop, At: at})
}

// Standing is an offer with how it does.
type Standing struct {
	Offer
	Forming int64 // groups under way
	Groups  int64 // that formed
	Members int64 // of those
}

// ByShop are a shop's offers to groups, newest first, from the one before; "" starts. Of groups it counts only: who is
// in one that has not formed is not the merchant's to see.
func (s *Service) ByShop(ctx context.Context, shop string, before OfferID, limit int) (all []Standing, err error) {
	if before == "" {
		before = "~" // sorts after every id
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		offers, err := offersByShop(tx, shop, before, limit)
		if err != nil {
			return err
		}
		all = make([]Standing, len(offers))
		for i, o := range offers {
			all[i].Offer = o
			if err := standing(tx, &all[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

var _ offer.Promises = (*Service)(nil)

// Promised is the lowest price that groups may come down to, of goods and others of their products: the floors of these
// cannot rise above it.
func (s *Service) Promised(tx *db.Tx, at time.Time, goods []offer.ID) (map[offer.ID]int64, error) {
	all, err := offersOfGoods(tx, goods)
	lowest := make(map[offer.ID]int64, len(all))
	for i := range all {
		o := &all[i]
		if price, there := lowest[offer.ID(o.Goods)]; o.inForceAfter(at) && (!there || o.Lowest() < price) {
			lowest[offer.ID(o.Goods)] = o.Lowest()
		}
	}
	return lowest, err
}

// Promotions are those of the offers that are in force, for the rules that quotes are made under.
func (s *Service) Promotions(ctx context.Context) (all []promo.Promotion, err error) {
	at := clock.Now(ctx, s.Clock)
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all = nil
		offers, err := offersInForce(tx)
		for i := range offers {
			if o := &offers[i]; o.inForceAfter(at) {
				all = append(all, o.Promotion())
			}
		}
		return err
	})
	return all, err
}
