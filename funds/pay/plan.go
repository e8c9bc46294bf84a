package pay

import (
	"time"

	"hutong/base/fault"
	"hutong/base/money"
)

// caseKey names a request for a refund.
type caseKey struct{ order, request string }

// planner splits what is asked for over the captures of the orders. It works on the attempts as they were
// locked and keeps count while it goes, so that several asks for one order add up.
type planner struct {
	attempts map[string][]Attempt // by order, newest first
	before   map[caseKey][]Refund
	name     func() RefundID
	at       time.Time
	fresh    []Refund
	met      []meeting
}

// plan gives the ids of the refunds that answer one ask: those made before for the same case, or new ones.
// The newest capture gives first, as the last thing paid is the first given back. What its wallet took back by itself
// and no refund has used is used up before anything is sent (R15).
func (p *planner) plan(ask RefundAsk) ([]RefundID, error) {
	if ask.Amount < 0 || ask.Amount > minorMax || ask.Extra && ask.Case == "" {
		return nil, fault.New(fault.Invalid, "pay.malformed", fault.P("field", "amount")).At("amount")
	}
	k := caseKey{ask.Order, ask.Case}
	if known := p.before[k]; ask.Case != "" && len(known) > 0 {
		return repeat(ask, known)
	}
	if ask.Amount == 0 {
		return nil, nil
	}
	if ask.Extra {
		return p.onTop(k, ask)
	}
	shares, err := p.shares(ask)
	if err != nil {
		return nil, err
	}
	var ids []RefundID
	for i, share := range shares {
		a := &p.attempts[ask.Order][i]
		a.Refunded += share
		met := min(share, unmet(*a))
		p.meet(*a, met)
		for _, part := range []struct {
			amount int64
			state  RefundState
			no     int64
		}{{met, RefundTaken, 1}, {share - met, Asked, 0}} {
			if part.amount == 0 {
				continue
			}
			r := Refund{ID: p.name(), Order: ask.Order, Attempt: a.ID, Case: ask.Case, Wallet: a.Wallet, Txn: a.Txn,
				Amount: money.New(part.amount, ask.Currency), Reason: ask.Reason, State: part.state, Created: p.at,
				part: part.no}
			p.fresh = append(p.fresh, r)
			if ask.Case != "" {
				p.before[k] = append(p.before[k], r)
			}
			ids = append(ids, r.ID)
		}
	}
	return ids, nil
}

// unmet is what a wallet took back of a payment that no refund was met by yet.
func unmet(a Attempt) int64 { return a.ChargedBack - a.Met }

// meet counts what the wallet took back of a payment as given back, on all parts of its bill.
func (p *planner) meet(paid Attempt, amount int64) {
	if amount == 0 {
		return
	}
	for _, attempts := range p.attempts {
		for i := range attempts {
			if a := &attempts[i]; a.ID == paid.ID || a.Bill != "" && a.Bill == paid.Bill {
				a.Met += amount
			}
		}
	}
	paid.Met += amount
	p.met = append(p.met, meeting{paid, amount})
}

// meeting is a refund, or its part, that is met by what the wallet took back of a payment, as it stands then.
type meeting struct {
	paid   Attempt
	amount int64
}

// onTop gives money of another's to whoever paid the order last. It is no part of what was captured, and not counted as
// given back of it.
func (p *planner) onTop(k caseKey, ask RefundAsk) ([]RefundID, error) {
	for _, a := range p.attempts[ask.Order] {
		if a.Amount.Currency != ask.Currency || a.Txn == "" {
			continue
		}
		r := Refund{ID: p.name(), Order: ask.Order, Attempt: a.ID, Case: ask.Case, Wallet: a.Wallet, Txn: a.Txn,
			Amount: money.New(ask.Amount, ask.Currency), Reason: ask.Reason, Extra: true, State: Asked, Created: p.at}
		p.fresh = append(p.fresh, r)
		p.before[k] = append(p.before[k], r)
		return []RefundID{r.ID}, nil
	}
	return nil, tooLarge(0, ask.Currency)
}

// shares tells how much each attempt of the order gives, or refuses (M22): first what wallets took back of any.
func (p *planner) shares(ask RefundAsk) ([]int64, error) {
	attempts := p.attempts[ask.Order]
	shares := make([]int64, len(attempts))
	missing, left := ask.Amount, int64(0)
	for _, most := range []func(Attempt) int64{unmet, func(a Attempt) int64 { return a.Captured }} {
		for i, a := range attempts {
			if a.Amount.Currency != ask.Currency {
				continue
			}
			share := min(missing, most(a), a.Captured-a.Refunded-shares[i])
			shares[i] += share
			missing -= share
		}
	}
	for _, a := range attempts {
		if a.Amount.Currency == ask.Currency {
			left += a.Captured - a.Refunded
		}
	}
	if missing > 0 {
		return nil, tooLarge(left, ask.Currency)
	}
	return shares, nil
}

func tooLarge(left int64, c money.Currency) error {
	return fault.New(fault.Unprocessable, "pay.refund_too_large",
		fault.P("left", money.New(left, c))).At("amount")
}

// repeat answers an ask that was made before.
func repeat(ask RefundAsk, known []Refund) ([]RefundID, error) {
	ids, sum := make([]RefundID, len(known)), int64(0)
	for i, r := range known {
		ids[i] = r.ID
		sum += r.Amount.Minor
		if r.Amount.Currency != ask.Currency {
			return nil, fault.New(fault.Conflict, "pay.refund_mismatch").At("currency")
		}
	}
	if sum != ask.Amount {
		return nil, fault.New(fault.Conflict, "pay.refund_mismatch").At("amount")
	}
	return ids, nil
}
