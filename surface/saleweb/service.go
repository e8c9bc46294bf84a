package saleweb

import (
	"context"

	"hutong/base/db"
	"hutong/deal/quota"
	"hutong/goods/catalog"
	"hutong/goods/offer"
)

// counts are quotas as they stand.
func (w *web) counts(ctx context.Context, names []string) (all map[string]quota.Count, err error) {
	if len(names) == 0 {
		return nil, nil
	}
	err = w.DB.Read(ctx, func(tx *db.Tx) error { all, err = quota.Counts(tx, names); return err })
	return all, err
}

// goods are SKUs with what they are offered at.
func (w *web) goods(ctx context.Context, skus []catalog.SKUID) (briefs map[catalog.SKUID]catalog.Brief,
	offers map[string]offer.Offer, err error) {
	offers = map[string]offer.Offer{}
	err = w.DB.Read(ctx, func(tx *db.Tx) error {
		if briefs, err = w.Catalog.Briefs(tx, skus); err != nil {
			return err
		}
		var products []string
		for _, b := range briefs {
			products = append(products, string(b.Product))
		}
		all, err := offer.ByProducts(tx, products)
		for _, list := range all {
			for _, o := range list {
				if o.State == offer.Listed {
					offers[o.SKU] = o
				}
			}
		}
		return err
	})
	return briefs, offers, err
}
