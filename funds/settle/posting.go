package settle

import (
	"slices"
	"time"

	"hutong/base/money"
	"hutong/funds/ledger"
)

// posting collects the claims and transfers of one batch. A claim's lines share its transfers: twenty lines cost three.
type posting struct {
	at        time.Time
	claims    []Claim
	lines     []ClaimLine
	transfers []ledger.Transfer
	funding   []Share // of the shop's claim that is being made, by party
	ends      []int   // per claim, where its transfers end
}

// accrueAll adds completed suborders.
func (p *posting) accrueAll(sales []Sale) error {
	lines := 0
	for i := range sales {
		lines += len(sales[i].Lines) + 1
	}
	p.lines = make([]ClaimLine, 0, lines)
	for i := range sales {
		if err := p.accrue(&sales[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p *posting) accrue(s *Sale) error {
	shop := Claim{Order: s.Order, Sub: s.Sub, Party: ledger.Merchant(s.Shop), Shop: s.Shop, Currency: s.Currency}
	for i := range s.Lines {
		l, err := s.line(&s.Lines[i])
		if err != nil {
			return err
		}
		if err := shop.add(&l); err != nil {
			return err
		}
		p.lines = append(p.lines, l)
		p.fund(s.Lines[i].Funding)
	}
	if s.Freight < 0 {
		return badLine(s.Order, 0, money.ErrRange)
	}
	if s.Freight == 0 {
		p.file(shop)
		return nil
	}
	freight := ClaimLine{Order: s.Order, Sub: s.Sub, Base: s.Freight, Net: s.Freight}
	p.lines = append(p.lines, freight)
	party := shop.Party
	if s.Carrier != "" {
		party = ledger.Carrier(s.Carrier)
	}
	return p.fileBoth(shop, &freight, party)
}

// takeBackAll adds what refunds undo; they are sorted by suborder.
func (p *posting) takeBackAll(sorted []Refunded, s *standings) error {
	for len(sorted) > 0 {
		n := 1
		for n < len(sorted) && sorted[n].key() == sorted[0].key() {
			n++
		}
		if err := p.takeBack(sorted[:n], s); err != nil {
			return err
		}
		sorted = sorted[n:]
	}
	return nil
}

// takeBack adds one further entry of a suborder. Refunds of the same line become one line of it: differences of fees
// add up, so this is exact.
func (p *posting) takeBack(refunds []Refunded, s *standings) error {
	r := &refunds[0]
	shop := Claim{Order: r.Order, Sub: r.Sub, Party: ledger.Merchant(r.Shop), Shop: r.Shop, Currency: r.Currency}
	var freight *ClaimLine
	first := len(p.lines)
	for i := range refunds {
		l, err := refunds[i].takeBack(s)
		if err != nil {
			return err
		}
		shop.Entry = l.Entry
		s.line(&l)
		p.merge(first, &l)
		p.fund(refunds[i].Funding)
	}
	for i := first; i < len(p.lines); i++ {
		l := &p.lines[i]
		if l.Line == 0 {
			freight = l
		} else if err := shop.add(l); err != nil {
			return err
		}
	}
	if freight != nil {
		return p.fileBoth(shop, freight, s.subs[r.key()].freight)
	}
	if len(p.lines) > first { // a free line has nothing to take back
		p.file(shop)
	}
	return nil
}

// raiseAll adds what lines are worth more; they are sorted by suborder.
func (p *posting) raiseAll(sorted []Refunded, s *standings) error {
	for len(sorted) > 0 {
		r, n := &sorted[0], 0
		shop := Claim{Order: r.Order, Sub: r.Sub, Party: ledger.Merchant(r.Shop), Shop: r.Shop, Currency: r.Currency}
		for ; n < len(sorted) && sorted[n].key() == r.key(); n++ {
			l, err := sorted[n].raise(s)
			if err == nil {
				err = shop.add(&l)
			}
			if err != nil {
				return err
			}
			shop.Entry = l.Entry
			p.lines = append(p.lines, l)
		}
		p.file(shop)
		sorted = sorted[n:]
	}
	return nil
}

// merge adds a line to the one of the same number from position first on, or as a new one.
func (p *posting) merge(first int, l *ClaimLine) {
	if l.Refunded == 0 {
		return
	}
	for i := first; i < len(p.lines); i++ {
		if was := &p.lines[i]; was.Line == l.Line {
			was.Base, was.Refunded = was.Base+l.Base, was.Refunded+l.Refunded
			was.Fee, was.Net = was.Fee+l.Fee, was.Net+l.Net
			return
		}
	}
	p.lines = append(p.lines, *l)
}

// fileBoth files a shop's claim and its freight, which is part of it or a claim of the carrier.
func (p *posting) fileBoth(shop Claim, freight *ClaimLine, party ledger.Account) error {
	if party == shop.Party {
		err := shop.add(freight)
		p.file(shop)
		return err
	}
	carrier := Claim{Order: shop.Order, Sub: shop.Sub, Entry: shop.Entry, Party: party, Shop: shop.Shop,
		Currency: shop.Currency}
	err := carrier.add(freight)
	if shop.Entry == 0 || shop.Refunded > 0 { // a refund of nothing but a carrier's freight is not the shop's matter
		p.file(shop)
	}
	p.file(carrier)
	return err
}

// file adds a claim and the transfers that make it true: out of escrow for what was earned, back for what was undone.
func (p *posting) file(c Claim) {
	c.At = p.at
	if c.Entry == 0 { // what others pay comes before the shop gets it, and goes back after the shop gave it back
		p.moveFunding(&c)
	}
	p.move(&c, ledger.Goods, ledger.GoodsBack, c.Party, c.Base-c.Fee)
	p.move(&c, ledger.Fee, ledger.FeeBack, ledger.Fees, c.Fee)
	p.move(&c, ledger.Freight, ledger.FreightBack, c.Party, c.Freight)
	if c.Entry > 0 {
		p.moveFunding(&c)
	}
	p.claims = append(p.claims, c)
	p.ends = append(p.ends, len(p.transfers))
}

// fund notes what others pay, or get back, of a line of the shop's claim that is being made.
func (p *posting) fund(shares []Share) {
	for _, s := range shares {
		if i := slices.IndexFunc(p.funding, func(f Share) bool { return f.Party == s.Party }); i >= 0 {
			p.funding[i].Amount += s.Amount
		} else if s.Amount > 0 {
			p.funding = append(p.funding, s)
		}
	}
}

// moveFunding moves what was noted, once: the carrier's claim of the same suborder has none of it.
func (p *posting) moveFunding(c *Claim) {
	for _, s := range p.funding {
		t := ledger.Transfer{Debit: ledger.Funder(s.Party), Credit: ledger.Escrow, Amount: s.Amount, Currency: c.Currency,
			Kind: ledger.Funding, Order: c.Order, Shop: c.Shop}
		if c.Entry > 0 {
			t.Debit, t.Credit, t.Kind = t.Credit, t.Debit, ledger.FundingBack
		}
		p.transfers = append(p.transfers, t)
	}
	p.funding = nil
}

func (p *posting) move(c *Claim, kind, back ledger.Kind, party ledger.Account, amount int64) {
	t := ledger.Transfer{Debit: ledger.Escrow, Credit: party, Amount: amount, Currency: c.Currency, Kind: kind,
		Order: c.Order, Shop: c.Shop}
	if amount < 0 {
		t.Debit, t.Credit, t.Amount, t.Kind = party, ledger.Escrow, -amount, back
	}
	if amount != 0 { // a free line moves nothing
		p.transfers = append(p.transfers, t)
	}
}

// place gives each claim its position in the books: that of its last transfer. A claim that moved no money stands
// where the next transfer of its currency will, which next tells.
func (p *posting) place(next func(money.Currency) (int64, error)) error {
	start := 0
	for i, end := range p.ends {
		if end > start {
			p.claims[i].LedgerSeq = p.transfers[end-1].Seq
		} else {
			seq, err := next(p.claims[i].Currency)
			if err != nil {
				return err
			}
			p.claims[i].LedgerSeq = seq
		}
		start = end
	}
	return nil
}
