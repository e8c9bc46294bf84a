package login

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"strings"

	"hutong/base/db"
	"hutong/base/text"
	"hutong/party/shopper"

	"time"
)

// Message is a one-time code on its way to whoever asked for it. It prints without the code and the address
// (FAULTS A34).
type Message struct {
	Address string // an e-mail address, or a phone number in E.164
	Phone   bool
	Code    string
	Lang    text.Lang
	GoodFor time.Duration
}

// LogValue shows what a log may hold of a message.
func (m Message) LogValue() slog.Value {
	return slog.GroupValue(slog.Bool("phone", m.Phone), slog.String("lang", string(m.Lang)))
}

// String is what LogValue shows, against printing it by mistake.
func (m Message) String() string { return "[one-time code]" }

// GoString is String.
func (m Message) GoString() string { return m.String() }

// Sender brings one-time codes to people: by e-mail and text message in a running market, by showing them in a demo.
// It is called after the code was kept. It must not take long, and must not tell whether the address is known here.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Heir is a room whose rows follow a guest shopper into an account: carts, orders, cases. It is called in the
// transaction of the login, so that the account has all or nothing. From is never used again.
type Heir interface {
	Inherit(tx *db.Tx, at time.Time, from, into shopper.ID) error
}

// ShopperMerged is told when a guest's shopper went into an account: subject is the account's shopper, the body names
// both. It is for rooms that need not follow at once; those that must are Heirs.
const ShopperMerged = "shopper.merged"

// Merged is the body of ShopperMerged.
type Merged struct {
	From shopper.ID `json:"from"`
	Into shopper.ID `json:"into"`
}

// The bounds of a one-time code.
const (
	CodeLen   = 6
	CodeTries = 5 // wrong guesses at one code
)

const addressMax = 254

// normalAddress is the one form of an e-mail address or a phone number under which it is kept; ok is false for what
// is neither. A phone number without country code is one of China.
func normalAddress(given string) (address string, ok bool) {
	given = strings.TrimSpace(given)
	if len(given) > addressMax {
		return "", false
	}
	if !strings.Contains(given, "@") {
		return shopper.Phone(given, shopper.China)
	}
	return normalEmail(given)
}

// normalEmail takes the addresses that mail servers take everywhere: ASCII, a dot in the domain, no quotes or comments.
func normalEmail(given string) (string, bool) {
	address := strings.ToLower(strings.TrimSpace(given))
	local, domain, ok := strings.Cut(address, "@")
	if !ok || len(local) == 0 || len(local) > 64 || len(address) > addressMax || !strings.Contains(domain, ".") {
		return "", false
	}
	if !letters(local, ".!#$%&'*+/=?^_`{|}~-") || !letters(domain, ".-") {
		return "", false
	}
	for _, part := range []string{local, domain} {
		if strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".") || strings.Contains(part, "..") {
			return "", false
		}
	}
	for label := range strings.SplitSeq(domain, ".") {
		if strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return "", false
		}
	}
	return address, true
}

func letters(s, more string) bool {
	for _, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !letter && strings.IndexByte(more, c) < 0 {
			return false
		}
	}
	return true
}

func isPhone(address string) bool {
	return strings.HasPrefix(address, "+") && !strings.Contains(address, "@")
}

// newCode draws six digits, each code as likely as any other.
func newCode(random io.Reader) string {
	const all = 1_000_000
	for {
		var b [4]byte
		fill(random, b[:])
		n := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
		if n >= 1<<32/all*all { // the rest would make small codes likelier
			continue
		}
		n %= all
		var code [CodeLen]byte
		for i := CodeLen - 1; i >= 0; i-- {
			code[i] = '0' + byte(n%10)
			n /= 10
		}
		return string(code[:])
	}
}

// proof is what is kept of a code: its hash together with the secret of the ticket, which only the browser that asked
// holds. Six digits alone could be found from their hash by trying them all.
func proof(ticket digest, code string) string {
	sum := sha256.Sum256(append(ticket[:], code...))
	return hex.EncodeToString(sum[:])
}

// normalCode is a code as typed: spaces and full-width digits do not matter.
func normalCode(typed string) string {
	var b strings.Builder
	for _, r := range typed {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '０' && r <= '９':
			b.WriteRune(r - '０' + '0')
		case r == ' ' || r == '-' || r == '\u3000':
		default:
			return ""
		}
		if b.Len() > CodeLen {
			return ""
		}
	}
	return b.String()
}
