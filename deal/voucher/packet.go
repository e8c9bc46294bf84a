package voucher

import (
	"math/rand/v2"

	"hutong/base/money"
)

// weightMax is how much more one red packet can be worth than another, roughly, when they differ.
const weightMax = 100

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
