package cart_test

import (
	"cmp"
	"context"
	"flag"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/goods/offer"
	"hutong/trade/cart"
)

// model is the plainest cart that keeps the promises: a map for each shopper.
type model struct {
	carts    map[string]map[offer.ID]cart.Line
	listed   map[offer.ID]bool
	currency map[offer.ID]money.Currency
}

func (m model) lines(who string) []cart.Line {
	var all []cart.Line
	for _, l := range m.carts[who] {
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b cart.Line) int {
		return cmp.Or(a.Added.Compare(b.Added), cmp.Compare(a.Offer, b.Offer))
	})
	return all
}

// refuses tells the code with which a fresh line is refused, "" if it is not.
func (m model) refuses(who string, o offer.ID) string {
	if !m.listed[o] {
		return "cart.offer_not_found"
	}
	if len(m.carts[who]) == cart.LinesMax {
		return "cart.lines_many"
	}
	for other := range m.carts[who] {
		if m.currency[other] != m.currency[o] {
			return "cart.currency"
		}
	}
	return ""
}

func (m model) put(who string, o offer.ID, quantity int64, at time.Time) string {
	c, known := m.carts[who]
	was, there := c[o]
	switch {
	case quantity < 0 || quantity > cart.QuantityMax:
		return "cart.quantity"
	case quantity == 0:
		delete(c, o)
		return ""
	case there:
		was.Quantity = quantity
		c[o] = was
		return ""
	case !known:
		return "shopper.not_found"
	}
	if code := m.refuses(who, o); code != "" {
		return code
	}
	c[o] = cart.Line{Offer: o, Quantity: quantity, Added: at}
	return ""
}

func (m model) merge(guest, who string, at time.Time) (left int) {
	if guest == who {
		return 0
	}
	for _, l := range m.lines(guest) {
		if mine, there := m.carts[who][l.Offer]; there {
			mine.Quantity = max(mine.Quantity, l.Quantity)
			m.carts[who][l.Offer] = mine
		} else if m.refuses(who, l.Offer) == "" {
			m.carts[who][l.Offer] = cart.Line{Offer: l.Offer, Quantity: l.Quantity, Added: at}
		} else {
			left++
			continue
		}
		delete(m.carts[guest], l.Offer)
	}
	return left
}

// TestACartIsAMap runs random commands on the cart and on the model, and compares answers and contents after each.
func TestACartIsAMap(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d)
		cny, eur := m.list(t, cart.LinesMax+4, "CNY"), m.list(t, 3, "EUR")
		withdrawn := m.list(t, 1, "CNY")
		m.withdraw(t, withdrawn[0])
		if checks := flag.Lookup("rapid.checks").Value; d.Engine() == db.Postgres && checks.String() == "100" {
			defer set(t, checks, "100")
			set(t, checks, "20") // each command waits for a commit of its own there
		}
		rapid.Check(t, func(t *rapid.T) { commands(t, m, cny, eur, withdrawn[0]) })
	})
}

func set(t *testing.T, v flag.Value, to string) {
	t.Helper()
	if err := v.Set(to); err != nil {
		t.Fatal(err)
	}
}

func commands(t *rapid.T, m market, cny, eur []offer.ID, withdrawn offer.ID) {
	ctx := context.Background()
	people := []string{m.someone(t), m.someone(t)}
	mod := model{map[string]map[offer.ID]cart.Line{}, map[offer.ID]bool{}, map[offer.ID]money.Currency{withdrawn: "CNY"}}
	for _, who := range people {
		mod.carts[who] = map[offer.ID]cart.Line{}
	}
	for _, o := range cny {
		mod.listed[o], mod.currency[o] = true, "CNY"
	}
	for _, o := range eur {
		mod.listed[o], mod.currency[o] = true, "EUR"
	}
	who := rapid.SampledFrom(append(slices.Clone(people), "shr_nobody"))
	some := rapid.SampledFrom(append(slices.Concat(cny[:5], eur), withdrawn, "off_00000000000000000000000000"))
	quantity := rapid.SampledFrom([]int64{0, 0, 1, 2, 3, 3, cart.QuantityMax, cart.QuantityMax + 1, -1})
	put := func(w string, o offer.ID, q int64) {
		err := m.Put(ctx, w, o, q)
		if want := mod.put(w, o, q, m.clock.Now()); want == "" && err != nil || want != "" && !fault.Is(err, want) {
			t.Fatalf("put %s %s %d: %v, want %q", w, o, q, err, want)
		}
	}
	t.Repeat(map[string]func(t *rapid.T){
		"put": func(t *rapid.T) { put(who.Draw(t, "who"), some.Draw(t, "offer"), quantity.Draw(t, "quantity")) },
		"fill": func(t *rapid.T) { // an empty cart to the edge of what fits
			w := rapid.SampledFrom(people).Draw(t, "who")
			if len(mod.carts[w]) > 0 {
				t.Skip("not empty")
			}
			rows := [][]any{}
			for _, o := range cny[5:rapid.IntRange(100, len(cny)).Draw(t, "upto")] {
				mod.carts[w][o] = cart.Line{Offer: o, Quantity: 1, Added: m.clock.Now()}
				rows = append(rows, []any{w, o, 1, clock.Micros(m.clock.Now())})
			}
			err := m.db.Write(ctx, func(tx *db.Tx) error {
				return tx.Insert("cart_lines", []string{"shopper_id", "offer_id", "quantity", "added_us"}, rows)
			})
			if err != nil {
				t.Fatal(err)
			}
		},
		"merge": func(t *rapid.T) {
			from, into := rapid.SampledFrom(people).Draw(t, "from"), rapid.SampledFrom(people).Draw(t, "into")
			left, err := m.Merge(ctx, from, into)
			if want := mod.merge(from, into, m.clock.Now()); err != nil || left != want {
				t.Fatalf("merge left %d, want %d, %v", left, want, err)
			}
		},
		"clear": func(t *rapid.T) {
			taken := cart.Taken{Shopper: who.Draw(t, "who"), Offer: some.Draw(t, "offer")}
			err := m.db.Write(ctx, func(tx *db.Tx) error { return cart.Clear(tx, []cart.Taken{taken}) })
			if err != nil {
				t.Fatal(err)
			}
			delete(mod.carts[taken.Shopper], taken.Offer)
		},
		"later": func(*rapid.T) { m.clock.Advance(time.Second) },
		"": func(t *rapid.T) {
			for _, w := range people {
				m.shows(t, w, mod.lines(w)...)
			}
		},
	})
}
