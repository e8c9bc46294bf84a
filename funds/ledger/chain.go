package ledger

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"hutong/base/clock"
	"hutong/base/money"
)

// head is the last link of a chain. The head of an empty chain is seq 0 with a hash of 32 zero bytes.
type head struct {
	seq  int64
	hash [sha256.Size]byte
}

// linker computes links without allocating: hash(n) = SHA-256(hash(n-1) ‖ entry(n)).
//
// The entry is chain, debit, credit, currency, kind, order, shop and ref as texts, each with its length in front
// (4 bytes, big endian), then seq, at (microseconds), amount and line as 8 bytes big endian each. The lengths make it
// unambiguous: no two different transfers have the same entry.
type linker struct{ buf []byte }

func (l *linker) link(prev [sha256.Size]byte, t *Transfer) [sha256.Size]byte {
	b := append(l.buf[:0], prev[:]...)
	for _, s := range [...]string{string(t.Currency), string(t.Debit), string(t.Credit), string(t.Currency),
		string(t.Kind), t.Order, t.Shop, t.Ref} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
		b = append(b, s...)
	}
	for _, n := range [...]int64{t.Seq, clock.Micros(t.At), t.Amount, int64(t.Line)} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	l.buf = b
	return sha256.Sum256(b)
}

// seal gives t its place behind h and moves h on.
func (l *linker) seal(h *head, at time.Time, t *Transfer) {
	h.seq++
	t.Seq, t.At = h.seq, at
	h.hash = l.link(h.hash, t)
	t.Hash = hashText(h.hash)
	t.ID = NamedID("trf", at, h.hash)
}

func hashText(h [sha256.Size]byte) string { return base64.RawURLEncoding.EncodeToString(h[:]) }

func parseHash(s string) (h [sha256.Size]byte, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(raw) != len(h) {
		return h, false
	}
	return [sha256.Size]byte(raw), true
}

const idAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// NamedID makes an id in the form of base/id whose random part is the beginning of a digest: whoever makes it again
// from the same facts gets the same id.
func NamedID(prefix string, at time.Time, digest [sha256.Size]byte) string {
	const timeLen, restLen = 10, 16
	b := make([]byte, len(prefix)+1+timeLen+restLen)
	n := copy(b, prefix)
	b[n] = '_'
	ms := uint64(at.UnixMilli())
	for i := n + timeLen; i > n; i-- {
		b[i] = idAlphabet[ms&31]
		ms >>= 5
	}
	hi, lo := binary.BigEndian.Uint16(digest[:2]), binary.BigEndian.Uint64(digest[2:10])
	for i := len(b) - 1; i > n+timeLen; i-- {
		b[i] = idAlphabet[lo&31]
		lo = lo>>5 | uint64(hi&31)<<59
		hi >>= 5
	}
	return string(b)
}

// Break is one place where a chain does not hold.
type Break struct {
	Chain  money.Currency
	Seq    int64
	ID     string // of the row that is there, "" when none is
	Reason string // "missing", "currency", "hash", "id" or "head"
}

// checker walks a chain and collects its breaks. It goes on from the stored hash of a broken row, so that one row
// that was tampered with is named alone.
type checker struct {
	linker
	chain  money.Currency
	last   head
	count  int64
	breaks []Break
}

func (c *checker) add(t *Transfer) {
	c.count++
	for seq := c.last.seq + 1; seq < t.Seq && len(c.breaks) < breaksMax; seq++ {
		c.note(seq, "", "missing")
	}
	want := c.link(c.last.hash, t)
	stored, ok := parseHash(t.Hash)
	gap := t.Seq != c.last.seq+1
	switch {
	case t.Currency != c.chain:
		c.note(t.Seq, t.ID, "currency")
	case !ok || !gap && stored != want:
		c.note(t.Seq, t.ID, "hash")
	case t.ID != NamedID("trf", t.At, stored):
		c.note(t.Seq, t.ID, "id")
	}
	c.last = head{t.Seq, stored}
}

// breaksMax bounds the list: more than these tell nobody more.
const breaksMax = 100

func (c *checker) note(seq int64, id, reason string) {
	if len(c.breaks) < breaksMax {
		c.breaks = append(c.breaks, Break{Chain: c.chain, Seq: seq, ID: id, Reason: reason})
	}
}

func (c *checker) end(h head) {
	if h != c.last {
		c.note(h.seq, "", "head")
	}
}
