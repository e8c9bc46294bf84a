package operatorweb

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/deal/campaign"
	"hutong/surface/page"
	"hutong/trade/order"
)

const (
	calendarPath = "/operator/calendar"
	calendarDays = 14 // of one page
)

// dated is something of the sale with its window; without an end it goes on.
type dated struct {
	kind, title, href string
	from, until       time.Time
}

// calendar shows two weeks of the sale: stages, sessions, promotions and vouchers, each once, at the day on which it
// begins; what began before stands at the first day. The sessions of a day are one row.
func (w *web) calendar(rw http.ResponseWriter, r *http.Request) error {
	v, t := w.page(r, salesPath, "calendar")
	v.Tabs = saleTabs(t, calendarPath)
	now := clock.Now(r.Context(), w.Clock).In(w.Zone)
	from, err := time.ParseInLocation(time.DateOnly, r.URL.Query().Get("from"), w.Zone)
	if err != nil || from.Year() < 2000 || from.Year() > 2200 {
		from = time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, w.Zone)
	}
	all, err := w.dates(r.Context(), t, campaign.Window{From: from, Until: from.AddDate(0, 0, calendarDays)})
	if err != nil {
		return err
	}
	s := section{ID: "calendar", Lead: t.T("operatorweb.calendar_now", "now", t.When(now)), Table: table("calendar",
		t.T("operatorweb.calendar"), page.Empty{Title: t.T("operatorweb.calendar_none")},
		columns(t, "day", "*calendar_what", "kind", "begins", "calendar_ends")...)}
	for n := range calendarDays {
		day := campaign.Window{From: from.AddDate(0, 0, n), Until: from.AddDate(0, 0, n+1)}
		for _, d := range all {
			begins := d.from.Before(day.Until) && !d.from.Before(day.From)
			holds := n == 0 && d.from.Before(day.From) && (d.until.IsZero() || d.until.After(day.From))
			if begins || holds {
				s.Table.Rows = append(s.Table.Rows, w.dateRow(t, day.From, d))
			}
		}
	}
	s.Table.Pager.First = calendarPath
	next := from.AddDate(0, 0, calendarDays).Format(time.DateOnly)
	s.Table.Pager.Next = calendarPath + "?" + url.Values{"from": {next}}.Encode()
	v.Sections = []section{s}
	return w.show(rw, r, http.StatusOK, v)
}

func (w *web) dateRow(t page.Tongue, day time.Time, d dated) page.Row {
	ends := "–"
	if !d.until.IsZero() {
		ends = t.When(d.until)
	}
	return page.Row{Cells: []page.Cell{plain(day.Format("01-02")), {Text: d.title, Href: d.href}, plain(d.kind),
		plain(t.When(d.from)), plain(ends)}}
}

// dates are what holds within a span, by when it begins.
func (w *web) dates(ctx context.Context, t page.Tongue, span campaign.Window) (all []dated, err error) {
	campaigns, err := w.Campaigns.Campaigns(ctx, "", campaign.PageMax)
	if err != nil {
		return nil, err
	}
	for _, c := range campaigns {
		if c.State == campaign.Published {
			all = append(append(all, stagesOf(t, c)...), w.sessionsOf(t, c, span)...)
		}
	}
	if w.Sale != nil && w.Sale.Rules != nil {
		for p := range w.Sale.Rules.Rules().All() {
			if strings.HasPrefix(p.ID, "enr_") || strings.HasPrefix(p.ID, order.GroupPrice) || p.From.IsZero() {
				continue // items stand in their stages; what has no beginning has no date
			}
			kind, href := "calendar_promotion", "/operator/promotions"
			if p.Claim {
				kind, href = "calendar_voucher", "/operator/vouchers"
			}
			all = append(all, dated{t.T("operatorweb." + kind), cmp.Or(p.Title.Pick(t.Lang), p.ID), href, p.From, p.Until})
		}
	}
	slices.SortStableFunc(all, func(a, b dated) int { return a.from.Compare(b.from) })
	return all, nil
}

// stagesOf are the windows of a campaign: recruiting, lock, and the phases of its waves.
func stagesOf(t page.Tongue, c campaign.Campaign) (all []dated) {
	add := func(stage, wave string, window campaign.Window) {
		if window.From.IsZero() || !window.From.Before(window.Until) {
			return
		}
		title := c.Title.Pick(t.Lang)
		if wave != "" {
			title += " · " + wave
		}
		all = append(all, dated{word(t, "stage", stage), title, salesPath + "/" + string(c.ID), window.From, window.Until})
	}
	add("recruiting", "", c.Recruit)
	add("locked", "", c.Lock)
	for _, wave := range c.Waves {
		for _, p := range wave.Phases {
			add(string(p.Stage), wave.Title.Pick(t.Lang), p.Window)
		}
	}
	return all
}

// sessionsOf are the days of a timetable: how many sessions begin on each, from the first to the end of the last.
func (w *web) sessionsOf(t page.Tongue, c campaign.Campaign, span campaign.Window) (all []dated) {
	if c.Timetable == nil {
		return nil
	}
	byDay, days := map[string][]campaign.Session{}, []string(nil)
	for _, s := range c.Timetable.Sessions(span, w.Zone) {
		day := s.From.In(w.Zone).Format(time.DateOnly)
		if byDay[day] == nil {
			days = append(days, day)
		}
		byDay[day] = append(byDay[day], s)
	}
	for _, day := range days {
		of := byDay[day]
		title := c.Title.Pick(t.Lang) + " · " + t.T("operatorweb.calendar_sessions", "n", len(of))
		all = append(all, dated{word(t, "stage", string(campaign.Spot)), title, salesPath + "/" + string(c.ID), of[0].From,
			of[len(of)-1].Until})
	}
	return all
}
