package checkout

import (
	"slices"
	"strings"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/deal/promo"
	"hutong/deal/quota"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/trade/order"
)

// rounds bounds how often a basket is priced anew because what a promotion needs is gone: each round bars at least one.
const rounds = 8

// discount takes what the market's promotions take off the lines of a quote, before they are carried and summed. What a
// promotion needs (its budget, its pool, the shopper's limit, a voucher not used yet) is looked up now, so that the
// shopper sees the price that can be had; placing asks again, on the book.
func (s *Service) discount(tx *db.Tx, b Basket, r reading, q *Quote, at time.Time) error {
	if b.Presale != "" {
		return s.presale(tx, b, r, q, at)
	}
	who := q.Order.Shopper
	rules := s.deals.Rules()
	if rules == nil || rules.Len() == 0 || len(q.Order.Subs) == 0 || wholesale(b) {
		return nil
	}
	basket := promo.Basket{Currency: q.Currency, At: at}
	for _, sub := range q.Order.Subs {
		for _, l := range sub.Lines {
			basket.Lines = append(basket.Lines, basketLine(l, r.offers[offer.ID(l.Offer)],
				r.briefs[catalog.SKUID(l.SKU)].Category))
		}
	}
	var err error
	if basket.Lines, err = s.agreed(tx, basket.Lines, q.Balances); err != nil {
		return err
	}
	held, err := s.deals.Claims(tx, who, b.Address, at)
	if err != nil {
		return err
	}
	if basket.Claimed, q.Strange, err = s.groupClaims(tx, who, b, chosen(held, b.Claims), at); err != nil {
		return err
	}
	p, err := s.settleOn(tx, rules, basket, who, b.Claims == nil)
	if err != nil {
		return err
	}
	if err := p.placed(basket.Claimed); err != nil {
		return err
	}
	if p.rungs, err = s.rungs(tx, basket, p); err != nil {
		return err
	}
	if b.choosing {
		if q.Choices, err = s.choose(tx, &p, basket, held); err != nil {
			return err
		}
	}
	q.Why, q.Order.Rules, q.Deals = p.answer, p.answer.Rules, p.until
	for _, n := range p.needs {
		q.Order.Needs = append(q.Order.Needs, n.Need)
	}
	if err := s.mode(q, basket, p); err != nil {
		return err
	}
	return q.take(p)
}

// wholesale tells whether a line has more pieces than the engine prices. A market may allow such lines; a basket with
// one is sold at plain prices.
func wholesale(b Basket) bool {
	return slices.ContainsFunc(b.Lines, func(l BasketLine) bool { return l.Quantity > promo.QuantityMax })
}

// chosen are those of the claims that are named, and what is no voucher but a right, such as an appointment's.
func chosen(all []promo.Claimed, names []string) []promo.Claimed {
	if names == nil {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(c promo.Claimed) bool {
		return c.Claim != "" && !slices.Contains(names, c.Claim)
	})
}

// groupClaims adds the places in groups that the basket names, and tells which of the named claims are nothing that the
// shopper can use: the same of one that there is none of and of one that is another's. Codes: those of Groups.
func (s *Service) groupClaims(tx *db.Tx, who string, b Basket, chosen []promo.Claimed, at time.Time) (
	all []promo.Claimed, strange []string, err error) {
	all = chosen
	for _, id := range append(slices.Clip(b.Claims), b.Group) {
		var c promo.Claimed
		place := false
		if s.groups != nil {
			c, place, err = s.groups.Claim(tx, GroupAsk{Shopper: who, Claim: id, Lines: b.Lines, At: at, Invited: b.invited})
		}
		held := func(c promo.Claimed) bool { return c.Claim == id }
		switch {
		case err != nil:
			return nil, nil, err
		case place:
			c.Asked = true
			all = append(all, c)
		case id != "" && !slices.ContainsFunc(chosen, held) && !slices.Contains(strange, id):
			strange = append(strange, id)
		}
	}
	return all, strange, nil
}

// placed refuses a basket that wants a place in a group and would not be sold at the group's price, unless it is sold
// for less: who buys together must not find to have bought alone. Codes: those of the engine's refusals.
func (p *priced) placed(claimed []promo.Claimed) error {
	for _, c := range claimed {
		if !strings.HasPrefix(c.Promotion, order.GroupPrice) {
			continue
		}
		for _, r := range p.answer.Refused {
			if r.Promotion == c.Promotion && r.Code != promo.RefusedBeaten && r.Code != promo.RefusedNoEffect {
				return fault.New(fault.Conflict, r.Code).At("claims")
			}
		}
	}
	return nil
}

// A voucher that nobody chose is used where it takes more than its keepPart-th part. The shop's floor alone can leave
// less of it: it would be used up for next to nothing, and is kept for another order (FAULTS M9).
const (
	keepPart = 10
	keepMax  = 8 // bounds how many of a basket are looked at, one after the other
)

// best is the lowest price that a basket's claims allow, without the vouchers that are kept for another order.
func best(rules *promo.Rules, b promo.Basket) (promo.Answer, error) {
	var kept []promo.Refused
	for {
		a, _, err := rules.Best(b)
		i := slices.IndexFunc(b.Claimed, func(c promo.Claimed) bool { return !c.Asked && c.Claim != "" && wasted(a, c) })
		if err != nil || i < 0 || len(kept) == keepMax {
			a.Refused = append(a.Refused, kept...)
			return a, err
		}
		c := b.Claimed[i]
		kept = append(kept, promo.Refused{Promotion: c.Promotion, Claim: c.Claim, Code: promo.RefusedKept})
		b.Claimed = slices.Delete(slices.Clone(b.Claimed), i, i+1)
	}
}

// wasted tells whether floors leave next to nothing of what a claim would take.
func wasted(a promo.Answer, c promo.Claimed) bool {
	return slices.ContainsFunc(a.Applied, func(p promo.Applied) bool {
		return p.Promotion == c.Promotion && p.Claim == c.Claim && p.Amount <= (p.Amount+p.Held)/keepPart
	})
}

// settleOn prices the basket, bars the promotions whose needs cannot be met, and prices again, until all can. Where
// nobody chose the claims it leaves out those that would make the basket dearer, or be wasted.
func (s *Service) settleOn(tx *db.Tx, rules *promo.Rules, basket promo.Basket, who string, free bool) (priced, error) {
	why := map[string]string{} // of what was barred
	apart := basket.Barred     // what is left out whatever it needs
	basket.Barred = func(promotion string) bool {
		_, barred := why[promotion]
		return barred || apart != nil && apart(promotion)
	}
	ask := rules.Price
	if free {
		ask = func(b promo.Basket) (promo.Answer, error) { return best(rules, b) }
	}
	for range rounds {
		answer, err := ask(basket)
		if err != nil {
			return priced{}, err
		}
		p := priced{rules: rules, who: who, answer: answer, lines: basket.Lines}
		p.need(s.set.UnpaidMax)
		p.claims(basket.Claimed)
		more, err := s.deals.Needs(tx, who, answer.Applied)
		if err != nil {
			return priced{}, err
		}
		p.needs = append(p.needs, more...)
		if err := p.payers(tx, who); err != nil {
			return priced{}, err
		}
		fine, err := p.look(tx, why)
		if err != nil {
			return priced{}, err
		}
		if fine {
			p.explain(why)
			return p, nil
		}
	}
	return priced{}, fault.New(fault.Unavailable, "checkout.busy").After(time.Second)
}

// explain says of what was barred why.
func (p *priced) explain(why map[string]string) {
	for i, refused := range p.answer.Refused {
		if code := why[refused.Promotion]; code != "" {
			p.answer.Refused[i].Code = code
		}
	}
}

// look tells whether everything that the answer needs can be had, and notes in why the promotions for which it cannot.
func (p *priced) look(tx *db.Tx, why map[string]string) (fine bool, err error) {
	names := make([]string, len(p.needs))
	for i, n := range p.needs {
		names[i] = n.Quota
	}
	counts, err := quota.Counts(tx, names)
	if err != nil {
		return false, err
	}
	taken := make(map[string]int64, len(names))
	fine = true
	bar := func(promotion, code string) {
		if _, barred := why[promotion]; !barred {
			why[promotion], fine = code, false
		}
	}
	for _, n := range p.needs {
		c, there := counts[n.Quota]
		if n.Amount > n.Left(c, there)-taken[n.Quota] {
			bar(n.Promotion, n.Code)
		} else if !n.Look { // what two lines need of one quota adds up
			taken[n.Quota] += n.Amount
		}
	}
	return fine, p.lookAtPools(tx, bar)
}

// lookAtPools bars the promotions whose own pool has too little.
func (p *priced) lookAtPools(tx *db.Tx, bar func(promotion, code string)) error {
	if len(p.own) == 0 {
		return nil
	}
	var ids []stock.PoolID
	asked := map[stock.PoolID]int64{}
	for i := range p.lines {
		if rule := p.own[p.lines[i].ID]; rule != nil {
			pool := stock.PoolID(rule.Pool)
			ids = append(ids, pool)
			asked[pool] += p.lines[i].Quantity
		}
	}
	pools, err := stock.Pools(tx, ids)
	if err != nil {
		return err
	}
	for i := range p.lines {
		rule := p.own[p.lines[i].ID]
		if rule == nil {
			continue
		}
		pool := stock.PoolID(rule.Pool)
		if have := pools[pool]; !have.Open || have.Free() < asked[pool] {
			bar(rule.ID, promo.RefusedExhausted)
		}
	}
	return nil
}

// take puts the answer on the quote's lines.
func (q *Quote) take(p priced) error {
	byID := make(map[string]promo.LineAnswer, len(p.answer.Lines))
	for _, l := range p.answer.Lines {
		byID[l.ID] = l
	}
	for i := range q.Order.Subs {
		for j := range q.Order.Subs[i].Lines {
			l := &q.Order.Subs[i].Lines[j]
			if err := l.Take(discountsOf(byID[l.Offer], p.rungs)); err != nil {
				return err
			}
			if l.Paid != byID[l.Offer].Paid {
				return fault.New(fault.Internal, "order.discounts")
			}
			if rule := p.own[l.Offer]; rule != nil {
				l.Pool = rule.Pool
				q.Order.Subs[i].SendWithin(rule.ShipHours)
			}
		}
	}
	return q.takeBalances(byID)
}

// kept tells whether the promotions of a token that was priced under other rules still stand: one that was withdrawn
// takes its price away at once, a newer version of one does not (the quote promised the older). An item of a sale asks
// anew at every other price (Tickets).
func (s *Service) kept(o order.Order, at time.Time) error {
	rules := s.deals.Rules()
	if o.Rules == 0 || rules != nil && rules.Version() == o.Rules {
		return nil
	}
	for _, l := range o.Lines() {
		all, err := order.DecodeDiscounts(l.Discounts)
		if err != nil {
			return err
		}
		if err := s.redeem(l, all, at); err != nil {
			return err
		}
		if slices.ContainsFunc(all, func(d order.Discount) bool { return !stands(rules, d.Promotion) }) {
			return fault.New(fault.Conflict, "checkout.deal_over").At("token")
		}
	}
	return keptParts(rules, o.Parts)
}

// keptParts is kept for the balances of a token: what was agreed with their earnest stands whatever holds now.
func keptParts(rules *promo.Rules, parts []order.Part) error {
	for _, p := range parts {
		all, err := order.DecodeDiscounts(p.Fixed.Discounts)
		if err != nil {
			return err
		}
		_, off, err := order.Agreed(all, p.Fixed.Paid+p.Fixed.Discount, p.Value)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(off, func(d order.Discount) bool { return !stands(rules, d.Promotion) }) {
			return fault.New(fault.Conflict, "checkout.deal_over").At("token")
		}
	}
	return nil
}

// redeem holds what a line was promised by items of sales against them as they are.
func (s *Service) redeem(l order.Line, promised []order.Discount, at time.Time) error {
	tickets, ok := s.deals.(Tickets)
	if !ok {
		return nil
	}
	for _, d := range promised {
		if err := tickets.Redeem(l, d, at); err != nil {
			return err
		}
	}
	return nil
}

func stands(rules *promo.Rules, promotion string) bool {
	if rules == nil {
		return false
	}
	_, found := rules.Find(promotion)
	return found
}
