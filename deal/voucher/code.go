package voucher

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// A code is 20 letters of 31 that are not taken for each other: 99 bits, so that its plain hash at rest cannot be
// turned back and trying codes is hopeless even without the limit on tries.
const (
	codeLetters = "23456789abcdefghjkmnpqrstuvwxyz"
	codeLen     = 20
	codeGroup   = 5
	typedMax    = 100 // bytes of what somebody typed that are looked at
)

// newCode draws a code, each as likely as any other.
func newCode(random io.Reader) (string, error) {
	code := make([]byte, 0, codeLen+codeLen/codeGroup)
	var b [1]byte
	for n := 0; n < codeLen; {
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return "", fmt.Errorf("voucher: no randomness: %w", err)
		}
		if int(b[0]) >= 256/len(codeLetters)*len(codeLetters) { // the rest would make some letters likelier
			continue
		}
		if n > 0 && n%codeGroup == 0 {
			code = append(code, '-')
		}
		code = append(code, codeLetters[int(b[0])%len(codeLetters)])
		n++
	}
	return string(code), nil
}

// codeHash is what is kept of a code, however it was typed: large or small, with spaces or dashes or without, in
// full-width letters; "" for what cannot be one.
func codeHash(typed string) string {
	if len(typed) > typedMax {
		return ""
	}
	var b strings.Builder
	for _, r := range typed {
		if r >= '！' && r <= '～' { // full width
			r -= '！' - '!'
		}
		switch {
		case r >= 'A' && r <= 'Z':
			r += 'a' - 'A'
		case r == ' ' || r == '-' || r == '\u3000':
			continue
		}
		if r > 'z' || strings.IndexByte(codeLetters, byte(r)) < 0 {
			return ""
		}
		b.WriteByte(byte(r))
	}
	if b.Len() != codeLen {
		return ""
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}
