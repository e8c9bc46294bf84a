package promo

import (
	"slices"
	"sync"

	"hutong/base/fault"
)

// none is the end of a line's chain of cuts.
const none = int32(-1)

// pricing is the working memory of one question; it is used again for the next.
type pricing struct {
	rules  *Rules
	basket Basket
	at     int64 // microseconds
	list   int64

	timeless bool // windows are held against nothing

	lines []lineState
	ids   map[string]struct{}
	hits  []hit
	cands []candidate
	cuts  []cut
	lost  []lost

	// Of one step: the lines that it is about, what each may give, and what each gives.
	on            []int32
	rooms, shares []int64
	items         []Item
	best          []pick
	weights       [FundersMax]int64
}

// lineState is what is known of a line so far.
type lineState struct {
	unit   int64 // what a unit costs
	floor  int64 // what a unit may not go below
	list   int64
	after  int64 // after the unit stages
	owed   int64
	gifted bool
	least  bool  // its floor kept something from being taken off
	last   int32 // its newest cut; each knows the one before
	count  int32 // of its cuts
}

// room is how much may still be taken off.
func (l *lineState) room(quantity int64) int64 { return l.owed - l.floor*quantity }

// bounded tells whether a floor of its shop is what bounds what is taken off a line. What is left of a price that was
// agreed before has other reasons.
func (p *pricing) bounded(line int32) bool {
	return p.lines[line].floor > 0 && !p.basket.Lines[line].Agreed
}

// stop notes on the lines of on that their floors kept something from being taken off, and tells whether any did.
func (p *pricing) stop() (met bool) {
	for _, line := range p.on {
		if p.bounded(line) {
			p.lines[line].least, met = true, true
		}
	}
	return met
}

// hit is a promotion's claim to a line, in the order in which they are handled: lane, rule, which claim, line.
type hit uint64

const (
	lineBits  = 10 // LinesMax
	claimBits = 11 // ClaimedMax and "none"
	ruleBits  = 26 // rulesMax
)

func newHit(lane Lane, rule int32, claim, line int) hit {
	return hit(lane)<<(ruleBits+claimBits+lineBits) | hit(rule)<<(claimBits+lineBits) | hit(claim)<<lineBits | hit(line)
}

func (h hit) line() int32  { return int32(h & (1<<lineBits - 1)) }
func (h hit) claim() int32 { return int32(h>>lineBits&(1<<claimBits-1)) - 1 }
func (h hit) rule() int32  { return int32(h >> (claimBits + lineBits) & (1<<ruleBits - 1)) }

// candidate is a promotion that is for some of the basket's lines.
type candidate struct {
	rule       int32
	claim      int32 // its place in Claimed, or none
	lane       Lane
	start, end int32 // its lines, in hits
	why        why   // what kept it from taking anything
	closed     bool  // it has had its turn
	over       bool  // it would take more than there is room for
	wants      int64 // of a sum, what it would take if there were room
	held       int64 // of that, what the floors of its lines keep it from
	count      int32 // of its cuts
	amount     int64
	base       int64
	points     int64
	next       Next
	applied    int32 // its place among what was applied
}

// lost is a claim that is for no line of the basket.
type lost struct {
	claim int32
	code  string
}

// cut is what one candidate took off one line.
type cut struct {
	cand   int32
	prev   int32 // the line's cut before
	amount int64
}

var pool = sync.Pool{New: func() any { return &pricing{ids: map[string]struct{}{}} }}

// Price says what the basket costs, and why. Codes: those of a malformed basket (promo.currency, promo.lines,
// promo.line_id, promo.line_twice, promo.quantity, promo.price, promo.points, promo.claims, promo.overflow). What does
// not apply is no error: it stands in the answer.
func (r *Rules) Price(b Basket) (Answer, error) {
	p := pool.Get().(*pricing)
	defer p.done()
	p.rules, p.basket, p.list = r, b, 0
	if err := p.check(); err != nil {
		return Answer{}, err
	}
	p.at, p.timeless = micros(b.At, 0), b.At.IsZero()
	p.gather()
	if err := p.run(); err != nil {
		return Answer{}, err
	}
	return p.answer()
}

// done forgets the question and keeps the memory.
func (p *pricing) done() {
	p.rules, p.basket = nil, Basket{}
	if len(p.ids) > 0 {
		clear(p.ids)
	}
	p.lines, p.hits, p.cands, p.cuts = p.lines[:0], p.hits[:0], p.cands[:0], p.cuts[:0]
	p.lost = p.lost[:0]
	pool.Put(p)
}

// run goes through the lanes in their order.
func (p *pricing) run() error {
	i := 0
	unsettled := true
	for i < len(p.cands) {
		lane := p.cands[i].lane
		end := i + 1
		for end < len(p.cands) && p.cands[end].lane == lane {
			end++
		}
		if unsettled && !lane.unit() {
			p.settle()
			unsettled = false
		}
		if err := p.step(lane, p.cands[i:end], int32(i)); err != nil {
			return err
		}
		i = end
	}
	if unsettled {
		p.settle()
	}
	return nil
}

// settle turns unit prices into what lines owe: the unit stages are over.
func (p *pricing) settle() {
	for i := range p.lines {
		l := &p.lines[i]
		l.after = l.unit * p.basket.Lines[i].Quantity // no more than list, which fits
		l.owed = l.after
	}
}

func (p *pricing) step(lane Lane, cands []candidate, first int32) error {
	switch {
	case lane.unit():
		p.lowerUnits(cands, first)
		return nil
	case lane == LaneGift:
		return p.give(cands, first)
	case lane == LaneShopSpend || lane == LaneShopVoucher:
		return p.oneEachShop(cands, first)
	case lane == LaneRedPacket:
		return p.all(cands, first)
	}
	return p.one(cands, first)
}

// gather finds the promotions that are for the basket's lines.
func (p *pricing) gather() {
	x := &p.rules.open
	var shops []int32
	for i := range p.basket.Lines {
		l := &p.basket.Lines[i]
		if i == 0 || l.Shop != p.basket.Lines[i-1].Shop { // a basket is mostly in order of shops
			shops = x.shops[l.Shop]
		}
		p.hit(x.skus[l.SKU], i, l)
		p.hit(shops, i, l)
		for _, c := range l.Categories {
			p.hit(x.in(c), i, l)
		}
	}
	for _, index := range x.everywhere {
		p.hitLines(index, 0)
	}
	for n := range p.basket.Claimed {
		p.hitClaim(n)
	}
	sortHits(p.hits)
	p.hits = slices.Compact(p.hits) // a line may name a category twice
	p.group()
}

// fewHits is how many hits, which come nearly in order, are quicker moved to their places one by one than sorted.
const fewHits = 64

func sortHits(hits []hit) {
	if len(hits) > fewHits {
		slices.Sort(hits)
		return
	}
	for i, h := range hits {
		for ; i > 0 && hits[i-1] > h; i-- {
			hits[i] = hits[i-1]
		}
		hits[i] = h
	}
}

// hitClaim finds the lines that a claim is for. A claim that is named twice counts once, and one of a promotion that
// needs no claim does not count.
func (p *pricing) hitClaim(n int) {
	index, found := p.rules.byID[p.basket.Claimed[n].Promotion]
	if !found {
		p.lost = append(p.lost, lost{int32(n), RefusedUnknown})
		return
	}
	if !p.rules.rules[index].promotion.Claim || p.again(n) {
		return
	}
	if p.basket.Claimed[n].Elsewhere {
		p.lost = append(p.lost, lost{int32(n), RefusedElsewhere})
		return
	}
	before := len(p.hits)
	p.hitLines(index, n+1)
	if len(p.hits) == before {
		p.lost = append(p.lost, lost{int32(n), RefusedNoLine})
	}
}

// hitLines holds one promotion against all lines.
func (p *pricing) hitLines(index int32, claim int) {
	c := &p.rules.rules[index]
	for i := range p.basket.Lines {
		if c.covers(&p.basket.Lines[i]) {
			p.hits = append(p.hits, newHit(c.lane, index, claim, i))
		}
	}
}

// hit holds the promotions that the index has for a line against it.
func (p *pricing) hit(rules []int32, line int, l *Line) {
	for _, index := range rules {
		if c := &p.rules.rules[index]; !c.narrow || c.covers(l) {
			p.hits = append(p.hits, newHit(c.lane, index, 0, line))
		}
	}
}

// group makes a candidate of the hits of one promotion and claim, unless it does not hold now.
func (p *pricing) group() {
	for start := 0; start < len(p.hits); {
		h := p.hits[start]
		end := start + 1
		for end < len(p.hits) && p.hits[end]>>lineBits == h>>lineBits {
			end++
		}
		c := &p.rules.rules[h.rule()]
		p.cands = append(p.cands, candidate{rule: h.rule(), claim: h.claim(), lane: c.lane, start: int32(start),
			end: int32(end), why: p.holds(c)})
		p.cands[len(p.cands)-1].closed = p.cands[len(p.cands)-1].why != open
		start = end
	}
}

// holds tells whether a promotion holds at the basket's time and still has something to give.
func (p *pricing) holds(c *rule) why {
	switch {
	case p.at < c.from && !p.timeless:
		return early
	case p.at >= c.until && !p.timeless:
		return expired
	case p.basket.Barred != nil && p.basket.Barred(c.promotion.ID):
		return exhausted
	case p.basket.Stages > 0 && c.lane.Stage() > p.basket.Stages:
		return later
	}
	return open
}

// barred tells whether what was taken off the line already keeps the candidate away from it.
func (p *pricing) barred(c *candidate, line int32) bool {
	if !p.rules.barring {
		return false
	}
	rules := p.rules.rules
	mine := &rules[c.rule]
	for at := p.lines[line].last; at != none; at = p.cuts[at].prev {
		other := p.cands[p.cuts[at].cand].rule
		theirs := &rules[other]
		if theirs.deny.have(c.rule, mine.kind) {
			return true
		}
		if !mine.lane.deduction() || !theirs.lane.deduction() {
			continue
		}
		if theirs.restricted && !theirs.allow.have(c.rule, mine.kind) ||
			mine.restricted && !mine.allow.have(other, theirs.kind) {
			return true
		}
	}
	return false
}

// take notes what a candidate takes off a line.
func (p *pricing) take(cand, line int32, amount int64) {
	l := &p.lines[line]
	p.cuts = append(p.cuts, cut{cand: cand, prev: l.last, amount: amount})
	l.last = int32(len(p.cuts) - 1)
	l.count++
	c := &p.cands[cand]
	c.count++
	c.amount += amount
}

// why is the reason for which a candidate takes nothing; of several, the one that tells a person most is the largest.
type why uint8

const (
	open why = iota
	early
	expired
	exhausted
	later
	excluded
	noEffect
	nothing
	atFloor
	threshold
	beaten
)

func (w why) code() string {
	return [...]string{RefusedNoEffect, RefusedEarly, RefusedExpired, RefusedExhausted, RefusedLater, RefusedExcluded,
		RefusedNoEffect, RefusedNothing, RefusedFloor, RefusedThreshold, RefusedBeaten}[w]
}

// internal says that the arithmetic failed where it cannot: a defect of this package.
func internal(err error) error { return fault.New(fault.Internal, "internal.error").Because(err) }
