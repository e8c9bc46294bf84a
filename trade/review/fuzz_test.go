package review_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"hutong/base/fault"
	"hutong/trade/review"
)

// A place in a list is read back as it was written, or refused.
func FuzzCursor(f *testing.F) {
	for _, s := range []string{"", "1.rev_0", "-5.rev_1", "1.'; --", "99999999999999999999.rev_1", "1.rev_1.x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		again, err := review.RoundTrip(s)
		if err != nil {
			if !fault.Is(err, "review.cursor") {
				t.Fatal(err)
			}
			return
		}
		if twice, err := review.RoundTrip(again); s != "" && (err != nil || twice != again) {
			t.Fatalf("%q, then %q, then %q %v", s, again, twice, err)
		}
	})
}

// What is taken as a text holds nothing that hides or turns what follows, and tidying it again changes nothing.
func FuzzPlain(f *testing.F) {
	for _, s := range []string{"好", "a\r\nb", "\u202e", "👨\u200d👩", "\x00", "\xff", strings.Repeat("字", 1001), "\u0085x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := review.Plain(s)
		if !ok {
			return
		}
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > review.TextMax {
			t.Fatalf("%q", got)
		}
		for _, r := range got {
			if unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Cf, r) && r != '\u200d' {
				t.Fatalf("%q holds %U", got, r)
			}
		}
		if again, ok := review.Plain(got); !ok || again != got {
			t.Fatalf("%q becomes %q", got, again)
		}
	})
}
