package loginweb

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"net/http"

	"hutong/base/strict"
	"hutong/party/login"
	"hutong/surface/gate"
)

//go:embed passkey.js
var passkeyJS []byte

const scriptPath = "/login/passkey.js"

// script is the one that makes passkeys work, under an address that changes with it.
type script struct{ url string }

func newScript() script {
	sum := sha256.Sum256(passkeyJS)
	return script{scriptPath + "?v=" + hex.EncodeToString(sum[:8])}
}

func (s script) serve(rw http.ResponseWriter, r *http.Request) error {
	h := rw.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	if r.URL.RequestURI() == s.url {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	_, _ = rw.Write(passkeyJS) // a reader who has gone away is no error of ours
	return nil
}

// ceremony is what the script is told to do with the authenticator.
type ceremony struct {
	Ticket  string          `json:"ticket"`
	Options json.RawMessage `json:"options"`
}

// answered is what the script brings back from it.
type answered struct {
	Ticket string          `json:"ticket"`
	Answer json.RawMessage `json:"answer"`
	Name   string          `json:"name"`
	Next   string          `json:"next"`
}

// done tells the script where to go.
type done struct {
	Next string `json:"next"`
}

func say(rw http.ResponseWriter, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	h := rw.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	_, _ = rw.Write(body) // as above
	return nil
}

// beginPasskey begins to log in with a passkey. It asks nothing, so it tells nothing (FAULTS A22).
func (w *web) beginPasskey(rw http.ResponseWriter, r *http.Request) error {
	c, err := w.Logins.BeginPasskeyLogin(r.Context())
	if err != nil {
		return unoffered(err)
	}
	return say(rw, ceremony{c.Ticket, c.Options})
}

// usePasskey logs in with what the authenticator answered.
func (w *web) usePasskey(rw http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var in answered
	if _, err := strict.Read(r.Body, &in); err != nil {
		return err
	}
	before, err := w.hadBy(ctx)
	if err != nil {
		return err
	}
	token, who, err := w.Logins.UsePasskey(ctx, login.UsePasskey{Ticket: in.Ticket, Answer: in.Answer,
		Lang: gate.Lang(ctx), Guest: gate.Token(ctx)})
	if err != nil {
		return unoffered(err)
	}
	if err := w.arrive(rw, r, arrival{token, who, before}); err != nil {
		return err
	}
	return say(rw, done{onward(in.Next, who.Role)})
}
