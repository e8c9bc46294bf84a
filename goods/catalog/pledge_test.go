package catalog_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/goods/catalog"
)

// promised are SKUs that a shop has pledged, each with its product.
type promised map[string]string

func (p promised) Pledged(_ *db.Tx, _ time.Time, products []string) (map[string]string, error) {
	some := map[string]string{}
	for k, product := range p {
		if slices.Contains(products, product) {
			some[k] = product
		}
	}
	return some, nil
}

// TestPledgedGoodsStayOnSale: neither a new content without the SKU, nor one that puts the product away, nor a word on
// its state takes it off sale; what is not pledged goes.
func TestPledgedGoodsStayOnSale(t *testing.T) {
	each(t, func(w *world) {
		tea, cup := shirt("tea"), shirt("cup")
		saved := w.save(tea, cup)
		pledges := promised{string(saved[0].SKUs[0]): string(saved[0].Product)}
		w.svc.Plug(pledges)
		refused := func(why string, field string, products ...catalog.Product) {
			w.t.Helper()
			_, err := w.trySave(products...)
			if !fault.Is(err, "product.pledged") || fault.As(err).Field != field {
				w.t.Errorf("%s: %v", why, err)
			}
		}
		away := func(id catalog.ID) error { return w.svc.Withdraw(context.Background(), "shp_a", id) }
		without, hidden := tea, tea
		without.SKUs, hidden.State = tea.SKUs[1:], catalog.Withdrawn
		cup.State = catalog.Withdrawn
		refused("without its SKU", "products.1.skus", cup, without)
		refused("put away", "products.0.state", hidden)
		if err := away(saved[0].Product); !fault.Is(err, "product.pledged") || fault.As(err).Field != "products" {
			w.t.Errorf("withdrawn: %v", err)
		}
		if p, err := w.svc.Product(context.Background(), saved[1].Product); err != nil || p.State != catalog.Listed {
			w.t.Errorf("a refused batch changed a product: %+v, %v", p.State, err)
		}
		other := tea
		other.SKUs = tea.SKUs[:len(tea.SKUs)-1] // not the pledged one
		w.save(other)
		w.save(cup)
		clear(pledges)
		if err := away(saved[0].Product); err != nil {
			w.t.Errorf("when the pledge is over: %v", err)
		}
		pledges[string(saved[0].SKUs[0])] = string(saved[0].Product)
		if err := away(saved[0].Product); err != nil {
			w.t.Errorf("once more: %v", err)
		}
	})
}
