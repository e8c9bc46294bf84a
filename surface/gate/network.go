package gate

import (
	"net/http"
	"net/netip"
	"strings"
)

// hopsMax bounds how far a chain of proxies is followed.
const hopsMax = 16

// network is the address that a request comes from: the machine at the other end, or, when that is one of our proxies,
// the right-most hop that is none. What stands further left was written by the caller (FAULTS A24).
func (m *Mux) network(r *http.Request) netip.Addr {
	addr := remote(r)
	if len(m.options.Proxies) == 0 || !m.proxy(addr) {
		return addr
	}
	hops := strings.Split(strings.Join(r.Header["X-Forwarded-For"], ","), ",")
	for n := 0; n < hopsMax && len(hops) > 0; n++ {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[len(hops)-1]))
		if err != nil {
			return addr
		}
		addr, hops = hop.Unmap(), hops[:len(hops)-1]
		if !m.proxy(addr) {
			return addr
		}
	}
	return addr
}

// proxied tells whether the machine at the other end is one of our proxies.
func (m *Mux) proxied(r *http.Request) bool { return m.proxy(remote(r)) }

func (m *Mux) proxy(addr netip.Addr) bool {
	for _, p := range m.options.Proxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

func remote(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap()
}
