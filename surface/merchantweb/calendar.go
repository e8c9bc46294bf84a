package merchantweb

import (
	"context"
	"net/http"

	"hutong/base/clock"
	"hutong/base/money"
	"hutong/deal/campaign"
	"hutong/surface/page"
	"hutong/surface/saleweb"
)

// calendarPath is the shop's calendar of sales.
const calendarPath = "/desk/calendar"

type calendarView struct {
	page.Frame
	Calendar page.Calendar
}

// calendar shows a month or a week: which sales can be joined and when they sell, what the shop has enrolled, its
// promotions and vouchers, and the market's.
func (w *web) calendar(rw http.ResponseWriter, r *http.Request) error {
	f, t := w.begin(rw, r, calendarPath, "merchantweb.calendar")
	c := t.CalendarFor(r, calendarPath, clock.Now(r.Context(), w.Clock))
	a := saleweb.Agenda{Campaigns: w.Campaigns, Zone: w.zone(), Base: "/desk", Shop: shopOf(r)}
	if w.Sale != nil {
		a.Rules = w.Sale.Rules
	}
	span := campaign.Window{From: c.From, Until: c.Until}
	dates, err := a.Dates(r.Context(), t, span)
	if err != nil {
		return err
	}
	own, err := w.enrolled(r.Context(), t, a.Shop)
	if err != nil {
		return err
	}
	v := calendarView{Frame: f, Calendar: t.Fill(c, append(dates, own...))}
	return w.set.Render(rw, r, http.StatusOK, "desk-calendar", v)
}

// enrolled are the windows in which the shop's latest enrolments sell.
func (w *web) enrolled(ctx context.Context, t page.Tongue, shop string) (dates []page.Date, err error) {
	all, err := w.Campaigns.ByShop(ctx, shop, "", campaign.PageMax)
	if err != nil {
		return nil, err
	}
	goods, err := w.skus(ctx, t, all)
	if err != nil {
		return nil, err
	}
	for _, e := range all {
		if e.State != campaign.Ended && !e.State.Open() {
			continue
		}
		dates = append(dates, page.Date{Kind: t.T("merchantweb.cal_mine"), Tone: "mine",
			Title: goods[e.SKU].Text + " " + t.Money(money.New(e.Price, e.Currency)),
			Href:  salesPath + "#mine-table", From: e.Selling.From, Until: e.Selling.Until})
	}
	return dates, nil
}
