package campaign

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/deal/reference"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/party/audit"
	"hutong/party/login"
)

// Enrol asks for an offer to take part.
type Enrol struct {
	Shop     string
	Campaign ID
	Slot     Slot
	Offer    offer.ID
	Terms
}

// Enrol judges an offer by the campaign's rule and keeps the enrolment: applied when it may take part, to be reviewed;
// refused with all its reasons otherwise. A refused one may be tried again with other terms.
//
// Codes: those of Terms.Check, campaign.not_found, enrolment.not_recruiting, enrolment.slot, enrolment.part,
// enrolment.open, offer.not_found (also another shop's).
func (s *Service) Enrol(ctx context.Context, cmd Enrol) (e Enrolment, err error) {
	if err := cmd.Check(); err != nil {
		return Enrolment{}, err
	}
	now := clock.Now(ctx, s.Clock)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		c, w, err := s.place(tx, cmd.Campaign, cmd.Slot)
		if err != nil {
			return err
		}
		if c.State != Published || !c.Recruit.Holds(now) || !now.Before(c.LockOf(w).From) {
			return fault.New(fault.Unprocessable, "enrolment.not_recruiting")
		}
		o, err := ownOffer(tx, cmd.Shop, cmd.Offer)
		if err != nil {
			return err
		}
		e = Enrolment{ID: EnrolmentID(s.IDs.New("enr")), Version: 1, Campaign: c.ID, Slot: cmd.Slot, Shop: cmd.Shop,
			Product: o.Product, SKU: o.SKU, Offer: o.ID, Currency: o.Currency, Terms: cmd.Terms, State: Applied,
			LockAt: c.LockOf(w).From, Selling: sellingOf(c, w, cmd.Part), Applied: now}
		if e.Selling.Empty() {
			return fault.New(fault.Unprocessable, "enrolment.part").At("spot")
		}
		if err := s.judge(tx, c, &e, now); err != nil {
			return err
		}
		if len(e.Reasons) > 0 {
			e.State, e.Decided = Refused, now
		}
		err = insertEnrolment(tx, e)
		if errors.Is(err, db.ErrUnique) {
			return fault.New(fault.Conflict, "enrolment.open").Because(err)
		}
		return err
	})
	if err != nil {
		return Enrolment{}, err
	}
	return e, nil
}

// place is a campaign and the wave of a slot.
func (s *Service) place(tx *db.Tx, id ID, slot Slot) (Campaign, Wave, error) {
	c, err := campaignIn(tx, id, forReading)
	if err != nil {
		return Campaign{}, Wave{}, err
	}
	w, ok := c.WaveOf(slot, s.Zone)
	if !ok {
		return c, w, fault.New(fault.Invalid, "enrolment.slot").At("slot")
	}
	return c, w, nil
}

func ownOffer(tx *db.Tx, shop string, id offer.ID) (offer.Offer, error) {
	all, err := offer.Load(tx, []offer.ID{id})
	if err != nil {
		return offer.Offer{}, err
	}
	o, ok := all[id]
	if !ok || o.Shop != shop {
		return offer.Offer{}, fault.New(fault.NotFound, "offer.not_found")
	}
	return o, nil
}

// judge reads the facts and writes what follows from them into the enrolment: reasons, cap and evidence.
func (s *Service) judge(tx *db.Tx, c Campaign, e *Enrolment, now time.Time) error {
	f, err := s.facts(tx, c, *e, now)
	if err != nil {
		return err
	}
	e.Reasons = c.Rule.Judge(e.Terms, f)
	e.Cap, e.Lowest, e.Source = 0, f.Lowest.Amount, f.Lowest.Source
	if limit, ok := c.Rule.CapOf(f.Lowest.Amount); ok {
		e.Cap = limit
	}
	return nil
}

func (s *Service) facts(tx *db.Tx, c Campaign, e Enrolment, now time.Time) (f Facts, err error) {
	o, err := ownOffer(tx, e.Shop, e.Offer)
	if err != nil {
		return f, err
	}
	f.Ordinary, f.Listed = o.UnitPrice, o.State == offer.Listed
	free, err := stock.Free(tx, []stock.PoolID{o.Pool})
	if err != nil {
		return f, err
	}
	f.Sellable = free[o.Pool]
	if f.Shop, err = s.Standing(tx, e.Shop); err != nil {
		return f, err
	}
	if f.Category, err = s.Category(tx, e.Product); err != nil {
		return f, err
	}
	if f.Taken, f.ThatDay, err = others(tx, e, s.day(e.Selling.From)); err != nil {
		return f, err
	}
	return f, s.prices(tx, c.Rule, e, now, &f)
}

// day is the day of an instant in the market's zone.
func (s *Service) day(at time.Time) Window {
	y, m, d := at.In(s.Zone).Date()
	return Window{time.Date(y, m, d, 0, 0, 0, 0, s.Zone), time.Date(y, m, d+1, 0, 0, 0, 0, s.Zone)}
}

// prices reads what the SKU was sold for. The days are counted back from the sale, or from now while it is ahead: what
// will be paid until then, nobody knows yet.
func (s *Service) prices(tx *db.Tx, r Rule, e Enrolment, now time.Time, f *Facts) (err error) {
	until := now
	if e.Selling.From.Before(now) {
		until = e.Selling.From
	}
	back := func(days int64) reference.Window {
		return reference.Window{From: until.AddDate(0, 0, -int(days)), Until: until}
	}
	if r.Days > 0 {
		if f.Lowest, err = s.Reference.LowestDeal(tx, e.Shop, e.SKU, back(r.Days)); err != nil {
			return err
		}
		if !f.Lowest.Found() { // never sold: what it was offered for stands in, so that a new listing is no way around
			if f.Lowest, err = s.Reference.LowestOffered(tx, e.Shop, e.SKU, back(r.Days)); err != nil {
				return err
			}
		}
	}
	if r.DealWithin > 0 {
		deal, err := s.Reference.LowestDeal(tx, e.Shop, e.SKU, back(r.DealWithin))
		if err != nil {
			return err
		}
		f.Dealt = deal.Found()
	}
	if e.Strike == 0 {
		return nil
	}
	_, f.Claim, err = s.Reference.PublishIn(tx, now, reference.Claim{Shop: e.Shop, Offer: string(e.Offer), SKU: e.SKU,
		Sale: e.Price, Strike: e.Strike, From: e.Selling.From, Until: e.Selling.Until})
	return err
}

// Decide accepts or refuses an enrolment that waits for review.
type Decide struct {
	By      login.ID
	ID      EnrolmentID
	Version int64 // that was looked at; of two reviewers one is told enrolment.changed (FAULTS R23)
	Accept  bool
	Note    string
}

// Decide decides on an enrolment over the version that the reviewer saw. What could be accepted when it was applied for
// and cannot now is refused with the first reason, and stays as it is.
// Codes: enrolment.not_found, enrolment.changed, enrolment.decided, enrolment.note, enrolment.too_late, those of Judge.
func (s *Service) Decide(ctx context.Context, cmd Decide) (e Enrolment, err error) {
	if err := note(cmd.Note); err != nil {
		return Enrolment{}, err
	}
	now := clock.Now(ctx, s.Clock)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		var c Campaign
		if e, c, err = s.changing(tx, cmd.ID, cmd.Version); err != nil {
			return err
		}
		if e.State != Applied {
			return fault.New(fault.Conflict, "enrolment.decided", fault.P("state", string(e.State)))
		}
		topic := EnrolmentRefused
		e.State, e.Note, e.DecidedBy, e.Decided = Refused, cmd.Note, cmd.By, now
		if cmd.Accept {
			if err := s.fit(tx, c, &e, now); err != nil {
				return err
			}
			e.State, topic = Accepted, EnrolmentAccepted
		}
		if err := s.put(tx, &e); err != nil {
			return err
		}
		if err := s.tell(tx, topic, e, now); err != nil {
			return err
		}
		return s.note(ctx, tx, audit.Entry{At: now, Who: string(cmd.By), Shop: e.Shop, What: string(topic), On: string(e.ID),
			After: audit.Facts{"price": itoa(e.Price), "quantity": itoa(e.Quantity)}})
	})
	if err != nil {
		return Enrolment{}, err
	}
	return e, nil
}

// fit judges an enrolment anew and refuses it with the first reason.
func (s *Service) fit(tx *db.Tx, c Campaign, e *Enrolment, now time.Time) error {
	if c.State != Published || !now.Before(e.Selling.Until) {
		return fault.New(fault.Expired, "enrolment.too_late")
	}
	if err := s.judge(tx, c, e, now); err != nil {
		return err
	}
	if len(e.Reasons) == 0 {
		return nil
	}
	why := e.Reasons[0]
	var params []fault.Param
	for name, value := range why.Params {
		params = append(params, fault.P(name, value))
	}
	return fault.New(fault.Unprocessable, why.Code, params...)
}

// changing reads an enrolment, locked, to be changed from a version, and its campaign.
func (s *Service) changing(tx *db.Tx, id EnrolmentID, version int64) (e Enrolment, c Campaign, err error) {
	if e, err = enrolmentIn(tx, id, forWriting); err != nil {
		return e, c, err
	}
	if e.Version != version {
		return e, c, fault.New(fault.Conflict, "enrolment.changed")
	}
	c, err = campaignIn(tx, e.Campaign, forReading)
	return e, c, err
}

// put writes an enrolment over the version that was read, as the next one.
func (s *Service) put(tx *db.Tx, e *Enrolment) error {
	written, err := updateEnrolment(tx, *e)
	if err == nil && !written {
		err = fault.New(fault.Conflict, "enrolment.changed")
	}
	if err != nil {
		return err
	}
	e.Version++
	return bump(tx)
}

func note(s string) error {
	if n := utf8.RuneCountInString(s); n > NoteMax || !utf8.ValidString(s) {
		return fault.New(fault.Invalid, "enrolment.note", fault.P("max", NoteMax)).At("note")
	}
	return nil
}

// Enrolment is one enrolment, of a shop when shop is not "". Codes: enrolment.not_found, also for another shop's.
func (s *Service) Enrolment(ctx context.Context, shop string, id EnrolmentID) (e Enrolment, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if e, err = enrolmentIn(tx, id, forReading); err == nil && shop != "" && e.Shop != shop {
			err = notFound()
		}
		return err
	})
	if err != nil {
		return Enrolment{}, err
	}
	return e, nil
}

func notFound() error { return fault.New(fault.NotFound, "enrolment.not_found") }

// ByShop are a shop's enrolments, newest first, before an id ("" for the newest).
func (s *Service) ByShop(ctx context.Context, shop string, before EnrolmentID, limit int) (all []Enrolment, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = byShop(tx, shop, before, min(max(limit, 1), PageMax))
		return err
	})
	return all, err
}

// Queue is what waits for review, oldest first, after an id ("" for the oldest).
func (s *Service) Queue(ctx context.Context, after EnrolmentID, limit int) (all []Enrolment, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = queue(tx, after, min(max(limit, 1), PageMax))
		return err
	})
	return all, err
}

// ByCampaign are the enrolments of a campaign, in whatever state, newest first, before an id ("" for the newest).
func (s *Service) ByCampaign(ctx context.Context, c ID, before EnrolmentID, limit int) (all []Enrolment, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = byCampaign(tx, c, before, min(max(limit, 1), PageMax))
		return err
	})
	return all, err
}
