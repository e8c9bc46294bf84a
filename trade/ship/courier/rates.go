package courier

import (
	_ "embed"
	"fmt"
	"slices"

	"hutong/base/money"
	"hutong/base/strict"
	"hutong/party/shopper"
	"hutong/party/shopper/division"
	"hutong/trade/ship"
)

// Zone is how far a parcel goes.
type Zone string

// The zones.
const (
	Same    Zone = "same"    // within a province
	Near    Zone = "near"    // to a neighbouring province
	Rest    Zone = "rest"    // elsewhere in the country
	Far     Zone = "far"     // to or from the regions that roads reach last
	Foreign Zone = "foreign" // across a border
)

var allZones = []Zone{Same, Near, Rest, Far, Foreign}

// Rates is the rate table. An operator may give another one as JSON, in the form of rates.json.
type Rates struct {
	Neighbours [][2]string              `json:"neighbours"`   // pairs of province codes, either way round
	Far        []string                 `json:"far"`          // province codes
	WeightMaxG int64                    `json:"weight_max_g"` // a heavier parcel is refused
	Days       map[Zone][2]int          `json:"days"`         // from collection to delivery, at least and at most
	Tables     map[money.Currency]Table `json:"tables"`       // a currency without a table is not served
}

// Table is the rates of one currency, a row for each zone.
type Table map[Zone]Row

// Row is the rate of one zone, in minor units.
type Row struct {
	First     int64 `json:"first"`      // the first kilogram
	Extra     int64 `json:"extra"`      // each further one begun
	FreeAbove int64 `json:"free_above"` // goods of this much or more travel free; 0: never
}

//go:embed rates.json
var ratesJSON []byte

// DefaultRates is the table that a market starts with.
func DefaultRates() Rates {
	r, err := ParseRates(ratesJSON)
	if err != nil {
		panic("courier: rates.json: " + err.Error()) // a defect of the build: a test reads it
	}
	return r
}

// rateMax bounds one figure of the table in minor units, so that no weight can carry a sum beyond int64.
const rateMax = 1_000_000_000

// ParseRates reads a rate table and refuses one that lacks a zone or holds figures that cannot be meant.
func ParseRates(data []byte) (Rates, error) {
	var r Rates
	if err := strict.Decode(data, &r); err != nil {
		return Rates{}, err
	}
	if r.WeightMaxG < 1 || r.WeightMaxG > rateMax {
		return Rates{}, fmt.Errorf("weight_max_g %d", r.WeightMaxG)
	}
	provinces := slices.Clone(r.Far)
	for _, pair := range r.Neighbours {
		provinces = append(provinces, pair[0], pair[1])
	}
	for _, code := range provinces {
		if _, known := division.Find(code); !known || len(code) != 2 {
			return Rates{}, fmt.Errorf("%q is no province", code)
		}
	}
	if err := r.checkDays(); err != nil {
		return Rates{}, err
	}
	for currency, table := range r.Tables {
		if err := table.check(currency); err != nil {
			return Rates{}, err
		}
	}
	return r, nil
}

func (r Rates) checkDays() error {
	for _, z := range allZones {
		if d := r.Days[z]; d[0] < 1 || d[1] < d[0] || d[1] > 100 {
			return fmt.Errorf("days of %s: %v", z, d)
		}
	}
	return nil
}

func (t Table) check(c money.Currency) error {
	if !c.Valid() || len(t) != len(allZones) {
		return fmt.Errorf("%q: no currency, or zones that are none", c)
	}
	for _, z := range allZones {
		row, ok := t[z]
		for _, v := range []int64{row.First, row.Extra, row.FreeAbove} {
			if ok = ok && v >= 0 && v <= rateMax; !ok {
				return fmt.Errorf("%s %s: missing, or %d", c, z, v)
			}
		}
	}
	return nil
}

// freight is what the row says of a parcel. Goods that nobody weighed count as one kilogram.
func (r Row) freight(p ship.Parcel) money.Money {
	freight := r.First
	if p.WeightG > 1000 {
		freight += r.Extra * ((p.WeightG - 1) / 1000)
	}
	if r.FreeAbove > 0 && p.Goods.Minor >= r.FreeAbove {
		freight = 0
	}
	return money.New(freight, p.Goods.Currency)
}

// zones knows how far provinces are from each other.
type zones struct {
	near map[[2]string]bool
	far  map[string]bool
}

func zonesOf(r Rates) zones {
	z := zones{near: map[[2]string]bool{}, far: map[string]bool{}}
	for _, p := range r.Neighbours {
		z.near[p], z.near[[2]string{p[1], p[0]}] = true, true
	}
	for _, p := range r.Far {
		z.far[p] = true
	}
	return z
}

// end is one end of a parcel's way.
type end struct{ country, division string }

// of is the zone between two ends, the same in both directions.
func (z zones) of(from, to end) Zone {
	if from.country != to.country {
		return Foreign
	}
	switch a, b := from.province(), to.province(); {
	case a == abroad: // within another country, whose regions the table does not know
		return Rest
	case a == b:
		return Same
	case z.far[a] || z.far[b]:
		return Far
	case z.near[[2]string{a, b}]:
		return Near
	}
	return Rest
}

// abroad stands for every place outside China: two digits that are no province.
const abroad = "99"

// province is the two digits that zones and numbers go by.
func (e end) province() string {
	if e.country != shopper.China || len(e.division) < 2 {
		return abroad
	}
	return e.division[:2]
}
