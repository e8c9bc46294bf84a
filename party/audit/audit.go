// Package audit is the record of privileged changes: who changed what, on what, from and to which values, from where.
// A row is written in the transaction of the change itself, so that there is no change without its row and no row
// without its change. Rows are only ever added.
//
// It never holds a secret or personal data: Note refuses facts whose names say that they are, and keeps of the network
// only its rough part. Read this file first.
package audit

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"hutong/base/db"
	"hutong/base/text"
)

// Facts are named values before or after a change: states, roles, amounts, ids. Never names of people or secrets.
type Facts map[string]string

// Entry is one privileged change.
type Entry struct {
	ID      string // "aud_...", rises with time
	At      time.Time
	Who     string // the login or key that did it, "system" for the node itself
	For     string // whom Who acted for, "" if for themselves
	Shop    string // the shop that may read it, "" if only the operator
	What    string // noun and past participle: "staff.invited"
	On      string // the id of what was changed
	Before  Facts
	After   Facts
	Request string // the request's id
	Network string // the rough network that it came from: /24 or /48
}

// System is who acts when nobody called: jobs and the command line.
const System = "system"

// Actor is the key of a context under which the Person stands who is calling. The gate answers to it.
type Actor struct{}

// Person is who is calling, and whom they act for.
type Person struct{ Who, For string }

// Request is the key of a context under which the request's id stands, a string. The gate answers to it.
type Request struct{}

// Network is the key of a context under which the netip.Addr stands that a call comes from. The gate answers to it.
type Network struct{}

// As marks a context with who is calling, where there is no gate.
func As(ctx context.Context, p Person) context.Context { return context.WithValue(ctx, Actor{}, p) }

// From is an entry with who is calling, and from where.
func From(ctx context.Context) (e Entry) {
	if p, ok := ctx.Value(Actor{}).(Person); ok {
		e.Who, e.For = p.Who, p.For
	}
	e.Request, _ = ctx.Value(Request{}).(string)
	e.Network = Rough(ctx)
	return e
}

// Rough is the part of a caller's address that may be kept: the /24 of an IPv4 address, the /48 of an IPv6 one, ""
// where none is known.
func Rough(ctx context.Context) string {
	addr, ok := ctx.Value(Network{}).(netip.Addr)
	if !ok || !addr.IsValid() {
		return ""
	}
	addr = addr.Unmap().WithZone("")
	bits := 24
	if addr.Is6() {
		bits = 48
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}

// FactMax bounds one value, in bytes; FactsMax how many there are on each side.
const (
	FactMax  = 512
	FactsMax = 40
)

//go:embed schema.sql
var schemaSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "audit", Steps: []string{schemaSQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

// unfit are the words that no fact's name may hold: what they name has no place here (FAULTS A6, A34).
var unfit = []string{"password", "secret", "token", "code", "hash", "phone", "email", "address", "recipient", "street",
	"holder", "account_no", "card"}

// encode renders facts; a fact that has no place here is a defect of the calling room, and its change must not pass.
func encode(f Facts) (string, error) {
	if len(f) == 0 {
		return "{}", nil
	}
	if len(f) > FactsMax {
		return "", fmt.Errorf("audit: %d facts, at most %d", len(f), FactsMax)
	}
	for name, value := range f {
		for _, word := range unfit {
			if strings.Contains(name, word) {
				return "", fmt.Errorf("audit: a fact named %q may be a secret or personal", name)
			}
		}
		if len(value) > FactMax {
			return "", fmt.Errorf("audit: the fact %q has %d bytes, at most %d", name, len(value), FactMax)
		}
	}
	b, err := json.Marshal(f)
	return string(b), err
}

// Changed leaves of two sets of facts only what differs, for changes of wide objects.
func Changed(before, after Facts) (Facts, Facts) {
	b, a := Facts{}, Facts{}
	for name, was := range before {
		if is, there := after[name]; !there || is != was {
			b[name] = was
		}
	}
	for name, is := range after {
		if was, there := before[name]; !there || is != was {
			a[name] = is
		}
	}
	return b, a
}
