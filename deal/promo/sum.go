package promo

// one lets the candidate that takes most off now have it, on a tie the earlier one.
func (p *pricing) one(cands []candidate, first int32) error {
	best, most := -1, int64(0)
	for i := range cands {
		c := &cands[i]
		if c.closed {
			continue
		}
		c.closed = true
		off := p.weigh(c)
		if off > 0 {
			c.why = beaten
		}
		if off > most {
			best, most = i, off
		}
	}
	if best < 0 {
		return nil
	}
	return p.apply(first+int32(best), most)
}

// oneEachShop is one for each shop: what of a shop's candidates is not the best of them is closed.
func (p *pricing) oneEachShop(cands []candidate, first int32) error {
	for i := range cands {
		if cands[i].closed {
			continue
		}
		shop := p.rules.rules[cands[i].rule].shop
		best, most := -1, int64(0)
		for j := i; j < len(cands); j++ {
			c := &cands[j]
			if c.closed || p.rules.rules[c.rule].shop != shop {
				continue
			}
			c.closed = true
			off := p.weigh(c)
			if off > 0 {
				c.why = beaten
			}
			if off > most {
				best, most = j, off
			}
		}
		if best < 0 {
			continue
		}
		if err := p.apply(first+int32(best), most); err != nil {
			return err
		}
	}
	return nil
}

// all lets every candidate take what it can, in order.
func (p *pricing) all(cands []candidate, first int32) error {
	for i := range cands {
		c := &cands[i]
		if c.closed {
			continue
		}
		if off := p.weigh(c); off > 0 {
			if err := p.takeOff(first+int32(i), off); err != nil {
				return err
			}
		}
	}
	return nil
}

// weigh says what a candidate would take off now.
func (p *pricing) weigh(c *candidate) (off int64) {
	var b Base
	var room int64
	p.choose(c)
	for _, line := range p.on {
		l := &p.lines[line]
		b.Owed += l.owed
		b.Amount += l.after
		room += l.room(p.basket.Lines[line].Quantity)
	}
	if len(p.on) == 0 {
		c.why = excluded
		return 0
	}
	if p.rules.mode == Progressive {
		b.Amount = b.Owed
	}
	if c.lane == LanePoints {
		b.Points = p.basket.Points
	}
	if c.claim != none {
		b.Claim = p.basket.Claimed[c.claim].Amount
	}
	off, c.next = p.rules.rules[c.rule].sum.Takes(b)
	c.base, c.wants = b.Amount, off
	c.why, c.over = reason(off, room, c.next), off > room
	if c.why == nothing && p.stop() {
		c.why = atFloor
	}
	return min(max(off, 0), room)
}

// reason says why nothing was taken, where nothing was.
func reason(off, room int64, next Next) why {
	switch {
	case off > 0 && room == 0:
		return nothing
	case off <= 0 && (next.Short > 0 || next.Pieces > 0):
		return threshold
	}
	return noEffect
}

// choose sets on to the lines that the candidate may touch.
func (p *pricing) choose(c *candidate) {
	p.on = p.on[:0]
	for _, h := range p.hits[c.start:c.end] {
		if line := h.line(); !p.barred(c, line) {
			p.on = append(p.on, line)
		}
	}
}

// apply takes an amount off the lines of the candidate that was chosen.
func (p *pricing) apply(index int32, off int64) error {
	p.choose(&p.cands[index])
	return p.takeOff(index, off)
}

// takeOff takes an amount off the lines of on, which are the candidate's.
func (p *pricing) takeOff(index int32, off int64) error {
	if err := p.spread(index, off); err != nil {
		return err
	}
	c := &p.cands[index]
	if s := p.rules.rules[c.rule].spender; s != nil {
		c.points = s.Spent(off)
	}
	return nil
}

// spread splits an amount over the lines of on, each according to what may still be taken off it, and notes the cuts.
func (p *pricing) spread(index int32, off int64) error {
	p.rooms, p.shares = p.rooms[:0], p.shares[:0]
	for _, line := range p.on {
		p.rooms = append(p.rooms, p.lines[line].room(p.basket.Lines[line].Quantity))
		p.shares = append(p.shares, 0)
	}
	if err := split(p.shares, off, p.rooms); err != nil {
		return internal(err)
	}
	if c := &p.cands[index]; c.over && p.stop() {
		c.held = max(c.wants-off, 0)
	}
	for i, line := range p.on {
		if share := p.shares[i]; share > 0 {
			p.lines[line].owed -= share
			p.take(index, line, share)
		}
	}
	return nil
}
