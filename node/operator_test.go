package node_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/node"
	"hutong/party/login"
)

// TestA31_NothingOfTheMachineryIsOnThePublicPort: no route sets a market up or shows its insides, and what libraries
// register at a process's default mux is served to nobody.
func TestA31_NothingOfTheMachineryIsOnThePublicPort(t *testing.T) {
	m := open(t, onSQLite(t))
	for _, row := range m.routes {
		for _, word := range []string{"debug", "pprof", "expvar", "metrics", "setup", "install", "migrate", "init", "seed", "test"} {
			for part := range strings.SplitSeq(row.Path, "/") {
				if part == word {
					t.Errorf("%s %s is on the public port", row.Method, row.Path)
				}
			}
		}
	}
	for _, who := range []*caller{m.anonymous(), m.guest("a"), m.login("operator")} {
		for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/vars", "/debug", "/metrics", "/setup", "/install",
			"/init", "/migrate", "/admin/setup", "/.env", "/.git/config", "/api/v1/setup", "/operator/setup"} {
			if got := who.send(who.request(http.MethodGet, path, "")); got.status != http.StatusNotFound {
				t.Errorf("%s: GET %s: %d", who.name, path, got.status)
			}
		}
	}
	for _, path := range []string{"/debug/pprof/", "/debug/vars"} { // a package that serves it by being imported
		r, err := http.NewRequest(http.MethodGet, path, nil)
		m.ok(err)
		if _, pattern := http.DefaultServeMux.Handler(r); pattern != "" {
			t.Errorf("%s stands at the default mux as %s", path, pattern)
		}
	}
}

// A fee that an operator asks for waits for another; both, and the settings, hold over a restart.
func TestAFeeTakesTwoOperators(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		_, err := m.Login.Register(t.Context(), login.Register{Role: login.Operator, Name: "second", Password: password})
		m.ok(err)
		one, two := m.login("operator"), m.login("second")
		shop := string(m.shops[0].ID)
		if got := one.form("/operator/fees", url.Values{"who": {"shop " + shop}, "rate": {"2.5"}, "from": {"2026-12-01"}}); got.status != 303 {
			t.Fatalf("asking: %d %s", got.status, got.body)
		}
		page := string(two.must(200, "GET", "/operator/approvals", "").body)
		_, rest, _ := strings.Cut(page, `name="request" value="`)
		request, _, found := strings.Cut(rest, `"`)
		if !found {
			t.Fatalf("the request is not shown: %s", page)
		}
		decide := url.Values{"request": {request}, "do": {"approve"}}
		if got := one.form("/operator/approvals", decide); got.status != 403 {
			t.Errorf("whoever asked decides: %d", got.status)
		}
		from := time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC)
		if _, ppm := m.Settle.Fees().For(shop, "", from); ppm != 6_000 {
			t.Errorf("it holds before anybody decided: %d", ppm)
		}
		if got := two.form("/operator/approvals", decide); got.status != 303 {
			t.Fatalf("deciding: %d %s", got.status, got.body)
		}
		for at, want := range map[time.Time]int64{from.Add(-time.Second): 6_000, from: 25_000} {
			if _, ppm := m.Settle.Fees().For(shop, "", at); int64(ppm) != want {
				t.Errorf("at %v: %d, want %d", at, ppm, want)
			}
		}
		m.audit()
	})
}

// Over the API too, a fee is asked for by one and decided by another (FAULTS A6).
func TestA6_NobodyChangesAFeeAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		_, err := m.Login.Register(t.Context(), login.Register{Role: login.Operator, Name: "second", Password: password})
		m.ok(err)
		one, two := m.login("operator"), m.login("second")
		shop := string(m.shops[0].ID)
		ask := func(scope, id string) answer {
			return one.call("POST", "/api/v1/operator/fees",
				fmt.Sprintf(`{"scope":%q,"id":%q,"ppm":25000,"from":"2026-12-01T00:00:00Z"}`, scope, id))
		}
		asked := ask("shop", shop)
		if asked.status != 202 || asked.text("state") != "asked" || !strings.HasPrefix(asked.text("approval"), "apr_") {
			t.Fatalf("asking: %d %s", asked.status, asked.body)
		}
		if got := ask("shop", shop); got.status != 409 || got.text("code") != "approval.open" {
			t.Errorf("asking again: %d %s", got.status, got.body)
		}
		for _, no := range []struct{ scope, id, code string }{{"category", "zz", "fee.category"},
			{"shop", "shp_none", "merchant.not_found"}, {"planet", "earth", "fee.scope"}, {"shop", "", "fee.scope_id"}} {
			if got := ask(no.scope, no.id); got.status < 400 || got.text("code") != no.code {
				t.Errorf("%s %s: %d %s, want %s", no.scope, no.id, got.status, got.body, no.code)
			}
		}
		decide := url.Values{"request": {asked.text("approval")}, "do": {"approve"}}
		if got := one.form("/operator/approvals", decide); got.status != 403 {
			t.Errorf("whoever asked decides: %d", got.status)
		}
		m.ok(m.Settle.Refresh(t.Context()))
		if rules := m.Settle.Fees().Rules(); len(rules) != 0 {
			t.Fatalf("one person alone made %v", rules)
		}
		if got := two.form("/operator/approvals", decide); got.status != 303 || len(m.Settle.Fees().Rules()) != 1 {
			t.Fatalf("deciding: %d %s", got.status, got.body)
		}
		m.audit()
	})
}

// Too late a word does not shorten the notice that shops are owed (FAULTS I-P5).
func TestAFeeThatIsDecidedTooLateIsRefused(t *testing.T) {
	m := open(t, onSQLite(t))
	_, err := m.Login.Register(t.Context(), login.Register{Role: login.Operator, Name: "second", Password: password})
	m.ok(err)
	one, two := m.login("operator"), m.login("second")
	one.form("/operator/fees", url.Values{"who": {"market"}, "rate": {"5"}, "from": {"2026-11-20"}})
	_, rest, _ := strings.Cut(string(two.must(200, "GET", "/operator/approvals", "").body), `name="request" value="`)
	request, _, _ := strings.Cut(rest, `"`)
	m.clock.Advance(3 * 24 * time.Hour)
	got := two.form("/operator/approvals", url.Values{"request": {request}, "do": {"approve"}})
	if got.status != 422 || len(m.Settle.Fees().Rules()) != 0 {
		t.Errorf("%d %v", got.status, m.Settle.Fees().Rules())
	}
}

func TestSettingsHoldFromTheNextStart(t *testing.T) {
	at := node.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "market.db"), Clock: clock.NewManual(start)}
	m, err := node.Open(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{"order.pay_minutes": "45", "order.lines_max": "7", "market.name_en": "Lane"}
	if n, err := m.Tune.Set(context.Background(), values); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	if got := m.Checkout.Settings().PayWithin; got != 15*time.Minute {
		t.Errorf("it holds at once: %v", got)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if m, err = node.Open(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}()
	set := m.Checkout.Settings()
	if set.PayWithin != 45*time.Minute || set.LinesMax != 7 || set.QuantityMax != 9_999 || set.LaneBatchMax != 256 {
		t.Errorf("%+v", set)
	}
}

// TestTheDeskHasWordsForTheMachinery: a job, a setting or a change that has no words would be shown as its code.
func TestTheDeskHasWordsForTheMachinery(t *testing.T) {
	m := open(t, onSQLite(t))
	texts := node.Texts()
	has := func(key string) {
		if _, ok := texts[key]; !ok {
			t.Errorf("%s has no words", key)
		}
	}
	for _, j := range m.Jobs() {
		has("operatorweb.job_" + j.Name)
	}
	for _, v := range m.Tune.Values() {
		has("operatorweb.set_" + v.Name)
		has("operatorweb.set_" + v.Name + "_hint")
		has("operatorweb.group_" + v.Group)
	}
	for _, p := range login.PermissionsFor(login.Operator) {
		has("operatorweb.may_" + string(p))
	}
	files, _ := tree(t)
	what := regexp.MustCompile(`(?:What: +|\.note\(ctx, tx, |\.tell\(ctx, tx, )"([a-z_]+\.[a-z_]+)"`)
	for path := range files {
		data, err := os.ReadFile(filepath.Join("..", path))
		m.ok(err)
		for _, found := range what.FindAllStringSubmatch(string(data), -1) {
			if texts["record."+found[1]].Zh == "" { // at one of the two desks alone it is said in other words
				has("operatorweb.what_" + found[1])
				has("merchantweb.did_" + strings.ReplaceAll(found[1], ".", "_"))
			}
		}
	}
	for key := range texts { // also of a change whose name the code puts together
		if what, is := strings.CutPrefix(key, "operatorweb.what_"); is {
			has("merchantweb.did_" + strings.ReplaceAll(what, ".", "_"))
		}
	}
}
