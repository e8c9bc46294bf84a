package ruleset

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/deal/promo"
	"hutong/deal/quota"
	"hutong/goods/stock"
)

// Empty tells whether a promotion had nothing left a second ago: its own pool is sold out or closed, or its budget is
// spent. For shelves; a quote looks at the rows, and placing takes from them.
func (s *Service) Empty(promotion string) bool {
	all := s.empty.Load()
	return all != nil && (*all)[promotion]
}

// soon is how long before its start a promotion is looked at.
const soon = time.Minute

// look finds out which promotions in force have nothing left.
func (s *Service) look(ctx context.Context) error {
	at := clock.Now(ctx, s.Clock)
	pools, budgets := map[stock.PoolID][]string{}, map[string][]string{}
	s.refresh.Lock()
	for i := range s.parts {
		for n := range s.parts[i].all {
			p := &s.parts[i].all[n]
			if !near(p, at) {
				continue
			}
			if p.Pool != "" {
				pools[stock.PoolID(p.Pool)] = append(pools[stock.PoolID(p.Pool)], p.ID)
			}
			if p.Budget > 0 {
				budgets[quota.Budget(p.ID)] = []string{p.ID}
			}
			if p.Together.Pieces > 0 {
				name := quota.Together(p.Together.Name)
				budgets[name] = append(budgets[name], p.ID)
			}
		}
	}
	s.refresh.Unlock()
	empty := map[string]bool{}
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		if err := emptyPools(tx, pools, empty); err != nil {
			return err
		}
		return spent(tx, budgets, empty)
	})
	if err == nil {
		s.empty.Store(&empty)
	}
	return err
}

func near(p *promo.Promotion, at time.Time) bool {
	return (p.From.IsZero() || at.Add(soon).After(p.From)) && (p.Until.IsZero() || at.Before(p.Until))
}

func emptyPools(tx *db.Tx, of map[stock.PoolID][]string, empty map[string]bool) error {
	if len(of) == 0 {
		return nil
	}
	ids := make([]stock.PoolID, 0, len(of))
	for id := range of {
		ids = append(ids, id)
	}
	pools, err := stock.Pools(tx, ids)
	for id, promotions := range of {
		if pool := pools[id]; pool.Open && pool.Free() > 0 {
			continue
		}
		for _, promotion := range promotions {
			empty[promotion] = true
		}
	}
	return err
}

func spent(tx *db.Tx, of map[string][]string, empty map[string]bool) error {
	if len(of) == 0 {
		return nil
	}
	names := make([]string, 0, len(of))
	for name := range of {
		names = append(names, name)
	}
	free, err := quota.Free(tx, names)
	for name, left := range free {
		for _, promotion := range of[name] {
			empty[promotion] = empty[promotion] || left <= 0
		}
	}
	return err
}
