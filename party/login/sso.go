package login

import (
	"encoding/base64"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"hutong/base/fault"
)

// SSO is what an operator sets for single sign-on of staff: an OpenID Connect issuer and the market's client there. It
// prints without the secret (FAULTS A34).
type SSO struct {
	Issuer       string `json:"issuer"` // "": off
	ClientID     string `json:"client_id"`
	ClientSecret Secret `json:"client_secret"`
	Redirect     string `json:"redirect"` // the page of the market that the issuer sends people back to
}

// Secret is a secret that an operator sets. It prints as nothing.
type Secret string

// LogValue shows that there was one, not which.
func (Secret) LogValue() slog.Value { return slog.StringValue("[secret]") }

// String is what LogValue shows.
func (Secret) String() string { return "[secret]" }

// GoString is String.
func (Secret) GoString() string { return "[secret]" }

// check holds issuer and redirect to https, but for a server on the machine itself.
func (s SSO) check() error {
	if s.Issuer == "" {
		return nil
	}
	for _, u := range []struct{ field, value string }{{"issuer", s.Issuer}, {"redirect", s.Redirect}} {
		if !safeURL(u.value) {
			return fault.New(fault.Invalid, "login.sso_url").At(u.field)
		}
	}
	if s.ClientID == "" || len(s.ClientID) > 512 || len(s.ClientSecret) > 1024 {
		return fault.New(fault.Invalid, "login.sso_client").At("client_id")
	}
	return nil
}

func safeURL(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || len(raw) > 1024 {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// ssoAlgs are the signatures that are taken from an issuer: asymmetric ones only, so that neither "none" nor the
// client's secret ever signs a token (FAULTS A29).
var ssoAlgs = []string{oidc.RS256, oidc.ES256}

// ssoState is what a sign-on is begun with, kept here and taken up once.
type ssoState struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
	Issuer   string `json:"issuer"`
	Client   string `json:"client"`
}

func random32(random io.Reader) string {
	var b [32]byte
	fill(random, b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// ssoPerson is who an issuer says has signed on.
type ssoPerson struct {
	issuer, subject string
	email           string // "" unless the issuer verified it
}

// claims are what is read from a token beside what go-oidc checks.
type claims struct {
	Email    string `json:"email"`
	Verified bool   `json:"email_verified"`
	Azp      string `json:"azp"`
}

// email is the verified address in its one form, "" if there is none.
func (c claims) email() string {
	if !c.Verified {
		return ""
	}
	address, _ := normalEmail(c.Email)
	return address
}

// ssoFor is how long an issuer's description is used before it is read again.
const ssoFor = time.Hour

// ssoCache keeps the issuer's description.
type ssoCache struct {
	mu       sync.Mutex
	provider *oidc.Provider
	issuer   string
	stale    time.Time
}

func (s SSO) oauth(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: s.ClientID, ClientSecret: string(s.ClientSecret), Endpoint: p.Endpoint(),
		RedirectURL: s.Redirect, Scopes: []string{oidc.ScopeOpenID, "email"}}
}

func refusedSSO(err error) error {
	return fault.New(fault.Unauthenticated, "login.sso_refused").Because(err)
}

// clean is an issuer without the slash that some write at its end.
func clean(issuer string) string { return strings.TrimSpace(issuer) }
