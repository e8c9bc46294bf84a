package webhook

import (
	"crypto/x509"
	"encoding/binary"
	"io"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"hutong/base/fault"
	"hutong/goods/intake/fetch"
)

// Settings are the operator's choices. DefaultSettings has sound ones.
type Settings struct {
	Loopback     bool           // endpoints may be on this very machine, for tests and demos
	Roots        *x509.CertPool // who vouches for endpoints; nil: the machine's list
	Timeout      time.Duration  // of one try
	PerEndpoint  int            // tries under way at one endpoint; one while it is failing
	AtOnce       int            // tries under way in all
	DisableAfter time.Duration  // of nothing but failures
	OldSecretFor time.Duration  // how long the secret before a rotation signs too
	KeepFor      time.Duration  // how long finished deliveries are kept
}

// DefaultSettings switch an endpoint off after five days of failure and keep deliveries for thirty.
func DefaultSettings() Settings {
	const day = 24 * time.Hour
	return Settings{Timeout: 10 * time.Second, PerEndpoint: 4, AtOnce: 256, DisableAfter: 5 * day, OldSecretFor: day,
		KeepFor: 30 * day}
}

// The bounds of endpoints and of what is kept of their answers.
const (
	EndpointsMax = 5 // of one shop
	URLMax       = 500
	ExcerptMax   = 500    // characters
	queueMax     = 10_000 // messages waiting for one endpoint that is failing
	answerMax    = 16 << 10
)

// waits are the pauses before the second, third ... try of a message: about three days in all.
var waits = []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
	10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}

// next is when a message that failed for the tries-th time is tried again; ok is false when it is not.
func next(tries int64, now time.Time, random io.Reader) (at time.Time, ok bool) {
	if tries < 1 || tries > int64(len(waits)) {
		return time.Time{}, false
	}
	return now.Add(jitter(random, waits[tries-1])), true
}

// jitter spreads a wait by a tenth to either side, so that what failed together is not tried together.
func jitter(random io.Reader, wait time.Duration) time.Duration {
	var b [8]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return wait
	}
	span := uint64(wait / 5)
	return wait - wait/10 + time.Duration(binary.LittleEndian.Uint64(b[:])%max(span, 1))
}

// checkURL refuses an address that no message may go to. What a name leads to is judged when it is dialled.
func (set Settings) checkURL(address string) (*url.URL, error) {
	bad := fault.New(fault.Invalid, "webhook.url", fault.P("max", URLMax)).At("url")
	plain := func(r rune) bool { return r > ' ' && r <= '~' && r != '\\' }
	if len(address) > URLMax || strings.ContainsFunc(address, func(r rune) bool { return !plain(r) }) {
		return nil, bad
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.Opaque != "" || u.Scheme != "https" {
		return nil, bad
	}
	port := u.Port()
	if port != "" && port != "443" && !set.Loopback {
		return nil, bad
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !set.allow(netip.AddrPortFrom(ip, 443)) {
		return nil, bad
	}
	return u, nil
}

// allow judges an address at the moment of dialling (FAULTS A10).
func (set Settings) allow(to netip.AddrPort) bool {
	if set.Loopback && to.Addr().Unmap().IsLoopback() {
		return true
	}
	return to.Port() == 443 && fetch.Public(to)
}

// checkTopics expands "refund.*" and refuses what there is not.
func checkTopics(asked []Topic) ([]Topic, error) {
	var all []Topic
	for _, a := range asked {
		found := false
		for _, t := range Topics() {
			family, any := strings.CutSuffix(string(a), "*")
			if t == a || any && strings.HasSuffix(family, ".") && strings.HasPrefix(string(t), family) {
				all, found = append(all, t), true
			}
		}
		if !found {
			return nil, fault.New(fault.Invalid, "webhook.topics").At("topics")
		}
	}
	if len(all) == 0 {
		return nil, fault.New(fault.Invalid, "webhook.topics").At("topics")
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// excerpt is the start of an answer as plain text: nothing in it turns a terminal or a page around.
func excerpt(answer []byte) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.ToValidUTF8(string(answer), "\ufffd") {
		if n == ExcerptMax {
			break
		}
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			r = ' '
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}
