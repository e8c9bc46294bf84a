package webhook

import (
	"io"
	"time"
)

// Wait waits for the tries under way.
func (s *Service) Wait() { s.wg.Wait() }

// Sign is sign, for tests.
func Sign(id DeliveryID, at time.Time, body string, secrets ...Secret) (string, error) {
	return sign(id, at, body, secrets...)
}

// Next is next, for tests.
func Next(tries int64, now time.Time, random io.Reader) (time.Time, bool) {
	return next(tries, now, random)
}

// Excerpt is excerpt, for tests.
func Excerpt(answer []byte) string { return excerpt(answer) }

// CheckURL is checkURL with the settings of a node on the open web.
func CheckURL(address string) error {
	_, err := DefaultSettings().checkURL(address)
	return err
}
