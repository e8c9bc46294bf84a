package operatorweb

import (
	"net/http"
	"slices"
	"strings"

	"hutong/base/money"
	"hutong/funds/ledger"
	"hutong/surface/page"
)

// books shows where the market's money is, account by account.
func (w *web) books(rw http.ResponseWriter, r *http.Request) error {
	v, t := w.page(r, "/operator/books", "books")
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
	s := section{ID: "accounts", Title: t.T("operatorweb.accounts"), Table: table("accounts",
		t.T("operatorweb.accounts"),
		page.Empty{Title: t.T("operatorweb.no_accounts"), Text: t.T("operatorweb.no_accounts_text")},
		columns(t, "*account", "#debits", "#credits", "#balance")...)}
	var debits, credits int64
	var places [][]rank
	for _, a := range all {
		cash := func(minor int64) page.Cell { return plain(t.Money(money.New(minor, a.Currency))) }
		debits, credits = debits+a.Debits, credits+a.Credits
		s.Table.Rows = append(s.Table.Rows, page.Row{Cells: []page.Cell{{Text: accountName(t, a.Account, names)},
			cash(a.Debits), cash(a.Credits), cash(a.Net())}})
		places = append(places, []rank{{text: accountName(t, a.Account, names)}, {n: a.Debits}, {n: a.Credits},
			{n: a.Net()}})
	}
	s.arrange(r, []string{"account", "debits", "credits", "balance"}, places)
	if len(all) > 0 && debits == credits {
		s.Notes = []page.Notice{{Tone: "good", Text: t.T("operatorweb.balanced", "sum", w.cash(t, debits))}}
	} else if debits != credits {
		s.Notes = []page.Notice{{Tone: "bad", Text: t.T("operatorweb.unbalanced", "debits", w.cash(t, debits),
			"credits", w.cash(t, credits))}}
	}
	v.Sections = []section{s}
	return w.show(rw, r, http.StatusOK, v)
}

// accountName says in words whose account it is.
func accountName(t page.Tongue, a ledger.Account, shops map[string]string) string {
	owner := a.Owner()
	switch a.Class() {
	case "merchant", "payout", "deposit", "bank":
		if name := shops[owner]; name != "" {
			owner = name
		}
	case "wallet", "refunding":
		owner = t.Wallet(owner)
	case "carrier":
		owner = t.Carrier(owner)
	case "funder":
		owner = word(t, "owner", owner)
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
		stats = append(stats, page.Stat{Name: t.T("operatorweb.sum_" + k.class), Value: t.Money(money.New(sum,
			k.currency)),
			Hint: t.T("operatorweb.hint_" + k.class)})
	}
	return stats
}
