package ruleset

import (
	"reflect"
	"time"

	"hutong/base/money"
	"hutong/deal/promo"
	"hutong/goods/search"
)

// OnShelf is Shelf's price, for a search by what pages show (search.Shelf).
func (s *Service) OnShelf(t search.Tag, at time.Time) (int64, error) {
	out, err := s.Shelf(promo.Line{ID: t.Offer, Shop: t.Shop, SKU: t.SKU, UnitPrice: t.Price,
		Floor: t.Floor, Categories: promo.Path(t.Category)}, money.Currency(t.Currency), at)
	return out.Price, err
}

// inForce is what took something off at an instant, and until when nothing begins or ends.
type inForce struct {
	rules  *promo.Rules
	empty  *map[string]bool
	at     time.Time
	until  time.Time // zero: nothing is going to change by time
	active map[string]*promo.Promotion
}

// Since tells where shelf prices may be others than at the instant of an earlier mark: in the scopes of promotions
// that began, ended, changed or ran out since.
func (s *Service) Since(mark any, at time.Time) (search.Scope, any) {
	was, _ := mark.(*inForce)
	now := &inForce{rules: s.Rules(), empty: s.empty.Load(), at: at}
	if was != nil && was.rules == now.rules && was.empty == now.empty && !at.Before(was.at) &&
		(was.until.IsZero() || at.Before(was.until)) {
		return search.Scope{}, was
	}
	now.active = map[string]*promo.Promotion{}
	for p := range now.rules.All() {
		if p.Claim {
			continue
		}
		now.next(p.From)
		now.next(p.Until)
		if (p.From.IsZero() || !at.Before(p.From)) && (p.Until.IsZero() || at.Before(p.Until)) && !s.Empty(p.ID) {
			now.active[p.ID] = p
		}
	}
	if was == nil {
		was = &inForce{}
	}
	var scope search.Scope
	for id, p := range now.active {
		if before := was.active[id]; before == nil || before != p && !reflect.DeepEqual(before, p) {
			widen(&scope, p)
			widen(&scope, before)
		}
	}
	for id, p := range was.active {
		if now.active[id] == nil {
			widen(&scope, p)
		}
	}
	return scope, now
}

// next notes an instant at which something begins or ends.
func (f *inForce) next(at time.Time) {
	if at.After(f.at) && (f.until.IsZero() || at.Before(f.until)) {
		f.until = at
	}
}

// edition is a number for what pages show, from one instant until the next at which a promotion begins or ends.
type edition struct {
	rules       *promo.Rules
	from, until time.Time // until zero: nothing is going to change by time
	number      uint64
}

// Edition is a number that changes with every change of what is promoted, and when a promotion begins or ends: a page
// that was kept under another one may show a price that holds no more (I-P3).
func (s *Service) Edition() uint64 {
	at, rules, was := s.Clock.Now(), s.Rules(), s.edition.Load()
	if was != nil && was.rules == rules && !at.Before(was.from) && (was.until.IsZero() || at.Before(was.until)) {
		return was.number
	}
	now := inForce{at: at}
	for p := range rules.All() {
		now.next(p.From)
		now.next(p.Until)
	}
	fresh := &edition{rules: rules, from: at, until: now.until, number: 1}
	if was != nil {
		fresh.number = was.number + 1
	}
	s.edition.CompareAndSwap(was, fresh)
	return s.edition.Load().number
}

// widen adds the goods of a promotion.
func widen(scope *search.Scope, p *promo.Promotion) {
	switch {
	case p == nil:
	case len(p.Scope.SKUs) > 0:
		scope.SKUs = append(scope.SKUs, p.Scope.SKUs...)
	case p.Scope.Shop != "":
		scope.Shops = append(scope.Shops, p.Scope.Shop)
	case p.Scope.Category != "":
		scope.Categories = append(scope.Categories, p.Scope.Category)
	default:
		scope.All = true
	}
}
