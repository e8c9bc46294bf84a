package promo_test

import (
	"math/big"
	"slices"
	"sort"
	"strings"
	"time"
)

// The naive model reads vectors/README.md aloud: one loop for each sentence, big integers, nothing kept from one step
// to the next but what each line owes. It shares no code with the engine, and types only of its own.

type naiveLine struct {
	ID        string `json:"id"`
	Shop      string `json:"shop"`
	SKU       string `json:"sku"`
	Category  string `json:"category,omitempty"`
	UnitPrice int64  `json:"unit_price"`
	Quantity  int64  `json:"quantity"`
	Floor     int64  `json:"floor,omitempty"`
}

type naiveFunder struct {
	Party string `json:"party"`
	PPM   int64  `json:"ppm"`
}

type naiveTier struct {
	Threshold int64 `json:"threshold"`
	Off       int64 `json:"off"`
}

type naivePromotion struct {
	ID         string        `json:"id"`
	Kind       string        `json:"kind"`
	Shop       string        `json:"shop,omitempty"`
	Category   string        `json:"category,omitempty"`
	SKUs       []string      `json:"skus,omitempty"`
	Funding    []naiveFunder `json:"funding,omitempty"`
	From       string        `json:"from,omitempty"`
	Until      string        `json:"until,omitempty"`
	Excludes   []string      `json:"excludes,omitempty"`
	StacksWith []string      `json:"stacks_with,omitempty"`
	UnitPrice  *int64        `json:"unit_price,omitempty"`
	RatePPM    int64         `json:"rate_ppm,omitempty"`
	Off        int64         `json:"off,omitempty"`
	Earnest    int64         `json:"earnest,omitempty"`
	Worth      int64         `json:"worth,omitempty"`
	Tiers      []naiveTier   `json:"tiers,omitempty"`
	Threshold  int64         `json:"threshold,omitempty"`
	MaxOff     int64         `json:"max_off,omitempty"`
	Every      int64         `json:"every,omitempty"`
	MaxTimes   int64         `json:"max_times,omitempty"`
	Buy        int64         `json:"buy,omitempty"`
	Spend      int64         `json:"spend,omitempty"`
	Get        int64         `json:"get,omitempty"`
	Gift       string        `json:"gift,omitempty"`
	Points     int64         `json:"points,omitempty"`
	CapPPM     int64         `json:"cap_ppm,omitempty"`
}

type naiveBasket struct {
	Currency   string           `json:"currency"`
	Now        string           `json:"now,omitempty"`
	Mode       string           `json:"threshold_mode"`
	Lines      []naiveLine      `json:"lines"`
	Promotions []naivePromotion `json:"promotions"`
	Vouchers   []string         `json:"vouchers"`
	Points     int64            `json:"points,omitempty"`
}

type naiveCut struct {
	promotion int // place in the list
	amount    int64
	funding   []int64
}

type naiveModel struct {
	naiveBasket
	unit, after, owed []int64
	cuts              [][]naiveCut
	gifted            []bool
	base              map[int]int64
	given             map[int]bool
}

// naive prices a basket.
func naive(b naiveBasket) *naiveModel {
	m := &naiveModel{naiveBasket: b, base: map[int]int64{}, given: map[int]bool{}}
	for _, l := range b.Lines {
		m.unit = append(m.unit, l.UnitPrice)
		m.cuts = append(m.cuts, nil)
		m.gifted = append(m.gifted, false)
	}
	for _, kind := range []string{"price", "direct", "subsidy", "presale"} {
		m.unitStage(kind)
	}
	for i, l := range b.Lines {
		m.after = append(m.after, m.unit[i]*l.Quantity)
		m.owed = append(m.owed, m.unit[i]*l.Quantity)
	}
	m.gifts()
	var shops []string
	for _, l := range b.Lines {
		if !slices.Contains(shops, l.Shop) {
			shops = append(shops, l.Shop)
		}
	}
	for _, kind := range []string{"spend", "voucher"} {
		for _, shop := range shops {
			m.pickOne(func(p naivePromotion) bool { return p.Kind == kind && p.Shop == shop })
		}
	}
	narrow := func(p naivePromotion) bool { return p.Category != "" || len(p.SKUs) > 0 }
	m.pickOne(func(p naivePromotion) bool { return p.Kind == "voucher" && p.Shop == "" && narrow(p) })
	m.pickOne(func(p naivePromotion) bool { return p.Kind == "voucher" && p.Shop == "" && !narrow(p) })
	m.pickOne(func(p naivePromotion) bool { return p.Kind == "crossshop" })
	for i, p := range b.Promotions {
		if p.Kind == "redpacket" && m.holds(i) {
			m.deduct(i, m.worth(i))
		}
	}
	m.pickOne(func(p naivePromotion) bool { return p.Kind == "points" })
	return m
}

func (m *naiveModel) total() (t int64) {
	for _, o := range m.owed {
		t += o
	}
	return t
}

// holds: inside the window, and claimed where it is a voucher.
func (m *naiveModel) holds(i int) bool {
	p := m.Promotions[i]
	if p.Kind == "voucher" && !slices.Contains(m.Vouchers, p.ID) {
		return false
	}
	if m.Now == "" {
		return true
	}
	now := parse(m.Now)
	return (p.From == "" || !now.Before(parse(p.From))) && (p.Until == "" || now.Before(parse(p.Until)))
}

func parse(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

// inScope: the line is one that the promotion is for, and nothing applied to it keeps the promotion away.
func (m *naiveModel) inScope(i, line int) bool {
	p, l := m.Promotions[i], m.Lines[line]
	if p.Shop != "" && p.Shop != l.Shop || p.Category != "" && p.Category != l.Category {
		return false
	}
	if len(p.SKUs) > 0 && !slices.Contains(p.SKUs, l.SKU) {
		return false
	}
	return !m.barred(i, line)
}

func (m *naiveModel) barred(i, line int) bool {
	p := m.Promotions[i]
	names := func(list []string, q naivePromotion) bool {
		return slices.Contains(list, q.ID) || slices.Contains(list, q.Kind)
	}
	deduction := func(q naivePromotion) bool {
		return strings.Contains("spend voucher crossshop redpacket points", q.Kind)
	}
	for _, c := range m.cuts[line] {
		q := m.Promotions[c.promotion]
		if names(q.Excludes, p) {
			return true
		}
		if deduction(p) && deduction(q) {
			if q.StacksWith != nil && !names(q.StacksWith, p) || p.StacksWith != nil && !names(p.StacksWith, q) {
				return true
			}
		}
	}
	return false
}

func (m *naiveModel) unitStage(kind string) {
	type change struct {
		promotion int
		unit      int64
	}
	changes := map[int]change{}
	for line, l := range m.Lines {
		for i, p := range m.Promotions {
			if p.Kind != kind || !m.holds(i) || !m.inScope(i, line) {
				continue
			}
			unit := max(m.newUnit(p, m.unit[line]), min(l.Floor, l.UnitPrice))
			if best, there := changes[line]; unit < m.unit[line] && (!there || unit < best.unit) {
				changes[line] = change{i, unit}
			}
		}
	}
	for line, c := range changes {
		quantity := m.Lines[line].Quantity
		m.base[c.promotion] += m.unit[line] * quantity
		m.note(c.promotion, line, (m.unit[line]-c.unit)*quantity)
		m.unit[line] = c.unit
	}
}

func (m *naiveModel) newUnit(p naivePromotion, unit int64) int64 {
	switch {
	case p.Kind == "price":
		return *p.UnitPrice
	case p.Kind == "presale":
		return max(0, unit-(p.Worth-p.Earnest))
	case p.Kind == "direct" && p.RatePPM > 0: // price × (1 − rate), half-up
		n := new(big.Int).Mul(big.NewInt(unit), big.NewInt(1_000_000-p.RatePPM))
		n.Mul(n, big.NewInt(2)).Add(n, big.NewInt(1_000_000))
		return n.Div(n, big.NewInt(2_000_000)).Int64()
	}
	return max(0, unit-p.Off)
}

func (m *naiveModel) lines(i int) (on []int) {
	for line := range m.Lines {
		if m.inScope(i, line) {
			on = append(on, line)
		}
	}
	return on
}

func (m *naiveModel) room(line int) int64 {
	l := m.Lines[line]
	return m.owed[line] - min(l.Floor, l.UnitPrice)*l.Quantity
}

// worth is what a deduction would take off now.
func (m *naiveModel) worth(i int) int64 {
	p := m.Promotions[i]
	base, owed, room := new(big.Int), new(big.Int), new(big.Int)
	for _, line := range m.lines(i) {
		base.Add(base, big.NewInt(m.after[line]))
		owed.Add(owed, big.NewInt(m.owed[line]))
		room.Add(room, big.NewInt(m.room(line)))
	}
	if m.Mode == "progressive" {
		base.Set(owed)
	}
	off := new(big.Int)
	switch p.Kind {
	case "spend":
		tiers := slices.Clone(p.Tiers)
		sort.Slice(tiers, func(i, j int) bool {
			return tiers[i].Threshold < tiers[j].Threshold || tiers[i].Threshold == tiers[j].Threshold && tiers[i].Off < tiers[j].Off
		})
		for _, t := range tiers {
			if base.Cmp(big.NewInt(t.Threshold)) >= 0 {
				off = big.NewInt(t.Off)
			}
		}
	case "crossshop":
		off.Div(base, big.NewInt(p.Every))
		if p.MaxTimes > 0 && off.Cmp(big.NewInt(p.MaxTimes)) > 0 {
			off = big.NewInt(p.MaxTimes)
		}
		off.Mul(off, big.NewInt(p.Off))
	case "points":
		steps := new(big.Int).Mul(owed, big.NewInt(p.CapPPM))
		steps.Div(steps, big.NewInt(1_000_000)).Div(steps, big.NewInt(p.Worth))
		if have := big.NewInt(m.naiveBasket.Points / p.Points); steps.Cmp(have) > 0 {
			steps = have
		}
		off.Mul(steps, big.NewInt(p.Worth))
	default:
		if base.Cmp(big.NewInt(p.Threshold)) < 0 {
			break
		}
		if off = big.NewInt(p.Off); p.RatePPM > 0 {
			off.Mul(base, big.NewInt(2*p.RatePPM))
			off.Add(off, big.NewInt(1_000_000)).Div(off, big.NewInt(2_000_000))
			if p.MaxOff > 0 && off.Cmp(big.NewInt(p.MaxOff)) > 0 {
				off = big.NewInt(p.MaxOff)
			}
		}
	}
	if off.Cmp(room) > 0 {
		off = room
	}
	m.base[i] = base.Int64()
	return off.Int64()
}

// pickOne applies the one that takes most, on a tie the earlier in the list.
func (m *naiveModel) pickOne(group func(naivePromotion) bool) {
	best, most := -1, int64(0)
	for i, p := range m.Promotions {
		if group(p) && m.holds(i) {
			if off := m.worth(i); off > most {
				best, most = i, off
			}
		}
	}
	if best >= 0 {
		m.deduct(best, most)
	}
}

func (m *naiveModel) deduct(i int, off int64) { m.deductOver(i, off, m.lines(i)) }

func (m *naiveModel) deductOver(i int, off int64, on []int) {
	if off == 0 {
		return
	}
	weights := make([]int64, len(on))
	for n, line := range on {
		weights[n] = m.room(line)
	}
	for n, share := range byRemainder(off, weights) {
		if share > 0 {
			m.owed[on[n]] -= share
			m.note(i, on[n], share)
		}
	}
}

func (m *naiveModel) note(i, line int, amount int64) {
	p := m.Promotions[i]
	funding := []int64{amount}
	if p.Funding != nil {
		var ppm []int64
		for _, f := range p.Funding {
			ppm = append(ppm, f.PPM)
		}
		funding = byRemainder(amount, ppm)
	}
	m.cuts[line] = append(m.cuts[line], naiveCut{i, amount, funding})
}

// gifts: the gift that gives most, again and again, each line in one of them.
func (m *naiveModel) gifts() {
	for {
		best, most := -1, int64(0)
		for i, p := range m.Promotions {
			if p.Kind == "gift" && m.holds(i) {
				if off := m.giftWorth(i); off > most {
					best, most = i, off
				}
			}
		}
		if best < 0 {
			return
		}
		counted, given := m.giftLines(best)
		if m.Promotions[best].Gift == "" {
			given = counted
		}
		m.giftWorth(best) // for its base
		m.given[best] = true
		m.deductOver(best, most, given)
		for _, line := range append(slices.Clone(counted), given...) {
			m.gifted[line] = true
		}
		for _, line := range given {
			m.after[line] = m.owed[line]
		}
	}
}

func (m *naiveModel) giftLines(i int) (counted, given []int) {
	p := m.Promotions[i]
	for line, l := range m.Lines {
		switch {
		case m.gifted[line] || m.barred(i, line):
		case p.Gift != "" && l.SKU == p.Gift:
			if p.Shop == "" || p.Shop == l.Shop {
				given = append(given, line)
			}
		case m.inScope(i, line):
			counted = append(counted, line)
		}
	}
	return counted, given
}

func (m *naiveModel) giftWorth(i int) int64 {
	p := m.Promotions[i]
	counted, given := m.giftLines(i)
	var pieces, spent int64
	for _, line := range counted {
		pieces += m.Lines[line].Quantity
		spent += m.unit[line] * m.Lines[line].Quantity
	}
	if !m.given[i] {
		m.base[i] = spent
	}
	times := int64(0)
	switch {
	case p.Spend > 0:
		times = spent / p.Spend
	case p.Gift != "":
		times = pieces / p.Buy
	default:
		times = pieces / (p.Buy + p.Get)
		given = counted
	}
	if p.MaxTimes > 0 {
		times = min(times, p.MaxTimes)
	}
	var units []int64 // what each piece that could be given costs
	var room int64
	for _, line := range given {
		room += m.room(line)
		for range m.Lines[line].Quantity {
			units = append(units, m.unit[line])
		}
	}
	slices.Sort(units)
	var off int64
	for n := int64(0); n < times*p.Get && n < int64(len(units)); n++ {
		off += units[n]
	}
	return min(off, room)
}

// byRemainder splits by largest remainder, with exact fractions and a stable sort.
func byRemainder(total int64, weights []int64) []int64 {
	sum := new(big.Int)
	for _, w := range weights {
		sum.Add(sum, big.NewInt(w))
	}
	shares, left := make([]int64, len(weights)), total
	type part struct {
		at   int
		rest *big.Int
	}
	var parts []part
	for i, w := range weights {
		q, rest := new(big.Int).DivMod(new(big.Int).Mul(big.NewInt(total), big.NewInt(w)), sum, new(big.Int))
		shares[i] = q.Int64()
		left -= q.Int64()
		parts = append(parts, part{i, rest})
	}
	sort.SliceStable(parts, func(a, b int) bool { return parts[a].rest.Cmp(parts[b].rest) > 0 })
	for n := range left {
		shares[parts[n].at]++
	}
	return shares
}
