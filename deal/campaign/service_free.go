package campaign

import (
	"context"
	"maps"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/goods/offer"
	"hutong/goods/stock"
)

// Free is how many pieces of each offer somebody can buy at once at that instant, by its ordinary pool: what is free
// there, or what is free, under the limit of a shopper, of an item of the SKU that is sold outright now, if that is
// more. A shop may have put all that it has into a sale. A pool that is closed is absent. The reading may be nil: no
// campaigns.
func (l *Live) Free(tx *db.Tx, at time.Time, offers []offer.Offer) (map[stock.PoolID]int64, error) {
	pools, items := make([]stock.PoolID, len(offers)), map[stock.PoolID][]*Item{}
	for n, o := range offers {
		pools[n] = o.Pool
		if l == nil {
			continue
		}
		l.ForSKU(o.SKU, at, func(i *Item) bool {
			if i.Offer == o.ID && i.Stage != Earnest && i.InForce(at) {
				items[o.Pool] = append(items[o.Pool], i)
				pools = append(pools, i.Pool)
			}
			return true
		})
	}
	free, err := stock.Free(tx, pools)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(free)
	for pool, some := range items {
		for _, i := range some {
			more := free[i.Pool]
			if i.PerShopper > 0 {
				more = min(more, i.PerShopper)
			}
			if _, open := free[pool]; open {
				all[pool] = max(all[pool], more)
			}
			delete(all, i.Pool)
		}
	}
	return all, nil
}

// Sells calls yield with each item of a product that is sold outright at that instant.
func (l *Live) Sells(product string, at time.Time, yield func(*Item) bool) {
	if l == nil {
		return
	}
	for n := range l.Items {
		i := &l.Items[n]
		if i.Product == product && i.Stage != Earnest && i.InForce(at) && !yield(i) {
			return
		}
	}
}

// FreeOf is Free now, in a read of its own.
func (s *Service) FreeOf(ctx context.Context, offers []offer.Offer) (free map[stock.PoolID]int64, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		free, err = s.Live().Free(tx, clock.Now(ctx, s.Clock), offers)
		return err
	})
	return free, err
}
