package operatorweb

import (
	"net/http"
	"slices"

	"hutong/funds/deposit"
	"hutong/party/approval"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/review"
)

// todo is what waits for the caller's word, each with the way to it: only what they may decide, and only what is there.
func (w *web) todo(r *http.Request, t page.Tongue) (section, error) {
	s := section{ID: "todo", Title: t.T("operatorweb.todo")}
	for _, job := range []struct {
		needs     login.Permission
		key, href string // the way; of appeals to the shop of the oldest
		count     func(*http.Request) (int64, error)
	}{
		{login.MarketShopsManage, "todo_shops", "/operator/shops?state=applied", w.shopsWaiting},
		{login.MarketFeesApprove, "todo_approvals", "/operator/approvals", w.requestsWaiting},
		{login.MarketFeesApprove, "todo_appeals", "", w.appealsWaiting},
		{login.MarketSaleApprove, "todo_promotions", "/operator/promotions", w.promotionsWaiting},
		{login.MarketPayoutApprove, "todo_statements", "/operator/statements", w.statementsWaiting},
		{login.MarketSuspenseMove, "todo_suspense", "/operator/suspense", w.suspenseWaiting},
		{login.MarketSuspenseMove, "todo_refused", "/operator/suspense#refused", w.refusedWaiting},
		{login.MarketSaleApprove, "todo_enrolments", enrolsPath, w.enrolmentsWaiting},
		{login.MarketOrders, "todo_cases", casesPath, w.casesWaiting},
		{login.MarketReviews, "todo_reviews", "/operator/reviews", w.reportsWaiting},
	} {
		if !may(r, job.needs) {
			continue
		}
		n, err := job.count(r)
		if err != nil {
			return s, err
		}
		if n > 0 && job.href == "" {
			if job.href, err = w.oldestAppeal(r); err != nil {
				return s, err
			}
		}
		if n > 0 {
			s.Stats = append(s.Stats, page.Stat{Name: t.T("operatorweb." + job.key), Value: t.Count(n), Href: job.href})
		}
	}
	return s, nil
}

// appeals are those that the caller may answer: not against their own draws.
func (w *web) appeals(r *http.Request) ([]deposit.Hold, error) {
	if w.Deposits == nil {
		return nil, nil
	}
	all, err := w.Deposits.Appeals(r.Context())
	return slices.DeleteFunc(all, func(h deposit.Hold) bool { return h.By == gate.Who(r.Context()).Login }), err
}

func (w *web) appealsWaiting(r *http.Request) (int64, error) {
	all, err := w.appeals(r)
	return int64(len(all)), err
}

// oldestAppeal is the page where the oldest appeal is answered.
func (w *web) oldestAppeal(r *http.Request) (string, error) {
	all, err := w.appeals(r)
	if err != nil || len(all) == 0 {
		return "/operator/shops", err
	}
	return "/operator/shops/" + all[0].Shop + "/standing", nil
}

func (w *web) shopsWaiting(r *http.Request) (n int64, err error) {
	all, err := w.Shops.Shops(r.Context())
	for _, s := range all {
		if s.State == merchant.Applied {
			n++
		}
	}
	return n, err
}

// requestsWaiting counts the requests that the caller may decide: not their own.
func (w *web) requestsWaiting(r *http.Request) (n int64, err error) {
	who := gate.Who(r.Context())
	all, err := w.Approvals.Requests(r.Context(), approval.Query{By: who, Limit: approval.PageMax})
	for _, q := range all.Requests {
		if q.State == approval.Asked && w.Approvals.MayDecide(who, q) {
			n++
		}
	}
	return n, err
}

// promotionsWaiting counts the same for who may not decide on the page of all requests: promotions and vouchers are
// decided on their own.
func (w *web) promotionsWaiting(r *http.Request) (int64, error) {
	if may(r, login.MarketFeesApprove) {
		return 0, nil
	}
	return w.requestsWaiting(r)
}

func (w *web) statementsWaiting(r *http.Request) (n int64, err error) {
	all, err := w.Settle.Recent(r.Context(), statementsMax)
	if err != nil {
		return 0, err
	}
	payable, err := w.Settle.Payable(r.Context(), all)
	for _, minor := range payable {
		if minor > 0 {
			n++
		}
	}
	return n, err
}

func (w *web) suspenseWaiting(r *http.Request) (int64, error) {
	all, err := w.Pay.Suspense(r.Context())
	return int64(len(all)), err
}

// refusedWaiting counts the refunds that wallets would not pay out, up to one page of them.
func (w *web) refusedWaiting(r *http.Request) (int64, error) {
	all, err := w.Pay.Refused(r.Context())
	return int64(len(all)), err
}

// reportsWaiting counts the reported reviews, up to one page of them.
func (w *web) reportsWaiting(r *http.Request) (int64, error) {
	if w.Reviews == nil {
		return 0, nil
	}
	all, err := w.Reviews.Reported(r.Context(), review.Query{Limit: review.PageMax})
	return int64(len(all.Reviews)), err
}

// enrolmentsWaiting counts what shops enrolled and nobody reviewed, up to a page.
func (w *web) enrolmentsWaiting(r *http.Request) (int64, error) {
	if w.Campaigns == nil {
		return 0, nil
	}
	all, err := w.Campaigns.Queue(r.Context(), "", salesShown)
	return int64(len(all)), err
}
