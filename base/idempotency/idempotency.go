// Package idempotency lets a caller repeat a request without repeating its effect: under one key of one principal
// there is at most one effect, and a repeated request is answered with the very bytes of the first reply.
//
// Within is for verbs that call Record in their transaction: the reply is kept in the transaction of the effect, and
// costs one row. Once is for any other call: the key is claimed, the call runs, the reply is kept; after a crash
// between the last two, a repeated request runs the call again, so the call must be one that sets rather than adds.
//
// A refusal is not kept: it had no effect, and the caller may try again under the same key.
// Read this file first, then service.go.
package idempotency

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"unicode/utf8"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
)

// The bounds of a key and of a kept reply, in bytes.
const (
	KeyMax  = 128
	BodyMax = 256 << 10
)

// Header is where a request carries its key; ReplayHeader marks a reply that is a repetition.
const (
	Header       = "Idempotency-Key"
	ReplayHeader = "Idempotent-Replay"
)

// Request is one call as its caller names it.
type Request struct {
	Principal string // whose key it is; keys of different principals have nothing to do with each other
	Key       string // the caller's name for the call
	Hash      string // what is asked for: see Hash
}

// Reply is what a call answers.
type Reply struct {
	Status      int
	ContentType string
	Body        []byte
	Replayed    bool // it is a repetition of an earlier reply
}

// Send writes the reply, marked if it is a repetition.
func (r Reply) Send(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", r.ContentType)
	if r.Replayed {
		w.Header().Set(ReplayHeader, "true")
	}
	w.WriteHeader(r.Status)
	_, err := w.Write(r.Body)
	return err
}

// Hash names what is asked for. body is the request's canonical form (strict.Canonical), so that other white space is
// no other request.
func Hash(method, path string, body []byte) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %q\n", method, path)
	h.Write(body) // a hash never fails to write
	return hex.EncodeToString(h.Sum(nil))
}

func (r Request) check() error {
	if r.Principal == "" { // nobody's keys would be everybody's
		return fault.New(fault.Unauthenticated, "idempotency.nobody")
	}
	if r.Key == "" || len(r.Key) > KeyMax {
		return badKey()
	}
	for _, c := range []byte(r.Key) {
		if c <= ' ' || c > '~' {
			return badKey()
		}
	}
	if r.Hash == "" {
		return fmt.Errorf("idempotency: request without hash")
	}
	return nil
}

func badKey() error {
	return fault.New(fault.Invalid, "idempotency.key", fault.P("max", KeyMax)).At(Header)
}

func mismatch() error { return fault.New(fault.Unprocessable, "idempotency.mismatch").At(Header) }

// check refuses a reply that could not be given again as it was.
func (r Reply) check() error {
	if r.Status < 200 || r.Status > 299 || len(r.Body) > BodyMax || !utf8.Valid(r.Body) {
		return fmt.Errorf("idempotency: a reply of status %d and %d bytes cannot be kept", r.Status, len(r.Body))
	}
	return nil
}

//go:embed schema.sql
var schemaSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "idempotency", Steps: []string{schemaSQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
