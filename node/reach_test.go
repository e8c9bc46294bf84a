package node_test

import (
	"encoding/base64"
	"io"
	"net/mail"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"hutong/base/clock"
	"hutong/base/text"
	"hutong/node"
	"hutong/party/login"
	"hutong/party/shopper"
	hutongmail "hutong/reach/notice/mail"
	"hutong/reach/notice/mail/mailtest"
	"hutong/trade/checkout"
)

// letter is the text of a mail as its receiver reads it.
func letter(t *testing.T, got mailtest.Got) string {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(got.Data))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, m.Body))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// Somebody logs in with a code that came by mail, orders, and is mailed about it: one server, the market's own rooms.
func TestCodesAndNoticesGoThroughOneMailServer(t *testing.T) {
	server := mailtest.Start(t, func(s *mailtest.Server) { s.STARTTLS = true })
	client, err := hutongmail.New(hutongmail.Options{Server: "smtp://" + server.Address,
		From: "Hutong <no-reply@shop.example>", Roots: server.Roots})
	if err != nil {
		t.Fatal(err)
	}
	m := &market{t: t, clock: clock.NewManual(start), currency: "CNY"}
	m.Market, err = node.Open(t.Context(), node.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "market.db"),
		Clock: m.clock, Mail: client, PublicAt: "https://shop.example"})
	m.ok(err)
	t.Cleanup(func() { m.ok(m.Market.Close()) })
	m.stockUp("xi", "青瓷茶杯", "celadon tea cup", 1990)

	ticket, err := m.Login.AskCode(t.Context(), login.AskCode{Address: "Lily@Example.com", Lang: text.En})
	m.ok(err)
	if got := server.Got(); len(got) != 1 || got[0].To != "lily@example.com" || !got[0].TLS {
		t.Fatalf("%+v", got)
	}
	code := regexp.MustCompile(`\b\d{6}\b`).FindString(letter(t, server.Got()[0]))
	_, who, err := m.Login.UseCode(t.Context(), login.UseCode{Ticket: ticket, Code: code, Lang: text.En})
	m.ok(err)

	address, err := m.Shoppers.AddAddress(t.Context(), shopper.ID(who.Shopper), shopper.Address{Country: "CN",
		Division: "330106", Recipient: "李雷", Phone: "13800138000", Street: "文三路 1 号"})
	m.ok(err)
	quote, err := m.Checkout.Quote(t.Context(), who.Shopper, checkout.Basket{Address: string(address.ID), Lang: text.En,
		Lines: []checkout.BasketLine{{Offer: string(m.offers[0].ID), Quantity: 1}}})
	m.ok(err)
	placed, err := m.Checkout.Place(t.Context(), checkout.Place{Shopper: who.Shopper, Token: quote.Token})
	m.ok(err)
	m.settle()
	for _, j := range m.Jobs() {
		if j.Name == "notice.send" {
			_, err := j.Run(t.Context())
			m.ok(err)
		}
	}
	got := server.Got()
	if len(got) != 2 || got[1].To != "lily@example.com" {
		t.Fatalf("%d mails", len(got))
	}
	if words := letter(t, got[1]); !strings.Contains(words, "was placed. ¥") && !strings.Contains(words, "was placed. CN¥") ||
		!strings.Contains(words, "https://shop.example/orders/"+string(placed.Order)) {
		t.Error(words)
	}
	out, err := m.Vault.Export(t.Context(), shopper.ID(who.Shopper))
	if err != nil || !strings.Contains(string(out), `"notices"`) || !strings.Contains(string(out), `"reviews"`) {
		t.Error(string(out), err)
	}
}
