package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/idempotency"
	"hutong/base/strict"
	"hutong/party/login"
	"hutong/surface/gate"
)

// op is one operation: a row of the route table, a path of the OpenAPI document, and what it does.
type op struct {
	name, method, path string
	summary            string
	tag                string
	roles              []login.Role
	leaves             bool         // ends the caller's session and does nothing else
	query              []param      // what may stand behind the question mark
	in, out            reflect.Type // bodies; nil: none
	status             int
	run                func(c *call) (any, error)
	show               func(result any) any // the body, made of what the verb records (idempotency.Within)
	raw                http.Handler         // serves by itself, when run is nil
	keyless            bool                 // a write that needs no Idempotency-Key, for the reason that its summary tells
}

// param is one query parameter.
type param struct {
	name, help string
	number     bool
	of         string // it is an id with this prefix
}

// call is one request on its way.
type call struct {
	ctx context.Context
	r   *http.Request
	who login.Principal
	raw []byte
}

// path is a path parameter.
func (c *call) path(name string) string { return c.r.PathValue(name) }

// text is a query parameter.
func (c *call) text(name string) string { return c.r.URL.Query().Get(name) }

// number is a query parameter that is a whole number, or otherwise. Codes: api.number.
func (c *call) number(name string, otherwise int64) (int64, error) {
	s := c.text(name)
	if s == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, fault.New(fault.Invalid, "api.number", fault.P("name", name)).At(name)
	}
	return n, nil
}

// truth is a query parameter that is true or false; left out it is false. Codes: api.truth.
func (c *call) truth(name string) (bool, error) {
	switch c.text(name) {
	case "true":
		return true, nil
	case "", "false":
		return false, nil
	}
	return false, fault.New(fault.Invalid, "api.truth", fault.P("name", name)).At(name)
}

// The bounds of a page of a list.
const (
	limitDefault = 20
	limitMax     = 100
)

// limit is how many items a list may give.
func (c *call) limit() (int, error) {
	n, err := c.number("limit", limitDefault)
	if err == nil && (n < 1 || n > limitMax) {
		err = fault.New(fault.Invalid, "api.limit", fault.P("max", limitMax)).At("limit")
	}
	return int(n), err
}

// seq is a suborder's number in the path.
func (c *call) seq() (int64, error) {
	n, err := strconv.ParseInt(c.path("seq"), 10, 64)
	if err != nil {
		return 0, fault.New(fault.NotFound, "order.not_found")
	}
	return n, nil
}

var (
	limitParam  = param{name: "limit", help: "how many items, at most 100", number: true}
	cursorParam = cursorOf("") // of a list whose room reads it
)

// cursorOf is the cursor of a list that goes on after the id of an item, which has that prefix.
func cursorOf(prefix string) param {
	return param{name: "cursor", help: "where to go on: the last answer's next", of: prefix}
}

// placed refuses a cursor that is no id of the list's kind: it would be read as a place all the same.
// Codes: api.cursor.
func (o op) placed(c *call) error {
	for _, p := range o.query {
		if s := c.text(p.name); p.of != "" && s != "" && !id.Valid(s, p.of) {
			return fault.New(fault.Invalid, "api.cursor").At(p.name)
		}
	}
	return nil
}

// page is one page of a list. Next is empty on the last one.
type page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// paged cuts a list that was read one item longer than the limit, to know whether there is more.
func paged[T any](all []T, limit int, cursor func(T) string) page[T] {
	p := page[T]{Items: all}
	if len(all) > limit {
		p.Items = all[:limit]
		p.Next = cursor(all[limit-1])
	}
	if p.Items == nil {
		p.Items = []T{}
	}
	return p
}

// get makes an operation that reads.
func get[Out any](name, path, summary string, roles []login.Role, run func(c *call) (Out, error)) op {
	return op{name: name, method: http.MethodGet, path: path, summary: summary, roles: roles, status: http.StatusOK,
		out: reflect.TypeFor[Out](), run: func(c *call) (any, error) { return run(c) }}
}

// write makes an operation that changes something; its body is decoded strictly into In.
func write[In, Out any](method, name, path string, roles []login.Role, run func(c *call, in In) (Out, error)) op {
	o := op{name: name, method: method, path: path, roles: roles, status: http.StatusOK,
		in: reflect.TypeFor[In](), out: reflect.TypeFor[Out]()}
	required := shapeOf(o.in)
	o.run = func(c *call) (any, error) {
		var in In
		if err := strict.Decode(c.raw, &in); err != nil {
			return nil, err
		}
		if name := missing(c.raw, required); name != "" {
			return nil, fault.New(fault.Invalid, "api.required", fault.P("name", name)).At(name)
		}
		return run(c, in)
	}
	return o
}

// says sets the summary.
func (o op) says(summary string) op { o.summary = summary; return o }

// takes sets the query parameters.
func (o op) takes(query ...param) op { o.query = query; return o }

// creates answers 201.
func (o op) creates() op { o.status = http.StatusCreated; return o }

// waits answers 202: what was asked for happens when somebody else agrees.
func (o op) waits() op { o.status = http.StatusAccepted; return o }

// records says that the operation's verb records its result in its own transaction, and how that is shown: the key then
// costs one row instead of two commits of its own.
func records[R, Out any](o op, show func(R) Out) op {
	o.show = func(result any) any { return show(result.(R)) }
	return o
}

// reads marks a POST that changes nothing, and so needs no key.
func (o op) reads() op { o.keyless = true; return o }

// ends marks the operation that ends the caller's session and does nothing else.
func (o op) ends() op { o.leaves = true; return o }

// calls says how the document calls fields for which the rooms have words of their own: pairs of the room's and the
// document's. Without it a refusal would name what the caller never sent.
func (o op) calls(pairs ...string) op {
	names, run := map[string]string{}, o.run
	for i := 0; i+1 < len(pairs); i += 2 {
		names[pairs[i]] = pairs[i+1]
	}
	o.run = func(c *call) (any, error) {
		out, err := run(c)
		if err == nil {
			return out, nil
		}
		f := fault.As(err)
		if name := names[f.Field]; name != "" {
			err = f.At(name)
		}
		return out, err
	}
	return o
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

// codeOf is the stable code of a refusal.
func codeOf(err error) string { return fault.As(err).Code }

// empty is a body without fields.
type empty struct{}

// serve runs an operation behind the gate.
func (a *api) serve(o op) http.Handler {
	if o.raw != nil {
		return o.raw
	}
	return gate.Verb(func(w http.ResponseWriter, r *http.Request) error {
		c := &call{ctx: r.Context(), r: r, who: gate.Who(r.Context())}
		if err := plain(r); err != nil {
			return err
		}
		if o.in != nil {
			raw, err := body(r)
			if err != nil {
				return err
			}
			c.raw = raw
		}
		if o.method == http.MethodGet || o.keyless { // HEAD comes here, too
			reply, err := o.reply(c)
			if err != nil {
				return err
			}
			return reply.Send(w)
		}
		return a.once(w, o, c)
	})
}

// plain refuses what no id and no word contains and PostgreSQL cannot compare with anything: a NUL, and bytes that are
// not UTF-8.
func plain(r *http.Request) error {
	if _, err := url.ParseQuery(r.URL.RawQuery); err != nil {
		return fault.New(fault.Invalid, "api.text").Because(err)
	}
	query, err := url.QueryUnescape(r.URL.RawQuery)
	if err != nil || !utf8.ValidString(query) || strings.Contains(query, "\x00") {
		return fault.New(fault.Invalid, "api.text")
	}
	if !utf8.ValidString(r.URL.Path) || strings.Contains(r.URL.Path, "\x00") {
		return fault.New(fault.NotFound, "gate.not_found")
	}
	return nil
}

// body reads a request's body, bounded; no body is an empty object.
func body(r *http.Request) ([]byte, error) {
	var raw bytes.Buffer
	if _, err := raw.ReadFrom(http.MaxBytesReader(nil, r.Body, strict.BytesMax)); err != nil {
		return nil, err
	}
	if raw.Len() == 0 {
		return []byte("{}"), nil
	}
	return raw.Bytes(), noNUL(raw.Bytes())
}

// noNUL refuses a JSON text with an escaped NUL, as plain does for addresses: on PostgreSQL one such word would fail
// the whole batch of orders that it is written with.
func noNUL(raw []byte) error {
	for rest := raw; ; {
		i := bytes.Index(rest, []byte(`\u0000`))
		if i < 0 {
			return nil
		}
		before := len(rest[:i]) - len(bytes.TrimRight(rest[:i], `\`))
		if before%2 == 0 { // otherwise the backslash is itself escaped
			return fault.New(fault.Invalid, "api.text")
		}
		rest = rest[i+1:]
	}
}

// once runs a write once per Idempotency-Key; a repeated request gets the first reply byte for byte.
func (a *api) once(w http.ResponseWriter, o op, c *call) error {
	key := c.r.Header.Get(idempotency.Header)
	if key == "" {
		return fault.New(fault.Invalid, "api.key_missing").At(idempotency.Header)
	}
	if len(c.r.Header.Values(idempotency.Header)) > 1 { // two names are none: which one would the caller repeat?
		return fault.New(fault.Invalid, "api.key_twice").At(idempotency.Header)
	}
	request := idempotency.Request{Principal: c.who.Key(), Key: key,
		Hash: idempotency.Hash(c.r.Method, c.r.URL.Path, strict.Canonical(c.raw))}
	reply, err := a.keyed(o, c, request)
	if err != nil {
		return err
	}
	return reply.Send(w)
}

func (a *api) keyed(o op, c *call, request idempotency.Request) (idempotency.Reply, error) {
	run := func(ctx context.Context) (any, error) {
		inner := *c
		inner.ctx = ctx
		return o.run(&inner)
	}
	if o.show == nil {
		return a.Keys.Once(c.ctx, request, func(ctx context.Context) (idempotency.Reply, error) {
			return o.rendered(run(ctx))
		})
	}
	render := func(result any) (idempotency.Reply, error) { return o.rendered(o.show(result), nil) }
	return a.Keys.Within(c.ctx, request, render, func(ctx context.Context) error {
		_, err := run(ctx)
		return err
	})
}

func (o op) reply(c *call) (idempotency.Reply, error) {
	if err := o.placed(c); err != nil {
		return idempotency.Reply{}, err
	}
	return o.rendered(o.run(c))
}

func (o op) rendered(out any, err error) (idempotency.Reply, error) {
	if err != nil {
		return idempotency.Reply{}, err
	}
	data, err := json.Marshal(out)
	return idempotency.Reply{Status: o.status, ContentType: "application/json", Body: append(data, '\n')}, err
}
