package group

import (
	"context"
	"io"
	"log/slog"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/job"
	"hutong/funds/pay"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Deps are what groups stand on.
type Deps struct {
	DB     *db.DB
	Clock  clock.Clock
	IDs    IDs
	Rand   io.Reader // for codes
	Orders *order.Service
	Cases  *aftersale.Service
	Pay    *pay.Service
	Hub    *event.Hub // woken when a group changes; its page listens
	Log    *slog.Logger
}

// Service holds the verbs of groups. Several nodes may run it side by side.
type Service struct {
	Deps
	set Settings
}

// New makes the Service.
func New(d Deps, set Settings) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{d, set}
}

// Settings are the market's rules about groups, as its pages publish them.
func (s *Service) Settings() Settings { return s.set }

// Jobs are what runs by itself.
func (s *Service) Jobs() []job.Job {
	return []job.Job{
		{Name: "group.close", Every: time.Second, Run: s.Close},
		{Name: "group.settle", Every: time.Second, Run: s.Settle},
		{Name: "group.look", Every: 10 * time.Second, Run: s.Look},
	}
}

// paidConsumer is the name under which this room is told of payments.
const paidConsumer = "group.paid"

// Listen gives places to those who paid and takes those back of who gave their goods back.
func (s *Service) Listen(bus *event.Bus) {
	bus.OnBatch(order.TopicPaid, paidConsumer, s.paid)
	bus.OnBatch(order.TopicRefunded, "group.refunded", s.refunded)
}

// ordersOf are the orders that an event names.
func ordersOf(e event.Event) ([]order.ID, error) {
	var m order.Moved
	if err := e.Read(&m); err != nil {
		return nil, err
	}
	ids := make([]order.ID, len(m.Orders))
	for i, o := range m.Orders {
		ids[i] = o.Order
	}
	return ids, nil
}

// paid gives places in the order of the payments. It is safe to repeat: a line is a member once.
func (s *Service) paid(ctx context.Context, events []event.Event) error {
	named := make([][]order.ID, len(events))
	var all []order.ID
	for i, e := range events {
		ids, err := ordersOf(e)
		if err != nil {
			return err
		}
		named[i] = ids
		all = append(all, ids...)
	}
	waiting := map[order.ID]order.Order{}
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		orders, err := order.Waiting(tx, all)
		for _, o := range orders {
			waiting[o.ID] = o
		}
		return err
	})
	if err != nil || len(waiting) == 0 {
		return err
	}
	for i, e := range events {
		if err := s.arriveAll(ctx, named[i], waiting, e.At); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) arriveAll(ctx context.Context, ids []order.ID, waiting map[order.ID]order.Order, at time.Time) error {
	for _, id := range ids {
		if o, ok := waiting[id]; ok {
			if err := s.arrive(ctx, o, at); err != nil {
				return err
			}
		}
	}
	return nil
}

// arrive gives the lines of a paid order their places.
func (s *Service) arrive(ctx context.Context, o order.Order, at time.Time) error {
	all, err := grouped(o)
	if err != nil {
		return err
	}
	for _, b := range all {
		if err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.enter(tx, b, at) }); err != nil {
			return err
		}
	}
	return nil
}

// tell notes what became of a group, for consumers and for the pages that are open.
func (s *Service) tell(tx *db.Tx, topic event.Topic, g Group, at time.Time, full ID) error {
	s.wake(tx, g)
	members, err := membersOf(tx, g.ID)
	if err != nil {
		return err
	}
	body := Told{Group: g.ID, Offer: g.Offer, State: g.State, Why: g.Why, Deadline: g.Deadline, Full: full}
	if full != "" {
		body.Code, body.Need = g.Code, g.Need()
	}
	for _, m := range members {
		if m.No > 0 && m.State != Left {
			body.Members, body.Orders = append(body.Members, m.Shopper), append(body.Orders, m.Order)
		}
	}
	return event.Emit(tx, s.IDs, event.Event{Topic: topic, Subject: string(g.ID), At: at, Body: event.Body(body)})
}

// wake wakes the pages of a group.
func (s *Service) wake(tx *db.Tx, g Group) { tx.After(func() { s.Hub.Publish(string(g.ID)) }) }
