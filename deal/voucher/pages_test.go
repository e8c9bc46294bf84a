package voucher_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/deal/voucher"
)

// TestWalletAndCentreAreReadByPages: however short the pages, each voucher stands on one of them, also those beyond what a
// wallet shows at once, in the order of the whole; what is not for the shopper shortens no more than its page.
func TestWalletAndCentreAreReadByPages(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		who := m.shopper()
		var owned []voucher.ID
		for i := range 11 {
			o := terms()
			o.UntilUS = clock.Micros(start.Add(20*day - time.Duration(i/2)*time.Hour)) // two end at once
			if i%4 == 3 {
				o.Audience = voucher.Audience{Kind: voucher.InSegment, Segment: "vip"}
				m.publish(o)
				continue
			}
			owned = append(owned, m.claimed(who, m.publishFor([]string{"", "shp_a"}[i%2], o)).ID)
		}
		held, after := []voucher.ID{}, voucher.ID("")
		for pages := 0; pages < 10; pages++ {
			all, err := m.Pages(t.Context(), voucher.Held{Shopper: who, After: after, Limit: 2})
			m.ok(err)
			for i, v := range all {
				if i > 0 && v.Until.After(all[i-1].Until) || v.State == "" {
					t.Errorf("%+v", v)
				}
				held, after = append(held, v.ID), v.ID
			}
			if len(all) < 2 {
				break
			}
		}
		sorted := slices.Sorted(slices.Values(held))
		if !slices.Equal(sorted, slices.Sorted(slices.Values(owned))) {
			t.Errorf("the wallet has %v, its pages %v", owned, held)
		}
		if all, err := m.Pages(t.Context(), voucher.Held{Shopper: m.shopper(), After: after, Limit: 3}); err != nil || len(all) > 0 {
			t.Error("after another's voucher", all, err)
		}
		whole, next, err := m.Centre(t.Context(), voucher.Centre{Shopper: who})
		m.ok(err)
		var pieces []voucher.Offer
		at := voucher.TemplateID("")
		for pages := 0; pages < 12; pages++ {
			all, more, err := m.Centre(t.Context(), voucher.Centre{Shopper: who, After: at, Limit: 2})
			m.ok(err)
			pieces = append(pieces, all...)
			if at = more; more == "" {
				break
			}
		}
		told := func(all []voucher.Offer) (s string) {
			for _, o := range all {
				s += fmt.Sprintln(o.ID, o.Left, o.Gone, o.Mine)
			}
			return s
		}
		if next != "" || len(whole) != len(owned) || told(whole) != told(pieces) {
			t.Errorf("whole %s%s\nby pages\n%s", next, told(whole), told(pieces))
		}
	})
}
