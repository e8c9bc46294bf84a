package operatorweb

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/ledger"
	"hutong/surface/page"
)

// lastAudit keeps what the last audit found, for the lamp.
type lastAudit struct {
	mu      sync.Mutex
	running bool
	at      time.Time
	report  Report
}

// books shows where the market's money is.
func (w *web) books(rw http.ResponseWriter, r *http.Request) error {
	f, t := w.frame(r, "/operator", "operatorweb.books")
	v := booksView{Frame: f, Audit: w.last.view(t)}
	all, err := w.Ledger.Books(r.Context())
	if err != nil {
		return err
	}
	names, err := w.shopNames(r.Context(), t)
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b ledger.Standing) int {
		return strings.Compare(string(a.Currency)+string(a.Account), string(b.Currency)+string(b.Account))
	})
	v.Stats = statsOf(t, all)
	for _, s := range all {
		cash := func(minor int64) string { return t.Money(money.New(minor, s.Currency)) }
		v.Accounts = append(v.Accounts, accountRow{Name: accountName(t, s.Account, names), Debits: cash(s.Debits),
			Credits: cash(s.Credits), Net: cash(s.Net())})
	}
	v.Forged, _ = w.Pay.Counters()
	return w.set.Render(rw, r, http.StatusOK, "books", v)
}

// shopNames are the names of all shops by id.
func (w *web) shopNames(ctx context.Context, t page.Tongue) (map[string]string, error) {
	all, err := w.Shops.Shops(ctx)
	names := make(map[string]string, len(all))
	for _, s := range all {
		names[string(s.ID)] = s.Name.Pick(t.Lang)
	}
	return names, err
}

// accountName says in words whose account it is.
func accountName(t page.Tongue, a ledger.Account, shops map[string]string) string {
	owner := a.Owner()
	switch a.Class() {
	case "merchant", "payout":
		if name := shops[owner]; name != "" {
			owner = name
		}
	case "wallet", "refunding":
		owner = t.Wallet(owner)
	case "carrier":
		owner = t.Carrier(owner)
	}
	if a == ledger.Fees {
		owner = ""
	}
	return strings.TrimSpace(t.T("operatorweb.account_"+a.Class()) + " " + owner)
}

// statsOf sums the accounts by class and currency: what is held, owed and earned.
func statsOf(t page.Tongue, all []ledger.Standing) []page.Stat {
	type key struct {
		class    string
		currency money.Currency
	}
	sums := map[key]int64{}
	var order []key
	for _, s := range all {
		k := key{s.Account.Class(), s.Currency}
		if _, seen := sums[k]; !seen {
			order = append(order, k)
		}
		sums[k] += s.Net()
	}
	var stats []page.Stat
	for _, k := range order {
		sum := sums[k]
		if k.class == "wallet" {
			sum = -sum // what a wallet holds for the market is a debit
		}
		stats = append(stats, page.Stat{Name: t.T("operatorweb.sum_" + k.class), Value: t.Money(money.New(sum, k.currency)),
			Hint: t.T("operatorweb.hint_" + k.class)})
	}
	return stats
}

// verify audits the market, one audit at a time.
func (w *web) verify(rw http.ResponseWriter, r *http.Request) error {
	if !w.last.begin() {
		return fault.New(fault.Limited, "operatorweb.running").After(5 * time.Second)
	}
	report, err := w.Verify(r.Context())
	w.last.end(report, clock.Now(r.Context(), w.Clock), err)
	if err != nil {
		return err
	}
	return see(rw, r, "/operator#audit")
}

func (l *lastAudit) begin() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running {
		return false
	}
	l.running = true
	return true
}

func (l *lastAudit) end(r Report, at time.Time, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running = false
	if err == nil {
		l.report, l.at = r, at
	}
}

func (l *lastAudit) view(t page.Tongue) auditView {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.at.IsZero() {
		return auditView{Text: t.T("operatorweb.never_audited")}
	}
	v := auditView{Tone: "good", Text: t.T("operatorweb.holds", "n", len(l.report.Checks)),
		When: t.T("operatorweb.audited", "time", t.When(l.at), "took", l.report.Took.Round(time.Millisecond))}
	if !l.report.OK {
		v.Tone, v.Text = "bad", t.T("operatorweb.broken")
	}
	for _, c := range l.report.Checks {
		row := checkRow{Name: c.Name, Rule: c.Rule, Counted: t.Count(c.Counted), Rows: c.Rows,
			Badge: page.Badge{Tone: "done", Text: t.T("operatorweb.check_holds")}}
		if !c.OK {
			row.Badge = page.Badge{Tone: "go", Text: t.T("operatorweb.check_broken", "n", t.Count(c.Broken))}
		}
		v.Checks = append(v.Checks, row)
	}
	return v
}
