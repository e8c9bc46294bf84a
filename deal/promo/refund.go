package promo

import (
	"hutong/base/fault"
	"hutong/base/money"
)

// Back is what goes back with some units of a line: to the shopper what was paid for them, to every funder what it put
// in. All units together bring back exactly what was paid and funded, in whatever portions they are returned.
type Back struct {
	Paid      int64
	Discounts []Discount // those units' part of each
}

// Return is what goes back with the n units after the first from. It is the paid share: thresholds that the rest no
// longer reaches are not looked at again, and nobody else's share changes. Codes: promo.quantity.
func (l *LineAnswer) Return(from, n int64) (Back, error) {
	paid, err := l.part(l.Paid, from, n)
	b := Back{Paid: paid, Discounts: make([]Discount, len(l.Discounts))}
	for i, d := range l.Discounts {
		part := Discount{Applied: d.Applied, parts: new([FundersMax]int64)}
		for j, amount := range d.Parts() {
			if err == nil {
				part.parts[j], err = l.part(amount, from, n)
			}
			part.Amount += part.parts[j]
		}
		b.Discounts[i] = part
	}
	if err != nil {
		return Back{}, err
	}
	return b, nil
}

func (l *LineAnswer) part(amount, from, n int64) (int64, error) {
	part, err := money.UnitsRefund(amount, l.Quantity, from, n)
	if err != nil {
		return 0, fault.New(fault.Invalid, "promo.quantity", fault.P("max", l.Quantity)).At("quantity").Because(err)
	}
	return part, nil
}
