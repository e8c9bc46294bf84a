package ship_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/party/shopper"
	"hutong/trade/order"
	"hutong/trade/ship"
)

func dispatch(o bought) ship.Dispatch { return ship.Dispatch{Shop: o.Shop, Order: o.ID, Seq: 1} }

func TestDispatchMovesOrderAndWritesShipmentTogether(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy("")
		v := b.send(o)
		if v.TrackingNo != fmt.Sprintf("van-%s-1", o.ID) || v.State != ship.Booked || v.Carrier != "van" {
			t.Errorf("%+v", v)
		}
		sub := b.sub(o)
		if sub.State != order.SubShipped || sub.Carrier != "van" || !sub.ConfirmBy.Equal(b.Clock.Now().AddDate(0, 0, 10)) {
			t.Errorf("%+v", sub)
		}
		got := b.Van.booked[0]
		if got.Pieces != 3 || got.Goods.Minor != 300 || got.To.Recipient != "李雷" || got.From != b.Set.Origin ||
			!got.At.Equal(b.Clock.Now()) {
			t.Errorf("booked %+v", got)
		}
		again, err := b.Ship.Dispatch(ctx, dispatch(o))
		if err != nil || again.ID != v.ID || len(b.Van.booked) != 1 {
			t.Errorf("pressed twice: %+v %v, %d bookings", again, err, len(b.Van.booked))
		}
		for name, cmd := range map[string]ship.Dispatch{
			"another carrier": {Shop: o.Shop, Order: o.ID, Seq: 1, Carrier: "selfpickup"},
			"another number":  {Shop: o.Shop, Order: o.ID, Seq: 1, TrackingNo: "OTHER-1"},
		} {
			if _, err := b.Ship.Dispatch(ctx, cmd); !fault.Is(err, "order.state") {
				t.Errorf("%s afterwards: %v", name, err)
			}
		}
	})
}

// TestR15_NothingIsBookedForMoneyThatWasTakenBack: the carrier is not called either.
func TestR15_NothingIsBookedForMoneyThatWasTakenBack(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy("")
		b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
			return b.Orders.TakenBack(tx, b.Clock.Now(), []string{string(o.ID)})
		}))
		if _, err := b.Ship.Dispatch(ctx, dispatch(o)); !fault.Is(err, "order.taken_back") || len(b.Van.booked) != 0 {
			t.Errorf("%v, %d bookings", err, len(b.Van.booked))
		}
	})
}

func TestDispatchRefusals(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		unpaid, _ := b.place(b.shop(), "")
		o, picked, refunded := b.buy(""), b.buy("front"), b.buy("")
		b.Must(b.refund(refunded))
		erased := b.buy("")
		_, err := b.Shoppers.Erase(ctx, shopper.ID(erased.Shopper))
		b.Must(err)
		for name, c := range map[string]struct {
			cmd  ship.Dispatch
			code string
		}{
			"another shop's":      {ship.Dispatch{Shop: "shp_other", Order: o.ID, Seq: 1}, "order.not_found"},
			"no shop":             {ship.Dispatch{Order: o.ID, Seq: 1}, "order.not_found"},
			"no such order":       {ship.Dispatch{Shop: o.Shop, Order: "ord_none", Seq: 1}, "order.not_found"},
			"no such part":        {ship.Dispatch{Shop: o.Shop, Order: o.ID, Seq: 2}, "order.not_found"},
			"unpaid":              {dispatch(unpaid), "order.not_paid"},
			"refunded":            {dispatch(refunded), "order.state"},
			"no such carrier":     {ship.Dispatch{Shop: o.Shop, Order: o.ID, Seq: 1, Carrier: "owl"}, "ship.carrier"},
			"to be brought":       {ship.Dispatch{Shop: o.Shop, Order: o.ID, Seq: 1, Carrier: "selfpickup"}, "ship.carrier"},
			"to be fetched":       {ship.Dispatch{Shop: picked.Shop, Order: picked.ID, Seq: 1, Carrier: "van"}, "ship.carrier"},
			"a typo":              {ship.Dispatch{Shop: o.Shop, Order: o.ID, Seq: 1, TrackingNo: " ty po "}, "ship.tracking_no"},
			"no number":           {ship.Dispatch{Shop: o.Shop, Order: o.ID, Seq: 1, TrackingNo: "<b>1234"}, "ship.tracking_no"},
			"a number for pickup": {ship.Dispatch{Shop: picked.Shop, Order: picked.ID, Seq: 1, TrackingNo: "ZT123456789012345678"}, "ship.tracking_no"},
			"address erased":      {dispatch(erased), "ship.address_gone"},
		} {
			if v, err := b.Ship.Dispatch(ctx, c.cmd); !fault.Is(err, c.code) {
				t.Errorf("%s: %+v %v, want %s", name, v, err, c.code)
			}
		}
		if len(b.Van.booked) != 0 {
			t.Errorf("%d parcels were booked", len(b.Van.booked))
		}
	})
}

func TestACarrierThatIsNotClear(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy("")
		good := b.Van.book
		for name, c := range map[string]struct {
			book func(ship.Booking) (ship.Waybill, ship.Outcome, error)
			code string
		}{
			"silent":    {func(ship.Booking) (ship.Waybill, ship.Outcome, error) { return ship.Waybill{}, ship.UNKNOWN, nil }, "ship.silent"},
			"panicking": {func(ship.Booking) (ship.Waybill, ship.Outcome, error) { panic("index") }, "ship.silent"},
			"half": {func(ship.Booking) (ship.Waybill, ship.Outcome, error) {
				return ship.Waybill{TrackingNo: "HALF-1"}, ship.OK, errors.New("reset")
			}, "ship.silent"},
			"refusing": {func(ship.Booking) (ship.Waybill, ship.Outcome, error) { return ship.Waybill{}, ship.REFUSED, nil }, "ship.refused"},
			"empty":    {func(ship.Booking) (ship.Waybill, ship.Outcome, error) { return ship.Waybill{}, ship.OK, nil }, "ship.adapter"},
			"an essay": {func(ship.Booking) (ship.Waybill, ship.Outcome, error) {
				return ship.Waybill{TrackingNo: string(make([]byte, 41))}, ship.OK, nil
			}, "ship.adapter"},
			"a code in it": {func(ship.Booking) (ship.Waybill, ship.Outcome, error) {
				return ship.Waybill{TrackingNo: "VAN-1", PickupCode: "12345678"}, ship.OK, nil
			}, "ship.adapter"},
		} {
			b.Van.book = c.book
			if _, err := b.Ship.Dispatch(ctx, dispatch(o)); !fault.Is(err, c.code) {
				t.Errorf("%s: %v, want %s", name, err, c.code)
			}
		}
		if b.sub(o).State != order.SubOpen {
			t.Error("it was shipped all the same")
		}
		b.Van.book = good
		b.send(o)
		for _, was := range b.Van.booked {
			if was.Ref != b.Van.booked[0].Ref {
				t.Errorf("booked as %s and as %s: that is two parcels", b.Van.booked[0].Ref, was.Ref)
			}
		}
	})
}

func TestACarrierThatHangsCostsItsDeadlineOnly(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy("")
		b.Set.CallTimeout = 20 * time.Millisecond
		hung := make(chan struct{})
		defer close(hung)
		van := newScript("van", 700)
		van.book = func(ship.Booking) (ship.Waybill, ship.Outcome, error) {
			<-hung
			return ship.Waybill{}, ship.UNKNOWN, nil
		}
		if _, err := b.ship(van).Dispatch(ctx, dispatch(o)); !fault.Is(err, "ship.silent") {
			t.Errorf("%v", err)
		}
	})
}

func TestTheMerchantsOwnNumber(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		first, second := b.buy(""), b.buy("")
		cmd := dispatch(first)
		cmd.TrackingNo = " sf 1234-5678 "
		v, err := b.Ship.Dispatch(ctx, cmd)
		if err != nil || v.TrackingNo != "SF1234-5678" || len(b.Van.booked) != 0 {
			t.Errorf("%+v %v", v, err)
		}
		// One waybill for two orders: the second would be confirmed by the first one's delivery.
		cmd = dispatch(second)
		cmd.TrackingNo = "SF1234-5678"
		before := b.Pool(poolOf(second))
		if _, err := b.Ship.Dispatch(ctx, cmd); !fault.Is(err, "ship.tracking_used") {
			t.Errorf("used twice: %v", err)
		}
		if b.sub(second).State != order.SubOpen || b.Pool(poolOf(second)) != before {
			t.Error("the refused dispatch moved the order or the stock")
		}
	})
}

// TestATypedNumberTakesNobodysParcel: a number that a carrier gave, or is about to give, can be read off a label or
// guessed. A shop that typed it first keeps nobody from sending, and is told nothing about the other's parcel.
func TestATypedNumberTakesNobodysParcel(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Van.book = func(k ship.Booking) (ship.Waybill, ship.Outcome, error) {
			return ship.Waybill{TrackingNo: ship.TidyNumber("van-" + k.Ref)}, ship.OK, nil
		}
		mine, other := b.buy(""), b.buy("")
		typed := dispatch(other)
		typed.TrackingNo = fmt.Sprintf("van-%s-1", mine.ID)
		theirs, err := b.Ship.Dispatch(ctx, typed)
		b.Must(err)
		v, err := b.Ship.Dispatch(ctx, dispatch(mine))
		if err != nil || v.TrackingNo == theirs.TrackingNo || v.TrackingNo == "" || b.sub(mine).State != order.SubShipped {
			t.Fatalf("%+v %v", v, err)
		}
		if again, err := b.Ship.Dispatch(ctx, dispatch(mine)); err != nil || again.TrackingNo != v.TrackingNo {
			t.Errorf("pressed again: %+v %v", again, err)
		}
		b.Clock.Advance(time.Hour)
		b.Must(b.Ship.Report(ctx, []ship.Report{{Carrier: "van", TrackingNo: v.TrackingNo,
			Events: []ship.Event{b.event(ship.Signed, time.Minute)}}}))
		if b.parcel(mine).State != ship.Delivered || b.parcel(other).State != ship.Booked || len(b.Van.cancelled) != 0 {
			t.Errorf("%s, the other %s, cancelled %v", b.parcel(mine).State, b.parcel(other).State, b.Van.cancelled)
		}
	})
}

func TestPressedTwiceAtOnceIsOneShipment(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy("")
		var wg sync.WaitGroup
		var mu sync.Mutex
		ids := map[string]int{}
		for range 8 {
			wg.Go(func() {
				v, err := b.Ship.Dispatch(ctx, dispatch(o))
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				ids[v.ID]++
			})
		}
		wg.Wait()
		if len(ids) != 1 || len(b.Van.cancelled) != 0 {
			t.Errorf("%d shipments, %d bookings taken back", len(ids), len(b.Van.cancelled))
		}
		if b.parcel(o); b.sub(o).Step != 1 {
			t.Errorf("%d steps", b.sub(o).Step)
		}
	})
}

func TestRefundAgainstDispatch(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for range 8 {
			o := b.buy("")
			sent := make(chan error, 1)
			go func() {
				_, err := b.Ship.Dispatch(ctx, dispatch(o))
				sent <- err
			}()
			refunded := b.refund(o)
			err := <-sent
			all, _ := b.Ship.Parcels(ctx, o.Shopper, o.ID)
			switch state := b.sub(o).State; {
			case refunded != nil:
				t.Errorf("refund: %v", refunded)
			case err == nil && (state != order.SubShipped || len(all) != 1):
				t.Errorf("dispatched: %s, %d shipments", state, len(all))
			case err != nil && (state != order.SubCancelled || len(all) != 0):
				t.Errorf("%v: %s, %d shipments", err, state, len(all))
			}
		}
	})
}

func TestABookingThatNobodyNeedsIsTakenBack(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy("")
		good := b.Van.book
		b.Van.book = func(k ship.Booking) (ship.Waybill, ship.Outcome, error) {
			if err := b.refund(o); err != nil { // the shopper was faster than the carrier's answer
				t.Error(err)
			}
			return good(k)
		}
		_, err := b.Ship.Dispatch(ctx, dispatch(o))
		if !fault.Is(err, "order.state") || len(b.Van.cancelled) != 1 {
			t.Errorf("%v, taken back: %v", err, b.Van.cancelled)
		}
	})
}

func TestShipmentsAreToldToWhomTheyConcern(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy("front")
		b.send(o)
		for name, read := range map[string]func() ([]ship.Shipment, error){
			"another shopper": func() ([]ship.Shipment, error) { return b.Ship.Parcels(ctx, "shr_other", o.ID) },
			"nobody":          func() ([]ship.Shipment, error) { return b.Ship.Parcels(ctx, "", o.ID) },
			"another shop":    func() ([]ship.Shipment, error) { return b.Ship.Sent(ctx, "shp_other", o.ID) },
		} {
			if all, err := read(); err != nil || len(all) != 0 {
				t.Errorf("%s sees %v %v", name, all, err)
			}
		}
		if v := b.parcel(o); len(v.PickupCode) != 8 || v.Point != "front" {
			t.Errorf("the shopper sees %+v", v)
		}
		for name, read := range map[string]func() ([]ship.Shipment, error){
			"the shop":     func() ([]ship.Shipment, error) { return b.Ship.Sent(ctx, o.Shop, o.ID) },
			"the operator": func() ([]ship.Shipment, error) { return b.Ship.Any(ctx, o.ID) },
		} {
			if all, err := read(); err != nil || len(all) != 1 || all[0].PickupCode != "" {
				t.Errorf("%s sees %+v %v", name, all, err)
			}
		}
	})
}
