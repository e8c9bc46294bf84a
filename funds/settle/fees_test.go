package settle_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/settle"
)

func rule(id string, scope settle.Scope, about string, ppm money.PPM, day int) settle.FeeRule {
	return settle.FeeRule{ID: settle.RuleID(id), Scope: scope, ScopeID: about, PPM: ppm,
		From: noon.Add(time.Duration(day) * 24 * time.Hour)}
}

func TestFees_MostSpecificThenNewest(t *testing.T) {
	fees := settle.NewFees(6_000, []settle.FeeRule{
		rule("m1", settle.ScopeMarket, "", 7_000, 10), rule("m2", settle.ScopeMarket, "", 8_000, 20),
		rule("c1", settle.ScopeCategory, "aa", 9_000, 0), rule("c2", settle.ScopeCategory, "aa-1-2", 10_000, 0),
		rule("s2", settle.ScopeShop, "shp_a", 2_000, 9), rule("s1", settle.ScopeShop, "shp_a", 1_000, 5),
	})
	day := func(n int) time.Time { return noon.Add(time.Duration(n) * 24 * time.Hour) }
	for _, c := range []struct {
		name, shop, category string
		at                   time.Time
		rule                 settle.RuleID
		ppm                  money.PPM
	}{
		{"nothing set yet", "shp_b", "bb-1", day(0), settle.DefaultRule, 6_000},
		{"one before the start", "shp_b", "bb-1", day(10).Add(-1), settle.DefaultRule, 6_000},
		{"at the start: windows are half-open", "shp_b", "bb-1", day(10), "m1", 7_000},
		{"a newer rule", "shp_b", "", day(20), "m2", 8_000},
		{"the category itself", "shp_b", "aa", day(30), "c1", 9_000},
		{"an ancestor", "shp_b", "aa-1-3-4", day(30), "c1", 9_000},
		{"the nearest ancestor", "shp_b", "aa-1-2-4", day(30), "c2", 10_000},
		{"no ancestor, only the same letters", "shp_b", "aa-1-22", day(0), "c1", 9_000},
		{"nor this", "shp_b", "aab-1", day(0), settle.DefaultRule, 6_000},
		{"the shop over its category", "shp_a", "aa-1-2", day(5), "s1", 1_000},
		{"the shop's newest", "shp_a", "aa-1-2", day(9), "s2", 2_000},
		{"before the shop's first, its category", "shp_a", "aa-1-2", day(4), "c2", 10_000},
	} {
		if id, ppm := fees.For(c.shop, c.category, c.at); id != c.rule || ppm != c.ppm {
			t.Errorf("%s: %s at %d, want %s at %d", c.name, id, ppm, c.rule, c.ppm)
		}
	}
	if rules := fees.Rules(); len(rules) != 6 || rules[0].ID != "m2" || rules[5].ID != "s1" {
		t.Errorf("rules: %v", rules)
	}
}

// naiveFor looks at every rule and keeps the best, without any index.
func naiveFor(rules []settle.FeeRule, shop, category string, at time.Time) (settle.RuleID, money.PPM) {
	best, rank := settle.FeeRule{ID: settle.DefaultRule, PPM: 6_000}, 0
	for _, r := range rules {
		mine := 0
		switch {
		case r.From.After(at):
		case r.Scope == settle.ScopeShop && r.ScopeID == shop:
			mine = 1_000_000
		case r.Scope == settle.ScopeCategory && (category == r.ScopeID || strings.HasPrefix(category, r.ScopeID+"-")):
			mine = 1_000 + len(r.ScopeID)
		case r.Scope == settle.ScopeMarket:
			mine = 1
		}
		newer := cmp.Or(r.From.Compare(best.From), cmp.Compare(r.ID, best.ID)) > 0
		if mine > rank || mine == rank && mine > 0 && newer {
			best, rank = r, mine
		}
	}
	return best.ID, best.PPM
}

func TestFees_AgreeWithASearch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		category := rapid.SampledFrom([]string{"", "aa", "aa-1", "aa-1-2", "aa-12", "bb-3-4-5"})
		shop := rapid.SampledFrom([]string{"shp_a", "shp_b", "shp_c"})
		var rules []settle.FeeRule
		for i := range rapid.IntRange(0, 12).Draw(t, "rules") {
			r := rule(fmt.Sprint("fee_", i), settle.ScopeMarket, "", money.PPM(i), rapid.IntRange(0, 4).Draw(t, "day"))
			switch rapid.IntRange(0, 2).Draw(t, "scope") {
			case 0:
				r.Scope, r.ScopeID = settle.ScopeShop, shop.Draw(t, "of shop")
			case 1:
				if about := category.Draw(t, "of category"); about != "" {
					r.Scope, r.ScopeID = settle.ScopeCategory, about
				}
			}
			rules = append(rules, r)
		}
		fees := settle.NewFees(6_000, rules)
		s, c := shop.Draw(t, "shop"), category.Draw(t, "category")
		at := noon.Add(time.Duration(rapid.IntRange(-1, 5*24).Draw(t, "hour")) * time.Hour)
		id, ppm := fees.For(s, c, at)
		if wantID, want := naiveFor(rules, s, c, at); id != wantID || ppm != want {
			t.Fatalf("%s at %d, want %s at %d", id, ppm, wantID, want)
		}
	})
}

func TestFees_AskingAllocatesNothing(t *testing.T) {
	fees := settle.NewFees(6_000, []settle.FeeRule{rule("c1", settle.ScopeCategory, "aa", 9_000, 0)})
	if n := testing.AllocsPerRun(100, func() { fees.For("shp_a", "aa-1-13-8-2", noon) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestIP5_FeeChangesAreAnnounced: no fee starts earlier than 7 days after it was announced, neither through the verb
// nor past it.
func TestIP5_FeeChangesAreAnnounced(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		ctx, week := context.Background(), 7*24*time.Hour
		cmd := settle.SetFee{Scope: settle.ScopeShop, ScopeID: "shp_a", PPM: 5_000, From: noon.Add(week - 1)}
		if _, err := r.SetFee(ctx, cmd); !fault.Is(err, "fee.notice") {
			t.Errorf("a moment too early: %v", err)
		}
		cmd.From = noon.Add(week)
		set, err := r.SetFee(ctx, cmd)
		r.must(err)
		if id, ppm := r.Fees().For("shp_a", "aa", cmd.From.Add(-1)); id != settle.DefaultRule || ppm != 6_000 {
			t.Errorf("before its start: %s, %d", id, ppm)
		}
		if id, ppm := r.Fees().For("shp_a", "aa", cmd.From); id != set.ID || ppm != 5_000 {
			t.Errorf("from its start: %s, %d, want %s", id, ppm, set.ID)
		}
		if _, err := r.SetFee(ctx, cmd); !fault.Is(err, "fee.same_start") {
			t.Errorf("the same start again: %v", err)
		}
		err = r.write(func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE fee_rules SET from_us = from_us - 1`)
			return err
		})
		if !errors.Is(err, db.ErrCheck) {
			t.Errorf("the table allows a shorter notice: %v", err)
		}
	})
}

func TestSetFee_AtOnceOnlyWhileOpening(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		ctx := context.Background()
		now := func(scope settle.Scope, about string) error {
			_, err := r.SetFee(ctx, settle.SetFee{Scope: scope, ScopeID: about, PPM: 4_000, Immediate: true})
			return err
		}
		r.must(now(settle.ScopeMarket, ""))
		if _, ppm := r.Fees().For("shp_a", "aa", noon); ppm != 4_000 {
			t.Errorf("the market opens with %d", ppm)
		}
		r.capture("ord_1", 1000)
		r.accrue(sale("ord_1", "shp_a", 1000))
		r.clock.Advance(time.Hour)
		r.must(now(settle.ScopeShop, "shp_b")) // a shop that opens later
		for scope, about := range map[settle.Scope]string{
			settle.ScopeMarket: "", settle.ScopeCategory: "aa", settle.ScopeShop: "shp_a",
		} {
			if err := now(scope, about); !fault.Is(err, "fee.not_opening") {
				t.Errorf("%s with settled sales: %v", scope, err)
			}
		}
	})
}

func TestSetFee_Refusals(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		far := noon.Add(30 * 24 * time.Hour)
		for _, c := range []struct {
			cmd         settle.SetFee
			code, field string
		}{
			{settle.SetFee{Scope: "planet", ScopeID: "earth", From: far}, "fee.scope", "scope"},
			{settle.SetFee{Scope: settle.ScopeMarket, ScopeID: "shp_a", From: far}, "fee.scope_id", "scope_id"},
			{settle.SetFee{Scope: settle.ScopeShop, From: far}, "fee.scope_id", "scope_id"},
			{settle.SetFee{Scope: settle.ScopeMarket, PPM: -1, From: far}, "fee.rate", "ppm"},
			{settle.SetFee{Scope: settle.ScopeMarket, PPM: 1_000_001, From: far}, "fee.rate", "ppm"},
			{settle.SetFee{Scope: settle.ScopeMarket}, "fee.notice", "from"},
		} {
			_, err := r.SetFee(context.Background(), c.cmd)
			if f := fault.As(err); f == nil || f.Code != c.code || f.Field != c.field {
				t.Errorf("%+v: %v, want %s at %s", c.cmd, err, c.code, c.field)
			}
		}
		if n := len(r.Fees().Rules()); n != 0 {
			t.Errorf("%d rules after refusals only", n)
		}
	})
}

// TestFees_AnotherNode: a change made by one node is seen by the other when its job has run.
func TestFees_AnotherNode(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		other := open(t, r.db)
		_, err := r.SetFee(context.Background(), settle.SetFee{Scope: settle.ScopeMarket, PPM: 1, Immediate: true})
		r.must(err)
		for _, j := range other.Jobs() {
			if j.Name == "settle.fees" {
				_, err := j.Run(context.Background())
				r.must(err)
			}
		}
		if _, ppm := other.Fees().For("shp_a", "", noon); ppm != 1 {
			t.Errorf("the other node still takes %d", ppm)
		}
	})
}

// TestFees_ReadWhileTheyChange is for the race detector.
func TestFees_ReadWhileTheyChange(t *testing.T) {
	r := openSQLite(t)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for range 50 {
				if i == 0 {
					if err := r.Refresh(context.Background()); err != nil {
						t.Error(err)
					}
				}
				r.Fees().For("shp_a", "aa-1", noon)
			}
		})
	}
	wg.Wait()
}

func TestNew_RefusesAFeeAboveTheWhole(t *testing.T) {
	r := openSQLite(t)
	for _, ppm := range []money.PPM{-1, money.Whole + 1} {
		_, err := settle.New(context.Background(), r.db, r.clock, nil, settle.Settings{DefaultPPM: ppm})
		if !fault.Is(err, "fee.rate") {
			t.Errorf("%d: %v", ppm, err)
		}
	}
}
