package tune_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/setting"
	"hutong/base/tune"
)

var specs = []tune.Spec{
	{Name: "order.minutes", Kind: tune.Count, Default: "15", Min: 5, Max: 120, Later: true},
	{Name: "market.name", Kind: tune.Words, Default: "胡同", Min: 1, Max: 10},
	{Name: "fetch", Kind: tune.Flag, Default: tune.No},
}

func TestAValueIsChecked(t *testing.T) {
	for _, c := range []struct {
		spec              int
		value, kept, code string
	}{{0, "5", "5", ""}, {0, " 120 ", "120", ""}, {0, "007", "7", ""}, {0, "4", "", "tune.count"}, {0, "121", "", "tune.count"},
		{0, "15.5", "", "tune.count"}, {0, "", "", "tune.count"}, {0, "99999999999999999999", "", "tune.count"},
		{1, "十个字十个字十个字十", "十个字十个字十个字十", ""}, {1, "   ", "", "tune.words"}, {1, strings.Repeat("字", 11), "", "tune.words"},
		{1, "a\nb", "", "tune.words"}, {1, "\xff", "", "tune.words"},
		{1, "a\u202eb", "", "tune.words"}, {1, "a\u200bb", "", "tune.words"}, {1, "集市🎪", "集市🎪", ""}, {2, "yes", "yes", ""}, {2, "no", "no", ""}, {2, "on", "", "tune.flag"}} {
		kept, err := specs[c.spec].Check(c.value)
		if kept != c.kept || (c.code == "") != (err == nil) || c.code != "" && !fault.Is(err, c.code) {
			t.Errorf("%s = %q: %q, %v", specs[c.spec].Name, c.value, kept, err)
		}
	}
}

func TestWhatIsSetHoldsAndIsNoted(t *testing.T) {
	dbtest.Each(t, []db.Schema{setting.Schema}, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		c := clock.NewManual(time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC))
		var noted []tune.Change
		refuse := error(nil)
		note := func(_ context.Context, _ *db.Tx, _ time.Time, c tune.Change) error {
			noted = append(noted, c)
			return refuse
		}
		s, err := tune.New(ctx, d, c, specs, note)
		if err != nil {
			t.Fatal(err)
		}
		if s.Count("order.minutes") != 15 || s.Is("fetch") || s.Text("market.name") != "胡同" {
			t.Fatal("the defaults do not hold")
		}
		n, err := s.Set(ctx, map[string]string{"order.minutes": "030", "fetch": "yes", "market.name": "胡同"})
		if n != 2 || err != nil || s.Count("order.minutes") != 30 || !s.Is("fetch") {
			t.Fatal(n, err, s.Values())
		}
		if len(noted) != 2 || noted[0] != (tune.Change{Name: "order.minutes", Before: "15", After: "30"}) {
			t.Fatal(noted)
		}
		v := s.Values()
		if !v[0].Waits || !v[0].Set || v[1].Set || v[2].Waits || !v[2].Set {
			t.Fatalf("%+v", v)
		}
		if _, err := s.Set(ctx, map[string]string{"fetch": "no", "order.minutes": "1"}); !fault.Is(err, "tune.count") || !s.Is("fetch") {
			t.Fatal("half of a form was set", err)
		}
		if _, err := s.Set(ctx, map[string]string{"secret.checkout": "x"}); !fault.Is(err, "tune.unknown") {
			t.Fatal(err)
		}
		refuse = errors.New("no record")
		if _, err := s.Set(ctx, map[string]string{"fetch": "no"}); err == nil || !s.Is("fetch") {
			t.Fatal("a change without its record")
		}
		other, err := tune.New(ctx, d, c, specs, nil)
		if err != nil || !other.Is("fetch") || other.Count("order.minutes") != 30 || other.Values()[0].Waits {
			t.Fatal("another node begins with something else", err)
		}
		if _, err := other.Set(ctx, map[string]string{"market.name": "集市"}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Refresh(ctx); err != nil || s.Text("market.name") != "集市" {
			t.Fatal("a change at another node is not felt", err)
		}
	})
}

func TestAListThatIsNoGoodDoesNotStart(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, setting.Schema)
	for name, bad := range map[string][]tune.Spec{
		"twice":   {specs[0], specs[0]},
		"default": {{Name: "x", Kind: tune.Count, Default: "9", Max: 5}},
		"kind":    {{Name: "x", Kind: "float", Default: "1.5"}},
	} {
		if _, err := tune.New(context.Background(), d, clock.NewManual(time.Unix(0, 0)), bad, nil); err == nil {
			t.Errorf("%s: it starts", name)
		}
	}
}
