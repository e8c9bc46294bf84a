package login_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/party/login"
)

var b64 = base64.RawURLEncoding

// device is an authenticator with one ES256 key, as its browser speaks for it.
type device struct {
	t      *testing.T
	key    *ecdsa.PrivateKey
	id     []byte
	handle []byte
	count  uint32
	origin string
	rp     string
	flags  byte // user present and verified
}

func newDevice(t *testing.T) *device {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	if _, err := rand.Read(id); err != nil {
		t.Fatal(err)
	}
	return &device{t: t, key: key, id: id, origin: "https://shop.example", rp: "shop.example", flags: 0x05}
}

func (d *device) client(kind string, challenge string) []byte {
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

func (d *device) auth(flags byte, more []byte) []byte {
	hash := sha256.Sum256([]byte(d.rp))
	out := append(hash[:], flags)
	out = binary.BigEndian.AppendUint32(out, d.count)
	return append(out, more...)
}

func (d *device) cbor(v any) []byte {
	mode, err := cbor.CTAP2EncOptions().EncMode()
	if err != nil {
		d.t.Fatal(err)
	}
	b, err := mode.Marshal(v)
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

type creation struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		RP        struct{ ID string }
		User      struct{ ID, Name string }
		Selection struct {
			UserVerification string `json:"userVerification"`
			ResidentKey      string `json:"residentKey"`
		} `json:"authenticatorSelection"`
		Exclude []struct{ ID string } `json:"excludeCredentials"`
	} `json:"publicKey"`
}

// create answers navigator.credentials.create.
func (d *device) create(options json.RawMessage) []byte {
	var o creation
	if err := json.Unmarshal(options, &o); err != nil {
		d.t.Fatal(err)
	}
	d.handle, _ = b64.DecodeString(o.PublicKey.User.ID)
	point, err := d.key.PublicKey.Bytes()
	if err != nil {
		d.t.Fatal(err)
	}
	cose := d.cbor(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	attested := append(make([]byte, 16), byte(len(d.id)>>8), byte(len(d.id)))
	attested = append(append(attested, d.id...), cose...)
	object := d.cbor(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": d.auth(d.flags|0x40, attested)})
	return d.answer(map[string]any{"clientDataJSON": b64.EncodeToString(d.client("webauthn.create", o.PublicKey.Challenge)),
		"attestationObject": b64.EncodeToString(object)})
}

// get answers navigator.credentials.get.
func (d *device) get(options json.RawMessage) []byte {
	var o creation
	if err := json.Unmarshal(options, &o); err != nil {
		d.t.Fatal(err)
	}
	d.count++
	client, auth := d.client("webauthn.get", o.PublicKey.Challenge), d.auth(d.flags, nil)
	hash := sha256.Sum256(client)
	signed := sha256.Sum256(append(bytes.Clone(auth), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, signed[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]any{"clientDataJSON": b64.EncodeToString(client), "authenticatorData": b64.EncodeToString(auth),
		"signature": b64.EncodeToString(signature), "userHandle": b64.EncodeToString(d.handle)})
}

func (d *device) answer(response map[string]any) []byte {
	b, err := json.Marshal(map[string]any{"id": b64.EncodeToString(d.id), "rawId": b64.EncodeToString(d.id),
		"type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

func (m market) addPasskey(t *testing.T, who login.Principal, d *device) (login.Passkey, error) {
	t.Helper()
	c, err := m.BeginPasskey(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	return m.AddPasskey(t.Context(), login.AddPasskey{Who: who, Ticket: c.Ticket, Answer: d.create(c.Options), Name: "手机"})
}

func (m market) usePasskey(t *testing.T, d *device) (string, login.Principal, error) {
	t.Helper()
	c, err := m.BeginPasskeyLogin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return m.UsePasskey(t.Context(), login.UsePasskey{Ticket: c.Ticket, Answer: d.get(c.Options)})
}

func TestPasskeysLogEveryRoleIn(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		for name, cmd := range map[string]login.Register{"buyer": {Role: login.Shopper}, "boss": {Role: login.Operator},
			"seller": {Role: login.Merchant, Shop: m.shop(t)}} {
			cmd.Name = name
			m.register(t, cmd)
			_, who := m.login(t, name)
			key := newDevice(t)
			kept, err := m.addPasskey(t, who, key)
			if err != nil || kept.Name != "手机" || !kept.Created.Equal(start) {
				t.Fatal(kept, err)
			}
			for range 2 {
				token, got, err := m.usePasskey(t, key)
				if err != nil || got != who {
					t.Fatal(got, err)
				}
				if again, err := open(d, cheap).Resolve(t.Context(), token); err != nil || again != who {
					t.Fatal(again, err)
				}
			}
			all, err := m.Passkeys(t.Context(), who)
			if err != nil || len(all) != 1 || !all[0].Used.Equal(start) {
				t.Fatal(all, err)
			}
			if _, err := m.addPasskey(t, who, key); !fault.Is(err, "login.passkey") {
				t.Fatal("one key twice", err)
			}
			if err := m.DropPasskey(t.Context(), who, all[0].ID); err != nil {
				t.Fatal(err)
			}
			if _, _, err := m.usePasskey(t, key); !fault.Is(err, "login.passkey") {
				t.Fatal("a dropped key", err)
			}
		}
	})
}

func TestPasskeysOfAnotherPlaceTimeOrPersonAreRefused(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		_, li := m.enter(t, mail, "")
		_, han := m.enter(t, "han@example.com", "")
		key := newDevice(t)
		if _, err := m.addPasskey(t, li, key); err != nil {
			t.Fatal(err)
		}
		for name, change := range map[string]func(*device){
			"another origin":    func(d *device) { d.origin = "https://shop.example.evil.example" },
			"another scheme":    func(d *device) { d.origin = "http://shop.example" },
			"another host":      func(d *device) { d.rp = "evil.example" },
			"nobody verified":   func(d *device) { d.flags = 0x01 },
			"nobody there":      func(d *device) { d.flags = 0x04 },
			"another key":       func(d *device) { d.key = newDevice(t).key },
			"an unknown key":    func(d *device) { d.id = newDevice(t).id },
			"another's handle":  func(d *device) { d.handle = []byte(han.Login) },
			"no handle":         func(d *device) { d.handle = nil },
			"a handle of SQL":   func(d *device) { d.handle = []byte("' OR 1=1 --") },
			"A1 another's keys": func(d *device) { d.handle, d.id = []byte(han.Login), newDevice(t).id },
		} {
			bad := *key
			change(&bad)
			if _, who, err := m.usePasskey(t, &bad); !fault.Is(err, "login.passkey") || who != login.Nobody {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestAChallengeIsForOneAnswerInTime(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d, cheap)
		_, li := m.enter(t, mail, "")
		_, han := m.enter(t, "han@example.com", "")
		key := newDevice(t)
		kept, err := m.addPasskey(t, li, key)
		if err != nil {
			t.Fatal(err)
		}
		c, err := m.BeginPasskeyLogin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		key.count += 100
		use := login.UsePasskey{Ticket: c.Ticket, Answer: key.get(c.Options)}
		if _, _, err := m.UsePasskey(t.Context(), use); err != nil {
			t.Fatal(err)
		}
		if _, _, err := m.UsePasskey(t.Context(), use); !fault.Is(err, "login.ceremony") {
			t.Fatal("a challenge was good twice", err)
		}
		copied := *key
		copied.count = 50
		if _, _, err := m.usePasskey(t, &copied); !fault.Is(err, "login.passkey_copied") {
			t.Fatal("the count of uses went back", err)
		}
		c, _ = m.BeginPasskeyLogin(t.Context())
		other, _ := m.BeginPasskeyLogin(t.Context())
		use = login.UsePasskey{Ticket: other.Ticket, Answer: key.get(c.Options)}
		if _, _, err := m.UsePasskey(t.Context(), use); !fault.Is(err, "login.passkey") {
			t.Fatal("another's challenge", err)
		}
		m.clock.Advance(5 * time.Minute)
		use = login.UsePasskey{Ticket: c.Ticket, Answer: key.get(c.Options)}
		if _, _, err := m.UsePasskey(t.Context(), use); !fault.Is(err, "login.ceremony") {
			t.Fatal("after five minutes", err)
		}
		if err := m.DropPasskey(t.Context(), han, kept.ID); !fault.Is(err, "login.passkey_not_found") {
			t.Fatal("A1", err)
		}
		begun, err := m.BeginPasskey(t.Context(), li)
		if err != nil {
			t.Fatal(err)
		}
		add := login.AddPasskey{Who: han, Ticket: begun.Ticket, Answer: newDevice(t).create(begun.Options), Name: "x"}
		if _, err := m.AddPasskey(t.Context(), add); !fault.Is(err, "login.ceremony") {
			t.Fatal("A2: a passkey for another's login", err)
		}
		if _, err := m.BeginPasskey(t.Context(), login.Principal{Role: login.Shopper, Shopper: "shr_x"}); err == nil {
			t.Fatal("a guest has a passkey")
		}
		for _, rubbish := range []string{"", "{}", "null", "[]", string(make([]byte, 1<<20))} {
			c, _ := m.BeginPasskeyLogin(t.Context())
			_, _, err := m.UsePasskey(t.Context(), login.UsePasskey{Ticket: c.Ticket, Answer: []byte(rubbish)})
			if !fault.Is(err, "login.passkey") {
				t.Errorf("%.10q: %v", rubbish, err)
			}
		}
	})
}

func TestWithoutARelyingPartyThereAreNoPasskeys(t *testing.T) {
	m := open(dbtest.SQLite(t, db.Options{}, schemas...), cheap)
	if err := m.Plug(login.Plugs{}); err != nil {
		t.Fatal(err)
	}
	if _, err := m.BeginPasskeyLogin(t.Context()); !fault.Is(err, "login.passkeys_off") {
		t.Fatal(err)
	}
	if _, err := m.AskCode(t.Context(), login.AskCode{Address: mail}); !fault.Is(err, "login.code_unsent") {
		t.Fatal(err)
	}
	if err := m.Plug(login.Plugs{Passkeys: login.RelyingParty{ID: "https://x", Origins: nil}}); err == nil {
		t.Fatal("a relying party without origins")
	}
}
