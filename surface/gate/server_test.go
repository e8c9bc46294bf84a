package gate_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/surface/gate"
)

// served is a gate with one route that reads its body, behind a real listener and an impatient server.
func served(t *testing.T, p gate.Patience) string {
	t.Helper()
	m := open(t, options(), gate.Route{Name: "echo", Method: http.MethodPost, Path: "/echo", Roles: gate.Anyone(),
		Handler: gate.Verb(func(w http.ResponseWriter, r *http.Request) error {
			data, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(w, "%d bytes", len(data))
			return err
		})}, gate.Route{Name: "flood", Method: http.MethodGet, Path: "/flood", Roles: gate.Anyone(),
		Handler: gate.Verb(func(w http.ResponseWriter, r *http.Request) error {
			for { // until nobody takes it any more
				if _, err := w.Write(make([]byte, 64<<10)); err != nil {
					flooded <- err
					return nil
				}
			}
		})})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := gate.NewServer(m, &clock.System{}, p)
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	return l.Addr().String()
}

var flooded = make(chan error, 1)

// raw sends bytes as they are and gives what came back until the other side closed, or an answer was whole.
func raw(t *testing.T, addr, head string) (status string, rest *bufio.Reader, c net.Conn) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline((&clock.System{}).Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, head); err != nil {
		return "cut off", nil, c
	}
	rest = bufio.NewReader(c)
	status, err = rest.ReadString('\n')
	if err != nil {
		return "cut off", rest, c
	}
	return strings.TrimSpace(status), rest, c
}

// TestA25_RequestsThatTwoServersReadDifferently: what a proxy in front might read as another request is refused, and so
// is a flood of header fields.
func TestA25_RequestsThatTwoServersReadDifferently(t *testing.T) {
	addr := served(t, gate.Patience{})
	const front = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n"
	smuggled := "GET /flood HTTP/1.1\r\nHost: a\r\n\r\n"
	for name, c := range map[string]struct{ request, want string }{
		"two lengths":                {front + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello" + smuggled, "HTTP/1.1 400"},
		"a length that is none":      {front + "Content-Length: +5\r\n\r\nhello", "HTTP/1.1 400"},
		"an unknown coding":          {front + "Transfer-Encoding: xchunked\r\n\r\nhello", "HTTP/1.1 501"},
		"a space before the colon":   {front + "Content-Length : 5\r\n\r\nhello", "HTTP/1.1 400"},
		"a folded field":             {"GET / HTTP/1.1\r\nHost: a\r\n X: b\r\n\r\n", "HTTP/1.1 400"},
		"two hosts":                  {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "HTTP/1.1 400"},
		"a NUL in a field":           {"GET / HTTP/1.1\r\nHost: a\r\nX: b\x00c\r\n\r\n", "HTTP/1.1 400"},
		"a flood of header fields":   {"GET / HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("X: y\r\n", 20_000) + "\r\n", "HTTP/1.1 431"},
		"one length is all it takes": {front + "Content-Length: 5\r\n\r\nhello", "HTTP/1.1 200"},
	} {
		status, _, _ := raw(t, addr, c.request)
		if !strings.HasPrefix(status, c.want) {
			t.Errorf("%s: %q, want %s", name, status, c.want)
		}
	}
	// A length beside chunks: the chunks count, the rest is not a second request, the connection ends.
	status, rest, _ := raw(t, addr, front+"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"+smuggled)
	if strings.HasPrefix(status, "HTTP/1.1 200") {
		all, _ := io.ReadAll(io.LimitReader(rest, 1<<20))
		if strings.Contains(string(all), "HTTP/1.1 ") {
			t.Errorf("what followed was answered too: %.200q", all)
		}
	}
}

// TestA26_SlowCallersAreCutOff: a head or a body that comes a byte now and then, and an answer that nobody reads.
func TestA26_SlowCallersAreCutOff(t *testing.T) {
	const patience = 300 * time.Millisecond
	addr := served(t, gate.Patience{Header: patience, Body: patience, Answer: patience, Idle: patience})
	const head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\n"
	for name, begun := range map[string]string{"head": "POST /echo HTTP/1.1\r\nHo", "body": head + "hel", "idle": ""} {
		status, rest, _ := raw(t, addr, begun)
		if name == "body" && strings.HasPrefix(status, "HTTP/1.1 ") && !strings.HasPrefix(status, "HTTP/1.1 200") {
			_, err := io.Copy(io.Discard, rest) // refused, then closed
			if err == nil {
				continue
			}
		}
		if status != "cut off" && !strings.HasPrefix(status, "HTTP/1.1 400") {
			t.Errorf("%s: %q", name, status)
		}
	}
	if _, err := func() (int, error) {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return 0, err
		}
		defer c.Close()
		n, err := io.WriteString(c, "GET /flood HTTP/1.1\r\nHost: a\r\n\r\n")
		if err == nil {
			err = <-flooded // the handler ends although nobody read what it wrote
		}
		if err != nil && strings.Contains(err.Error(), "timeout") {
			err = nil
		}
		return n, err
	}(); err != nil {
		t.Errorf("an answer that nobody reads: %v", err)
	}
	if status, _, _ := raw(t, addr, head+"helloworld"); !strings.HasPrefix(status, "HTTP/1.1 200") {
		t.Errorf("somebody quick enough: %q", status)
	}
}
