// Package mail sends one plain-text message to one address through an SMTP server: with TLS from the first byte
// (smtps://) or from where the server offers it (smtp://, STARTTLS), with a password only over TLS.
//
// It never writes HTML, never lets a value become a header, and never logs an address, a password or a server's own
// words: a Refusal holds the step and the number alone. Read this file first, then client.go.
package mail

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/mail"
	"net/url"
	"strings"
	"time"
)

// Message is one mail.
type Message struct {
	ID      string // unique and the same on every try: a receiver that has it already drops the second
	To      string // an address of ASCII characters
	Subject string
	Text    string
	At      time.Time
}

// LogValue shows what a log may hold of a message.
func (m Message) LogValue() slog.Value { return slog.StringValue(m.ID) }

// String is what LogValue shows, against printing it by mistake.
func (m Message) String() string { return "[mail " + m.ID + "]" }

// GoString is String.
func (m Message) GoString() string { return m.String() }

// Refusal is a server's no: the step of the conversation and the number that it answered.
type Refusal struct {
	Step      string // "greeting", "tls", "login", "sender", "recipient", "text"
	Code      int
	Permanent bool // trying again is of no use for this message
}

// Error says it without the server's own words, which may hold the address.
func (r *Refusal) Error() string { return fmt.Sprintf("mail: %s refused with %d", r.Step, r.Code) }

// Permanent tells whether err says that trying again is of no use.
func Permanent(err error) bool {
	var r *Refusal
	return errors.As(err, &r) && r.Permanent || errors.Is(err, ErrAddress)
}

// ErrAddress is the error of a message whose recipient is no address that can be sent to.
var ErrAddress = errors.New("mail: the recipient is no plain address")

// plainAddress tells whether a is nothing but local@domain in characters that need no quoting.
func plainAddress(a string) bool {
	local, domain, ok := strings.Cut(a, "@")
	if !ok || local == "" || domain == "" || len(a) > 254 {
		return false
	}
	for _, r := range a {
		if r <= ' ' || r > '~' || strings.ContainsRune(`<>()[]\,;:"`, r) {
			return false
		}
	}
	return !strings.Contains(domain, "@")
}

// render writes the message as it goes over the wire. Everything that comes from outside is encoded: the subject as
// words of RFC 2047, the text as base64.
func (m Message) render(from *mail.Address, host string) []byte {
	var b strings.Builder
	header := func(name, value string) { b.WriteString(name + ": " + value + "\r\n") }
	header("From", from.String())
	header("To", "<"+m.To+">")
	header("Subject", mime.BEncoding.Encode("utf-8", oneLine(m.Subject)))
	header("Date", m.At.UTC().Format(time.RFC1123Z))
	header("Message-ID", "<"+safeID(m.ID)+"@"+host+">")
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Transfer-Encoding", "base64")
	header("Auto-Submitted", "auto-generated")
	b.WriteString("\r\n")
	text := strings.ReplaceAll(strings.ReplaceAll(m.Text, "\r\n", "\n"), "\n", "\r\n")
	code := base64.StdEncoding.EncodeToString([]byte(text))
	const width = 76
	for len(code) > width {
		b.WriteString(code[:width] + "\r\n")
		code = code[width:]
	}
	b.WriteString(code + "\r\n")
	return []byte(b.String())
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func safeID(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_.-", r) {
			return r
		}
		return '-'
	}, s)
}

// server is where and how to reach the SMTP server.
type server struct {
	host, port     string
	user, password string
	implicit       bool // TLS from the first byte
	required       bool // no TLS, no mail
}

// parseServer reads smtp://user:password@host:587 or smtps://user:password@host:465. With ?tls=required, smtp:// sends
// nothing where TLS is not offered; so it does with a password.
func parseServer(address string) (s server, err error) {
	broken := errors.New("mail: the server's address is not of the form smtp[s]://user:password@host:port")
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Path != "" && u.Path != "/" {
		return server{}, broken // the parser's own error would show the password
	}
	s = server{host: u.Hostname(), port: u.Port(), user: u.User.Username()}
	s.password, _ = u.User.Password()
	s.required = u.Query().Get("tls") == "required" || s.user != ""
	switch u.Scheme {
	case "smtps":
		s.implicit = true
		if s.port == "" {
			s.port = "465"
		}
	case "smtp":
		if s.port == "" {
			s.port = "587"
		}
	default:
		return server{}, broken
	}
	return s, nil
}
