package checkout

import (
	"slices"
	"strings"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/deal/promo"
	"hutong/deal/quota"
	"hutong/goods/offer"
	"hutong/trade/order"
)

// Deals is what the deal district gives to checkout.
type Deals interface {
	// Rules are the promotions that hold now: a pointer that is read, no work.
	Rules() *promo.Rules
	// Claims are the vouchers and red packets that a shopper may use at that instant, for a parcel to one of their
	// addresses; "" where none is chosen yet.
	Claims(tx *db.Tx, shopper, address string, at time.Time) ([]promo.Claimed, error)
	// Needs is what a shopper's claims ask of quotas beside their own use and the promotion's budget and limit: that
	// nobody behind the shopper had theirs already (FAULTS P3).
	Needs(tx *db.Tx, shopper string, applied []promo.Applied) ([]Need, error)
}

// Need is what one promotion needs of a quota.
type Need struct {
	Promotion string
	quota.Need
}

// Groups answers for claims that are places in a group. Such a claim is used only when the basket names it, and
// unlike a voucher it is not used up.
type Groups interface {
	// Claim is a claim as the engine takes it, or why it cannot be had; ok is false for one that is no group's.
	Claim(tx *db.Tx, a GroupAsk) (c promo.Claimed, ok bool, err error)
	// Rungs are the prices of a piece that a group of the promotion may come down to after it was paid for.
	Rungs(tx *db.Tx, promotion string) ([]int64, error)
}

// GroupAsk is a basket that wants a place in a group.
type GroupAsk struct {
	Shopper string
	Claim   string
	Lines   []BasketLine
	At      time.Time
	Invited bool // the shopper was let into the group before, and may name it without its code
}

// NoDeals is a market without promotions.
type NoDeals struct{}

// Rules are none.
func (NoDeals) Rules() *promo.Rules { return nil }

// Claims are none.
func (NoDeals) Claims(*db.Tx, string, string, time.Time) ([]promo.Claimed, error) { return nil, nil }

// Needs are none.
func (NoDeals) Needs(*db.Tx, string, []promo.Applied) ([]Need, error) { return nil, nil }

// The refusals of promotions that this room knows of, beside those of the engine: which of them a shopper is told.
const (
	refusedUnpaid = "checkout.unpaid_max"
	refusedPayer  = "checkout.account_limit"
	refusedLimit  = "promo.limit_reached"
	refusedUsed   = "promo.claim_used"
)

// priced is what the engine is asked and what it answered, with what the answer needs.
type priced struct {
	rules  *promo.Rules
	who    string
	answer promo.Answer
	lines  []promo.Line // that were asked of
	needs  []Need
	own    map[string]*promo.Promotion // by line id: the promotion whose own pool its pieces come from
	until  time.Time                   // when the first of the applied promotions and claims ends; zero: none does
	rungs  []order.Rung                // of the one line that is bought in a group
}

// basketLine is an order line as the engine reads it.
func basketLine(l order.Line, o offer.Offer, category string) promo.Line {
	return promo.Line{ID: l.Offer, Shop: l.Shop, SKU: l.SKU, Categories: promo.Path(category), UnitPrice: l.UnitPrice,
		Quantity: l.Quantity, Listed: o.ListPrice, Floor: o.FloorPrice}
}

// need finds out what an answer takes of quotas and pools, promotion by promotion.
func (p *priced) need(unpaidMax int64) {
	pieces := map[string]int64{}
	p.own = map[string]*promo.Promotion{}
	for _, l := range p.answer.Lines {
		for _, d := range l.Discounts {
			pieces[d.Promotion] += l.Quantity
			if rule, ok := p.rules.Find(d.Promotion); ok && rule.Pool != "" {
				p.own[l.ID] = rule
			}
		}
	}
	for _, a := range p.answer.Applied {
		rule, ok := p.rules.Find(a.Promotion)
		if !ok {
			continue
		}
		need := func(n quota.Need) { p.needs = append(p.needs, Need{a.Promotion, n}) }
		if rule.Pool != "" {
			p.unpaid(a.Promotion, unpaidMax)
		}
		if rule.Budget > 0 {
			need(quota.Need{Quota: quota.Budget(a.Promotion), Amount: a.Amount, Cap: rule.Budget, Code: promo.RefusedExhausted})
		}
		p.bounds(rule, pieces[a.Promotion])
		if a.Claim != "" && !strings.HasPrefix(a.Promotion, order.GroupPrice) {
			need(quota.Need{Quota: quota.Voucher(a.Claim), Amount: 1, Cap: 1, Code: refusedUsed, Kind: fault.Conflict})
		}
		p.ends(rule.Until)
	}
	for _, no := range p.answer.Refused {
		if rule, ok := p.rules.Find(no.Promotion); ok && rule.Pool != "" && no.Code == promo.RefusedNoEffect {
			p.noCheaper(rule, unpaidMax)
		}
	}
}

// noCheaper takes pieces from a promotion's own pool, under its limits, also where its price is the ordinary one, so
// that it takes nothing off: the shop may have put all that it has into it.
func (p *priced) noCheaper(rule *promo.Promotion, unpaidMax int64) {
	for i := range p.lines {
		l := &p.lines[i]
		if l.Agreed || p.own[l.ID] != nil || !rule.Scope.Covers(l) || p.otherPrice(l.ID) {
			continue
		}
		p.own[l.ID] = rule
		p.unpaid(rule.ID, unpaidMax)
		p.bounds(rule, l.Quantity)
		p.ends(rule.Until)
	}
}

// otherPrice tells whether a line is sold at the price of another promotion.
func (p *priced) otherPrice(line string) bool {
	i := slices.IndexFunc(p.answer.Lines, func(l promo.LineAnswer) bool { return l.ID == line })
	return slices.ContainsFunc(p.answer.Lines[i].Discounts, func(d promo.Discount) bool {
		rule, ok := p.rules.Find(d.Promotion)
		return ok && rule.Terms.Lane(rule.Scope) == promo.LaneItemPrice
	})
}

// unpaid asks for one place among the shopper's unpaid orders that hold pieces of a sale, once for the whole order.
func (p *priced) unpaid(promotion string, unpaidMax int64) {
	name := quota.Unpaid(p.who)
	if slices.ContainsFunc(p.needs, func(n Need) bool { return n.Quota == name }) {
		return
	}
	p.needs = append(p.needs, Need{promotion, quota.Need{Quota: name, Amount: 1, Cap: unpaidMax, Code: refusedUnpaid,
		Kind: fault.Limited}})
}

// claims notes when the first of the claims that were applied ends: a voucher may end before its promotion does.
func (p *priced) claims(all []promo.Claimed) {
	for _, c := range all {
		if slices.ContainsFunc(p.answer.Applied, func(a promo.Applied) bool {
			return a.Claim == c.Claim && a.Promotion == c.Promotion
		}) {
			p.ends(c.Until)
		}
	}
}

// ends notes an end, zero for none.
func (p *priced) ends(at time.Time) {
	if !at.IsZero() && (p.until.IsZero() || at.Before(p.until)) {
		p.until = at
	}
}

// bounds are the limits under which a promotion's pieces are sold.
func (p *priced) bounds(rule *promo.Promotion, pieces int64) {
	need := func(n quota.Need) {
		n.Amount = pieces
		p.needs = append(p.needs, Need{rule.ID, n})
	}
	if rule.PerShopper > 0 {
		need(quota.Need{Quota: quota.Limit(rule.ID, p.who), Cap: rule.PerShopper, Code: refusedLimit, Kind: fault.Limited})
	}
	if together := rule.Together; together.Pieces > 0 {
		need(quota.Need{Quota: quota.Together(together.Name), Cap: together.Pieces, Code: promo.RefusedExhausted})
	}
	if together := rule.Together; together.PerShopper > 0 {
		need(quota.Need{Quota: quota.Limit(together.Name, p.who), Cap: together.PerShopper, Code: refusedLimit,
			Kind: fault.Limited})
	}
}

// discountsOf is what was taken off a line, as its order keeps it.
func discountsOf(l promo.LineAnswer, rungs []order.Rung) []order.Discount {
	all := order.DiscountsOf(l)
	for i := range all {
		if strings.HasPrefix(all[i].Promotion, order.GroupPrice) {
			all[i].Rungs = rungs
		}
	}
	return all
}
