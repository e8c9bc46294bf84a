package demo

import (
	"context"
	"errors"
	"fmt"

	"hutong/base/text"
	"hutong/party/approval"
	"hutong/party/login"
	"hutong/party/merchant"
)

// accounts gives every shop that has none a payout account, as a real market does: the merchant asks, the operator
// decides.
func (d *Market) accounts(ctx context.Context) error {
	_, asker, err := d.Login.Login(ctx, Merchant, Password, text.Zh)
	_, decider, also := d.Login.Login(ctx, Operator, Password, text.Zh)
	if err := errors.Join(err, also); err != nil {
		return err
	}
	for i, shop := range d.Shops {
		_, found, err := d.Payouts.Current(ctx, shop.ID)
		if err == nil && !found {
			asker.Shop = string(shop.ID)
			err = d.Account(ctx, asker, decider, merchant.PayoutAccount{Holder: shop.Name.Zh, Bank: "演示银行",
				Number: fmt.Sprintf("62226000%08d", i)})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Account gives the first person's shop a payout account, once the second has agreed.
func (d *Market) Account(ctx context.Context, asker, decider login.Principal, a merchant.PayoutAccount) error {
	draft, err := d.Payouts.Draft(ctx, merchant.ID(asker.Shop), a)
	if err != nil {
		return err
	}
	asked, err := d.Approvals.Ask(ctx, approval.AskPayout(asker, draft.ID))
	if err != nil {
		return err
	}
	_, err = d.Approvals.Decide(ctx, approval.Decide{By: decider, Request: asked.ID, Approve: true})
	return err
}
