package promo

// pick is the candidate that a unit lane has chosen for a line so far.
type pick struct {
	cand  int32
	least bool // it would be less, but for the floor
	unit  int64
}

// lowerUnits runs a unit lane: each line takes the candidate that lowers its unit most, on a tie the earlier one.
func (p *pricing) lowerUnits(cands []candidate, first int32) {
	p.best = p.best[:0]
	for range p.lines {
		p.best = append(p.best, pick{cand: none})
	}
	for i := range cands {
		if c := &cands[i]; !c.closed {
			p.compete(c, first+int32(i))
		}
	}
	for line := range p.best {
		b := p.best[line]
		if b.cand == none {
			continue
		}
		l, quantity := &p.lines[line], p.basket.Lines[line].Quantity
		p.cands[b.cand].base += l.unit * quantity
		p.take(b.cand, int32(line), (l.unit-b.unit)*quantity)
		l.unit = b.unit
		l.least = l.least || b.least
	}
}

// compete lets one candidate try each of its lines.
func (p *pricing) compete(c *candidate, index int32) {
	cut := p.rules.rules[c.rule].unit
	for _, h := range p.hits[c.start:c.end] {
		line := h.line()
		l, b := &p.lines[line], &p.best[line]
		if p.barred(c, line) {
			c.why = max(c.why, excluded)
			continue
		}
		asked := cut.Unit(l.unit)
		unit := max(asked, l.floor)
		switch {
		case p.basket.Lines[line].Agreed || asked >= l.unit:
			c.why = max(c.why, noEffect)
			continue
		case unit >= l.unit:
			l.least, c.why = true, max(c.why, atFloor)
			continue
		case b.cand == none || unit < b.unit:
			*b = pick{cand: index, unit: unit, least: asked < unit}
		}
		c.why = beaten // unless it wins: then nobody asks why
	}
}
