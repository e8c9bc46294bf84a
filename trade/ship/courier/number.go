package courier

import (
	"crypto/sha256"
	"strings"
)

// number is a tracking number taken apart: "HT", the provinces that the parcel leaves and goes to, twelve characters
// that no other parcel has, and a check character.
type number struct{ from, to, serial string }

const (
	mark      = "HT"
	serialLen = 12
	numberLen = len(mark) + 2 + 2 + serialLen + 1
	// letters leaves out I, L, O and U, which people misread.
	letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	// characters are those that the check counts with.
	characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// serialOf is 60 bits of the booking's Ref, so that the same booking always has the same number.
func serialOf(ref string) string {
	sum := sha256.Sum256([]byte(ref))
	var b [serialLen]byte
	for i := range b {
		b[i] = letters[sum[i]&31]
	}
	return string(b[:])
}

// String is the number as it stands on the parcel.
func (n number) String() string {
	body := mark + n.from + n.to + n.serial
	return body + string(characters[check(body)])
}

// readNumber takes a number apart, if it is one.
func readNumber(s string) (number, bool) {
	if len(s) != numberLen || !strings.HasPrefix(s, mark) {
		return number{}, false
	}
	for _, r := range s {
		if !strings.ContainsRune(characters, r) {
			return number{}, false
		}
	}
	last := numberLen - 1
	if s[last] != characters[check(s[:last])] {
		return number{}, false
	}
	n := number{from: s[2:4], to: s[4:6], serial: s[6:last]}
	_, from := hubs[n.from]
	_, to := hubs[n.to]
	return n, from && to
}

// check is the value of the check character by ISO 7064 MOD 37,36: it notices any one character that is wrong and any
// two neighbours that changed places.
func check(body string) int {
	const m = len(characters)
	p := m
	for i := range len(body) {
		p = (p + strings.IndexByte(characters, body[i])) % m
		if p == 0 {
			p = m
		}
		p = p * 2 % (m + 1)
	}
	return (m + 1 - p) % m
}
