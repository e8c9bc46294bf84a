package aftersale

import (
	"context"
	"fmt"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/funds/pay"
	"hutong/goods/stock"
	"hutong/party/merchant"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// The topics that this room tells; the subject is the case.
const (
	TopicOpened    event.Topic = "case.opened"
	TopicAgreed    event.Topic = "case.agreed"
	TopicRefunded  event.Topic = "case.refunded"
	TopicRefused   event.Topic = "case.refused"
	TopicWithdrawn event.Topic = "case.withdrawn"
	TopicSendTo    event.Topic = "case.send_to" // its shop says, or says anew, where the agreed goods go
	TopicDecided   event.Topic = "case.decided" // beside refunded or refused: the operator decided, not the shop
	TopicSilent    event.Topic = "case.silent"  // beside agreed or refunded: the shop did not answer in time
)

// Decided says of a case that the operator decided it.
const Decided = "decided"

var topics = map[State]event.Topic{Opened: TopicOpened, Agreed: TopicAgreed, Refunded: TopicRefunded,
	Refused: TopicRefused, Withdrawn: TopicWithdrawn}

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Deps are what after-sales stands on.
type Deps struct {
	DB     *db.DB
	Clock  clock.Clock
	IDs    IDs
	Orders *order.Service
	Pay    *pay.Service
	Stock  *stock.Service
	Hub    *event.Hub // woken when a case moves; the order's page listens
}

// Service holds the verbs of after-sales.
type Service struct {
	Deps
	set Settings
}

// New makes the Service.
func New(d Deps, set Settings) *Service {
	if set.Zone == nil {
		set.Zone = time.UTC
	}
	return &Service{Deps: d, set: set}
}

// Listen opens a case for every parcel that comes back, as its shopper would: all that is left, for the shop to answer.
// What has been given back or asked back in the meantime needs none.
func (s *Service) Listen(bus *event.Bus) {
	bus.On(merchant.ShopReturns, "aftersale.send_to", s.saysWhere)
	bus.On(ship.TopicReturned, "aftersale.returned", func(ctx context.Context, e event.Event) error {
		var parcel struct{ Seq int64 }
		if err := e.Read(&parcel); err != nil {
			return err
		}
		_, err := s.Open(ctx, Open{Shopper: e.Shopper, Order: order.ID(e.Subject), Seq: parcel.Seq, Reason: NotArrived,
			Key: fmt.Sprintf("returned-%d", parcel.Seq)})
		switch fault.Of(err) {
		case fault.Internal, fault.Unavailable:
			return err
		}
		return nil
	})
}

// Case reads one case of the party's. Codes: aftersale.not_found.
func (s *Service) Case(ctx context.Context, p Party, id ID) (c Case, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		c, err = one(tx, p, id, forReading)
		s.set.date(&c)
		return err
	})
	return c, err
}

// ByOrder are the party's cases of one order, oldest first; none when the order is somebody else's.
func (s *Service) ByOrder(ctx context.Context, p Party, o order.ID) (all []Case, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = ofOrder(tx, p, o)
		return err
	})
	return s.dated(all), err
}

// List are the party's cases, newest first, from the one before; "" starts.
func (s *Service) List(ctx context.Context, p Party, f Filter, before ID, limit int) (all []Case, err error) {
	if before == "" {
		before = "~" // sorts after every id
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = page(tx, p, f, before, limit)
		return err
	})
	return s.dated(all), err
}

// dated says until when shops answer and goods arrive.
func (s *Service) dated(all []Case) []Case {
	for i := range all {
		s.set.date(&all[i])
	}
	return all
}

// order reads the party's order. Codes: order.not_found, also for somebody else's.
func (s *Service) order(ctx context.Context, p Party, id order.ID) (order.Order, error) {
	switch p.actor() {
	case "operator":
		return s.Orders.Any(ctx, id)
	case "merchant":
		return s.Orders.SoldParts(ctx, p.Shop, id) // a merchant's word asks for no lines and steps, a shopper's does
	case "shopper":
		return s.Orders.Order(ctx, p.Shopper, id)
	}
	return order.Order{}, fault.New(fault.NotFound, "order.not_found")
}

// tell notes what happened to a case, for consumers and for the page that is open.
func (s *Service) tell(tx *db.Tx, c Case, at time.Time) error {
	tx.After(func() { s.Hub.Publish(string(c.Order)) })
	last := c.Steps[len(c.Steps)-1]
	body, also := map[string]any{"order": c.Order, "seq": c.Seq}, event.Topic("")
	switch {
	case last.Silent() == Unsent:
		body["why"] = Unsent
	case last.Silent() == "silent", last.Silent() == Nowhere:
		also, body["why"] = TopicSilent, last.Silent()
	case c.State == Opened && s.set.AnswerDays > 0:
		body["by"] = s.set.answerBy(c)
	case last.Actor == (Party{Operator: true}).actor() && last.Note != "":
		also, body["why"] = TopicDecided, Decided
	}
	told := event.Event{Topic: topics[c.State], Subject: string(c.ID), Shop: c.Shop,
		Shopper: c.Shopper, Body: event.Body(body), At: at}
	if also == "" {
		return event.Emit(tx, s.IDs, told)
	}
	second := told
	second.Topic = also
	return event.Emit(tx, s.IDs, told, second)
}
