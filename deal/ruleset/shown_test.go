package ruleset_test

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/deal/promo"
	"hutong/deal/promo/price"
	"hutong/deal/ruleset"
	"hutong/goods/search"
)

// TestWherePricesMayHaveChanged: what begins, ends, changes or goes names its scope once, and nothing else does; the
// edition changes with it.
func TestWherePricesMayHaveChanged(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		start := time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)
		c := clock.NewManual(start)
		at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
		one := func(id string, unit int64, from, until int, scope promo.Scope) promo.Promotion {
			return promo.Promotion{ID: id, Version: 1, Kind: price.Name, Terms: &price.Terms{UnitPrice: &unit}, Scope: scope,
				From: at(from), Until: at(until)}
		}
		shelf := &shelf{all: []promo.Promotion{one("a", 1, 10, 30, promo.Scope{SKUs: []string{"sku_a"}}),
			one("b", 2, 20, 40, promo.Scope{Shop: "shp_b"})}}
		s, err := ruleset.New(ctx, ruleset.Deps{DB: d, Clock: c, Log: slog.New(slog.DiscardHandler),
			Sources: []ruleset.Source{shelf.source("a")}})
		if err != nil {
			t.Fatal(err)
		}
		var mark any
		was := s.Edition()
		look := func(when time.Time, skus, shops []string, edition bool) {
			t.Helper()
			c.Set(when)
			var scope search.Scope
			scope, mark = s.Since(mark, when)
			slices.Sort(scope.SKUs)
			if !slices.Equal(scope.SKUs, skus) || !slices.Equal(scope.Shops, shops) || scope.All || len(scope.Categories) > 0 {
				t.Errorf("at %v: %+v", when, scope)
			}
			if now := s.Edition(); (now != was) != edition {
				t.Errorf("at %v the edition is %d after %d", when, now, was)
			} else {
				was = now
			}
		}
		look(at(10).Add(-1), nil, nil, false)
		look(at(10), []string{"sku_a"}, nil, true)
		look(at(11), nil, nil, false)
		look(at(20), nil, []string{"shp_b"}, true)
		shelf.all = []promo.Promotion{one("a", 1, 10, 30, promo.Scope{SKUs: []string{"sku_c"}}), shelf.all[1]}
		refresh(t, s)
		look(at(21), []string{"sku_a", "sku_c"}, nil, true)
		look(at(30), []string{"sku_c"}, nil, true)
		shelf.all = nil
		refresh(t, s)
		look(at(31), nil, []string{"shp_b"}, true)
		look(at(50), nil, nil, false)
	})
}
