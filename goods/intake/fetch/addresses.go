package fetch

import "net/netip"

// reserved are the ranges that are nobody's on the open web: an operator's own network, the machine itself, cloud
// metadata, and the ranges that only wrap such an address.
var reserved = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"224.0.0.0/4", "240.0.0.0/4",
	"168.63.129.16/32", // a public address, behind which one cloud's machines find their own keys
	"::/8", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
	"5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		out[i] = netip.MustParsePrefix(t)
	}
	return out
}

// Public tells whether an address is one of the open web, on a port of the web.
func Public(to netip.AddrPort) bool {
	if port := to.Port(); port != 80 && port != 443 {
		return false
	}
	address := to.Addr().Unmap() // ::ffff:127.0.0.1 is 127.0.0.1
	if !address.IsValid() || address.Zone() != "" {
		return false
	}
	for _, r := range reserved {
		if r.Contains(address) {
			return false
		}
	}
	return true
}
