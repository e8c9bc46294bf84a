package quota_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/deal/quota"
)

// model is what quotas should be: a map each, nothing clever.
type model struct {
	*store
	round  int
	counts map[string]quota.Count
	orders []*modelOrder
}

type modelOrder struct {
	id       string
	uses     map[string]int64
	row      bool // whether it ever used anything
	released bool
}

// TestIC1_QuotasFollowTheirModel runs random commands on the real thing and on the model.
func TestIC1_QuotasFollowTheirModel(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store) {
		round := 0
		rapid.Check(t, func(r *rapid.T) {
			round++
			m := &model{store: &store{s.db, r}, round: round, counts: map[string]quota.Count{}}
			for range rapid.IntRange(1, 12).Draw(r, "steps") {
				m.step(r)
				m.compare()
			}
		})
	})
}

func (m *model) name(r *rapid.T) string {
	return fmt.Sprintf("q%d:%d", m.round, rapid.IntRange(0, 4).Draw(r, "quota"))
}

func (m *model) step(r *rapid.T) {
	switch action := rapid.IntRange(0, 9).Draw(r, "action"); {
	case action < 4 || len(m.orders) == 0:
		m.batch(r)
	case action == 4:
		m.extend(r)
	case action == 5:
		m.release(r)
	case action == 6:
		m.retake(r)
	case action == 7:
		m.setCap(r)
	case action == 8:
		m.setOpen(r)
	default:
		m.giveBack(r)
	}
}

func (m *model) needs(r *rapid.T) []quota.Need {
	needs := make([]quota.Need, rapid.IntRange(0, 4).Draw(r, "needs"))
	for i := range needs {
		needs[i] = quota.Need{Quota: m.name(r), Amount: rapid.Int64Range(0, 5).Draw(r, "amount"),
			Cap: rapid.Int64Range(0, 12).Draw(r, "cap")}
	}
	return needs
}

// want takes needs on the model and tells the code with which they must be refused.
func (m *model) want(o *modelOrder, needs []quota.Need) string {
	counts, uses := maps.Clone(m.counts), maps.Clone(o.uses)
	for _, n := range needs {
		c, there := counts[n.Quota]
		if !there {
			c.Cap, c.Open = n.Cap, true
			if n.Cap == 0 && n.Amount > 0 {
				return "quota.missing"
			}
		}
		if !c.Open && n.Amount > 0 {
			return "quota.closed"
		}
		if c.Used+n.Amount > c.Cap {
			return "quota.exhausted"
		}
		if n.Amount > 0 {
			c.Used += n.Amount
			counts[n.Quota] = c
			uses[n.Quota] += n.Amount
		}
	}
	m.counts, o.uses, o.row = counts, uses, o.row || len(uses) > 0
	return ""
}

func (m *model) batch(r *rapid.T) {
	var fresh []*modelOrder
	var asked [][]quota.Need
	var names []string
	for range rapid.IntRange(1, 4).Draw(r, "orders") {
		fresh = append(fresh, &modelOrder{id: fmt.Sprintf("o%d:%d", m.round, len(m.orders)+len(fresh)), uses: map[string]int64{}})
		asked = append(asked, m.needs(r))
		for _, n := range asked[len(asked)-1] {
			names = append(names, n.Quota)
		}
	}
	m.ok(m.write(func(tx *db.Tx) error {
		b, err := quota.LoadBook(tx, names)
		m.ok(err)
		for i, o := range fresh {
			m.same(b.Take(o.id, asked[i]), m.want(o, asked[i]))
			for _, n := range names {
				c, there := m.counts[n]
				if free, found := b.Free(n); found != there || there && free != c.Free() {
					m.t.Fatalf("%s: %d free (%v), want %+v", n, free, found, c)
				}
			}
		}
		return b.Save(tx)
	}))
	m.orders = append(m.orders, fresh...)
}

// same compares an error with the code that the model says.
func (m *model) same(err error, code string) {
	m.t.Helper()
	if code == "" && err == nil || code != "" && fault.Is(err, code) {
		return
	}
	m.t.Fatalf("got %v, want %q", err, code)
}

func (m *model) order(r *rapid.T) *modelOrder { return rapid.SampledFrom(m.orders).Draw(r, "order") }

func (m *model) extend(r *rapid.T) {
	o, needs := m.order(r), m.needs(r)
	names := make([]string, len(needs))
	for i, n := range needs {
		names[i] = n.Quota
	}
	if o.released {
		return
	}
	m.ok(m.write(func(tx *db.Tx) error {
		b, err := quota.LoadBookFor(tx, []string{o.id}, names)
		m.ok(err)
		m.same(b.Take(o.id, needs), m.want(o, needs))
		return b.Save(tx)
	}))
}

func (m *model) some(r *rapid.T) (all []*modelOrder, ids []string) {
	for range rapid.IntRange(1, 3).Draw(r, "some") {
		o := m.order(r)
		ids = append(ids, o.id)
		if !slices.Contains(all, o) {
			all = append(all, o)
		}
	}
	return all, append(ids, "o:unknown")
}

func (m *model) move(o *modelOrder, sign int64) {
	for q, n := range o.uses {
		c := m.counts[q]
		c.Used += sign * n
		m.counts[q] = c
	}
	o.released = sign < 0
}

func (m *model) release(r *rapid.T) {
	all, ids := m.some(r)
	m.ok(m.write(func(tx *db.Tx) error { return quota.Release(tx, ids) }))
	for _, o := range all {
		if !o.released && o.row {
			m.move(o, -1)
		}
	}
}

func (m *model) retake(r *rapid.T) {
	all, ids := m.some(r)
	var have map[string]bool
	m.ok(m.write(func(tx *db.Tx) (err error) { have, err = quota.Retake(tx, ids); return err }))
	slices.SortFunc(all, func(x, y *modelOrder) int { return slices.Compare([]byte(x.id), []byte(y.id)) })
	for _, o := range all {
		room := true
		for q, n := range o.uses {
			c := m.counts[q]
			room = room && (!o.released || c.Cap-c.Used >= n)
		}
		if have[o.id] != room {
			m.t.Fatalf("%s has what it needs: %v, want %v", o.id, have[o.id], room)
		}
		if o.released && room {
			m.move(o, 1)
		}
	}
}

func (m *model) giveBack(r *rapid.T) {
	o, name, n := m.order(r), m.name(r), rapid.Int64Range(0, 4).Draw(r, "back")
	err := m.write(func(tx *db.Tx) error { return quota.GiveBack(tx, []quota.Back{{Order: o.id, Quota: name, Amount: n}}) })
	switch {
	case o.released || n == 0:
		m.same(err, "")
	case o.uses[name] < n:
		m.same(err, "quota.give_back")
	default:
		m.same(err, "")
		c := m.counts[name]
		c.Used -= n
		m.counts[name] = c
		if o.uses[name] -= n; o.uses[name] == 0 {
			delete(o.uses, name)
		}
	}
}

func (m *model) setCap(r *rapid.T) {
	name, limit := m.name(r), rapid.Int64Range(-1, 12).Draw(r, "cap")
	err := m.write(func(tx *db.Tx) error { return quota.SetCap(tx, name, limit) })
	switch c := m.counts[name]; {
	case limit < 0:
		m.same(err, "quota.cap")
	case c.Used > limit:
		m.same(err, "quota.below_used")
	default:
		m.same(err, "")
		if !m.known(name) {
			c.Open = true
		}
		c.Cap = limit
		m.counts[name] = c
	}
}

func (m *model) known(name string) bool { _, there := m.counts[name]; return there }

func (m *model) setOpen(r *rapid.T) {
	name, open := m.name(r), rapid.Bool().Draw(r, "open")
	m.ok(m.write(func(tx *db.Tx) error { return quota.SetOpen(tx, []string{name, "q:unknown"}, open) }))
	if c, there := m.counts[name]; there {
		c.Open = open
		m.counts[name] = c
	}
}

// compare holds the tables against the model, and the sum of uses against the counts.
func (m *model) compare() {
	m.t.Helper()
	var names, ids []string
	for i := range 5 {
		names = append(names, fmt.Sprintf("q%d:%d", m.round, i))
	}
	for _, o := range m.orders {
		ids = append(ids, o.id)
	}
	m.ok(m.db.Read(context.Background(), func(tx *db.Tx) error {
		counts, err := quota.Counts(tx, names)
		m.ok(err)
		if !maps.Equal(counts, m.counts) {
			m.t.Fatalf("counts %v, want %v", counts, m.counts)
		}
		uses, err := quota.UsesOf(tx, ids)
		m.ok(err)
		sums := map[string]int64{}
		for _, o := range m.orders {
			got := map[string]int64{}
			for _, u := range uses[o.id] {
				got[u.Quota] = u.Amount
				sums[u.Quota] += u.Amount
			}
			if o.released && len(got) > 0 || !o.released && !maps.Equal(got, o.uses) {
				m.t.Fatalf("%s uses %v, want %v (released %v)", o.id, got, o.uses, o.released)
			}
		}
		for name, c := range counts {
			if c.Used != sums[name] || c.Used > c.Cap {
				m.t.Fatalf("%s counts %+v, its orders use %d", name, c, sums[name])
			}
		}
		return nil
	}))
}
