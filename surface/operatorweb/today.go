package operatorweb

import (
	"fmt"
	"net/http"
	"time"

	"hutong/base/clock"
	"hutong/base/money"
	"hutong/surface/page"
	"hutong/trade/tally"
)

// span is the time that the numbers are of, beside the same time before it, cut into as many pieces.
type span struct {
	days          int
	now, then     []tally.Hour // per piece
	labels        []string
	from, until   time.Time
	shareOfPieces int64 // of the last piece that is over, in thousandths
}

// today shows the market's numbers: this day by the hour beside the day before, or a week by the day.
func (w *web) today(rw http.ResponseWriter, r *http.Request) error {
	v, t := w.page(r, "/operator", "today")
	week := r.URL.Query().Get("of") == "week"
	s, err := w.span(r, week)
	if err != nil {
		return err
	}
	v.Tabs = &page.Tabs{Label: t.T("operatorweb.span"), Links: []page.Link{
		{Href: "/operator", Text: t.T("operatorweb.span_day"), Current: !week},
		{Href: "/operator?of=week", Text: t.T("operatorweb.span_week"), Current: week}}}
	lamp, err := w.lamp(r, t)
	if err != nil {
		return err
	}
	lamp.Signs = lamp.loud()
	v.Lamp = &lamp
	v.Stats = w.numbers(t, s)
	v.Charts = w.charts(t, s)
	best, err := w.best(r, t, s)
	if err != nil {
		return err
	}
	todo, err := w.todo(r, t)
	if err != nil {
		return err
	}
	if len(todo.Stats) > 0 {
		v.Ahead = []section{todo}
	}
	v.Sections = append(v.Sections, best)
	return w.show(rw, r, http.StatusOK, v)
}

// span asks for two days, or two weeks, in one question.
func (w *web) span(r *http.Request, week bool) (span, error) {
	now := clock.Now(r.Context(), w.Clock).In(w.Zone)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, w.Zone)
	s := span{days: 1, from: midnight}
	if week {
		s.days, s.from = 7, midnight.AddDate(0, 0, -6)
	}
	s.until = midnight.AddDate(0, 0, 1)
	hours, err := w.Tally.Hours(r.Context(), tally.Market, s.from.AddDate(0, 0, -s.days), s.until)
	if err != nil {
		return s, err
	}
	half := len(hours) / 2
	s.then, s.now = hours[:half], hours[half:]
	seen := now.Sub(midnight)
	if week {
		s.then, s.now = perDay(s.then), perDay(s.now)
		s.shareOfPieces = int64(seen * 1000 / (24 * time.Hour))
	} else {
		s.shareOfPieces = int64(seen % time.Hour * 1000 / time.Hour)
	}
	for _, h := range s.now {
		layout := "15"
		if week {
			layout = "1/2"
		}
		s.labels = append(s.labels, h.From.In(w.Zone).Format(layout))
	}
	return s, nil
}

// perDay adds the hours of each day up.
func perDay(hours []tally.Hour) (days []tally.Hour) {
	for len(hours) >= 24 {
		days = append(days, tally.Sum(hours[:24]))
		hours = hours[24:]
	}
	return days
}

// so is what the time before had come to at this same moment: its whole pieces, and of the one that is under way the
// part that is over.
func (s span) so(now time.Time, of func(tally.Hour) int64) (sum int64) {
	for i, h := range s.then {
		switch end := s.now[i].From.Add(s.piece()); {
		case !end.After(now):
			sum += of(h)
		case s.now[i].From.Before(now):
			sum += of(h) * s.shareOfPieces / 1000
		}
	}
	return sum
}

func (s span) piece() time.Duration {
	if s.days > 1 {
		return 24 * time.Hour
	}
	return time.Hour
}

func placed(h tally.Hour) int64 { return h.Placed }
func paid(h tally.Hour) int64   { return h.Paid }
func amount(h tally.Hour) int64 { return h.PaidAmount }
func views(h tally.Hour) int64  { return h.Views }

// thousandth writes a share as a percentage with one place.
func thousandth(n int64) string { return fmt.Sprintf("%d.%d %%", n/10, n%10) }

func (w *web) cash(t page.Tongue, minor int64) string { return t.Money(money.New(minor, w.Currency)) }

// numbers are the stats above the charts, each against the time before at this same moment.
func (w *web) numbers(t page.Tongue, s span) []page.Stat {
	now := w.Clock.Now()
	all := tally.Sum(s.now)
	stat := func(key, value string, of func(tally.Hour) int64, href string) page.Stat {
		one := page.Stat{Name: t.T("operatorweb." + key), Value: value, Href: href}
		one.Trend = w.trend(t, s, of(all), s.so(now, of))
		return one
	}
	before := tally.Hour{Views: s.so(now, views), Paid: s.so(now, paid)}
	conversion := page.Stat{Name: t.T("operatorweb.conversion"), Value: thousandth(all.Conversion()),
		Trend: w.trend(t, s, all.Conversion(), before.Conversion()), Hint: t.T("operatorweb.conversion_hint")}
	if !all.Converts() {
		conversion.Value, conversion.Trend, conversion.Hint = "–", nil, t.T("operatorweb.conversion_none")
	}
	return []page.Stat{
		stat("gmv", w.cash(t, all.PaidAmount), amount, ""),
		stat("orders_paid", t.Count(all.Paid), paid, "/operator/orders"),
		stat("orders_placed", t.Count(all.Placed), placed, "/operator/orders"),
		conversion,
	}
}

// trend says how far a number is above or below the time before; nothing where there was none, or no change.
func (w *web) trend(t page.Tongue, s span, now, then int64) *page.Trend {
	if then == 0 {
		return nil
	}
	change := (now - then) * 100 / then
	if change == 0 {
		return nil
	}
	key := "operatorweb.trend_day"
	if s.days > 1 {
		key = "operatorweb.trend_week"
	}
	return &page.Trend{Up: change >= 0, Good: change >= 0, Text: t.T(key, "n", max(change, -change))}
}

// charts draw orders, money and conversion, this time beside the time before.
func (w *web) charts(t page.Tongue, s span) []page.Chart {
	series := func(of func(tally.Hour) int64) []page.Series {
		two := []page.Series{{Name: t.T("operatorweb.now_day")}, {Name: t.T("operatorweb.then_day")}}
		if s.days > 1 {
			two[0].Name, two[1].Name = t.T("operatorweb.now_week"), t.T("operatorweb.then_week")
		}
		for i := range s.now {
			two[0].Values = append(two[0].Values, of(s.now[i]))
			two[1].Values = append(two[1].Values, of(s.then[i]))
		}
		return two
	}
	label := t.T("operatorweb.hour")
	if s.days > 1 {
		label = t.T("operatorweb.day")
	}
	chart := func(id, key string, of func(tally.Hour) int64, say, short func(int64) string) page.Chart {
		return page.ChartOf(page.ChartData{ID: id, Title: t.T("operatorweb." + key), Labels: s.labels,
			Series: series(of), Label: label, Say: say, Short: short})
	}
	return []page.Chart{
		chart("gmv", "gmv", amount, func(v int64) string { return w.cash(t, v) },
			func(v int64) string { return t.ShortMoney(money.New(v, w.Currency)) }),
		chart("paid", "orders_paid", paid, t.Count, t.Short),
		chart("conversion", "conversion", tally.Hour.Conversion, thousandth, thousandth),
	}
}

const bestMax = 8

// best are the shops that took the most money.
func (w *web) best(r *http.Request, t page.Tongue, s span) (section, error) {
	sec := section{ID: "best", Title: t.T("operatorweb.best"), Table: table("best-shops", t.T("operatorweb.best"),
		page.Empty{Title: t.T("operatorweb.best_none"), Text: t.T("operatorweb.best_none_text")},
		columns(t, "*shop", "#orders_paid", "#gmv", "#share")...)}
	all, err := w.Tally.Best(r.Context(), s.from, s.until, bestMax)
	if err != nil {
		return sec, err
	}
	names, err := w.shopNames(r.Context(), t)
	whole := tally.Sum(s.now).PaidAmount
	for _, b := range all {
		share := "–"
		if whole > 0 {
			share = thousandth(b.PaidAmount * 1000 / whole)
		}
		shop := page.Cell{Text: names[b.Shop]}
		if shop.Text == "" {
			shop.Text = brief(b.Shop)
		}
		if r := w.shopHref(r, b.Shop); r != "" {
			shop.Href = r
		}
		sec.Table.Rows = append(sec.Table.Rows, page.Row{ID: b.Shop, Cells: []page.Cell{shop, plain(t.Count(b.Paid)),
			plain(w.cash(t, b.PaidAmount)), plain(share)}})
	}
	return sec, err
}
