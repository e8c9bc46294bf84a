package node

import (
	"context"

	"hutong/trade/referral"
)

// buildReferrals makes the inviting of friends, on the same marks as vouchers for new shoppers.
func (m *Market) buildReferrals(ctx context.Context) error {
	key, err := m.secret(ctx, "device", 32)
	if err != nil {
		return err
	}
	m.Referrals = referral.New(referral.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Rand: m.Rand, Vouchers: m.Vouchers,
		Marks: m.Marks, DeviceKey: key, Currency: m.Config.Checkout.Currency,
		Returns: m.aftersaleSettings().ReturnDays, Log: m.Log})
	return nil
}
