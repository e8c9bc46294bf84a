package login

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/id"
)

func FuzzToken(f *testing.F) {
	ids := id.NewMaker(clock.NewManual(time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)), rand.Reader)
	token, session, secret := newToken(ids, rand.Reader)
	if name, d, ok := readToken(token); !ok || name != session || d != secret || !d.equal(secret.String()) {
		f.Fatal(name, ok)
	}
	f.Add(token)
	f.Add("")
	f.Add(strings.Repeat("0", 26) + "." + strings.Repeat("A", 43))
	f.Fuzz(func(t *testing.T, in string) {
		name, d, ok := readToken(in)
		if ok && (!id.Valid(name, "ses") || d.equal("") || len(in) != tokenLen) {
			t.Fatalf("%q is %s", in, name)
		}
		if ok && in != token && name == session && d == secret {
			t.Fatalf("%q is a second way to write a token", in)
		}
	})
}

func TestHashesThatAreNoneAreErrorsNotMatches(t *testing.T) {
	h := newHasher(Settings{Cost: Cost{1, 64, 1}, HashesMax: 1, HashWait: time.Second}, rand.Reader)
	for _, encoded := range []string{
		"x", "$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA", "$argon2id$v=18$m=64,t=1,p=1$AAAA$AAAA",
		"$argon2id$v=19$m=64,t=0,p=1$AAAA$AAAA", "$argon2id$v=19$m=64,t=1,p=0$AAAA$AAAA",
		"$argon2id$v=19$m=64,t=1,p=1$AAAA$", "$argon2id$v=19$rubbish$AAAA$AAAA", "$argon2id$v=19$m=64,t=1,p=1$!$AAAA",
		"$argon2id$v=19$m=64,t=1,p=1$AAAA$!",
	} {
		if ok, _, err := h.verify(t.Context(), "password", encoded); ok || err == nil {
			t.Errorf("%q: %v %v", encoded, ok, err)
		}
	}
}

func TestTheDecoyMatchesNothing(t *testing.T) {
	h := newHasher(Settings{Cost: Cost{1, 64, 1}, HashesMax: 1, HashWait: time.Second}, rand.Reader)
	if ok, stale, err := h.verify(t.Context(), "password", ""); ok || stale || err != nil {
		t.Fatal(ok, stale, err)
	}
}

func TestTheCacheIsBoundedAndKeepsWhatIsUsed(t *testing.T) {
	c := newCache[int](100)
	for i := range 10_000 {
		c.put(fmt.Sprint(i), i)
		if v, ok := c.get("0"); !ok || v != 0 {
			t.Fatalf("what is used all the time was dropped at %d", i)
		}
		if c.len() > 101 {
			t.Fatalf("%d entries", c.len())
		}
	}
	if v, ok := c.get("9999"); !ok || v != 9999 {
		t.Fatal("the youngest is gone")
	}
	if _, ok := c.get("5"); ok {
		t.Fatal("the oldest is still there")
	}
	c.put("9999", 1)
	c.change("9999", func(was int, ok bool) int {
		if was != 1 || !ok {
			t.Error(was, ok)
		}
		return 2
	})
	if v, _ := c.get("9999"); v != 2 {
		t.Fatal(v)
	}
}

func TestALogoutBeatsAReadThatBeganBefore(t *testing.T) {
	s := &Service{sessions: newCache[cached](10), settings: Defaults}
	now := time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)
	row := session{id: "ses_1", expires: now.Add(time.Hour)}
	s.end(row.id)
	s.remember(row, digest{}, now)
	if c, _ := s.sessions.get(row.id); !c.ended {
		t.Fatal("the session is back")
	}
}

func TestALimiterForgets(t *testing.T) {
	l := newLimiter(Budget{Burst: 2, Every: time.Minute})
	now := time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)
	for i, want := range []time.Duration{0, 0, time.Minute, time.Minute} {
		if got := l.take("a", now); got != want {
			t.Fatal(i, got)
		}
	}
	if got := l.take("b", now); got != 0 {
		t.Fatal("another key waits", got)
	}
	if got := l.take("a", now.Add(time.Minute-time.Microsecond)); got != time.Microsecond {
		t.Fatal(got)
	}
	if got := l.take("a", now.Add(time.Minute)); got != 0 {
		t.Fatal(got)
	}
	l.give("a")
	if got := l.take("a", now.Add(time.Minute)); got != 0 {
		t.Fatal("what was given back is gone", got)
	}
	if got := l.take("a", now.Add(time.Hour)); got != 0 {
		t.Fatal(got)
	}
	if got := l.take("a", now.Add(time.Hour)); got != 0 { // idle time does not pile up beyond the burst
		t.Fatal(got)
	}
	if got := l.take("a", now.Add(time.Hour)); got == 0 {
		t.Fatal("a third at once")
	}
}

func BenchmarkHash(b *testing.B) {
	h := newHasher(Defaults, rand.Reader)
	for b.Loop() {
		if _, err := h.hash(b.Context(), "correct horse"); err != nil {
			b.Fatal(err)
		}
	}
}
