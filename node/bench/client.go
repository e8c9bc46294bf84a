package bench

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
)

// conn is one keep-alive connection of the generator: it writes prepared bytes and reads as little as it must, so that
// what is measured is the server.
type conn struct {
	c   net.Conn
	in  *bufio.Reader
	out []byte // the request, reused
	buf []byte // the body of the last response, reused
}

func dial(addr string) (*conn, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &conn{c: c, in: bufio.NewReaderSize(c, 8<<10)}, nil
}

func (k *conn) close() error { return k.c.Close() }

// request is what one call sends.
type request struct {
	method, path, bearer, key string
	form                      bool // the body is a form, not JSON
	browser                   bool // asks for a packed page
	body                      []byte
	token                     string // places what was quoted: the body, without being made first
}

const tokenOpens, tokenCloses = `{"token":"`, `"}`

// do sends one request and gives the status and the body, which is valid until the next call.
func (k *conn) do(r request) (status int, body []byte, err error) {
	out := append(k.out[:0], r.method...)
	out = append(append(append(out, ' '), r.path...), " HTTP/1.1\r\nHost: bench\r\n"...)
	if r.bearer != "" {
		out = append(append(append(out, "Authorization: Bearer "...), r.bearer...), "\r\n"...)
	}
	if r.key != "" {
		out = append(append(append(out, "Idempotency-Key: "...), r.key...), "\r\n"...)
	}
	if r.browser {
		out = append(out, "Accept: text/html\r\nAccept-Encoding: gzip\r\nAccept-Language: zh-CN\r\n"...)
	}
	switch {
	case r.form:
		out = append(out, "Content-Type: application/x-www-form-urlencoded\r\n"...)
	case r.body != nil || r.token != "":
		out = append(out, "Content-Type: application/json\r\n"...)
	}
	length := len(r.body)
	if r.token != "" {
		length = len(tokenOpens) + len(r.token) + len(tokenCloses)
	}
	out = append(strconv.AppendInt(append(out, "Content-Length: "...), int64(length), 10), "\r\n\r\n"...)
	if r.token != "" {
		out = append(append(append(out, tokenOpens...), r.token...), tokenCloses...)
	}
	k.out = append(out, r.body...)
	if _, err := k.c.Write(k.out); err != nil {
		return 0, nil, err
	}
	return k.read()
}

var errForm = errors.New("bench: not an HTTP/1.1 response")

func (k *conn) read() (status int, body []byte, err error) {
	line, err := k.in.ReadSlice('\n')
	if err != nil {
		return 0, nil, err
	}
	if len(line) < 12 {
		return 0, nil, errForm
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, nil, errForm
	}
	length, chunked := -1, false
	for {
		if line, err = k.in.ReadSlice('\n'); err != nil {
			return 0, nil, err
		}
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		chunked = chunked || bytes.EqualFold(name, transferEncoding)
		if bytes.EqualFold(name, contentLength) {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, nil, errForm
			}
		}
	}
	if chunked {
		body, err = k.chunks()
		return status, body, err
	}
	if length < 0 && status != 204 && status != 304 {
		return 0, nil, errForm
	}
	return k.body(status, max(length, 0))
}

var (
	contentLength    = []byte("Content-Length")
	transferEncoding = []byte("Transfer-Encoding")
)

// chunks reads a body whose length was not known when it began.
func (k *conn) chunks() ([]byte, error) {
	k.buf = k.buf[:0]
	for {
		line, err := k.in.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		n, err := strconv.ParseUint(string(bytes.TrimSpace(line)), 16, 31)
		if err != nil {
			return nil, errForm
		}
		at := len(k.buf)
		k.buf = append(k.buf, make([]byte, n+2)...) // the chunk and the end of its line
		if _, err := io.ReadFull(k.in, k.buf[at:]); err != nil {
			return nil, err
		}
		if k.buf = k.buf[:at+int(n)]; n == 0 {
			return k.buf, nil
		}
	}
}

func (k *conn) body(status, length int) (int, []byte, error) {
	if length > 512<<20 {
		return 0, nil, fmt.Errorf("bench: a response of %d bytes", length)
	}
	if cap(k.buf) < length {
		k.buf = make([]byte, length)
	}
	k.buf = k.buf[:length]
	_, err := io.ReadFull(k.in, k.buf)
	return status, k.buf, err
}
