package gate

import (
	"context"
	"net/http"
	"net/netip"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/audit"
	"hutong/party/login"
)

// call is what the gate knows about one request. It is the request's context, which is cheaper than a value in one, and
// its ResponseWriter, so that the gate knows whether an answer has begun.
type call struct {
	context.Context
	http.ResponseWriter
	mux    *Mux
	at     *door // nil while no route is found
	asPage bool
	id     [1]string // as a header takes it
	addr   netip.Addr
	https  bool
	who    login.Principal
	lang   text.Lang
	agent  string // the User-Agent
	token  string // the one that who was resolved from
	status int    // of the answer, 0 while none has begun

	members map[string]any // of a problem, beside those that all have
}

type callKey struct{}

// Value gives the gate its call, a room what it keeps of where the call comes from, and anybody else what they left.
func (c *call) Value(key any) any {
	switch key.(type) {
	case callKey:
		return c
	case audit.Network:
		return c.addr
	case audit.Request:
		return c.id[0]
	case audit.Actor:
		return c.who.Audited()
	case login.Device:
		return c.agent
	}
	return c.Context.Value(key)
}

var outside = &call{Context: context.Background(), who: login.Nobody, lang: text.Zh}

// callOf is the call that ctx belongs to; outside of any, one of nobody.
func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return outside
}

// Who is calling. Without a session it is login.Nobody.
func Who(ctx context.Context) login.Principal { return callOf(ctx).who }

// Lang is the language to answer in.
func Lang(ctx context.Context) text.Lang { return callOf(ctx).lang }

// RequestID names the request in logs and to the caller.
func RequestID(ctx context.Context) string { return callOf(ctx).id[0] }

// Network is the address that the request comes from; the zero Addr if it is not known.
func Network(ctx context.Context) netip.Addr { return callOf(ctx).addr }

// Token is the session's token, to log it out; "" without a session.
func Token(ctx context.Context) string { return callOf(ctx).token }

// Origin is where the caller reaches the market, such as "https://market.example": what a link begins with that is sent
// to others.
func Origin(r *http.Request) string {
	if callOf(r.Context()).https {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// RouteName is the name of the route that was taken, "" if there is none.
func RouteName(ctx context.Context) string { return callOf(ctx).route() }

func (c *call) route() string {
	if c.at == nil {
		return ""
	}
	return c.at.route.Name
}

// WriteHeader notes that the answer has begun.
func (c *call) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		c.status = status
	}
	c.ResponseWriter.WriteHeader(status)
}

// Write notes that the answer has begun.
func (c *call) Write(b []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	return c.ResponseWriter.Write(b)
}

// Flush sends what was written so far, for answers that go on: events to a waiting page.
func (c *call) Flush() {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	if f, ok := c.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}

// Unwrap lets http.ResponseController reach what the gate does not wrap, such as deadlines.
func (c *call) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// resolve finds out who is calling and tells whether by bearer token. A bearer token that stands for nobody is refused
// wherever it is sent (FAULTS A3); a cookie that has expired only makes its browser anonymous.
func (c *call) resolve(r *http.Request) (bearer bool, err error) {
	c.who = login.Nobody
	token, bearer, err := tokenOf(r)
	if err != nil || token == "" {
		return bearer, err
	}
	who, err := c.mux.options.Sessions.Resolve(r.Context(), token)
	switch {
	case err == nil:
		c.who, c.token = who, token
		return bearer, nil
	case bearer || !fault.Is(err, "login.session"):
		return bearer, err
	}
	return false, nil
}
