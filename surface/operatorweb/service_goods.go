package operatorweb

import (
	"context"

	"hutong/base/db"
	"hutong/goods/catalog"
	"hutong/surface/page"
)

// goodsCells are how lists show SKUs, by id, each with the way to its page in the shop. What the catalogue does not
// know is shown by its id.
func (w *web) goodsCells(ctx context.Context, t page.Tongue, skus []string) (map[string]page.Cell, error) {
	ids := make([]catalog.SKUID, len(skus))
	for i, s := range skus {
		ids[i] = catalog.SKUID(s)
	}
	cells := map[string]page.Cell{}
	err := w.DB.Read(ctx, func(tx *db.Tx) error {
		briefs, err := w.Catalog.Briefs(tx, ids)
		for _, s := range skus {
			b, known := briefs[catalog.SKUID(s)]
			if !known {
				cells[s] = page.Cell{Text: s, Code: true}
				continue
			}
			c := t.SKUCell(b)
			c.Href = "/p/" + string(b.Product) + "?sku=" + s
			cells[s] = c
		}
		return err
	})
	return cells, err
}
