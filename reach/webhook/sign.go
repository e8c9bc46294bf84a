package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
)

const (
	secretMark  = "whsec_"
	secretBytes = 32
)

// newSecret draws a secret.
func newSecret(random io.Reader) (Secret, error) {
	raw := make([]byte, secretBytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", err
	}
	return Secret(secretMark + base64.StdEncoding.EncodeToString(raw)), nil
}

func (s Secret) key() ([]byte, error) {
	code, ok := strings.CutPrefix(string(s), secretMark)
	if !ok {
		return nil, errors.New("webhook: a secret without its mark")
	}
	return base64.StdEncoding.DecodeString(code)
}

// sign is the webhook-signature of a message: one for each secret, the newest first.
func sign(id DeliveryID, at time.Time, body string, secrets ...Secret) (string, error) {
	var all []string
	for _, s := range secrets {
		key, err := s.key()
		if err != nil {
			return "", err
		}
		all = append(all, "v1,"+base64.StdEncoding.EncodeToString(mac(key, id, at.Unix(), body)))
	}
	return strings.Join(all, " "), nil
}

func mac(key []byte, id DeliveryID, unix int64, body string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(string(id) + "." + strconv.FormatInt(unix, 10) + "." + body)) // a hash takes everything
	return h.Sum(nil)
}

// tolerance is how far a message's time may be from the receiver's clock.
const tolerance = 5 * time.Minute

// Verify tells whether a signature of a message is one of this secret's, made within five minutes of now: what a
// receiver does, for receivers written in Go and for tests.
func (s Secret) Verify(id DeliveryID, timestamp, signatures, body string, now time.Time) bool {
	key, err := s.key()
	unix, bad := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || bad != nil || now.Sub(time.Unix(unix, 0)).Abs() > tolerance {
		return false
	}
	want := mac(key, id, unix, body)
	for one := range strings.FieldsSeq(signatures) {
		code, ok := strings.CutPrefix(one, "v1,")
		got, err := base64.StdEncoding.DecodeString(code)
		if ok && err == nil && hmac.Equal(got, want) {
			return true
		}
	}
	return false
}
