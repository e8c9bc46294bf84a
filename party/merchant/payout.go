package merchant

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"hutong/base/fault"
	"hutong/base/text"
)

// PayoutID names a payout account, "pac_...".
type PayoutID string

// PayoutState is a payout account's position.
type PayoutState string

// The states of a payout account.
const (
	Draft    PayoutState = "draft"    // two people must agree to it
	Current  PayoutState = "current"  // the shop's money goes there
	Replaced PayoutState = "replaced" // it went there before
)

// PayoutAccount is where a shop's money is paid out to, in the clear: for whoever pays, and nobody else. It prints as
// nothing (FAULTS A34).
type PayoutAccount struct {
	Holder string
	Bank   string
	Number string // digits, or an IBAN
}

// LogValue shows what a log may hold.
func (PayoutAccount) LogValue() slog.Value { return slog.StringValue("[payout account]") }

// String is what LogValue shows.
func (PayoutAccount) String() string { return "[payout account]" }

// GoString is String.
func (PayoutAccount) GoString() string { return "[payout account]" }

// Payout is a payout account as it is shown: masked.
type Payout struct {
	ID      PayoutID
	Shop    ID
	Bank    string
	Holder  string // "李*"
	Number  string // "•••• 1234"
	State   PayoutState
	Created time.Time
	Since   time.Time // when it became the current one; zero for a draft
}

// The bounds of a payout account, in characters.
const (
	HolderMax = 100
	BankMax   = 100
	NumberMin = 6
	NumberMax = 34
)

func (a PayoutAccount) checked() (PayoutAccount, error) {
	a.Holder, a.Bank = strings.TrimSpace(a.Holder), strings.TrimSpace(a.Bank)
	a.Number = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(a.Number))
	for _, f := range []struct {
		code, field, value string
		most               int
	}{{"merchant.holder", "holder", a.Holder, HolderMax}, {"merchant.bank", "bank", a.Bank, BankMax}} {
		if n := utf8.RuneCountInString(f.value); n < 1 || n > f.most || !text.Line(f.value) {
			return a, fault.New(fault.Invalid, f.code, fault.P("max", f.most)).At(f.field)
		}
	}
	good := len(a.Number) >= NumberMin && len(a.Number) <= NumberMax
	for _, c := range []byte(a.Number) {
		good = good && (c >= '0' && c <= '9' || c >= 'A' && c <= 'Z')
	}
	if !good {
		return a, fault.New(fault.Invalid, "merchant.account_number").At("number")
	}
	return a, nil
}

func (a PayoutAccount) maskedHolder() string {
	first, _ := utf8.DecodeRuneInString(a.Holder)
	return string(first) + "*"
}

func (a PayoutAccount) tail() string { return a.Number[len(a.Number)-4:] }

// sealer keeps personal data unreadable to whoever has only the database.
type sealer struct {
	box    cipher.AEAD
	random io.Reader
}

func newSealer(key []byte, random io.Reader) (*sealer, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("merchant: payout key: %w", err)
	}
	box, err := cipher.NewGCM(block)
	return &sealer{box, random}, err
}

// seal binds what it hides to its row: another row's text does not open there.
func (s *sealer) seal(row string, a PayoutAccount) (string, error) {
	plain, err := json.Marshal(struct{ Holder, Bank, Number string }(a))
	if err != nil {
		return "", err
	}
	nonce := make([]byte, s.box.NonceSize())
	if _, err := io.ReadFull(s.random, nonce); err != nil {
		return "", err
	}
	return base64.RawStdEncoding.EncodeToString(s.box.Seal(nonce, nonce, plain, []byte(row))), nil
}

func (s *sealer) open(row, sealed string) (a PayoutAccount, err error) {
	raw, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil || len(raw) < s.box.NonceSize() {
		return a, fmt.Errorf("merchant: sealed text of %s is damaged", row)
	}
	n := s.box.NonceSize()
	plain, err := s.box.Open(nil, raw[:n], raw[n:], []byte(row))
	if err != nil {
		return a, fmt.Errorf("merchant: sealed text of %s: %w", row, err)
	}
	return a, json.Unmarshal(plain, &a)
}
