package checkout

import (
	"context"
	"errors"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/promo"
	"hutong/deal/quota"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/trade/order"
)

// BalanceQuote is what the balance of a presale order comes to at an instant.
type BalanceQuote struct {
	Balance money.Money
	Off     int64        // what promotions take off it, beside what the earnest counted for
	Why     promo.Answer // how they came to it
	Open    bool         // its price can still be chosen: it is open, and not fixed by a try to pay
	Choices []Choice     // the vouchers and red packets that can be used for it
}

// Balance says what the balance of a shopper's presale order comes to now, under the promotions of now and with the
// vouchers that are named, the best of all for nil; order.FixBalance and paying ask again. Of an order whose balance
// is fixed, or that has none, it is what the order says. It writes nothing. Codes: order.not_found.
func (s *Service) Balance(ctx context.Context, who string, id order.ID, claims []string) (q BalanceQuote, err error) {
	o, err := s.orders.Order(ctx, who, id)
	if err != nil {
		return q, err
	}
	q.Balance = money.New(o.Balance(), o.Currency)
	at := clock.Now(ctx, s.clock)
	if o.Presale == nil || !o.Presale.FixedAt.IsZero() || !o.Presale.Open(at) {
		return q, nil
	}
	q.Open = true
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		rules := s.deals.Rules()
		if rules == nil || rules.Len() == 0 {
			return nil
		}
		basket, err := s.balanceBasket(tx, at, o, rules)
		if err != nil {
			return err
		}
		all := basket.Claimed
		basket.Claimed = chosen(all, claims)
		p, err := s.settleOn(tx, rules, basket, o.Shopper, claims == nil)
		if err != nil {
			return err
		}
		p.hidePrices()
		q.Choices, err = s.choose(tx, &p, basket, all)
		q.Off, q.Why = o.Presale.Value-p.answer.Total, p.answer
		q.Balance.Minor -= q.Off
		return err
	})
	return q, err
}

// Fix takes off the balance of a presale order what promotions take off now, and takes what that needs, in the
// caller's transaction: order.Balances. Thresholds are held against earnest and balance together (RULES 1.3); what was
// agreed with the earnest stays. Codes: those of needs that are gone meanwhile, checkout.busy.
func (s *Service) Fix(tx *db.Tx, at time.Time, o *order.Order, claims []string) error {
	rules := s.deals.Rules()
	if rules == nil || rules.Len() == 0 {
		return nil
	}
	basket, err := s.balanceBasket(tx, at, *o, rules)
	if err != nil {
		return err
	}
	basket.Claimed = chosen(basket.Claimed, claims)
	p, err := s.settleOn(tx, rules, basket, o.Shopper, claims == nil)
	if err != nil {
		return err
	}
	off := discountsOf(p.answer.Lines[0], nil)
	if len(off) == 0 {
		return nil
	}
	names, needs := make([]string, len(p.needs)), make([]quota.Need, len(p.needs))
	for i, n := range p.needs {
		names[i], needs[i] = n.Quota, n.Need
	}
	book, err := quota.LoadBookFor(tx, []string{string(o.ID)}, names)
	if err != nil {
		return err
	}
	if err := book.Take(string(o.ID), needs); err != nil {
		return err
	}
	if err := book.Save(tx); err != nil {
		if errors.Is(err, quota.ErrRaced) {
			return fault.New(fault.Unavailable, "checkout.busy").After(time.Second).Because(err)
		}
		return err
	}
	l := &o.Subs[0].Lines[0]
	agreed, err := order.DecodeDiscounts(l.Discounts)
	if err != nil {
		return err
	}
	o.Rules = p.answer.Rules
	return l.Take(append(agreed, off...))
}

// balanceBasket is the goods of a presale order as they were agreed, under every promotion that is no price of its own,
// with all that the shopper holds.
func (s *Service) balanceBasket(tx *db.Tx, at time.Time, o order.Order, rules *promo.Rules) (promo.Basket, error) {
	l := o.Subs[0].Lines[0]
	briefs, err := s.catalog.Briefs(tx, []catalog.SKUID{catalog.SKUID(l.SKU)})
	if err != nil {
		return promo.Basket{}, err
	}
	offers, err := offer.Load(tx, []offer.ID{offer.ID(l.Offer)})
	if err != nil {
		return promo.Basket{}, err
	}
	b := promo.Basket{Currency: o.Currency, At: at, Barred: func(id string) bool { return ownPrice(rules, id) },
		Lines: []promo.Line{agreedLine(o, briefs[catalog.SKUID(l.SKU)].Category, offers[offer.ID(l.Offer)].FloorPrice)}}
	held, err := s.deals.Claims(tx, o.Shopper, o.Address, at)
	for _, c := range held {
		if !ownPrice(rules, c.Promotion) {
			b.Claimed = append(b.Claimed, c)
		}
	}
	return b, err
}

// hidePrices leaves out of an answer what it says of prices that a presale does not ask for.
func (p *priced) hidePrices() {
	shown := p.answer.Refused[:0:0]
	for _, r := range p.answer.Refused {
		if !ownPrice(p.rules, r.Promotion) {
			shown = append(shown, r)
		}
	}
	p.answer.Refused = shown
}

// ownPrice tells whether a promotion sets the price of a piece, which a presale agreed with its earnest.
func ownPrice(rules *promo.Rules, id string) bool {
	rule, found := rules.Find(id)
	return found && rule.Terms.Lane(rule.Scope) <= promo.LanePresale
}
