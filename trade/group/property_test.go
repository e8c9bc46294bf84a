package group_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/trade/checkout"
	"hutong/trade/group"
	"hutong/trade/order"
)

// TestI_C5_RandomGroupsHaveOneOutcome drives random orders of placing, paying, lapsing, leaving, telling and deadlines
// against the invariant: never more paid members than places, success only when full, and every member of a group ends
// alike: with the goods, or with all money back.
func TestI_C5_RandomGroupsHaveOneOutcome(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas()...)
	b := newBench(t, d)
	rapid.Check(t, func(r *rapid.T) {
		w := &world{bench: b, r: r, size: rapid.Int64Range(2, 4).Draw(r, "size")}
		goods := b.goods(rapid.Int64Range(4, 30).Draw(r, "pieces"))
		w.offer = b.open(goods, group.SetUp{Steps: []group.Step{{Size: w.size, Price: 2990}}, Window: 30 * time.Minute})
		r.Repeat(map[string]func(*rapid.T){"place": w.place, "pay": w.pay, "tell": func(*rapid.T) { b.tell() },
			"jobs": func(*rapid.T) { w.jobs() }, "wait": w.wait, "leave": w.leave, "": func(*rapid.T) { w.check() }})
		b.tell()
		b.Clock.Advance(time.Hour)
		_, err := b.Orders.Expire(ctx)
		b.Must(err)
		b.tick()
		w.over()
	})
}

// world is one offer with all that shoppers do about it.
type world struct {
	*bench
	r      *rapid.T
	offer  group.Offer
	size   int64
	unpaid []placed
	done   []placed
}

func (w *world) place(r *rapid.T) {
	claims := []string{group.ClaimOpen(w.offer.ID, rapid.Bool().Draw(r, "private"))}
	for _, p := range w.done {
		if all, err := w.Groups.OfOrder(ctx, p.who.id, p.Order); err == nil && len(all) == 1 && all[0].Group.Code != "" {
			claims = append(claims, join(all[0].Group))
		}
	}
	who := w.buyer()
	if len(w.done) > 0 && rapid.IntRange(0, 3).Draw(r, "again") == 0 {
		who = w.done[len(w.done)-1].who
	}
	q, err := w.bench.quote(who, w.offer, rapid.SampledFrom(claims).Draw(r, "claim"))
	if err != nil || q.Token == "" {
		return
	}
	p, err := w.Checkout.Place(ctx, checkout.Place{Token: q.Token, Shopper: who.id})
	if err == nil {
		w.unpaid = append(w.unpaid, placed{who, p})
	}
}

func (w *world) pay(r *rapid.T) {
	if len(w.unpaid) == 0 {
		r.Skip()
	}
	i := rapid.IntRange(0, len(w.unpaid)-1).Draw(r, "which")
	p := w.unpaid[i]
	w.unpaid = append(w.unpaid[:i:i], w.unpaid[i+1:]...)
	if w.order(p).State == order.AwaitingPayment {
		w.bench.pay(p)
		w.done = append(w.done, p)
	}
}

func (w *world) leave(r *rapid.T) {
	if len(w.done) == 0 {
		r.Skip()
	}
	p := rapid.SampledFrom(w.done).Draw(r, "who")
	if o := w.order(p); o.State == order.Paid && o.Subs[0].State == order.SubOpen && o.Lines()[0].Left() > 0 {
		w.giveBack(p)
	}
}

func (w *world) jobs() {
	for _, job := range w.Groups.Jobs() {
		_, err := job.Run(ctx)
		w.Must(err)
	}
}

func (w *world) wait(r *rapid.T) {
	w.Clock.Advance(time.Duration(rapid.IntRange(1, 20).Draw(r, "minutes")) * time.Minute)
	_, err := w.Orders.Expire(ctx)
	w.Must(err)
}

// views are the groups that the paid orders are in.
func (w *world) views() map[group.ID]group.View {
	all := map[group.ID]group.View{}
	for _, p := range w.done {
		mine, err := w.Groups.OfOrder(ctx, p.who.id, p.Order)
		w.Must(err)
		for _, m := range mine {
			if m.Group.ID != "" {
				v, err := w.Groups.Show(ctx, p.who.id, m.Group.Code)
				w.Must(err)
				all[v.ID] = v
			}
		}
	}
	return all
}

func (w *world) check() {
	for _, v := range w.views() {
		counts, shoppers := int64(0), map[string]int{}
		for _, m := range v.Members {
			if m.State == group.Waiting || m.State == group.In {
				counts++
				shoppers[m.Shopper]++
			}
		}
		if v.Paid > w.size || v.State == group.Forming && counts != v.Paid || v.State == group.Formed && v.Paid != w.size {
			w.r.Fatalf("%+v has %d members", v.Group, counts)
		}
		if len(shoppers) != int(counts) {
			w.r.Fatalf("a shopper is twice in %+v", v.Group)
		}
	}
}

// over holds every paid order against the end of its group.
func (w *world) over() {
	for _, v := range w.views() {
		if v.State == group.Forming {
			w.r.Fatalf("still forming: %+v", v.Group)
		}
	}
	for _, p := range w.done {
		m, o := w.mine(p), w.order(p)
		back := w.back(p)
		switch m.State {
		case group.In:
			if m.Group.State != group.Formed || o.State != order.Paid || o.Subs[0].Waits != "" || back != 0 {
				w.r.Fatalf("%+v: %s, %d back", m, o.State, back)
			}
		case group.Refunded, group.Left:
			if o.State != order.Cancelled || back != p.Total {
				w.r.Fatalf("%+v: %s, %d of %d back", m, o.State, back, p.Total)
			}
		default:
			w.r.Fatalf("not over: %+v", m)
		}
		if m.Group.State == group.Failed && m.State == group.In {
			w.r.Fatalf("with the goods of a failed group: %+v", m)
		}
	}
}
