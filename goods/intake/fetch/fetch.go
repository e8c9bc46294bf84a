// Package fetch gets a picture from a web address that a merchant's file names, without ever reaching into the
// operator's own network: the address is judged after its name was resolved, at the moment of dialling, so a name that
// turns out to be private, or changes between two look-ups, leads nowhere.
//
// It follows redirects within one host only, sends nothing about the market or its users, and stops at a size and a
// time. Whether anything is fetched at all is for the operator to say. Read this file first; addresses.go is the rest.
package fetch

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"hutong/base/fault"
)

// Options bound what is fetched. A zero field takes its default.
type Options struct {
	Bytes   int64                     // most bytes of an answer, default 20 MiB
	Timeout time.Duration             // from the first look-up to the last byte, default 20 s
	Allow   func(netip.AddrPort) bool // which addresses are dialled, default Public
}

const (
	bytesDefault   = 20 << 20
	timeoutDefault = 20 * time.Second
	redirectsMax   = 3
	connectTimeout = 5 * time.Second
	headersMax     = 64 << 10
)

// Client fetches.
type Client struct {
	http    *http.Client
	bytes   int64
	timeout time.Duration
}

// New makes a Client.
func New(o Options) *Client {
	if o.Bytes == 0 {
		o.Bytes = bytesDefault
	}
	if o.Timeout == 0 {
		o.Timeout = timeoutDefault
	}
	if o.Allow == nil {
		o.Allow = Public
	}
	dialer := &net.Dialer{Timeout: connectTimeout, Control: control(o.Allow)}
	return &Client{bytes: o.Bytes, timeout: o.Timeout, http: &http.Client{
		CheckRedirect: sameHost,
		Transport: &http.Transport{
			Proxy:                  nil, // a proxy of the environment would dial for us, unjudged
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    connectTimeout,
			ResponseHeaderTimeout:  connectTimeout,
			MaxResponseHeaderBytes: headersMax,
			MaxConnsPerHost:        4,
			DisableCompression:     true, // a picture is not worth unzipping, a bomb less so
			ForceAttemptHTTP2:      true,
		},
	}}
}

// errAddress is what the dialer answers for an address that is not allowed.
var errAddress = errors.New("fetch: the address is not a public one")

// control judges the address that the dialer is about to connect to, after all look-ups.
func control(allow func(netip.AddrPort) bool) func(string, string, syscall.RawConn) error {
	return func(network, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !strings.HasPrefix(network, "tcp") || !allow(to) {
			return errAddress
		}
		return nil
	}
}

var errRedirect = errors.New("fetch: redirected to another host or too often")

func sameHost(next *http.Request, before []*http.Request) error {
	first := before[0].URL
	downgrade := first.Scheme == "https" && next.URL.Scheme != "https"
	if len(before) > redirectsMax || next.URL.Host != first.Host || downgrade || !plain(next.URL) {
		return errRedirect
	}
	next.Header.Del("Referer")
	return nil
}

// plain tells whether the address is one of the open web: http or https, a host, no password.
func plain(u *url.URL) bool {
	return (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil
}

// Get fetches an address; the caller closes what it gives. Codes: fetch.address for one that is not allowed,
// fetch.redirect, fetch.too_large, fetch.failed for everything that the other side did. It is safe to repeat.
func (c *Client) Get(ctx context.Context, address string) (io.ReadCloser, error) {
	u, err := url.Parse(address)
	if err != nil || !plain(u) {
		return nil, fault.New(fault.Invalid, "fetch.address").At("pictures")
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	body, err := c.get(ctx, u)
	if err != nil {
		cancel()
		return nil, named(err)
	}
	return &limited{body: body, left: c.bytes, cancel: cancel}, nil
}

func (c *Client) get(ctx context.Context, u *url.URL) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", "hutong-import")
	request.Header.Set("Accept", "image/jpeg,image/png,image/webp,image/gif")
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, errors.Join(errors.New("fetch: "+answer.Status), answer.Body.Close())
	}
	if answer.ContentLength > c.bytes {
		return nil, errors.Join(errTooLarge, answer.Body.Close())
	}
	return answer.Body, nil
}

var errTooLarge = errors.New("fetch: the answer is larger than allowed")

// named gives the fault of an error. What the other side said is for the log only.
func named(err error) error {
	switch {
	case errors.Is(err, errAddress):
		return fault.New(fault.Invalid, "fetch.address").Because(err).At("pictures")
	case errors.Is(err, errRedirect):
		return fault.New(fault.Refused, "fetch.redirect").Because(err)
	case errors.Is(err, errTooLarge):
		return fault.New(fault.Refused, "fetch.too_large").Because(err)
	}
	return fault.New(fault.Refused, "fetch.failed").Because(err)
}

// limited is an answer that ends with a fault where it passes its limit.
type limited struct {
	body   io.ReadCloser
	left   int64
	cancel context.CancelFunc
}

func (l *limited) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.body.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, named(errTooLarge)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return n, named(err)
	}
	return n, err
}

func (l *limited) Close() error {
	l.cancel()
	return l.body.Close()
}
