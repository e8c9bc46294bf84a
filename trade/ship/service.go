package ship

import (
	"context"
	"log/slog"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/lane"
	"hutong/base/outside"
	"hutong/trade/order"
)

// TopicReturned tells that a parcel is on its way back to its shop.
const TopicReturned event.Topic = "shipment.returned"

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Deps are what shipping stands on.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	IDs      IDs
	Orders   *order.Service
	Hub      *event.Hub   // woken when a parcel moves; the order's page listens
	Log      *slog.Logger // nil: nowhere
	Carriers []Carrier    // their names differ
}

// Service holds the verbs of shipping.
type Service struct {
	Deps
	set     Settings
	desks   map[string]*desk
	records *lane.Relay[Shipment, struct{}]
}

// New makes the Service.
func New(d Deps, set Settings) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{Deps: d, set: set, desks: map[string]*desk{}}
	for _, c := range d.Carriers {
		s.desks[c.Name()] = newDesk(c, d.Clock, set.CallTimeout)
	}
	s.records = lane.NewRelay(lane.Options{}, s.recordAll)
	return s
}

// Options tells what may carry a parcel: to the door first, then pickup, each the cheapest first. None means that no
// carrier serves the address. A carrier whose answer is not sound is left out and logged. It writes nothing.
func (s *Service) Options(tx *db.Tx, p Parcel) ([]Option, error) {
	all, err := s.OptionsFor(tx, []Parcel{p})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// OptionsFor is Options for several parcels at once, in their order, with as many questions to the tables as for one.
func (s *Service) OptionsFor(tx *db.Tx, parcels []Parcel) ([][]Option, error) {
	shops := make([]string, len(parcels))
	for i, p := range parcels {
		shops[i] = p.Shop
	}
	places, err := s.Places(tx, shops)
	if err != nil {
		return nil, err
	}
	all := make([][]Option, len(parcels))
	for i, p := range parcels {
		all[i] = s.OptionsFrom(places, p)
	}
	return all, nil
}

// Places are where shops send from and can be picked up at.
type Places struct {
	origins map[string]Origin
	points  map[string][]Point
}

// Places reads the places of shops, for OptionsFrom in the same transaction.
func (s *Service) Places(tx *db.Tx, shops []string) (p Places, err error) {
	shops = distinct(shops)
	if p.origins, err = origins(tx, shops); err != nil {
		return p, err
	}
	p.points, err = openPoints(tx, shops)
	return p, err
}

// OptionsFrom is Options for a parcel of a shop whose places were read before.
func (s *Service) OptionsFrom(places Places, p Parcel) []Option {
	p.Points, p.From = places.points[p.Shop], s.set.Origin
	if o, ok := places.origins[p.Shop]; ok {
		p.From = o
	}
	return s.options(p)
}

func (s *Service) options(p Parcel) []Option {
	all := make([]Option, 0, len(s.Carriers))
	for _, c := range s.Carriers {
		got := outside.Guard(func() (Rate, Outcome, error) { return c.Freight(p) })
		if got.Outcome == REFUSED {
			continue
		}
		if got.Outcome == OK {
			o, err := option(c, p, got.Value, s.set.FreightMax)
			if err == nil {
				all = append(all, o)
				continue
			}
			got.Err = err
		}
		s.Log.LogAttrs(context.Background(), slog.LevelWarn, "carrier left out", slog.String("carrier", c.Name()),
			slog.String("shop", p.Shop), slog.Int64("freight", got.Value.Freight.Minor), slog.Any("err", got.Err))
	}
	rank(all)
	return all
}

// Parcels are the shipments of a shopper's order, with what happened to them; none while nothing was shipped, or when
// the order is somebody else's. For a pickup they hold the code that the shopper shows.
func (s *Service) Parcels(ctx context.Context, shopper string, o order.ID) ([]Shipment, error) {
	return s.list(ctx, ofShopper, o, shopper)
}

// Sent are the shipments of an order that a shop sent. Pickup codes are not told: who hands parcels out must be shown
// them.
func (s *Service) Sent(ctx context.Context, shop string, o order.ID) ([]Shipment, error) {
	all, err := s.list(ctx, ofShop, o, shop)
	for i := range all {
		all[i].PickupCode = ""
	}
	return all, err
}

// Any are the shipments of an order for the operator, without pickup codes.
func (s *Service) Any(ctx context.Context, o order.ID) ([]Shipment, error) {
	all, err := s.list(ctx, ofAnybody, o)
	for i := range all {
		all[i].PickupCode = ""
	}
	return all, err
}

func (s *Service) list(ctx context.Context, whose string, args ...any) (all []Shipment, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = ofOrder(tx, whose, args...)
		return err
	})
	return all, err
}

// Point is one pickup point of a shop, also a closed one. Codes: ship.point.
func (s *Service) Point(ctx context.Context, shop, code string) (p Point, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		p, err = knownPoint(tx, shop, code)
		return err
	})
	return p, err
}

func knownPoint(tx *db.Tx, shop, code string) (Point, error) {
	p, found, err := pointOf(tx, shop, code)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "ship.point").At("pickup")
	}
	return p, err
}
