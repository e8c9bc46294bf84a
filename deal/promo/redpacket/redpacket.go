// Package redpacket is the kind of promotion that is like money in the hand (红包): no threshold unless one is set, and
// any number of them pay one after the other. With Open each claim has a worth of its own, as those of a red
// packet rain have.
//
// The package is this file.
package redpacket

import (
	_ "embed"
	"math"

	"hutong/base/text"
	"hutong/deal/promo"
)

// Name is the kind's name.
const Name = "redpacket"

//go:embed text.json
var textJSON []byte

// Kind makes the kind.
func Kind() promo.Kind {
	return promo.Kind{Name: Name, Terms: func() promo.Terms { return new(Terms) }, Texts: text.MustParse(textJSON)}
}

// Terms are the settings.
type Terms struct {
	Off       int64 `json:"off"`
	Threshold int64 `json:"threshold,omitzero"`
	Open      bool  `json:"open,omitzero"` // the worth stands on the claim, and Off is the most that it may be
}

var (
	_ promo.SumCut  = (*Terms)(nil)
	_ promo.Bounded = (*Terms)(nil)
)

// Kind is the kind's name.
func (t *Terms) Kind() string { return Name }

// Lane is that of red packets.
func (t *Terms) Lane(promo.Scope) promo.Lane { return promo.LaneRedPacket }

// Check wants a sum. Codes: promo.terms.
func (t *Terms) Check(promo.Scope) error {
	if err := promo.Required("threshold", t.Threshold, 0, math.MaxInt64); err != nil {
		return err
	}
	return promo.Required("off", t.Off, 1, math.MaxInt64)
}

// Takes is the packet's worth.
func (t *Terms) Takes(b promo.Base) (int64, promo.Next) {
	off := t.Off
	if t.Open {
		off = max(0, min(off, b.Claim))
	}
	if b.Amount < t.Threshold {
		return 0, promo.Next{Short: t.Threshold - b.Amount, Then: off}
	}
	return off, promo.Next{}
}

// Most is what it could take off goods of that value: all of it where no threshold bounds how many orders have one.
func (t *Terms) Most(value int64) int64 {
	if t.Threshold == 0 {
		return value
	}
	return promo.Times(value/t.Threshold, t.Off)
}
