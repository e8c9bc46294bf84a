package node

import (
	"context"
	"strings"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/promo/rulebook"
	"hutong/deal/voucher"
)

// What is over has left the rules in force, and orders go on naming it. These find its title in its own room.

func (m *Market) ruleTitle(ctx context.Context, id string) (text.Entry, error) {
	all, err := m.Promotions.Versions(ctx, rulebook.Find{Any: true, ID: id})
	if fault.Is(err, "promo.not_found") {
		return text.Entry{}, nil
	}
	if err != nil {
		return text.Entry{}, err
	}
	return all[0].Promotion.Title, nil
}

// saleTitle is that of the campaign: an item goes by its enrolment, with a stage behind it where it is no spot sale.
func (m *Market) saleTitle(ctx context.Context, id string) (text.Entry, error) {
	enrolment, _, _ := strings.Cut(id, "/")
	e, err := m.Campaigns.Enrolment(ctx, "", campaign.EnrolmentID(enrolment))
	if fault.Is(err, "enrolment.not_found") {
		return text.Entry{}, nil
	}
	if err != nil {
		return text.Entry{}, err
	}
	c, err := m.Campaigns.Campaign(ctx, e.Campaign)
	return c.Title, err
}

func (m *Market) voucherTitle(ctx context.Context, id string) (title text.Entry, err error) {
	err = m.DB.Read(ctx, func(tx *db.Tx) error {
		t, err := m.Vouchers.Templated(tx, voucher.TemplateID(id))
		if t != nil {
			title = t.Promotion().Title
		}
		return err
	})
	return title, err
}
