package order

import (
	"encoding/json"
	"errors"
	"slices"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/settle"
)

// Merchant is the party of a discount that the line's own shop pays: it earns less, and owes nobody.
const Merchant = "merchant"

// Discount is what one promotion took off a line when it was placed, and who pays it. It never changes: refunds, price
// protection and settlement replay it (RULES C7).
type Discount struct {
	Promotion string
	Version   int64
	Kind      string
	Claim     string         // the voucher that was used, "" where none was claimed
	Amount    int64          // minor units, above 0; the shares add up to it
	Funding   []settle.Share // by party, Merchant for the line's own shop
	// Rungs are what the line would cost its shopper at the prices that a group may bring it down to, by the promotions
	// that held when it was placed. Without them nothing else was taken off.
	Rungs []Rung
}

// Rung is what a line would cost at another price of a piece.
type Rung struct {
	Price int64 // of a piece, before what else is taken off
	Paid  int64 // for the whole line
}

// The members of a stored Discount, short since every line of every order has them: a list of
// [promotion, version, kind, claim, amount, [[party, amount], ...]], and its [[price, paid], ...] where it has rungs.
// What its shares leave of the amount is the shop's, which is not written.
type storedDiscount []json.RawMessage

var errMembers = errors.New("order: a discount has too few or too many members")

// EncodeDiscounts is the stored form of what was taken off a line; "" for nothing.
func EncodeDiscounts(all []Discount) (string, error) {
	if len(all) == 0 {
		return "", nil
	}
	rows := make([][]any, len(all))
	for i, d := range all {
		shares := make([][2]any, 0, len(d.Funding))
		for _, s := range d.Funding {
			if s.Party != Merchant {
				shares = append(shares, [2]any{s.Party, s.Amount})
			}
		}
		rows[i] = []any{d.Promotion, d.Version, d.Kind, d.Claim, d.Amount, shares}
		if len(d.Rungs) > 0 {
			rungs := make([][2]int64, len(d.Rungs))
			for n, s := range d.Rungs {
				rungs[n] = [2]int64{s.Price, s.Paid}
			}
			rows[i] = append(rows[i], rungs)
		}
	}
	b, err := json.Marshal(rows)
	return string(b), err
}

// DecodeDiscounts reads what EncodeDiscounts wrote. Codes: order.discounts.
func DecodeDiscounts(stored string) ([]Discount, error) {
	if stored == "" {
		return nil, nil
	}
	var rows []storedDiscount
	if err := json.Unmarshal([]byte(stored), &rows); err != nil {
		return nil, fault.New(fault.Internal, "order.discounts").Because(err)
	}
	all := make([]Discount, len(rows))
	for i := range rows {
		if err := rows[i].into(&all[i]); err != nil {
			return nil, fault.New(fault.Internal, "order.discounts").Because(err)
		}
	}
	return all, nil
}

func (r *storedDiscount) into(d *Discount) error {
	var shares [][2]json.RawMessage
	var rungs [][2]int64
	members := []any{&d.Promotion, &d.Version, &d.Kind, &d.Claim, &d.Amount, &shares, &rungs}
	if len(*r) < len(members)-1 || len(*r) > len(members) {
		return errMembers
	}
	for i, raw := range *r {
		if err := json.Unmarshal(raw, members[i]); err != nil {
			return err
		}
	}
	for _, s := range rungs {
		d.Rungs = append(d.Rungs, Rung{Price: s[0], Paid: s[1]})
	}
	d.Funding = make([]settle.Share, len(shares), len(shares)+1)
	rest := d.Amount
	for i, s := range shares {
		if err := json.Unmarshal(s[0], &d.Funding[i].Party); err != nil {
			return err
		}
		if err := json.Unmarshal(s[1], &d.Funding[i].Amount); err != nil {
			return err
		}
		rest -= d.Funding[i].Amount
	}
	if rest > 0 { // below 0 the shares do not add up, which verify says
		d.Funding = append(d.Funding, settle.Share{Party: Merchant, Amount: rest})
	}
	return nil
}

// Funded is what others than the shop pay of some discounts.
func Funded(all []Discount) (sum int64) {
	for _, d := range all {
		for _, s := range d.Funding {
			if s.Party != Merchant {
				sum += s.Amount
			}
		}
	}
	return sum
}

// Take sets what was taken off a line, before it is placed. Codes: order.discounts where the parts do not add up.
func (l *Line) Take(all []Discount) (err error) {
	off := int64(0)
	for _, d := range all {
		shares := int64(0)
		for _, s := range d.Funding {
			shares += s.Amount
		}
		if d.Amount < 1 || shares != d.Amount {
			return fault.New(fault.Internal, "order.discounts")
		}
		off += d.Amount
	}
	if off > l.Paid+l.Discount {
		return fault.New(fault.Internal, "order.discounts")
	}
	l.Paid, l.Discount, l.Funded = l.Paid+l.Discount-off, off, Funded(all)
	l.Discounts, err = EncodeDiscounts(all)
	return err
}

// back is what goes back to the line's funders when the pieces numbered from+1 to from+units are given back, by party:
// each share of each discount is given back like the shopper's part, piece by piece (RULES C4).
func (l *Line) back(from, units int64) ([]settle.Share, error) {
	return l.shares(func(amount int64) (int64, error) { return money.UnitsRefund(amount, l.Quantity, from, units) })
}

// funding is what others pay of the pieces that were not given back, by party.
func (l *Line) funding() ([]settle.Share, error) {
	if l.Standing != "" {
		all, err := DecodeDiscounts(l.Standing)
		if err != nil {
			return nil, err
		}
		return sharesOf(all, func(amount int64) (int64, error) { return amount, nil })
	}
	return l.shares(func(amount int64) (int64, error) {
		gone, err := money.UnitsRefund(amount, l.Quantity, 0, l.RefundedQuantity)
		return amount - gone, err
	})
}

func (l *Line) shares(part func(amount int64) (int64, error)) (all []settle.Share, err error) {
	discounts, err := DecodeDiscounts(l.Discounts)
	if err != nil {
		return nil, err
	}
	return sharesOf(discounts, part)
}

// sharesOf are parts of what others than the shop pay of some discounts, by party.
func sharesOf(discounts []Discount, part func(amount int64) (int64, error)) (all []settle.Share, err error) {
	for _, d := range discounts {
		for _, s := range d.Funding {
			if s.Party == Merchant {
				continue
			}
			n, err := part(s.Amount)
			if err != nil {
				return nil, err
			}
			i := slices.IndexFunc(all, func(have settle.Share) bool { return have.Party == s.Party })
			if i < 0 {
				i, all = len(all), append(all, settle.Share{Party: s.Party})
			}
			all[i].Amount += n
		}
	}
	return all, nil
}

// Value is what the line is worth to its shop before fees: what the shopper pays and what others pay for the shopper.
func (l *Line) Value() int64 { return l.Paid + l.Funded }

// valueLeft is the value that did not go back.
func (l *Line) valueLeft() int64 { return l.Value() + l.rise() - l.gone() }

// gone is what of the value went back to shopper and funders and nobody pays in their place.
func (l *Line) gone() int64 {
	return l.Refunded + l.FundedBack + l.Lowered - l.Topped + max(0, l.KeptFunded-l.Kept)
}

// rise is by how much the pieces that are left are worth more to their shop than by their share, since they were priced
// again.
func (l *Line) rise() int64 { return max(0, l.Kept-l.KeptFunded) }

func sum(shares []settle.Share) (n int64) {
	for _, s := range shares {
		n += s.Amount
	}
	return n
}
