package loginweb_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"hutong/base/text"
	"hutong/party/login"
	"hutong/surface/page/webtest"
)

// issuer is a small OpenID Connect server, which proves one person.
type issuer struct {
	*httptest.Server
	s     *stand
	key   *ecdsa.PrivateKey
	nonce string
	email string
}

func newIssuer(t *testing.T, s *stand) *issuer {
	i := &issuer{s: s, email: "boss@example.com"}
	var err error
	i.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	s.Must(err)
	mux := http.NewServeMux()
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	say := func(what func() any) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if err := json.NewEncoder(w).Encode(what()); err != nil {
				t.Error(err)
			}
		}
	}
	mux.HandleFunc("/.well-known/openid-configuration", say(func() any {
		return map[string]any{"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token",
			"jwks_uri": i.URL + "/keys", "id_token_signing_alg_values_supported": []string{"ES256"}}
	}))
	mux.HandleFunc("/keys", say(func() any {
		return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &i.key.PublicKey, KeyID: "k", Algorithm: "ES256", Use: "sig"}}}
	}))
	mux.HandleFunc("/token", say(func() any {
		return map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": i.token()}
	}))
	return i
}

func (i *issuer) token() string {
	now := i.s.Clock.Now()
	claims, err := json.Marshal(map[string]any{"iss": i.URL, "sub": "p1", "aud": "hutong", "nonce": i.nonce, "iat": now.Unix(),
		"exp": now.Add(time.Minute).Unix(), "email": i.email, "email_verified": true})
	i.s.Must(err)
	key := jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: i.key, KeyID: "k"}}
	signer, err := jose.NewSigner(key, nil)
	i.s.Must(err)
	signed, err := signer.Sign(claims)
	i.s.Must(err)
	out, err := signed.CompactSerialize()
	i.s.Must(err)
	return out
}

// set makes it the market's.
func (i *issuer) set(t *testing.T) {
	t.Helper()
	i.s.Login(login.Operator, "chief", "")
	_, chief, err := i.s.Logins.Login(t.Context(), "chief", webtest.Password, text.Zh)
	i.s.Must(err)
	i.s.Must(i.s.Logins.SetSSO(t.Context(), chief, login.SSO{Issuer: i.URL, ClientID: "hutong", ClientSecret: "hush",
		Redirect: i.s.Base() + "/login/sso"}))
}

// get reads an address as a browser does that follows nothing.
func get(t *testing.T, jar http.CookieJar, address string) *http.Response {
	t.Helper()
	client := http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	res, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

// begin follows the button of the page to the issuer, and gives what it asks there.
func (i *issuer) begin(t *testing.T, jar http.CookieJar) url.Values {
	t.Helper()
	res := get(t, jar, i.s.Base()+"/login/sso/start?next=/desk?x=1")
	to, err := url.Parse(res.Header.Get("Location"))
	i.s.Must(err)
	if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to.String(), i.URL+"/authorize?") {
		t.Fatalf("%d to %s", res.StatusCode, to)
	}
	i.nonce = to.Query().Get("nonce")
	return to.Query()
}

func jar(t *testing.T) http.CookieJar {
	t.Helper()
	j, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestStaffSignOnAtTheirIssuer(t *testing.T) {
	s := open(t)
	s.Get("/login").MustNot("单点登录")
	s.Get("/login/sso/start").Must(404, "未启用单点登录")
	i := newIssuer(t, s)
	i.set(t)
	s.Get("/login").Must(200, "单点登录")
	s.Login(login.Merchant, "boss", s.shop)
	uninvited := jar(t)
	back := s.Base() + "/login/sso?"
	q := i.begin(t, uninvited)
	if res := get(t, uninvited, back+url.Values{"code": {"good"}, "state": {q.Get("state")}}.Encode()); res.StatusCode != 403 ||
		!strings.Contains(body(t, res), "没有受邀") {
		t.Errorf("somebody whom nobody invited: %d", res.StatusCode)
	}
	token := s.invite(t, login.Clerk, "Boss@Example.com")
	s.Get("/join/"+token).Must(200, "单点登录", "boss@example.com")
	browser := jar(t)
	q = i.begin(t, browser)
	res := get(t, browser, back+url.Values{"code": {"good"}, "state": {q.Get("state")}}.Encode())
	if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || to != "/desk?x=1" {
		t.Errorf("signed on, and led to %q (%d)", to, res.StatusCode)
	}
	if who := get(t, browser, s.Base()+"/desk"); who.StatusCode != 200 {
		t.Errorf("the desk answers %d", who.StatusCode)
	}
}

// TestA18_ASignOnIsFinishedByTheBrowserThatBeganIt: nobody is logged in as somebody else by a link.
func TestA18_ASignOnIsFinishedByTheBrowserThatBeganIt(t *testing.T) {
	s := open(t)
	i := newIssuer(t, s)
	i.set(t)
	s.Login(login.Merchant, "boss", s.shop)
	s.invite(t, login.Clerk, i.email)
	for name, c := range map[string]struct {
		jar    http.CookieJar
		change func(url.Values)
		says   string
	}{
		"another browser": {jar(t), func(url.Values) {}, "已过期"},
		"another state":   {nil, func(q url.Values) { q.Set("state", "x") }, "未通过验证"},
		"no code":         {nil, func(q url.Values) { q.Del("code") }, "未通过验证"},
		"cancelled":       {nil, func(q url.Values) { q.Set("error", "access_denied") }, "未通过验证"},
	} {
		browser := jar(t)
		asked := i.begin(t, browser)
		q := url.Values{"code": {"good"}, "state": {asked.Get("state")}}
		c.change(q)
		if c.jar != nil {
			browser = c.jar
		}
		res := get(t, browser, s.Base()+"/login/sso?"+q.Encode())
		if said := body(t, res); res.StatusCode < 400 || res.StatusCode >= 500 || !strings.Contains(said, c.says) {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
		if cookieOf(res, "hutong") != "" {
			t.Errorf("%s: a session was opened", name)
		}
	}
}
