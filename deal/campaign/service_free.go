package campaign

import (
	"context"
	"maps"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/deal/quota"
	"hutong/goods/offer"
	"hutong/goods/stock"
)

// Free is how many pieces of each offer somebody can buy at once at that instant, by its ordinary pool: what is free
// there, or what is free, under the limit of a shopper and those that a brand's items share, of an item of the SKU that
// is sold outright now, if that is more. A shop may have put all that it has into a sale. A pool that is closed is
// absent. The reading may be nil: no campaigns. Items that may refuses are left out; with nil they are somebody's: a
// page that all see offers what is sold by appointment to who has one.
func (l *Live) Free(tx *db.Tx, at time.Time, offers []offer.Offer, may May) (map[stock.PoolID]int64, error) {
	pools, items := make([]stock.PoolID, len(offers)), map[stock.PoolID][]*Item{}
	var found []*Item
	for n, o := range offers {
		pools[n] = o.Pool
		if l == nil {
			continue
		}
		l.ForSKU(o.SKU, at, func(i *Item) bool {
			if i.Offer == o.ID && i.Stage != Earnest && i.InForce(at) {
				items[o.Pool], found = append(items[o.Pool], i), append(found, i)
				pools = append(pools, i.Pool)
			}
			return true
		})
	}
	var refused map[EnrolmentID]error
	if may != nil && len(found) > 0 {
		var err error
		if refused, err = may(tx, found); err != nil {
			return nil, err
		}
	}
	free, err := stock.Free(tx, pools)
	if err != nil {
		return nil, err
	}
	shared, err := sharedLeft(tx, items)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(free)
	for pool, some := range items {
		for _, i := range some {
			more := i.most(free[i.Pool], shared)
			if _, open := free[pool]; open && refused[i.ID] == nil {
				all[pool] = max(all[pool], more)
			}
			delete(all, i.Pool)
		}
	}
	return all, nil
}

// May tells which of some items somebody may not buy, and why: flash.MayBuy of a shopper.
type May func(tx *db.Tx, items []*Item) (map[EnrolmentID]error, error)

// most is what one line can have of an item with so many free pieces.
func (i *Item) most(free int64, shared map[string]int64) int64 {
	for _, limit := range []int64{i.PerShopper, i.together(i.Wave.PerShopper)} {
		if limit > 0 {
			free = min(free, limit)
		}
	}
	if left, bound := shared[i.Together()]; bound {
		free = min(free, left)
	}
	return free
}

// sharedLeft is what is left of what a brand's items sell together, by its name; where no item is bound so, nothing is
// read.
func sharedLeft(tx *db.Tx, items map[stock.PoolID][]*Item) (map[string]int64, error) {
	bounds := map[string]int64{}
	for _, some := range items {
		for _, i := range some {
			if most := i.together(i.Wave.Pieces); most > 0 {
				bounds[i.Together()] = most
			}
		}
	}
	if len(bounds) == 0 {
		return nil, nil
	}
	var names []string
	for name := range bounds {
		names = append(names, quota.Together(name))
	}
	counts, err := quota.Counts(tx, names)
	for name, most := range bounds {
		c, there := counts[quota.Together(name)]
		n := quota.Need{Cap: most}
		bounds[name] = max(n.Left(c, there), 0)
	}
	return bounds, err
}

// Products are those of which an item is sold outright at that instant, unless it has nothing left, by its PriceID.
func (l *Live) Products(at time.Time, empty func(price string) bool) map[string]bool {
	all := map[string]bool{}
	for n := range l.Items {
		if i := &l.Items[n]; i.Stage != Earnest && i.InForce(at) && !all[i.Product] && !empty(i.PriceID()) {
			all[i.Product] = true
		}
	}
	return all
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
		free, err = s.Live().Free(tx, clock.Now(ctx, s.Clock), offers, nil)
		return err
	})
	return free, err
}
