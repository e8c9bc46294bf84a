// Package hook is the door through which wallets tell the market of payments: one path, open to anybody, behind which
// nothing is believed that a wallet has not signed.
//
// It reads the bytes, hands them to funds/pay as they are, and answers in the wallet's own words. What it answers
// decides whether the wallet tells it again: 200 and 202 end it, everything else does not.
package hook

import (
	"context"
	"io"
	"net/http"
	"strconv"

	"hutong/base/fault"
	"hutong/funds/pay"
	"hutong/surface/gate"
)

// Path is where notifications arrive; a wallet's name follows.
const Path = "/hook/pay"

// bodyMax bounds a notification.
const bodyMax = 64 << 10

// Payments takes notifications; pay.Service does.
type Payments interface {
	Notify(ctx context.Context, wallet string, headers http.Header, body []byte) (pay.Reply, error)
}

// Routes are the paths of this package.
func Routes(p Payments) []gate.Route {
	return []gate.Route{{Name: "hook.pay", Method: http.MethodPost, Path: Path + "/{wallet}", Roles: gate.Anyone(),
		BodyMax: bodyMax, Handler: gate.Verb(func(w http.ResponseWriter, r *http.Request) error { return take(p, w, r) })}}
}

func take(p Payments, w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMax))
	if err != nil {
		return fault.New(fault.Invalid, "pay.malformed", fault.P("field", "body")).Because(err)
	}
	reply, err := p.Notify(r.Context(), r.PathValue("wallet"), r.Header, body)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", reply.ContentType)
	h.Set("Content-Length", strconv.Itoa(len(reply.Body)))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(reply.Status)
	_, _ = w.Write(reply.Body) // a wallet that went away tells it again
	return nil
}
