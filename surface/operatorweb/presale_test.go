package operatorweb

import (
	"net/http/httptest"
	"slices"
	"testing"

	"hutong/base/text"
	"hutong/surface/page"
	"hutong/trade/order"
)

// TestACancelledPresaleIsNotToBeSent: what was forfeited has no day on which it is sent.
func TestACancelledPresaleIsNotToBeSent(t *testing.T) {
	s := open(t)
	set, err := page.NewSet(s.deps.Pages, files)
	s.Must(err)
	w, english := &web{Deps: s.deps, set: set}, set.In(text.En)
	for state, sent := range map[order.State]bool{order.Paid: true, order.Cancelled: false} {
		o := order.Order{State: state, Currency: "CNY", Presale: &order.Presale{State: order.Forfeited, ShipDays: 7},
			Subs: []order.Sub{{Seq: 1, State: order.SubOpen}}}
		shown, _ := w.presaleOf(httptest.NewRequest("GET", "/", nil), english, o, nil)
		says := slices.ContainsFunc(shown.Facts, func(f fact) bool { return f.Name == english.T("operatorweb.ships") })
		if says != sent {
			t.Errorf("%s: says when it is sent: %v", state, says)
		}
	}
}
