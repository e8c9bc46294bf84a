package promo

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
)

// Rules is a compiled set of promotions. It never changes. What a basket costs to price depends on the promotions that
// its own SKUs, shops and categories have, not on how many others there are.
type Rules struct {
	version int64
	mode    Mode
	rules   []rule // in the order of the set
	byID    map[string]int32
	kinds   map[string]uint8
	barring bool // some rule excludes others, or stacks with some only

	open   index // what needs no claim
	claims index // what does: a basket looks these up by the claim, only a simulation by the line
}

// index is where promotions are found: under their SKUs, else their shop, else their category.
type index struct {
	skus, shops, categories map[string][]int32
	everywhere              []int32
	lengths                 uint64 // of the names of categories, a bit each: most that are asked for are not there
}

func newIndex() index {
	return index{skus: map[string][]int32{}, shops: map[string][]int32{}, categories: map[string][]int32{}}
}

func (x *index) add(i int32, c *rule) {
	switch {
	case len(c.skus) > 0:
		for _, sku := range c.skus {
			x.skus[sku] = append(x.skus[sku], i)
		}
	case c.shop != "":
		x.shops[c.shop] = append(x.shops[c.shop], i)
	case c.category != "":
		x.categories[c.category] = append(x.categories[c.category], i)
		x.lengths |= lengthBit(c.category)
	default:
		x.everywhere = append(x.everywhere, i)
	}
}

// in is what the index has for a category.
func (x *index) in(category string) []int32 {
	if x.lengths&lengthBit(category) == 0 {
		return nil
	}
	return x.categories[category]
}

func lengthBit(s string) uint64 { return 1 << (len(s) % 64) }

// rule is one promotion as the engine reads it.
type rule struct {
	promotion   *Promotion
	named       Named
	lane        Lane
	kind        uint8 // the number of its kind in these rules
	unit        UnitCut
	sum         SumCut
	pieces      PieceCut
	from, until int64 // microseconds
	shop        string
	category    string
	skus        []string // sorted
	narrow      bool     // the scope asks for more than where the index has it
	spender     Spender  // the sum, where it is paid for in points
	deny, allow marks
	restricted  bool // allow is the whole list of what it stacks with
}

// marks are rules, some by id and some by kind.
type marks struct {
	kinds uint64
	ids   []int32 // sorted
}

func (m *marks) have(i int32, kind uint8) bool {
	if m.kinds&(1<<kind) != 0 {
		return true
	}
	_, found := slices.BinarySearch(m.ids, i)
	return found
}

// kindsMax is how many kinds one set of rules may use: a bit each in marks.
const kindsMax = 64

// rulesMax is how many promotions a set may have: their number is part of a sort key.
const rulesMax = 1 << 26

var merchantPays = []Share{{Party: Merchant, PPM: money.Whole}}

// Compile makes the rules of a set. The order of the promotions decides ties, and nothing else. The promotions are kept
// and must not be changed. Codes: promo.mode, promo.twice, promo.too_many, and those of Promotion.Check, at the place
// in the list.
func Compile(mode Mode, promotions []Promotion) (*Rules, error) {
	if !mode.Valid() {
		return nil, fault.New(fault.Invalid, "promo.mode", fault.P("mode", mode)).At("threshold_mode")
	}
	if len(promotions) >= rulesMax {
		return nil, fault.New(fault.Invalid, "promo.too_many").At("promotions")
	}
	r := &Rules{mode: mode, rules: make([]rule, len(promotions)), byID: make(map[string]int32, len(promotions)),
		kinds: map[string]uint8{}, open: newIndex(), claims: newIndex()}
	for i := range promotions {
		p := &promotions[i]
		if err := p.Check(); err != nil {
			return nil, under(i, err)
		}
		if _, twice := r.byID[p.ID]; twice {
			return nil, under(i, fault.New(fault.Invalid, "promo.twice", fault.P("id", p.ID)).At("id"))
		}
		if err := r.add(int32(i), p); err != nil {
			return nil, under(i, err)
		}
	}
	for i := range promotions {
		r.bar(i, &promotions[i])
	}
	return r, nil
}

// At is a copy of the rules that says another version of itself.
func (r *Rules) At(version int64) *Rules {
	c := *r
	c.version = version
	return &c
}

// Version is the number of the rule set, which an order stores.
func (r *Rules) Version() int64 { return r.version }

// Mode is what thresholds are held against.
func (r *Rules) Mode() Mode { return r.mode }

// Len is how many promotions there are.
func (r *Rules) Len() int { return len(r.rules) }

// Find is a promotion of the set; it must not be changed.
func (r *Rules) Find(id string) (*Promotion, bool) {
	i, found := r.byID[id]
	if !found {
		return nil, false
	}
	return r.rules[i].promotion, true
}

func (r *Rules) add(i int32, p *Promotion) error {
	kind, known := r.kinds[p.Kind]
	if !known {
		if len(r.kinds) == kindsMax {
			return fault.New(fault.Invalid, "promo.too_many").At("kind")
		}
		kind = uint8(len(r.kinds))
		r.kinds[p.Kind] = kind
	}
	c := rule{promotion: p, lane: p.Terms.Lane(p.Scope), kind: kind, shop: p.Scope.Shop, category: p.Scope.Category,
		skus: slices.Compact(slices.Sorted(slices.Values(p.Scope.SKUs))), from: micros(p.From, math.MinInt64),
		until: micros(p.Until, math.MaxInt64), named: Named{p.ID, p.Version, p.Kind, p.Funding}}
	if p.Funding == nil {
		c.named.Funders = merchantPays
	}
	c.narrow = len(c.skus) > 0 && (c.shop != "" || c.category != "") || c.shop != "" && c.category != ""
	if !c.bind(p.Terms) {
		return fault.New(fault.Invalid, "promo.kind", fault.P("kind", p.Kind)).At("kind")
	}
	r.rules[i] = c
	r.byID[p.ID] = i
	if p.Claim {
		r.claims.add(i, &c)
	} else {
		r.open.add(i, &c)
	}
	return nil
}

// bind keeps the terms by what their lane asks of them.
func (c *rule) bind(t Terms) (fits bool) {
	switch {
	case c.lane >= lanes:
		return false
	case c.lane.unit():
		c.unit, fits = t.(UnitCut)
	case c.lane == LaneGift:
		c.pieces, fits = t.(PieceCut)
	default:
		c.sum, fits = t.(SumCut)
		c.spender, _ = t.(Spender)
	}
	return fits
}

// bar resolves what rule i excludes and stacks with. A name that is neither an id nor a kind here is of a promotion
// that does not hold now.
func (r *Rules) bar(i int, p *Promotion) {
	r.rules[i].deny = r.marks(p.Excludes)
	r.rules[i].allow = r.marks(p.StacksWith)
	r.rules[i].restricted = p.StacksWith != nil
	r.barring = r.barring || p.StacksWith != nil || len(p.Excludes) > 0
}

func (r *Rules) marks(names []string) (m marks) {
	for _, name := range names {
		if kind, is := r.kinds[name]; is {
			m.kinds |= 1 << kind
		}
		if i, is := r.byID[name]; is {
			m.ids = append(m.ids, i)
		}
	}
	slices.SortFunc(m.ids, cmp.Compare)
	return m
}

// covers tells whether a line is in the rule's scope.
func (c *rule) covers(l *Line) bool {
	if c.shop != "" && c.shop != l.Shop {
		return false
	}
	if c.category != "" && !slices.Contains(l.Categories, c.category) {
		return false
	}
	if len(c.skus) == 0 {
		return true
	}
	_, found := slices.BinarySearch(c.skus, l.SKU)
	return found
}

func micros(t time.Time, none int64) int64 {
	if t.IsZero() {
		return none
	}
	return t.UnixMicro()
}

// under says a refusal of one promotion of a list.
func under(i int, err error) error {
	f := fault.As(err)
	place := "promotions." + strconv.Itoa(i)
	if f.Field != "" {
		place += "." + f.Field
	}
	return f.At(place)
}
