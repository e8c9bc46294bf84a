package promo

// answer puts the working memory into an Answer. All discounts lie in one piece of memory and all parts in another,
// so that an answer costs a handful of allocations, however many discounts it has.
func (p *pricing) answer() (Answer, error) {
	a := Answer{Rules: p.rules.version, Currency: p.basket.Currency, Mode: p.rules.mode, List: p.list,
		Lines: make([]LineAnswer, len(p.lines))}
	p.explain(&a)
	parts := 0
	for i := range p.cands {
		c := &p.cands[i]
		parts += int(c.count) * len(p.rules.rules[c.rule].named.Funders)
	}
	discounts, funded := make([]Discount, len(p.cuts)), make([]int64, parts+FundersMax)
	for i := range p.lines {
		l, said := &p.lines[i], &a.Lines[i]
		said.ID, said.Quantity, said.List = p.basket.Lines[i].ID, p.basket.Lines[i].Quantity, l.list
		said.AfterUnitStages, said.Paid = l.after, l.owed
		if l.least {
			a.Least = append(a.Least, i)
		}
		said.Discounts, discounts = discounts[:l.count:l.count], discounts[l.count:]
		a.Total += l.owed // no more than the list prices, which fit
		place := l.count
		for n := l.last; n != none; n = p.cuts[n].prev {
			place--
			d := &said.Discounts[place]
			d.Applied, d.Amount = &a.Applied[p.cands[p.cuts[n].cand].applied], p.cuts[n].amount
			d.parts, funded = (*[FundersMax]int64)(funded), funded[len(d.Funders):]
			if err := p.fund(d.Parts(), d.Amount, d.Funders); err != nil {
				return Answer{}, err
			}
		}
	}
	return a, nil
}

// fund splits a line's discount over those who pay.
func (p *pricing) fund(parts []int64, amount int64, shares []Share) error {
	if len(shares) == 1 {
		parts[0] = amount
		return nil
	}
	for i, s := range shares {
		p.weights[i] = int64(s.PPM)
	}
	if err := split(parts, amount, p.weights[:len(shares)]); err != nil {
		return internal(err)
	}
	return nil
}

// claim is which voucher a candidate is, "" where none was claimed.
func (p *pricing) claim(c *candidate) string {
	if c.claim == none {
		return ""
	}
	return p.basket.Claimed[c.claim].Claim
}

// explain adds what was applied, what was not and what would unlock more.
func (p *pricing) explain(a *Answer) {
	applied, hints := 0, 0
	for i := range p.cands {
		if p.cands[i].amount > 0 {
			applied++
		}
		if p.cands[i].hints() {
			hints++
		}
	}
	a.Applied = make([]Applied, 0, applied) // exactly: discounts point into it
	a.Refused = make([]Refused, 0, len(p.cands)-applied+len(p.lost))
	a.Hints = make([]Hint, 0, hints)
	for i := range p.cands {
		c := &p.cands[i]
		r := &p.rules.rules[c.rule]
		id := r.named.Promotion
		if c.amount > 0 {
			c.applied = int32(len(a.Applied))
			a.Applied = append(a.Applied, Applied{&r.named, p.claim(c), c.amount, c.base, c.points, c.held})
		} else {
			a.Refused = append(a.Refused, Refused{Promotion: id, Claim: p.claim(c), Code: c.why.code()})
		}
		if c.hints() {
			h := Hint{Promotion: id, Short: c.next.Short, Pieces: max(c.next.Pieces, c.next.Add), Then: c.next.Then}
			if c.next.Add > 0 {
				h.SKU = r.pieces.Gift()
			}
			a.Hints = append(a.Hints, h)
		}
	}
	for _, l := range p.lost {
		c := &p.basket.Claimed[l.claim]
		a.Refused = append(a.Refused, Refused{Promotion: c.Promotion, Claim: c.Claim, Code: l.code})
	}
}

// hints tells whether there is something to say of what would unlock more. What lost to a better one is silent: more
// spent on it may gain nothing.
func (c *candidate) hints() bool {
	n := &c.next
	return (n.Then > 0 || n.Pieces > 0 || n.Add > 0) && (c.amount > 0 || c.why != beaten)
}

// again tells whether an earlier claim is the same one.
func (p *pricing) again(n int) bool {
	c := &p.basket.Claimed[n]
	for i := range n {
		if e := &p.basket.Claimed[i]; e.Promotion == c.Promotion && e.Claim == c.Claim {
			return true
		}
	}
	return false
}
