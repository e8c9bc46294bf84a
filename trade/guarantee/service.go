package guarantee

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/job"
	"hutong/deal/campaign"
	"hutong/deal/guarantee"
	"hutong/deal/promo"
	"hutong/funds/pay"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/trade/order"
)

// Deps are what the price guarantee stands on.
type Deps struct {
	DB      *db.DB
	Clock   clock.Clock
	Zone    *time.Location // in which times are told; nil is UTC
	Catalog *catalog.Service
	Orders  *order.Service
	Pay     *pay.Service
	Rules   func() *promo.Rules         // those in force; may answer nil
	Empty   func(promotion string) bool // promotions with nothing left; nil: none is
	IDs     event.IDs                   // of what is told; nil: nothing is
	Log     *slog.Logger
}

// Service holds the verbs of the price guarantee. Several nodes may run it side by side.
type Service struct {
	Deps
	set     func() guarantee.Settings
	looking sync.Mutex
	inForce map[version]bool // promotions, when LookAtRules looked last
}

// New makes the Service. What the market sets is asked for each time, since an operator may change it.
func New(d Deps, set func() guarantee.Settings) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Zone == nil {
		d.Zone = time.UTC
	}
	return &Service{Deps: d, set: set}
}

// Settings are the market's rule, as its pages publish it.
func (s *Service) Settings() guarantee.Settings { return s.set() }

// Jobs are what runs by itself.
func (s *Service) Jobs() []job.Job {
	return []job.Job{{Name: "guarantee.look", Every: 2 * time.Second, Run: s.Look},
		{Name: "guarantee.rules", Every: 10 * time.Second, Run: s.LookAtRules}}
}

// Listen protects what was received, and looks at what was bought when its price changes. An import that brings a new
// price and new words tells of the product alone.
func (s *Service) Listen(bus *event.Bus) {
	bus.OnBatch(order.TopicDelivered, "guarantee.received", s.received)
	bus.OnBatch(order.TopicCompleted, "guarantee.received", s.received)
	bus.OnBatch(offer.Changed, "guarantee.price", s.repriced)
	bus.OnBatch(catalog.Changed, "guarantee.price", s.repriced)
}

// received protects the lines of suborders that have arrived. It is safe to repeat: a line is protected once.
func (s *Service) received(ctx context.Context, events []event.Event) error {
	var ids []order.ID
	for _, e := range events {
		var m order.Moved
		if err := e.Read(&m); err != nil {
			return err
		}
		for _, o := range m.Orders {
			ids = append(ids, o.Order)
		}
	}
	now := clock.Now(ctx, s.Clock)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		came, err := received(tx, ids)
		if err != nil {
			return err
		}
		var due []order.ID
		for k := range came {
			due = append(due, k.Order)
		}
		orders, err := order.Locked(tx, due) // of two nodes that are told at once, one protects
		if err != nil {
			return err
		}
		fresh, err := s.fresh(tx, orders, came, now)
		if err != nil {
			return err
		}
		return insertLines(tx, fresh)
	})
}

// fresh are the lines of orders that have come and are not protected yet.
func (s *Service) fresh(tx *db.Tx, orders []order.Order, came map[order.SubKey]time.Time, now time.Time) (all []Line,
	err error) {
	ids := make([]order.ID, len(orders))
	for i, o := range orders {
		ids[i] = o.ID
	}
	known, err := ofOrders(tx, ids)
	if err != nil {
		return nil, err
	}
	sales, err := protectedBySales(tx, orders)
	if err != nil {
		return nil, err
	}
	set := s.Settings()
	type key struct {
		order order.ID
		line  int64
	}
	have := map[key]bool{}
	for _, g := range known {
		have[key{g.Order, g.No}] = true
	}
	for _, o := range orders {
		for _, l := range o.Lines() {
			at, ok := came[order.SubKey{Order: o.ID, Seq: l.Seq}]
			if !ok || have[key{o.ID, l.No}] {
				continue
			}
			until, err := endOf(set, l, at, sales)
			if err != nil {
				return nil, err
			}
			if !now.Before(until) {
				continue
			}
			g, ok, err := protect(l, until, now)
			if err != nil {
				return nil, err
			}
			if ok {
				all = append(all, g)
			}
		}
	}
	return all, nil
}

// protectedBySales is until when the sales that lines were bought in guarantee their prices, by promotion and by pool:
// a piece that lies in a sale is sold in it, also where the sale's price was the ordinary one and took nothing off.
func protectedBySales(tx *db.Tx, orders []order.Order) (map[string]time.Time, error) {
	var items []string
	var ids []stock.PoolID
	for _, o := range orders {
		for _, l := range o.Lines() {
			all, err := order.DecodeDiscounts(l.Discounts)
			if err != nil {
				return nil, err
			}
			all = slices.DeleteFunc(all, func(d order.Discount) bool { return !campaign.IsItem(d.Promotion) })
			items, ids = append(items, promotionsOf(all)...), append(ids, stock.PoolID(l.Pool))
		}
	}
	pools, err := stock.Pools(tx, ids)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(pools, func(_ stock.PoolID, p stock.Pool) bool { return !campaign.IsItem(p.Place) })
	for _, p := range pools {
		items = append(items, p.Place)
	}
	if len(items) == 0 {
		return nil, nil
	}
	ends, err := campaign.ProtectedUntil(tx, items)
	for id, p := range pools {
		if end, there := ends[p.Place]; there {
			ends[string(id)] = end
		}
	}
	return ends, err
}

func promotionsOf(all []order.Discount) []string {
	names := make([]string, len(all))
	for i, d := range all {
		names[i] = d.Promotion
	}
	return names
}

// endOf is when the protection of a line ends that was received at an instant: after the market's days, or with the
// sale that it was bought in, if that is later. A market without days guarantees nothing.
func endOf(set guarantee.Settings, l order.Line, received time.Time, sales map[string]time.Time) (time.Time, error) {
	end := set.Until(received)
	if set.Days == 0 || len(sales) == 0 {
		return end, nil
	}
	all, err := order.DecodeDiscounts(l.Discounts)
	for _, sale := range append(promotionsOf(all), l.Pool) {
		if sales[sale].After(end) {
			end = sales[sale]
		}
	}
	return end, err
}

// repriced has what was bought of products looked at. It is safe to repeat.
func (s *Service) repriced(ctx context.Context, events []event.Event) error {
	var products []string
	for _, e := range events {
		var b offer.ChangedBody // of the same shape as catalog.ChangedBody
		if err := e.Read(&b); err != nil {
			return err
		}
		products = append(products, b.IDs...)
	}
	at := clock.Now(ctx, s.Clock)
	return s.DB.Write(ctx, func(tx *db.Tx) error { return soon(tx, products, at) })
}

// OfOrder are the protected lines of a shopper's order, those that are over too. Codes: order.not_found.
func (s *Service) OfOrder(ctx context.Context, shopper string, id order.ID) (all []Line, err error) {
	if _, err := s.Orders.Order(ctx, shopper, id); err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) { all, err = ofOrders(tx, []order.ID{id}); return err })
	return all, err
}

// ClaimsOf are what a shopper's order was given back under the guarantee, and what it was not, with the reasons; by
// line, oldest first. Codes: order.not_found.
func (s *Service) ClaimsOf(ctx context.Context, shopper string, id order.ID) (all []Claim, err error) {
	if _, err := s.Orders.Order(ctx, shopper, id); err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) { all, err = claimsOf(tx, id); return err })
	return all, err
}

// Claim compares a line's price now, for its shopper, and gives a difference back. A Claim of 0 with no Reason is a
// price that is not lower. It is safe to repeat: the next comparison starts from the price of this one.
// Codes: order.not_found, guarantee.not_protected, guarantee.window_closed, guarantee.off_sale.
func (s *Service) Claim(ctx context.Context, shopper string, id order.ID, line int64) (c Claim, err error) {
	o, err := s.Orders.Order(ctx, shopper, id)
	if err != nil {
		return c, err
	}
	at := clock.Now(ctx, s.Clock)
	err = s.write(ctx, func(tx *db.Tx) error {
		g, found, err := byLine(tx, o.ID, line)
		if err != nil {
			return err
		}
		if !found {
			return fault.New(fault.Conflict, "guarantee.not_protected")
		}
		if err := g.open(at, s.Zone); err != nil {
			return err
		}
		var ok bool
		c, ok, err = s.compare(tx, g, at, "shopper")
		if err == nil && !ok {
			err = fault.New(fault.Conflict, "guarantee.off_sale")
		}
		return err
	})
	return c, err
}
