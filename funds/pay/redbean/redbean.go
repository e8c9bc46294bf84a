// Package redbean is the adapter of 红豆钱包 Redbean, the first of the market's simulated wallets: payment by QR code,
// notifications as JSON signed with HMAC-SHA256 over timestamp, nonce and body.
//
// It holds both ends of the wire, because the wallet is simulated: Write is Redbean's, everything else the market's.
// A real wallet's adapter has no Write. Read ../README.md for how to add one.
package redbean

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/strict"
	"hutong/base/text"
	"hutong/funds/pay"
	"hutong/funds/pay/sandbox"
)

//go:embed text.json
var textJSON []byte

// Texts are the wallet's name and sentences.
var Texts = text.MustParse(textJSON)

// Name is the wallet's stable name.
const Name = "redbean"

// AgeMax is how old a notification may be (FAULTS A9).
const AgeMax = 300 * time.Second

// The headers of a notification.
const (
	HeaderTimestamp = "Redbean-Timestamp" // seconds since 1970
	HeaderNonce     = "Redbean-Nonce"
	HeaderSignature = "Redbean-Signature" // base64 of the HMAC
)

// Options are the market's contract with Redbean.
type Options struct {
	Account string // the market's merchant number
	Secret  []byte // the shared key, at least 32 bytes
	Pages   string // where the simulated wallet's pages are, "" if a shopper can only scan
	Payee   sandbox.Payee
}

// Wallet is Redbean.
type Wallet struct {
	sandbox.Merchant
	clock  clock.Clock
	secret []byte
	pages  string
}

// New makes the adapter. It panics on a key that is too short: a wallet that anybody can speak for must not run.
func New(c *sandbox.Company, clk clock.Clock, o Options) *Wallet {
	if len(o.Secret) < sha256.Size {
		panic("redbean: the key is too short")
	}
	return &Wallet{clock: clk, secret: bytes.Clone(o.Secret), pages: o.Pages, Merchant: sandbox.Merchant{
		Company: c, Wallet: Name, Number: o.Account, GUID: "cn.redbean.pay", Payee: o.Payee}}
}

// Begin implements pay.Provider. Redbean is paid by scanning its code. On a machine without a second phone, the link
// leads to the simulated wallet's scanner, with the code before its camera.
func (w *Wallet) Begin(ctx context.Context, a pay.Attempt) (pay.Begun, pay.Outcome, error) {
	b, o, err := w.Merchant.Begin(ctx, a)
	if o == pay.OK && w.pages != "" {
		b.Instruction.URL = w.pages + "/scan?qr=" + url.QueryEscape(b.Instruction.QR)
	}
	return b, o, err
}

// notice is the body of a notification.
type notice struct {
	Event       string `json:"event"` // "bill.paid" or "refund.done"
	Account     string `json:"mch_id"`
	Txn         string `json:"transaction_id"`
	Trade       string `json:"out_trade_no"`
	Refund      string `json:"out_refund_no,omitempty"`
	Amount      int64  `json:"amount"` // minor units
	Currency    string `json:"currency"`
	Payer       string `json:"payer,omitempty"` // the account that paid
	CompletedAt int64  `json:"completed_at"`    // microseconds since 1970
}

// The events of a notification.
const (
	paid     = "bill.paid"
	refunded = "refund.done"
)

// Write implements sandbox.Dialect.
func (w *Wallet) Write(n sandbox.Notice, now time.Time) (http.Header, []byte, error) {
	m := notice{Event: paid, Account: n.Account, Txn: n.Txn, Trade: n.Trade, Refund: n.Refund, Amount: n.Amount.Minor,
		Currency: string(n.Amount.Currency), CompletedAt: clock.Micros(n.At), Payer: n.Payer}
	if n.Refunded {
		m.Event = refunded
	}
	body, err := json.Marshal(m)
	if err != nil {
		return nil, nil, err
	}
	stamp, nonce := strconv.FormatInt(now.Unix(), 10), rand.Text()
	h := http.Header{"Content-Type": {"application/json"}}
	h.Set(HeaderTimestamp, stamp)
	h.Set(HeaderNonce, nonce)
	h.Set(HeaderSignature, base64.StdEncoding.EncodeToString(w.sign(stamp, nonce, body)))
	return h, body, nil
}

// Heard implements sandbox.Dialect.
func (w *Wallet) Heard(status int, body []byte) bool {
	return status/100 == 2 && strings.Contains(string(body), `"SUCCESS"`)
}

func (w *Wallet) sign(stamp, nonce string, body []byte) []byte {
	mac := hmac.New(sha256.New, w.secret)
	for _, part := range [][]byte{[]byte(stamp), []byte(nonce), body} {
		mac.Write(part) // a hash never fails
		mac.Write([]byte{'\n'})
	}
	return mac.Sum(nil)
}

// Verify implements pay.Provider.
func (w *Wallet) Verify(ctx context.Context, h http.Header, body []byte) ([]pay.Fact, error) {
	if err := w.genuine(h, body, clock.Now(ctx, w.clock)); err != nil {
		return nil, err
	}
	return decode(body)
}

// genuine tells whether Redbean wrote this, and lately. There is one algorithm: nothing in the message chooses it.
func (w *Wallet) genuine(h http.Header, body []byte, now time.Time) error {
	for _, name := range []string{HeaderTimestamp, HeaderNonce, HeaderSignature} {
		if len(h.Values(name)) != 1 {
			return fault.New(fault.Unauthenticated, "pay.signature").At(name)
		}
	}
	stamp, nonce := h.Get(HeaderTimestamp), h.Get(HeaderNonce)
	mac, err := base64.StdEncoding.DecodeString(h.Get(HeaderSignature))
	if err != nil || !hmac.Equal(mac, w.sign(stamp, nonce, body)) {
		return fault.New(fault.Unauthenticated, "pay.signature").At(HeaderSignature).Because(err)
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > AgeMax {
		return fault.New(fault.Unauthenticated, "pay.signature").At(HeaderTimestamp).Because(err)
	}
	return nil
}

// decode reads a notification that is known to be Redbean's.
func decode(body []byte) ([]pay.Fact, error) {
	var m notice
	if err := strict.Decode(body, &m); err != nil {
		return nil, err
	}
	f := pay.Fact{Provider: Name, Txn: m.Txn, Attempt: pay.AttemptID(m.Trade), Refund: pay.RefundID(m.Refund),
		Amount: money.New(m.Amount, money.Currency(m.Currency)), Account: m.Account, At: clock.FromMicros(m.CompletedAt),
		Payer: m.Payer}
	switch m.Event {
	case paid:
		f.Kind = pay.KindCapture
	case refunded:
		f.Kind = pay.KindRefund
	}
	return []pay.Fact{f}, f.Check()
}

// Reply implements pay.Provider.
func (w *Wallet) Reply() (contentType string, body []byte) {
	return "application/json", []byte(`{"code":"SUCCESS"}`)
}
