package notice

import (
	"context"
	"encoding/json"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/goods/catalog"
	"hutong/trade/guarantee"
)

// priceBack tells the shopper of a difference that is on its way back, and the shop of its own part of it.
func (s *Service) priceBack(ctx context.Context, e event.Event) ([]Notice, error) {
	var told guarantee.Told
	if err := json.Unmarshal([]byte(e.Body), &told); err != nil {
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
		if err := json.Unmarshal([]byte(e.Body), &told); err != nil {
			return nil, err
		}
		c, err := s.Campaigns.Campaign(ctx, told.Campaign)
		if err != nil {
			return nil, err
		}
		var goods map[catalog.SKUID]catalog.Brief
		err = s.DB.Read(ctx, func(tx *db.Tx) error {
			goods, err = s.Catalog.Briefs(tx, []catalog.SKUID{told.SKU})
			return err
		})
		title := goods[told.SKU].Title
		f := Facts{Sale: &Sale{Enrolment: e.Subject, Title: c.Title, Goods: text.Entry{Zh: title.Zh, En: title.En}}}
		if t == SalePenalty {
			f.Amount, f.Currency = told.Penalty, told.Currency
		}
		return []Notice{{To: To{Shop, e.Shop}, Topic: t, Facts: f}}, err
	}
}
