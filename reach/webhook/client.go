package webhook

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// result is how one try ended.
type result struct {
	status  int64
	reason  string // "" when it was delivered
	excerpt string
	took    time.Duration
}

var errAddress = errors.New("webhook: the address is not allowed")

// newClient makes the client: it dials allowed addresses only, whatever a name leads to, and follows nothing.
func newClient(set Settings) *http.Client {
	control := func(network, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !strings.HasPrefix(network, "tcp") || !set.allow(to) {
			return errAddress
		}
		return nil
	}
	const connect = 5 * time.Second
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  nil, // a proxy of the environment would dial for us, unjudged
			DialContext:            (&net.Dialer{Timeout: connect, Control: control}).DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: set.Roots},
			TLSHandshakeTimeout:    connect,
			MaxResponseHeaderBytes: 32 << 10,
			MaxConnsPerHost:        16,
			MaxIdleConns:           64,
			IdleConnTimeout:        30 * time.Second,
			DisableCompression:     true, // an excerpt is not worth unzipping, a bomb less so
			ForceAttemptHTTP2:      true,
		},
	}
}

// post sends a message and reads the start of the answer.
func (s *Service) post(ctx context.Context, e keyed, d Delivery) result {
	began := s.Clock.Now()
	r := s.try(ctx, e, d, began)
	r.took = s.Clock.Now().Sub(began)
	return r
}

func (s *Service) try(ctx context.Context, e keyed, d Delivery, now time.Time) result {
	if _, err := s.set.checkURL(e.URL); err != nil { // the operator may have become stricter
		return result{reason: "address"}
	}
	secrets := []Secret{e.secret}
	if e.oldSecret != "" && now.Before(e.OldUntil) {
		secrets = append(secrets, e.oldSecret)
	}
	signature, err := sign(d.ID, now, d.Body, secrets...)
	if err != nil {
		return result{reason: "network"}
	}
	ctx, cancel := context.WithTimeout(ctx, s.set.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, strings.NewReader(d.Body))
	if err != nil {
		return result{reason: "address"}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "hutong-webhook/1")
	request.Header.Set("webhook-id", string(d.ID))
	request.Header.Set("webhook-timestamp", strconv.FormatInt(now.Unix(), 10))
	request.Header.Set("webhook-signature", signature)
	answer, err := s.client.Do(request)
	if err != nil {
		return result{reason: reason(err)}
	}
	defer answer.Body.Close()
	start, err := io.ReadAll(io.LimitReader(answer.Body, answerMax))
	r := result{status: int64(answer.StatusCode), excerpt: excerpt(start)}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		r.reason = "status"
	} else if err != nil {
		r.reason = reason(err) // half an answer is none
	}
	return r
}

// reason sorts an error into what the merchant can do something about.
func reason(err error) string {
	var timeout net.Error
	var hello *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var authority x509.UnknownAuthorityError
	switch {
	case errors.Is(err, errAddress):
		return "address"
	case errors.As(err, &hello), errors.As(err, &record), errors.As(err, &authority):
		return "tls"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	}
	return "network"
}
