package checkout

import (
	"cmp"
	"slices"
	"strings"

	"hutong/base/db"
	"hutong/deal/promo"
	"hutong/deal/quota"
	"hutong/trade/order"
)

// Choice is a voucher or red packet that a shopper holds and can use.
type Choice struct {
	Claim, Promotion string
	Used             bool
	Off              int64 // what it takes off now where it is used, and else what it would by itself
}

// NoVoucher says of a named claim that it is none that the shopper holds and can use.
const NoVoucher = "checkout.no_voucher"

// ChoicesMax bounds how many vouchers that are not used a shopper chooses among.
const ChoicesMax = 30

// Vouchers are those that the order of a token uses; never nil.
func Vouchers(o order.Order) []string {
	used := make([]string, 0, len(o.Needs))
	for _, n := range o.Needs {
		if v, is := strings.CutPrefix(n.Quota, quota.Voucher("")); is {
			used = append(used, v)
		}
	}
	return used
}

// trial is a basket priced with one voucher alone, which took something off.
type trial struct {
	Choice
	priced
}

// choose says among which of the vouchers that a shopper holds they can choose: those that are used, and those that
// would take something off by themselves, what takes most first. The refusals of the answer then say of every
// other one that was looked at why not, also where the shopper did not name it.
func (s *Service) choose(tx *db.Tx, p *priced, b promo.Basket, held []promo.Claimed) ([]Choice, error) {
	var found []Choice
	var trials []trial
	// A place in a group stays beside each of them.
	asked := slices.DeleteFunc(slices.Clone(b.Claimed), func(c promo.Claimed) bool { return !c.Asked })
	for _, c := range held {
		if c.Claim == "" {
			continue
		}
		one := Choice{Claim: c.Claim, Promotion: c.Promotion}
		if one.Off, one.Used = takenBy(p.answer.Applied, c.Claim); one.Used {
			found = append(found, one)
			continue
		}
		if len(trials) == ChoicesMax {
			continue
		}
		b.Claimed = append(slices.Clip(asked), chosen(held, []string{c.Claim})...)
		alone, err := p.rules.Price(b)
		if err != nil {
			return nil, err
		}
		if one.Off, _ = takenBy(alone.Applied, c.Claim); one.Off > 0 {
			trials = append(trials, p.trial(one, alone, s.set.UnpaidMax))
		} else {
			p.refuse(one, refusalOf(alone.Refused, c.Claim))
		}
	}
	good, err := s.good(tx, p, trials)
	found = append(found, good...)
	slices.SortStableFunc(found, func(x, y Choice) int { return cmp.Compare(y.Off, x.Off) })
	return found, err
}

// trial is what one voucher alone needs of quotas.
func (p *priced) trial(one Choice, alone promo.Answer, unpaidMax int64) trial {
	other := func(a promo.Applied) bool { return a.Claim != one.Claim }
	alone.Applied = slices.DeleteFunc(slices.Clone(alone.Applied), other) // discounts point into the one that there was
	alone.Refused = nil
	t := trial{one, priced{rules: p.rules, who: p.who, answer: alone}}
	t.need(unpaidMax)
	return t
}

// good are the trials whose needs can be met now, looked at together; of the others the answer says what is missing.
func (s *Service) good(tx *db.Tx, p *priced, trials []trial) (found []Choice, err error) {
	if len(trials) == 0 {
		return nil, nil
	}
	var applied []promo.Applied
	var names []string
	for _, t := range trials {
		applied = append(applied, t.answer.Applied...)
	}
	more, err := s.deals.Needs(tx, p.who, applied)
	if err != nil {
		return nil, err
	}
	for i := range trials {
		t := &trials[i]
		for _, n := range more {
			if n.Promotion == t.Promotion {
				t.needs = append(t.needs, n)
			}
		}
		for _, n := range t.needs {
			names = append(names, n.Quota)
		}
	}
	counts, err := quota.Counts(tx, names)
	for _, t := range trials {
		short := slices.IndexFunc(t.needs, func(n Need) bool {
			c, there := counts[n.Quota]
			return n.Amount > n.Left(c, there)
		})
		if short < 0 {
			found = append(found, t.Choice)
		} else {
			p.refuse(t.Choice, t.needs[short].Code)
		}
	}
	return found, err
}

// refuse says of a voucher why it takes nothing off by itself, which holds whatever else was chosen.
func (p *priced) refuse(one Choice, code string) {
	all := &p.answer.Refused
	at := slices.IndexFunc(*all, func(r promo.Refused) bool { return r.Claim == one.Claim })
	if at < 0 {
		at = len(*all)
		*all = append(*all, promo.Refused{Promotion: one.Promotion, Claim: one.Claim})
	}
	(*all)[at].Code = code
}

func refusalOf(all []promo.Refused, claim string) string {
	for _, r := range all {
		if r.Claim == claim {
			return r.Code
		}
	}
	return promo.RefusedNoEffect
}

func takenBy(applied []promo.Applied, claim string) (off int64, used bool) {
	for _, a := range applied {
		if a.Claim == claim {
			off, used = off+a.Amount, true
		}
	}
	return off, used
}
