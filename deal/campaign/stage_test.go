package campaign

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/base/fault"
	"hutong/base/text"
)

func at(t testing.TB, s string) time.Time {
	t.Helper()
	v, err := time.Parse("2006-01-02T15:04:05.999999999Z07:00", s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func span(t testing.TB, from, until string) Window {
	t.Helper()
	start, err := Start(from, Shanghai)
	if err != nil {
		t.Fatal(err)
	}
	end, err := End(until, Shanghai)
	if err != nil {
		t.Fatal(err)
	}
	return Window{start, end}
}

// tmall2020 is the clock that Tmall published for 2020, as it stands in the announcement.
func tmall2020(t testing.TB) Campaign {
	t.Helper()
	both := func(s string) text.Entry { return text.Entry{Zh: s, En: s} }
	return Campaign{ID: "cmp_x", State: Published, Plan: Plan{Title: both("11.11"), Channel: Sale,
		Switches: Switches{Presale: true, CrossShop: true},
		Recruit:  span(t, "2020-09-20", "2020-10-09"),
		Lock:     span(t, "2020-10-15 00:00:00", "2020-11-26 23:59:59"),
		Waves: []Wave{
			{Title: both("1"), Phases: []Phase{
				{Warmup, span(t, "2020-10-20 00:00:00", "2020-10-31 23:59:59")},
				{Earnest, span(t, "2020-10-21 00:00:00", "2020-10-31 21:59:59")},
				{Balance, span(t, "2020-11-01 00:30:00", "2020-11-03 23:59:59")},
				{Spot, span(t, "2020-11-01 00:00:00", "2020-11-03 23:59:59")}}},
			{Title: both("2"), Phases: []Phase{
				{Earnest, span(t, "2020-11-04 00:00:00", "2020-11-10 21:59:59")},
				{Balance, span(t, "2020-11-11 00:30:00", "2020-11-11 23:59:59")},
				{Spot, span(t, "2020-11-11 00:00:00", "2020-11-11 23:59:59")},
				{Encore, span(t, "2020-11-12 00:00:00", "2020-11-13 23:59:59")}}},
		}}}
}

var both = Part{Presale: true, Spot: true}

func TestT1_1a_EarnestEndsWithTheHour(t *testing.T) {
	c := tmall2020(t)
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	if err := MayPayEarnest(c, c.Waves[0], both, at(t, "2020-10-31T21:59:59.999+08:00")); err != nil {
		t.Error("a millisecond before the end:", err)
	}
	if err := MayPayEarnest(c, c.Waves[0], both, at(t, "2020-10-31T22:00:00+08:00")); !fault.Is(err, "campaign.earnest_closed") {
		t.Error("at the end:", err)
	}
	if err := MayPayEarnest(c, c.Waves[0], both, at(t, "2020-10-20T23:59:59+08:00")); !fault.Is(err, "campaign.earnest_not_open") ||
		fault.As(err).RetryAfter != time.Second {
		t.Error("a second before the start:", err)
	}
}

func TestT1_1b_BalanceOpensAfterSpot(t *testing.T) {
	c := tmall2020(t)
	w := c.Waves[0]
	if err := MayPayBalance(c, w, both, at(t, "2020-11-01T00:29:59+08:00")); !fault.Is(err, "campaign.balance_not_open") {
		t.Error(err)
	}
	if err := MayBuy(c, w, both, at(t, "2020-11-01T00:00:00+08:00")); err != nil {
		t.Error("spot of the same item:", err)
	}
	if err := MayPayBalance(c, w, both, at(t, "2020-11-01T00:30:00+08:00")); err != nil {
		t.Error(err)
	}
	s := StageOf(c, w, both, at(t, "2020-11-01T00:29:59+08:00"))
	if s.Stage != Spot || !s.Spot || s.Balance || !s.Next.Equal(at(t, "2020-11-01T00:30:00+08:00")) {
		t.Errorf("%+v", s)
	}
}

func TestT1_1c_WavesOverlapAndForfeit(t *testing.T) {
	c := tmall2020(t)
	midnight := at(t, "2020-11-04T00:00:00+08:00")
	if Forfeits(c.Waves[0], midnight.Add(-time.Microsecond)) {
		t.Error("forfeited before the end")
	}
	if !Forfeits(c.Waves[0], midnight) || Forfeits(c.Waves[1], midnight) {
		t.Error("the first wave forfeits at 24:00, the second does not")
	}
	if err := MayPayEarnest(c, c.Waves[1], both, midnight); err != nil {
		t.Error("the same SKU's second wave:", err)
	}
	if err := MayPayBalance(c, c.Waves[0], both, midnight); !fault.Is(err, "campaign.balance_closed") {
		t.Error(err)
	}
}

// TestR19_TheStartIsOneInstant: a millisecond before it nothing is sold, at it and after it everything is.
func TestR19_TheStartIsOneInstant(t *testing.T) {
	c := tmall2020(t)
	for _, w := range c.Waves {
		start, end := w.Phase(Spot).From, w.Phase(Spot).Until
		for _, x := range []struct {
			at   time.Time
			open bool
		}{{start.Add(-time.Millisecond), false}, {start, true}, {start.Add(time.Millisecond), true},
			{end.Add(-time.Millisecond), true}, {end, false}, {end.Add(time.Millisecond), false}} {
			onlySpot := Campaign{State: Published, Plan: Plan{Switches: c.Switches, Recruit: c.Recruit, Lock: c.Lock}}
			if got := StageOf(onlySpot, Wave{Phases: only(w.Phases, Spot)}, both, x.at).Spot; got != x.open {
				t.Errorf("%v: open %v", x.at, got)
			}
		}
	}
}

func TestStagesOfALife(t *testing.T) {
	c := tmall2020(t)
	spotOnly := Part{Spot: true}
	for _, x := range []struct {
		wave int
		item Part
		at   string
		want Stage
	}{
		{0, both, "2020-09-19T23:59:59+08:00", Announced},
		{0, both, "2020-09-20T00:00:00+08:00", Recruiting},
		{0, both, "2020-10-14T23:59:59+08:00", Recruiting},
		{0, both, "2020-10-15T00:00:00+08:00", Locked},
		{0, both, "2020-10-20T00:00:00+08:00", Warmup},
		{0, both, "2020-10-21T00:00:00+08:00", Earnest},
		{0, spotOnly, "2020-10-21T00:00:00+08:00", Warmup},
		{0, both, "2020-10-31T22:00:00+08:00", Warmup},
		{1, both, "2020-11-10T22:00:00+08:00", Pause},
		{1, both, "2020-11-12T00:00:00+08:00", Encore},
		{1, Part{Presale: true}, "2020-11-11T00:00:00+08:00", Pause},
		{1, Part{Presale: true}, "2020-11-11T00:30:00+08:00", Balance},
		{1, both, "2020-11-14T00:00:00+08:00", PriceProtect},
		{1, both, "2020-11-27T00:00:00+08:00", Settled},
	} {
		if got := StageOf(c, c.Waves[x.wave], x.item, at(t, x.at)); got.Stage != x.want {
			t.Errorf("wave %d at %s: %+v, want %s", x.wave, x.at, got, x.want)
		}
	}
	c.State = Drafted
	if got := StageOf(c, c.Waves[0], both, at(t, "2020-10-21T00:00:00+08:00")); got.Stage != Draft || got.Earnest {
		t.Error("a draft is in force", got)
	}
	c.State = Cancelled
	if got := StageOf(c, c.Waves[0], both, at(t, "2020-11-01T01:00:00+08:00")); got.Stage != Called || got.Spot || got.Balance {
		t.Error("a cancelled sale is in force", got)
	}
}

func TestSwitchesAreIndependent(t *testing.T) {
	c := tmall2020(t)
	night := at(t, "2020-10-21T00:00:00+08:00")
	for n := range 8 {
		c.Switches = Switches{Presale: n&1 > 0, CrossShop: n&2 > 0, Direct: n&4 > 0}
		if c.Allows("presale") != (n&1 > 0) || c.Allows("crossshop") != (n&2 > 0) || c.Allows("direct") != (n&4 > 0) || !c.Allows("voucher") {
			t.Error(n)
		}
		if got := StageOf(c, c.Waves[0], both, night).Earnest; got != (n&1 > 0) {
			t.Errorf("%+v: earnest open %v", c.Switches, got)
		}
	}
}

// TestStageIsAFunctionOfItsTime: the standing holds from one Next to the following one, and never changes in between.
func TestStageIsAFunctionOfItsTime(t *testing.T) {
	c := tmall2020(t)
	first := c.Recruit.From.Add(-time.Hour).UnixMicro()
	rapid.Check(t, func(t *rapid.T) {
		w := c.Waves[rapid.IntRange(0, 1).Draw(t, "wave")]
		item := Part{rapid.Bool().Draw(t, "presale"), rapid.Bool().Draw(t, "spot")}
		now := time.UnixMicro(first + rapid.Int64Range(0, 80*24*3600_000_000).Draw(t, "us"))
		s := StageOf(c, w, item, now)
		if s.Next.IsZero() {
			return
		}
		before := StageOf(c, w, item, s.Next.Add(-time.Microsecond))
		if before != s {
			t.Fatalf("%+v became %+v before %v", s, before, s.Next)
		}
		if s.Spot && !item.Spot || (s.Earnest || s.Balance) && !item.Presale {
			t.Fatalf("%+v for %+v", s, item)
		}
	})
}

func TestPublishedTimes(t *testing.T) {
	for _, x := range []struct{ s, start, end string }{
		{"2020-10-31 21:59:59", "2020-10-31T21:59:59+08:00", "2020-10-31T22:00:00+08:00"},
		{"2020-10-31 22:00:00", "2020-10-31T22:00:00+08:00", "2020-10-31T22:00:00+08:00"},
		{"2020-10-31T21:59", "2020-10-31T21:59:00+08:00", "2020-10-31T21:59:00+08:00"},
		{"2020-10-31 23:59:59.999", "2020-10-31T23:59:59.999+08:00", "2020-11-01T00:00:00+08:00"},
		{"2020-10-31", "2020-10-31T00:00:00+08:00", "2020-11-01T00:00:00+08:00"},
		{"2020-10-31T13:59:59Z", "2020-10-31T13:59:59Z", "2020-10-31T14:00:00Z"},
		{"2020-10-31 24:00", "", "2020-11-01T00:00:00+08:00"},
		{"2020-10-32", "", ""}, {"noon", "", ""}, {"", "", ""},
	} {
		start, err := Start(x.s, Shanghai)
		if x.start == "" && !fault.Is(err, "campaign.time") || x.start != "" && !start.Equal(at(t, x.start)) {
			t.Errorf("%q starts %v %v", x.s, start, err)
		}
		end, err := End(x.s, Shanghai)
		if x.end == "" && !fault.Is(err, "campaign.time") || x.end != "" && !end.Equal(at(t, x.end)) {
			t.Errorf("%q ends %v %v", x.s, end, err)
		}
	}
}

func TestAPlanGoesThereAndBack(t *testing.T) {
	c := tmall2020(t)
	stored, err := json.Marshal(c.Plan)
	if err != nil {
		t.Fatal(err)
	}
	var back Plan
	if err := json.Unmarshal(stored, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(back)
	if err != nil || string(again) != string(stored) {
		t.Fatalf("%s became %s", stored, again)
	}
	if got := back.Waves[1].Phase(Encore); got != c.Waves[1].Phase(Encore) {
		t.Error(got)
	}
}

func TestPlansThatCannotBe(t *testing.T) {
	for code, spoil := range map[string]func(*Plan){
		"campaign.title":     func(p *Plan) { p.Title.En = "" },
		"campaign.channel":   func(p *Plan) { p.Channel = "bazaar" },
		"campaign.window":    func(p *Plan) { p.Waves[0].Phases[1].Window.Until = p.Waves[0].Phases[1].Window.From },
		"campaign.wave":      func(p *Plan) { p.Waves = nil },
		"campaign.order":     func(p *Plan) { p.Waves[0].Phases[2].Window.From = p.Waves[0].Phases[1].Window.From },
		"campaign.timetable": func(p *Plan) { p.Timetable = EveryHour(p.Lock); p.Channel = Seckill },
		"campaign.rule":      func(p *Plan) { p.Rule.FactorPPM = 900_000 },
	} {
		c := tmall2020(t)
		spoil(&c.Plan)
		if err := c.Check(); !fault.Is(err, code) {
			t.Errorf("%s: %v", code, err)
		}
	}
	for name, spoil := range map[string]func(*Plan){
		"sold before the lock": func(p *Plan) { p.Lock.From = p.Waves[0].Phases[1].Window.From.Add(1) },
		"sold after the lock":  func(p *Plan) { p.Lock.Until = p.Waves[1].Phases[3].Window.Until.Add(-1) },
		"a stage twice":        func(p *Plan) { p.Waves[0].Phases[0].Stage = Spot },
		"no stage of a wave":   func(p *Plan) { p.Waves[0].Phases[0].Stage = Locked },
		"lock while enrolling": func(p *Plan) { p.Lock.From = p.Recruit.Until.Add(-1) },
		"no enrolment":         func(p *Plan) { p.Recruit.Until = p.Recruit.From },
	} {
		c := tmall2020(t)
		spoil(&c.Plan)
		if err := c.Check(); !fault.Is(err, "campaign.window") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
