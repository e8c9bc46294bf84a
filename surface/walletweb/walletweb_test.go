package walletweb

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/funds/pay"
	"hutong/funds/pay/bluejay"
	"hutong/funds/pay/emvco"
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

var texts = text.Merge(Texts, gate.Texts, login.Texts, pay.Texts, db.Texts, sandbox.Texts, redbean.Texts, bluejay.Texts,
	emvco.Texts)

// phone is a market and its wallets behind one gate, as in one process, and a phone that does not follow redirects.
type phone struct {
	*paytest.Bench
	t       *testing.T
	company *sandbox.Company
	url     string
	lang    string
}

func newPhone(t *testing.T, payee string) *phone {
	p := &phone{t: t, lang: "en"}
	var wallets []Wallet
	paytest.OnSQLite(t, func(b *paytest.Bench) []pay.Provider {
		to := sandbox.Payee{Name: payee, Short: "HUTONG", City: "HANGZHOU", Country: "CN", MCC: "5999"}
		p.company = sandbox.New(b.DB, b.Clock, b.IDs, nil)
		red := redbean.New(p.company, b.Clock, redbean.Options{Account: "m", Secret: make([]byte, 32), Payee: to,
			Pages: "http://market" + Path})
		blue := bluejay.New(p.company, b.Clock, bluejay.Options{Account: "m", Seed: make([]byte, 32), Payee: to,
			Pages: "http://market" + Path})
		p.company.Speak(red, blue)
		wallets = []Wallet{red, blue}
		return []pay.Provider{red, blue}
	}, func(b *paytest.Bench) { p.Bench = b })
	mux, err := gate.NewMux(gate.Options{Sessions: nobody{}, IDs: p.IDs, Texts: texts,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	p.must(err)
	routes, err := New(Deps{Company: p.company, Wallets: wallets, Texts: texts,
		Back: func(order string) string { return "/orders/" + order }})
	p.must(err)
	p.must(mux.Add(routes...))
	p.must(mux.Add(hook.Routes(p.Pay)...))
	p.company.Connect(sandbox.Wire(mux), "http://market"+hook.Path)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

func (p *phone) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// do sends a request, with a form if there is one, and gives status, page and where it leads.
func (p *phone) do(path string, form url.Values) (status int, body, to string) {
	p.t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(context.Background(), method, p.url+path, strings.NewReader(form.Encode()))
	p.must(err)
	req.Header.Set("Accept-Language", p.lang)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	p.must(err)
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	p.must(err)
	if strings.Contains(string(page), "walletweb.") || strings.Contains(string(page), "wallet.red") {
		p.t.Errorf("%s: a text is missing: %s", path, page)
	}
	return res.StatusCode, string(page), res.Header.Get("Location")
}

// bill begins to pay an order and gives where its bill is, as the wallet's link says.
func (p *phone) bill(wallet string) (pay.Attempt, string) {
	p.t.Helper()
	a, how := p.Begin(p.t, p.Sell(p.t, money.New(123450, "CNY")), wallet)
	path := strings.TrimPrefix(how.URL, "http://market")
	if wallet == "redbean" {
		if path != ScanPath(how.QR) {
			p.t.Errorf("the link is %s", how.URL)
		}
		status, _, to := p.do(path, nil)
		if status != http.StatusSeeOther {
			p.t.Fatalf("scanning: %d", status)
		}
		path = to
	}
	return a, path
}

func (p *phone) press(path, button string) {
	p.t.Helper()
	status, _, to := p.do(path, url.Values{"do": {button}})
	if status != http.StatusSeeOther || !strings.HasPrefix(to, path) {
		p.t.Fatalf("%s: %d, to %q", button, status, to)
	}
	if status, page, _ := p.do(to, nil); status != http.StatusOK || strings.Contains(page, `value="pay"`) {
		p.t.Errorf("%s: afterwards %d %s", button, status, page)
	}
}

func (p *phone) want(a pay.Attempt, state string) {
	p.t.Helper()
	if got := p.Till.Order(p.t, a.Order).State; got != state {
		p.t.Errorf("the order is %s, want %s", got, state)
	}
}

func TestPage(t *testing.T) {
	p := newPhone(t, "胡同集市")
	for wallet, name := range map[string][2]string{"redbean": {"红豆钱包", "Redbean Wallet"}, "bluejay": {"蓝鹊钱包", "Bluejay Wallet"}} {
		a, path := p.bill(wallet)
		for lang, has := range map[string][]string{
			"zh-CN": {`<link rel="icon" href="data:image/svg+xml,%3Csvg`, name[0], "付款给 胡同集市", "¥1,234.50", a.Order, "拒绝付款", `lang="zh-CN"`, `class="` + wallet + `"`},
			"en": {name[1], "Pay to 胡同集市", "CN¥1,234.50", a.Order, "Refuse", `lang="en"`,
				"Pay and let the notification come late (30 s)", "Pay, notification sent three times"},
		} {
			p.lang = lang
			status, page, _ := p.do(path, nil)
			for _, h := range has {
				if status != http.StatusOK || !strings.Contains(page, h) {
					t.Errorf("%s in %s: %d, no %q in %s", wallet, lang, status, h, page)
				}
			}
			if strings.Contains(page, "<script") || strings.Contains(page, "style=") {
				t.Errorf("the page needs a script or has a style inline: %s", page)
			}
		}
	}
	if status, css, _ := p.do(cssPath, nil); status != http.StatusOK || !strings.Contains(css, ".bluejay") {
		t.Errorf("the stylesheet: %d", status)
	}
}

func TestButtons(t *testing.T) {
	p := newPhone(t, "胡同集市")
	for _, wallet := range []string{"redbean", "bluejay"} {
		a, path := p.bill(wallet)
		p.press(path, "pay")
		p.want(a, "paid")
		p.press(path, "pay") // pressed again on a page that was still open
		if now := p.Attempt(t, a); now.Captured != a.Amount.Minor {
			t.Errorf("captured %d", now.Captured)
		}
		if _, page, _ := p.do(path, nil); !strings.Contains(page, `href="/orders/`+a.Order) || !strings.Contains(page, "Paid at") {
			t.Errorf("a paid bill shows %s", page)
		}

		p.press(path, "dispute")
		p.press(path, "dispute") // again it takes nothing, and tells again
		if now := p.Attempt(t, a); now.ChargedBack != a.Amount.Minor {
			t.Errorf("%d taken back", now.ChargedBack)
		}
		if _, page, _ := p.do(path+"?told=disputed", nil); !strings.Contains(page, "The bank gave you the money back") ||
			strings.Contains(page, `value="dispute"`) {
			t.Errorf("a disputed bill shows %s", page)
		}

		a, path = p.bill(wallet)
		if status, page, _ := p.do(path, url.Values{"do": {"dispute"}}); status != http.StatusConflict ||
			!strings.Contains(page, "this bill is not paid") {
			t.Errorf("a dispute of what is not paid: %d %s", status, page)
		}
		p.press(path, "thrice")
		p.want(a, "paid")

		a, path = p.bill(wallet)
		p.press(path, "late")
		p.want(a, "waiting")
		p.Clock.Advance(30 * time.Second)
		_, err := p.company.Deliver(context.Background())
		p.must(err)
		p.want(a, "paid")

		a, path = p.bill(wallet)
		p.press(path, "refuse")
		status, page, _ := p.do(path, url.Values{"do": {"pay"}})
		if status != http.StatusConflict || !strings.Contains(page, "this bill is closed") || !strings.Contains(page, `href="`+path) {
			t.Errorf("paying a refused bill: %d %s", status, page)
		}
		p.want(a, "waiting")
	}
}

func TestRefusals(t *testing.T) {
	p := newPhone(t, "胡同集市")
	_, path := p.bill("bluejay")
	no := path[strings.LastIndex(path, "/"):]
	for _, c := range []struct {
		path   string
		form   url.Values
		status int
		has    string
	}{
		{Path + "/bluejay/bil_x", nil, 404, "there is no such bill"},
		{Path + "/redbean" + no, nil, 404, "there is no such bill"}, // another wallet's
		{Path + "/cash" + no, nil, 404, "there is no such bill"},
		{Path + "/cash" + no, url.Values{"do": {"pay"}}, 404, "there is no such bill"},
		{path, url.Values{"do": {"everything"}}, 400, "there is no such button"},
		{path, url.Values{}, 400, "there is no such button"},
		{Path + "/scan?qr=hello", nil, 400, "does not follow the form"},
		{Path + "/scan?qr=" + url.QueryEscape(strings.Repeat("9", 5000)), nil, 400, "does not follow the form"},
		{Path + "/scan", nil, 200, "Paste the text"},
	} {
		status, page, _ := p.do(c.path, c.form)
		if status != c.status || !strings.Contains(page, c.has) || !strings.Contains(page, "</html>") {
			t.Errorf("%s %v: %d %s, want %d %s", c.path, c.form, status, page, c.status, c.has)
		}
	}
	p.Clock.Advance(sandbox.Life)
	if status, page, _ := p.do(path, url.Values{"do": {"pay"}}); status != http.StatusGone || !strings.Contains(page, "expired") {
		t.Errorf("an old bill: %d %s", status, page)
	}
}

// A form of another site cannot press the button.
func TestOtherSitesCannotPay(t *testing.T) {
	p := newPhone(t, "胡同集市")
	a, path := p.bill("bluejay")
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, p.url+path, strings.NewReader("do=pay"))
	p.must(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := http.DefaultClient.Do(req)
	p.must(err)
	p.must(res.Body.Close())
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("%d", res.StatusCode)
	}
	p.want(a, "waiting")
}

// What a merchant calls itself is text, never markup.
func TestPayeeIsText(t *testing.T) {
	p := newPhone(t, `<img src=x onerror="alert(1)">`)
	_, path := p.bill("bluejay")
	if _, page, _ := p.do(path, nil); strings.Contains(page, "<img") || !strings.Contains(page, "&lt;img") {
		t.Error(page)
	}
}

func TestTemplatesFitTheirViews(t *testing.T) {
	w := &web{Deps: Deps{Texts: texts}}
	for _, l := range []text.Lang{text.Zh, text.En} {
		pages, err := w.parse(l)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"bill.html", "scan.html", "refused.html"} {
			if err := templatecheck.CheckHTML(pages.Lookup(name), view{}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
