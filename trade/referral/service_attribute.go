package referral

import (
	"context"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/deal/quota"
	"hutong/trade/order"
)

// attribute credits the first paid orders of invited friends to who invited them. It is safe to repeat and on several
// nodes: a referral leaves the state Bound once, and the table keeps one order from counting twice.
func (s *Service) attribute(ctx context.Context, shoppers []string, ids []order.ID) error {
	slices.Sort(shoppers)
	shoppers = slices.Compact(shoppers)
	var some []Referral
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		some, err = bound(tx, shoppers, forReading)
		return err
	})
	if err != nil || len(some) == 0 { // nearly always: nobody of them was invited
		return err
	}
	at := clock.Now(ctx, s.Clock)
	return s.write(ctx, func(tx *db.Tx) error { return s.attributeAll(tx, shoppers, ids, at) })
}

func (s *Service) attributeAll(tx *db.Tx, shoppers []string, ids []order.ID, at time.Time) error {
	all, err := bound(tx, shoppers, forWriting)
	if err != nil || len(all) == 0 {
		return err
	}
	orders, err := firstPaid(tx, invitees(all), ids)
	if err != nil {
		return err
	}
	programmes, err := programmesOf(tx, all)
	if err != nil {
		return err
	}
	book, err := quota.LoadBookFor(tx, names(all), quotas(all))
	if err != nil {
		return err
	}
	var changed []Referral
	for _, r := range all {
		o, bought := orders[r.Invitee]
		if !bought {
			continue
		}
		r.Order = o.ID
		if err := s.count(book, &r, programmes[r.Programme], o, at); err != nil {
			return err
		}
		changed = append(changed, r)
	}
	if err := book.Save(tx); err != nil {
		return err
	}
	if err := s.remember(tx, changed); err != nil {
		return err
	}
	return s.save(tx, Bound, changed, at)
}

// firstPaid are the first paid orders of shoppers, whole; ids are orders that may not be on their lists yet.
func firstPaid(tx *db.Tx, shoppers []string, ids []order.ID) (map[string]order.Order, error) {
	bought, err := order.Purchases(tx, shoppers, ids)
	if err != nil {
		return nil, err
	}
	var first []order.ID
	for i, b := range bought {
		if i == 0 || bought[i-1].Shopper != b.Shopper {
			first = append(first, b.Order)
		}
	}
	orders, err := order.Whole(tx, first)
	all := make(map[string]order.Order, len(orders))
	for _, o := range orders {
		all[o.Shopper] = o
	}
	return all, err
}

// count decides on an order that is a friend's first, and keeps back what its reward may cost.
func (s *Service) count(book *quota.Book, r *Referral, p Programme, o order.Order, at time.Time) error {
	why := first(*r, p, o)
	if why == "" {
		err := book.Take(string(r.ID), []quota.Need{
			{Quota: quota.Claims(string(p.ID), r.Inviter), Amount: 1, Cap: p.Terms.PerInviter, Code: "referral.limit_reached"},
			{Quota: quota.Budget(string(p.ID)), Amount: p.Reward, Code: "referral.used_up"}})
		switch {
		case err == nil:
		case fault.Is(err, "referral.limit_reached"):
			why = WhyLimit
		case fault.Is(err, "referral.used_up"):
			why = WhyBudget
		default:
			return err
		}
	}
	if why != "" {
		r.refuse(why, at)
		return nil
	}
	r.State, r.Amount, r.Due = Pending, p.Reward, o.PaidAt.Add(p.Terms.wait())
	return nil
}

// refuse ends a referral without a reward.
func (r *Referral) refuse(why Why, at time.Time) {
	r.State, r.Why, r.Amount, r.ClosedAt, r.Due = Refused, why, 0, at, time.Time{}
}

// quotas are what the rewards of some referrals may take from.
func quotas(all []Referral) []string {
	var out []string
	for _, r := range all {
		out = append(out, quota.Budget(string(r.Programme)), quota.Claims(string(r.Programme), r.Inviter))
	}
	return out
}

func names(all []Referral) []string {
	out := make([]string, len(all))
	for i, r := range all {
		out[i] = string(r.ID)
	}
	return out
}

func invitees(all []Referral) []string {
	out := make([]string, len(all))
	for i, r := range all {
		out[i] = r.Invitee
	}
	return out
}

// remember keeps the marks of both sides of referrals: addresses come and go, what they said of a person does
// not. The accounts that they pay with are marks too.
func (s *Service) remember(tx *db.Tx, all []Referral) error {
	if s.Marks == nil || len(all) == 0 {
		return nil
	}
	var people []string
	for _, r := range all {
		people = append(people, r.Inviter, r.Invitee)
	}
	slices.Sort(people)
	people = slices.Compact(people)
	marks, err := s.Marks.Marks(tx, people)
	if err != nil {
		return err
	}
	for _, who := range people {
		payers, err := order.PayersOf(tx, who)
		if err != nil {
			return err
		}
		marks[who] = append(marks[who], payers...)
	}
	return insertMarks(tx, marks)
}

// save writes referrals that left a state, and tells what became of them.
func (s *Service) save(tx *db.Tx, from State, all []Referral, at time.Time) error {
	for _, r := range all {
		if r.State != from && !from.can(r.State) {
			return fault.New(fault.Internal, "referral.state", fault.P("state", string(r.State)))
		}
	}
	if err := saveReferrals(tx, from, all); err != nil {
		return err
	}
	for _, r := range all {
		if err := s.tell(tx, r, at); err != nil {
			return err
		}
	}
	return nil
}
