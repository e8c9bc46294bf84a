package page

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"hutong/base/text"
)

// Date is something that holds for a while and stands in a calendar. Tone is "mine" (the reader's own), "ask" (take
// part), "wait" (ahead of it), "sell" (it sells), "cut" (a promotion), "claim" (a voucher) or "off".
type Date struct {
	Kind, Title, Href, Tone string
	From, Until             time.Time // an Until of zero: without an end
}

// Calendar is a month or a week of dates: weeks of seven columns with a bar for each date on a desk, and a list of days
// on a phone. Everything is a link in the order of the days. Template "calendar".
type Calendar struct {
	Title           string // "November 2026"
	Lead            string
	Modes           Tabs
	Prev, Now, Next string // where the page before, that of today and the one after are
	Heads           []string
	Weeks           []CalendarWeek
	Week            bool // one week, with all of its dates
	Empty           string
	From, Until     time.Time // what is shown
	path            string
	today           time.Time
	rows            []uint8 // of the week that is filled: the columns that are taken
}

// CalendarWeek is seven days, Monday first.
type CalendarWeek struct{ Days []CalendarDay }

// CalendarDay is a day, and the bars that begin on it. What began in a week before stands at the Monday.
type CalendarDay struct {
	Column            int
	Number, Name, ISO string
	Out, Today        bool // of another month
	Bare              bool // nothing begins: a phone leaves it out
	Bars              []CalendarBar
	More              *Link
	MoreOn            bool // all of them began before
}

// CalendarBar is a date in a week: it begins in a column and spans so many.
type CalendarBar struct {
	Date
	Column, Span int
	When         string
	On           bool // it began in a week before
	Goes         bool // it goes on after this week
}

// weekRows is how many rows of bars a week of a month has; the page of the week has the rest.
const weekRows = 7

// CalendarFor begins the calendar that a request asks for (view=week, from=2026-11-02), at path. Ask for what lies in
// From and Until, and put it in by Fill.
func (t Tongue) CalendarFor(r *http.Request, path string, now time.Time) Calendar {
	q := r.URL.Query()
	now = now.In(t.zone)
	at, err := time.ParseInLocation(time.DateOnly, q.Get("from"), t.zone)
	if err != nil || at.Year() < 2000 || at.Year() > 2200 {
		at = now
	}
	c := Calendar{Week: q.Get("view") == "week", path: path, today: dayOf(now), Heads: t.weekdays(),
		Lead: t.T("page.cal_server", "now", t.When(now)), Empty: t.T("page.cal_none")}
	if c.Week {
		c.From = mondayOf(at)
		c.Until = c.From.AddDate(0, 0, 7)
		c.Title = t.Day(c.From) + " – " + t.Day(c.From.AddDate(0, 0, 6))
		c.Prev, c.Next = c.link(true, c.From.AddDate(0, 0, -7)), c.link(true, c.Until)
	} else {
		first := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, t.zone)
		c.From, c.Until = mondayOf(first), mondayOf(first.AddDate(0, 1, -1)).AddDate(0, 0, 7)
		c.Title = first.Format("January 2006")
		if t.Lang == text.Zh {
			c.Title = first.Format("2006年1月")
		}
		c.Prev, c.Next = c.link(false, first.AddDate(0, -1, 0)), c.link(false, first.AddDate(0, 1, 0))
	}
	c.Now = c.link(c.Week, now)
	c.Modes = Tabs{Label: t.T("page.cal_view"), Links: []Link{
		{Href: c.link(false, at), Text: t.T("page.cal_month"), Current: !c.Week},
		{Href: c.link(true, at), Text: t.T("page.cal_week"), Current: c.Week}}}
	for monday := c.From; monday.Before(c.Until); monday = monday.AddDate(0, 0, 7) {
		c.Weeks = append(c.Weeks, t.week(c, monday, at))
	}
	return c
}

func (t Tongue) week(c Calendar, monday, at time.Time) (w CalendarWeek) {
	for i := range 7 {
		d := monday.AddDate(0, 0, i)
		w.Days = append(w.Days, CalendarDay{Column: i + 1, Number: Itoa(int64(d.Day())), Name: t.Day(d),
			ISO: d.Format(time.DateOnly), Out: !c.Week && d.Month() != at.Month(), Today: d.Equal(c.today), Bare: true})
	}
	return w
}

// Fill puts dates in; what lies outside is left out.
func (t Tongue) Fill(c Calendar, dates []Date) Calendar {
	dates = slices.Clone(dates)
	slices.SortStableFunc(dates, func(a, b Date) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), a.From.Compare(b.From))
	})
	for i := range c.Weeks {
		monday := c.From.AddDate(0, 0, 7*i)
		c.rows = nil
		for _, d := range dates {
			if t.put(&c, i, monday, d) {
				c.Empty = ""
			}
		}
	}
	return c
}

// put sets a date into a week, if it holds in it.
func (t Tongue) put(c *Calendar, week int, monday time.Time, d Date) bool {
	end := monday.AddDate(0, 0, 7)
	if !d.From.Before(end) || !d.Until.IsZero() && !d.Until.After(monday) {
		return false
	}
	bar := CalendarBar{Date: d, Column: 1, On: d.From.Before(monday), When: t.barTime(d)}
	if !bar.On {
		bar.Column = columnOf(monday, d.From.In(t.zone))
	}
	last := 7
	if bar.Goes = d.Until.IsZero() || d.Until.After(end); !bar.Goes {
		last = columnOf(monday, d.Until.Add(-1).In(t.zone))
	}
	bar.Span = last - bar.Column + 1
	day := &c.Weeks[week].Days[bar.Column-1]
	if !bar.On || week == 0 {
		day.Bare = false
	}
	if !c.room(bar) {
		if day.More == nil {
			day.MoreOn = true
			day.More = &Link{Href: c.link(true, monday)}
		}
		day.More.Count++
		day.MoreOn = day.MoreOn && bar.On
		day.More.Text = t.T("page.cal_more", "n", day.More.Count)
		return true
	}
	day.Bars = append(day.Bars, bar)
	return true
}

// room finds a row for a bar, as the stylesheet's grid does: the first in which its columns are free.
func (c *Calendar) room(b CalendarBar) bool {
	columns := uint8((1<<b.Span - 1) << (b.Column - 1))
	for i, taken := range c.rows {
		if taken&columns == 0 {
			c.rows[i] |= columns
			return true
		}
	}
	if len(c.rows) == weekRows && !c.Week {
		return false
	}
	c.rows = append(c.rows, columns)
	return true
}

// barTime is what stands on a bar: the hours of what is over within its day, else from when it holds until when.
func (t Tongue) barTime(d Date) string {
	if !d.Until.IsZero() && dayOf(d.From.In(t.zone)).Equal(dayOf(d.Until.Add(-1).In(t.zone))) {
		return t.Clock(d.From) + "–" + t.Clock(d.Until)
	}
	return t.Span(d.From, d.Until)
}

func (c Calendar) link(week bool, at time.Time) string {
	q := url.Values{"from": {at.Format(time.DateOnly)}}
	if week {
		q.Set("view", "week")
	}
	return c.path + "?" + q.Encode()
}

func (t Tongue) weekdays() []string { return strings.Fields(t.T("page.weekdays")) }

func dayOf(at time.Time) time.Time {
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location())
}

func mondayOf(at time.Time) time.Time { return dayOf(at).AddDate(0, 0, -(int(at.Weekday())+6)%7) }

// columnOf is the column of an instant in a week. Days are counted by their dates: one of them may have 23 hours.
func columnOf(monday, at time.Time) int {
	for i := range 6 {
		if at.Before(monday.AddDate(0, 0, i+1)) {
			return i + 1
		}
	}
	return 7
}

// tones in the order in which they have room in a week.
var tones = []string{"mine", "ask", "sell", "wait", "cut", "claim", "off"}

func rank(d Date) int { return slices.Index(tones, d.Tone) }
