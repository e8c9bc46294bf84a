package node

import (
	"net/http"

	"hutong/base/text"
	"hutong/surface/api"
	"hutong/surface/gate"
)

// Handler mounts the surfaces behind one gate; extra routes are for benches and tests.
func (m *Market) Handler(extra ...gate.Route) (http.Handler, error) {
	mux, err := gate.NewMux(gate.Options{Sessions: m.Login, IDs: m.IDs, Texts: Texts(), Log: m.Log})
	if err != nil {
		return nil, err
	}
	for _, routes := range [][]gate.Route{m.api(), extra} {
		if err := mux.Add(routes...); err != nil {
			return nil, err
		}
	}
	return mux, nil
}

func (m *Market) api() []gate.Route {
	return api.Routes(api.Deps{Checkout: m.Checkout})
}

// Texts are the sentences of all rooms.
func Texts() text.Bundle { return text.Merge(texts()...) }
