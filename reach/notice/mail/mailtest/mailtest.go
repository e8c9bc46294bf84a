// Package mailtest is an SMTP server for tests, on a real socket of this machine: it takes mail, offers STARTTLS and
// PLAIN logins when told to, and can refuse at any step. It is for tests only and relays nothing.
package mailtest

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Got is one mail that the server took.
type Got struct {
	From, To string
	Data     string // headers and body as they came
	TLS      bool
	User     string // who logged in, "" if nobody
}

// Server is the server. Set the exported fields before the first mail, or with Say.
type Server struct {
	STARTTLS bool
	Implicit bool   // TLS from the first byte
	User     string // "" asks for no login
	Password string

	Address string         // host:port
	Roots   *x509.CertPool // who vouches for it

	cert tls.Certificate
	mu   sync.Mutex
	got  []Got
	says map[string]string
	wait sync.WaitGroup
}

// Start starts a server that ends with the test.
func Start(t testing.TB, set func(*Server)) *Server {
	t.Helper()
	lender := httptest.NewTLSServer(http.NotFoundHandler()) // lends its certificate for 127.0.0.1
	defer lender.Close()
	s := &Server{cert: lender.TLS.Certificates[0], Roots: x509.NewCertPool(), says: map[string]string{}}
	s.Roots.AddCert(lender.Certificate())
	if set != nil {
		set(s)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if s.Implicit {
		l = tls.NewListener(l, s.config())
	}
	s.Address = l.Addr().String()
	s.wait.Go(func() { s.serve(l) })
	t.Cleanup(func() {
		l.Close()
		s.wait.Wait()
	})
	return s
}

func (s *Server) config() *tls.Config { return &tls.Config{Certificates: []tls.Certificate{s.cert}} }

// Say has the server answer a verb ("MAIL", "RCPT", "DATA", "END") with a line of its own; "" answers as usual, and
// "hang up" ends the connection.
func (s *Server) Say(verb, answer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.says[verb] = answer
}

// Got are the mails taken so far.
func (s *Server) Got() []Got {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Got(nil), s.got...)
}

func (s *Server) serve(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		s.wait.Go(func() {
			c := &talk{s: s}
			c.use(conn)
			defer func() { c.conn.Close() }()
			c.reply("220 here")
			for c.next() {
			}
		})
	}
}

// talk is one conversation.
type talk struct {
	s    *Server
	conn net.Conn
	in   *bufio.Reader
	mail Got
}

func (c *talk) use(conn net.Conn) {
	_, c.mail.TLS = conn.(*tls.Conn)
	c.conn, c.in = conn, bufio.NewReader(conn)
}

func (c *talk) reply(line string) { fmt.Fprintf(c.conn, "%s\r\n", line) }

// said answers as Say told it to; ok is false when nothing was said. more is false when the conversation is over.
func (c *talk) said(verb string) (ok, more bool) {
	c.s.mu.Lock()
	answer := c.s.says[verb]
	c.s.mu.Unlock()
	switch answer {
	case "":
		return false, true
	case "hang up":
		return true, false
	}
	c.reply(answer)
	return true, true
}

// next answers one line and tells whether the conversation goes on.
func (c *talk) next() bool {
	line, err := c.in.ReadString('\n')
	if err != nil {
		return false
	}
	line = strings.TrimRight(line, "\r\n")
	verb, rest, _ := strings.Cut(line, " ")
	verb = strings.ToUpper(verb)
	if done, more := c.said(verb); done {
		return more
	}
	switch verb {
	case "EHLO", "HELO":
		c.hello()
	case "STARTTLS":
		c.reply("220 go on")
		c.use(tls.Server(c.conn, c.s.config()))
	case "AUTH":
		c.auth(rest)
	case "MAIL":
		c.from(rest)
	case "RCPT":
		c.mail.To = strings.Trim(strings.TrimPrefix(rest, "TO:"), "<>")
		c.reply("250 ok")
	case "DATA":
		return c.data()
	case "QUIT":
		c.reply("221 bye")
		return false
	default:
		c.reply("500 what")
	}
	return true
}

func (c *talk) hello() {
	c.reply("250-here")
	if c.s.STARTTLS && !c.mail.TLS {
		c.reply("250-STARTTLS")
	}
	if c.s.User != "" {
		c.reply("250-AUTH PLAIN")
	}
	c.reply("250 8BITMIME")
}

func (c *talk) auth(rest string) {
	code, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(rest, "PLAIN "))
	if err != nil || string(code) != "\x00"+c.s.User+"\x00"+c.s.Password {
		c.reply("535 wrong")
		return
	}
	c.mail.User = c.s.User
	c.reply("235 welcome")
}

func (c *talk) from(rest string) {
	if c.s.User != "" && c.mail.User == "" {
		c.reply("530 log in")
		return
	}
	address, _, _ := strings.Cut(strings.TrimPrefix(rest, "FROM:"), " ")
	c.mail.From = strings.Trim(address, "<>")
	c.reply("250 ok")
}

func (c *talk) data() bool {
	c.reply("354 go on")
	var b strings.Builder
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		b.WriteString(strings.TrimPrefix(line, "."))
	}
	if done, more := c.said("END"); done {
		return more
	}
	got := c.mail
	got.Data = b.String()
	c.s.mu.Lock()
	c.s.got = append(c.s.got, got)
	c.s.mu.Unlock()
	c.reply("250 taken")
	return true
}
