package sandbox

import (
	"bytes"
	"io"
	"net/http"
)

// Wire is a transport that hands requests to a handler of the same process, as a network would have brought them.
func Wire(h http.Handler) http.RoundTripper { return wire{h} }

type wire struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (w wire) RoundTrip(req *http.Request) (*http.Response, error) {
	in := req.Clone(req.Context())
	in.RequestURI, in.RemoteAddr = req.URL.RequestURI(), "127.0.0.1:0"
	in.Host = req.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	out := &recorder{header: http.Header{}, status: http.StatusOK}
	w.handler.ServeHTTP(out, in)
	return &http.Response{StatusCode: out.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: out.header,
		Body: io.NopCloser(&out.body), ContentLength: int64(out.body.Len()), Request: req}, nil
}

// recorder keeps what a handler answers.
type recorder struct {
	header http.Header
	body   bytes.Buffer
	status int
	sent   bool
}

// Header implements http.ResponseWriter.
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if !r.sent {
		r.status, r.sent = status, true
	}
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(p []byte) (int, error) {
	r.sent = true
	return r.body.Write(p)
}
