package webhook_test

import (
	"net/netip"
	"net/url"
	"testing"
	"time"

	"hutong/goods/intake/fetch"
	"hutong/reach/webhook"
)

// Whatever address is taken is https, plain, and no private address written out.
func FuzzURL(f *testing.F) {
	for _, s := range []string{"https://example.com/a?b=c", "https://127.0.0.1/", "https://[::1]:443/", "https://u@h/",
		"HTTPS://h", "https://h:443", "https://h:44300", "https:h", "https://[fe80::1%25eth0]/", "https://h/%zz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if webhook.CheckURL(s) != nil {
			return
		}
		u, err := url.Parse(s)
		if err != nil || u.Scheme != "https" || u.User != nil || u.Hostname() == "" || u.Port() != "" && u.Port() != "443" {
			t.Fatalf("%q was taken: %v", s, err)
		}
		if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !fetch.Public(netip.AddrPortFrom(ip, 443)) {
			t.Fatalf("%q was taken", s)
		}
	})
}

// A signature that was not made with the secret is none.
func FuzzVerify(f *testing.F) {
	const secret = webhook.Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	at := time.Unix(1614265330, 0)
	right, err := webhook.Sign("msg_1", at, "{}", secret)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("1614265330", right)
	f.Add("1614265330", "v1,")
	f.Add("", "v1 v1,AAAA v2,x")
	f.Fuzz(func(t *testing.T, timestamp, signatures string) {
		if !secret.Verify("msg_1", timestamp, signatures, "{}", at) {
			return
		}
		again, err := webhook.Sign("msg_1", at, "{}", secret)
		if err != nil || again != right {
			t.Fatal(again, err)
		}
		for _, s := range []string{"1614265330", "+1614265330", "01614265330"} {
			if timestamp == s {
				return
			}
		}
		if len(timestamp) < 10 || timestamp[len(timestamp)-10:] != "1614265330" {
			t.Fatalf("%q at %q", signatures, timestamp)
		}
	})
}
