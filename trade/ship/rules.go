package ship

import (
	"cmp"
	"slices"

	"hutong/base/fault"
)

// daysMax bounds the days that a carrier may promise or warn of.
const daysMax = 365

// option is what a carrier's rate amounts to, once it is checked: an amount below zero, above the market's limit or in
// another currency is a defect of the adapter, never a price (FAULTS M19). Codes: ship.adapter.
func option(c Carrier, p Parcel, r Rate, freightMax int64) (Option, error) {
	switch {
	case r.Freight.Currency != p.Goods.Currency,
		r.Freight.Minor < 0, r.Freight.Minor > freightMax,
		r.DaysMin < 0, r.DaysMax < r.DaysMin, r.DaysMax > daysMax:
		return Option{}, fault.New(fault.Refused, "ship.adapter", fault.P("carrier", c.Name()))
	}
	o := Option{Carrier: c.Name(), Freight: r.Freight.Minor, DaysMin: r.DaysMin, DaysMax: r.DaysMax, Pickup: c.Pickup()}
	if o.Pickup {
		o.Points = p.Points
	}
	return o, nil
}

// rank sorts options as they are offered: to the door before pickup, because who chooses nothing wants it brought;
// then the cheapest, the fastest, and by name so that the order never changes by itself.
func rank(all []Option) {
	slices.SortFunc(all, func(a, b Option) int {
		if a.Pickup != b.Pickup {
			if b.Pickup {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.Freight, b.Freight), cmp.Compare(a.DaysMax, b.DaysMax),
			cmp.Compare(a.Carrier, b.Carrier))
	})
}
