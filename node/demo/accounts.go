package demo

import (
	"context"
	"fmt"

	"hutong/base/text"
	"hutong/party/approval"
	"hutong/party/login"
	"hutong/party/merchant"
)

// accounts gives every shop a payout account, as a real market does: the merchant asks, the operator decides, both of
// whom have just registered.
func (d *Market) accounts(ctx context.Context) error {
	asker, decider := proved(d.people[login.Merchant]), proved(d.people[login.Operator])
	for i, shop := range d.Shops {
		asker.Shop = string(shop.ID)
		if err := d.Account(ctx, asker, decider, merchant.PayoutAccount{Holder: shop.Name.Zh, Bank: "演示银行",
			Number: fmt.Sprintf("62226000%08d", i)}); err != nil {
			return err
		}
	}
	return nil
}

// proved is somebody of staff whose password was set a moment ago.
func proved(l login.Login) login.Principal {
	return login.Principal{Role: l.Role, Login: l.ID, Shop: l.Shop, Lang: text.Zh, Staff: l.Staff,
		May: login.PermissionsOf(l.Staff), Proved: l.Created}
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
