package login

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"io"
	"strings"

	"hutong/base/id"
)

// A token is "<session id without prefix>.<32 random bytes in base64url>". The first part finds the row, the second
// proves the right to it; the row keeps only the second part's SHA-256, so that a stolen database opens no session.

const (
	secretBytes = 32
	secretLen   = 43 // of base64url without padding
	tokenLen    = id.BodyLen + 1 + secretLen
	prefix      = "ses"
)

// digest is the SHA-256 of a token's secret.
type digest [sha256.Size]byte

func (d digest) String() string { return hex.EncodeToString(d[:]) }

func (d digest) equal(stored string) bool {
	return subtle.ConstantTimeCompare([]byte(d.String()), []byte(stored)) == 1
}

func newToken(ids *id.Maker, random io.Reader) (token, session string, d digest) {
	return newSecret(ids, random, prefix)
}

// newSecret makes a token for a row of any kind: sessions, codes, ceremonies, invites, keys.
func newSecret(ids *id.Maker, random io.Reader, kind string) (token, row string, d digest) {
	var secret [secretBytes]byte
	fill(random, secret[:])
	body := ids.Body()
	token = body + "." + base64.RawURLEncoding.EncodeToString(secret[:])
	return token, kind + "_" + body, sha256.Sum256(secret[:])
}

func fill(random io.Reader, b []byte) {
	if _, err := io.ReadFull(random, b); err != nil {
		panic("login: no randomness: " + err.Error()) // a node without randomness must not run
	}
}

// readToken splits a token; ok is false for anything that no newToken made, and costs no lookup then.
func readToken(token string) (session string, d digest, ok bool) { return readSecret(token, prefix) }

func readSecret(token, kind string) (row string, d digest, ok bool) {
	if len(token) != tokenLen || token[id.BodyLen] != '.' {
		return "", d, false
	}
	var secret [secretBytes]byte
	n, err := base64.RawURLEncoding.Strict().Decode(secret[:], []byte(token[id.BodyLen+1:]))
	if err != nil || n != secretBytes {
		return "", d, false
	}
	row = kind + "_" + strings.Clone(token[:id.BodyLen])
	return row, sha256.Sum256(secret[:]), id.Valid(row, kind)
}
