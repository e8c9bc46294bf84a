package pay

import (
	"strconv"
	"strings"

	"hutong/base/money"
)

// A bill is paid by one payment for several orders. Each order has an attempt of its own, with its own amount, which is
// captured, refunded and audited as any other; the bill is those attempts. The wallet hears of one payment, under the
// name of the first part, for the sum of all.

// partMark stands in the name of a further part between that of its bill and its number.
const partMark = "."

// partName is the name of the n-th part of a bill, from 1.
func partName(bill AttemptID, n int) AttemptID {
	if n == 1 {
		return bill
	}
	return bill + AttemptID(partMark+strconv.Itoa(n))
}

// known is what the wallet calls the attempt: the bill that it is a part of, or itself.
func (id AttemptID) known() AttemptID {
	bill, _, _ := strings.Cut(string(id), partMark)
	return AttemptID(bill)
}

// Asked is what the wallet is asked for: the bill's whole amount, where the attempt is a part of one.
func (a Attempt) Asked() money.Money {
	if a.Bill == "" {
		return a.Amount
	}
	return money.New(a.Whole, a.Amount.Currency)
}

// asWallet is the attempt as its wallet knows it.
func (a Attempt) asWallet() Attempt {
	a.ID, a.Amount = a.ID.known(), a.Asked()
	return a
}

// leads tells whether a wallet may know the attempt: it is paid alone, or the first part of its bill.
func (a Attempt) leads() bool { return a.Bill == "" || a.Bill == a.ID }

// offers are what a capture of an attempt is to the orders: one capture, or one of each part of a bill. The caller puts
// in when the money came and from whom.
func offers(a Attempt, parts map[AttemptID][]Attempt, c Capture) []Capture {
	all := []Attempt{a}
	if a.Bill != "" {
		all = parts[a.Bill]
	}
	out := make([]Capture, len(all))
	for i, part := range all {
		out[i] = c
		out[i].Order, out[i].Attempt, out[i].Wallet, out[i].Lines = part.Order, part.ID, part.Wallet, part.LinesHash
		out[i].Amount, out[i].Currency = part.Amount.Minor, part.Amount.Currency
	}
	if a.Bill != "" {
		out[0].Parts = len(out)
	}
	return out
}

// alike panics where a bill would be taken in part: that is the seller's defect, and nothing of the batch is kept.
func alike(captures []Capture, verdicts []Verdict) {
	for i, c := range captures {
		for n := 1; n < c.Parts; n++ {
			if verdicts[i].Taken != verdicts[i+n].Taken {
				panic("pay: Purchases.Captured took a bill in part")
			}
		}
	}
}
