package notice

import (
	"context"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/flash"
	"hutong/deal/place"
	"hutong/funds/deposit"
	"hutong/goods/catalog"
	"hutong/trade/group"
	"hutong/trade/guarantee"
	"hutong/trade/order"
	"hutong/trade/referral"
)

// priceBack tells the shopper of a difference that is on its way back, and the shop of its own part of it.
func (s *Service) priceBack(ctx context.Context, e event.Event) ([]Notice, error) {
	var told guarantee.Told
	if err := e.Read(&told); err != nil {
		return nil, err
	}
	o, err := s.Orders.Any(ctx, told.Order)
	if err != nil {
		return nil, err
	}
	facts := Facts{Order: string(told.Order), Seq: told.Line, Amount: told.Amount, Currency: told.Currency}
	shop := facts
	facts.ShopZh, shop.Amount = told.Shop, told.Own
	all := []Notice{{To: To{Shopper, told.Shopper}, Topic: PriceBack, Lang: o.Lang, Facts: facts}}
	if told.Own > 0 {
		all = append(all, Notice{To: To{Shop, told.Shop}, Topic: ShopPriceBack, Facts: shop})
	}
	return all, nil
}

// moved tells who paid for a group that was full by then that they lead a new one, and how it is shared. Who opened one
// on purpose knows.
func (s *Service) moved(ctx context.Context, e event.Event) ([]Notice, error) {
	var told group.Told
	if err := e.Read(&told); err != nil || told.Full == "" {
		return nil, err
	}
	orders, err := s.withParts(ctx, told.Orders)
	all := make([]Notice, len(orders))
	for i, o := range orders {
		all[i] = whole(o, GroupMoved)
		all[i].Facts.Group = &Group{told.Code, told.Need, told.Deadline.In(s.set.Zone)}
	}
	return all, err
}

// deposits is what is told of a shop's security deposit.
var deposits = map[event.Topic]Topic{
	deposit.TopicFrozen:    DepositFrozen,
	deposit.TopicReleased:  DepositReleased,
	deposit.TopicAnnounced: DepositAnnounced,
	deposit.TopicDrawn:     DepositDrawn,
}

// held tells a shop what becomes of its deposit.
func (s *Service) held(t Topic) draft {
	return func(_ context.Context, e event.Event) ([]Notice, error) {
		var told deposit.Told
		if err := e.Read(&told); err != nil {
			return nil, err
		}
		return []Notice{{To: To{Shop, e.Shop}, Topic: t, Facts: Facts{Amount: told.Amount, Currency: told.Currency,
			Deposit: &Deposit{string(told.Hold), told.Why}}}}, nil
	}
}

// invitations is what is told of a friend who was invited.
var invitations = map[event.Topic]Topic{
	referral.TopicCounted:  InviteCounts,
	referral.TopicRewarded: InviteRewarded,
	referral.TopicReturned: InviteReturned,
}

// invited tells who invited a friend how that stands; who was invited hears of what they lose too. An order's id is not
// told: it is the friend's.
func (s *Service) invited(t Topic) draft {
	return func(ctx context.Context, e event.Event) ([]Notice, error) {
		var told referral.Told
		if err := e.Read(&told); err != nil {
			return nil, err
		}
		lang, err := s.spoken(ctx, told.Inviter)
		if err != nil {
			return nil, err
		}
		invite := Invite{Referral: string(told.Referral)}
		all := []Notice{{To: To{Shopper, told.Inviter}, Topic: t, Lang: lang, Facts: Facts{Invite: &invite}}}
		if t != InviteReturned || told.Friend == "" {
			return all, nil
		}
		if lang, err = s.spoken(ctx, told.Friend); err != nil {
			return nil, err
		}
		return append(all, Notice{To: To{Shopper, told.Friend}, Topic: t, Lang: lang,
			Facts: Facts{Invite: &Invite{Referral: string(told.Referral), Invited: true}}}), nil
	}
}

// spoken is the language of a shopper's newest order, "" before there is one.
func (s *Service) spoken(ctx context.Context, shopper string) (text.Lang, error) {
	all, err := s.allSpoken(ctx, []string{shopper})
	return all[shopper], err
}

func (s *Service) allSpoken(ctx context.Context, shoppers []string) (all map[string]text.Lang, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error { all, err = order.Spoken(tx, shoppers); return err })
	return all, err
}

// drawn tells some of the entrants of a lottery how it was drawn, each event in a write of its own. What was taken out
// of its sale, and what is over when the news comes, is not told of: there is nothing to buy.
func (s *Service) drawn(ctx context.Context, e event.Event) error {
	if s.Campaigns == nil || s.Catalog == nil {
		return nil
	}
	var part flash.Part
	if err := e.Read(&part); err != nil {
		return err
	}
	i := s.Campaigns.Live().Item(part.Item, clock.Now(ctx, s.Clock))
	if i == nil {
		return nil
	}
	var entrants []string
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) { entrants, err = flash.Entrants(tx, part); return err })
	if err != nil {
		return err
	}
	langs, err := s.allSpoken(ctx, entrants)
	if err != nil {
		return err
	}
	about, err := s.about(ctx, i.Campaign, catalog.SKUID(i.SKU))
	if err != nil {
		return err
	}
	f := Facts{Amount: i.Price, Currency: i.Currency, Lot: &Lot{Item: string(i.ID), Title: about.Title, Goods: about.Goods,
		From: i.From.In(s.set.Zone), Until: i.Until.In(s.set.Zone)}}
	topic := LotLost
	if part.Won {
		topic = LotWon
	}
	all := make([]Notice, len(entrants))
	for n, who := range entrants {
		all[n] = Notice{Event: e.ID, At: e.At, To: To{Shopper, who}, Topic: topic, Lang: langs[who], Facts: f}
	}
	return s.put(ctx, all)
}

// enrolments is what is told of an enrolment's way.
var enrolments = map[event.Topic]Topic{
	campaign.EnrolmentAccepted: SaleAccepted,
	campaign.EnrolmentRefused:  SaleRefused,
	campaign.EnrolmentLocked:   SaleLocked,
	campaign.EnrolmentShort:    SaleShort,
	campaign.EnrolmentRemoved:  SaleRemoved,
	campaign.EnrolmentEnded:    SaleEnded,
	campaign.EnrolmentPenalty:  SalePenalty,
}

// enrolled tells a shop what became of its enrolment.
func (s *Service) enrolled(t Topic) draft {
	return func(ctx context.Context, e event.Event) ([]Notice, error) {
		if s.Campaigns == nil || s.Catalog == nil {
			return nil, nil
		}
		var told struct {
			Campaign campaign.ID    `json:"campaign"`
			SKU      catalog.SKUID  `json:"sku"`
			Penalty  int64          `json:"penalty"`
			Currency money.Currency `json:"currency"`
		}
		if err := e.Read(&told); err != nil {
			return nil, err
		}
		about, err := s.about(ctx, told.Campaign, told.SKU)
		about.Enrolment = e.Subject
		f := Facts{Sale: &about}
		if t == SalePenalty {
			f.Amount, f.Currency = told.Penalty, told.Currency
		}
		return []Notice{{To: To{Shop, e.Shop}, Topic: t, Facts: f}}, err
	}
}

// about is which sale and which goods a notice is about.
func (s *Service) about(ctx context.Context, id campaign.ID, sku catalog.SKUID) (Sale, error) {
	c, err := s.Campaigns.Campaign(ctx, id)
	if err != nil {
		return Sale{}, err
	}
	var goods map[catalog.SKUID]catalog.Brief
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		goods, err = s.Catalog.Briefs(tx, []catalog.SKUID{sku})
		return err
	})
	title := goods[sku].Title
	return Sale{Title: c.Title, Goods: text.Entry{Zh: title.Zh, En: title.En}}, err
}

// places is what is told of a bid for a place; what the shop does itself is not.
var places = map[event.Topic]Topic{
	place.TopicShortlisted: SaleShortlisted,
	place.TopicRefused:     PlaceRefused,
	place.TopicReturned:    PlaceReturned,
	place.TopicForfeited:   PlaceForfeited,
	place.TopicSettled:     PlaceSettled,
}

// bidFor tells a shop what became of its bid for a place, and what that comes to.
func (s *Service) bidFor(t Topic) draft {
	return func(ctx context.Context, e event.Event) ([]Notice, error) {
		if s.Campaigns == nil || s.Catalog == nil {
			return nil, nil
		}
		var told place.Told
		if err := e.Read(&told); err != nil {
			return nil, err
		}
		about, err := s.about(ctx, told.Campaign, catalog.SKUID(told.SKU))
		about.Enrolment, about.Place = string(told.Enrolment), true
		f := Facts{Sale: &about, Amount: told.Amount, Currency: told.Currency}
		return []Notice{{To: To{Shop, e.Shop}, Topic: t, Facts: f}}, err
	}
}
