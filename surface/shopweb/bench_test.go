package shopweb

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hutong/surface/gate"
)

// BenchmarkPersonal are the pages that are made for who asks, through the gate, as a browser asks for them.
func BenchmarkPersonal(b *testing.B) {
	s := open(b)
	o := s.guestSession(b)
	for _, k := range s.shirts[:1] {
		s.Must(s.Carts.Put(b.Context(), o.who.Shopper, k.ID, 1))
	}
	s.bought(b, o)
	for _, k := range s.cups {
		s.Must(s.Carts.Put(b.Context(), o.who.Shopper, k.ID, 1))
	}
	for _, path := range []string{"/cart", "/orders", "/addresses/new", "/me"} {
		b.Run(strings.ReplaceAll(path[1:], "/", "_"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, path, nil)
				r.Header.Set("Accept-Encoding", "gzip")
				r.AddCookie(&http.Cookie{Name: gate.SessionCookie, Value: o.token})
				w := httptest.NewRecorder()
				s.handler.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(fmt.Sprint(w.Code, " ", w.Body))
				}
			}
		})
	}
}
