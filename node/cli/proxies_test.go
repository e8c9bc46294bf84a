package cli

import (
	"fmt"
	"testing"

	"hutong/base/fault"
)

func TestProxiesInFront(t *testing.T) {
	for _, c := range []struct{ public, given, want string }{
		{"", "", "[]"}, {"http://127.0.0.1:8080", "", "[]"}, {"https://shop.example", "", "[127.0.0.0/8 ::1/128]"},
		{"https://shop.example", "10.0.0.0/8, 192.0.2.1", "[10.0.0.0/8 192.0.2.1/32]"}, {"", "2001:db8::/32", "[2001:db8::/32]"},
	} {
		got, err := (&serveCmd{Public: c.public, Proxies: c.given}).proxies()
		if err != nil || fmt.Sprint(got) != c.want {
			t.Errorf("%+v: %v, %v", c, got, err)
		}
	}
	if _, err := (&serveCmd{Proxies: "10.0.0.0/8,proxy.example"}).proxies(); !fault.Is(err, "node.proxies") {
		t.Error(err)
	}
}
