// Package bluejay is the adapter of 蓝鹊钱包 Bluejay, the second of the market's simulated wallets: payment by a link to
// jump to or by QR code, notifications as forms signed with Ed25519 over their sorted fields.
//
// It holds both ends of the wire, because the wallet is simulated: Write is Bluejay's, everything else the market's.
// A real wallet's adapter has no Write and no private key. Read ../README.md for how to add one.
package bluejay

import (
	"context"
	"crypto/ed25519"
	_ "embed"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/funds/pay"
	"hutong/funds/pay/sandbox"
)

//go:embed text.json
var textJSON []byte

// Texts are the wallet's name and sentences.
var Texts = text.MustParse(textJSON)

// Name is the wallet's stable name.
const Name = "bluejay"

// AgeMax is how old a notification may be (FAULTS A9).
const AgeMax = 300 * time.Second

// Options are the market's contract with Bluejay.
type Options struct {
	Account string // the market's app id
	Seed    []byte // 32 bytes of which Bluejay's key pair is made
	Pages   string // where Bluejay's own pages are, such as "https://pay.bluejay.example/wallet"
	Payee   sandbox.Payee
}

// Wallet is Bluejay.
type Wallet struct {
	sandbox.Merchant
	clock   clock.Clock
	private ed25519.PrivateKey // Bluejay's
	public  ed25519.PublicKey  // what the market knows of it
	pages   string
}

// New makes the adapter. It panics on a seed of another length.
func New(c *sandbox.Company, clk clock.Clock, o Options) *Wallet {
	key := ed25519.NewKeyFromSeed(o.Seed)
	return &Wallet{clock: clk, private: key, public: key.Public().(ed25519.PublicKey), pages: o.Pages,
		Merchant: sandbox.Merchant{Company: c, Wallet: Name, Number: o.Account, GUID: "cn.bluejay.pay", Payee: o.Payee}}
}

// Begin implements pay.Provider: beside the QR code there is a link for a shopper who is on a phone already.
func (w *Wallet) Begin(ctx context.Context, a pay.Attempt) (pay.Begun, pay.Outcome, error) {
	b, o, err := w.Merchant.Begin(ctx, a)
	if o == pay.OK {
		b.Instruction.URL = w.pages + "/" + Name + "/" + url.PathEscape(b.Ref)
	}
	return b, o, err
}

// The fields of a notification.
const (
	fieldType     = "notify_type"
	fieldAccount  = "app_id"
	fieldTxn      = "trade_no"
	fieldTrade    = "out_trade_no"
	fieldRefund   = "out_request_no" // of a refund only
	fieldPayer    = "buyer_id"       // of a payment, when it is known
	fieldAmount   = "total_amount"   // decimal
	fieldCurrency = "currency"
	fieldPaid     = "gmt_payment" // milliseconds since 1970
	fieldStamp    = "timestamp"   // seconds since 1970
	fieldSignType = "sign_type"
	fieldSign     = "sign" // base64url of the signature over the others
)

const (
	paid      = "trade_paid"
	refunded  = "refund_done"
	algorithm = "Ed25519"
	formType  = "application/x-www-form-urlencoded"
	bodyMax   = 8 << 10
)

// Write implements sandbox.Dialect.
func (w *Wallet) Write(n sandbox.Notice, now time.Time) (http.Header, []byte, error) {
	form := url.Values{fieldType: {paid}, fieldAccount: {n.Account}, fieldTxn: {n.Txn}, fieldTrade: {n.Trade},
		fieldAmount: {n.Amount.Decimal()}, fieldCurrency: {string(n.Amount.Currency)},
		fieldPaid: {strconv.FormatInt(n.At.UnixMilli(), 10)}, fieldStamp: {strconv.FormatInt(now.Unix(), 10)},
		fieldSignType: {algorithm}}
	if n.Payer != "" {
		form.Set(fieldPayer, n.Payer)
	}
	if n.Refunded {
		form.Set(fieldType, refunded)
		form.Set(fieldRefund, n.Refund)
	}
	form.Set(fieldSign, base64.RawURLEncoding.EncodeToString(ed25519.Sign(w.private, signed(form))))
	return http.Header{"Content-Type": {formType}}, []byte(form.Encode()), nil
}

// Heard implements sandbox.Dialect.
func (w *Wallet) Heard(status int, body []byte) bool {
	return status/100 == 2 && string(body) == "success"
}

// signed is what the signature covers: all other fields, sorted and escaped, so that no two forms have the same bytes.
func signed(form url.Values) []byte {
	rest := url.Values{}
	for name, values := range form {
		if name != fieldSign {
			rest[name] = values
		}
	}
	return []byte(rest.Encode())
}

// Verify implements pay.Provider.
func (w *Wallet) Verify(ctx context.Context, _ http.Header, body []byte) ([]pay.Fact, error) {
	form, err := url.ParseQuery(string(body[:min(len(body), bodyMax)]))
	if err != nil || len(body) > bodyMax {
		return nil, fault.New(fault.Unauthenticated, "pay.signature").Because(err)
	}
	if err := w.genuine(form, clock.Now(ctx, w.clock)); err != nil {
		return nil, err
	}
	return decode(form)
}

// genuine tells whether Bluejay wrote this, and lately. The algorithm is ours to say: a message that names another one
// is refused, never followed (FAULTS A7).
func (w *Wallet) genuine(form url.Values, now time.Time) error {
	if form.Get(fieldSignType) != algorithm || len(form[fieldSign]) != 1 {
		return fault.New(fault.Unauthenticated, "pay.signature").At(fieldSignType)
	}
	sig, err := base64.RawURLEncoding.DecodeString(form.Get(fieldSign))
	if err != nil || !ed25519.Verify(w.public, signed(form), sig) {
		return fault.New(fault.Unauthenticated, "pay.signature").At(fieldSign).Because(err)
	}
	seconds, err := strconv.ParseInt(form.Get(fieldStamp), 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > AgeMax {
		return fault.New(fault.Unauthenticated, "pay.signature").At(fieldStamp).Because(err)
	}
	return nil
}

// decode reads a notification that is known to be Bluejay's.
func decode(form url.Values) ([]pay.Fact, error) {
	for name, values := range form {
		if !known(name) || len(values) != 1 {
			return nil, malformed(name)
		}
	}
	currency := money.Currency(form.Get(fieldCurrency))
	minor, err := money.ParseMinor(form.Get(fieldAmount), currency)
	if err != nil {
		return nil, malformed(fieldAmount).Because(err)
	}
	ms, err := strconv.ParseInt(form.Get(fieldPaid), 10, 64)
	if err != nil {
		return nil, malformed(fieldPaid).Because(err)
	}
	f := pay.Fact{Provider: Name, Txn: form.Get(fieldTxn), Attempt: pay.AttemptID(form.Get(fieldTrade)),
		Refund: pay.RefundID(form.Get(fieldRefund)), Amount: money.New(minor, currency),
		Account: form.Get(fieldAccount), At: time.UnixMilli(ms).UTC(), Payer: form.Get(fieldPayer)}
	switch form.Get(fieldType) {
	case paid:
		f.Kind = pay.KindCapture
	case refunded:
		f.Kind = pay.KindRefund
	}
	return []pay.Fact{f}, f.Check()
}

// known tells whether a notification may have that field: a new one might change what the others mean.
func known(field string) bool {
	switch field {
	case fieldType, fieldAccount, fieldTxn, fieldTrade, fieldRefund, fieldPayer, fieldAmount, fieldCurrency, fieldPaid,
		fieldStamp, fieldSignType, fieldSign:
		return true
	}
	return false
}

func malformed(field string) *fault.Error {
	return fault.New(fault.Invalid, "pay.malformed", fault.P("field", field)).At(field)
}

// Reply implements pay.Provider.
func (w *Wallet) Reply() (contentType string, body []byte) { return "text/plain", []byte("success") }
