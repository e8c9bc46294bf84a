package guarantee

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/deal/promo"
	"hutong/goods/catalog"
)

// version is a promotion as it was last seen in force.
type version struct {
	id string
	n  int64
}

// LookAtRules has what was bought of SKUs looked at for which a promotion has come into force, or has changed, since
// this node looked last; after a start all in force are new to it. Promotions for whole shops, categories or the market
// are found by the daily look: they would have nearly every line looked at at once. It is a job, safe to repeat.
func (s *Service) LookAtRules(ctx context.Context) (done int, err error) {
	rules := s.Rules()
	if rules == nil {
		return 0, nil
	}
	at := clock.Now(ctx, s.Clock)
	s.looking.Lock()
	defer s.looking.Unlock()
	now, skus := map[version]bool{}, []catalog.SKUID(nil)
	for p := range rules.All() {
		if p.Claim || len(p.Scope.SKUs) == 0 || !holds(p, at) {
			continue
		}
		v := version{p.ID, p.Version}
		if now[v] = true; s.inForce[v] {
			continue
		}
		for _, sku := range p.Scope.SKUs {
			skus = append(skus, catalog.SKUID(sku))
		}
	}
	if len(skus) > 0 {
		err = s.DB.Write(ctx, func(tx *db.Tx) error { return s.soonSKUs(tx, skus, at) })
	}
	if err == nil {
		s.inForce = now
	}
	return len(skus), err
}

func holds(p *promo.Promotion, at time.Time) bool {
	return !at.Before(p.From) && (p.Until.IsZero() || at.Before(p.Until))
}

// soonSKUs has the protected lines of SKUs' products looked at now.
func (s *Service) soonSKUs(tx *db.Tx, skus []catalog.SKUID, at time.Time) error {
	briefs, err := s.Catalog.Briefs(tx, skus)
	if err != nil {
		return err
	}
	var products []string
	for _, b := range briefs {
		products = append(products, string(b.Product))
	}
	return soon(tx, products, at)
}
