package campaign

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/deal/reference"
	"hutong/goods/stock"
	"hutong/party/audit"
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Deps are what the room stands on.
type Deps struct {
	DB        *db.DB
	Clock     clock.Clock
	IDs       IDs
	Stock     *stock.Service
	Reference *reference.Service
	Zone      *time.Location // the market's; default Asia/Shanghai
	// Category tells a product's place in the catalogue.
	Category func(tx *db.Tx, product string) (string, error)
	// OnSale tells which SKUs shoppers can buy, by the catalogue and by their shops; with hold the products stay so until
	// the commit. nil: all.
	OnSale func(tx *db.Tx, skus []string, hold bool) (map[string]bool, error)
	// Standing of a shop; nil: what the operator recorded with SetStanding.
	Standing func(tx *db.Tx, shop string) (ShopStanding, error)
}

// Service holds the verbs of campaigns.
type Service struct {
	Deps
	refresh sync.Mutex // one reading at a time, so that an older one never replaces a newer one
	live    atomic.Pointer[Live]
	places  Places
}

// New makes the Service. Nothing is live until the first Refresh.
func New(d Deps) *Service {
	if d.Zone == nil {
		d.Zone = Shanghai
	}
	if d.Standing == nil {
		d.Standing = Recorded
	}
	s := &Service{Deps: d}
	s.live.Store(&Live{})
	return s
}

// Save keeps a draft: a new one without an ID, otherwise over the Version that was read. What is published is not
// changed any more. Codes: those of Plan.Check, campaign.not_found, campaign.changed, campaign.published.
func (s *Service) Save(ctx context.Context, id ID, version int64, p Plan) (c Campaign, err error) {
	if err := p.Check(); err != nil {
		return Campaign{}, err
	}
	now := clock.Now(ctx, s.Clock)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if id == "" {
			c = Campaign{ID: ID(s.IDs.New(campaignPrefix)), Version: 1, State: Drafted, Plan: p, Created: now}
			return insertCampaign(tx, c)
		}
		if c, err = s.change(tx, id, version); err != nil {
			return err
		}
		if c.State != Drafted {
			return fault.New(fault.Conflict, "campaign.published")
		}
		c.Plan = p
		return updateCampaign(tx, c)
	})
	return c, err
}

// change reads a campaign, locked, to be changed from a version; its Version is the next one.
func (s *Service) change(tx *db.Tx, id ID, version int64) (Campaign, error) {
	c, err := campaignIn(tx, id, forWriting)
	if err == nil && c.Version != version {
		err = fault.New(fault.Conflict, "campaign.changed")
	}
	c.Version++
	return c, err
}

// Publish puts a draft into force: from here on time decides. Codes: campaign.not_found, campaign.changed,
// campaign.published, campaign.over (its enrolment would have ended already).
func (s *Service) Publish(ctx context.Context, id ID, version int64) (Campaign, error) {
	return s.turn(ctx, id, version, Published)
}

// Cancel calls a campaign off: nothing of it is in force from this instant on, and all that was pledged goes back.
// Orders that were placed stand. Codes: campaign.not_found, campaign.changed.
func (s *Service) Cancel(ctx context.Context, id ID, version int64) (Campaign, error) {
	return s.turn(ctx, id, version, Cancelled)
}

func (s *Service) turn(ctx context.Context, id ID, version int64, to State) (c Campaign, err error) {
	now := clock.Now(ctx, s.Clock)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if c, err = s.change(tx, id, version); err != nil {
			return err
		}
		was := c.State
		if to == Published && was != Drafted {
			return fault.New(fault.Conflict, "campaign.published")
		}
		if to == Published && !now.Before(c.Recruit.Until) {
			return fault.New(fault.Unprocessable, "campaign.over").At("recruit")
		}
		c.State = to
		if err := updateCampaign(tx, c); err != nil {
			return err
		}
		if to == Cancelled {
			if err := s.dropAll(ctx, tx, now, c.ID); err != nil {
				return err
			}
		}
		what := map[State]string{Published: "campaign.published", Cancelled: "campaign.cancelled"}[to]
		return s.note(ctx, tx, audit.Entry{At: now, What: what, On: string(c.ID),
			Before: audit.Facts{"state": string(was)}, After: audit.Facts{"state": string(to), "title": c.Title.Zh}})
	})
	if err != nil {
		return Campaign{}, err
	}
	return c, s.felt(ctx)
}

// dropAll withdraws every open enrolment of a campaign; a job moves what was pledged back.
func (s *Service) dropAll(ctx context.Context, tx *db.Tx, now time.Time, id ID) error {
	all, err := openOf(tx, id)
	if err != nil {
		return err
	}
	var pools []stock.PoolID
	for _, e := range all {
		if e.Pool != "" {
			pools = append(pools, e.Pool)
		}
		e.State, e.Decided = Withdrawn, now
		if err := s.put(tx, &e); err != nil {
			return err
		}
		if err := s.left(ctx, tx, Leaving{ID: e.ID, ByMarket: true, Why: "campaign.cancelled", At: now}); err != nil {
			return err
		}
	}
	return stock.SetOpen(tx, pools, false)
}

// Campaign is one campaign. Codes: campaign.not_found.
func (s *Service) Campaign(ctx context.Context, id ID) (c Campaign, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		c, err = campaignIn(tx, id, forReading)
		return err
	})
	return c, err
}

// Campaigns are all campaigns, newest first, before an id ("" for the newest).
func (s *Service) Campaigns(ctx context.Context, before ID, limit int) (all []Campaign, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = campaigns(tx, before, min(max(limit, 1), PageMax))
		return err
	})
	return all, err
}

// SetStanding records what the operator knows of a shop. It is safe to repeat. Codes: enrolment.standing.
func (s *Service) SetStanding(ctx context.Context, shop string, st ShopStanding) error {
	if st.Score < 0 || st.Score > 500 || st.Deposit < 0 || shop == "" || utf8.RuneCountInString(st.Source) > NoteMax {
		return fault.New(fault.Invalid, "enrolment.standing").At("score")
	}
	now := clock.Now(ctx, s.Clock)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := putStanding(tx, shop, st, now); err != nil {
			return err
		}
		return s.note(ctx, tx, audit.Entry{At: now, Shop: shop, What: "shop.standing_set", On: shop,
			After: audit.Facts{"score": itoa(st.Score), "deposit": itoa(st.Deposit), "source": st.Source}})
	})
}

// StandingOf is a shop as enrolment rules see it.
func (s *Service) StandingOf(ctx context.Context, shop string) (st ShopStanding, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error { st, err = s.Standing(tx, shop); return err })
	return st, err
}

func (s *Service) note(ctx context.Context, tx *db.Tx, e audit.Entry) error {
	return audit.Note(ctx, tx, s.IDs, e)
}

// tell emits an event about an enrolment to its shop.
func (s *Service) tell(tx *db.Tx, topic event.Topic, e Enrolment, at time.Time) error {
	body := map[string]any{"campaign": e.Campaign, "sku": e.SKU, "product": e.Product, "reasons": e.Reasons,
		"note": e.Note, "penalty": e.Penalty, "currency": e.Currency}
	return event.Emit(tx, s.IDs, event.Event{Topic: topic, Subject: string(e.ID), Shop: e.Shop, At: at,
		Body: event.Body(body)})
}
