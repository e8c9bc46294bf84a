package gate

import (
	"net/http"
	"time"

	"hutong/base/clock"
)

// Patience is how long a caller may take (FAULTS A26): what is slower is cut off, so that nobody holds connections by
// sending or reading a byte now and then. A zero field takes its value from DefaultPatience.
type Patience struct {
	Header time.Duration // to send a request's head
	Body   time.Duration // to send a body, beside what BodyRate allows for its route's limit
	Answer time.Duration // to read an answer; a stream of events sets its own
	Idle   time.Duration // between two requests of a connection
}

// DefaultPatience lets a telephone in a train through.
var DefaultPatience = Patience{Header: 10 * time.Second, Body: 30 * time.Second, Answer: time.Minute,
	Idle: 2 * time.Minute}

// BodyRate is the slowest a body may come, in bytes a second.
const BodyRate = 16 << 10

// headMax bounds a request's head, in bytes: cookies, a way back, what browsers say of themselves.
const headMax = 32 << 10

// NewServer makes the server of a handler, with limits on everything that callers decide. The clock is the machine's:
// deadlines of connections are instants of it.
func NewServer(h http.Handler, machine clock.Clock, p Patience) *http.Server {
	p = p.full()
	return &http.Server{Handler: hurry(h, machine, p), ReadHeaderTimeout: p.Header, WriteTimeout: p.Answer,
		IdleTimeout: p.Idle, MaxHeaderBytes: headMax}
}

func (p Patience) full() Patience {
	for _, f := range []struct{ mine, theirs *time.Duration }{{&p.Header, &DefaultPatience.Header},
		{&p.Body, &DefaultPatience.Body}, {&p.Answer, &DefaultPatience.Answer}, {&p.Idle, &DefaultPatience.Idle}} {
		if *f.mine == 0 {
			*f.mine = *f.theirs
		}
	}
	return p
}

// hurry limits the time that a request's body may take; a long one gets as long as it takes at BodyRate, and its answer
// as long again.
func hurry(h http.Handler, machine clock.Clock, p Patience) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			size := r.ContentLength
			if size < 0 {
				size = bodyMax // in chunks, as programs send: what a route takes unless it says otherwise
				// A proxy in front may have read a length beside the chunks, which net/http drops: nothing that
				// follows on this connection is taken for a request (FAULTS A25).
				w.Header().Set("Connection", "close")
			}
			long := p.Body + time.Duration(min(size, longest))*time.Second/BodyRate
			control, now := http.NewResponseController(w), machine.Now()
			_ = control.SetReadDeadline(now.Add(long)) // not every writer has one: a test's recorder
			if long > p.Answer {
				_ = control.SetWriteDeadline(now.Add(long + p.Answer))
			}
		}
		h.ServeHTTP(w, r)
	})
}

// longest is the size from which on a body gets no more time: no route takes one.
const longest = 1 << 30
