package operatorweb

import (
	"net/http"

	"hutong/base/clock"
	"hutong/deal/campaign"
	"hutong/surface/saleweb"
)

const calendarPath = "/operator/calendar"

// calendar shows a month or a week of the sale: stages, sessions, promotions and vouchers.
func (w *web) calendar(rw http.ResponseWriter, r *http.Request) error {
	v, t := w.page(r, salesPath, "calendar")
	v.Tabs = saleTabs(t, calendarPath)
	c := t.CalendarFor(r, calendarPath, clock.Now(r.Context(), w.Clock))
	a := saleweb.Agenda{Campaigns: w.Campaigns, Zone: w.Zone, Base: "/operator"}
	if w.Sale != nil {
		a.Rules = w.Sale.Rules
	}
	dates, err := a.Dates(r.Context(), t, campaign.Window{From: c.From, Until: c.Until})
	if err != nil {
		return err
	}
	c = t.Fill(c, dates)
	v.Sections = []section{{ID: "calendar", Calendar: &c}}
	return w.show(rw, r, http.StatusOK, v)
}
