package hook_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/funds/pay"
	"hutong/funds/pay/bluejay"
	"hutong/funds/pay/paytest"
	"hutong/funds/pay/redbean"
	"hutong/funds/pay/sandbox"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/hook"
)

type nobody struct{}

func (nobody) Resolve(context.Context, string) (login.Principal, error) {
	return login.Nobody, fault.New(fault.Unauthenticated, "login.session")
}

// market is a market behind its gate, on a real port, with both simulated wallets.
type market struct {
	*paytest.Bench
	company *sandbox.Company
	url     string
}

func newMarket(t *testing.T) *market {
	m := &market{}
	wallets := func(b *paytest.Bench) []pay.Provider {
		payee := sandbox.Payee{Name: "胡同", Short: "HUTONG", City: "HANGZHOU", Country: "CN", MCC: "5999"}
		m.company = sandbox.New(b.DB, b.Clock, b.IDs, nil)
		red := redbean.New(m.company, b.Clock, redbean.Options{Account: "m", Secret: make([]byte, 32), Payee: payee})
		blue := bluejay.New(m.company, b.Clock, bluejay.Options{Account: "m", Seed: make([]byte, 32), Payee: payee})
		m.company.Speak(red, blue)
		return []pay.Provider{red, blue}
	}
	paytest.OnSQLite(t, wallets, func(b *paytest.Bench) { m.Bench = b })
	mux, err := gate.NewMux(gate.Options{Sessions: nobody{}, IDs: m.IDs, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Texts: text.Merge(gate.Texts, login.Texts, pay.Texts, db.Texts)})
	if err != nil {
		t.Fatal(err)
	}
	if err := mux.Add(hook.Routes(m.Pay)...); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	m.url = server.URL + hook.Path
	m.company.Connect(server.Client().Transport, m.url)
	return m
}

// send posts a notification and gives status, type and body of the answer.
func (m *market) send(t *testing.T, wallet string, h http.Header, body io.Reader) (int, string, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, m.url+"/"+wallet, body)
	if err != nil {
		t.Fatal(err)
	}
	if h != nil {
		req.Header = h
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Content-Type"), string(answer)
}

// Each wallet's payment arrives over a network, through the gate, and is answered in the wallet's own words.
func TestPaymentsArrive(t *testing.T) {
	m := newMarket(t)
	for _, wallet := range []string{"redbean", "bluejay"} {
		a, _ := m.Begin(t, m.Sell(t, money.New(1990, "CNY")), wallet)
		b, err := m.company.ByTrade(context.Background(), wallet, string(a.ID))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.company.PayBill(context.Background(), wallet, b.No, sandbox.Behaviour{Times: 3}); err != nil {
			t.Fatal(err)
		}
		if got := m.Till.Order(t, a.Order).State; got != "paid" {
			t.Errorf("%s: the order is %s", wallet, got)
		}
		m.Clock.Advance(time.Hour)
		if n, err := m.company.Deliver(context.Background()); n != 0 || err != nil {
			t.Errorf("%s did not understand the answer: %d notices wait, %v", wallet, n, err)
		}
	}
}

func TestAnswers(t *testing.T) {
	m := newMarket(t)
	a, _ := m.Begin(t, m.Sell(t, money.New(1990, "CNY")), "redbean")
	d := redbean.New(nil, m.Clock, redbean.Options{Account: "m", Secret: make([]byte, 32)})
	fact := pay.Fact{Txn: "t1", Kind: pay.KindCapture, Attempt: a.ID, Amount: a.Amount, Account: "m", At: m.Clock.Now()}
	stray := fact
	stray.Txn, stray.Attempt = "t2", "att_stray"
	type sent struct {
		name, wallet string
		header       http.Header
		body         []byte
		status       int
		kind, has    string
	}
	var all []sent
	h, body := paytest.Notices(d, m.Clock)(fact)
	all = append(all,
		sent{"unknown wallet", "cash", h, body, 404, "application/problem+json", "pay.no_wallet"},
		sent{"unsigned", "redbean", nil, body, 401, "application/problem+json", "pay.signature"},
		sent{"to the other wallet", "bluejay", h, body, 401, "application/problem+json", "pay.signature"},
		sent{"too long", "redbean", h, bytes.Repeat(body, 1000), 413, "application/problem+json", "gate.body"},
		sent{"genuine", "redbean", h, body, 200, "application/json", "SUCCESS"},
		sent{"again", "redbean", h, body, 200, "application/json", "SUCCESS"})
	h, body = paytest.Notices(d, m.Clock)(stray)
	all = append(all, sent{"of nothing we know", "redbean", h, body, 202, "application/json", "SUCCESS"})
	stray.Amount.Minor, stray.Txn = -1, "t3"
	h, body = paytest.Notices(d, m.Clock)(stray)
	all = append(all, sent{"of nonsense", "redbean", h, body, 400, "application/problem+json", "pay.malformed"})
	for _, s := range all {
		status, kind, answer := m.send(t, s.wallet, s.header, bytes.NewReader(s.body))
		if status != s.status || kind != s.kind || !strings.Contains(answer, s.has) {
			t.Errorf("%s: %d %s %s, want %d %s %s", s.name, status, kind, answer, s.status, s.kind, s.has)
		}
	}
	if got := m.Till.Order(t, a.Order).State; got != "paid" {
		t.Errorf("the order is %s", got)
	}
	// A body without a length, longer than the limit: it is cut off, not read to its end.
	endless := io.MultiReader(strings.NewReader(strings.Repeat("x", 100<<10)), strings.NewReader("x"))
	if status, _, _ := m.send(t, "redbean", nil, endless); status != 413 {
		t.Errorf("an endless body: %d", status)
	}
	res, err := http.Get(m.url + "/redbean")
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d, %v", res.StatusCode, err)
	}
}
