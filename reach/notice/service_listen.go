package notice

import (
	"context"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/flash"
	"hutong/funds/pay"
	"hutong/party/merchant"
	"hutong/trade/aftersale"
	"hutong/trade/group"
	"hutong/trade/guarantee"
	"hutong/trade/order"
)

// batchMax bounds the notices of one transaction.
const batchMax = 500

// draft makes the notices of an event, without their channels.
type draft func(ctx context.Context, e event.Event) ([]Notice, error)

// Listen makes notices from what the rooms tell. Each consumer may be told again: a notice is made once. Topics are
// told page by page, so what happened within the same blink may stand in the inbox in another order.
func (s *Service) Listen(bus *event.Bus) {
	on := func(topic event.Topic, drafts draft) {
		bus.OnBatch(topic, "notice."+string(topic), func(ctx context.Context, events []event.Event) error {
			var all []Notice
			for _, e := range events {
				some, err := drafts(ctx, e)
				if err != nil {
					return err
				}
				for _, n := range some {
					n.Event, n.At = e.ID, e.At
					all = append(all, n)
				}
			}
			return s.put(ctx, all) // one write for all that a page of events says
		})
	}
	on(order.TopicPlaced, s.placed)
	on(order.TopicPaid, s.eachOrder(paid))
	on(order.TopicEarnestPaid, s.eachOrder(ofPresale(EarnestPaid)))
	on(order.TopicBalanceOpen, s.eachOrder(s.owed(BalanceOpen)))
	on(order.TopicBalanceEnds, s.eachOrder(s.owed(BalanceEnds)))
	on(order.TopicReleased, s.eachOrder(released))
	on(order.TopicTakenBack, s.eachOrder(ofTaken(ShopTaken)))
	on(order.TopicGoesOn, s.eachOrder(ofTaken(ShopGoesOn)))
	on(order.TopicShipped, s.eachOrder(shipped))
	on(order.TopicDelivered, s.delivered)
	on(order.TopicCancelled, s.cancelled)
	on(pay.TopicRefunded, s.refunded)
	on(group.TopicOpened, s.moved)
	on(group.TopicFormed, s.group(GroupFormed))
	on(group.TopicFailed, s.group(GroupFailed))
	on(group.TopicDissolved, s.group(GroupFailed))
	on(guarantee.TopicBack, s.priceBack)
	bus.On(flash.TopicDrawn, "notice."+string(flash.TopicDrawn), s.drawn)
	for topic, as := range deposits {
		on(topic, s.held(as))
	}
	for topic, as := range invitations {
		on(topic, s.invited(as))
	}
	for topic, as := range enrolments {
		on(topic, s.enrolled(as))
	}
	for topic, as := range places {
		on(topic, s.bidFor(as))
	}
	on(aftersale.TopicOpened, s.caseMoved(ShopCase))
	on(aftersale.TopicWithdrawn, s.caseMoved(ShopWithdrawn))
	on(aftersale.TopicDecided, s.caseMoved(ShopDecided))
	on(aftersale.TopicSilent, s.caseMoved(ShopSilent))
	on(aftersale.TopicAgreed, s.caseMoved(CaseAgreed))
	on(aftersale.TopicSendTo, s.caseMoved(CaseSendTo))
	on(aftersale.TopicRefused, s.caseMoved(CaseRefused))
}

// placed drafts notices for those who can be reached by mail; guests have the order's page before them.
func (s *Service) placed(ctx context.Context, e event.Event) ([]Notice, error) {
	if s.Book == nil {
		return nil, nil
	}
	var m order.Moved
	if err := e.Read(&m); err != nil {
		return nil, err
	}
	tos := make([]To, len(m.Orders))
	for i, o := range m.Orders {
		tos[i] = To{Shopper, o.Shopper}
	}
	emails, err := s.emails(ctx, tos)
	if err != nil {
		return nil, err
	}
	var ids []order.ID
	for i, moved := range m.Orders {
		if emails[tos[i]] != "" {
			ids = append(ids, moved.Order)
		}
	}
	orders, err := s.withParts(ctx, ids)
	all := make([]Notice, len(orders))
	for i, o := range orders {
		all[i] = whole(o, Placed)
	}
	return all, err
}

// withParts reads orders with their parts, set-based.
func (s *Service) withParts(ctx context.Context, ids []order.ID) (all []order.Order, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error { all, err = order.WithParts(tx, ids); return err })
	return all, err
}

// eachOrder drafts the notices of each order that an event names.
func (s *Service) eachOrder(drafts func(event.Event, order.Order) []Notice) draft {
	return func(ctx context.Context, e event.Event) ([]Notice, error) {
		var m order.Moved
		if err := e.Read(&m); err != nil {
			return nil, err
		}
		ids := make([]order.ID, len(m.Orders))
		for i, moved := range m.Orders {
			ids[i] = moved.Order
		}
		orders, err := s.withParts(ctx, ids)
		var all []Notice
		for _, o := range orders {
			all = append(all, drafts(e, o)...)
		}
		return all, err
	}
}

// group drafts the notices of a group's end, one for each member's order.
func (s *Service) group(t Topic) draft {
	return func(ctx context.Context, e event.Event) ([]Notice, error) {
		var told group.Told
		if err := e.Read(&told); err != nil {
			return nil, err
		}
		orders, err := s.withParts(ctx, told.Orders)
		all := make([]Notice, len(orders))
		for i, o := range orders {
			all[i] = whole(o, t)
		}
		return all, err
	}
}

// next is what a paid order waits for, where its shops do not send it soon: a group, or the shopper, who comes for it.
func next(o order.Order) string {
	waits, fetched := len(o.Subs) > 0, len(o.Subs) > 0
	for _, sub := range o.Subs {
		waits, fetched = waits && sub.Waits == order.WaitsGroup, fetched && sub.Pickup != ""
	}
	switch {
	case waits:
		return "group"
	case fetched:
		return "pickup"
	}
	return ""
}

// whole is a notice to the shopper about an order as a whole.
func whole(o order.Order, t Topic) Notice {
	return Notice{To: To{Shopper, o.Shopper}, Topic: t, Lang: o.Lang,
		Facts: Facts{Order: string(o.ID), Amount: o.Total, Currency: o.Currency, Why: o.Reason}}
}

// part is a notice to the shopper about one suborder. ShopZh holds the shop's id until put finds the names.
func part(o order.Order, sub order.Sub, t Topic) Notice {
	n := whole(o, t)
	n.Facts = Facts{Order: string(o.ID), Seq: sub.Seq, ShopZh: sub.Shop}
	return n
}

// ofPresale tells a shopper where a presale stands: what was paid of it, or what is still to be paid.
func ofPresale(t Topic) func(event.Event, order.Order) []Notice {
	return func(_ event.Event, o order.Order) []Notice {
		n := whole(o, t)
		n.Facts.Amount = o.Balance()
		if t == EarnestPaid {
			n.Facts.Amount = o.Earnest
		}
		return []Notice{n}
	}
}

// owed drafts a notice about a balance that is still owed: news that comes late finds it paid, or the order ended.
func (s *Service) owed(t Topic) func(event.Event, order.Order) []Notice {
	drafts := ofPresale(t)
	return func(e event.Event, o order.Order) []Notice {
		if o.State != order.AwaitingPayment || !o.TakenAt.IsZero() || !s.Clock.Now().Before(o.ExpiresAt) {
			return nil
		}
		return drafts(e, o)
	}
}

func paid(_ event.Event, o order.Order) []Notice {
	all := []Notice{whole(o, Paid)}
	all[0].Facts.Why = next(o)
	for _, sub := range o.Subs {
		if sub.Waits == "" {
			all = append(all, shopDue(o, sub, !o.TakenAt.IsZero() && !o.TakenAt.After(o.PaidAt)))
		}
	}
	return all
}

// released tells the shops of what has waited until now: to them it is paid now.
func released(e event.Event, o order.Order) (all []Notice) {
	named, _ := order.ReleasedBy(e) // it was read once already
	for _, sub := range o.Subs {
		if named[order.SubKey{Order: o.ID, Seq: sub.Seq}] {
			all = append(all, shopDue(o, sub, !o.TakenAt.IsZero()))
		}
	}
	return all
}

// ofTaken tells the shops that have something to send, or hold it for a balance, that an order's money was taken back,
// or is there again.
func ofTaken(t Topic) func(event.Event, order.Order) []Notice {
	return func(_ event.Event, o order.Order) (all []Notice) {
		for _, sub := range o.Subs {
			due := o.State == order.Paid || o.State == order.AwaitingPayment && o.Earnest > 0
			if due && sub.State == order.SubOpen && sub.Waits == "" && o.TakenAt.IsZero() == (t == ShopGoesOn) {
				n := shopDue(o, sub, false)
				n.Topic = t
				all = append(all, n)
			}
		}
		return all
	}
}

// shopDue tells a shop of an order that is its to send, or is not, where its money had been taken back before.
func shopDue(o order.Order, sub order.Sub, taken bool) Notice {
	n := Notice{To: To{Shop, sub.Shop}, Topic: ShopPaid, Facts: Facts{Order: string(o.ID), Seq: sub.Seq,
		Amount: sub.Goods + sub.Freight, Currency: o.Currency}}
	if taken {
		n.Topic = ShopTaken
	}
	return n
}

// shipped tells of the suborders that this event is about: those that left at its time.
func shipped(e event.Event, o order.Order) (all []Notice) {
	for _, sub := range o.Subs {
		switch {
		case !sub.ShippedAt.Equal(e.At):
		case sub.Pickup != "":
			all = append(all, part(o, sub, Ready))
		default:
			all = append(all, part(o, sub, Shipped))
		}
	}
	return all
}

// delivered tells of parcels that came to the door; who collected one knows it. Only an order's steps say which of its
// parts this event is about, so each is read whole: parcels come in one by one.
func (s *Service) delivered(ctx context.Context, e event.Event) ([]Notice, error) {
	var m order.Moved
	if err := e.Read(&m); err != nil {
		return nil, err
	}
	var all []Notice
	for _, moved := range m.Orders {
		o, err := s.Orders.Any(ctx, moved.Order)
		if err != nil {
			return nil, err
		}
		all = append(all, deliveredParts(e, o)...)
	}
	return all, nil
}

func deliveredParts(e event.Event, o order.Order) (all []Notice) {
	for _, step := range o.Steps {
		if step.Seq < 1 || step.Seq > int64(len(o.Subs)) || step.To != string(order.SubDelivered) || !step.At.Equal(e.At) {
			continue
		}
		if sub := o.Subs[step.Seq-1]; sub.Pickup == "" {
			all = append(all, part(o, sub, Delivered))
		}
	}
	return all
}

// cancelled tells of an order that is still cancelled: one that was paid late after all is told of as paid. Of one
// whose earnest is lost its shop is told what it has of it.
func (s *Service) cancelled(ctx context.Context, e event.Event) ([]Notice, error) {
	all, err := s.eachOrder(func(_ event.Event, o order.Order) []Notice {
		if o.State != order.Cancelled {
			return nil
		}
		return []Notice{whole(o, Cancelled)}
	})(ctx, e)
	for _, n := range all {
		if n.Facts.Why != order.WhyForfeited || err != nil {
			continue
		}
		var o order.Order
		if o, err = s.Orders.Any(ctx, order.ID(n.Facts.Order)); err == nil && o.Presale != nil && o.Presale.Forfeit > 0 {
			sub := o.Subs[0] // the one whose the earnest is
			all = append(all, Notice{To: To{Shop, sub.Shop}, Topic: ShopForfeited, Facts: Facts{Order: n.Facts.Order,
				Seq: sub.Seq, Amount: o.Presale.Forfeit, Currency: o.Currency}})
		}
	}
	return all, err
}

func (s *Service) refunded(ctx context.Context, e event.Event) ([]Notice, error) {
	var body struct {
		Amount money.Money `json:"amount"`
		ByHand bool        `json:"by_hand"`
	}
	if err := e.Read(&body); err != nil {
		return nil, err
	}
	o, err := s.Orders.Any(ctx, order.ID(e.Subject))
	if fault.Is(err, "order.not_found") {
		return nil, nil // money that belonged to no order
	}
	n := whole(o, Refunded)
	n.Facts.Amount, n.Facts.Currency, n.Facts.Why = body.Amount.Minor, body.Amount.Currency, ""
	if body.ByHand {
		n.Facts.Why = "by_hand"
	}
	return []Notice{n}, err
}

// toShops are the notices of cases that shops read; the others are their shoppers'.
var toShops = []Topic{ShopCase, ShopWithdrawn, ShopDecided, ShopSilent}

// caseMoved drafts the notice of a case: to the shop that is asked, or to the shopper who asked.
func (s *Service) caseMoved(t Topic) draft {
	return func(ctx context.Context, e event.Event) ([]Notice, error) {
		var body struct {
			Order order.ID  `json:"order"`
			Seq   int64     `json:"seq"`
			Why   string    `json:"why"`
			By    time.Time `json:"by"`
		}
		if err := e.Read(&body); err != nil {
			return nil, err
		}
		t := t
		switch {
		case body.Why == aftersale.Unsent:
			t = CaseUnsent
		case body.Why == aftersale.Decided && t == CaseRefused:
			t = CaseDenied
		}
		n := Notice{To: To{Shop, e.Shop}, Topic: t, Facts: Facts{Order: string(body.Order), Seq: body.Seq}}
		switch {
		case t == ShopCase && !body.By.IsZero():
			n.Facts.Why, n.Facts.By = "dated", body.By
		case t == CaseAgreed, t == ShopSilent && body.Why == aftersale.Nowhere:
			n.Facts.Why = body.Why
		}
		if slices.Contains(toShops, t) {
			return []Notice{n}, nil
		}
		o, err := s.Orders.Any(ctx, body.Order)
		n.To, n.Lang, n.Facts.ShopZh = To{Shopper, e.Shopper}, o.Lang, e.Shop
		return []Notice{n}, err
	}
}

// put writes notices in the inbox and queues the mails, and wakes the pages that wait.
func (s *Service) put(ctx context.Context, drafts []Notice) error {
	now := clock.Now(ctx, s.Clock)
	for len(drafts) > 0 {
		n := min(len(drafts), batchMax)
		if err := s.putSome(ctx, drafts[:n], now); err != nil {
			return err
		}
		drafts = drafts[n:]
	}
	return nil
}

func (s *Service) putSome(ctx context.Context, drafts []Notice, now time.Time) error {
	tos := make([]To, len(drafts))
	var shops []string
	for i, n := range drafts {
		tos[i] = n.To
		if n.Facts.ShopZh != "" {
			shops = append(shops, n.Facts.ShopZh)
		}
	}
	var emails map[To]string
	var err error
	if s.Sender != nil {
		if emails, err = s.emails(ctx, tos); err != nil {
			return err
		}
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		off, err := loadSwitches(tx, distinct(tos))
		if err != nil {
			return err
		}
		names, err := merchant.Names(tx, shops)
		if err != nil {
			return err
		}
		var all []Notice
		for _, n := range drafts {
			if n.Lang == "" {
				n.Lang = s.set.ShopLang
			}
			n.Facts.named(names)
			all = append(all, s.channels(n, emails[n.To] != "", off, now)...)
		}
		fresh, err := insert(tx, all)
		for i, n := range all {
			if err == nil && fresh[i] && n.Channel == Page {
				tx.After(func() { s.Hub.Publish(n.To.Inbox()) })
			}
		}
		return err
	})
}

// named puts the shop's names in the place of its id.
func (f *Facts) named(names map[string]text.Entry) {
	if id := f.ShopZh; id != "" {
		f.ShopZh, f.ShopEn = names[id].Zh, names[id].En
	}
}

// channels are the rows of one notice: the inbox always, the mail where there is an address.
func (s *Service) channels(n Notice, reachable bool, off switches, now time.Time) []Notice {
	page := n
	page.ID, page.Channel, page.State, page.SentAt = ID(s.IDs.New("ntc")), Page, Sent, now
	if !reachable {
		return []Notice{page}
	}
	m := n
	m.ID, m.Channel, m.State, m.NextTry = ID(s.IDs.New("ntc")), Mail, Queued, now
	if off.off(n.To, n.Topic) {
		m.State, m.Reason = Skipped, "switched_off"
	}
	return []Notice{page, m}
}
