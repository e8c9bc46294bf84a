package promo

import (
	"slices"

	"hutong/base/money"
)

// With is the rules as they would be with drafts among them: a draft stands in the place of the promotion whose id it
// has, or behind all others. The rules themselves do not change. Codes: those of Compile.
func (r *Rules) With(drafts ...Promotion) (*Rules, error) {
	all := make([]Promotion, 0, len(r.rules)+len(drafts))
	for i := range r.rules {
		all = append(all, *r.rules[i].promotion)
	}
	for _, d := range drafts {
		if i, there := r.byID[d.ID]; there {
			all[i] = d
		} else {
			all = append(all, d)
		}
	}
	return Compile(r.mode, all)
}

// For is every promotion whose scope a line is in, claimed or not, whenever it holds, in the order of the rules. They
// must not be changed.
func (r *Rules) For(l Line) (all []*Promotion) {
	var found []int32
	for _, x := range []*index{&r.open, &r.claims} {
		found = append(found, r.find(x, &l)...)
	}
	slices.Sort(found)
	for _, i := range slices.Compact(found) {
		all = append(all, r.rules[i].promotion)
	}
	return all
}

func (r *Rules) find(x *index, l *Line) (found []int32) {
	lists := [][]int32{x.everywhere, x.skus[l.SKU], x.shops[l.Shop]}
	for _, c := range l.Categories {
		lists = append(lists, x.categories[c])
	}
	for _, list := range lists {
		for _, i := range list {
			if r.rules[i].covers(l) {
				found = append(found, i)
			}
		}
	}
	return found
}

// Claimable is every promotion that could be claimed for some line of the basket, each once, as a claim named as the
// promotion: what a shopper would hold who claimed all that there is.
func (r *Rules) Claimable(b Basket) (all []Claimed) {
	var found []int32
	for i := range b.Lines {
		found = append(found, r.find(&r.claims, &b.Lines[i])...)
	}
	slices.Sort(found)
	for _, i := range slices.Compact(found) {
		id := r.rules[i].promotion.ID
		all = append(all, Claimed{Promotion: id, Claim: id})
	}
	return all[:min(len(all), ClaimedMax)]
}

// What Best does is bounded, since every quote of a shopper with vouchers asks for it: it tries to leave out each of so
// many claims, and leaves out so many.
const (
	stackMax   = 32
	leftOutMax = 8
)

// Best is the lowest price that the basket's claims allow, and the claims that make it. More is not always better: one
// that excludes others may stand in their way, and where thresholds are progressive one may bring the basket below
// another's. It leaves claims out one at a time as long as that lowers the total, which finds the best stack where no
// two have to go together and few have to go; the answer is never above that with all claims. What was left out is told
// as beaten. Codes: those of Price.
func (r *Rules) Best(b Basket) (Answer, []Claimed, error) {
	best, err := r.Price(b)
	if err != nil {
		return Answer{}, nil, err
	}
	var out []Refused
	for range leftOutMax {
		better, least, err := r.without(b, best)
		if err != nil {
			return Answer{}, nil, err
		}
		if least < 0 {
			break
		}
		c := b.Claimed[least]
		best, out = better, append(out, Refused{Promotion: c.Promotion, Claim: c.Claim, Code: RefusedBeaten})
		b.Claimed = slices.Delete(slices.Clone(b.Claimed), least, least+1)
	}
	best.Refused = append(best.Refused, out...)
	return best, used(best, b.Claimed), nil
}

// without finds the claim without which the basket costs least, -1 where none makes it cheaper than the answer with all
// of them. What took nothing off stands in nobody's way, and what the shopper asked for stays.
func (r *Rules) without(b Basket, all Answer) (better Answer, least int, err error) {
	least, better.Total = -1, all.Total
	tried := 0
	for i, c := range b.Claimed {
		if tried == stackMax || c.Asked || !all.takes(c) {
			continue
		}
		tried++
		fewer := b
		fewer.Claimed = slices.Delete(slices.Clone(b.Claimed), i, i+1)
		a, err := r.Price(fewer)
		if err != nil {
			return Answer{}, -1, err
		}
		if a.Total < better.Total {
			least, better = i, a
		}
	}
	return better, least, nil
}

// used are the claims that took something off.
func used(best Answer, claims []Claimed) (in []Claimed) {
	for _, c := range claims {
		if best.takes(c) {
			in = append(in, c)
		}
	}
	return in
}

// takes tells whether a claim took something off.
func (a *Answer) takes(c Claimed) bool {
	return slices.ContainsFunc(a.Applied, func(p Applied) bool {
		return p.Promotion == c.Promotion && p.Claim == c.Claim
	})
}

// Bounded is the Terms of a deduction that knows the most it could take off goods of a value, however orders are cut.
type Bounded interface {
	Most(value int64) int64
}

// Worst is the most that a promotion could cost.
type Worst struct {
	Total   int64
	Known   bool             // false: nothing bounds it, neither a budget nor goods
	Parties map[string]int64 // of Total, what each funder would pay
}

// Worst is the most that the promotion could cost if all of these goods were sold under it, and never more than its
// budget. A line is a SKU with all pieces that there are; nil goods are goods that nobody counted. Codes: those of
// Compile and Price.
func (p Promotion) Worst(goods []Line) (Worst, error) {
	w := Worst{Parties: map[string]int64{}}
	if goods != nil {
		total, err := p.most(goods)
		if err != nil {
			return w, err
		}
		w.Total, w.Known = total, true
	}
	if p.Budget > 0 && (!w.Known || p.Budget < w.Total) {
		w.Total, w.Known = p.Budget, true
	}
	shares := p.Funding
	if shares == nil {
		shares = merchantPays
	}
	weights := make([]int64, len(shares))
	for i, s := range shares {
		weights[i] = int64(s.PPM)
	}
	parts, err := money.Apportion(w.Total, weights)
	if err != nil {
		return w, internal(err)
	}
	for i, s := range shares {
		w.Parties[s.Party] = parts[i]
	}
	return w, nil
}

// most is what the promotion could take off goods: cuts of units are exact, of the others the bound that their terms
// know, or else the whole value above the floors.
func (p Promotion) most(goods []Line) (int64, error) {
	if err := p.Check(); err != nil {
		return 0, err
	}
	c := rule{shop: p.Scope.Shop, category: p.Scope.Category, skus: slices.Sorted(slices.Values(p.Scope.SKUs))}
	unit, isUnit := p.Terms.(UnitCut)
	var value, room, cut int64
	for i := range goods {
		l := &goods[i]
		if !c.covers(l) {
			continue
		}
		value = plus(value, Times(l.UnitPrice, l.Quantity))
		room = plus(room, Times(max(l.UnitPrice-l.Floor, 0), l.Quantity))
		if isUnit {
			lower := min(max(unit.Unit(l.UnitPrice), l.Floor), l.UnitPrice)
			cut = plus(cut, Times(l.UnitPrice-lower, l.Quantity))
		}
	}
	if isUnit {
		return cut, nil
	}
	if b, ok := p.Terms.(Bounded); ok {
		return min(b.Most(value), room), nil
	}
	return room, nil
}

// plus is a + b, or the largest int64 where that does not fit.
func plus(a, b int64) int64 {
	if sum, err := add(a, b); err == nil {
		return sum
	}
	return 1<<63 - 1
}
