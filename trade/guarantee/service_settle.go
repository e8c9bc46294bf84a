package guarantee

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/guarantee"
	"hutong/deal/quota"
	"hutong/funds/pay"
	"hutong/goods/offer"
	"hutong/trade/order"
)

// write is one transaction, done again where another node made the month's budget in the same moment.
func (s *Service) write(ctx context.Context, fn func(tx *db.Tx) error) error {
	err := s.DB.Write(ctx, fn)
	if errors.Is(err, quota.ErrRaced) {
		err = s.DB.Write(ctx, fn)
	}
	return err
}

// compare looks at one line under its order's lock and gives back what it has fallen by; ok is false where there is no
// price to compare with.
func (s *Service) compare(tx *db.Tx, g Line, at time.Time, actor string) (c Claim, ok bool, err error) {
	if err := order.Hold(tx, g.Order); err != nil {
		return c, false, err
	}
	orders, err := order.Locked(tx, []order.ID{g.Order})
	if err != nil || len(orders) == 0 {
		return c, false, err
	}
	lines := orders[0].Lines()
	i := slices.IndexFunc(lines, func(l order.Line) bool { return l.No == g.No })
	if i < 0 {
		return c, false, nil
	}
	// Read again under the lock: another node, or the shopper's press, may have come first.
	if g, ok, err = byLine(tx, g.Order, g.No); err != nil || !ok {
		return c, false, err
	}
	t, err := s.tags(tx, []Line{g}, at)
	if err != nil {
		return c, false, err
	}
	now, ok, err := t.price(g, lines[i])
	if err != nil || !ok || t.offers[offer.ID(g.Offer)].Currency != orders[0].Currency {
		return c, false, err
	}
	held, err := g.held(tx, lines[i])
	if err != nil {
		return c, false, err
	}
	a, others, err := s.decide(tx, &decision{g, lines[i], held, now, t.basis, at, orders[0].Currency})
	if err != nil {
		return c, false, err
	}
	c = Claim{Order: g.Order, Line: g.No, Step: g.steps + 1, Shop: g.Shop, Offer: g.Offer,
		PriceVersion: t.offers[offer.ID(g.Offer)].Version, Basis: t.basis, From: held.Public, Now: now.Public,
		Each: a.Each, Pieces: held.Pieces, Amount: a.Amount, Others: others, Reason: a.Reason, Asked: actor == "shopper",
		At: at, ownEach: a.OwnEach}
	if a.Amount == 0 && a.Reason == "" {
		return c, true, nil
	}
	return c, true, s.settle(tx, g, c, actor)
}

// decision is what a claim is decided on.
type decision struct {
	line     Line
	bought   order.Line
	held     guarantee.Held
	now      guarantee.Price
	basis    guarantee.Basis
	at       time.Time
	currency money.Currency
}

// decide is the rule's answer, as far as the budget of those goes who pay for the lower price besides the shop: where
// it has too little left, the shop gives back its own part and the rest waits for the next look.
func (s *Service) decide(tx *db.Tx, d *decision) (a guarantee.Answer, others []guarantee.Share, err error) {
	set := s.Settings()
	if a = set.Decide(d.held, d.now); a.Others() == 0 {
		return a, nil, nil
	}
	taken, err := s.take(tx, d, a.Others(), set.Budget)
	if err != nil {
		return a, nil, err
	}
	if !taken {
		set.Budget = 0
		if a = set.Decide(d.held, d.now); a.Reason == guarantee.PlatformFunded {
			a.Reason = guarantee.BudgetEmpty
		}
		return a, nil, nil
	}
	before, err := s.paidBefore(tx, d)
	if err != nil {
		return a, nil, err
	}
	others, err = guarantee.Split(a.Others(), before, d.basis.Others)
	return a, others, err
}

// take takes an amount out of the month's budget, if it has that much left. What the operator sets holds from then on,
// but never less than was given back already.
func (s *Service) take(tx *db.Tx, d *decision, amount, budget int64) (taken bool, err error) {
	name := quota.Guarantee(string(d.currency), d.at.In(s.Zone).Format("2006-01"))
	counts, err := quota.Counts(tx, []string{name})
	if err != nil {
		return false, err
	}
	if c, found := counts[name]; found && c.Cap != max(budget, c.Used) {
		if err := quota.SetCap(tx, name, max(budget, c.Used)); err != nil {
			return false, err
		}
	}
	id := string(d.line.Order)
	book, err := quota.LoadBookFor(tx, []string{id}, []string{name})
	if err != nil {
		return false, err
	}
	err = book.Take(id, []quota.Need{{Quota: name, Amount: amount, Cap: budget, Code: guarantee.BudgetEmpty}})
	if fault.Is(err, guarantee.BudgetEmpty) {
		return false, nil
	}
	if err == nil {
		err = book.Save(tx)
	}
	return err == nil, err
}

// paidBefore is what others paid of the whole line until now: when it was bought, and for what was given back since.
func (s *Service) paidBefore(tx *db.Tx, d *decision) ([]guarantee.Share, error) {
	_, all, err := bought(d.bought)
	if err != nil {
		return nil, err
	}
	given, err := funded(tx, d.line.Order, d.line.No)
	for _, f := range given {
		for _, share := range f.shares {
			all = guarantee.With(all, share.Party, share.Amount/f.pieces*d.bought.Quantity)
		}
	}
	return all, err
}

// settle writes a claim and gives its money back.
func (s *Service) settle(tx *db.Tx, g Line, c Claim, actor string) error {
	if c.Reason != "" {
		if known, err := said(tx, c); err != nil || known {
			return err
		}
	}
	g.steps = c.Step
	if c.Amount > 0 {
		if err := s.giveBack(tx, g, c, actor); err != nil {
			return err
		}
		g.Price, g.Claims, g.Given = g.Price.Less(c.Each, c.ownEach), g.Claims+1, g.Given+c.Amount
	}
	if err := saveLine(tx, g); err != nil {
		return err
	}
	return insertClaim(tx, c)
}

// giveBack lowers the line in its order, asks for the money to be sent, and tells of it. The shop earns its own part
// less: its fee, and what it was credited, are reckoned anew.
func (s *Service) giveBack(tx *db.Tx, g Line, c Claim, actor string) error {
	out, err := s.Orders.Lower(tx, order.Lower{Order: g.Order, Seq: g.Seq, Line: g.No, Amount: c.Amount, Ref: c.ref(),
		Funding: c.Others, Cause: order.Cause{Actor: actor, Why: whyBack, At: c.At}})
	if err != nil {
		return err
	}
	_, err = s.Pay.Ask(tx, c.At, []pay.RefundAsk{{Order: string(g.Order), Case: c.ref(), Amount: out.Total,
		Currency: out.Currency, Reason: whyBack}})
	if err != nil || s.IDs == nil {
		return err
	}
	body, err := json.Marshal(Told{Order: g.Order, Line: g.No, Step: c.Step, Shopper: out.Shopper, Shop: g.Shop,
		Currency: out.Currency, Amount: c.Amount, Own: c.Own()})
	if err != nil {
		return err
	}
	return event.Emit(tx, s.IDs, event.Event{Topic: TopicBack, Subject: string(g.Order), Shop: g.Shop,
		Shopper: out.Shopper, Body: string(body), At: c.At})
}
