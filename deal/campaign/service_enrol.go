package campaign

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/idempotency"
	"hutong/base/money"
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
	var p past
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		c, draft, err := s.draft(tx, cmd, now, forReading)
		if err == nil {
			p, err = s.past(tx, c.Rule, draft, now)
		}
		return err
	})
	if err != nil {
		return Enrolment{}, err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		var c Campaign
		if c, e, err = s.draft(tx, cmd, now, forWriting); err != nil { // who calls the sale off finds what is enrolled
			return err
		}
		if err := tx.Turn("campaign.enrol " + e.Shop); err != nil { // what takes part already is counted
			return err
		}
		if err := s.judge(tx, c, &e, p); err != nil {
			return err
		}
		e.ID = EnrolmentID(s.IDs.New(enrolmentPrefix))
		if len(e.Reasons) > 0 {
			e.State, e.Decided = Refused, now
		}
		err := insertEnrolment(tx, e)
		if errors.Is(err, db.ErrUnique) {
			return fault.New(fault.Conflict, "enrolment.open").Because(err)
		}
		if err == nil {
			err = s.priced(ctx, tx, now, e, nil)
		}
		if err != nil {
			return err
		}
		return idempotency.Record(ctx, tx, e)
	})
	if err != nil {
		return Enrolment{}, err
	}
	return e, nil
}

// draft is an enrolment as it is asked for, before it is judged.
func (s *Service) draft(tx *db.Tx, cmd Enrol, now time.Time, purpose string) (c Campaign, e Enrolment, err error) {
	c, w, err := s.place(tx, cmd.Campaign, cmd.Slot, purpose)
	if err != nil {
		return c, e, err
	}
	if c.State != Published || !c.Recruit.Holds(now) || !now.Before(c.LockOf(w).From) {
		return c, e, fault.New(fault.Unprocessable, "enrolment.not_recruiting")
	}
	o, err := ownOffer(tx, cmd.Shop, cmd.Offer)
	if err != nil {
		return c, e, err
	}
	if cmd.Terms, err = cmd.ships(w.Phase(Balance)); err != nil {
		return c, e, err
	}
	e = Enrolment{Version: 1, Campaign: c.ID, Slot: cmd.Slot, Shop: cmd.Shop, Product: o.Product, SKU: o.SKU,
		Offer: o.ID, Currency: o.Currency, Terms: cmd.Fair(), State: Applied, LockAt: c.LockOf(w).From,
		Selling: sellingOf(c, w, cmd.Part), Applied: now}
	if e.Selling.Empty() {
		return c, e, fault.New(fault.Unprocessable, "enrolment.part").At("spot")
	}
	return c, e, nil
}

// place is a campaign and the wave of a slot.
func (s *Service) place(tx *db.Tx, id ID, slot Slot, purpose string) (Campaign, Wave, error) {
	c, err := campaignIn(tx, id, purpose)
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
	return readOffer(tx, shop, id, offer.Load)
}

// heldOffer is ownOffer for whoever promises a price of it: its floor stays until the commit.
func heldOffer(tx *db.Tx, shop string, id offer.ID) (offer.Offer, error) {
	return readOffer(tx, shop, id, offer.Hold)
}

func readOffer(tx *db.Tx, shop string, id offer.ID, read func(*db.Tx, []offer.ID) (map[offer.ID]offer.Offer, error)) (
	offer.Offer, error) {
	all, err := read(tx, []offer.ID{id})
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
func (s *Service) judge(tx *db.Tx, c Campaign, e *Enrolment, p past) error {
	f, err := s.facts(tx, *e, p)
	if err == nil && c.Rule.FlashRange {
		f.Open, err = openTask(tx, *e, p.read)
	}
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

func (s *Service) facts(tx *db.Tx, e Enrolment, p past) (f Facts, err error) {
	sold, err := s.onSale(tx, []string{e.SKU}, true) // the product first, then its offers (catalog.Hold)
	if err != nil {
		return f, err
	}
	o, err := heldOffer(tx, e.Shop, e.Offer)
	if err != nil {
		return f, err
	}
	f.Ordinary, f.Currency, f.Floor = o.UnitPrice, o.Currency, o.FloorPrice
	f.Listed = o.State == offer.Listed && sold[e.SKU]
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
	f.Lowest, f.Dealt, f.At, f.Selling = p.lowest, p.dealt, p.read, e.Selling
	if e.Strike > 0 {
		_, f.Claim, err = s.Reference.PublishIn(tx, p.read, reference.Claim{Shop: e.Shop, Offer: string(e.Offer), SKU: e.SKU,
			Sale: e.Price, Strike: e.Strike, From: e.Selling.From, Until: e.Selling.Until}, p.prior)
	}
	return f, err
}

// day is the day of an instant in the market's zone.
func (s *Service) day(at time.Time) Window {
	y, m, d := at.In(s.Zone).Date()
	return Window{time.Date(y, m, d, 0, 0, 0, 0, s.Zone), time.Date(y, m, d+1, 0, 0, 0, 0, s.Zone)}
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
	p, err := s.pastOf(ctx, cmd.ID, now)
	if err != nil {
		return Enrolment{}, err
	}
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
			if err := s.fit(tx, c, &e, p); err != nil {
				return err
			}
			e.State, topic = Accepted, EnrolmentAccepted
		}
		if err := s.put(tx, &e); err != nil {
			return err
		}
		if !cmd.Accept {
			l := Leaving{ID: e.ID, ByMarket: true, By: cmd.By, Why: "enrolment.refused", At: now}
			if err := s.left(ctx, tx, l); err != nil {
				return err
			}
		}
		if err := s.tell(tx, topic, e, now); err != nil {
			return err
		}
		return s.note(ctx, tx, audit.Entry{At: now, Who: string(cmd.By), Shop: e.Shop, What: string(topic), On: string(e.ID),
			After: priceOf(e)})
	})
	if err != nil {
		return Enrolment{}, err
	}
	return e, nil
}

// fit judges an enrolment anew and refuses it with the first reason.
func (s *Service) fit(tx *db.Tx, c Campaign, e *Enrolment, p past) error {
	if c.State != Published || !p.read.Before(e.Selling.Until) {
		return fault.New(fault.Expired, "enrolment.too_late")
	}
	if err := s.judge(tx, c, e, p); err != nil {
		return err
	}
	if len(e.Reasons) == 0 {
		return nil
	}
	why := e.Reasons[0]
	var params []fault.Param
	for name, value := range why.Params {
		if minor, is := why.Amount(name); is {
			params = append(params, fault.P(name, money.New(minor, e.Currency)))
			continue
		}
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

// priced records the price that a shop binds itself to, and for how many pieces.
func (s *Service) priced(ctx context.Context, tx *db.Tx, at time.Time, e Enrolment, was audit.Facts) error {
	return s.note(ctx, tx, audit.Entry{At: at, Shop: e.Shop, What: "enrolment.priced", On: string(e.ID), Before: was,
		After: priceOf(e)})
}

func priceOf(e Enrolment) audit.Facts {
	return audit.Facts{"price": itoa(e.Price), "quantity": itoa(e.Quantity)}
}

func note(s string) error {
	if n := utf8.RuneCountInString(s); n > NoteMax || !utf8.ValidString(s) {
		return fault.New(fault.Invalid, "enrolment.note", fault.P("max", NoteMax)).At("note")
	}
	return nil
}
