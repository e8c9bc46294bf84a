package place

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/campaign"
	"hutong/funds/deposit"
	"hutong/funds/settle"
	"hutong/party/audit"
)

// Pay buys a place.
type Pay struct {
	Shop string
	ID   BidID
	From settle.Source // what the market owes the shop, or its deposit
}

// Pay takes a place for a shortlisted bid and books its fee, in one transaction: of many who pay at once for the last
// place one has it, and nothing is taken from the others. The fee goes back when the market calls the place off; a shop
// that leaves by itself loses it. Safe to repeat: a bid that is paid is answered as it is.
//
// Codes: place.no_bid (also another shop's), place.state, place.source, place.over, place.called_off, place.unreviewed,
// place.sold_out, settle.short, deposit.short.
func (s *Service) Pay(ctx context.Context, cmd Pay) (b Bid, err error) {
	if cmd.From != settle.Owed && cmd.From != settle.Deposit {
		return b, fault.New(fault.Invalid, "place.source").At("from")
	}
	now := clock.Now(ctx, s.Clock)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if b, err = bidIn(tx, cmd.ID, forReading); err != nil {
			return err
		}
		if b.Shop != cmd.Shop {
			return noBid()
		}
		if _, err := campaign.Hold(tx, b.Enrolment); err != nil { // before the bid, as whoever leaves does
			return err
		}
		if b, err = bidIn(tx, cmd.ID, forWriting); err != nil || b.State == Paid {
			return err
		}
		return s.buy(ctx, tx, now, &b, cmd.From)
	})
	if err != nil {
		return Bid{}, err
	}
	return b, nil
}

func (s *Service) buy(ctx context.Context, tx *db.Tx, now time.Time, b *Bid, from settle.Source) error {
	if err := mayMove(*b, Paid); err != nil {
		return err
	}
	o, err := openingIn(tx, b.Opening, forReading)
	if err != nil {
		return err
	}
	if err := s.eligible(tx, o, *b, now); err != nil {
		return err
	}
	if taken, err := takePlace(tx, o.ID); err != nil {
		return err
	} else if !taken {
		return fault.New(fault.SoldOut, "place.sold_out")
	}
	if err := covered(tx, b.Shop, from, money.New(o.Fee, o.Currency)); err != nil {
		return err
	}
	err = settle.Take(tx, settle.Charge{ID: string(b.ID), Shop: b.Shop, Currency: o.Currency, Amount: o.Fee, From: from,
		Why: "place.fee", At: now})
	if err != nil {
		return err
	}
	b.State, b.PaidAt = Paid, now
	if err := save(tx, b); err != nil {
		return err
	}
	if err := s.tell(tx, TopicPaid, *b, o, now); err != nil {
		return err
	}
	return s.note(ctx, tx, audit.Entry{At: now, Shop: b.Shop, What: "place.paid", On: string(b.ID),
		After: audit.Facts{"amount": itoa(o.Fee), "currency": string(o.Currency)}})
}

// covered refuses a fee that its source does not cover.
func covered(tx *db.Tx, shop string, from settle.Source, fee money.Money) error {
	if from == settle.Deposit {
		return deposit.Covers(tx, shop, fee)
	}
	return settle.Covers(tx, shop, fee)
}

// eligible refuses a bid that cannot have a place any more: it is too late, or its enrolment was not accepted.
func (s *Service) eligible(tx *db.Tx, o Opening, b Bid, now time.Time) error {
	if !o.Takes(now) {
		return over(o)
	}
	e, err := campaign.Seen(tx, b.Enrolment)
	if err == nil && e.State != campaign.Accepted {
		err = fault.New(fault.Unprocessable, "place.unreviewed")
	}
	return err
}

// Has tells campaigns whether an enrolment has its place.
func (s *Service) Has(tx *db.Tx, id campaign.EnrolmentID) (bool, error) {
	b, found, err := openBid(tx, id)
	return found && b.State == Paid, err
}

// Hours tells campaigns, of the enrolments that have their place, within how many hours of being paid its orders are
// sent.
func (s *Service) Hours(tx *db.Tx, ids []campaign.EnrolmentID) (map[campaign.EnrolmentID]int64, error) {
	return hoursOf(tx, ids)
}

// Left ends what an enrolment has, in the transaction in which it leaves the sale: by the market's decision the fee
// goes back and the place is free; by the shop's own, or because it did not keep its word, the fee is kept.
func (s *Service) Left(ctx context.Context, tx *db.Tx, l campaign.Leaving) error {
	b, found, err := openBid(tx, l.ID)
	if err != nil || !found {
		return err
	}
	if l.ByMarket {
		return s.returned(ctx, tx, b, l)
	}
	o, err := openingIn(tx, b.Opening, forReading)
	if err != nil {
		return err
	}
	topic := TopicForfeited
	if b.State == Paid {
		b.State = Forfeited
	} else {
		b.State, topic = Withdrawn, ""
	}
	b.EndedAt = l.At
	if err := save(tx, &b); err != nil || topic == "" {
		return err
	}
	return s.tell(tx, topic, b, o, l.At)
}

// returned ends a bid by the market's decision. What was paid goes back to where it came from, and the place is free.
func (s *Service) returned(ctx context.Context, tx *db.Tx, b Bid, l campaign.Leaving) error {
	o, err := openingIn(tx, b.Opening, forReading)
	if err != nil {
		return err
	}
	paid := b.State == Paid
	b.State, b.Note, b.EndedAt = Returned, l.Why, l.At
	if err := save(tx, &b); err != nil || !paid {
		return err
	}
	if err := freePlace(tx, o.ID); err != nil {
		return err
	}
	if err := settle.GiveBack(tx, string(b.ID), "place.fee_back", l.At); err != nil {
		return err
	}
	if err := s.tell(tx, TopicReturned, b, o, l.At); err != nil {
		return err
	}
	return s.note(ctx, tx, audit.Entry{At: l.At, Who: string(l.By), Shop: b.Shop, What: "place.returned", On: string(b.ID),
		After: audit.Facts{"amount": itoa(o.Fee), "currency": string(o.Currency)}})
}
