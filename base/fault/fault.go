// Package fault is the one shape of a refusal: a kind that says who can do something about it, a stable dotted code
// that programs branch on and people look up, and typed parameters for the sentence shown in the caller's language.
//
// It never holds that sentence (base/text does) and never shows its cause: the cause is logged only.
// Read this file first; it is the whole package.
package fault

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Kind says what sort of refusal this is. The list is append-only: numbers may be stored.
type Kind uint8

// The kinds of refusal.
const (
	Internal        Kind = iota // a defect or a broken machine; the operator acts
	Invalid                     // the input is malformed; the caller corrects it
	Unauthenticated             // nobody is logged in; the caller logs in
	Forbidden                   // the caller may not; somebody with more rights acts
	NotFound                    // absent, or another party's: the caller cannot tell which
	Conflict                    // the state does not allow it now; the caller reads again
	SoldOut                     // no stock is free; the caller waits or picks something else
	Expired                     // the deadline passed; the caller starts anew
	Limited                     // too much or too often; the caller waits
	Refused                     // an outside party said no; the caller picks another way
	Unavailable                 // out of order for now; the caller tries again
	Unimplemented               // not offered by this node
	Unprocessable               // well-formed, but a rule refuses it; the caller changes the request
)

var kinds = [...]struct {
	name   string
	status int
}{
	Internal:        {"internal", http.StatusInternalServerError},
	Invalid:         {"invalid", http.StatusBadRequest},
	Unauthenticated: {"unauthenticated", http.StatusUnauthorized},
	Forbidden:       {"forbidden", http.StatusForbidden},
	NotFound:        {"not_found", http.StatusNotFound},
	Conflict:        {"conflict", http.StatusConflict},
	SoldOut:         {"sold_out", http.StatusConflict},
	Expired:         {"expired", http.StatusGone},
	Limited:         {"limited", http.StatusTooManyRequests},
	Refused:         {"refused", http.StatusBadGateway},
	Unavailable:     {"unavailable", http.StatusServiceUnavailable},
	Unimplemented:   {"unimplemented", http.StatusNotImplemented},
	Unprocessable:   {"unprocessable", http.StatusUnprocessableEntity},
}

// String is the kind's stable name, as printed in the API and in logs.
func (k Kind) String() string {
	if int(k) < len(kinds) {
		return kinds[k].name
	}
	return "internal"
}

// Status is the HTTP status that every surface answers this kind with.
func (k Kind) Status() int {
	if int(k) < len(kinds) {
		return kinds[k].status
	}
	return http.StatusInternalServerError
}

// Param is one named value of the sentence, such as the limit that was passed.
type Param struct {
	Name  string
	Value any
}

// P makes a Param.
func P(name string, value any) Param { return Param{name, value} }

// Error is one refusal. Values are not changed after they are returned: At, Because and After copy.
type Error struct {
	Kind       Kind
	Code       string // stable, dotted: "stock.sold_out"
	Field      string // the input field it is about, "" when none
	Params     []Param
	Cause      error         // logged, never shown
	RetryAfter time.Duration // how long to wait, 0 when waiting does not help
}

// New makes a refusal of the given kind and code.
func New(kind Kind, code string, params ...Param) *Error {
	return &Error{Kind: kind, Code: code, Params: params}
}

// At is the same refusal, said of one input field.
func (e *Error) At(field string) *Error { c := *e; c.Field = field; return &c }

// Because is the same refusal with the error that caused it, for the log.
func (e *Error) Because(err error) *Error { c := *e; c.Cause = err; return &c }

// After is the same refusal with the time after which the caller may try again.
func (e *Error) After(d time.Duration) *Error { c := *e; c.RetryAfter = d; return &c }

// Error is for logs and tests: code, field and cause. People are shown base/text's sentence instead.
func (e *Error) Error() string {
	s := e.Code
	if e.Field != "" {
		s += " at " + e.Field
	}
	for _, p := range e.Params {
		s += fmt.Sprintf(" %s=%v", p.Name, p.Value)
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// As finds the refusal in err. An error that is none becomes "internal.error" (or "internal.canceled" when the caller
// went away), so that no foreign error text ever reaches a person. As(nil) is nil.
func As(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return New(Unavailable, "internal.canceled").Because(err)
	}
	return New(Internal, "internal.error").Because(err)
}

// Is tells whether err is the refusal with that code.
func Is(err error, code string) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}

// Of tells err's kind; Internal for an error that is no refusal, and for none at all.
func Of(err error) Kind {
	if f := As(err); f != nil {
		return f.Kind
	}
	return Internal
}
