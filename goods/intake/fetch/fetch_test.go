package fetch

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"hutong/base/fault"
)

// here allows the machine itself: test servers have no other address.
func here(to netip.AddrPort) bool { return to.Addr().IsLoopback() }

func get(t *testing.T, c *Client, address string) (string, error) {
	t.Helper()
	body, err := c.Get(t.Context(), address)
	if err != nil {
		return "", err
	}
	data, err := io.ReadAll(body)
	return string(data), errors.Join(err, body.Close())
}

// TestA10_PrivateAddresses: nothing of the operator's own network is ever dialled, however it is written.
func TestA10_PrivateAddresses(t *testing.T) {
	dialled := false
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { dialled = true }))
	defer inside.Close()
	_, port, err := net.SplitHostPort(inside.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c := New(Options{Timeout: 5 * time.Second})
	for _, address := range []string{
		inside.URL, "http://localhost:" + port, "http://[::1]:" + port, "http://[::ffff:127.0.0.1]:" + port,
		"http://127.1:" + port, "http://0x7f000001:" + port, "http://2130706433:" + port, "http://0:" + port,
		"http://127.0.0.1/", "http://localhost/", "http://169.254.169.254/latest/meta-data", "http://[fe80::1]/",
		"http://10.0.0.1/", "http://192.168.1.1/", "http://100.64.0.1/", "http://[fd00::1]/", "http://0.0.0.0/",
		"file:///etc/passwd", "gopher://127.0.0.1/", "ftp://x.test/a", "http://user:pw@8.8.8.8/", "http:///a", "//x/a",
		"javascript:alert(1)", "http://\x00/", "",
	} {
		_, err := get(t, c, address)
		if !fault.Is(err, "fetch.address") && !fault.Is(err, "fetch.failed") {
			t.Errorf("%s: %v", address, err)
		}
	}
	if dialled {
		t.Fatal("a private address was dialled")
	}
}

func TestPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8:443": true, "8.8.8.8:80": true, "8.8.8.8:22": false, "8.8.8.8:8080": false,
		"[2606:4700::1111]:443": true, "[::ffff:8.8.8.8]:443": true, "[::ffff:10.0.0.1]:443": false,
		"127.0.0.1:80": false, "127.255.0.1:80": false, "10.1.2.3:443": false, "172.16.0.1:443": false,
		"172.32.0.1:443": true, "192.168.0.1:443": false, "169.254.169.254:80": false, "168.63.129.16:80": false,
		"100.100.100.200:80": false,
		"0.0.0.0:80":         false, "224.0.0.1:80": false, "255.255.255.255:80": false, "198.18.0.1:80": false,
		"[::1]:80": false, "[::]:80": false, "[fe80::1]:80": false, "[fe80::1%eth0]:80": false, "[fd12::1]:80": false,
		"[64:ff9b::7f00:1]:80": false, "[2002:7f00:1::]:80": false, "[ff02::1]:80": false,
	} {
		if got := Public(netip.MustParseAddrPort(address)); got != want {
			t.Errorf("Public(%s) = %v", address, got)
		}
	}
}

// TestA10_Rebinding: the address is judged when it is dialled, not when the name was looked at.
func TestA10_Rebinding(t *testing.T) {
	var dialled []netip.AddrPort
	inside := httptest.NewServer(http.NotFoundHandler())
	defer inside.Close()
	c := New(Options{Allow: func(to netip.AddrPort) bool { dialled = append(dialled, to); return false }})
	if _, err := get(t, c, strings.Replace(inside.URL, "127.0.0.1", "localhost", 1)); !fault.Is(err, "fetch.address") {
		t.Fatal(err)
	}
	if len(dialled) == 0 || !dialled[0].Addr().IsLoopback() {
		t.Fatalf("the name localhost was judged as %v", dialled)
	}
}

func TestRedirects(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		t.Error("another host was reached")
	}))
	defer other.Close()
	var mux http.ServeMux
	server := httptest.NewServer(&mux)
	defer server.Close()
	mux.HandleFunc("/a", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "picture") })
	to := func(path, target string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target, http.StatusFound) })
	}
	to("/within", "/a")
	to("/away", other.URL+"/")
	to("/round", "/round")
	to("/file", "file:///etc/passwd")
	c := New(Options{Allow: here})
	if got, err := get(t, c, server.URL+"/within"); got != "picture" || err != nil {
		t.Fatalf("within one host: %q, %v", got, err)
	}
	for _, path := range []string{"/away", "/round", "/file"} {
		if _, err := get(t, c, server.URL+path); !fault.Is(err, "fetch.redirect") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestLimits(t *testing.T) {
	var mux http.ServeMux
	server := httptest.NewServer(&mux)
	defer server.Close()
	mux.HandleFunc("/said", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "11")
		io.WriteString(w, "12345678901")
	})
	mux.HandleFunc("/unsaid", func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush()
		io.WriteString(w, "12345678901")
	})
	mux.HandleFunc("/fits", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") != "" || r.Header.Get("Accept-Encoding") != "" {
			t.Errorf("asked with %v", r.Header)
		}
		io.WriteString(w, "1234567890")
	})
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	c := New(Options{Allow: here, Bytes: 10, Timeout: 300 * time.Millisecond})
	for path, want := range map[string]string{
		"/said": "fetch.too_large", "/unsaid": "fetch.too_large", "/slow": "fetch.failed", "/none": "fetch.failed",
	} {
		if _, err := get(t, c, server.URL+path); !fault.Is(err, want) {
			t.Errorf("%s: %v; want %s", path, err, want)
		}
	}
	if got, err := get(t, c, server.URL+"/fits"); got != "1234567890" || err != nil {
		t.Errorf("just the limit: %q, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Get(ctx, server.URL+"/fits"); !fault.Is(err, "fetch.failed") {
		t.Errorf("cancelled: %v", err)
	}
}
