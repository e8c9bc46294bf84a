package referral

import (
	"context"
	"strconv"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/deal/quota"
	"hutong/deal/voucher"
	"hutong/party/audit"
	"hutong/trade/order"
)

// The states of a gift, with who acts next.
const (
	giftGiven = "given" // its shopper, while the order stands
	giftVoid  = "void"  // nobody; it was taken back unused, and the budget has its worth again
	giftLost  = "lost"  // nobody; it had been used, and the programme's funder bears that
)

// gift is a voucher that was given for a referral.
type gift struct {
	voucher voucher.ID
	worth   int64 // minor units of the programme's budget
	state   string
	closed  time.Time
}

// returned takes back the rewards of orders that went back after all. It is safe to repeat and on several nodes: each
// referral is decided under its lock, and a gift is closed once.
func (s *Service) returned(ctx context.Context, events []event.Event) error {
	var orders []order.ID
	for _, e := range events {
		var m order.Moved
		if err := e.Read(&m); err != nil {
			return err
		}
		for _, o := range m.Orders {
			orders = append(orders, o.Order)
		}
	}
	var ids []ID
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) { ids, err = rewardedFor(tx, orders); return err })
	if err != nil {
		return err
	}
	at := clock.Now(ctx, s.Clock)
	for _, id := range ids { // nearly always: none of them brought a reward
		if err := s.write(ctx, func(tx *db.Tx) error { return s.takeBack(ctx, tx, id, at) }); err != nil {
			return err
		}
	}
	return nil
}

// takeBack takes back what is unused of a reward whose order does not stand any more. What was used stays used: nothing
// is asked of the shopper, its worth stays taken of the budget, and it is noted as lost.
func (s *Service) takeBack(ctx context.Context, tx *db.Tx, id ID, at time.Time) error {
	r, found, err := rewardedBy(tx, id)
	if err != nil || !found {
		return err
	}
	p, err := one(tx, r.Programme, forReading)
	if err != nil {
		return err
	}
	orders, err := order.Whole(tx, []order.ID{r.Order})
	if err != nil || len(orders) == 0 || p.stands(orders[0]) {
		return err
	}
	gifts, err := givenFor(tx, id)
	if err != nil || len(gifts) == 0 {
		return err
	}
	back, lost, err := s.takeGifts(tx, gifts, at)
	if err != nil {
		return err
	}
	if lost == 0 {
		r.refuse(WhyReturned, at)
		err = quota.Release(tx, []string{string(r.ID)})
	} else {
		r.Amount -= back
		err = quota.GiveBack(tx, []quota.Back{{Order: string(r.ID), Quota: quota.Budget(string(p.ID)), Amount: back}})
	}
	if err != nil {
		return err
	}
	if err := saveReferrals(tx, Rewarded, []Referral{r}); err != nil {
		return err
	}
	told := Told{Referral: r.ID, Inviter: r.Inviter, Why: WhyReturned}
	if p.Terms.Invitee != "" {
		told.Friend = r.Invitee
	}
	if err := event.Emit(tx, s.IDs, event.Event{Topic: TopicReturned, Subject: string(r.ID), Shopper: r.Inviter, At: at,
		Body: event.Body(told)}); err != nil {
		return err
	}
	return s.note(ctx, tx, "referral.returned", p, audit.Facts{"referral": string(r.ID),
		"back": strconv.FormatInt(back, 10), "lost": strconv.FormatInt(lost, 10)})
}

// takeGifts takes vouchers back as far as they are unused, and tells what that is worth and what is lost.
func (s *Service) takeGifts(tx *db.Tx, gifts []gift, at time.Time) (back, lost int64, err error) {
	ids := make([]voucher.ID, len(gifts))
	for i, g := range gifts {
		ids[i] = g.voucher
	}
	unused, err := s.Vouchers.TakeBack(tx, at, ids)
	if err != nil {
		return 0, 0, err
	}
	for i := range gifts {
		g := &gifts[i]
		g.state, g.closed = giftLost, at
		if unused[g.voucher] {
			g.state = giftVoid
			back += g.worth
		} else {
			lost += g.worth
		}
	}
	return back, lost, closeGifts(tx, gifts)
}
