package login_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/login"
)

// issuer is a small OpenID Connect server. It signs in whoever claims says, after checking the code's verifier.
type issuer struct {
	t         *testing.T
	server    *httptest.Server
	rsa       *rsa.PrivateKey
	ec        *ecdsa.PrivateKey
	claims    map[string]any
	challenge string // of the authorisation under way
	sign      func(claims []byte) string
}

func newIssuer(t *testing.T) *issuer {
	i := &issuer{t: t}
	var err error
	if i.rsa, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	if i.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	i.server = httptest.NewServer(mux)
	t.Cleanup(i.server.Close)
	say := func(v any) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if err := json.NewEncoder(w).Encode(v); err != nil {
				t.Error(err)
			}
		}
	}
	at := i.server.URL
	mux.HandleFunc("/.well-known/openid-configuration", say(map[string]any{"issuer": at,
		"authorization_endpoint": at + "/authorize", "token_endpoint": at + "/token", "jwks_uri": at + "/keys",
		"id_token_signing_alg_values_supported": []string{"RS256", "ES256", "none", "HS256"}}))
	mux.HandleFunc("/keys", say(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: &i.rsa.PublicKey, KeyID: "rsa", Algorithm: "RS256", Use: "sig"},
		{Key: &i.ec.PublicKey, KeyID: "ec", Algorithm: "ES256", Use: "sig"}}}))
	mux.HandleFunc("/token", i.token)
	i.sign = i.with(jose.RS256, i.rsa, "rsa")
	return i
}

func (i *issuer) with(alg jose.SignatureAlgorithm, key any, kid string) func([]byte) string {
	return func(claims []byte) string {
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: key, KeyID: kid}}, nil)
		if err != nil {
			i.t.Fatal(err)
		}
		object, err := signer.Sign(claims)
		if err != nil {
			i.t.Fatal(err)
		}
		out, err := object.CompactSerialize()
		if err != nil {
			i.t.Fatal(err)
		}
		return out
	}
}

func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	user, secret, basic := r.BasicAuth()
	if !basic {
		user, secret = r.FormValue("client_id"), r.FormValue("client_secret")
	}
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if r.FormValue("code") != "good" || user != "hutong" || secret != "hush" || b64.EncodeToString(sum[:]) != i.challenge {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	claims, err := json.Marshal(i.claims)
	if err != nil {
		i.t.Error(err)
	}
	w.Header().Set("Content-Type", "application/json")
	err = json.NewEncoder(w).Encode(map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": i.sign(claims)})
	if err != nil {
		i.t.Error(err)
	}
}

// visit is a browser's way to the issuer: it gives what the browser comes back with.
func (i *issuer) visit(m market, change func(claims map[string]any)) login.UseSSO {
	i.t.Helper()
	address, ticket, err := m.BeginSSO(i.t.Context())
	if err != nil {
		i.t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		i.t.Fatal(err)
	}
	q := u.Query()
	if q.Get("code_challenge_method") != "S256" || q.Get("response_type") != "code" || q.Get("state") == "" ||
		!strings.Contains(q.Get("scope"), "openid") || q.Get("redirect_uri") != "https://shop.example/login/sso" {
		i.t.Fatal(address)
	}
	i.challenge = q.Get("code_challenge")
	now := m.clock.Now()
	i.claims = map[string]any{"iss": i.server.URL, "sub": "person-1", "aud": "hutong", "nonce": q.Get("nonce"),
		"iat": now.Unix(), "exp": now.Add(time.Minute).Unix(), "email": "Boss@Example.com", "email_verified": true}
	if change != nil {
		change(i.claims)
	}
	return login.UseSSO{Ticket: ticket, State: q.Get("state"), Code: "good", Lang: text.En}
}

func (i *issuer) set(m market, by login.Principal) {
	i.t.Helper()
	err := m.SetSSO(i.t.Context(), by, login.SSO{Issuer: i.server.URL, ClientID: "hutong", ClientSecret: "hush",
		Redirect: "https://shop.example/login/sso"})
	if err != nil {
		i.t.Fatal(err)
	}
}

func TestSingleSignOnTakesWhoWasInvited(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, i := open(d, cheap), newIssuer(t)
		owner, admin := m.desks(t)
		if _, _, err := m.BeginSSO(t.Context()); !fault.Is(err, "login.sso_off") {
			t.Fatal(err)
		}
		if err := m.SetSSO(t.Context(), owner, login.SSO{}); !fault.Is(err, "login.not_yours_to_grant") {
			t.Fatal("A6", err)
		}
		i.set(m, admin)
		if shown, err := m.SSO(t.Context()); err != nil || shown.ClientSecret != "" || shown.ClientID != "hutong" {
			t.Fatal("A6: the secret is shown", err)
		}
		if _, _, err := m.UseSSO(t.Context(), i.visit(m, nil)); !fault.Is(err, "login.sso_unknown") {
			t.Fatal("nobody invited them", err)
		}
		for _, by := range []login.Principal{admin, owner} { // the market's goes before a shop's
			role := map[login.StaffRole]login.StaffRole{login.Admin: login.Support, login.Owner: login.Clerk}[by.Staff]
			if _, _, err := m.Invite(t.Context(), login.Invite{By: by, Role: role, Email: "boss@example.com"}); err != nil {
				t.Fatal(err)
			}
		}
		unverified := func(c map[string]any) { c["email_verified"] = false }
		if _, _, err := m.UseSSO(t.Context(), i.visit(m, unverified)); !fault.Is(err, "login.sso_unknown") {
			t.Fatal("an address that nobody verified", err)
		}
		token, who, err := m.UseSSO(t.Context(), i.visit(m, nil))
		if err != nil || who.Role != login.Operator || who.Staff != login.Support || who.Lang != text.En {
			t.Fatal(who, err)
		}
		if again, err := open(d, cheap).Resolve(t.Context(), token); err != nil || again != who {
			t.Fatal(again, err)
		}
		i.sign = i.with(jose.ES256, i.ec, "ec")
		renamed := func(c map[string]any) { c["email"] = "other@example.com" }
		if _, again, err := m.UseSSO(t.Context(), i.visit(m, renamed)); err != nil || again.Login != who.Login {
			t.Fatal("the same person with another address", again, err)
		}
		if open, err := m.Invites(t.Context(), owner); err != nil || len(open) != 1 {
			t.Fatal(open, err)
		} else if err := m.DropInvite(t.Context(), owner, open[0].ID); err != nil {
			t.Fatal(err)
		}
		another := func(c map[string]any) { c["sub"] = "person-2" }
		if _, _, err := m.UseSSO(t.Context(), i.visit(m, another)); !fault.Is(err, "login.sso_unknown") {
			t.Fatal("the invitation was good twice", err)
		}
		if err := m.RemoveStaff(t.Context(), admin, who.Login); err != nil {
			t.Fatal(err)
		}
		if _, _, err := m.UseSSO(t.Context(), i.visit(m, nil)); !fault.Is(err, "login.sso_unknown") {
			t.Fatal("a removed login is back", err)
		}
	})
}

// One who took the market's link up with a password signs on to the same login; a shop's link proves nothing.
func TestSingleSignOnFindsWhoTookTheMarketsLink(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, i := open(d, cheap), newIssuer(t)
		owner, admin := m.desks(t)
		i.set(m, admin)
		for _, by := range []login.Principal{owner, admin} {
			link, _, err := m.Invite(t.Context(), login.Invite{By: by, Role: by.Staff, Email: "boss@example.com"})
			if err != nil {
				t.Fatal(err)
			}
			name := "boss-" + string(by.Staff)
			_, boss, err := m.Join(t.Context(), login.Join{Token: link, Name: name, Password: password})
			if err != nil {
				t.Fatal(err)
			}
			_, got, err := m.UseSSO(t.Context(), i.visit(m, nil))
			if by == owner && !fault.Is(err, "login.sso_unknown") {
				t.Fatal("a shop's link drew somebody into another's login", err)
			}
			if by == admin && (err != nil || got.Login != boss.Login) {
				t.Fatal(got, err)
			}
		}
	})
}

func TestA29_ForgedSignOnsAreRefused(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, i := open(d, cheap), newIssuer(t)
		_, admin := m.desks(t)
		i.set(m, admin)
		if _, _, err := m.Invite(t.Context(), login.Invite{By: admin, Role: login.Admin, Email: "boss@example.com"}); err != nil {
			t.Fatal(err)
		}
		good, other := i.sign, newIssuer(t)
		none := func(claims []byte) string {
			return b64.EncodeToString([]byte(`{"alg":"none"}`)) + "." + b64.EncodeToString(claims) + "."
		}
		publicKey, err := json.Marshal(jose.JSONWebKey{Key: &i.rsa.PublicKey})
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			sign   func([]byte) string
			claims func(map[string]any)
			use    func(*login.UseSSO)
			code   string
		}{
			"alg none":               {sign: none},
			"other key, known kid":   {sign: i.with(jose.RS256, other.rsa, "rsa")},
			"other key, path in kid": {sign: i.with(jose.RS256, other.rsa, "../../dev/null")},
			"HMAC by client secret":  {sign: i.with(jose.HS256, []byte(strings.Repeat("hush", 8)), "rsa")},
			"HMAC by public key":     {sign: i.with(jose.HS256, publicKey, "rsa")},
			"PS256":                  {sign: i.with(jose.PS256, i.rsa, "rsa")},
			"rubbish":                {sign: func([]byte) string { return "x.y.z" }},
			"another nonce":          {claims: func(c map[string]any) { c["nonce"] = "x" }},
			"no nonce":               {claims: func(c map[string]any) { delete(c, "nonce") }},
			"another audience":       {claims: func(c map[string]any) { c["aud"] = "shop2" }},
			"two audiences, no azp":  {claims: func(c map[string]any) { c["aud"] = []string{"hutong", "shop2"} }},
			"another azp":            {claims: func(c map[string]any) { c["azp"] = "shop2" }},
			"another issuer":         {claims: func(c map[string]any) { c["iss"] = other.server.URL }},
			"expired":                {claims: func(c map[string]any) { c["exp"] = start.Add(-time.Second).Unix() }},
			"no subject":             {claims: func(c map[string]any) { delete(c, "sub") }},
			"another state":          {use: func(u *login.UseSSO) { u.State = "x" }},
			"no state":               {use: func(u *login.UseSSO) { u.State = "" }},
			"another code":           {use: func(u *login.UseSSO) { u.Code = "bad" }},
			"no code":                {use: func(u *login.UseSSO) { u.Code = "" }},
			"another's browser":      {use: func(u *login.UseSSO) { u.Ticket = "" }, code: "login.ceremony"},
		} {
			i.sign = good
			if c.sign != nil {
				i.sign = c.sign
			}
			use := i.visit(m, c.claims)
			if c.use != nil {
				c.use(&use)
			}
			want := c.code
			if want == "" {
				want = "login.sso_refused"
			}
			if _, who, err := m.UseSSO(t.Context(), use); !fault.Is(err, want) || who != login.Nobody {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestA9_ASignOnIsGoodOnceAndInTime(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, i := open(d, cheap), newIssuer(t)
		_, admin := m.desks(t)
		i.set(m, admin)
		if _, _, err := m.Invite(t.Context(), login.Invite{By: admin, Role: login.Admin, Email: "boss@example.com"}); err != nil {
			t.Fatal(err)
		}
		late := i.visit(m, nil)
		use := i.visit(m, nil)
		if _, _, err := m.UseSSO(t.Context(), use); err != nil {
			t.Fatal(err)
		}
		if _, _, err := m.UseSSO(t.Context(), use); !fault.Is(err, "login.ceremony") {
			t.Fatal("A9: the same answer twice", err)
		}
		m.clock.Advance(5 * time.Minute)
		if _, _, err := m.UseSSO(t.Context(), late); !fault.Is(err, "login.ceremony") {
			t.Fatal("after five minutes", err)
		}
	})
}

func TestSingleSignOnIsOnlySetToSafeAddresses(t *testing.T) {
	m := open(dbtest.SQLite(t, db.Options{}, schemas...), cheap)
	_, admin := m.desks(t)
	for _, bad := range []string{"http://issuer.example", "ftp://issuer.example", "issuer", "https://", "https://a:b@issuer.example",
		"https://issuer.example/#x", "javascript:alert(1)", "file:///etc/passwd"} {
		err := m.SetSSO(t.Context(), admin, login.SSO{Issuer: bad, ClientID: "x", Redirect: "https://shop.example"})
		if !fault.Is(err, "login.sso_url") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	sso := login.SSO{Issuer: "https://issuer.example", ClientID: "x", ClientSecret: "s", Redirect: "https://shop.example"}
	if err := m.SetSSO(t.Context(), admin, sso); err != nil {
		t.Fatal(err)
	}
	sso.ClientID, sso.ClientSecret = "", ""
	if err := m.SetSSO(t.Context(), admin, sso); !fault.Is(err, "login.sso_client") {
		t.Fatal(err)
	}
}
