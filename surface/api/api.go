// Package api is the market's JSON API, /api/v1: the same verbs as the pages, for programs.
//
// It decodes strictly, answers refusals as RFC 9457 problems, asks for an Idempotency-Key on every write and gives a
// repeated one its first reply byte for byte. It holds no rule of business. Read this file first (what is mounted), then
// the file of a resource.
package api

import (
	"net/http"

	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/trade/checkout"
)

// Deps are the rooms that the API speaks for.
type Deps struct {
	Checkout *checkout.Service
}

type api struct{ Deps }

// Routes are the API's rows of the route table.
func Routes(d Deps) []gate.Route {
	a := &api{d}
	return []gate.Route{
		{Name: "api.order.place", Method: http.MethodPost, Path: "/api/v1/orders", Roles: []login.Role{login.Shopper},
			Takes: "application/json", BodyMax: 64 << 10, Handler: gate.Verb(a.place)},
	}
}
