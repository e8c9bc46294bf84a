package voucher

import (
	"slices"

	"hutong/base/db"
	"hutong/party/shopper"
)

// Tiers says the tier of cities: keys are the first digits of division codes (two for a municipality, four for a city),
// values 1 to TierMax. What is not named is of the last tier.
type Tiers map[string]int64

// DefaultTiers are the tiers that retail in China speaks of: the four first-tier cities, then the fifteen that a
// business weekly names the new first tier. No law or standard says so; a market may give its own.
func DefaultTiers() Tiers {
	t := Tiers{"11": 1, "31": 1, "4401": 1, "4403": 1}
	for _, city := range []string{"5101", "3301", "50", "4201", "3205", "6101", "3201", "4301", "12", "4101", "4419",
		"3401", "3702", "3302", "4406"} {
		t[city] = 2
	}
	return t
}

// tier is that of a division's code.
func (t Tiers) tier(division string) int64 {
	for _, length := range []int{4, 2} {
		if len(division) >= length {
			if n, named := t[division[:length]]; named {
				return n
			}
		}
	}
	return TierMax
}

// Cities answers for InCityTiers: a shopper is where the newest address in China is that they use.
type Cities struct{ Tiers Tiers }

// Reaches tells whether a parcel to a division of a country goes to a city of one of the tiers.
func (c Cities) Reaches(of Audience, country, division string) bool {
	return country == shopper.China && slices.Contains(of.Tiers, c.Tiers.tier(division))
}

// Members are the shoppers whose city is of one of the tiers.
func (c Cities) Members(tx *db.Tx, of Audience, shoppers []string) (map[string]bool, error) {
	traces, err := shopper.Traces(tx, shoppers)
	if err != nil {
		return nil, err
	}
	in := map[string]bool{}
	for who, all := range traces {
		for _, t := range all {
			if t.Country == shopper.China {
				in[who] = c.Reaches(of, t.Country, t.Division)
				break
			}
		}
	}
	return in, nil
}
