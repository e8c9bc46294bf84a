package rollout_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/rollout"
)

var start = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

var schemas = []db.Schema{rollout.Schema}

func TestRaisingAShareNeverRemovesAnybody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-z][a-z0-9_.]{1,20}`).Draw(t, "name")
		who := rollout.Subject{Shopper: rapid.StringN(0, 30, -1).Draw(t, "shopper"), Shop: rapid.StringN(0, 30, -1).Draw(t, "shop"),
			Channel: rapid.SampledFrom([]string{"", "web", "app"}).Draw(t, "channel")}
		less := rapid.Int64Range(0, rollout.Whole).Draw(t, "less")
		more := rapid.Int64Range(less, rollout.Whole).Draw(t, "more")
		small, large := rollout.Switch{Name: name, SharePPM: less}, rollout.Switch{Name: name, SharePPM: more}
		if small.On(who) && !large.On(who) {
			t.Fatalf("%+v was in at %d and is out at %d", who, less, more)
		}
		if again := small; small.On(who) != again.On(who) || (rollout.Switch{Name: name}).On(who) ||
			!(rollout.Switch{Name: name, SharePPM: rollout.Whole}).On(who) {
			t.Fatal("not sticky, or the ends are wrong")
		}
		moved := who
		moved.Channel = "another"
		if small.On(who) != small.On(moved) {
			t.Fatal("the share depends on the channel")
		}
		off := large
		off.Off, off.Shops, off.Shoppers = true, []string{who.Shop}, []string{who.Shopper}
		if off.On(who) {
			t.Fatal("off is not off")
		}
		listed := small
		listed.Shoppers = []string{"x", who.Shopper}
		if who.Shopper != "" && !listed.On(who) {
			t.Fatal("a listed shopper is out")
		}
	})
}

func TestAShareIsAboutThatLarge(t *testing.T) {
	for _, ppm := range []int64{10_000, 250_000, 900_000} {
		in, both := 0, 0
		a, b := rollout.Switch{Name: "a.b", SharePPM: ppm}, rollout.Switch{Name: "a.c", SharePPM: ppm}
		const n = 20_000
		for i := range n {
			who := rollout.Subject{Shopper: fmt.Sprint("shr_", i)}
			if a.On(who) {
				in++
				if b.On(who) {
					both++
				}
			}
		}
		want := int(ppm * n / rollout.Whole)
		if in < want*8/10 || in > want*12/10+10 {
			t.Errorf("%d ppm: %d of %d", ppm, in, n)
		}
		if ppm == 250_000 && (both < in/5 || both > in/3) {
			t.Errorf("two switches deal out the same places: %d of %d", both, in)
		}
	}
}

func TestA3_NobodyIsInNoList(t *testing.T) {
	s := rollout.Switch{Name: "x", Shops: []string{""}, Shoppers: []string{""}, Channels: []string{""}, SharePPM: 999_999}
	if s.On(rollout.Subject{}) {
		t.Fatal("an empty id matched")
	}
	s = rollout.Switch{Name: "x", Shops: []string{"shp_a"}, Channels: []string{"app"}}
	for who, want := range map[rollout.Subject]bool{{Shop: "shp_a"}: true, {Shop: "shp_b"}: false, {Channel: "app"}: true,
		{Shopper: "shp_a"}: false, {Channel: "shp_a"}: false} {
		if s.On(who) != want {
			t.Error(who)
		}
	}
}

func TestSwitchesAreKeptAndFelt(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		var told []string
		note := func(_ context.Context, _ *db.Tx, at time.Time, before, after rollout.Switch) error {
			told = append(told, fmt.Sprint(before.SharePPM, after.SharePPM, at.Equal(start)))
			return nil
		}
		c := clock.NewManual(start)
		s, err := rollout.New(t.Context(), d, c, note)
		if err != nil {
			t.Fatal(err)
		}
		other, err := rollout.New(t.Context(), d, c, note)
		if err != nil {
			t.Fatal(err)
		}
		who := rollout.Subject{Shopper: "shr_a"}
		if s.On("new.checkout", who) {
			t.Fatal("on before it is set")
		}
		sw, err := s.Set(t.Context(), rollout.Switch{Name: "new.checkout", Shoppers: []string{"shr_a", "shr_a"}})
		if err != nil || sw.Version != 1 || len(sw.Shoppers) != 1 || !s.On("new.checkout", who) {
			t.Fatal(sw, err)
		}
		if _, err := other.Refresh(t.Context()); err != nil || !other.On("new.checkout", who) {
			t.Fatal("another node does not feel it", err)
		}
		stale := sw
		sw.SharePPM, sw.Shoppers = 500_000, nil
		if sw, err = s.Set(t.Context(), sw); err != nil || sw.Version != 2 {
			t.Fatal(sw, err)
		}
		for _, version := range []int64{0, stale.Version} {
			stale.Version = version
			if _, err := other.Set(t.Context(), stale); !fault.Is(err, "rollout.changed") {
				t.Fatal(err)
			}
		}
		if all := s.Switches(); len(all) != 1 || all[0].SharePPM != 500_000 || all[0].Version != 2 {
			t.Fatal(all)
		}
		if err := s.Drop(t.Context(), "new.checkout"); err != nil || s.On("new.checkout", who) {
			t.Fatal(err)
		}
		if err := s.Drop(t.Context(), "new.checkout"); !fault.Is(err, "rollout.not_found") {
			t.Fatal(err)
		}
		if got := strings.Join(told[:2], ", "); got != "0 0 true, 0 500000 true" {
			t.Fatal(told)
		}
	})
}

func TestAChangeThatCannotBeRecordedIsNone(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		stop := errors.New("stop")
		s, err := rollout.New(t.Context(), d, clock.NewManual(start),
			func(context.Context, *db.Tx, time.Time, rollout.Switch, rollout.Switch) error { return stop })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Set(t.Context(), rollout.Switch{Name: "a.b", SharePPM: rollout.Whole}); !errors.Is(err, stop) ||
			s.On("a.b", rollout.Subject{Shop: "x"}) {
			t.Fatal(err)
		}
	})
}

func TestSwitchesThatCannotBe(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	s, err := rollout.New(t.Context(), d, clock.NewManual(start), nil)
	if err != nil {
		t.Fatal(err)
	}
	many := make([]string, rollout.ListMax+1)
	for i := range many {
		many[i] = fmt.Sprint("shr_", i)
	}
	for code, bad := range map[string][]rollout.Switch{
		"rollout.name":  {{}, {Name: "A"}, {Name: "a b"}, {Name: "'; --"}, {Name: strings.Repeat("a", 64)}},
		"rollout.share": {{Name: "ab", SharePPM: -1}, {Name: "ab", SharePPM: rollout.Whole + 1}},
		"rollout.list":  {{Name: "ab", Shops: []string{""}}, {Name: "ab", Shoppers: many}, {Name: "ab", Channels: []string{"a b"}}},
	} {
		for _, b := range bad {
			if _, err := s.Set(t.Context(), b); !fault.Is(err, code) {
				t.Errorf("%s: %v", code, err)
			}
		}
	}
	var wg sync.WaitGroup
	for i := range rollout.SwitchesMax {
		wg.Go(func() {
			if _, err := s.Set(t.Context(), rollout.Switch{Name: fmt.Sprint("s.", i)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if _, err := s.Set(t.Context(), rollout.Switch{Name: "one.more"}); !fault.Is(err, "rollout.many") {
		t.Fatal(err)
	}
}
