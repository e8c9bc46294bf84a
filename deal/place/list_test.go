package place_test

import (
	"slices"
	"testing"

	"hutong/deal/place"
)

// TestOpeningsArePaged: a page goes on behind an id, in one campaign; what does not take bids is left out where asked.
func TestOpeningsArePaged(t *testing.T) {
	eachTill(t, func(t *testing.T, m *till) {
		soon := m.opening(1, func(o *place.Offer) { o.PayBy = day(1) })
		off, last := m.opening(1), m.opening(1)
		_, err := m.CallOff(t.Context(), "lgn_op", off.ID, off.Version, "")
		m.ok(err)
		list := func(all []place.Opening, err error) (ids []place.OpeningID) {
			m.ok(err)
			for _, o := range all {
				ids = append(ids, o.ID)
			}
			return ids
		}
		is := func(got []place.OpeningID, want ...place.OpeningID) {
			t.Helper()
			if !slices.Equal(got, want) {
				t.Errorf("%v, want %v", got, want)
			}
		}
		ctx := t.Context()
		is(list(m.OpeningsAfter(ctx, m.sale.ID, "", 2)), soon.ID, off.ID)
		is(list(m.OpeningsAfter(ctx, m.sale.ID, off.ID, 2)), last.ID)
		is(list(m.OpeningsAfter(ctx, m.published().ID, "", 2)))
		is(list(m.TakingAfter(ctx, m.sale.ID, "", 9)), soon.ID, last.ID)
		is(list(m.TakingAfter(ctx, m.sale.ID, soon.ID, 9)), last.ID)
		m.clock.Set(day(1))
		is(list(m.TakingAfter(ctx, m.sale.ID, "", 9)), last.ID)
	})
}
