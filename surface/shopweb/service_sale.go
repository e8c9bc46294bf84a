package shopweb

import (
	"context"

	"hutong/base/db"
	"hutong/deal/flash"
	"hutong/goods/catalog"
)

// briefsOf reads what the items of a sitting are.
func (w *web) briefsOf(ctx context.Context, items []flash.Shelf) (all map[catalog.SKUID]catalog.Brief, err error) {
	skus := make([]catalog.SKUID, len(items))
	for i, item := range items {
		skus[i] = catalog.SKUID(item.SKU)
	}
	err = w.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = w.Catalog.Briefs(tx, skus)
		return err
	})
	return all, err
}
