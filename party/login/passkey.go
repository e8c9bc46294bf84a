package login

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"hutong/base/fault"
)

// RelyingParty is where passkeys are good: the market's host and the origins of its pages. They come from the node's
// settings, never from a request.
type RelyingParty struct {
	ID      string   // the host, such as "shop.example"; "": no passkeys
	Name    string   // shown by the authenticator
	Origins []string // such as "https://shop.example"
}

func (r RelyingParty) open() (*webauthn.WebAuthn, error) {
	if r.ID == "" {
		return nil, nil
	}
	required := true
	w, err := webauthn.New(&webauthn.Config{RPID: r.ID, RPDisplayName: r.Name, RPOrigins: r.Origins,
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{RequireResidentKey: &required,
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired},
	})
	if err != nil {
		return nil, fmt.Errorf("login: relying party: %w", err)
	}
	return w, nil
}

// Passkey is one of a login's passkeys, as its owner is shown it.
type Passkey struct {
	ID      string
	Name    string // the owner's own word for it
	Synced  bool   // it is kept by a provider and works on several devices
	Created time.Time
	Used    time.Time // zero if never
}

// The bounds of passkeys.
const (
	PasskeyNameMax = 60
	PasskeysMax    = 20
	answerMax      = 64 << 10 // bytes of a browser's answer
)

// Ceremony is what a browser needs to make or use a passkey, and the ticket that must come back with its answer.
type Ceremony struct {
	Ticket  string
	Options json.RawMessage // for navigator.credentials, as JSON
}

// key is a kept passkey.
type key struct {
	id    string
	login ID
	name  string
	cred  webauthn.Credential
	made  time.Time
	used  time.Time
}

func keyID(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// holder is a login as the ceremonies know it. Its handle is the login's id, which says nothing about the person.
type holder struct {
	login Login
	keys  []key
}

// WebAuthnID is the handle that a passkey keeps.
func (h holder) WebAuthnID() []byte { return []byte(h.login.ID) }

// WebAuthnName is what the owner is shown when choosing among passkeys.
func (h holder) WebAuthnName() string { return h.WebAuthnDisplayName() }

// WebAuthnDisplayName is what the owner is shown.
func (h holder) WebAuthnDisplayName() string {
	if strings.HasPrefix(h.login.Name, "~") {
		return string(h.login.Role) + " " + string(h.login.ID[max(0, len(h.login.ID)-6):])
	}
	return h.login.Name
}

// WebAuthnCredentials are the login's passkeys.
func (h holder) WebAuthnCredentials() []webauthn.Credential {
	all := make([]webauthn.Credential, len(h.keys))
	for i, k := range h.keys {
		all[i] = k.cred
	}
	return all
}

func (h holder) key(raw []byte) (key, bool) {
	for _, k := range h.keys {
		if bytes.Equal(k.cred.ID, raw) {
			return k, true
		}
	}
	return key{}, false
}

func wrongPasskey(err error) error {
	return fault.New(fault.Unauthenticated, "login.passkey").Because(err)
}

// checkLabel holds a name that somebody gives to a key of theirs to one printable line.
func checkLabel(name, code string, most int) (string, error) {
	name = strings.TrimSpace(name)
	wrong := fault.New(fault.Invalid, code, fault.P("max", most)).At("name")
	if n := utf8.RuneCountInString(name); n < 1 || n > most || !utf8.ValidString(name) {
		return "", wrong
	}
	for _, r := range name {
		if !unicode.IsPrint(r) {
			return "", wrong
		}
	}
	return name, nil
}
