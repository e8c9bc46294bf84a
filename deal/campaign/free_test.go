package campaign_test

import (
	"testing"

	"hutong/base/db"
	"hutong/deal/campaign"
	"hutong/deal/quota"
	"hutong/goods/offer"
)

// TestABrandsSharedLimitsBoundWhatIsFree: a shop has put all of two goods into a brand's days, which sell six pieces
// together and four to one shopper. Pages say four of each, then what the others left, then none; of goods that lie in
// the ordinary pool as well, no less than that; a session without such bounds is not touched.
func TestABrandsSharedLimitsBoundWhatIsFree(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		p := sale(campaign.Rule{})
		p.Channel, p.Waves[0].Pieces, p.Waves[0].PerShopper = campaign.Brand, 6, 4
		brand, plain := f.publish(p), f.publish(sale(campaign.Rule{}))
		tea, cup, pot := f.list("shp_a", "tea", 100, 10), f.list("shp_a", "cup", 100, 13), f.list("shp_b", "pot", 100, 10)
		all := []offer.Offer{tea, cup, pot}
		for n, c := range []campaign.Campaign{brand, brand, plain} {
			cmd := enrol(c, all[n], 90, 10)
			cmd.PerShopper = 0
			f.accepted(cmd)
		}
		f.clock.Set(day(6))
		f.run(f.Lock)
		f.clock.Set(day(10))
		_, err := f.Refresh(t.Context())
		f.ok(err)
		free := func(want ...int64) {
			t.Helper()
			got, err := f.FreeOf(t.Context(), all)
			f.ok(err)
			for n, o := range all {
				if got[o.Pool] != want[n] {
					t.Errorf("%s: %d are free, want %d", o.SKU, got[o.Pool], want[n])
				}
			}
		}
		free(4, 4, 10)
		sold := func(order string, pieces int64) {
			t.Helper()
			item := f.Live().Of(tea.SKU, day(10))
			need := quota.Need{Quota: quota.Together(item.Together()), Amount: pieces, Cap: 6}
			f.ok(f.db.Write(t.Context(), func(tx *db.Tx) error {
				b, err := quota.LoadBook(tx, []string{need.Quota})
				if err != nil {
					return err
				}
				if err := b.Take(order, []quota.Need{need}); err != nil {
					return err
				}
				return b.Save(tx)
			}))
		}
		sold("ord_1", 3)
		free(3, 3, 10)
		sold("ord_2", 3)
		free(0, 3, 10) // three cups lie in the ordinary pool
	})
}
