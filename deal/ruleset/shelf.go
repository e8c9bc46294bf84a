package ruleset

import (
	"time"

	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/promo"
)

// Shelf is what one piece costs anybody who looks: after what is taken off each piece, before vouchers and whatever
// needs a basket. A quote of that piece alone, by a shopper within the limits, starts from the same price.
type Shelf struct {
	Price     int64      // minor units
	Promotion string     // the last that lowered it, "" where none did
	Title     text.Entry // of that promotion
	Until     time.Time  // when the first of those that lowered it ends; zero: no end is set
	Pool      string     // the pieces it is sold from, "" for the offer's own
}

// Shelf prices one piece. It asks no database: which promotions have nothing left is known as of a second ago.
// Codes: those of promo.Rules.Price.
func (s *Service) Shelf(l promo.Line, c money.Currency, at time.Time) (Shelf, error) {
	return shelf(s.Rules(), s.Empty, l, promo.Basket{Currency: c, At: at})
}

func shelf(rules *promo.Rules, empty func(string) bool, l promo.Line, b promo.Basket) (Shelf, error) {
	out := Shelf{Price: l.UnitPrice}
	if rules.Len() == 0 || l.UnitPrice == 0 {
		return out, nil
	}
	l.Quantity = 1
	b.Lines, b.Barred, b.Stages = []promo.Line{l}, empty, 3
	answer, err := rules.Price(b)
	if err != nil {
		return out, err
	}
	for _, d := range answer.Lines[0].Discounts {
		p, found := rules.Find(d.Promotion)
		if !found {
			continue
		}
		out.Promotion, out.Title = d.Promotion, p.Title
		if p.Pool != "" {
			out.Pool = p.Pool
		}
		if !p.Until.IsZero() && (out.Until.IsZero() || p.Until.Before(out.Until)) {
			out.Until = p.Until
		}
	}
	out.Price = answer.Lines[0].AfterUnitStages
	return out, nil
}
