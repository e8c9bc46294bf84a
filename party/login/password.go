package login

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"

	"hutong/base/fault"
)

// Cost is how dear one guess at a password is: argon2id's parameters. A login keeps the ones it was hashed with.
type Cost struct {
	Passes  uint32
	KiB     uint32
	Threads uint8
}

const (
	saltBytes = 16
	keyBytes  = 32
)

// noPassword stands for the hash of a login that has no password: it is reached by code, passkey or single sign-on.
const noPassword = "!"

// hasher turns passwords into what proves them. At most a few run at once: each takes a core and its memory, and
// shoppers who are buying need both more than people who are guessing.
type hasher struct {
	cost   Cost
	random io.Reader
	slots  chan struct{}
	wait   time.Duration
	decoy  string // what a name that does not exist is compared with
}

func newHasher(s Settings, random io.Reader) *hasher {
	h := &hasher{cost: s.Cost, random: random, slots: make(chan struct{}, s.HashesMax), wait: s.HashWait}
	h.decoy = encodeHash(h.cost, make([]byte, saltBytes), make([]byte, keyBytes))
	return h
}

// enter waits for a turn, not for long.
func (h *hasher) enter(ctx context.Context) (leave func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, h.wait)
	defer cancel()
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-ctx.Done():
		return nil, fault.New(fault.Unavailable, "login.busy").After(time.Second)
	}
}

func (h *hasher) hash(ctx context.Context, p Password) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	var salt [saltBytes]byte
	if _, err := io.ReadFull(h.random, salt[:]); err != nil {
		panic("login: no randomness: " + err.Error()) // a node without randomness must not run
	}
	key := argon2.IDKey([]byte(p), salt[:], h.cost.Passes, h.cost.KiB, h.cost.Threads, keyBytes)
	return encodeHash(h.cost, salt[:], key), nil
}

// verify tells whether p is the password that encoded proves, and whether it was hashed at another cost than today's.
// An empty encoded stands for a name that does not exist: the same work is done, and the answer is no (FAULTS A22).
func (h *hasher) verify(ctx context.Context, p Password, encoded string) (ok, stale bool, err error) {
	real := encoded != "" && encoded != noPassword
	if !real {
		encoded = h.decoy
	}
	cost, salt, want, err := decodeHash(encoded)
	if err != nil {
		return false, false, err
	}
	leave, err := h.enter(ctx)
	if err != nil {
		return false, false, err
	}
	defer leave()
	got := argon2.IDKey([]byte(p), salt, cost.Passes, cost.KiB, cost.Threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1 && real, cost != h.cost, nil
}

// encodeHash writes the usual form: $argon2id$v=19$m=19456,t=2,p=1$salt$key.
func encodeHash(c Cost, salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.KiB, c.Passes, c.Threads,
		b64.EncodeToString(salt), b64.EncodeToString(key))
}

func decodeHash(encoded string) (c Cost, salt, key []byte, err error) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, fmt.Errorf("login: not an argon2id hash")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.KiB, &c.Passes, &c.Threads); err != nil {
		return c, nil, nil, fmt.Errorf("login: hash: %w", err)
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return c, nil, nil, fmt.Errorf("login: hash: %w", err)
	}
	if key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
		return c, nil, nil, fmt.Errorf("login: hash: %w", err)
	}
	if c.Passes == 0 || c.Threads == 0 || len(key) == 0 {
		return c, nil, nil, fmt.Errorf("login: hash without cost or key")
	}
	return c, salt, key, nil
}
