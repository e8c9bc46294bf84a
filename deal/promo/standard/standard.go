// Package standard is the list of the kinds of promotion that a market knows. A new kind is a folder beside this one
// and a line here.
//
// The package is this file.
package standard

import (
	"hutong/base/text"
	"hutong/deal/promo"
	"hutong/deal/promo/crossshop"
	"hutong/deal/promo/direct"
	"hutong/deal/promo/gift"
	"hutong/deal/promo/points"
	"hutong/deal/promo/presale"
	"hutong/deal/promo/price"
	"hutong/deal/promo/redpacket"
	"hutong/deal/promo/spend"
	"hutong/deal/promo/subsidy"
	"hutong/deal/promo/voucher"
)

// Kinds are all of them, in the order in which they are applied.
func Kinds() *promo.Kinds {
	k, err := promo.NewKinds(price.Kind(), direct.Kind(), subsidy.Kind(), presale.Kind(), gift.Kind(), spend.Kind(),
		voucher.Kind(), crossshop.Kind(), redpacket.Kind(), points.Kind())
	if err != nil {
		panic(err) // a defect of the build, which every test of this package meets
	}
	return k
}

// Texts are the sentences of all of them.
var Texts text.Bundle = Kinds().Texts()
