package checkout

import (
	"testing"

	"hutong/base/fault"
	"hutong/trade/ship"
)

// TestGoodsThatNobodyBringsAreFetched: where no carrier takes a parcel, as of goods too heavy for all, the shop's own
// counter is what is left; only where that is not either is the order refused, in words about the parcel.
func TestGoodsThatNobodyBringsAreFetched(t *testing.T) {
	door := ship.Option{Carrier: "self", Pickup: true, Points: []ship.Point{{Code: "door"}, {Code: "yard"}}}
	van := ship.Option{Carrier: "van"}
	for _, x := range []struct {
		options []ship.Option
		asked   CarrierChoice
		carrier string
		code    string
	}{
		{[]ship.Option{door, van}, CarrierChoice{}, "van", ""},
		{[]ship.Option{door}, CarrierChoice{}, "self", ""},
		{[]ship.Option{door}, CarrierChoice{Pickup: "yard"}, "self", ""},
		{[]ship.Option{door}, CarrierChoice{Pickup: "roof"}, "", "checkout.pickup"},
		{[]ship.Option{door, van}, CarrierChoice{Carrier: "self"}, "", "checkout.pickup"},
		{[]ship.Option{door}, CarrierChoice{Carrier: "van"}, "", "checkout.carrier"},
		{nil, CarrierChoice{Carrier: "van"}, "", "checkout.carrier"},
		{nil, CarrierChoice{}, "", "checkout.no_carrier"},
	} {
		got, _, err := choose(x.options, x.asked)
		if got.Carrier != x.carrier || x.code == "" && err != nil || x.code != "" && !fault.Is(err, x.code) {
			t.Errorf("%+v of %+v: %s, %v", x.asked, x.options, got.Carrier, err)
		}
	}
}
