package ship

import (
	"context"
	"time"

	"hutong/base/money"
	"hutong/base/outside"
	"hutong/party/shopper"
)

// Outcome is how a call to a carrier ended.
type Outcome = outside.Outcome

// The outcomes of a call: a clear yes, a definite no, and all else.
const (
	OK      = outside.OK
	REFUSED = outside.REFUSED
	UNKNOWN = outside.UNKNOWN
)

// Carrier moves parcels. Each lives in a folder of its own; README.md shows how to add one, and shiptest.Run tells
// whether it keeps what is asked of it here.
//
// Calls honour ctx, may be repeated with the same booking, never touch our tables and are safe for concurrent use. An
// error goes with REFUSED or UNKNOWN and is logged only.
type Carrier interface {
	// Name is the carrier's stable name, such as "courier": lower-case letters, used in tables and text keys
	// ("carrier.courier" is what people read).
	Name() string
	// Pickup tells whether the shopper fetches parcels at a point of the shop, with a code, instead of getting them at
	// the door.
	Pickup() bool
	// Freight tells what carrying the parcel costs, REFUSED when the carrier does not serve it. It is called inside a
	// transaction: it computes and never calls anybody.
	Freight(p Parcel) (Rate, Outcome, error)
	// Valid tells whether a merchant's own tracking number can be one of this carrier's, to catch a slip of the pen.
	Valid(trackingNo string) bool
	// Book hands a parcel over. Booking the same Ref again gives the same tracking number.
	Book(ctx context.Context, b Booking) (Waybill, Outcome, error)
	// Track tells all that happened to a parcel before now, in any order, in the codes of this room. A number that the
	// carrier does not know is REFUSED.
	Track(ctx context.Context, trackingNo string, bookedAt, now time.Time) ([]Event, Outcome, error)
	// Cancel takes a booking back whose parcel has not been collected. It is safe to repeat.
	Cancel(ctx context.Context, trackingNo string) (Outcome, error)
}

// Rate is a carrier's price for a parcel.
type Rate struct {
	Freight          money.Money // in the currency of the parcel's goods
	DaysMin, DaysMax int         // from collection to delivery
}

// Booking is what a carrier needs to know of a parcel.
type Booking struct {
	Ref    string // our own name for the parcel, unique for ever
	Shop   string
	From   Origin
	To     shopper.Address
	Point  Point // for a pickup
	Pieces int64
	Goods  money.Money
	At     time.Time
}

// Waybill is a carrier's answer to a booking.
type Waybill struct {
	TrackingNo string
	PickupCode string // for a pickup: at least eight digits that nobody can guess
}
