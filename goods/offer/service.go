package offer

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/goods/stock"
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Service holds the verbs of offers.
type Service struct {
	db    *db.DB
	clock clock.Clock
	ids   IDs

	promises []Promises
	why      why
}

// New makes the Service.
func New(d *db.DB, c clock.Clock, ids IDs) *Service { return &Service{db: d, clock: c, ids: ids} }

// List puts SKUs up for sale, or reprices them, in the caller's transaction. A listing that changes nothing writes
// nothing. It tells the offers in the listings' order and how many of them changed. It is safe to repeat.
// Codes: offer.price, offer.list_price, offer.floor_price, offer.below_floor, offer.floor_promised.
func (s *Service) List(tx *db.Tx, at time.Time, listings []Listing) (offers []Offer, changed int, err error) {
	skus := make([]string, len(listings))
	for i, l := range listings {
		if err := l.valid(); err != nil {
			return nil, 0, err
		}
		skus[i] = l.SKU
	}
	known, err := bySKU(tx, skus)
	if err != nil {
		return nil, 0, err
	}
	offers = make([]Offer, len(listings))
	var fresh, repriced, others []Offer
	var all []set
	for i, l := range listings {
		key := [2]string{l.SKU, l.Shop}
		was, ok := known[key]
		now := l.on(was)
		if err := now.floored(l.FloorPrice != nil); err != nil {
			return nil, 0, err
		}
		switch {
		case !ok:
			now.ID, now.Version = ID(s.ids.New("off")), 1
			fresh = append(fresh, now)
		case was.UnitPrice != now.UnitPrice || was.ListPrice != now.ListPrice:
			now.Version++
			repriced = append(repriced, now)
		case was.State != now.State || was.FloorPrice != now.FloorPrice:
			others = append(others, now)
		}
		known[key], offers[i] = now, now
		all = append(all, set{was, now})
	}
	if err := insert(tx, fresh); err != nil {
		return nil, 0, err
	}
	if err := s.history(tx, at, append(fresh, repriced...), all); err != nil {
		return nil, 0, err
	}
	return offers, len(fresh) + len(repriced) + len(others), s.relist(tx, append(repriced, others...))
}

// history writes down the prices and floors that changed, and where they come from, and refuses floors that would take
// a promised price back.
func (s *Service) history(tx *db.Tx, at time.Time, repriced []Offer, all []set) error {
	floors := make([]raise, len(all))
	for i, o := range all {
		floors[i] = raise{o.now, o.was.FloorPrice}
	}
	if err := s.kept(tx, at, floors); err != nil {
		return err
	}
	cause, err := s.cause(tx, at, all)
	if err != nil {
		return err
	}
	if err := record(tx, at, repriced, cause); err != nil {
		return err
	}
	return recordFloors(tx, at, floors, cause)
}

func (s *Service) relist(tx *db.Tx, changed []Offer) error {
	pools := make([]stock.PoolID, len(changed))
	for i, o := range changed {
		pools[i] = o.Pool
	}
	if err := update(tx, changed); err != nil {
		return err
	}
	return stock.SetOpen(tx, pools, true)
}

func (l Listing) valid() error {
	if l.UnitPrice <= 0 || l.UnitPrice > PriceMax {
		return fault.New(fault.Invalid, "offer.price", fault.P("max", money.New(PriceMax, l.Currency))).At("unit_price")
	}
	if l.ListPrice != 0 && (l.ListPrice < l.UnitPrice || l.ListPrice > PriceMax) {
		return fault.New(fault.Invalid, "offer.list_price").At("list_price")
	}
	return nil
}

func (l Listing) on(o Offer) Offer {
	if o.Currency != l.Currency { // a floor in another currency is none
		o.FloorPrice = 0
	}
	if l.FloorPrice != nil {
		o.FloorPrice = *l.FloorPrice
	}
	o.Shop, o.Product, o.SKU, o.Pool, o.Currency = l.Shop, l.Product, l.SKU, l.Pool, l.Currency
	o.UnitPrice, o.ListPrice, o.State = l.UnitPrice, l.ListPrice, Listed
	return o
}

// Reprice sets one offer's price and leaves its floor. It is Price otherwise.
func (s *Service) Reprice(ctx context.Context, shop string, id ID, unit, list money.Money) error {
	_, err := s.Price(ctx, Pricing{Shop: shop, Offer: id, Unit: unit, List: list})
	return err
}

// Pricing is what an offer shall cost from now on.
type Pricing struct {
	Shop       string
	Offer      ID
	Unit, List money.Money  // List of no amount: no struck price
	Floor      *money.Money // of no amount: none; nil leaves what the offer has
}

// Price sets one offer's price, struck price and floor; one that was withdrawn is listed again. It is safe to repeat.
// Codes: offer.price, offer.list_price, offer.floor_price, offer.below_floor, offer.floor_promised, offer.not_found.
func (s *Service) Price(ctx context.Context, cmd Pricing) (o Offer, err error) {
	at := clock.Now(ctx, s.clock)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if o, err = s.mine(tx, cmd.Shop, cmd.Offer); err != nil {
			return err
		}
		if cmd.Unit.Currency != o.Currency {
			return fault.New(fault.Invalid, "offer.price", fault.P("max", money.New(PriceMax, o.Currency))).At("unit_price")
		}
		l := Listing{Shop: o.Shop, Product: o.Product, SKU: o.SKU, Pool: o.Pool, Currency: o.Currency,
			UnitPrice: cmd.Unit.Minor, ListPrice: cmd.List.Minor}
		if cmd.Floor != nil {
			if l.FloorPrice = &cmd.Floor.Minor; cmd.Floor.Currency != o.Currency {
				return fault.New(fault.Invalid, "offer.floor_price").At("floor_price")
			}
		}
		all, _, err := s.By(ctx).List(tx, at, []Listing{l})
		if err != nil {
			return err
		}
		o = all[0]
		return s.tell(tx, at, o)
	})
	return o, err
}

// Withdraw takes an offer off sale and closes its pool for orders. Orders already placed are not touched; quotes that
// were given lose their promise (stock.closed). Codes: offer.not_found. It is safe to repeat.
func (s *Service) Withdraw(ctx context.Context, shop string, id ID) error {
	at := clock.Now(ctx, s.clock)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		o, err := s.mine(tx, shop, id)
		if err != nil {
			return err
		}
		o.State = Withdrawn
		if err := update(tx, []Offer{o}); err != nil {
			return err
		}
		if err := stock.SetOpen(tx, []stock.PoolID{o.Pool}, false); err != nil {
			return err
		}
		return s.tell(tx, at, o)
	})
}

func (s *Service) tell(tx *db.Tx, at time.Time, o Offer) error {
	return event.Emit(tx, s.ids, event.Event{Topic: Changed, Subject: o.Shop, Shop: o.Shop, At: at,
		Body: event.Body(ChangedBody{IDs: []string{o.Product}})})
}

// mine reads an offer of a shop, locked: it is written back whole, and a price that came in between would be lost.
func (s *Service) mine(tx *db.Tx, shop string, id ID) (Offer, error) {
	all, err := s.locked(tx, shop, []Terms{{Offer: id}})
	return all[id], err
}

// ByProducts reads the offers of products.
func (s *Service) ByProducts(ctx context.Context, products []string) (map[string][]Offer, error) {
	var all map[string][]Offer
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) { all, err = ByProducts(tx, products); return err })
	return all, err
}
