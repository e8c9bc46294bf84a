package place

import (
	"context"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/job"
	"hutong/deal/campaign"
	"hutong/funds/ledger"
	"hutong/funds/settle"
	"hutong/party/audit"
)

const (
	settleBatch = 50        // how many bids the job reads at once
	lookAgain   = time.Hour // how long a bid waits whose orders are under way
)

// Settle charges the commission of places whose selling is over and whose orders cannot change any more: once, net of
// what was refunded. It is a job's Run, safe to repeat and harmless on several nodes.
func (s *Service) Settle(ctx context.Context) (done int, err error) {
	now := clock.Now(ctx, s.Clock)
	next := func(limit int) (all []BidID, err error) {
		err = s.DB.Read(ctx, func(tx *db.Tx) (err error) { all, err = toSettle(tx, now, limit); return err })
		return all, err
	}
	return job.Walk(ctx, settleBatch, job.Self, next, func(some []BidID) (int, error) {
		return job.Each(ctx, some, func(id BidID) error {
			lines, open, err := s.sold(ctx, now, id)
			if err != nil {
				return err
			}
			return s.DB.Write(ctx, func(tx *db.Tx) error {
				if open {
					return lookLater(tx, id, now.Add(lookAgain))
				}
				return s.settle(ctx, tx, now, id, lines)
			})
		})
	})
}

// sold is what was sold from a bid's place, and whether that may still change. What may not stays so until it is
// written.
func (s *Service) sold(ctx context.Context, now time.Time, id BidID) (lines []Line, open bool, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		b, err := bidIn(tx, id, forReading)
		if err != nil {
			return err
		}
		e, err := campaign.Seen(tx, b.Enrolment)
		if err != nil {
			return err
		}
		if open = e.State.Open(); !open {
			lines, open, err = s.Sales.Sold(tx, Wanted{Shop: b.Shop, Pool: e.Pool, Since: b.Selling.From, At: now})
		}
		return err
	})
	return lines, open, err
}

func (s *Service) settle(ctx context.Context, tx *db.Tx, now time.Time, id BidID, lines []Line) error {
	b, err := bidIn(tx, id, forWriting)
	if err != nil || b.State != Paid || now.Before(b.Selling.Until) {
		return err // another node was here
	}
	o, err := openingIn(tx, b.Opening, forReading)
	if err != nil {
		return err
	}
	if b.SettledSeq, err = ledger.Hold(tx, o.Currency); err != nil {
		return err
	}
	b.SettledSeq-- // up to what is in the books, before the charge itself
	bases, err := basesOf(tx, lines)
	if err != nil {
		return err
	}
	if b.Sold, b.Commission, b.Charged, err = o.Due(bases); err != nil {
		return err
	}
	b.State, b.EndedAt = Settled, now
	if err := s.charge(tx, o, b, now); err != nil {
		return err
	}
	if err := save(tx, &b); err != nil {
		return err
	}
	if err := s.tell(tx, TopicSettled, b, o, now); err != nil {
		return err
	}
	return s.note(ctx, tx, audit.Entry{At: now, Shop: b.Shop, What: "place.settled", On: string(b.ID),
		After: audit.Facts{"sold": itoa(b.Sold), "commission": itoa(b.Commission), "charged": itoa(b.Charged),
			"currency": string(o.Currency)}})
}

func (s *Service) charge(tx *db.Tx, o Opening, b Bid, now time.Time) error {
	if b.Charged == 0 {
		return nil
	}
	return settle.Take(tx, settle.Charge{ID: commissionOf(b.ID), Shop: b.Shop, Currency: o.Currency, Amount: b.Charged,
		Why: "place.commission", At: now})
}

// basesOf is what lines come to by now, as fees are on: paid and paid by others for them, less what went back.
func basesOf(tx *db.Tx, lines []Line) ([]int64, error) {
	orders := make([]string, 0, len(lines))
	for _, l := range lines {
		orders = append(orders, l.Order)
	}
	all, err := settle.Bases(tx, slices.Compact(orders)) // they come sorted
	if err != nil {
		return nil, err
	}
	bases := make([]int64, 0, len(lines))
	for _, l := range lines {
		bases = append(bases, all[settle.LineOf{Order: l.Order, Line: l.Line}])
	}
	return bases, nil
}
