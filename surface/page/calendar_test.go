package page_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"hutong/base/text"
	"hutong/surface/page"
)

var beijing = time.FixedZone("", 8*3600)

func day(d, hour int) time.Time { return time.Date(2026, 11, d, hour, 0, 0, 0, beijing) }

// bars are the days of a calendar with something on them: "11 Sale×3" spans three days, ">" came from the week before,
// "<" goes on.
func bars(c page.Calendar) (all []string) {
	for _, w := range c.Weeks {
		for _, d := range w.Days {
			for _, b := range d.Bars {
				s := d.Number + " " + b.Title + "×" + page.Itoa(int64(b.Span))
				if b.On {
					s = ">" + s
				}
				if b.Goes {
					s += "<"
				}
				all = append(all, s)
			}
			if d.More != nil {
				all = append(all, d.Number+" "+d.More.Text)
			}
		}
	}
	return all
}

func TestACalendarSetsDatesIntoWeeks(t *testing.T) {
	en := newSet(t).In(text.En)
	sale := page.Date{Title: "Sale", From: day(6, 20), Until: day(10, 0)}  // Friday evening to Tuesday midnight
	hour := page.Date{Title: "Hour", From: day(22, 23), Until: day(23, 0)} // ends as the next day begins
	open := page.Date{Title: "Open", From: day(30, 9)}                     // Monday, without an end
	past := page.Date{Title: "Past", From: day(1, 0).AddDate(0, -2, 0), Until: day(1, 0).AddDate(0, -1, 0)}
	for _, x := range []struct {
		ask   string
		dates []page.Date
		want  []string
	}{
		{"?from=2026-11-09", []page.Date{sale, hour, open, past},
			[]string{"6 Sale×3<", ">9 Sale×1", "22 Hour×1", "30 Open×7<"}},
		{"?view=week&from=2026-11-11", []page.Date{sale, hour}, []string{">9 Sale×1"}},
		{"?view=week&from=2026-11-22", []page.Date{hour}, []string{"22 Hour×1"}},
		{"?from=2027-02-01", []page.Date{sale, past}, nil},
		{"?from=9999-99-99", []page.Date{hour}, []string{"22 Hour×1"}}, // nonsense is today
	} {
		c := en.Fill(en.CalendarFor(httptest.NewRequest("GET", "/calendar"+x.ask, nil), "/calendar", day(22, 12)), x.dates)
		if got := bars(c); !slices.Equal(got, x.want) || (c.Empty == "") != (x.want != nil) {
			t.Errorf("%s: %q, want %q; empty: %q", x.ask, got, x.want, c.Empty)
		}
	}
}

func TestAWeekOfAMonthHasRoomForSoMany(t *testing.T) {
	en := newSet(t).In(text.En)
	var dates []page.Date
	for range 9 {
		dates = append(dates, page.Date{Title: "A", From: day(10, 0), Until: day(12, 0)})
	}
	dates = append(dates, page.Date{Title: "B", From: day(12, 0), Until: day(13, 0)}) // beside them: it has a row
	month := en.Fill(en.CalendarFor(httptest.NewRequest("GET", "/c", nil), "/c", day(22, 12)), dates)
	if got := strings.Join(bars(month), ", "); strings.Count(got, "10 A×2") != 7 || !strings.Contains(got, "10 2 more, 12 B×1") {
		t.Error(got)
	}
	week := en.Fill(en.CalendarFor(httptest.NewRequest("GET", "/c?view=week&from=2026-11-10", nil), "/c", day(22, 12)), dates)
	if got := bars(week); len(got) != 10 {
		t.Error(got)
	}
}

func TestASpanSaysADayAndAYearOnce(t *testing.T) {
	set := newSet(t)
	for _, x := range []struct {
		from, until time.Time
		zh, en      string
	}{
		{day(22, 9), day(22, 10), "2026年11月22日 09:00–10:00", "22 Nov 2026, 09:00–10:00"},
		{day(22, 9), day(24, 0), "2026年11月22日 09:00 – 11月24日 00:00", "22 Nov, 09:00 – 24 Nov 2026, 00:00"},
		{day(22, 9), day(22, 9).AddDate(1, 0, 0), "2026年11月22日 09:00 – 2027年11月22日 09:00",
			"22 Nov 2026, 09:00 – 22 Nov 2027, 09:00"},
		{day(22, 9), time.Time{}, "2026年11月22日 09:00 –", "22 Nov 2026, 09:00 –"},
	} {
		if zh, en := set.In(text.Zh).Span(x.from, x.until), set.In(text.En).Span(x.from, x.until); zh != x.zh || en != x.en {
			t.Errorf("%q, %q; want %q, %q", zh, en, x.zh, x.en)
		}
	}
}
