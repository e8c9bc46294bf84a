package promo

// give runs the gift lane: again and again the candidate that gives most now has it, on a tie the earlier one, and the
// lines that it counted take part in no other gift.
func (p *pricing) give(cands []candidate, first int32) error {
	for {
		best, most := -1, int64(0)
		for i := range cands {
			c := &cands[i]
			if c.closed {
				continue
			}
			off := p.weighPieces(c)
			if off > most {
				best, most = i, off
			}
			if off > 0 {
				c.why = beaten
			}
		}
		if best < 0 {
			return nil
		}
		cands[best].closed = true
		if err := p.giveFrom(first+int32(best), most); err != nil {
			return err
		}
	}
}

// weighPieces says what a candidate would give now.
func (p *pricing) weighPieces(c *candidate) int64 {
	terms := p.rules.rules[c.rule].pieces
	p.choosePieces(c, terms.Gift())
	var base, room int64
	floor := false
	for i, line := range p.on {
		l, quantity := &p.lines[line], p.basket.Lines[line].Quantity
		if p.items[i].Gift == (terms.Gift() != "") {
			room += l.room(quantity)
			floor = floor || p.bounded(line)
		}
		if !p.items[i].Gift {
			base += l.after
		}
	}
	if base == 0 && len(p.on) == 0 {
		if c.why != beaten {
			c.why = excluded
		}
		return 0
	}
	off, next := terms.Pieces(p.items)
	c.base, c.next, c.over = base, next, off > room
	why := reason(off, room, next)
	if why == nothing && floor {
		why = atFloor
	}
	c.why = max(why, c.why)
	return min(max(off, 0), room)
}

// choosePieces sets on and items to the lines that the candidate counts, and those that it gives.
func (p *pricing) choosePieces(c *candidate, gift string) {
	p.on, p.items = p.on[:0], p.items[:0]
	for _, h := range p.hits[c.start:c.end] {
		line := h.line()
		if l := &p.basket.Lines[line]; gift == "" || l.SKU != gift {
			p.item(c, line, false)
		}
	}
	if gift == "" {
		return
	}
	shop := p.rules.rules[c.rule].shop
	for line := range p.basket.Lines {
		if l := &p.basket.Lines[line]; l.SKU == gift && (shop == "" || shop == l.Shop) {
			p.item(c, int32(line), true)
		}
	}
}

func (p *pricing) item(c *candidate, line int32, gift bool) {
	if p.lines[line].gifted || p.barred(c, line) {
		return
	}
	p.on = append(p.on, line)
	p.items = append(p.items, Item{Unit: p.lines[line].unit, Quantity: p.basket.Lines[line].Quantity, Gift: gift})
}

// giveFrom takes what is free off the lines that are given, or off all where the gift is among what is bought.
func (p *pricing) giveFrom(index int32, off int64) error {
	c := &p.cands[index]
	gift := p.rules.rules[c.rule].pieces.Gift() != ""
	p.choosePieces(c, p.rules.rules[c.rule].pieces.Gift())
	paying := p.on[:0]
	for i, line := range p.on {
		p.lines[line].gifted = true
		if p.items[i].Gift == gift {
			paying = append(paying, line)
		}
	}
	p.on = paying
	if err := p.spread(index, off); err != nil {
		return err
	}
	for _, line := range p.on {
		p.lines[line].after = p.lines[line].owed
	}
	return nil
}
