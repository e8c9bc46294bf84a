package aftersale_test

import (
	"testing"

	"pgregory.net/rapid"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

// journey drives one order through a random life, beside a plain model of how many pieces are left.
type journey struct {
	*bench
	rt    *rapid.T
	order order.Order
	left  map[int64]int64 // pieces by line
	cases []aftersale.Case
	again func() (aftersale.Case, error) // the last request that made a case, pressed once more
	last  aftersale.Case
}

func anyOrder(rt *rapid.T) []part {
	items := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) item {
		it := item{pieces: rapid.Int64Range(1, 7).Draw(rt, "pieces"), price: rapid.Int64Range(1, 500).Draw(rt, "price")}
		it.discount = rapid.Int64Range(0, it.pieces*it.price).Draw(rt, "discount")
		return it
	}), 1, 3)
	return rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) part {
		// A whole that costs nothing has no payment, so some freight is always there.
		return part{rapid.Int64Range(1, 900).Draw(rt, "freight"), items.Draw(rt, "items")}
	}), 1, 2).Draw(rt, "parts")
}

func (j *journey) seq() int64 {
	return rapid.Int64Range(1, int64(len(j.order.Subs))).Draw(j.rt, "part")
}

// lines draws what is asked for: nothing (all), or some pieces of some lines, not always as many as there are.
func (j *journey) lines(seq int64) []order.Units {
	var all []order.Units
	for _, l := range j.order.Subs[seq-1].Lines {
		if n := rapid.Int64Range(0, l.Quantity+1).Draw(j.rt, "units"); n > 0 && rapid.Bool().Draw(j.rt, "this line") {
			all = append(all, order.Units{Line: l.No, Units: n})
		}
	}
	return all
}

// fits tells whether the model has the pieces.
func (j *journey) fits(seq int64, asked []order.Units) bool {
	total := int64(0)
	for _, l := range j.order.Subs[seq-1].Lines {
		total += j.left[l.No]
	}
	for _, u := range asked {
		if u.Units > j.left[u.Line] {
			return false
		}
	}
	return total > 0
}

// gone takes the pieces of a refunded case out of the model.
func (j *journey) gone(c aftersale.Case) {
	for _, l := range c.Lines {
		if j.left[l.Line] -= l.Units; j.left[l.Line] < 0 {
			j.rt.Fatalf("line %d: %d pieces more given back than bought", l.Line, -j.left[l.Line])
		}
	}
}

func (j *journey) request(seq int64, asked []order.Units, press func() (aftersale.Case, error)) {
	fits := j.fits(seq, asked)
	c, err := press()
	switch {
	case err == nil && !fits:
		j.rt.Fatalf("%v of part %d was taken, %v are left", asked, seq, j.left)
	case err == nil:
		if c.State == aftersale.Refunded {
			j.gone(c)
		}
		j.cases = append(j.cases, c)
		j.again, j.last = press, c
	case fits && !fault.Is(err, "order.units"): // another open case may ask for the same pieces
		j.rt.Fatalf("%v of part %d: %v", asked, seq, err)
	}
}

func (j *journey) ask() {
	seq := j.seq()
	cmd := aftersale.Open{Shopper: j.order.Shopper, Order: j.order.ID, Seq: seq, Lines: j.lines(seq),
		Reason: aftersale.NotDescribed, Key: j.key()}
	j.request(seq, cmd.Lines, func() (aftersale.Case, error) { return j.Cases.Open(ctx, cmd) })
}

func (j *journey) give() {
	seq := j.seq()
	by := aftersale.Party{Operator: true}
	if rapid.Bool().Draw(j.rt, "by the merchant") {
		by = aftersale.Party{Shop: j.order.Subs[seq-1].Shop}
	}
	cmd := aftersale.Refund{By: by, Order: j.order.ID, Seq: seq, Lines: j.lines(seq), Reason: aftersale.Other,
		Restock: rapid.Bool().Draw(j.rt, "restock"), Key: j.key()}
	j.request(seq, cmd.Lines, func() (aftersale.Case, error) { return j.Cases.Refund(ctx, cmd) })
}

// pressAgain repeats the last request: it is answered with the same case, and nothing moves.
func (j *journey) pressAgain() {
	if j.again == nil {
		return
	}
	if c, err := j.again(); err != nil || c.ID != j.last.ID {
		j.rt.Fatalf("pressed again: %+v %v, was %s", c, err, j.last.ID)
	}
}

func (j *journey) answer() {
	if len(j.cases) == 0 {
		return
	}
	c := j.one(rapid.SampledFrom(j.cases).Draw(j.rt, "case").ID)
	was, restock := c.State, rapid.Bool().Draw(j.rt, "restock")
	var err error
	switch rapid.SampledFrom([]string{"agree", "return", "back", "refuse", "withdraw"}).Draw(j.rt, "answer") {
	case "agree":
		c, err = j.Cases.Agree(ctx, c.Shop, c.ID, restock, "")
	case "return":
		c, err = j.Cases.AgreeReturn(ctx, c.Shop, c.ID, "")
	case "back":
		c, err = j.Cases.GoodsBack(ctx, c.Shop, c.ID, restock)
	case "refuse":
		c, err = j.Cases.Refuse(ctx, c.Shop, c.ID, "no")
	case "withdraw":
		c, err = j.Cases.Withdraw(ctx, c.Shopper, c.ID)
	}
	if err == nil && was != aftersale.Refunded && c.State == aftersale.Refunded {
		j.gone(c)
	}
	if err != nil && !fault.Is(err, "aftersale.state") && !fault.Is(err, "order.units") {
		j.rt.Fatalf("%s: %v", was, err)
	}
}

// move takes a part one step along its way; a step that its state does not allow is refused.
func (j *journey) move(step func(o order.Order, seq int64) error) func() {
	return func() {
		if err := step(j.order, j.seq()); err != nil && fault.Of(err) != fault.Conflict {
			j.rt.Fatalf("%v", err)
		}
	}
}

func lives(b *bench, rt *rapid.T) {
	j := &journey{bench: b, rt: rt, left: map[int64]int64{}}
	j.order = b.buy(anyOrder(rt)...)
	for _, l := range j.order.Lines() {
		j.left[l.No] = l.Quantity
	}
	acts := []func(){j.ask, j.ask, j.give, j.pressAgain, j.answer, j.answer, j.move(b.send), j.move(b.deliver),
		j.move(b.receive), b.sendRefunds}
	for range rapid.IntRange(1, 14).Draw(rt, "acts") {
		acts[rapid.IntRange(0, len(acts)-1).Draw(rt, "act")]()
		b.check(rt, j.order.ID)
	}
	b.sendRefunds()
	for _, l := range b.read(j.order.ID).Lines() {
		if l.Left() != j.left[l.No] {
			rt.Fatalf("line %d has %d pieces left, want %d", l.No, l.Left(), j.left[l.No])
		}
	}
	b.check(rt, j.order.ID)
}

// TestAnyLifeOfAnOrderBalances gives pieces back at random, before shipping, on the way and after completion: never more
// than was paid, each line to the cent, stock conserved, and the order's escrow exactly what nobody has got yet.
func TestAnyLifeOfAnOrderBalances(t *testing.T) {
	dbtest.Engines(t, func(t *testing.T) {
		b := newBench(t, dbtest.SQLite(t, db.Options{}, schemas()...))
		rapid.Check(t, func(rt *rapid.T) { lives(b, rt) })
	}, func(t *testing.T) {
		b := newBench(t, dbtest.Postgres(t, schemas()...))
		rapid.Check(t, func(rt *rapid.T) {
			if b.keys < 80 { // rapid runs as often as it is told; the slower engine is asked less often
				lives(b, rt)
			}
		})
	})
}
