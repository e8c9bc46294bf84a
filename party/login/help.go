package login

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
)

// A consent's code is said over the telephone: letters and digits that are not taken for each other, in groups.
const (
	consentLetters = "23456789abcdefghjkmnpqrstuvwxyz"
	consentLen     = 12
)

// newConsent draws a code of 12 letters of 31: 59 bits, good for minutes and bounded in guesses.
func newConsent(random io.Reader) string {
	var code [consentLen]byte
	for i := 0; i < consentLen; {
		var b [1]byte
		fill(random, b[:])
		if n := int(b[0]); n < 256/len(consentLetters)*len(consentLetters) {
			code[i] = consentLetters[n%len(consentLetters)]
			i++
		}
	}
	return string(code[:4]) + "-" + string(code[4:8]) + "-" + string(code[8:])
}

// consentHash is what is kept of a code, however it was typed; "" for what cannot be one.
func consentHash(typed string) string {
	code := strings.NewReplacer("-", "", " ", "").Replace(strings.ToLower(typed[:min(len(typed), 40)]))
	if len(code) != consentLen {
		return ""
	}
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}
