package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"
)

// Options say how mail is sent.
type Options struct {
	Server  string         // smtp://user:password@host:587 or smtps://user:password@host:465
	From    string         // "Hutong <no-reply@shop.example>"
	Timeout time.Duration  // of one message, from the first look-up to the last answer; default 20 s
	Roots   *x509.CertPool // who vouches for the server; nil: the machine's list
}

// Client sends mail. It is safe for concurrent use; each message has a connection of its own.
type Client struct {
	server  server
	from    *mail.Address
	domain  string
	timeout time.Duration
	roots   *x509.CertPool
}

// New makes a Client. It does not reach the server yet.
func New(o Options) (*Client, error) {
	s, err := parseServer(o.Server)
	if err != nil {
		return nil, err
	}
	from, err := mail.ParseAddress(o.From)
	if err != nil || !plainAddress(from.Address) {
		return nil, errors.New("mail: the sender is no address")
	}
	if o.Timeout <= 0 {
		o.Timeout = 20 * time.Second
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	return &Client{server: s, from: from, domain: domain, timeout: o.Timeout, roots: o.Roots}, nil
}

// String shows where mail goes, without user and password.
func (c *Client) String() string { return "smtp " + net.JoinHostPort(c.server.host, c.server.port) }

// GoString is String.
func (c *Client) GoString() string { return c.String() }

// Send brings one message to the server and returns when the server has taken it. A Refusal tells whether trying again
// is of use; after any other error it is. A message may arrive twice when the last answer was lost: its ID is the same.
func (c *Client) Send(ctx context.Context, m Message) error {
	if !plainAddress(m.To) {
		return ErrAddress
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	conn, err := c.dial(ctx)
	if err != nil {
		return fmt.Errorf("mail: dial: %w", plainError(err))
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() }) // a deadline without asking for the time
	defer stop()
	if err := c.talk(conn, m); err != nil {
		conn.Close() // the conversation is over either way; its error is the one that counts
		return errors.Join(err, ctx.Err())
	}
	return nil
}

func (c *Client) tls() *tls.Config {
	return &tls.Config{ServerName: c.server.host, MinVersion: tls.VersionTLS12, RootCAs: c.roots}
}

func (c *Client) dial(ctx context.Context) (net.Conn, error) {
	address := net.JoinHostPort(c.server.host, c.server.port)
	if c.server.implicit {
		return (&tls.Dialer{Config: c.tls()}).DialContext(ctx, "tcp", address)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", address)
}

// talk is the conversation on an open connection.
func (c *Client) talk(conn net.Conn, m Message) error {
	s, err := smtp.NewClient(conn, c.server.host)
	if err != nil {
		return refusal("greeting", err, false)
	}
	if err := s.Hello(c.domain); err != nil {
		return refusal("greeting", err, false)
	}
	if err := c.secure(s); err != nil {
		return err
	}
	if err := s.Mail(c.from.Address); err != nil {
		return refusal("sender", err, false) // the market's own mistake; the message is fine
	}
	if err := s.Rcpt(m.To); err != nil {
		return refusal("recipient", err, true)
	}
	w, err := s.Data()
	if err != nil {
		return refusal("text", err, true)
	}
	if _, err := w.Write(m.render(c.from, c.domain)); err != nil {
		return refusal("text", err, false)
	}
	if err := w.Close(); err != nil {
		return refusal("text", err, true)
	}
	if s.Quit() != nil { // a server that hangs up without a word has the message all the same
		s.Close()
	}
	return nil
}

// secure turns TLS on where it is offered, and logs in.
func (c *Client) secure(s *smtp.Client) error {
	if !c.server.implicit {
		offered, _ := s.Extension("STARTTLS")
		switch {
		case offered:
			if err := s.StartTLS(c.tls()); err != nil {
				return refusal("tls", err, false)
			}
		case c.server.required:
			return &Refusal{Step: "tls"}
		}
	}
	if c.server.user == "" {
		return nil
	}
	if err := s.Auth(smtp.PlainAuth("", c.server.user, c.server.password, c.server.host)); err != nil {
		return refusal("login", err, false)
	}
	return nil
}

// refusal keeps the step and the number of a server's no. Only a 5xx about the message itself is permanent.
func refusal(step string, err error, aboutMessage bool) error {
	var said *textproto.Error
	if errors.As(err, &said) {
		return &Refusal{Step: step, Code: said.Code, Permanent: aboutMessage && said.Code >= 500}
	}
	return fmt.Errorf("mail: %s: %w", step, plainError(err))
}

// plainError drops nothing but what may hold a name: an error of the network is told by its kind.
func plainError(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		return fmt.Errorf("%s: %w", op.Op, op.Err)
	}
	return err
}
