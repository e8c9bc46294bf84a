package campaign

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/base/fault"
)

// kilimall is a timetable that a marketplace published: eight sessions of two hours a day.
func kilimall(days Window) Timetable {
	return Timetable{Days: days, Minutes: 120, Warmup: 60, Starts: []int64{0, 8 * 60, 10 * 60, 12 * 60, 14 * 60, 16 * 60, 20 * 60, 22 * 60}}
}

func TestSessionsOfADay(t *testing.T) {
	table := kilimall(span(t, "2026-11-10", "2026-11-12"))
	if err := table.Check(); err != nil {
		t.Fatal(err)
	}
	day := table.Sessions(span(t, "2026-11-11", "2026-11-11"), Shanghai)
	if len(day) != 8 || !day[1].From.Equal(at(t, "2026-11-11T08:00:00+08:00")) || !day[1].Until.Equal(at(t, "2026-11-11T10:00:00+08:00")) ||
		!day[1].Warmup.Equal(at(t, "2026-11-11T07:00:00+08:00")) {
		t.Fatal(day)
	}
	if all := table.Sessions(span(t, "2026-01-01", "2027-12-31"), Shanghai); len(all) != 24 {
		t.Error(len(all), "sessions in three days")
	}
	late := at(t, "2026-11-11T23:59:59+08:00")
	if now := table.Sessions(Window{late, late.Add(1)}, Shanghai); len(now) != 1 || !now[0].From.Equal(day[7].From) {
		t.Error("the session that runs", now)
	}
	if _, ok := table.At(day[3].From, Shanghai); !ok {
		t.Error("a session is not found by its start")
	}
	if _, ok := table.At(day[3].From.Add(1), Shanghai); ok {
		t.Error("a session is found by an instant in it")
	}
	w := day[1].Wave()
	c := Campaign{State: Published, Plan: Plan{Channel: Seckill, Recruit: span(t, "2026-11-01", "2026-11-12")}}
	for s, want := range map[string]Stage{"06:59:59": Recruiting, "07:00:00": Warmup, "08:00:00": Spot, "09:59:59": Spot, "10:00:00": Settled} {
		if got := StageOf(c, w, Part{Spot: true}, at(t, "2026-11-11T"+s+"+08:00")); got.Stage != want {
			t.Errorf("%s: %+v", s, got)
		}
	}
}

func TestASessionRunsOverMidnight(t *testing.T) {
	table := Timetable{Days: span(t, "2026-11-10", "2026-11-11"), Minutes: 180, Starts: []int64{10 * 60, 23 * 60}}
	if err := table.Check(); err != nil {
		t.Fatal(err)
	}
	night := at(t, "2026-11-12T01:30:00+08:00") // of the session that began on the last day
	if all := table.Sessions(Window{night, night.Add(1)}, Shanghai); len(all) != 1 || !all[0].From.Equal(at(t, "2026-11-11T23:00:00+08:00")) {
		t.Fatal(all)
	}
}

func TestTimetablesThatCannotBe(t *testing.T) {
	days := span(t, "2026-11-10", "2026-11-12")
	for name, table := range map[string]Timetable{
		"none":     {Days: days, Minutes: 60},
		"unsorted": {Days: days, Minutes: 60, Starts: []int64{120, 0}},
		"overlap":  {Days: days, Minutes: 61, Starts: []int64{0, 60}},
		"wraps":    {Days: days, Minutes: 121, Starts: []int64{60, 23 * 60}},
		"too late": {Days: days, Minutes: 1, Starts: []int64{24 * 60}},
		"no time":  {Days: days, Starts: []int64{0}},
		"no days":  {Minutes: 60, Starts: []int64{0}},
	} {
		if err := table.Check(); !fault.Is(err, "campaign.timetable") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSessionsAgreeWithASearch holds the list against a naive one: every session of every day, kept when it overlaps.
func TestSessionsAgreeWithASearch(t *testing.T) {
	days := span(t, "2026-11-01", "2026-11-20")
	rapid.Check(t, func(t *rapid.T) {
		table := Timetable{Days: days, Minutes: rapid.Int64Range(1, 300).Draw(t, "minutes")}
		for start := rapid.Int64Range(0, 200).Draw(t, "first"); start < dayMinutes; start += table.Minutes + rapid.Int64Range(0, 400).Draw(t, "gap") {
			table.Starts = append(table.Starts, start)
		}
		if table.Check() != nil {
			return
		}
		from := days.From.Add(time.Duration(rapid.Int64Range(-3*dayMinutes, 21*dayMinutes).Draw(t, "from")) * time.Minute)
		asked := Window{from, from.Add(time.Duration(rapid.Int64Range(1, 3*dayMinutes).Draw(t, "length")) * time.Minute)}
		var want []time.Time
		for day := days.From; day.Before(days.Until); day = day.Add(24 * time.Hour) {
			for _, m := range table.Starts {
				start := day.Add(time.Duration(m) * time.Minute)
				if (Window{start, start.Add(time.Duration(table.Minutes) * time.Minute)}).Overlaps(asked) {
					want = append(want, start)
				}
			}
		}
		got := table.Sessions(asked, Shanghai)
		if len(got) != len(want) {
			t.Fatalf("%v in %v: %d sessions, want %v", table, asked, len(got), want)
		}
		for i := range got {
			if !got[i].From.Equal(want[i]) {
				t.Fatalf("%v, want %v", got[i].From, want[i])
			}
		}
	})
}
