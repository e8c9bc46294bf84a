package voucher

import (
	"context"
	"slices"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/party/shopper"
)

// AudienceKind is a sort of audience.
type AudienceKind string

// The sorts. Everyone needs nobody to answer for it; the others are answered by what the node plugs in.
const (
	Everyone    AudienceKind = "all"
	NewShoppers AudienceKind = "new"     // who never paid for anything
	InCityTiers AudienceKind = "tier"    // by where their parcels go
	InSegment   AudienceKind = "segment" // a saved set of shoppers
)

// Audience is who may claim.
type Audience struct {
	Kind    AudienceKind `json:"kind"`
	Tiers   []int64      `json:"tiers,omitempty"`
	Segment string       `json:"segment,omitempty"`
}

// TierMax is the number of the last city tier.
const TierMax = 5

func (a Audience) check() error {
	wrong := fault.New(fault.Invalid, "voucher.audience_terms").At("audience")
	known := slices.Contains([]AudienceKind{Everyone, NewShoppers, InCityTiers, InSegment}, a.Kind)
	if !known || (a.Kind == InCityTiers) != (len(a.Tiers) > 0) || (a.Kind == InSegment) != (a.Segment != "") ||
		len(a.Tiers) > TierMax || len(a.Segment) > 64 {
		return wrong
	}
	for _, tier := range a.Tiers {
		if tier < 1 || tier > TierMax {
			return wrong
		}
	}
	return nil
}

// Members answers for a sort of audience: which of these shoppers are in it. It is asked for a whole batch at once, in
// the transaction of the claims.
type Members interface {
	Members(tx *db.Tx, of Audience, shoppers []string) (map[string]bool, error)
}

// Places is a Members whose audience is where parcels go. Who claims is held against the addresses that they have, and
// what they order against where it goes: an address that was added for the claim alone gains nothing.
type Places interface {
	Reaches(of Audience, country, division string) bool
}

// Elsewhere tells which of a shopper's vouchers are not for a parcel to one of their addresses. Nothing is read where
// no voucher asks for places. Codes: shopper.address_not_found.
func (s *Service) Elsewhere(tx *db.Tx, who, address string, held []Voucher) (map[ID]bool, error) {
	var to shopper.Address
	var all map[ID]bool
	for i := range held {
		v := &held[i]
		places, bound := s.audiences[v.Terms.Audience.Kind].(Places)
		if !bound {
			continue
		}
		if all == nil {
			var err error
			if to, err = shopper.AddressIn(tx, shopper.ID(who), shopper.AddressID(address)); err != nil {
				return nil, err
			}
			all = map[ID]bool{}
		}
		all[v.ID] = !places.Reaches(v.Terms.Audience, to.Country, to.Division)
	}
	return all, nil
}

// Marks tell what two accounts of one person share: hashes of a verified phone number, of a delivery address, of a
// payment account. Of a voucher for new shoppers each mark can claim as many as one shopper may, however many accounts
// bear it (FAULTS P3). A mark is at most 64 characters of letters and digits, and cannot be turned back.
type Marks interface {
	Marks(tx *db.Tx, shoppers []string) (map[string][]string, error)
}

// members asks for all shoppers of a batch who may claim under an audience.
func (s *Service) members(tx *db.Tx, a Audience, shoppers []string) (map[string]bool, error) {
	if a.Kind == Everyone {
		in := make(map[string]bool, len(shoppers))
		for _, who := range shoppers {
			in[who] = true
		}
		return in, nil
	}
	plugged, there := s.audiences[a.Kind]
	if !there { // nobody can say who is in it: nobody is
		return nil, nil
	}
	return plugged.Members(tx, a, shoppers)
}

// Answers tells whether somebody answers for a sort of audience here, for the form that offers them.
func (s *Service) Answers(_ context.Context, kind AudienceKind) bool {
	_, there := s.audiences[kind]
	return there || kind == Everyone
}
