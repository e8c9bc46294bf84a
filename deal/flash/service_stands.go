package flash

import (
	"context"
	"time"

	"hutong/base/db"
	"hutong/deal/campaign"
	"hutong/deal/quota"
	"hutong/goods/stock"
)

// stands is where pools, and what items count together, stand.
type stands struct {
	pools map[stock.PoolID]stock.Pool
	left  map[string]int64 // by name of what is counted together: pieces
	held  map[string]int64 // by name: pieces that are not paid
}

// look reads what is true of all that is shown, and of what counts together with it.
func (s *Service) look(ctx context.Context, live *campaign.Live, shown []Sitting) (all stands, err error) {
	all.left, all.held = map[string]int64{}, map[string]int64{}
	var ids []stock.PoolID
	for _, sitting := range shown {
		for _, i := range sitting.Items {
			ids = append(ids, i.Pool)
			if name := i.Together(); name != "" && i.Wave.Pieces > 0 {
				all.left[name] = i.Wave.Pieces
			}
		}
	}
	mates := all.mates(live)
	for _, i := range mates {
		ids = append(ids, i.Pool)
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if all.pools, err = stock.Pools(tx, ids); err != nil {
			return err
		}
		return all.count(tx)
	})
	for _, i := range mates {
		all.held[i.Together()] += all.pools[i.Pool].Held
	}
	return all, err
}

// mates are all items of what is counted together, each pool once.
func (s stands) mates(live *campaign.Live) (mates []*campaign.Item) {
	if len(s.left) == 0 {
		return nil
	}
	seen := map[stock.PoolID]bool{}
	for n := range live.Items {
		i := &live.Items[n]
		if _, shares := s.left[i.Together()]; shares && !seen[i.Pool] {
			seen[i.Pool] = true
			mates = append(mates, i)
		}
	}
	return mates
}

// count reads what is left of what is counted together; of what nobody bought, all is.
func (s stands) count(tx *db.Tx) error {
	names := make([]string, 0, len(s.left))
	for name := range s.left {
		names = append(names, quota.Together(name))
	}
	if len(names) == 0 {
		return nil
	}
	counts, err := quota.Counts(tx, names)
	for name := range s.left {
		if c, used := counts[quota.Together(name)]; used {
			s.left[name] = c.Free()
		}
	}
	return err
}

func (s stands) view(i *campaign.Item, at time.Time) View {
	v := ViewOf(i, s.pools[i.Pool], at)
	name := i.Together()
	if left, shares := s.left[name]; shares {
		return v.together(left, s.held[name])
	}
	return v
}
