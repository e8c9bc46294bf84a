package intake_test

import (
	"testing"
	"time"

	"hutong/base/db"
	"hutong/goods/catalog"
	"hutong/goods/intake"
	"hutong/goods/offer"
)

// pledges are SKUs that the shop has pledged to a sale, each with its product.
type pledges map[string]string

func (p pledges) Pledged(*db.Tx, time.Time, []string) (map[string]string, error) { return p, nil }

// TestAFilePutsNoPledgedGoodsAway: of a product that it hides, or of which it leaves a pledged SKU out, nothing is taken
// over, with why, in a dry run too; another SKU goes.
func TestAFilePutsNoPledgedGoodsAway(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		m.bring(nil, file(t, "one.csv", shopifyHeader+tee+cap1))
		p := m.product("Tee")
		pledged := pledges{string(p.SKUs[0].ID): string(p.ID)}
		m.catalog.Plug(pledged)
		before := m.fingerprint()
		for name, rows := range map[string]string{
			"hidden":     "tee,Tee,Size,S,19.90,25,5,,,,false\ntee,,Size,M,20,,7,,,,\n",
			"without it": "tee,Tee,Size,M,20,,7,,,,true\n",
		} {
			for _, dry := range []bool{true, false} {
				r := m.bring(func(c *intake.Import) { c.DryRun = dry }, file(t, "two.csv", shopifyHeader+rows))
				m.expect(r, "0/0: 0 new, 0 changed, 0 same, 1 refused")
				if x := r.Rejects[0]; x.Code != "product.pledged" || x.Line != 2 {
					t.Errorf("%s: %+v", name, x)
				}
			}
		}
		if m.fingerprint() != before {
			t.Error("a refused file changed something")
		}
		m.expect(m.bring(nil, file(t, "less.csv", shopifyHeader+"tee,Tee,Size,S,19.90,25,5,,,,true\n")),
			"1/1: 0 new, 1 changed, 0 same, 0 refused")
	})
}

// TestAnUndoLeavesPledgedGoodsOnSale: what a run made, or relisted, and the shop has pledged since, stays.
func TestAnUndoLeavesPledgedGoodsOnSale(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		m.bring(nil, file(t, "all.csv", shopifyHeader+tee))
		m.bring(nil, file(t, "one.csv", shopifyHeader+"tee,Tee,Size,S,19.90,25,5,,,,true\n"))
		r := m.bring(nil, file(t, "two.csv", shopifyHeader+tee+cap1))
		p, hat := m.product("Tee"), m.product("Cap")
		if len(p.SKUs) != 2 || len(hat.SKUs) != 1 {
			t.Fatalf("%+v, %+v", p, hat)
		}
		m.catalog.Plug(pledges{string(p.SKUs[1].ID): string(p.ID), string(hat.SKUs[0].ID): string(hat.ID)})
		if v := m.undo(r.Run); v.Kept != 2 || v.Restored != 0 || v.Withdrawn != 0 {
			t.Fatalf("%+v", v)
		}
		for _, title := range []string{"Tee", "Cap"} {
			now := m.product(title)
			offers, err := m.offers.ByProducts(t.Context(), []string{string(now.ID)})
			m.ok(err)
			for _, o := range offers[string(now.ID)] {
				if o.State != offer.Listed || now.State != catalog.Listed {
					t.Errorf("%s: %s, %+v", title, now.State, o)
				}
			}
		}
	})
}
