package node_test

import (
	"net/url"
	"strings"
	"testing"

	"hutong/party/approval"
	"hutong/party/login"
)

// TestI_M13_ADepositIsWhatTheBooksSay: one of the market's staff records what came in and sets a score, another agrees
// to pay out; the shop reads what enrolment rules see, and the books hold.
func TestI_M13_ADepositIsWhatTheBooksSay(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		_, err := m.Login.Register(t.Context(), login.Register{Role: login.Operator, Name: "second", Password: password})
		m.ok(err)
		shop := string(m.shops[0].ID)
		path := "/operator/shops/" + shop + "/standing"
		op := m.login("operator")
		take := func(status int, fields url.Values) {
			t.Helper()
			if got := op.form(path, fields); got.status != status {
				t.Errorf("%v: %d %s", fields, got.status, got.body)
			}
		}
		take(303, url.Values{"do": {"in"}, "amount": {"1000"}, "ref": {"bank-7"}})
		take(409, url.Values{"do": {"in"}, "amount": {"1000"}, "ref": {"bank-7"}})
		take(400, url.Values{"do": {"in"}, "amount": {"0"}, "ref": {"bank-8"}})
		take(422, url.Values{"do": {"out"}, "amount": {"1000.01"}})
		take(303, url.Values{"do": {"score"}, "score": {"4.8"}, "source": {"October report"}})
		take(400, url.Values{"do": {"score"}, "score": {"5.01"}, "source": {"October report"}})
		take(303, url.Values{"do": {"out"}, "amount": {"400"}})
		who, err := m.Login.Resolve(t.Context(), op.token)
		m.ok(err)
		all, err := m.Approvals.Requests(t.Context(), approval.Query{By: who})
		m.ok(err)
		name := string(all.Requests[0].ID)
		decide := url.Values{"request": {name}, "do": {"approve"}}
		if got := op.form("/operator/approvals", decide); got.status != 403 {
			t.Errorf("one person pays out: %d", got.status)
		}
		if got := m.login("second").form("/operator/approvals", decide); got.status != 303 {
			t.Errorf("the second person: %d %s", got.status, got.body)
		}
		for who, at := range map[string]string{"operator": path, "merchant-x": "/desk/sales"} {
			page := string(m.login(who).must(200, "GET", at, "").body)
			for _, want := range []string{"¥600.00", "4.80", "October report"} {
				if !strings.Contains(page, want) {
					t.Errorf("%s does not read %s", who, want)
				}
			}
		}
		m.audit()
	})
}
