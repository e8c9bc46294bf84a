package referral

import (
	"context"
	"log/slog"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/job"
	"hutong/deal/quota"
	"hutong/deal/voucher"
	"hutong/trade/order"
)

const (
	judgeMax = 200       // referrals that are read at once
	retry    = time.Hour // after which a reward that could not be given is tried again
)

// Judge decides what is due: rewards, refuses, or looks again later. It is a job, safe to repeat and on several
// nodes: each referral is decided under its lock, with its reward in the same transaction. A reward whose
// vouchers cannot be given now (paused, none left) stays pending and is tried again; neither that nor one that fails
// keeps anybody else waiting.
func (s *Service) Judge(ctx context.Context) (done int, err error) {
	at := clock.Now(ctx, s.Clock)
	next := func(limit int) (ids []ID, err error) {
		err = s.DB.Read(ctx, func(tx *db.Tx) (err error) { ids, err = due(tx, at, limit); return err })
		return ids, err
	}
	return job.Walk(ctx, judgeMax, job.Self, next, func(some []ID) (int, error) {
		return job.Each(ctx, some, func(id ID) error { return s.judgeOne(ctx, id, at) })
	})
}

func (s *Service) judgeOne(ctx context.Context, id ID, at time.Time) error {
	err := s.write(ctx, func(tx *db.Tx) error { return s.judge(ctx, tx, id, at) })
	if err == nil || fault.Of(err) == fault.Internal {
		return err
	}
	s.Log.WarnContext(ctx, "a reward for an invitation cannot be given now", slog.String("referral", string(id)),
		slog.Any("err", err)) // the vouchers' own refusal
	return s.DB.Write(ctx, func(tx *db.Tx) error { return stuck(tx, id, at.Add(retry)) })
}

func (s *Service) judge(ctx context.Context, tx *db.Tx, id ID, at time.Time) error {
	r, found, err := pendingBy(tx, id)
	if err != nil || !found { // another node was first
		return err
	}
	p, err := one(tx, r.Programme, forReading)
	if err != nil {
		return err
	}
	if err := s.remember(tx, []Referral{r}); err != nil {
		return err
	}
	f, err := s.facts(tx, r)
	if err != nil {
		return err
	}
	again, why := judge(r, p, f, at)
	switch {
	case !again.IsZero():
		return later(tx, id, again)
	case why != "":
		r.refuse(why, at)
		if err := quota.Release(tx, []string{string(r.ID)}); err != nil {
			return err
		}
		return s.save(tx, Pending, []Referral{r}, at)
	}
	if err := s.give(ctx, tx, p, r, at); err != nil {
		return err
	}
	r.State, r.ClosedAt, r.Due = Rewarded, at, time.Time{}
	return s.save(tx, Pending, []Referral{r}, at)
}

// give gives both what they were promised, and notes which vouchers that were.
func (s *Service) give(ctx context.Context, tx *db.Tx, p Programme, r Referral, at time.Time) error {
	var gifts []gift
	for _, g := range []struct {
		who  string
		what voucher.TemplateID
	}{{r.Inviter, p.Terms.Inviter}, {r.Invitee, p.Terms.Invitee}} {
		if g.what == "" {
			continue
		}
		x, err := s.Vouchers.Templated(tx, g.what)
		if err != nil {
			return err
		}
		given, err := s.Vouchers.Reward(ctx, tx, at,
			voucher.Grant{Template: g.what, Shoppers: []string{g.who}, By: string(p.ID)})
		if err != nil {
			return err
		}
		worth, _ := x.Terms.Worth()
		for _, v := range given {
			gifts = append(gifts, gift{voucher: v, worth: worth, state: giftGiven})
		}
	}
	return insertGifts(tx, r.ID, gifts)
}

// facts reads what a referral is judged by.
func (s *Service) facts(tx *db.Tx, r Referral) (f facts, err error) {
	orders, err := order.Locked(tx, []order.ID{r.Order}) // a refund comes before this reward, or is told after it
	if err != nil || len(orders) == 0 {
		return f, err
	}
	f.order = orders[0]
	if f.caseOpen, err = caseOpen(tx, r.Order); err != nil {
		return f, err
	}
	bought, err := order.Purchases(tx, []string{r.Invitee}, []order.ID{r.Order})
	if err != nil {
		return f, err
	}
	for _, b := range bought {
		f.before = f.before || b.Shopper == r.Invitee && b.PaidAt.Before(f.order.PaidAt)
	}
	f.person, f.marked, err = identity(tx, r)
	return f, err
}

// The bounds of a walk over marks: who is further away than that is somebody else, and a crowd behind one mark,
// such as the address of a dormitory, is looked at so far.
const (
	walkSteps = 4
	walkMax   = 500
)

// identity walks from a friend over the marks that accounts share, so that A and C are one person where A and B
// share a phone number and B and C an address. person tells whether the walk meets the inviter, or a friend who
// was credited already: one person is a friend once. marked tells whether the friend has any mark.
func identity(tx *db.Tx, r Referral) (person, marked bool, err error) {
	seen := map[string]bool{r.Invitee: true}
	for next, step := []string{r.Invitee}, 0; step < walkSteps && len(next) > 0 && len(seen) < walkMax; step++ {
		marks, err := marksOf(tx, next)
		if err != nil {
			return false, false, err
		}
		if step == 0 {
			marked = len(marks) > 0
		}
		near, err := sharing(tx, marks)
		if err != nil {
			return false, false, err
		}
		next = next[:0:0]
		for _, who := range near {
			if who == r.Inviter {
				return true, marked, nil
			}
			if !seen[who] {
				seen[who] = true
				next = append(next, who)
			}
		}
	}
	delete(seen, r.Invitee)
	person, err = credited(tx, seen, r)
	return person, marked, err
}
