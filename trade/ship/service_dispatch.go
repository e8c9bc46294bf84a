package ship

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/lane"
	"hutong/base/money"
	"hutong/base/outside"
	"hutong/party/shopper"
	"hutong/trade/order"
)

// Dispatch is the command that a suborder leaves its shop.
type Dispatch struct {
	Shop       string
	Order      order.ID
	Seq        int64
	Carrier    string // "" for the one that the shopper chose
	TrackingNo string // of the merchant's own booking; "" to have the parcel booked
}

// Dispatch hands a suborder's goods to their carrier: it books the parcel, then writes the shipment and moves the order
// in one transaction. It is safe to repeat: the carrier knows the parcel by our name for it and gives the same number,
// and what has been dispatched is answered as it stands.
//
// Codes: order.not_found (also for another shop's), order.not_paid, order.taken_back, order.state, ship.carrier,
// ship.tracking_no, ship.tracking_used, ship.point, ship.address_gone, ship.refused, ship.adapter; ship.silent changed
// nothing here, and trying again does not book twice.
func (s *Service) Dispatch(ctx context.Context, cmd Dispatch) (Shipment, error) {
	cmd.TrackingNo = TidyNumber(cmd.TrackingNo)
	o, err := s.Orders.SoldSums(ctx, cmd.Shop, cmd.Order)
	if err != nil {
		return Shipment{}, err
	}
	h, err := s.prepare(ctx, cmd, o)
	if err != nil || h.done {
		return h.shipment, err
	}
	ref := h.booking.Ref
	for try := range bookTries {
		if err = s.book(ctx, &h, cmd); err != nil {
			return Shipment{}, err
		}
		if err = s.record(ctx, h); !errors.Is(err, db.ErrUnique) || !h.ours {
			break
		}
		if !h.desk.Pickup() {
			s.Log.LogAttrs(ctx, slog.LevelWarn, "booked number stands in another shipment",
				slog.String("carrier", h.desk.Name()), slog.String("tracking_no", h.shipment.TrackingNo))
			h.booking.Ref = fmt.Sprintf("%s-%d", ref, try+2)
		}
	}
	if err == nil {
		h.shipment.PickupCode = "" // the shopper's secret
		return h.shipment, nil
	}
	return s.lost(ctx, h, cmd, err)
}

// bookTries is how often a parcel is booked whose pickup code another parcel of the shop has already, or whose number
// another shop typed as its own: that takes a number from nobody, the parcel is booked anew under a further name. Which
// names those are follows from the order, so trying again after a crash finds the same booking.
const bookTries = 4

// handover is one dispatch under way.
type handover struct {
	desk     *desk
	booking  Booking
	shipment Shipment
	ours     bool // the parcel was booked by us, not by the merchant
	done     bool // it has been dispatched already
}

// prepare reads and checks everything before the carrier is called.
func (s *Service) prepare(ctx context.Context, cmd Dispatch, o order.Order) (h handover, err error) {
	i := 0
	for i < len(o.Subs) && o.Subs[i].Seq != cmd.Seq {
		i++
	}
	if i == len(o.Subs) {
		return h, fault.New(fault.NotFound, "order.not_found")
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if h.shipment, h.done, err = ofSub(tx, cmd.Shop, cmd.Order, cmd.Seq); err != nil {
			return err
		}
		if h.done {
			return same(h.shipment, cmd)
		}
		return s.check(tx, &h, cmd, o, o.Subs[i])
	})
	h.shipment.PickupCode = ""
	if h.done || err != nil {
		return h, err
	}
	at := clock.Now(ctx, s.Clock)
	h.booking.At = at
	h.shipment = Shipment{ID: s.IDs.New("shm"), Order: o.ID, Seq: cmd.Seq, Shop: cmd.Shop, Shopper: o.Shopper,
		Carrier: h.desk.Name(), Point: h.booking.Point.Code, State: Booked, BookedAt: at, ChangedAt: at}
	return h, nil
}

// same tells whether a dispatch that is told again is the one that was done.
func same(was Shipment, cmd Dispatch) error {
	if cmd.Carrier != "" && cmd.Carrier != was.Carrier || cmd.TrackingNo != "" && cmd.TrackingNo != was.TrackingNo {
		return fault.New(fault.Conflict, "order.state", fault.P("state", string(order.SubShipped)))
	}
	return nil
}

func (s *Service) check(tx *db.Tx, h *handover, cmd Dispatch, o order.Order, sub order.Sub) error {
	switch {
	case o.State != order.Paid:
		return o.Unpaid(&sub)
	case !o.TakenAt.IsZero() && sub.State == order.SubOpen:
		return fault.New(fault.Conflict, "order.taken_back")
	case sub.State != order.SubOpen:
		return fault.New(fault.Conflict, "order.state", fault.P("state", string(sub.State)))
	}
	if err := s.choose(h, cmd, sub); err != nil {
		return err
	}
	b := &h.booking
	*b = Booking{Ref: fmt.Sprintf("%s-%d", o.ID, sub.Seq), Shop: sub.Shop}
	goods := int64(0)
	for _, l := range sub.Lines {
		goods += l.Paid - l.Refunded
		b.Pieces += l.Left()
	}
	b.Goods = money.New(goods, o.Currency)
	var err error
	if b.From, err = s.originIn(tx, sub.Shop); err != nil {
		return err
	}
	if h.desk.Pickup() {
		b.Point, err = knownPoint(tx, sub.Shop, sub.Pickup)
		return err
	}
	b.To, err = shopper.AddressIn(tx, shopper.ID(o.Shopper), shopper.AddressID(o.Address))
	if err == nil && b.To.Erased {
		err = fault.New(fault.Unprocessable, "ship.address_gone")
	}
	return err
}

// choose picks the carrier. The merchant may take another one than the shopper did, but not have the shopper fetch what
// was to be brought, or the other way round.
func (s *Service) choose(h *handover, cmd Dispatch, sub order.Sub) error {
	name := cmd.Carrier
	if name == "" {
		name = sub.Carrier
	}
	h.desk = s.desks[name]
	if h.desk == nil || h.desk.Pickup() != (sub.Pickup != "") {
		return fault.New(fault.Unprocessable, "ship.carrier", fault.P("carrier", name)).At("carrier")
	}
	if no := cmd.TrackingNo; no != "" && (h.desk.Pickup() || !trackingForm.MatchString(no) || !h.desk.Valid(no)) {
		return fault.New(fault.Invalid, "ship.tracking_no", fault.P("carrier", name)).At("tracking_no")
	}
	return nil
}

// book has the carrier take the parcel, unless the merchant did.
func (s *Service) book(ctx context.Context, h *handover, cmd Dispatch) error {
	if cmd.TrackingNo != "" {
		h.shipment.TrackingNo = cmd.TrackingNo
		return nil
	}
	h.ours = true
	got := outside.Call(ctx, h.desk.line, func(ctx context.Context) (Waybill, Outcome, error) {
		return h.desk.Book(ctx, h.booking)
	})
	carrier := fault.P("carrier", h.desk.Name())
	switch {
	case got.Outcome == REFUSED:
		return fault.New(fault.Refused, "ship.refused", carrier).Because(got.Err).At("carrier")
	case got.Outcome == UNKNOWN:
		return fault.New(fault.Unavailable, "ship.silent", carrier).Because(got.Err).At("carrier").After(10 * time.Second)
	case !got.Value.sound(h.desk.Pickup()):
		return fault.New(fault.Refused, "ship.adapter", carrier).At("carrier")
	}
	h.shipment.TrackingNo, h.shipment.PickupCode = got.Value.TrackingNo, got.Value.PickupCode
	return nil
}

// record writes the shipment and moves the order, both or neither; with those that are recorded at the same time.
func (s *Service) record(ctx context.Context, h handover) error {
	_, err := s.records.Do(ctx, h.shipment)
	return err
}

// recordAll writes one batch of shipments. When one of them is refused nothing is written, and they are tried one
// by one.
func (s *Service) recordAll(batch []Shipment) (outs []lane.Outcome[struct{}], err error) {
	sent, polls := make([]order.Shipment, len(batch)), make([]time.Time, len(batch))
	var at time.Time
	for i, v := range batch {
		confirm := s.set.ConfirmAfter
		if v.Point != "" {
			confirm = s.set.PickupConfirmAfter
		}
		sent[i] = order.Shipment{Order: v.Order, Seq: v.Seq, Shop: v.Shop, Carrier: v.Carrier,
			ConfirmBy: v.BookedAt.Add(confirm)}
		polls[i] = s.set.nextPoll(v, v.BookedAt)
		if v.BookedAt.After(at) {
			at = v.BookedAt
		}
	}
	err = s.DB.Write(context.Background(), func(tx *db.Tx) error {
		if err := s.Orders.Shipped(tx, at, sent); err != nil {
			return err
		}
		return insertShipments(tx, batch, polls)
	})
	return make([]lane.Outcome[struct{}], len(batch)), err
}

// lost finds out what became of a dispatch that could not be recorded.
func (s *Service) lost(ctx context.Context, h handover, cmd Dispatch, cause error) (Shipment, error) {
	if errors.Is(cause, db.ErrUnique) {
		return Shipment{}, fault.New(fault.Conflict, "ship.tracking_used").At("tracking_no").Because(cause)
	}
	if !fault.Is(cause, "order.state") && !fault.Is(cause, "order.not_paid") {
		return Shipment{}, cause // nothing was decided; trying again finds the same booking
	}
	// Another press of the same button was first, or the order was refunded meanwhile.
	var was Shipment
	var found bool
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		was, found, err = ofSub(tx, cmd.Shop, cmd.Order, cmd.Seq)
		return err
	})
	switch {
	case err != nil:
		return Shipment{}, err
	case found:
		was.PickupCode = ""
		return was, same(was, cmd)
	case h.ours:
		s.recall(ctx, h)
	}
	return Shipment{}, cause
}

// recall takes a booking back that nobody needs. The suborder can never be dispatched any more, so no other dispatch
// uses the number. A carrier that does not answer keeps a number unused, which costs a number: it is logged.
func (s *Service) recall(ctx context.Context, h handover) {
	no := h.shipment.TrackingNo
	got := outside.Call(ctx, h.desk.line, func(ctx context.Context) (struct{}, Outcome, error) {
		outcome, err := h.desk.Cancel(ctx, no)
		return struct{}{}, outcome, err
	})
	if got.Outcome != OK {
		s.Log.LogAttrs(ctx, slog.LevelWarn, "booking not taken back", slog.String("carrier", h.desk.Name()),
			slog.String("tracking_no", no), slog.String("outcome", string(got.Outcome)), slog.Any("err", got.Err))
	}
}
