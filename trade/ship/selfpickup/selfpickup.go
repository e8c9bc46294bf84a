// Package selfpickup is the carrier that carries nothing: shoppers fetch their parcels at a point of the shop and show
// a code. It costs nothing, and it keeps nothing: where the points are is the shop's business, and that a parcel was
// handed out is told by whoever does it, with ship.Service.PickUp.
//
// The package is this file.
package selfpickup

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"hutong/base/money"
	"hutong/base/text"
	"hutong/trade/ship"
)

// Name is the carrier's name.
const Name = "selfpickup"

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this carrier.
var Texts = text.MustParse(textJSON)

// Pickup is the carrier.
type Pickup struct {
	mu   sync.Mutex // a reader that is not the system's may not be safe for concurrent use
	rand io.Reader
}

var _ ship.Carrier = (*Pickup)(nil)

// New makes the carrier; its codes are drawn from r, crypto/rand.Reader in a running node.
func New(r io.Reader) *Pickup { return &Pickup{rand: r} }

// Name is the carrier's name.
func (p *Pickup) Name() string { return Name }

// Pickup is true: the shopper comes.
func (p *Pickup) Pickup() bool { return true }

var (
	errNoPoint = errors.New("selfpickup: the shop has no such point")
	errNumber  = errors.New("selfpickup: no such number")
)

// readyDays is how long a shop may take to have a parcel ready.
const readyDays = 1

// Freight is nothing, at a shop that has points.
func (p *Pickup) Freight(v ship.Parcel) (ship.Rate, ship.Outcome, error) {
	if len(v.Points) == 0 {
		return ship.Rate{}, ship.REFUSED, errNoPoint
	}
	return ship.Rate{Freight: money.New(0, v.Goods.Currency), DaysMax: readyDays}, ship.OK, nil
}

const (
	mark     = "ZT"
	digits   = 18
	codeLen  = 8
	codesMax = 100_000_000 // 10 to the power of codeLen
)

// Valid tells whether the number has the form of those made here.
func (p *Pickup) Valid(trackingNo string) bool {
	rest, ok := strings.CutPrefix(trackingNo, mark)
	return ok && len(rest) == digits && strings.Trim(rest, "0123456789") == ""
}

// Book gives the number that follows from the booking's Ref, and a code drawn anew.
func (p *Pickup) Book(_ context.Context, b ship.Booking) (ship.Waybill, ship.Outcome, error) {
	if b.Point.Code == "" {
		return ship.Waybill{}, ship.REFUSED, errNoPoint
	}
	code, err := p.draw()
	if err != nil {
		return ship.Waybill{}, ship.UNKNOWN, err
	}
	sum := sha256.Sum256([]byte(b.Ref))
	n := binary.BigEndian.Uint64(sum[:8]) % 1_000_000_000_000_000_000
	return ship.Waybill{TrackingNo: fmt.Sprintf("%s%0*d", mark, digits, n), PickupCode: code}, ship.OK, nil
}

// draw makes a code, each of them equally likely: what is left over at the upper end of 32 bits is drawn again.
func (p *Pickup) draw() (string, error) {
	const fair = (1 << 32) / codesMax * codesMax
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		var raw [4]byte
		if _, err := io.ReadFull(p.rand, raw[:]); err != nil {
			return "", fmt.Errorf("selfpickup: no randomness: %w", err)
		}
		if n := binary.BigEndian.Uint32(raw[:]); n < fair {
			return fmt.Sprintf("%0*d", codeLen, n%codesMax), nil
		}
	}
}

// Track tells nothing: the point does, when it hands the parcel out.
func (p *Pickup) Track(_ context.Context, trackingNo string, _, _ time.Time) ([]ship.Event, ship.Outcome, error) {
	if !p.Valid(trackingNo) {
		return nil, ship.REFUSED, errNumber
	}
	return nil, ship.OK, nil
}

// Cancel has nobody to tell.
func (p *Pickup) Cancel(_ context.Context, trackingNo string) (ship.Outcome, error) {
	if !p.Valid(trackingNo) {
		return ship.REFUSED, errNumber
	}
	return ship.OK, nil
}
