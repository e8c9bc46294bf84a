package voucher

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/promo"
)

func good() Terms {
	return Terms{Kind: KindVoucher, Title: text.Entry{Zh: "券", En: "voucher"}, Threshold: 100, Off: 10, FromUS: 10,
		UntilUS: 100, ClaimFromUS: 5, ClaimUntilUS: 90, Issue: 10, PerShopper: 1, Audience: Audience{Kind: Everyone}}
}

func goodPacket() Terms {
	t := good()
	t.Kind, t.Threshold, t.Off, t.Total = KindRedPacket, 0, 0, 10
	return t
}

func TestTermsAreChecked(t *testing.T) {
	gift, equal := good(), good()
	gift.Threshold, equal.Threshold = 0, equal.Off // without a threshold it takes what it can of any goods
	for _, fine := range []Terms{good(), goodPacket(), gift, equal} {
		if err := fine.Check("CNY"); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		field, code string
		change      func(*Terms)
	}{
		{"kind", "voucher.kind", func(o *Terms) { o.Kind = "gift" }},
		{"title", "voucher.title", func(o *Terms) { o.Title.Zh = "" }},
		{"title", "voucher.title", func(o *Terms) { o.Title.En = strings.Repeat("x", TitleMax+1) }},
		{"threshold", "voucher.amount", func(o *Terms) { o.Threshold = -1 }},
		{"off", "voucher.amount", func(o *Terms) { o.Off = 0 }},
		{"off", "voucher.amount", func(o *Terms) { o.PPM = 1 }},
		{"off", "voucher.amount", func(o *Terms) { o.Max = 1 }},
		{"off", "voucher.amount", func(o *Terms) { o.Off = AmountMax + 1 }},
		{"off", "voucher.above_threshold", func(o *Terms) { o.Threshold, o.Off = 5_000, 5_001 }},
		{"ppm", "voucher.amount", func(o *Terms) { o.Off, o.PPM = 0, 1_000_001 }},
		{"until", "voucher.window", func(o *Terms) { o.FromUS = 100 }},
		{"claim_until", "voucher.claim_window", func(o *Terms) { o.ClaimUntilUS = 101 }},
		{"claim_until", "voucher.window", func(o *Terms) { o.ClaimFromUS = 90 }},
		{"days", "voucher.window", func(o *Terms) { o.Days = -1 }},
		{"issue", "voucher.issue", func(o *Terms) { o.Issue = 0 }},
		{"per_shopper", "voucher.limit", func(o *Terms) { o.PerShopper = PerMax + 1 }},
		{"codes", "voucher.codes_issue", func(o *Terms) { o.Codes = 11 }},
		{"skus", "voucher.list", func(o *Terms) { o.SKUs = make([]string, TermsSKUMax+1) }},
		{"on_return", "voucher.on_return", func(o *Terms) { o.OnReturn = RenewTime }},
		{"on_return", "voucher.on_return", func(o *Terms) { o.RenewDays = 1 }},
		{"on_return", "voucher.on_return", func(o *Terms) { o.OnReturn = "cash" }},
		{"audience", "voucher.audience_terms", func(o *Terms) { o.Audience.Kind = "men" }},
		{"audience", "voucher.audience_terms", func(o *Terms) { o.Audience.Kind = InCityTiers }},
		{"audience", "voucher.audience_terms", func(o *Terms) { o.Audience = Audience{Kind: InCityTiers, Tiers: []int64{6}} }},
		{"audience", "voucher.audience_terms", func(o *Terms) { o.Audience.Segment = "x" }},
		{"funding", "promo.funding_sum", func(o *Terms) { o.Funding = []promo.Share{{Party: "platform", PPM: 1}} }},
		{"total", "voucher.amount", func(o *Terms) { *o = goodPacket(); o.Total = 9 }},
		{"off", "voucher.amount", func(o *Terms) { *o = goodPacket(); o.Off = 1 }},
		{"issue", "voucher.issue", func(o *Terms) { *o = goodPacket(); o.Total, o.Issue = AmountMax, PacketsMax+1 }},
	} {
		of := good()
		c.change(&of)
		if f := fault.As(of.Check("CNY")); f == nil || f.Code != c.code || f.Field != c.field {
			t.Errorf("want %s at %s, got %v", c.code, c.field, f)
		}
	}
}

func TestTermsAreReadAsTheyWereWritten(t *testing.T) {
	of := goodPacket()
	of.Random, of.Seed, of.Funding = true, 1<<53-1, []promo.Share{{Party: "platform", PPM: 1_000_000}}
	body, err := of.encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeTerms(body)
	if err != nil || !got.keeps(&of) || got.Title != of.Title || got.Seed != of.Seed || got.Issue != of.Issue {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := decodeTerms(`{"kind":"voucher","colour":"red"}`); err == nil {
		t.Fatal("an unknown member was read")
	}
}

func TestWorst(t *testing.T) {
	for want, change := range map[int64]func(*Terms){
		100:                   func(*Terms) {},
		55:                    func(o *Terms) { o.Budget = 55 },
		70:                    func(o *Terms) { o.Off, o.PPM, o.Max = 0, 500_000, 7 },
		1_000_000_000_000_000: func(o *Terms) { o.Off, o.PPM = 0, 500_000 },
		10:                    func(o *Terms) { *o = goodPacket() },
	} {
		of := good()
		if change(&of); of.Worst() != want {
			t.Errorf("%d, want %d", of.Worst(), want)
		}
	}
}

// TestPacketsAddUp: whatever the total, the number and the draw: the sum is the total, none is nothing, equal ones
// differ by one at most, and the same question has the same answer.
func TestPacketsAddUp(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.Int64Range(1, 300).Draw(r, "n")
		total := n + rapid.Int64Range(0, 1_000_000_000).Draw(r, "more")
		random, seed := rapid.Bool().Draw(r, "random"), rapid.Uint64().Draw(r, "seed")
		got, err := packets(total, n, random, seed)
		again, _ := packets(total, n, random, seed)
		if err != nil || int64(len(got)) != n {
			r.Fatalf("%d packets, %v", len(got), err)
		}
		sum, least, most := int64(0), got[0], got[0]
		for i, a := range got {
			if a != again[i] {
				r.Fatal("another answer")
			}
			sum, least, most = sum+a, min(least, a), max(most, a)
		}
		if sum != total || least < 1 || !random && most-least > 1 {
			r.Fatalf("%d of %d, from %d to %d", sum, total, least, most)
		}
	})
}

// FuzzCodeHash: whatever is typed has an answer, and a code is the same however its letters are typed.
func FuzzCodeHash(f *testing.F) {
	f.Add("22222-22222-22222-22222")
	f.Add("２２２２２２２２２２２２２２２２２２２２")
	f.Add("lo0i1")
	f.Fuzz(func(t *testing.T, typed string) {
		hash := codeHash(typed)
		if hash == "" {
			return
		}
		if len(hash) != 64 || hash != codeHash(strings.ToUpper(typed)) || hash != codeHash(" "+typed+"-") && len(typed) < typedMax-1 {
			t.Fatalf("%q: %s", typed, hash)
		}
	})
}

func TestEveryLetterOfACodeIsAsLikely(t *testing.T) {
	random := bytes.NewReader(noise(400_000))
	seen := map[byte]int{}
	for range 10_000 {
		code, err := newCode(random)
		if err != nil || codeHash(code) == "" {
			t.Fatal(code, err)
		}
		for _, c := range []byte(strings.ReplaceAll(code, "-", "")) {
			seen[c]++
		}
	}
	for c, n := range seen {
		if n < 6_000 || n > 6_900 { // 200,000 / 31 = 6,452
			t.Errorf("%c stands %d times", c, n)
		}
	}
	if _, err := newCode(bytes.NewReader(nil)); err == nil {
		t.Error("a code without randomness")
	}
}

func noise(n int) []byte {
	draw := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(draw.Uint32())
	}
	return b
}

func TestCityTiers(t *testing.T) {
	tiers := DefaultTiers()
	for division, want := range map[string]int64{"110101": 1, "310115": 1, "440103": 1, "440305": 1, "440106": 1, "330106": 2,
		"500103": 2, "653101": TierMax, "": TierMax, "1": TierMax} {
		if got := tiers.tier(division); got != want {
			t.Errorf("%s is of tier %d, want %d", division, got, want)
		}
	}
}

func TestLabels(t *testing.T) {
	format := func(minor int64) string { return "¥" + money.PPM(minor*100).Percent() }
	rate, plain := good(), good()
	rate.Off, rate.PPM, rate.Max = 0, 125_000, 300
	plain.Threshold = 0
	p := goodPacket()
	for _, c := range []struct {
		of     Terms
		amount int64
		want   string
	}{{good(), 0, "¥0.1 off ¥1"}, {rate, 0, "12.5% off ¥1, at most ¥3"}, {plain, 0, "¥0.1 off"},
		{p, 7, "a red packet of ¥0.07"}, {p, 0, "10 red packets, ¥0.1 in all"}} {
		if got := c.of.Label(text.En, format, c.amount); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestWhatIsKeptInMemoryIsBounded: whoever makes templates, thousands of them with as many red packets as there may be,
// does not fill it; what was forgotten is drawn again alike.
func TestWhatIsKeptInMemoryIsBounded(t *testing.T) {
	s := New(Deps{})
	defer s.Close()
	of := func(seed uint64) []int64 {
		all, err := s.amounts(&Template{Terms: &Terms{Total: 100, Issue: 10, Random: true, Seed: seed}})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	first := of(1)
	for seed := range uint64(3 * drawnMax) {
		of(seed)
	}
	for n := range 3 * bodiesMax {
		terms := good()
		terms.Issue = int64(n) + 1
		body, err := terms.encode()
		if err == nil {
			_, err = s.terms(body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(s.drawn.all) > drawnMax || len(s.bodies.all) > bodiesMax {
		t.Errorf("%d draws and %d terms are kept", len(s.drawn.all), len(s.bodies.all))
	}
	if again := of(1); !slices.Equal(first, again) {
		t.Errorf("drawn again: %v, was %v", again, first)
	}
}
