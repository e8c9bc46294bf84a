package settle

import (
	"time"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/ledger"
)

// posting collects the claims and transfers of one batch. A suborder's claims share their transfers: one per kind and
// party, so twenty lines cost three.
type posting struct {
	claims    []Claim
	transfers []ledger.Transfer
	groups    []group
}

// group is one suborder's part of a posting: its claims and transfers end before these positions.
type group struct {
	currency          money.Currency
	claims, transfers int
}

// accrue adds a completed suborder.
func (p *posting) accrue(s *Sale, claims []Claim, sum tally) {
	t := ledger.Transfer{Debit: ledger.Escrow, Currency: s.Currency, Order: s.Order, Shop: s.Shop}
	p.move(t, ledger.Goods, ledger.Merchant(s.Shop), sum.goods)
	p.move(t, ledger.Fee, ledger.Fees, sum.fee)
	if sum.freight > 0 {
		p.move(t, ledger.Freight, claims[0].Party, sum.freight)
	}
	p.close(s.Currency, claims...)
}

// takeBack adds the reversals of one suborder.
func (p *posting) takeBack(claims []Claim) error {
	var sum tally
	freight := ledger.Account("")
	for i := range claims {
		if err := sum.add(&claims[i]); err != nil {
			return err
		}
		if claims[i].Line == 0 {
			freight = claims[i].Party
		}
	}
	c := &claims[0]
	t := ledger.Transfer{Credit: ledger.Escrow, Currency: c.Currency, Order: c.Order, Shop: c.Shop}
	p.moveBack(t, ledger.GoodsBack, ledger.Merchant(c.Shop), -sum.goods)
	p.moveBack(t, ledger.FeeBack, ledger.Fees, -sum.fee)
	p.moveBack(t, ledger.FreightBack, freight, -sum.freight)
	p.close(c.Currency, claims...)
	return nil
}

func (p *posting) move(t ledger.Transfer, kind ledger.Kind, to ledger.Account, amount int64) {
	if amount > 0 { // a free line moves nothing
		t.Kind, t.Credit, t.Amount = kind, to, amount
		p.transfers = append(p.transfers, t)
	}
}

func (p *posting) moveBack(t ledger.Transfer, kind ledger.Kind, from ledger.Account, amount int64) {
	if amount > 0 {
		t.Kind, t.Debit, t.Amount = kind, from, amount
		p.transfers = append(p.transfers, t)
	}
}

func (p *posting) close(c money.Currency, claims ...Claim) {
	p.claims = append(p.claims, claims...)
	p.groups = append(p.groups, group{c, len(p.claims), len(p.transfers)})
}

// place gives each claim its position in the books: that of the last transfer of its suborder. A suborder that moved
// no money stands where the next transfer of its currency will, which next tells.
func (p *posting) place(next func(money.Currency) (int64, error)) error {
	claim, transfer := 0, 0
	for _, g := range p.groups {
		var seq int64
		if g.transfers > transfer {
			seq = p.transfers[g.transfers-1].Seq
		} else {
			var err error
			if seq, err = next(g.currency); err != nil {
				return err
			}
		}
		for ; claim < g.claims; claim++ {
			p.claims[claim].LedgerSeq = seq
		}
		transfer = g.transfers
	}
	return nil
}

// takeBackAll adds the reversals of refunds that are sorted by suborder; standings are what their claims came to.
func (p *posting) takeBackAll(sorted []Refunded, standings map[key]standing, at time.Time) error {
	var sub []Claim
	for i := range sorted {
		r := &sorted[i]
		k := key{r.Order, r.Sub, r.Line}
		was, found := standings[k]
		if !found {
			return fault.New(fault.Conflict, "settle.not_accrued", fault.P("order", r.Order), fault.P("line", r.Line))
		}
		c, err := r.takeBack(was, at)
		if err != nil {
			return err
		}
		if c.Refunded > 0 { // a free line has nothing to take back
			standings[k] = was.with(&c)
			sub = append(sub, c)
		}
		last := i+1 == len(sorted) || sorted[i+1].Order != r.Order || sorted[i+1].Sub != r.Sub
		if last && len(sub) > 0 {
			if err := p.takeBack(sub); err != nil {
				return err
			}
			sub = nil
		}
	}
	return nil
}
