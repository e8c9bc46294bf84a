package ship

import (
	"context"
	"unicode/utf8"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/party/shopper"
	"hutong/party/shopper/division"
)

// The bounds of a shop's pickup points.
const (
	pointsMax    = 50
	pointTextMax = 100 // characters
)

// SetOrigin says where a shop sends its parcels from. It is safe to repeat. Codes: ship.origin.
func (s *Service) SetOrigin(ctx context.Context, shop string, o Origin) error {
	if err := o.check(); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error { return saveOrigin(tx, shop, o) })
}

func (o Origin) check() error {
	_, country := division.FindCountry(o.Country)
	_, known := division.Find(o.Division)
	if !country || (o.Country == shopper.China) != known {
		return fault.New(fault.Invalid, "ship.origin").At("origin")
	}
	return nil
}

// Origin is where a shop sends its parcels from.
func (s *Service) Origin(ctx context.Context, shop string) (o Origin, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		o, err = s.originIn(tx, shop)
		return err
	})
	return o, err
}

func (s *Service) originIn(tx *db.Tx, shop string) (Origin, error) {
	all, err := origins(tx, []string{shop})
	if o, ok := all[shop]; ok {
		return o, err
	}
	return s.set.Origin, err
}

// SavePoint adds a pickup point to a shop, changes it, or opens it again: its code names it. It is safe to repeat.
// Codes: ship.point_code, ship.point_text, ship.points_many.
func (s *Service) SavePoint(ctx context.Context, shop string, p Point) error {
	if !pointForm.MatchString(p.Code) {
		return fault.New(fault.Invalid, "ship.point_code").At("code")
	}
	for _, f := range []struct {
		name string
		text *string
	}{{"zh", &p.Zh}, {"en", &p.En}, {"address", &p.Address}} {
		n := utf8.RuneCountInString(*f.text)
		if *f.text = line(*f.text); *f.text == "" || n > pointTextMax {
			return fault.New(fault.Invalid, "ship.point_text", fault.P("max", pointTextMax)).At(f.name)
		}
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Turn("ship.point " + shop); err != nil {
			return err
		}
		n, err := countPoints(tx, shop, p.Code)
		if err != nil {
			return err
		}
		if n >= pointsMax {
			return fault.New(fault.Unprocessable, "ship.points_many", fault.P("max", pointsMax)).At("code")
		}
		return savePoint(tx, shop, p)
	})
}

// ClosePoint offers a point no more. Parcels that wait there stay. It is safe to repeat. Codes: ship.point.
func (s *Service) ClosePoint(ctx context.Context, shop, code string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		known, err := closePoint(tx, shop, code)
		if err == nil && !known {
			err = fault.New(fault.NotFound, "ship.point").At("code")
		}
		return err
	})
}

// Points are the pickup points that a shop offers, by code.
func (s *Service) Points(ctx context.Context, shop string) (all []Point, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		points, err := openPoints(tx, []string{shop})
		all = points[shop]
		return err
	})
	return all, err
}
