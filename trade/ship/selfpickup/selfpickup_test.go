package selfpickup_test

import (
	"bytes"
	"crypto/rand"
	"testing"

	"hutong/base/money"
	"hutong/trade/ship"
	"hutong/trade/ship/selfpickup"
	"hutong/trade/ship/shiptest"
)

func TestPickupKeepsWhatACarrierMust(t *testing.T) {
	goods := money.New(100, "CNY")
	shiptest.Run(t, shiptest.Subject{
		New:     func() ship.Carrier { return selfpickup.New(rand.Reader) },
		Texts:   selfpickup.Texts,
		Serves:  []ship.Parcel{shiptest.PickupParcel(shiptest.Address("330106"), 800, goods)},
		Refuses: []ship.Parcel{shiptest.DoorParcel(shiptest.Address("330106"), 800, goods)},
	})
}

func TestCodesAreDrawnFairly(t *testing.T) {
	// 2^32 is no multiple of 10^8: numbers from 4,200,000,000 on would make some codes likelier and are drawn again.
	drawn := bytes.NewReader([]byte{0xfa, 0x56, 0xea, 0x00, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x07})
	p := selfpickup.New(drawn)
	w, outcome, err := p.Book(t.Context(), ship.Booking{Ref: "ord_a-1", Point: ship.Point{Code: "front"}})
	if outcome != ship.OK || err != nil || w.PickupCode != "00000007" {
		t.Errorf("%+v %s %v", w, outcome, err)
	}
	if _, outcome, err := p.Book(t.Context(), ship.Booking{Ref: "ord_a-1", Point: ship.Point{Code: "front"}}); outcome !=
		ship.UNKNOWN || err == nil {
		t.Errorf("without randomness: %s %v", outcome, err)
	}
}
