package loginweb_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page/webtest"
)

// raw posts a form and follows nothing.
func (s *stand) raw(t testing.TB, jar http.CookieJar, path string, fields url.Values, head ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, s.Base()+path, strings.NewReader(fields.Encode()))
	s.Must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	client := http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	res, err := client.Do(r)
	s.Must(err)
	t.Cleanup(func() { res.Body.Close() })
	return res
}

func body(t testing.TB, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func cookieOf(r *http.Response, name string) string {
	for _, c := range r.Cookies() {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func password(name string) url.Values {
	return url.Values{"name": {name}, "password": {webtest.Password}}
}

// TestA18_NobodyIsLoggedInByAnotherSite: every form of these pages is refused when another site sends it, the one that
// logs in before anybody has a session too.
func TestA18_NobodyIsLoggedInByAnotherSite(t *testing.T) {
	s := open(t)
	s.Login(login.Shopper, "ming", "")
	fields := password("ming")
	for _, path := range []string{"/login", "/login/code", "/login/code/enter", "/register", "/logout",
		"/account/security/password", "/account/security/sessions", "/account/security/sessions/others",
		"/account/security/contacts", "/account/security/help", "/join/x"} {
		for _, head := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"},
			{"Sec-Fetch-Site", "", "Origin", "https://evil.example"}} {
			res := s.raw(t, nil, path, fields, head...)
			if res.StatusCode != http.StatusForbidden || cookieOf(res, gate.SessionCookie) != "" {
				t.Errorf("%s with %v: %d", path, head, res.StatusCode)
			}
		}
	}
	for _, path := range []string{"/login/passkey", "/login/passkey/begin"} { // a form cannot pose as the script
		if res := s.raw(t, nil, path, fields); res.StatusCode != http.StatusUnsupportedMediaType {
			t.Errorf("%s takes a form: %d", path, res.StatusCode)
		}
	}
}

// TestA20_TheWayBackStaysInTheMarket: whatever is asked for as the way back, nobody is led out of the market.
func TestA20_TheWayBackStaysInTheMarket(t *testing.T) {
	s := open(t)
	s.Login(login.Shopper, "ming", "")
	for _, next := range []string{"//evil.example", `/\evil.example`, `\\evil.example`, "https://evil.example", "evil.example",
		"/\t/evil.example", "/\r\nLocation: https://evil.example", "javascript:alert(1)", "///evil.example", "@evil.example",
		"/%0d%0aSet-Cookie:x=1\n", "/\x00", "http:/evil.example", "/login?next=//evil.example", "/logout", "", " /cart"} {
		fields := password("ming")
		fields.Set("next", next)
		res := s.raw(t, nil, "/login", fields)
		got := res.Header.Get("Location")
		if strings.Contains(next, "\x00") { // no form and no address may hold it
			if res.StatusCode != http.StatusBadRequest || got != "" {
				t.Errorf("next %q leads to %q (%d)", next, got, res.StatusCode)
			}
			continue
		}
		if res.StatusCode != http.StatusSeeOther || got != "/" {
			t.Errorf("next %q leads to %q (%d)", next, got, res.StatusCode)
		}
		page := s.Get("/login?next=" + url.QueryEscape(next)).Must(200)
		if strings.Contains(page.Body, "evil.example") && !strings.HasPrefix(next, "/login") {
			t.Errorf("the page for next %q holds it", next)
		}
	}
	jar, err := cookiejar.New(nil)
	s.Must(err)
	s.raw(t, jar, "/login/code", url.Values{"address": {"ming@example.com"}, "next": {"//evil.example"}})
	if got := s.raw(t, jar, "/login/code/enter", url.Values{"code": {s.sent.Code}}).Header.Get("Location"); got != "/" {
		t.Errorf("by code, next leads to %q", got)
	}
	fields := password("ming")
	fields.Set("next", "/cart?x=1")
	if got := s.raw(t, nil, "/login", fields).Header.Get("Location"); got != "/cart?x=1" {
		t.Errorf("a way back of our own leads to %q", got)
	}
}

// TestA21_LoggingInMakesANewSession: whatever session a browser brings, by every way in it leaves with a fresh one, and
// the one before is over.
func TestA21_LoggingInMakesANewSession(t *testing.T) {
	s := open(t)
	s.Login(login.Shopper, "ming", "")
	jar, err := cookiejar.New(nil)
	s.Must(err)
	first := cookieOf(s.raw(t, jar, "/login", password("ming")), gate.SessionCookie)
	second := cookieOf(s.raw(t, jar, "/login", password("ming")), gate.SessionCookie)
	s.raw(t, jar, "/login/code", url.Values{"address": {"ming@example.com"}})
	third := cookieOf(s.raw(t, jar, "/login/code/enter", url.Values{"code": {s.sent.Code}}), gate.SessionCookie)
	if first == "" || second == "" || third == "" || first == second || second == third {
		t.Fatalf("sessions %q, %q, %q", first, second, third)
	}
	for _, over := range []string{first, second} {
		if who, err := s.Logins.Resolve(t.Context(), over); err == nil {
			t.Errorf("a session from before a login still is %s's", who.Login)
		}
	}
	guest, _, err := s.Logins.Guest(t.Context(), "zh-CN")
	s.Must(err)
	res := s.raw(t, nil, "/login", password("ming"), "Cookie", gate.SessionCookie+"="+guest)
	if got := cookieOf(res, gate.SessionCookie); got == "" || got == guest {
		t.Errorf("a guest leaves with %q", got)
	}
	if _, err := s.Logins.Resolve(t.Context(), guest); err == nil {
		t.Error("a guest's session outlived the login")
	}
}

// alike is what an answer tells: its status, where it leads and what it says, without what is random in it.
func alike(t testing.TB, r *http.Response) string {
	t.Helper()
	said := body(t, r)
	id := r.Header.Get("X-Request-Id")
	return strings.ReplaceAll(r.Status+" "+r.Header.Get("Location")+" "+said, id, "")
}

// TestA22_AnAnswerTellsNotWhoIsKnown: a known name or address and an unknown one get the same status, page and work.
func TestA22_AnAnswerTellsNotWhoIsKnown(t *testing.T) {
	s := open(t)
	s.Login(login.Shopper, "known@example.com", "")
	s.byCode(t, s.visitor(t), "known@example.com").Must(200)
	for _, c := range []struct {
		path   string
		fields func(name string) url.Values
	}{
		{"/login", func(n string) url.Values { return url.Values{"name": {n}, "password": {"not the password"}} }},
		{"/login/code", func(n string) url.Values { return url.Values{"address": {n}} }},
	} {
		known := alike(t, s.raw(t, nil, c.path, c.fields("known@example.com")))
		other := alike(t, s.raw(t, nil, c.path, c.fields("other@example.com")))
		if want := strings.ReplaceAll(known, "known@", "other@"); want != other {
			t.Errorf("%s:\n%s\nand\n%s", c.path, want, other)
		}
	}
	sends := s.sent.count
	s.raw(t, nil, "/login/code", url.Values{"address": {"nobody@example.com"}})
	if s.sent.count != sends+1 {
		t.Error("nothing is sent to an unknown address: the work tells who is known")
	}
	jar, err := cookiejar.New(nil)
	s.Must(err)
	s.raw(t, jar, "/login/code", url.Values{"address": {"known@example.com"}})
	wrong := alike(t, s.raw(t, jar, "/login/code/enter", url.Values{"code": {"000000x"}}))
	s.Clock.Advance(time.Hour)
	if late := alike(t, s.raw(t, jar, "/login/code/enter", url.Values{"code": {s.sent.Code}})); late != wrong {
		t.Errorf("a code that is late and one that is wrong differ:\n%s\n%s", wrong, late)
	}
}

// TestA23_GuessingOverThePagesIsBounded: passwords, codes and codes asked for.
func TestA23_GuessingOverThePagesIsBounded(t *testing.T) {
	s := open(t)
	s.Login(login.Shopper, "ming", "")
	limited := 0
	for range 14 {
		res := s.raw(t, nil, "/login", url.Values{"name": {"ming"}, "password": {"guess guess"}})
		if res.StatusCode == http.StatusTooManyRequests {
			limited++
			if res.Header.Get("Retry-After") == "" || !strings.Contains(body(t, res), "尝试次数过多") {
				t.Error("nobody is told how long to wait")
			}
		}
	}
	if limited != 4 {
		t.Errorf("%d of 14 guesses were refused unheard, want 4", limited)
	}
	jar, err := cookiejar.New(nil)
	s.Must(err)
	s.raw(t, jar, "/login/code", url.Values{"address": {"ming@example.com"}})
	for range login.CodeTries {
		s.raw(t, jar, "/login/code/enter", url.Values{"code": {"1"}})
	}
	if res := s.raw(t, jar, "/login/code/enter", url.Values{"code": {s.sent.Code}}); res.StatusCode != 401 {
		t.Errorf("after %d wrong guesses the right code answers %d", login.CodeTries, res.StatusCode)
	}
	asked := 0
	for range 6 {
		if s.raw(t, jar, "/login/code", url.Values{"address": {"hong@example.com"}}).StatusCode == 303 {
			asked++
		}
	}
	if asked != 3 {
		t.Errorf("%d codes were sent to one address at once, want 3", asked)
	}
}

// TestA28_ABoundlessPasswordIsRefusedBeforeItIsHashed, on every form that takes one.
func TestA28_ABoundlessPasswordIsRefusedBeforeItIsHashed(t *testing.T) {
	s := open(t)
	long := strings.Repeat("x", 1<<20)
	for _, path := range []string{"/login", "/register"} {
		res := s.raw(t, nil, path, url.Values{"name": {"ming"}, "password": {long}}, "User-Agent", long[:4000])
		if res.StatusCode != http.StatusRequestEntityTooLarge && res.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
		res = s.raw(t, nil, path, url.Values{"name": {"ming"}, "password": {long[:login.PasswordMax+1]}})
		if res.StatusCode != http.StatusBadRequest || !strings.Contains(body(t, res), "密码须为") {
			t.Errorf("%s with a password too long: %d", path, res.StatusCode)
		}
	}
	for _, field := range []string{"name", "next", "address"} {
		res := s.raw(t, nil, "/login", url.Values{field: {long[:100_000]}, "password": {"long enough"}})
		if res.StatusCode >= 500 || res.Header.Get("Location") != "" {
			t.Errorf("a long %s: %d", field, res.StatusCode)
		}
	}
}
