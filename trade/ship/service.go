package ship

import (
	"context"
	"log/slog"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Settings are the market's limits. DefaultSettings has safe ones.
type Settings struct {
	Origin     Origin // where shops send from that said nothing
	FreightMax int64  // minor units; a higher freight is a defect of the carrier's adapter
}

// DefaultSettings are those of a Chinese market.
func DefaultSettings() Settings {
	return Settings{Origin: Origin{Country: "CN", Division: "33"}, FreightMax: 1_000_000}
}

// Deps are what shipping stands on.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	IDs      IDs
	Hub      *event.Hub // woken when a parcel moves; the order's page listens
	Log      *slog.Logger
	Carriers []Carrier
}

// Service holds the verbs of shipping.
type Service struct {
	Deps
	set Settings
}

// New makes the Service.
func New(d Deps, set Settings) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{Deps: d, set: set}
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

// OptionsFor is Options for several parcels at once, in their order, at the price of one.
func (s *Service) OptionsFor(tx *db.Tx, parcels []Parcel) ([][]Option, error) {
	shops := make([]string, len(parcels))
	for i, p := range parcels {
		shops[i] = p.Shop
	}
	shops = distinct(shops)
	from, err := origins(tx, shops)
	if err != nil {
		return nil, err
	}
	points, err := openPoints(tx, shops)
	if err != nil {
		return nil, err
	}
	all := make([][]Option, len(parcels))
	for i, p := range parcels {
		p.Points, p.From = points[p.Shop], s.set.Origin
		if o, ok := from[p.Shop]; ok {
			p.From = o
		}
		all[i] = s.options(p)
	}
	return all, nil
}

func (s *Service) options(p Parcel) []Option {
	var all []Option
	for _, c := range s.Carriers {
		if c.Pickup() && len(p.Points) == 0 {
			continue
		}
		rate, outcome, err := c.Freight(p)
		if outcome == REFUSED {
			continue
		}
		if outcome == OK && err == nil {
			var o Option
			if o, err = option(c, p, rate, s.set.FreightMax); err == nil {
				all = append(all, o)
				continue
			}
		}
		s.Log.LogAttrs(context.Background(), slog.LevelWarn, "carrier left out", slog.String("carrier", c.Name()),
			slog.String("shop", p.Shop), slog.String("outcome", string(outcome)), slog.Any("err", err))
	}
	rank(all)
	return all
}
