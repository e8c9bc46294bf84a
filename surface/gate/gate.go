// Package gate is the one door of all surfaces: every path that the market answers stands in its route table together
// with the roles that may use it, and a path without roles cannot be registered. On the way in it names the request,
// resolves who is calling, holds the origin of browser requests and the size of bodies to their limits, and turns what
// fails into an answer that shows no foreign error text.
//
// It knows no rule of trade: whether an order is the caller's is decided in the room, which answers not_found for
// another's. A path of another role's desk is not_found here, so that it cannot be told from one that does not exist.
//
// Read this file first, then mux.go (the way of a request), call.go (what a handler may ask) and problem.go (refusals).
package gate

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"hutong/party/login"
)

// Route is one row of the route table.
type Route struct {
	Name    string // stable, for logs, metrics and tests: "shop.product"
	Method  string
	Path    string // a ServeMux path: "/p/{id}", "/static/{path...}", "/{$}"
	Roles   []login.Role
	Needs   login.Permission // what merchants and operators must hold; a route that is only theirs must ask for one
	Leaves  bool             // it only ends the caller's session: a helper may take it too
	Page    bool             // people read its answers: refusals are pages, nobody is sent to log in
	Takes   string           // the media type that a body must have, "" for any
	BodyMax int64            // bytes of a body; 0: Options.BodyMax
	Handler http.Handler
}

// Anyone lists all roles, for what the whole world may use.
func Anyone() []login.Role {
	return []login.Role{login.Anonymous, login.Shopper, login.Merchant, login.Operator}
}

var (
	methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	roles   = Anyone()
)

// check refuses a row that would leave open who may do what.
func (r Route) check() error {
	wrong := func(what string) error { return fmt.Errorf("gate: route %q %s %s: %s", r.Name, r.Method, r.Path, what) }
	switch {
	case r.Name == "":
		return wrong("no name")
	case !slices.Contains(methods, r.Method):
		return wrong("unknown method")
	case !strings.HasPrefix(r.Path, "/"):
		return wrong("the path does not begin with /")
	case r.Handler == nil:
		return wrong("no handler")
	case len(r.Roles) == 0:
		return wrong("no roles: say who may use it")
	case r.BodyMax < 0:
		return wrong("negative limit")
	}
	for i, role := range r.Roles {
		if !slices.Contains(roles, role) || slices.Contains(r.Roles[:i], role) {
			return wrong(fmt.Sprintf("role %q is unknown or named twice", role))
		}
	}
	if why := r.checkNeeds(); why != "" {
		return wrong(why)
	}
	return nil
}

// checkNeeds refuses a route that is the desks' alone and asks for no permission, and a permission that somebody whom
// the route is for can never hold.
func (r Route) checkNeeds() string {
	desks := !slices.Contains(r.Roles, login.Shopper) && !slices.Contains(r.Roles, login.Anonymous)
	if desks && r.Needs == "" {
		return "no permission: say what staff need for it"
	}
	for _, role := range r.Roles {
		staff := role == login.Merchant || role == login.Operator
		if staff && r.Needs != "" && !login.Fits(r.Needs, role) {
			return fmt.Sprintf("the permission %q is not one of a %s's", r.Needs, role)
		}
	}
	return ""
}

// Row is what the route table says about one route: the ground of the test that tries every path as every role.
type Row struct {
	Name, Method, Path string
	Roles              []login.Role
	Needs              login.Permission
	Leaves             bool
	Page               bool
}

// RouteTable lists all routes in the order in which they were added.
func (m *Mux) RouteTable() []Row {
	rows := make([]Row, len(m.routes))
	for i, r := range m.routes {
		rows[i] = Row{r.Name, r.Method, r.Path, slices.Clone(r.Roles), r.Needs, r.Leaves, r.Page}
	}
	return rows
}

// Add puts routes into the table. It fails on a route that says not who may use it, on a name that is taken and on two
// paths that a request could mean at once. It must not be called while requests are served.
func (m *Mux) Add(routes ...Route) error {
	var errs []error
	for _, r := range routes {
		errs = append(errs, m.add(r))
	}
	return errors.Join(errs...)
}

func (m *Mux) add(r Route) (err error) {
	if err := r.check(); err != nil {
		return err
	}
	if slices.ContainsFunc(m.routes, func(o Route) bool { return o.Name == r.Name }) {
		return fmt.Errorf("gate: two routes are named %q", r.Name)
	}
	defer func() { // ServeMux panics on a path that it cannot read or that conflicts
		if p := recover(); p != nil {
			err = fmt.Errorf("gate: route %q: %v", r.Name, p)
		}
	}()
	if r.BodyMax == 0 {
		r.BodyMax = m.options.BodyMax
	}
	r.Roles = slices.Clone(r.Roles)
	m.mux.Handle(r.Method+" "+r.Path, &door{mux: m, route: r, needs: login.SetOf(r.Needs)})
	m.routes = append(m.routes, r)
	return nil
}
