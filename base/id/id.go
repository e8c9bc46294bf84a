// Package id makes the market's names for things: a three-letter prefix that says what it is, an underscore, and 26
// characters that sort by the time they were made ("ord_01k8..."): 48 bits of milliseconds, 80 bits of randomness.
//
// Ids made by one Maker rise strictly, also within a millisecond, so that new rows land at the right edge of an index.
// Ids are never made by the database, and never guessed: 80 random bits are drawn anew each millisecond.
package id

import (
	"encoding/binary"
	"io"
	"sync"
	"time"

	"hutong/base/clock"
)

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz" // Crockford's, lower case: sorts as its bits do

// BodyLen is the length of an id without prefix and underscore.
const BodyLen = 26

// Maker makes ids. It is safe for concurrent use.
type Maker struct {
	clock clock.Clock
	rand  io.Reader

	mu   sync.Mutex
	ms   uint64
	hi   uint16 // upper 16 of the 80 random bits
	lo   uint64 // lower 64
	seed [10]byte
}

// NewMaker makes a Maker that takes its time from c and its randomness from r (crypto/rand.Reader in a running node).
func NewMaker(c clock.Clock, r io.Reader) *Maker { return &Maker{clock: c, rand: r} }

// New makes an id with the prefix, such as New("ord").
func (m *Maker) New(prefix string) string { return prefix + "_" + m.Body() }

// Body makes the 26 characters alone.
func (m *Maker) Body() string {
	ms := uint64(m.clock.Now().UnixMilli())
	m.mu.Lock()
	if ms > m.ms {
		m.ms = ms
		if _, err := io.ReadFull(m.rand, m.seed[:]); err != nil {
			m.mu.Unlock()
			panic("id: no randomness: " + err.Error()) // a node without randomness must not run
		}
		m.hi = binary.BigEndian.Uint16(m.seed[:2]) &^ 0x8000 // room to count up
		m.lo = binary.BigEndian.Uint64(m.seed[2:])
	} else {
		m.step()
	}
	ms, hi, lo := m.ms, m.hi, m.lo
	m.mu.Unlock()
	return encode(ms, hi, lo)
}

// step moves on within the millisecond by a random distance, so that the next id is not the last one plus one.
func (m *Maker) step() {
	if _, err := io.ReadFull(m.rand, m.seed[:5]); err != nil {
		panic("id: no randomness: " + err.Error())
	}
	d := uint64(m.seed[0])<<32 | uint64(binary.BigEndian.Uint32(m.seed[1:5])) + 1
	was := m.lo
	m.lo += d
	if m.lo < was {
		m.hi++
	}
}

func encode(ms uint64, hi uint16, lo uint64) string {
	var b [BodyLen]byte
	for i := 9; i >= 0; i-- { // 48 bits in 10 characters
		b[i] = alphabet[ms&31]
		ms >>= 5
	}
	for i := 25; i >= 10; i-- { // 80 bits in 16 characters
		b[i] = alphabet[lo&31]
		lo = lo>>5 | uint64(hi&31)<<59
		hi >>= 5
	}
	return string(b[:])
}

// First is below every id with the prefix that is made from that instant on.
func First(prefix string, at time.Time) string {
	return prefix + "_" + encode(uint64(max(at.UnixMilli(), 0)), 0, 0)
}

// Time is the instant in an id's body, or the zero time if it is none.
func Time(full string) time.Time {
	_, body, ok := Cut(full)
	if !ok {
		return time.Time{}
	}
	var ms int64
	for i := range 10 {
		ms = ms<<5 | int64(value(body[i]))
	}
	return time.UnixMilli(ms).UTC()
}

// Cut splits an id into prefix and body; ok is false unless the body is 26 characters of the alphabet.
func Cut(full string) (prefix, body string, ok bool) {
	n := len(full) - BodyLen
	if n < 2 || full[n-1] != '_' {
		return "", "", false
	}
	for i := n; i < len(full); i++ {
		if value(full[i]) < 0 {
			return "", "", false
		}
	}
	return full[:n-1], full[n:], true
}

// Valid tells whether full is an id with that prefix.
func Valid(full, prefix string) bool {
	p, _, ok := Cut(full)
	return ok && p == prefix
}

func value(c byte) int {
	for i := range len(alphabet) {
		if alphabet[i] == c {
			return i
		}
	}
	return -1
}
