package webhook

import (
	"context"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/pay"
	"hutong/goods/catalog"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

// message is what goes out.
type message struct {
	Type      Topic     `json:"type"`
	Timestamp time.Time `json:"timestamp"` // when it happened
	Data      any       `json:"data"`
}

// orderData is what is told of an order: the shop's own parts, and nothing about people.
type orderData struct {
	Order    order.ID       `json:"order"`
	State    string         `json:"state"`
	Currency money.Currency `json:"currency"`
	Amount   int64          `json:"amount"` // minor units, of the parts
	Parts    []partData     `json:"parts"`
}

type partData struct {
	Seq    int64 `json:"seq"`
	Amount int64 `json:"amount"` // minor units, freight included
}

type refundData struct {
	Case     aftersale.ID   `json:"case"`
	Order    order.ID       `json:"order"`
	Seq      int64          `json:"seq"`
	State    string         `json:"state"`
	Currency money.Currency `json:"currency"`
	Amount   int64          `json:"amount"` // minor units
}

type productData struct {
	Products []catalog.ID `json:"products"`
}

// telling is one message before it is known who listens.
type telling struct {
	shop    string
	topic   Topic
	subject string
	data    any
}

// batchMax bounds the messages of one transaction.
const batchMax = 500

// Listen makes messages from what the rooms tell. Each consumer may be told again: a message is made once.
func (s *Service) Listen(bus *event.Bus) {
	on := func(topic event.Topic, tell func(context.Context, event.Event) ([]telling, error)) {
		bus.OnBatch(topic, "webhook."+string(topic), func(ctx context.Context, events []event.Event) error {
			return s.hear(ctx, events, tell)
		})
	}
	on(order.TopicPaid, s.orders(OrderPaid, func(_ event.Event, _ order.Order, sub order.Sub) bool {
		return sub.Waits == ""
	}))
	on(order.TopicReleased, s.orders(OrderPaid, releasedNow))
	on(order.TopicShipped, s.orders(OrderShipped, func(e event.Event, _ order.Order, sub order.Sub) bool {
		return sub.ShippedAt.Equal(e.At)
	}))
	on(order.TopicCompleted, s.orders(OrderCompleted, func(e event.Event, _ order.Order, sub order.Sub) bool {
		return sub.State == order.SubCompleted && sub.ClosedAt.Equal(e.At)
	}))
	on(order.TopicCancelled, s.orders(OrderCancelled, func(_ event.Event, o order.Order, sub order.Sub) bool {
		return o.State == order.Cancelled && sub.Waits == ""
	}))
	on(aftersale.TopicOpened, s.cases(RefundAsked, aftersale.Opened))
	on(aftersale.TopicAgreed, s.cases(RefundAgreed, aftersale.Agreed))
	on(aftersale.TopicRefused, s.cases(RefundRefused, aftersale.Refused))
	on(aftersale.TopicWithdrawn, s.cases(RefundWithdrawn, aftersale.Withdrawn))
	on(aftersale.TopicRefunded, s.cases(RefundMade, aftersale.Refunded))
	on(pay.TopicRefunded, s.succeeded)
	on(catalog.Changed, s.products)
}

// hear reads what events mean for shops, if any shop listens at all.
func (s *Service) hear(ctx context.Context, events []event.Event, tell func(context.Context, event.Event) ([]telling,
	error)) error {
	listened := false
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) { listened, err = anyOn(tx); return err })
	if err != nil || !listened {
		return err
	}
	for _, e := range events {
		if err := s.spread(ctx, e, tell); err != nil {
			return err
		}
	}
	return nil
}

// spread queues what an event means for shops.
func (s *Service) spread(ctx context.Context, e event.Event, tell func(context.Context, event.Event) ([]telling,
	error)) error {
	all, err := tell(ctx, e)
	if err != nil {
		return err
	}
	for len(all) > 0 {
		n := min(len(all), batchMax)
		if err := s.put(ctx, e, all[:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

// releasedNow tells of the suborders that waited until this event: to their shops they are paid now.
func releasedNow(e event.Event, _ order.Order, sub order.Sub) bool {
	named, err := order.ReleasedBy(e)
	return err == nil && named[order.SubKey{Order: sub.Order, Seq: sub.Seq}]
}

// orders tells each shop of its parts of the orders that an event names: those that the event is about.
func (s *Service) orders(t Topic, about func(event.Event, order.Order, order.Sub) bool) func(context.Context,
	event.Event) ([]telling, error) {
	return func(ctx context.Context, e event.Event) ([]telling, error) {
		var m order.Moved
		if err := e.Read(&m); err != nil {
			return nil, err
		}
		ids := make([]order.ID, len(m.Orders))
		for i, moved := range m.Orders {
			ids[i] = moved.Order
		}
		var orders []order.Order
		err := s.DB.Read(ctx, func(tx *db.Tx) (err error) { orders, err = order.WithParts(tx, ids); return err })
		var all []telling
		for _, o := range orders {
			all = append(all, perShop(t, e, o, about)...)
		}
		return all, err
	}
}

func perShop(t Topic, e event.Event, o order.Order, about func(event.Event, order.Order, order.Sub) bool) []telling {
	var all []telling
	state := string(t)[len("order."):]
	for _, sub := range o.Subs {
		if !about(e, o, sub) {
			continue
		}
		i := slices.IndexFunc(all, func(v telling) bool { return v.shop == sub.Shop })
		if i < 0 {
			i = len(all)
			all = append(all, telling{sub.Shop, t, string(o.ID), orderData{Order: o.ID, State: state, Currency: o.Currency}})
		}
		d, amount := all[i].data.(orderData), sub.Goods+sub.Freight
		d.Parts, d.Amount = append(d.Parts, partData{sub.Seq, amount}), d.Amount+amount
		all[i].data = d
	}
	return all
}

// cases tells a shop of a case that came to a state. The state is the one that this event told, not today's.
func (s *Service) cases(t Topic, to aftersale.State) func(context.Context, event.Event) ([]telling, error) {
	return func(ctx context.Context, e event.Event) ([]telling, error) {
		c, err := s.Cases.Case(ctx, aftersale.Party{Shop: e.Shop}, aftersale.ID(e.Subject))
		if fault.Is(err, "aftersale.not_found") { // of a suborder that the shop never saw
			return nil, nil
		}
		return []telling{{e.Shop, t, e.Subject, refund(c, string(to))}}, err
	}
}

func refund(c aftersale.Case, state string) refundData {
	return refundData{Case: c.ID, Order: c.Order, Seq: c.Seq, State: state, Currency: c.Currency, Amount: c.Amount}
}

// succeeded tells a shop that a refund of one of its cases was paid out. Money that went back by itself, such as a
// payment that came too late, is no shop's business.
func (s *Service) succeeded(ctx context.Context, e event.Event) ([]telling, error) {
	var body struct {
		Refund string       `json:"refund"`
		Case   aftersale.ID `json:"case"`
		Amount money.Money  `json:"amount"`
	}
	if err := e.Read(&body); err != nil || body.Case == "" {
		return nil, err
	}
	c, err := s.Cases.Case(ctx, aftersale.Party{Operator: true}, body.Case)
	if err == nil {
		_, err = s.Cases.Case(ctx, aftersale.Party{Shop: c.Shop}, body.Case)
	}
	if fault.Is(err, "aftersale.not_found") {
		return nil, nil
	}
	d := refund(c, "succeeded")
	d.Amount, d.Currency = body.Amount.Minor, body.Amount.Currency
	return []telling{{c.Shop, RefundSucceeded, body.Refund, d}}, err
}

func (s *Service) products(_ context.Context, e event.Event) ([]telling, error) {
	var body catalog.ChangedBody
	err := e.Read(&body)
	return []telling{{e.Shop, ProductChanged, e.Subject, productData{body.IDs}}}, err
}

// put queues messages for whoever listens.
func (s *Service) put(ctx context.Context, e event.Event, all []telling) error {
	now := clock.Now(ctx, s.Clock)
	shops := make([]string, len(all))
	for i, t := range all {
		shops[i] = t.shop
	}
	slices.Sort(shops)
	shops = slices.Compact(shops)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		on, err := listening(tx, shops)
		if err != nil {
			return err
		}
		var out []Delivery
		for _, t := range all {
			body := event.Body(message{Type: t.topic, Timestamp: e.At.UTC(), Data: t.data})
			for _, to := range on[t.shop] {
				if !to.wants(t.topic) {
					continue
				}
				out = append(out, Delivery{ID: DeliveryID(s.IDs.New("msg")), Endpoint: to.ID, Shop: t.shop, Event: e.ID,
					Topic: t.topic, Subject: t.subject, Body: body, State: Queued, NextTry: now, CreatedAt: now})
			}
		}
		if err := bounded(tx, on, out, now); err != nil {
			return err
		}
		return insertDeliveries(tx, out)
	})
}

// bounded ends messages to a failing endpoint at once whose queue is full: the shop can replay them.
func bounded(tx *db.Tx, on map[string][]Endpoint, out []Delivery, now time.Time) error {
	full := map[EndpointID]bool{}
	for _, all := range on {
		for _, e := range all {
			if e.FailingSince.IsZero() {
				continue
			}
			n, err := waiting(tx, e.ID, queueMax)
			if err != nil {
				return err
			}
			full[e.ID] = n >= queueMax
		}
	}
	for i := range out {
		if full[out[i].Endpoint] {
			out[i].State, out[i].Reason, out[i].DoneAt = Failed, "queue", now
		}
	}
	return nil
}
