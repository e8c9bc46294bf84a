package promo_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"hutong/deal/promo"
	"hutong/deal/promo/wire"
)

// TestTheRestCostsWhatTheWholeRulesSay: of random baskets under promotions of all kinds some pieces are returned; what is
// left costs, by the little that the basis keeps, to the last share what it costs under all the rules there were, with
// the claims that were used.
func TestTheRestCostsWhatTheWholeRulesSay(t *testing.T) {
	dearer, cheaper := 0, 0
	for seed := range uint64(3_000) {
		r := rand.New(rand.NewPCG(seed, 12))
		question, err := json.Marshal(randomBasket(r))
		if err != nil {
			t.Fatal(err)
		}
		q, err := wire.Read(bytes.NewReader(question), kinds, time.Time{})
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, question)
		}
		q.Basket.Points = 0
		for i := range q.Basket.Lines { // as a market has them: a category is its way from the root
			l := &q.Basket.Lines[i]
			if len(l.Categories) > 0 {
				l.Categories = promo.Path(l.Categories[0])
			}
		}
		rules, err := promo.Compile(q.Mode, q.Promotions)
		if err != nil {
			t.Fatal(err)
		}
		a, used, err := rules.Best(q.Basket)
		if err != nil {
			t.Fatal(err)
		}
		rest, left := q.Basket, make([]int64, len(q.Basket.Lines))
		rest.Lines, rest.Claimed = nil, used
		share := int64(0)
		for i, l := range q.Basket.Lines {
			left[i] = r.Int64N(l.Quantity + 1)
			share += a.Lines[i].Paid / l.Quantity * left[i]
			if l.Quantity = left[i]; left[i] > 0 {
				rest.Lines = append(rest.Lines, l)
			}
		}
		if len(rest.Lines) == 0 {
			continue
		}
		want, _, err := rules.Best(rest)
		if err != nil {
			t.Fatal(err)
		}
		got, err := based(t, rules, q.Basket, a).Rest(left)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, question)
		}
		got = slices.DeleteFunc(got, func(l promo.LineAnswer) bool { return l.Quantity == 0 })
		total := int64(0)
		for i := range got {
			total += got[i].Paid
			if g, w := told(got[i]), told(want.Lines[i]); g != w {
				t.Fatalf("seed %d, left %v:\n%s\nunder all rules\n%s\n%s", seed, left, g, w, question)
			}
		}
		if total > share+int64(len(left)) {
			dearer++
		} else if total < share {
			cheaper++
		}
	}
	if dearer < 100 || cheaper < 100 {
		t.Errorf("the rest was %d times dearer and %d times cheaper than its share: the baskets do not test it", dearer, cheaper)
	}
}

// told is a line's price with who pays for what was taken off it.
func told(l promo.LineAnswer) string {
	type part struct {
		Promotion, Claim string
		Version, Amount  int64
		Funding          []promo.Funded
	}
	parts := []part{}
	for _, d := range l.Discounts {
		parts = append(parts, part{d.Promotion, d.Claim, d.Version, d.Amount, d.Funding()})
	}
	b, _ := json.Marshal([]any{l.ID, l.Quantity, l.Paid, parts})
	return string(b)
}
