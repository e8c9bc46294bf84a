package node_test

import (
	"strconv"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/promo"
	"hutong/deal/promo/crossshop"
	"hutong/deal/promo/rulebook"
	"hutong/deal/voucher"
)

// TestP14_WhatOnePersonPublishesIsSetInTheCurrency: 10,000 yuan, 1,000,000 yen or 1,000 dinars at worst, unless the operator
// sets another sum, in whole units of the currency; a minor unit more takes a second person, of promotions and of
// vouchers, from the setting on.
func TestP14_WhatOnePersonPublishesIsSetInTheCurrency(t *testing.T) {
	for currency, whole := range map[money.Currency]int64{"CNY": 10_000, "JPY": 1_000_000, "KWD": 1_000} {
		t.Run(string(currency), func(t *testing.T) {
			m := openIn(t, currency, onSQLite(t))
			m.publishes(whole * currency.Whole())
			_, err := m.Tune.Set(t.Context(), map[string]string{"deal.alone": strconv.Itoa(5)})
			m.ok(err)
			m.publishes(5 * currency.Whole())
		})
	}
}

// publishes has one person publish what costs so much at worst, and try a minor unit more.
func (m *market) publishes(most int64) {
	m.t.Helper()
	title, from := text.Entry{Zh: "满减", En: "Spend and save"}, m.clock.Now()
	for _, c := range []struct {
		budget  int64
		refused bool
	}{{most, false}, {most + 1, true}} {
		e, err := m.Promotions.SaveDraft(m.t.Context(), rulebook.SaveDraft{Promotion: promo.Promotion{Kind: crossshop.Name,
			Title: title, Budget: c.budget, Funding: []promo.Share{{Party: promo.Platform, PPM: money.Whole}},
			Terms: &crossshop.Terms{Every: 2, Off: 1}}})
		m.ok(err)
		err = m.Promotions.Publish(m.t.Context(), rulebook.Publish{ID: e.Promotion.ID, Version: 1})
		if fault.Is(err, "promo.second_person") != c.refused || !c.refused && err != nil {
			m.t.Errorf("a promotion of %d: %v", c.budget, err)
		}
		v, err := m.Vouchers.Draft(m.t.Context(), voucher.Draft{Terms: voucher.Terms{Kind: voucher.KindVoucher, Title: title,
			Off: 1, Budget: c.budget, Issue: 1, PerShopper: 1, Audience: voucher.Audience{Kind: voucher.Everyone},
			FromUS: clock.Micros(from), UntilUS: clock.Micros(from.Add(time.Hour)), ClaimFromUS: clock.Micros(from),
			ClaimUntilUS: clock.Micros(from.Add(time.Hour))}})
		m.ok(err)
		err = m.Vouchers.Publish(m.t.Context(), voucher.Publish{Template: v.ID, Version: 1})
		if fault.Is(err, "voucher.second_person") != c.refused || !c.refused && err != nil {
			m.t.Errorf("a voucher of %d: %v", c.budget, err)
		}
	}
}
