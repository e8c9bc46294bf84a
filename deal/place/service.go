package place

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/idempotency"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/goods/stock"
	"hutong/party/audit"
	"hutong/party/login"
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Sales is what this room asks about orders; the node answers from trade.
type Sales interface {
	// Sold are the lines that a shop sold from a pool since an instant, by order, and whether anything of them may
	// still change: an order is under way, a case is open or can be opened.
	Sold(tx *db.Tx, w Wanted) (lines []Line, open bool, err error)
}

// Wanted asks for lines.
type Wanted struct {
	Shop  string
	Pool  stock.PoolID
	Since time.Time
	At    time.Time
}

// Line names a line of an order.
type Line struct {
	Order string
	Line  int
}

// Deps are what the room stands on.
type Deps struct {
	DB        *db.DB
	Clock     clock.Clock
	IDs       IDs
	Campaigns *campaign.Service
	Category  func(tx *db.Tx, product string) (string, error) // a product's place in the catalogue
	Sales     Sales
}

// Service holds the verbs of places.
type Service struct{ Deps }

// New makes the Service and has campaigns ask it.
func New(d Deps) *Service {
	s := &Service{d}
	d.Campaigns.Plug(s)
	return s
}

// Publish offers places. What is published does not change. Not safe to repeat, but under a key (idempotency.Within).
// Codes: those of Offer.Check, campaign.not_found.
func (s *Service) Publish(ctx context.Context, by login.ID, offer Offer) (o Opening, err error) {
	now := clock.Now(ctx, s.Clock)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := campaign.Find(tx, offer.Campaign)
		if err != nil {
			return err
		}
		if err := offer.Check(c, now); err != nil {
			return err
		}
		o = Opening{ID: OpeningID(s.IDs.New("plo")), Version: 1, Offer: offer, State: Open, By: by, Created: now}
		if err := insertOpening(tx, o); err != nil {
			return err
		}
		err = s.note(ctx, tx, audit.Entry{At: now, Who: string(by), What: "place.published", On: string(o.ID),
			After: audit.Facts{"places": itoa(o.Places), "amount": itoa(o.Fee), "currency": string(o.Currency),
				"commission_ppm": itoa(int64(o.Commission))}})
		if err != nil {
			return err
		}
		return idempotency.Record(ctx, tx, o)
	})
	if err != nil {
		return Opening{}, err
	}
	return o, nil
}

// CallOff takes an opening back: nobody bids or pays any more, every fee that was paid goes back, and whoever had a
// place leaves the sale. Orders that were placed stand. Codes: place.not_found, place.changed, place.called_off,
// place.note.
func (s *Service) CallOff(ctx context.Context, by login.ID, id OpeningID, version int64, why string) (o Opening,
	err error) {
	if why, err = words(why); err != nil {
		return o, err
	}
	now := clock.Now(ctx, s.Clock)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if o, err = openingIn(tx, id, forWriting); err != nil {
			return err
		}
		switch {
		case o.Version != version:
			return fault.New(fault.Conflict, "place.changed")
		case o.State != Open:
			return fault.New(fault.Expired, "place.called_off")
		}
		if err := setCalledOff(tx, o); err != nil {
			return err
		}
		if err := s.callOffBids(ctx, tx, now, campaign.Remove{By: by, Why: why}, id); err != nil {
			return err
		}
		if o, err = openingIn(tx, id, forReading); err != nil {
			return err
		}
		return s.note(ctx, tx, audit.Entry{At: now, Who: string(by), What: "place.called_off", On: string(id)})
	})
	if err != nil {
		return Opening{}, err
	}
	_, err = s.Campaigns.Refresh(context.WithoutCancel(ctx))
	return o, err
}

// callOffBids ends the bids of an opening. Who has a place leaves the sale, and so gets the fee back (Left).
func (s *Service) callOffBids(ctx context.Context, tx *db.Tx, now time.Time, cmd campaign.Remove, id OpeningID) error {
	all, err := openBids(tx, id)
	for _, b := range all {
		if err != nil {
			return err
		}
		if b.State != Paid {
			err = s.returned(ctx, tx, b, campaign.Leaving{ID: b.Enrolment, ByMarket: true, By: cmd.By, Why: cmd.Why, At: now})
			continue
		}
		cmd.ID = b.Enrolment
		err = s.Campaigns.RemoveIn(ctx, tx, now, cmd)
	}
	return err
}

// Opening is one opening. Codes: place.not_found.
func (s *Service) Opening(ctx context.Context, id OpeningID) (o Opening, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error { o, err = openingIn(tx, id, forReading); return err })
	return o, err
}

// Openings are those of a campaign, by wave.
func (s *Service) Openings(ctx context.Context, c campaign.ID) (all []Opening, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error { all, err = openings(tx, c); return err })
	return all, err
}

// OpeningsAfter are those of a campaign, the oldest first, after an id ("" for the oldest).
func (s *Service) OpeningsAfter(ctx context.Context, c campaign.ID, after OpeningID, limit int) (all []Opening,
	err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = openingsAfter(tx, c, after, min(max(limit, 1), PageMax))
		return err
	})
	return all, err
}

// TakingAfter are those of OpeningsAfter that take bids now.
func (s *Service) TakingAfter(ctx context.Context, c campaign.ID, after OpeningID, limit int) (all []Opening,
	err error) {
	now := clock.Now(ctx, s.Clock)
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = takingAfter(tx, c, after, now, min(max(limit, 1), PageMax))
		return err
	})
	return all, err
}

// Bids are those of an opening, the oldest first, after an id ("" for the oldest).
func (s *Service) Bids(ctx context.Context, o OpeningID, after BidID, limit int) (all []Bid, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = bidsOf(tx, o, after, min(max(limit, 1), PageMax))
		return err
	})
	return all, err
}

// ByShop are a shop's bids, newest first, before an id ("" for the newest).
func (s *Service) ByShop(ctx context.Context, shop string, before BidID, limit int) (all []Bid, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = byShop(tx, shop, before, min(max(limit, 1), PageMax))
		return err
	})
	return all, err
}

// Bid is one bid, of a shop when shop is not "". Codes: place.no_bid, also for another shop's.
func (s *Service) Bid(ctx context.Context, shop string, id BidID) (b Bid, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if b, err = bidIn(tx, id, forReading); err == nil && shop != "" && b.Shop != shop {
			err = noBid()
		}
		return err
	})
	if err != nil {
		return Bid{}, err
	}
	return b, nil
}

func noBid() error { return fault.New(fault.NotFound, "place.no_bid") }

func (s *Service) note(ctx context.Context, tx *db.Tx, e audit.Entry) error {
	return audit.Note(ctx, tx, s.IDs, e)
}

// tell emits what became of a bid to its shop, with the fee, or of what is settled what was charged beside it.
func (s *Service) tell(tx *db.Tx, topic event.Topic, b Bid, o Opening, at time.Time) error {
	e, err := campaign.Seen(tx, b.Enrolment)
	if err != nil {
		return err
	}
	told := Told{Campaign: o.Campaign, Enrolment: b.Enrolment, SKU: e.SKU, Amount: o.Fee, Currency: o.Currency}
	if topic == TopicSettled {
		told.Amount = b.Charged
	}
	if topic == TopicShortlisted {
		told.PayBy = o.PayBy
	}
	return event.Emit(tx, s.IDs, event.Event{Topic: topic, Subject: string(b.ID), Shop: b.Shop, At: at,
		Body: event.Body(told)})
}

func words(s string) (string, error) {
	s = strings.TrimSpace(text.Unfold(s))
	if utf8.RuneCountInString(s) > NoteMax || s != "" && !text.Lines(s) {
		return "", fault.New(fault.Invalid, "place.note", fault.P("max", NoteMax)).At("note")
	}
	return s, nil
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
