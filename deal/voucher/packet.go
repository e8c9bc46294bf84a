package voucher

import (
	"math/rand/v2"

	"hutong/base/money"
)

// weightMax is how much more one red packet can be worth than another, roughly, when they differ.
const weightMax = 100

// Packets are what one red packet of the template is worth, in minor units: at least, at most, and on average. Where
// they differ, nobody can say beforehand which one a shopper is given.
func (t *Terms) Packets() (least, most, average int64) {
	n := max(t.Issue, 1)
	if !t.Random {
		return t.Total / n, (t.Total + n - 1) / n, t.Total / n
	}
	rest := max(t.Total-n, 0) // each has one to begin with
	return 1 + rest/(1+weightMax*(n-1)), 1 + (rest*weightMax+weightMax+n-2)/(weightMax+n-1), t.Total / n
}

// packets splits a total over n red packets: each is worth at least 1 minor unit, together they are the total exactly.
// Equal ones differ by 1 at most; random ones by what the seed draws. The same question has the same answer.
func packets(total, n int64, random bool, seed uint64) ([]int64, error) {
	weights := make([]int64, n)
	draw := rand.New(rand.NewPCG(seed, uint64(n)))
	for i := range weights {
		weights[i] = 1
		if random {
			weights[i] = 1 + draw.Int64N(weightMax)
		}
	}
	amounts, err := money.Apportion(total-n, weights)
	for i := range amounts {
		amounts[i]++
	}
	return amounts, err
}
