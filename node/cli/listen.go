package cli

import (
	"errors"
	"net"
	"net/netip"
	"syscall"

	"hutong/base/fault"
)

// listen opens the address that a node answers at. Codes: node.addr, node.addr_used.
func listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	var form *net.AddrError
	var name *net.DNSError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fault.New(fault.Conflict, "node.addr_used", fault.P("addr", addr))
	case errors.As(err, &form), errors.As(err, &name):
		return nil, fault.New(fault.Invalid, "node.addr", fault.P("addr", addr)).Because(err)
	}
	return l, err
}

// vacant tells whether an address can be listened on, before a command does what takes long. Codes: those of listen.
func vacant(addr string) error {
	l, err := listen(addr)
	if err != nil {
		return err
	}
	return l.Close()
}

// site is where a browser of this machine finds what listens at an address: who listens at every one is found by name.
func site(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip, wrong := netip.ParseAddr(host); err == nil && (host == "" || wrong == nil && ip.IsUnspecified()) {
		addr = net.JoinHostPort("localhost", port)
	}
	return "http://" + addr
}
