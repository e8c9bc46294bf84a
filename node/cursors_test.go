package node_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hutong/node/demo"
	"hutong/surface/gate"
)

// TestAPlaceThatIsNoneIsTheBeginning: where a page's list goes on stands in its address, and anybody can write there. What
// is no place of the list is refused or read as the beginning: it never fails, and never shows a list that has rows as an
// empty one.
func TestAPlaceThatIsNoneIsTheBeginning(t *testing.T) {
	b := busy(t)
	m := &market{t: t, Market: b.Market.Market, clock: b.clock, url: b.base, currency: "CNY"}
	handler, err := m.Handler()
	m.ok(err)
	m.routes = handler.(interface{ RouteTable() []gate.Row }).RouteTable()
	m.busier(b.Offers)
	lists := 0
	for who, below := range map[string]string{demo.Shopper: "/", demo.Merchant: "/desk", demo.Operator: "/operator"} {
		c := m.clerk(who, nil)
		for _, row := range m.routes {
			if row.Method != http.MethodGet || !row.Page || strings.Contains(row.Path, "{") || strings.Contains(row.Path, "news") ||
				!strings.HasPrefix(row.Path, below) || below == "/" && strings.HasPrefix(row.Path, "/desk") {
				continue
			}
			first := c.send(c.page(sheet{action: row.Path}, "same-origin"))
			if first.status != http.StatusOK {
				continue
			}
			lists++
			c.elsewhere(row.Path, rowsOf(first))
		}
	}
	if lists < 60 {
		t.Errorf("only %d pages were looked at", lists)
	}
}

// elsewhere asks for a page at places that are none.
func (c *clerk) elsewhere(path string, rows int) {
	c.m.t.Helper()
	for _, at := range []string{"x", "0", "-1", "99999999999999999999", "usr_00000000000000000000000000", "ord_", "\xff", "\x00", "~",
		"%", strings.Repeat("9", 3000), "ord_00000000000000000000000000'--"} {
		q := url.Values{"at": {at}, "after": {at}, "before": {at}}.Encode()
		got := c.send(c.page(sheet{action: path + "?" + q}, "same-origin"))
		if got.status >= 500 || got.status == http.StatusOK && rowsOf(got) < rows {
			c.m.t.Errorf("%s: %s at %.40q: %d with %d rows, the beginning has %d", c.name, path, at, got.status, rowsOf(got), rows)
		}
	}
}

// rowsOf counts what a page lists.
func rowsOf(a answer) int {
	body := string(a.body)
	_, body, _ = strings.Cut(body, "<main")
	return strings.Count(body, "<tr") + strings.Count(body, "<li") + strings.Count(body, "<article")
}
