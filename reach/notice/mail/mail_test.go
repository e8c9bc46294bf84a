package mail_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"hutong/reach/notice/mail"
	"hutong/reach/notice/mail/mailtest"
)

var at = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

func client(t *testing.T, s *mailtest.Server, scheme, user string) *mail.Client {
	t.Helper()
	c, err := mail.New(mail.Options{Server: scheme + "://" + user + s.Address, From: "胡同 <no-reply@shop.example>",
		Roots: s.Roots, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func message() mail.Message {
	return mail.Message{ID: "ntc_1", To: "lily@example.com", Subject: "订单已付款", Text: "你好\n.\n…", At: at}
}

// read parses a mail as its receiver would.
func read(t *testing.T, data string) (h netmail.Header, subject, text string) {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, m.Body))
	if err != nil {
		t.Fatal(err)
	}
	return m.Header, subject, strings.ReplaceAll(string(body), "\r\n", "\n")
}

func TestAMailArrivesAsItWasWritten(t *testing.T) {
	for _, c := range []struct {
		name, scheme, user string
		set                func(*mailtest.Server)
		tls                bool
	}{
		{"plain", "smtp", "", nil, false},
		{"STARTTLS where it is offered", "smtp", "", func(s *mailtest.Server) { s.STARTTLS = true }, true},
		{"TLS from the first byte", "smtps", "", func(s *mailtest.Server) { s.Implicit = true }, true},
		{"with a login", "smtp", "me:pa%20ss@", func(s *mailtest.Server) {
			s.STARTTLS, s.User, s.Password = true, "me", "pa ss"
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := mailtest.Start(t, c.set)
			if err := client(t, s, c.scheme, c.user).Send(t.Context(), message()); err != nil {
				t.Fatal(err)
			}
			got := s.Got()
			if len(got) != 1 || got[0].To != "lily@example.com" || got[0].From != "no-reply@shop.example" ||
				got[0].TLS != c.tls || got[0].User != s.User {
				t.Fatalf("%+v", got)
			}
			h, subject, text := read(t, got[0].Data)
			if subject != "订单已付款" || text != "你好\n.\n…" || h.Get("Message-ID") != "<ntc_1@shop.example>" ||
				h.Get("To") != "<lily@example.com>" || h.Get("Date") != "Wed, 11 Nov 2026 00:00:00 +0000" {
				t.Errorf("%v %q %q", h, subject, text)
			}
		})
	}
}

// Whatever stands in a subject or a text, it makes no header and no second mail.
func TestA16_NothingBecomesAHeader(t *testing.T) {
	s := mailtest.Start(t, nil)
	c := client(t, s, "smtp", "")
	evil := "x\r\nBcc: all@example.com\r\n\r\n.\r\nMAIL FROM:<a@b.c>"
	m := message()
	m.ID, m.Subject, m.Text = evil, evil, evil
	if err := c.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := s.Got()
	if len(got) != 1 {
		t.Fatalf("%d mails", len(got))
	}
	h, subject, text := read(t, got[0].Data)
	if len(h) != 9 || h.Get("Bcc") != "" || strings.ContainsAny(subject, "\r\n") || !strings.Contains(text, "Bcc:") {
		t.Errorf("%v %q %q", h, subject, text)
	}
	for _, to := range []string{"", "x", "a@b\r\nRCPT TO:<c@d>", "a b@c.d", "<a@b.c>", "a@b@c", "é@b.c", "a@b.c>"} {
		m := message()
		m.To = to
		if err := c.Send(t.Context(), m); !errors.Is(err, mail.ErrAddress) || !mail.Permanent(err) {
			t.Errorf("%q: %v", to, err)
		}
	}
	if len(s.Got()) != 1 {
		t.Error("something went out")
	}
}

func FuzzSubject(f *testing.F) {
	f.Add("订单 \r\n x", "b")
	f.Fuzz(func(t *testing.T, subject, text string) {
		data := string(mail.Render(mail.Message{ID: "n", To: "a@b.c", Subject: subject, Text: text, At: at}))
		m, err := netmail.ReadMessage(strings.NewReader(data))
		if err != nil || len(m.Header) != 9 {
			t.Fatalf("%q: %v %v", data, m, err)
		}
	})
}

func TestRefusalsTellWhetherToTryAgain(t *testing.T) {
	s := mailtest.Start(t, nil)
	c := client(t, s, "smtp", "")
	for _, r := range []struct {
		verb, answer string
		permanent    bool
	}{
		{"MAIL", "550 who are you", false}, {"RCPT", "550 no such lily@example.com", true}, {"RCPT", "450 later", false},
		{"DATA", "554 no", true}, {"END", "552 too large", true}, {"END", "451 later", false}, {"END", "hang up", false},
		{"EHLO", "hang up", false},
	} {
		s.Say(r.verb, r.answer)
		err := c.Send(t.Context(), message())
		if err == nil || mail.Permanent(err) != r.permanent {
			t.Errorf("%s %q: %v", r.verb, r.answer, err)
		}
		if err != nil && strings.Contains(err.Error(), "lily") {
			t.Errorf("the address is in %q", err)
		}
		s.Say(r.verb, "")
	}
	s.Say("QUIT", "hang up")
	if err := c.Send(t.Context(), message()); err != nil || len(s.Got()) != 1 {
		t.Errorf("taken, then hung up: %v", err)
	}
}

// A password goes over TLS only, also when somebody on the way takes the offer of TLS out.
func TestAPasswordIsNeverSentInTheClear(t *testing.T) {
	s := mailtest.Start(t, func(s *mailtest.Server) { s.User, s.Password = "me", "secret" })
	err := client(t, s, "smtp", "me:secret@").Send(t.Context(), message())
	var r *mail.Refusal
	if !errors.As(err, &r) || r.Step != "tls" || len(s.Got()) != 0 {
		t.Errorf("%v", err)
	}
	s = mailtest.Start(t, func(s *mailtest.Server) { s.STARTTLS, s.User, s.Password = true, "me", "secret" })
	if err = client(t, s, "smtp", "me:wrong@").Send(t.Context(), message()); !errors.As(err, &r) || r.Step != "login" ||
		r.Permanent {
		t.Errorf("%v", err)
	}
	stranger, err := mail.New(mail.Options{Server: "smtp://me:secret@" + s.Address, From: "a@b.c"})
	if err != nil {
		t.Fatal(err)
	}
	if err := stranger.Send(t.Context(), message()); err == nil || mail.Permanent(err) || len(s.Got()) != 0 {
		t.Errorf("a server that nobody vouches for: %v", err)
	}
}

func TestASilentServerIsLeft(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := mail.New(mail.Options{Server: "smtp://" + l.Addr().String(), From: "a@b.c", Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Send(t.Context(), message()); err == nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// TestA34_NoSecretsInLogs: neither the password nor an address nor a text is printed.
func TestA34_NoSecretsInLogs(t *testing.T) {
	c, err := mail.New(mail.Options{Server: "smtp://me:secret@127.0.0.1:1", From: "a@b.c", Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	m := message()
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", slog.Any("m", m), slog.Any("c", c), slog.Any("err",
		c.Send(t.Context(), m)))
	all := log.String() + fmt.Sprintf("%v %+v %#v %s", m, m, m, m) + fmt.Sprintf("%v %+v %#v", c, c, c)
	for _, bad := range []string{"secret", "lily", "你好", "付款"} {
		if strings.Contains(all, bad) {
			t.Errorf("%q is in %s", bad, all)
		}
	}
	for _, broken := range []string{"smtp://", "http://me:secret@x", "smtp://me:secret@h:port", "%", "smtp://h/path"} {
		if _, err := mail.New(mail.Options{Server: broken, From: "a@b.c"}); err == nil ||
			strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", broken, err)
		}
	}
	if _, err := mail.New(mail.Options{Server: "smtp://h", From: "nobody"}); err == nil {
		t.Error("a sender without address was taken")
	}
}
