package group

import (
	"strings"
	"testing"
	"time"

	"hutong/base/fault"
)

func TestTermsThatMakeNoSenseAreRefused(t *testing.T) {
	now := time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)
	good := func() Offer {
		o := Offer{Steps: []Step{{3, 2990}, {5, 2690}}, Window: time.Hour}
		o.whole(DefaultSettings())
		return o
	}
	for code, change := range map[string]func(*Offer){
		"":              func(*Offer) {},
		"group.steps":   func(o *Offer) { o.Steps = nil },
		"group.size":    func(o *Offer) { o.Steps[0].Size = 1 },
		"group.price":   func(o *Offer) { o.Steps[0].Price = 5000 },
		"group.price ":  func(o *Offer) { o.Steps[1].Price = 0 },
		"group.ladder":  func(o *Offer) { o.Steps[1].Size = 3 },
		"group.ladder ": func(o *Offer) { o.Steps[1].Price = 2990 },
		"group.window":  func(o *Offer) { o.Window = time.Minute },
		"group.limit":   func(o *Offer) { o.PerShopper = -1 },
		"group.places":  func(o *Offer) { o.Places = 4 },
		"group.places ": func(o *Offer) { o.Steps, o.Places = o.Steps[:1], 4 },
		"group.times":   func(o *Offer) { o.From, o.Until = now, now },
	} {
		o := good()
		change(&o)
		if err := o.check(5000); code == "" && err != nil || code != "" && !fault.Is(err, strings.TrimSpace(code)) {
			t.Errorf("%q: %v", code, err)
		}
	}
}

func TestPriceOfALadder(t *testing.T) {
	o := Offer{Steps: []Step{{3, 2990}, {5, 2690}, {10, 2290}}}
	for members, want := range map[int64]int64{1: 2990, 3: 2990, 4: 2990, 5: 2690, 9: 2690, 10: 2290, 11: 2290} {
		if got := o.PriceOf(members); got != want {
			t.Errorf("%d members: %d, want %d", members, got, want)
		}
	}
}

func TestWindowsAreHalfOpen(t *testing.T) {
	from := time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)
	o := Offer{State: Open, Window: 24 * time.Hour, From: from, Until: from.Add(30 * time.Hour)}
	for at, want := range map[time.Duration]bool{-1: false, 0: true, 30*time.Hour - 1: true, 30 * time.Hour: false} {
		if got := o.Opens(from.Add(at)); got != want {
			t.Errorf("at %s: %v", at, got)
		}
	}
	if end := o.deadline(from.Add(time.Hour)); !end.Equal(from.Add(25 * time.Hour)) {
		t.Errorf("a window's end %s", end)
	}
	if end := o.deadline(from.Add(10 * time.Hour)); !end.Equal(o.Until) {
		t.Errorf("a window outlives its offer: %s", end)
	}
}

func TestShortOfRealMembers(t *testing.T) {
	set := DefaultSettings()
	for _, c := range []struct {
		paid, kept int64
		want       bool
	}{{2, 1, false}, {3, 2, false}, {3, 1, true}, {4, 2, false}, {4, 1, true}, {2, 0, true}} {
		if got := set.short(&Group{Paid: c.paid, Kept: c.kept}); got != c.want {
			t.Errorf("%d of %d kept: %v", c.kept, c.paid, got)
		}
	}
	set.KeptMin = 0
	if set.short(&Group{Paid: 9}) {
		t.Error("a market without the rule dissolves")
	}
}

// FuzzClaims: no claim is two things, and a tidied code stays as it is.
func FuzzClaims(f *testing.F) {
	for _, s := range []string{"open:gof_1", "private:gof_1", "join:8h2k", "grp_1", "vch_1", "", "join:\xff\x00", "open:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		w, ok := wishOf(s)
		if ok && (w.offer != "") && (w.group != "" || w.code != "") {
			t.Fatalf("%q wants %+v", s, w)
		}
		if again := TidyCode(w.code); again != w.code {
			t.Fatalf("%q becomes %q", w.code, again)
		}
	})
}
