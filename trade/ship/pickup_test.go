package ship_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/trade/order"
	"hutong/trade/ship"
)

func TestPickUpHandsOutOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy("front")
		if v := b.send(o); v.PickupCode != "" {
			t.Errorf("the shop was told the code: %+v", v)
		}
		code := b.parcel(o).PickupCode
		if _, err := b.Ship.PickUp(ctx, "shp_other", code); !fault.Is(err, "ship.code_unknown") {
			t.Errorf("at another shop: %v", err)
		}
		v, err := b.Ship.PickUp(ctx, o.Shop, " "+code[:4]+"-"+code[4:])
		if err != nil || v.State != ship.Delivered || v.PickupCode != "" || len(v.Events) != 1 ||
			v.Events[0].PlaceEn != "Front desk" {
			t.Errorf("%+v %v", v, err)
		}
		if got := b.read(o.ID); got.State != order.Completed {
			t.Errorf("the order is %s", got.State)
		}
		if _, err := b.Ship.PickUp(ctx, o.Shop, code); !fault.Is(err, "ship.picked_up") {
			t.Errorf("shown again: %v", err)
		}
		b.trackAll(0)
	})
}

func TestPickUpAfterReceiptConfirmedItself(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy("front")
		b.send(o)
		b.Must(b.Ship.ClosePoint(ctx, o.Shop, "front")) // closed meanwhile: what waits there stays
		b.Clock.Advance(48 * time.Hour)
		if n, err := b.Orders.AutoReceive(ctx); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if v, err := b.Ship.PickUp(ctx, o.Shop, b.parcel(o).PickupCode); err != nil || v.State != ship.Delivered {
			t.Errorf("%+v %v", v, err)
		}
	})
}

func TestNothingIsHandedOutThatWasRefunded(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		whole, part := b.buy("front"), b.buy("front")
		b.send(whole)
		b.send(part)
		b.Must(b.refund(whole))
		b.Must(b.refund(part, order.Units{Line: 1, Units: 2}))
		if _, err := b.Ship.PickUp(ctx, whole.Shop, b.parcel(whole).PickupCode); !fault.Is(err, "ship.nothing_left") {
			t.Errorf("refunded whole: %v", err)
		}
		if _, err := b.Ship.PickUp(ctx, part.Shop, b.parcel(part).PickupCode); err != nil {
			t.Errorf("refunded in part: %v", err)
		}
	})
}

// TestR15_NothingIsHandedOutWhoseMoneyWasTakenBack: what waits at the point is still the shop's, until the operator says
// that the money is there again.
func TestR15_NothingIsHandedOutWhoseMoneyWasTakenBack(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy("front")
		b.send(o)
		taken := func(call func(*db.Tx, time.Time, []string) error) {
			b.Must(b.DB.Write(ctx, func(tx *db.Tx) error { return call(tx, b.Clock.Now(), []string{string(o.ID)}) }))
		}
		taken(b.Orders.TakenBack)
		code := b.parcel(o).PickupCode
		if _, err := b.Ship.PickUp(ctx, o.Shop, code); !fault.Is(err, "order.taken_back") || b.parcel(o).State != ship.Booked {
			t.Errorf("%v, the parcel is %s", err, b.parcel(o).State)
		}
		taken(b.Orders.TakenMet)
		if v, err := b.Ship.PickUp(ctx, o.Shop, code); err != nil || v.State != ship.Delivered {
			t.Errorf("the money is there again: %+v %v", v, err)
		}
	})
}

func TestCodesCannotBeTriedOut(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy("front")
		b.send(o)
		code := b.parcel(o).PickupCode
		for i := range 10 {
			for _, wrong := range []string{"00000000", "", "' OR 1=1", "99999999"}[i%4 : i%4+1] {
				if _, err := b.Ship.PickUp(ctx, o.Shop, wrong); !fault.Is(err, "ship.code_unknown") && wrong != code {
					t.Fatalf("try %d: %v", i, err)
				}
			}
		}
		b.Clock.Advance(15*time.Minute - time.Microsecond)
		_, err := b.Ship.PickUp(ctx, o.Shop, code)
		if !fault.Is(err, "ship.guesses") || fault.As(err).RetryAfter != time.Microsecond {
			t.Errorf("the right one after ten wrong ones: %v", err)
		}
		if _, err := b.Ship.PickUp(ctx, "shp_other", "00000000"); !fault.Is(err, "ship.code_unknown") {
			t.Errorf("another shop is limited too: %v", err)
		}
		b.Clock.Advance(time.Microsecond)
		if _, err := b.Ship.PickUp(ctx, o.Shop, code); err != nil {
			t.Errorf("after the pause: %v", err)
		}
	})
}

func TestGuessingAtOnceIsCountedToo(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		codes := map[string]int{}
		for range 30 {
			wg.Go(func() {
				_, err := b.Ship.PickUp(ctx, "shp_1", "00000000")
				mu.Lock()
				defer mu.Unlock()
				codes[fault.As(err).Code]++
			})
		}
		wg.Wait()
		if codes["ship.code_unknown"] != 10 || codes["ship.guesses"] != 20 {
			t.Errorf("%v", codes)
		}
	})
}

func TestTwoClerksHandOutOneParcel(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy("front")
		b.send(o)
		code := b.parcel(o).PickupCode
		var wg sync.WaitGroup
		var mu sync.Mutex
		handed := 0
		for range 6 {
			wg.Go(func() {
				_, err := b.Ship.PickUp(ctx, o.Shop, code)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					handed++
				} else if !fault.Is(err, "ship.picked_up") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if handed != 1 {
			t.Errorf("handed out %d times", handed)
		}
	})
}

func TestACodeThatIsTakenIsDrawnAgain(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		shop := b.shop()
		first := b.buyAt(shop, "front")
		b.send(first)
		taken := b.parcel(first).PickupCode
		second := b.buyAt(shop, "front")
		b.Ship = b.ship(b.Van, &stuck{Carrier: b.Ship.Carriers[1], code: taken})
		b.send(second)
		if got := b.parcel(second).PickupCode; got == taken || got == "" {
			t.Errorf("both have %q", got)
		}
	})
}

// stuck is a pickup that first draws a code that is taken.
type stuck struct {
	ship.Carrier
	code string
}

func (s *stuck) Book(c context.Context, b ship.Booking) (ship.Waybill, ship.Outcome, error) {
	w, outcome, err := s.Carrier.Book(c, b)
	if s.code != "" {
		w.PickupCode, s.code = s.code, ""
	}
	return w, outcome, err
}
